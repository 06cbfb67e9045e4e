"""The share of illicit addresses on a chain, asked of a wallet model, where the model can know it.

A score is compared with scores of accounts that were learnt from, each by the one member that had not seen the account. So a
wallet of the chain is scored here by one member too, the one of its fold: the mean of all of them, which is what is told of it,
is spread less widely and would look like another kind of wallet.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.certainty.priors import BaseRate, estimate_base_rate
from models.features.matrix import FeatureMatrix, as_addresses
from models.predictor import Matrix
from models.serving import WalletScorer
from models.splits import folds_by_hash
from models.wallets.model import moves_of

MOST_ASKED = 20_000
"""Wallets drawn by chance: more would narrow nothing, as the accounts learnt from are fewer."""


def base_rate_of(scorer: WalletScorer, matrix: FeatureMatrix, heard: Matrix, only: npt.NDArray[np.int64]) -> BaseRate:
    """Of the wallets with evidence enough that nobody learnt from, unless training has told it of all.

    `heard` is what words told each member of each wallet, side by side, and `only` the member that may answer it (-1: all).
    """
    model = scorer.model
    if model.certainty.base_rate is not None:
        return model.certainty.base_rate
    moves = moves_of(matrix.values, matrix.names)
    asked = np.flatnonzero((moves >= scorer.evidence_floor) & (only < 0))
    if len(asked) > MOST_ASKED:
        asked = np.sort(np.random.default_rng(0).choice(asked, MOST_ASKED, replace=False))
    folds = folds_by_hash(as_addresses(matrix.addresses[asked]), len(model.members))
    odds = model.odds_of(scorer.rows_of(matrix, asked), model.heard_apart(heard[asked]), folds)
    return estimate_base_rate(model.certainty.spread, 1 / (1 + np.exp(-odds)), moves[asked])
