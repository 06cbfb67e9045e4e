"""Answers with a guarantee: benign, illicit, or a person must look.

Split conformal prediction, class by class (Mondrian; Vovk, Gammerman, Shafer 2005, chapter 4): of the accounts that truly are
of a class at most the stated share gets an answer that leaves that class out, as long as new accounts are like those it
was fitted on. Where both classes remain, or neither, the answer is `review`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.evaluate import said

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
BENIGN, ILLICIT, REVIEW = "benign", "illicit", "review"
MISSED = 0.05
"""Share of a class whose answer may leave the class out."""


@dataclass(frozen=True)
class Conformal:
    """Two scores that cut the line: up to `benign_until` benign is possible, from `illicit_from` on illicit is."""

    benign_until: float
    illicit_from: float
    missed: float
    below: str = BENIGN
    """What is said of a score that is possible for benign accounts and not for illicit ones."""

    def answers(self, scores: Floats) -> npt.NDArray[np.str_]:
        """One of `below` (benign), `illicit`, `review` a score; `review` for NaN."""
        benign, illicit = scores <= self.benign_until, scores >= self.illicit_from
        return np.where(benign & ~illicit, self.below, np.where(illicit & ~benign, ILLICIT, REVIEW))


def fit_conformal(labels: Labels, scores: Floats, *, missed: float = MISSED) -> Conformal:
    """Fit on scores of accounts the model has not seen, NaN left out; a class too small for the guarantee is never left out.

    Of n accounts of a class the k-th worst is the cut, k = floor(missed × (n + 1)); with k = 0 nothing is.
    """
    known = said(labels, scores)
    licit, illicit = np.sort(scores[known & (labels == 0)]), np.sort(scores[known & (labels == 1)])
    return Conformal(
        benign_until=_cut(licit[::-1], missed, nothing=np.inf),
        illicit_from=_cut(illicit, missed, nothing=-np.inf),
        missed=missed,
    )


def _cut(worst_first: Floats, missed: float, *, nothing: float) -> float:
    place = int(np.floor(missed * (len(worst_first) + 1)))
    return float(worst_first[place - 1]) if place else nothing
