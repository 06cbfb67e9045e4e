"""Wallet models of several folds as one: every account to learn from is scored by the member that has not seen it.

So thresholds and calibrations rest on all of them, not on a part that is lost for learning, and the mean of members that saw
different accounts is steadier than one that saw all (bagging by folds, Breiman 1996; stacking, Wolpert 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.certainty.calibration import log_odds
from models.predictor import Labels, Matrix, Scores
from models.splits import folds_by_hash
from models.wallets.trees import TreeParameters, WalletTrees, grow_each
from models.wallets.words import NAMES, Words, WordScores

FOLDS = 5


@dataclass(frozen=True)
class Heard:
    """What words tell each member. It knows no seed: members of every seed read the same."""

    spoken: tuple[WordScores, ...]
    columns: tuple[Matrix, ...]
    """Of each member, accounts learnt from × families of words."""

    def of(self, words: Words) -> tuple[Matrix, ...]:
        """The same of accounts that nobody learnt from."""
        return tuple(spoken.predict(words) for spoken in self.spoken)


@dataclass(frozen=True)
class Ensemble:
    """Members, and what they say of accounts none of them learnt from."""

    members: tuple[WalletTrees, ...]
    families: int
    """How many families of words are heard, the first ones of `FAMILIES`."""
    held: Scores
    """Uncalibrated score in [0, 1] of each account learnt from, by the member that has not seen it."""

    def scores(self, rows: Matrix, told: Sequence[Matrix]) -> Scores:
        """Uncalibrated scores in [0, 1] of other accounts (mean log-odds of the members); `told` is what `Heard.of` says.

        NaN for an account of which nothing is known but what it says.
        """
        odds = [
            log_odds(trees.scores(np.hstack([rows, columns[:, : self.families]])))
            for trees, columns in zip(self.members, told, strict=True)
        ]
        score = 1 / (1 + np.exp(-np.mean(odds, axis=0)))
        return np.where(np.isnan(rows).all(axis=1), np.nan, score)


def hear(words: Words, labels: Labels, addresses: Sequence[bytes]) -> Heard:
    """Learn what words say, for each member from the accounts that it learns from."""
    folds = folds_by_hash(addresses, FOLDS)
    spoken = tuple(WordScores() for _ in range(FOLDS))
    return Heard(spoken, tuple(one.fit(words, labels, addresses, folds != fold) for fold, one in enumerate(spoken)))


def fit_ensemble(
    rows: Matrix, heard: Heard, labels: Labels, addresses: Sequence[bytes], *, names: Sequence[str], families: int,
    parameters: TreeParameters | None = None, seed: int = 0,
) -> Ensemble:  # fmt: skip
    """Learn from all accounts given, in `FOLDS` members by hash of address.

    Raises `TooFewLabels` when a fold leaves too few of a class to learn from.
    """

    def grow(read: Matrix, known: Labels, columns: tuple[str, ...], fold: int) -> WalletTrees:
        return WalletTrees(parameters).fit(read, known, names=columns, seed=seed * FOLDS + fold)

    return cross_fit(rows, heard, labels, addresses, names=names, families=families, grow=grow)


def cross_fit(
    rows: Matrix, heard: Heard, labels: Labels, addresses: Sequence[bytes], *, names: Sequence[str], families: int,
    grow: Callable[[Matrix, Labels, tuple[str, ...], int], WalletTrees],
) -> Ensemble:  # fmt: skip
    """Members that `grow` from features and labels of what is outside their fold, the columns' names, and the fold's number."""
    folds = folds_by_hash(addresses, FOLDS)

    def member(fold: int) -> WalletTrees:
        learnt = folds != fold
        read = np.hstack([rows[learnt], heard.columns[fold][learnt, :families]])
        return grow(read, labels[learnt], (*names, *NAMES[:families]), fold)

    members = grow_each([partial(member, fold) for fold in range(FOLDS)])
    held = np.zeros(len(labels))
    for fold, trees in enumerate(members):
        left = folds == fold
        held[left] = trees.scores(np.hstack([rows[left], heard.columns[fold][left, :families]]))
    return Ensemble(tuple(members), families, held)
