"""Say of every address what the models say: probability, anomaly, the strongest reasons, the next counterparties.

An address gets no probability when no model was trained on its chain or when it has fewer than two moves; the anomaly
percentile is always there. Reasons are TreeSHAP shares of the log-odds where there is a probability; where there is none,
the rarity of the value (-log of its tail) stands in their place.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chainsight.progress import SILENT, Progress
from models.anomalies import Anomalies
from models.features.matrix import ALL_GROUPS, OWN_GROUPS, FeatureMatrix, feature_names, read_features
from models.flows.training import forecast_counterparties
from models.registry import TrainedModel, active_model
from models.wallets.trees import WalletTrees
from models.wallets.words import NAMES, WordScores, read_words
from sql.files import load
from sql.store import Store

FEWEST_MOVES = 2
_EXPLAINED, _REASONS = 20_000, 6
_UNUSUAL = 0.99
_ROWS_AN_INSERT = 100_000
_ROWS_A_QUESTION = 100_000
_CONTRIBUTION = pa.struct([("feature", pa.string()), ("value", pa.float64()), ("contribution", pa.float64())])
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PredictSummary:
    """What was predicted."""

    addresses: int
    with_probability: int
    elevated: int
    forecasts: int
    model_id: str
    flow_model_id: str

    def __str__(self) -> str:
        probability = f"{self.with_probability:,} with a probability, {self.elevated:,} above the threshold"
        said = probability if self.model_id else "no model: anomaly only"
        return f"{self.addresses:,} addresses ({said}); {self.forecasts:,} forecasts"


def predict(store: Store, *, chain_id: int, progress: Progress = SILENT) -> PredictSummary:
    """Rewrite wallet_predictions and counterparty_forecasts of a chain from its features and active models."""
    version = time.time_ns()
    model = active_model(store, kind="wallets", chain_id=chain_id)
    matrix = read_features(store, chain_id=chain_id, groups=ALL_GROUPS)
    own = sum(len(feature_names(store, group)) for group in OWN_GROUPS)
    progress.step(0, 4, "anomalies")
    anomalies = Anomalies().fit(
        matrix.values[:, :own], np.zeros(len(matrix.addresses), np.int64), names=matrix.names[:own]
    )
    anomaly = np.nan_to_num(anomalies.predict(matrix.values[:, :own]), nan=0.0)
    progress.step(1, 4, "probabilities")
    probability = np.full(len(matrix.addresses), np.nan)
    enough = _moves(matrix) >= FEWEST_MOVES
    reasons: dict[int, list[dict[str, object]]] = {}
    threshold = 2.0
    if model is not None:
        trees = WalletTrees.load(model.folder)
        rows = _read_by(trees, store, matrix, model, enough, chain_id=chain_id)
        probability[enough] = trees.predict(rows[enough])
        threshold = float(model.manifest["threshold"])
        reasons = _explain_probability(trees, rows, probability, anomaly, threshold)
    reasons = {**_explain_anomaly(anomalies, matrix, own, anomaly, probability), **reasons}
    progress.step(2, 4, "writing predictions")
    _write(store, matrix, probability, anomaly, enough, reasons, model, chain_id=chain_id, version=version)
    progress.step(3, 4, "next counterparties")
    forecasts = forecast_counterparties(store, chain_id=chain_id, progress=progress)
    progress.step(4, 4, "predictions")
    return PredictSummary(
        addresses=len(matrix.addresses),
        with_probability=int(np.isfinite(probability).sum()),
        elevated=int((np.nan_to_num(probability, nan=-1.0) >= threshold).sum()),
        forecasts=forecasts.rows,
        model_id=model.model_id if model else "",
        flow_model_id=forecasts.model_id,
    )


def _read_by(
    trees: WalletTrees, store: Store, matrix: FeatureMatrix, model: TrainedModel, judged: npt.NDArray[np.bool_], *,
    chain_id: int,
) -> npt.NDArray[np.float32]:  # fmt: skip
    """The columns that the trees were grown on, of every address; what they say of those that are judged only."""
    rows = np.empty((len(matrix.addresses), len(trees.names)), np.float32)
    heard = [name for name in trees.names if name in NAMES]
    for place, name in enumerate(trees.names):
        if name not in heard:
            rows[:, place] = matrix.values[:, matrix.names.index(name)]
    if heard:
        spoken = WordScores.load(model.folder)
        places = np.array([trees.names.index(name) for name in heard])
        rows[:, places] = np.nan
        asked = np.flatnonzero(judged)
        for start in range(0, len(asked), _ROWS_A_QUESTION):
            part = asked[start : start + _ROWS_A_QUESTION]
            addresses = [bytes.fromhex(key.decode()) for key in matrix.addresses[part]]
            words = read_words(store, addresses, chain_id=chain_id, to_block=matrix.as_of_block)
            rows[np.ix_(part, places)] = spoken.predict(words)[:, [NAMES.index(name) for name in heard]]
    return rows


def _moves(matrix: FeatureMatrix) -> Floats:
    moves = matrix.values[:, matrix.names.index("move_count")]
    tokens = matrix.values[:, matrix.names.index("token_count")]
    return np.asarray(np.nan_to_num(moves) + np.nan_to_num(tokens), dtype=np.float64)


def _explain_probability(
    trees: WalletTrees, rows: npt.NDArray[np.float32], probability: Floats, anomaly: Floats, threshold: float
) -> dict[int, list[dict[str, object]]]:
    known = np.flatnonzero(np.isfinite(probability))
    # The likely ones and the unusual ones, the likely first: explaining everybody would take minutes and help nobody.
    worth = known[(probability[known] >= min(threshold, 0.5) / 2) | (anomaly[known] >= _UNUSUAL)]
    worth = worth[np.argsort(-probability[worth], kind="stable")][:_EXPLAINED]
    if not len(worth):
        return {}
    return _strongest(worth, rows[worth], trees.contributions(rows[worth]), trees.names)


def _explain_anomaly(
    anomalies: Anomalies, matrix: FeatureMatrix, own: int, anomaly: Floats, probability: Floats
) -> dict[int, list[dict[str, object]]]:
    worth = np.flatnonzero((anomaly >= _UNUSUAL) & np.isnan(probability))[:_EXPLAINED]
    if not len(worth):
        return {}
    values = matrix.values[worth, :own]
    return _strongest(worth, values, anomalies.unusualness(values).astype(np.float64), matrix.names[:own])


def _strongest(
    places: npt.NDArray[np.int64], values: npt.NDArray[np.float32], shares: Floats, names: tuple[str, ...]
) -> dict[int, list[dict[str, object]]]:
    order = np.argsort(-np.abs(shares), axis=1, kind="stable")[:, :_REASONS]
    return {
        int(place): [
            {"feature": names[c], "value": float(values[row, c]), "contribution": float(shares[row, c])}
            for c in order[row]
            if shares[row, c] != 0
        ]
        for row, place in enumerate(places)
    }


def _write(
    store: Store, matrix: FeatureMatrix, probability: Floats, anomaly: Floats, enough: npt.NDArray[np.bool_],
    reasons: dict[int, list[dict[str, object]]], model: TrainedModel | None, *, chain_id: int, version: int,
) -> None:  # fmt: skip
    why = np.where(enough, "", "too little evidence") if model else np.full(len(enough), "no model")
    for start in range(0, len(matrix.addresses), _ROWS_AN_INSERT):
        part = slice(start, min(start + _ROWS_AN_INSERT, len(matrix.addresses)))
        size = part.stop - part.start
        addresses = [bytes.fromhex(key.decode()) for key in matrix.addresses[part]]
        known = np.isfinite(probability[part])
        store.insert(
            "wallet_predictions",
            pa.table(
                {
                    "chain_id": pa.array([chain_id] * size, pa.uint64()),
                    "address": pa.array(addresses, pa.binary(20)),
                    "probability": pa.array(probability[part], mask=~known),
                    "abstained": pa.array(why[part].tolist(), pa.string()),
                    "anomaly": pa.array(anomaly[part]),
                    "contributions": pa.array(
                        [reasons.get(n, []) for n in range(part.start, part.stop)], pa.list_(_CONTRIBUTION)
                    ),
                    "model_id": pa.array([model.model_id if model else ""] * size, pa.string()),
                    "as_of_block": pa.array([matrix.as_of_block] * size, pa.uint64()),
                    "version": pa.array([version] * size, pa.uint64()),
                }
            ),
        )
    store.command(load("features_withdraw/predictions"), chain_id=chain_id, version=version)
