"""Two probabilities instead of one: the interval between them says how little the calibration accounts know.

Inductive Venn-Abers predictors (Vovk, Petej, Fedorova, NeurIPS 2015): an account is added to the calibration accounts once as
licit and once as illicit, isotonic regression is fitted to each, and its two values at the account's score are the ends of the
interval. One of the two is well calibrated whatever the scores are. Both depend only on where a score falls among the
calibration scores, so all answers there can be are worked out once, and what is saved is three short arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from models.evaluate import said

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
MOST_PLACES = 4_000
"""Calibration scores are thinned to this many; an interval moves by less than its width then."""


@dataclass(frozen=True)
class Intervals:
    """Ends of the interval for each place a score can have among the calibration scores.

    With n distinct calibration scores there are 2n + 1 places: below the first, at the first, between it and the second …
    """

    at: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def apply(self, scores: Floats) -> tuple[Floats, Floats]:
        """Lower and upper probability of each score, in their order; NaN for NaN."""
        left = np.searchsorted(self.at, scores, side="left")
        right = np.searchsorted(self.at, scores, side="right")
        places, known = left + right, ~np.isnan(scores)
        return np.where(known, np.asarray(self.low)[places], np.nan), np.where(
            known, np.asarray(self.high)[places], np.nan
        )


def fit_intervals(labels: Labels, scores: Floats) -> Intervals:
    """Fit on scores that the model gave to accounts it has not seen, NaN left out; raises `ValueError` without any."""
    known = said(labels, scores)
    labels, scores = labels[known], scores[known]
    if not len(scores):
        raise ValueError("Intervals need at least one calibration score.")
    at, where = np.unique(_thinned(scores), return_inverse=True)
    count = np.bincount(where).astype(np.float64)
    hits = np.bincount(where, weights=labels.astype(np.float64))
    low, high = _ends(count, hits)
    # The two fits may cross by rounding only; an interval must not.
    return Intervals(tuple(at.tolist()), tuple(np.minimum(low, high).tolist()), tuple(np.maximum(low, high).tolist()))


def _thinned(scores: Floats) -> Floats:
    if len(np.unique(scores)) <= MOST_PLACES:
        return scores
    edges = np.quantile(scores, np.linspace(0, 1, MOST_PLACES))
    return edges[np.clip(np.searchsorted(edges, scores), 0, MOST_PLACES - 1)]


@numba.njit(cache=True, nogil=True)
def _ends(count: Floats, hits: Floats) -> tuple[Floats, Floats]:
    """For every place the isotonic fit at it with one licit, and with one illicit, account more. Quadratic in the places."""
    size = len(count)
    low, high = np.empty(2 * size + 1), np.empty(2 * size + 1)
    total, summed, first = np.empty(size + 1), np.empty(size + 1), np.empty(size + 1, np.int64)
    for place in range(2 * size + 1):
        at, inside = place // 2, place % 2 == 1
        for label in range(2):
            blocks = 0
            for step in range(size + (0 if inside else 1)):
                source = step if inside or step < at else step - 1
                added = step == at
                weight = (count[source] if inside or not added else 0.0) + (1.0 if added else 0.0)
                good = (hits[source] if inside or not added else 0.0) + (float(label) if added else 0.0)
                total[blocks], summed[blocks], first[blocks] = weight, good, step
                blocks += 1
                while blocks > 1 and summed[blocks - 2] * total[blocks - 1] >= summed[blocks - 1] * total[blocks - 2]:
                    total[blocks - 2] += total[blocks - 1]
                    summed[blocks - 2] += summed[blocks - 1]
                    blocks -= 1
            found = 0
            while found + 1 < blocks and first[found + 1] <= at:
                found += 1
            value = summed[found] / total[found]
            if label == 0:
                low[place] = value
            else:
                high[place] = value
    return low, high
