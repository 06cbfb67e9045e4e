"""Score wallets with the active model: loaded once, every file checked against its hash before it is read.

`WalletScorer.score` judges rows that somebody made; `answer` describes, judges and explains one wallet of the store.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from chainsight.addresses import show_hex
from chainsight.chains import chain_settings
from chainsight.errors import DataCheckError, MissingComponent
from models.certainty.verdicts import Verdicts
from models.features.catalogue import catalogue
from models.features.matrix import FeatureMatrix
from models.features.one import read_one
from models.predictor import Matrix
from models.registry import TrainedModel, active_model
from models.wallets.model import Shares, WalletModel, moves_of
from models.wallets.peers import Peers
from models.wallets.reasons import Reason, by_theme, reasons_of
from models.wallets.words import Words, no_words, read_words
from sql.files import load
from sql.store import Store


class FeaturesChanged(DataCheckError):
    """The store no longer has features that a model was grown on."""


@dataclass(frozen=True)
class WalletAnswer:
    """One wallet, judged and explained."""

    address: bytes
    as_of_block: int
    model_id: str
    verdicts: Verdicts
    """Of one wallet."""
    base_log_odds: float
    """NaN, and no themes and reasons, where there is insufficient evidence."""
    themes: dict[str, float]
    """Contributions by theme; with the base they add up to the log-odds."""
    reasons: list[Reason]
    negatives: str
    """What illicit accounts were learnt beside: licit ones, or unlabelled ones."""


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
        return cls(require_model(store, chain_id=chain_id), chain_id=chain_id)

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

    def score(self, rows: Matrix, words: Words, addresses: Sequence[bytes] | None = None) -> Verdicts:
        """Judge wallets, rows × `names`; their moves are read from the rows.

        With `addresses` those that were learnt from are answered by the member that has not seen them, as in predictions.
        """
        only = None if addresses is None else self.model.only(addresses)
        return self.model.judge(rows, words, moves_of(rows, self.names), only)

    def reasons(self, shares: Shares, row: int) -> list[Reason]:
        """The strongest contributions of one of them as sentences."""
        return reasons_of(shares, row, self.peers, native=self._native)

    def answer(self, store: Store, address: bytes) -> WalletAnswer:
        """Judge and explain one wallet as it stands in the feature tables.

        What the model reads of it is kept with its prediction; where that is older than the features it is put together anew.
        Raises `StoreEmpty` for an address without features and `FeaturesChanged` when the store no longer has what is read.
        """
        found = store.query(load("queries/model_inputs"), chain_id=self.chain_id, address=address.hex()).to_pylist()
        kept = next((one for one in found if one["model_id"] == self.model_id and one["is_current"]), None)
        if kept is None:
            return self.answer_anew(store, address)
        self.check(tuple(catalogue()))
        if not kept["model_inputs"]:
            return self._silence(address, int(kept["as_of_block"]))
        row, heard = self.model.inputs_apart(np.array([kept["model_inputs"]], dtype=np.float32))
        return self._judged(address, row, heard, int(kept["as_of_block"]))

    def answer_anew(self, store: Store, address: bytes) -> WalletAnswer:
        """The same from the feature tables and from what the wallet says, whatever was predicted. Raises as `answer` does."""
        self.check(tuple(catalogue()))
        row, as_of = read_one(store, address, self.names, chain_id=self.chain_id)
        if moves_of(row, self.names)[0] < self.evidence_floor:
            return self._silence(address, as_of)
        return self._judged(address, row, self.model.heard(self.words(store, [address], to_block=as_of)), as_of)

    def _judged(self, address: bytes, row: Matrix, heard: tuple[Matrix, ...], as_of: int) -> WalletAnswer:
        shares = self.model.shares_of(row, heard, self.model.only([address]))
        verdicts = self.model.certainty.judge(shares.log_odds, moves_of(row, self.names))
        themes, sums = by_theme(shares)
        return WalletAnswer(
            address=address,
            as_of_block=as_of,
            model_id=self.model_id,
            verdicts=verdicts,
            base_log_odds=float(shares.base[0]),
            themes=dict(zip(themes, sums[0].tolist(), strict=True)),
            reasons=self.reasons(shares, 0),
            negatives=self.model.certainty.negatives,
        )

    def _silence(self, address: bytes, as_of: int) -> WalletAnswer:
        """Nobody who is left without an answer is asked what it says."""
        certainty = self.model.certainty
        verdicts = certainty.judge(np.array([np.nan]), np.zeros(1))
        return WalletAnswer(
            address,
            as_of,
            self.model_id,
            verdicts,
            base_log_odds=math.nan,
            themes={},
            reasons=[],
            negatives=certainty.negatives,
        )

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


def require_model(store: Store, *, chain_id: int) -> TrainedModel:
    """The active wallet model of a chain, its files checked; raises `MissingComponent` where none was trained."""
    found = active_model(store, kind="wallets", chain_id=chain_id)
    if found is None:
        raise MissingComponent(
            f"There is no wallet model of chain {chain_id}.",
            next_step="Train one: chainsight train wallets. Without labels only the anomaly score speaks.",
        )
    return found


def answer_as_document(answer: WalletAnswer) -> dict[str, Any]:
    """An answer for JSON; figures are None where there is insufficient evidence."""
    said = answer.verdicts
    is_known = bool(np.isfinite(said.probability[0]))
    figures = {
        "probability": said.probability,
        "probability_low": said.low,
        "probability_high": said.high,
        "log_odds": said.log_odds,
    }
    return {
        "address": show_hex(answer.address),
        "model_answer": str(said.answer[0]),
        **{name: float(values[0]) if is_known else None for name, values in figures.items()},
        "base_log_odds": answer.base_log_odds if is_known else None,
        "is_elevated": bool(said.is_elevated[0]),
        "themes": answer.themes if is_known else {},
        "reasons": [asdict(reason) for reason in answer.reasons] if is_known else [],
        "negatives": answer.negatives,
        "model_id": answer.model_id,
        "as_of_block": answer.as_of_block,
    }
