"""Wallet models of several folds as one: every account to learn from is scored by the member that has not seen it.

So thresholds and calibrations rest on all of them, not on a part that is lost for learning, and the mean of members that saw
different accounts is steadier than one that saw all (bagging by folds, Breiman 1996; stacking, Wolpert 1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.certainty.calibration import log_odds
from models.predictor import Labels, Matrix, Scores
from models.splits import folds_by_hash
from models.wallets.trees import TreeParameters, WalletTrees
from models.wallets.words import NAMES, Words, WordScores

FOLDS = 5


@dataclass(frozen=True)
class Ensemble:
    """Members, and what they say of accounts none of them learnt from."""

    members: tuple[tuple[WordScores, WalletTrees], ...]
    families: int
    """How many families of words are heard, the first ones of `FAMILIES`."""
    held: Scores
    """Uncalibrated score in [0, 1] of each account learnt from, by the member that has not seen it."""

    def scores(self, rows: Matrix, words: Words) -> Scores:
        """Uncalibrated scores in [0, 1] of other accounts: mean log-odds of the members."""
        told = [
            log_odds(trees.scores(np.hstack([rows, spoken.predict(words)[:, : self.families]])))
            for spoken, trees in self.members
        ]
        return np.asarray(1 / (1 + np.exp(-np.mean(told, axis=0))), dtype=np.float64)


def fit_ensemble(
    rows: Matrix, words: Words, labels: Labels, addresses: Sequence[bytes], *, names: Sequence[str], families: int,
    parameters: TreeParameters | None = None, seed: int = 0,
) -> Ensemble:  # fmt: skip
    """Learn from all accounts given, in `FOLDS` members by hash of address.

    Raises `TooFewLabels` when a fold leaves too few of a class to learn from.
    """
    folds = folds_by_hash(addresses, FOLDS)
    members = []
    held = np.zeros(len(labels))
    for fold in range(FOLDS):
        learnt = folds != fold
        spoken = WordScores()
        heard = np.hstack([rows, spoken.fit(words, labels, addresses, learnt)[:, :families]])
        trees = WalletTrees(parameters).fit(
            heard[learnt], labels[learnt], names=(*names, *NAMES[:families]), seed=seed * FOLDS + fold
        )
        held[~learnt] = trees.scores(heard[~learnt])
        members.append((spoken, trees))
    return Ensemble(tuple(members), families, held)
