"""What the wallet model says of variants: their own features and words anew, their neighbours' columns as they are stored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.features.one import read_one
from models.predictor import Matrix
from models.serving import WalletScorer
from models.whatif.engine import Rehearsal
from models.whatif.moves import WalletMoves
from sql.store import Store

BATCH = 64
"""Variants that are described at once: the more, the less each costs, and the more memory they take."""
Floats = npt.NDArray[np.float64]


class VariantScorer:
    """Scores variants of wallets whose real features are in the store."""

    def __init__(self, store: Store, scorer: WalletScorer, rehearsal: Rehearsal) -> None:
        self.scorer = scorer
        self.tried = 0
        """Variants scored so far."""
        self._store = store
        self._rehearsal = rehearsal
        self._stored: dict[bytes, Matrix] = {}

    def log_odds(self, variants: Sequence[WalletMoves]) -> Floats:
        """Uncalibrated log-odds of each; NaN where too few moves are left for a score.

        Raises `StoreEmpty` for a wallet without features.
        """
        parts = [self._of_batch(variants[start : start + BATCH]) for start in range(0, len(variants), BATCH)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _of_batch(self, variants: Sequence[WalletMoves]) -> Floats:
        told = self._rehearsal.features(variants, with_words=self.scorer.reads_words)
        rows = np.vstack([self._row(moves.address) for moves in variants])
        names = self.scorer.names
        own = {name: place for place, name in enumerate(told.names)}
        ours = [place for place, name in enumerate(names) if name in own]
        rows[:, ours] = told.values[:, [own[names[place]] for place in ours]]
        self.tried += len(variants)
        return self.scorer.score(rows, told.words, [moves.address for moves in variants]).log_odds

    def _row(self, address: bytes) -> Matrix:
        if address not in self._stored:
            row, _ = read_one(self._store, address, self.scorer.names, chain_id=self.scorer.chain_id)
            self._stored[address] = row
        return self._stored[address]
