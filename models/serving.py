"""Score wallets with the active model: loaded once, every file checked against its hash before it is read.

`WalletScorer.score` judges rows that somebody made; `answer` describes, judges and explains one wallet of the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from chainsight.chains import chain_settings
from chainsight.errors import DataCheckError, MissingComponent
from models.certainty.verdicts import Verdicts
from models.features.matrix import FeatureMatrix
from models.predictor import Matrix
from models.registry import TrainedModel, active_model
from models.wallets.model import Shares, WalletModel, moves_of
from models.wallets.peers import Peers
from models.wallets.reasons import Reason, reasons_of
from models.wallets.words import Words, no_words, read_words
from sql.store import Store


class FeaturesChanged(DataCheckError):
    """The store no longer has features that a model was grown on."""


@dataclass(frozen=True)
class WalletAnswer:
    """One wallet, judged and explained."""

    address: bytes
    as_of_block: int
    verdicts: Verdicts
    """Of one wallet."""
    base: float
    groups: dict[str, float]
    """Contributions by theme; with the base they add up to the log-odds."""
    reasons: list[Reason]


class WalletScorer:
    """A wallet model ready to answer."""

    def __init__(self, model: TrainedModel, *, chain_id: int) -> None:
        """Load a model whose files were checked (`models.registry.open_model`)."""
        self.model_id, self.chain_id = model.model_id, chain_id
        self.manifest = model.manifest
        self.model = WalletModel.load(model.folder)
        self.peers = Peers.load(model.folder)

    @classmethod
    def active(cls, store: Store, *, chain_id: int) -> Self:
        """The active model of a chain; raises `MissingComponent` where none was trained, `ModelAltered` for changed files."""
        found = active_model(store, kind="wallets", chain_id=chain_id)
        if found is None:
            raise MissingComponent(
                f"There is no wallet model of chain {chain_id}.",
                next_step="Train one: chainsight train wallets. Without labels only the anomaly score speaks.",
            )
        return cls(found, chain_id=chain_id)

    @property
    def names(self) -> tuple[str, ...]:
        """The feature columns that are read, in their order."""
        return self.model.names

    @property
    def reads_words(self) -> bool:
        """Whether words play a part."""
        return self.model.families > 0

    @property
    def threshold(self) -> float:
        """Score from which on a wallet is elevated."""
        return self.model.certainty.threshold

    @property
    def threshold_log_odds(self) -> float:
        """The same as log-odds."""
        return self.model.certainty.threshold_log_odds

    @property
    def evidence_floor(self) -> int:
        """Fewer moves are insufficient evidence."""
        return self.model.certainty.evidence_floor

    @cached_property
    def _native(self) -> str:
        return chain_settings(self.chain_id).native_symbol

    def score(self, rows: Matrix, words: Words) -> Verdicts:
        """Judge wallets, rows × `names`; their moves are read from the rows."""
        return self.model.judge(rows, words, moves_of(rows, self.names))

    def explain(self, rows: Matrix, words: Words) -> Shares:
        """Signed contributions, wallets × features."""
        return self.model.shares(rows, words)

    def reasons(self, shares: Shares, row: int) -> list[Reason]:
        """The strongest contributions of one of them as sentences."""
        return reasons_of(shares, row, self.peers, native=self._native)

    def rows_of(self, matrix: FeatureMatrix, places: npt.NDArray[np.int64] | None = None) -> Matrix:
        """The rows of a matrix, all or some, in the order of `names`; raises `FeaturesChanged`."""
        self.check(matrix.names)
        columns = np.array([matrix.names.index(name) for name in self.names], dtype=np.int64)
        return matrix.values[:, columns] if places is None else matrix.values[np.ix_(places, columns)]

    def check(self, present: Sequence[str]) -> None:
        """Raise `FeaturesChanged` unless all columns that are read are present."""
        if missing := sorted(set(self.names) - set(present)):
            shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            raise FeaturesChanged(
                f"The model {self.model_id} was grown on features that this store does not have: {shown}.",
                next_step="Train again: chainsight train wallets. Nothing was scored.",
            )

    def words(self, store: Store, addresses: Sequence[bytes], *, to_block: int) -> Words:
        """What wallets say up to a block; nothing is read where the model hears nothing."""
        if not self.reads_words:
            return no_words(len(addresses))
        return read_words(store, addresses, chain_id=self.chain_id, to_block=to_block)
