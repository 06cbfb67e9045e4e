"""Regressions over words of several models, asked at once: each word is looked up a single time for all of them.

A wallet model has 25 regressions a family (5 members, 5 folds each); asking one after the other would take most of the time that
scoring takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

Floats = npt.NDArray[np.float64]
Pairs = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Spoken:
    """Words of one family as numbers: one entry a wallet and word."""

    speaker: npt.NDArray[np.int64]
    code: npt.NDArray[np.int64]
    """Place of the word in `said`."""
    said: npt.NDArray[np.object_]
    """Each word once, in order."""


def spoken_of(speaker: npt.NDArray[np.int64], word: npt.NDArray[np.object_]) -> Spoken:
    """The same words with each text compared once."""
    code, said = pd.factorize(word, sort=True)
    return Spoken(speaker, code.astype(np.int64), np.asarray(said, dtype=object))


class WordTable:
    """All regressions of one family side by side."""

    def __init__(self, weights: Sequence[Pairs], starts: Sequence[float]) -> None:
        """One entry a regression: rarity and weight of each of its words, and what it starts from."""
        words = sorted(set().union(*weights))
        self._place = {word: place for place, word in enumerate(words)}
        self._rarity, self._weight = np.zeros((len(words), len(weights))), np.zeros((len(words), len(weights)))
        for column, pairs in enumerate(weights):
            places = [self._place[word] for word in pairs]
            found = np.array(list(pairs.values()), dtype=np.float64).reshape(-1, 2)
            self._rarity[places, column], self._weight[places, column] = found[:, 0] ** 2, found[:, 1]
        self._starts = np.array(starts, dtype=np.float64)

    def odds(self, wallets: int, spoken: Spoken) -> Floats:
        """Wallets × regressions: log-odds, NaN for a wallet that says no word the regression knows."""
        places = np.array([self._place.get(text, -1) for text in spoken.said], dtype=np.int64)[spoken.code]
        known = places >= 0
        heard = sparse.csr_matrix(
            (np.ones(int(known.sum())), (spoken.speaker[known], places[known])), (wallets, len(self._place))
        )
        length, total = np.sqrt(heard @ self._rarity), heard @ self._weight
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(length > 0, self._starts + total / length, np.nan)
