"""What is predicted of addresses, as rows of wallet_predictions: channels side by side, reasons where somebody may ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.certainty.priors import BaseRate, shift_prior
from models.certainty.verdicts import INSUFFICIENT, Verdicts
from models.features.matrix import FeatureMatrix, as_addresses
from models.wallets.reasons import Reason
from sql.store import Store

_ROWS_AN_INSERT = 100_000
_CONTRIBUTION = pa.struct([("feature", pa.string()), ("value", pa.float64()), ("contribution", pa.float64())])
_THEME = pa.struct([("theme", pa.string()), ("contribution", pa.float64())])
_RARITY = pa.struct([("feature", pa.string()), ("value", pa.float64()), ("rarity", pa.float64())])
Floats = npt.NDArray[np.float64]
NO_MODEL = BaseRate(None, unknown="no model")


@dataclass(frozen=True)
class Explained:
    """One address's contributions, themes ascending by name."""

    themes: dict[str, float]
    reasons: list[Reason]


@dataclass(frozen=True)
class Predictions:
    """What the channels say, one entry an address of the matrix."""

    verdicts: Verdicts | None
    """None without a model."""
    anomaly: Floats
    model_id: str = ""
    base_log_odds: Floats | None = None
    learnt_share: float = float("nan")
    negatives: str = ""
    base_rate: BaseRate = NO_MODEL
    read: npt.NDArray[np.int64] | None = None
    """Columns of the matrix that the model read, and `heard`, what words told its members; None without a model."""
    heard: npt.NDArray[np.float32] | None = None
    explained: dict[int, Explained] = field(default_factory=dict)
    """By row."""
    rarities: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    structure_anomaly: Floats | None = None


def write_predictions(store: Store, matrix: FeatureMatrix, told: Predictions, *, chain_id: int, version: int) -> None:
    """One row an address; `version` is that of the run."""
    for start in range(0, len(matrix.addresses), _ROWS_AN_INSERT):
        part = slice(start, min(start + _ROWS_AN_INSERT, len(matrix.addresses)))
        size = part.stop - part.start
        rows = range(part.start, part.stop)
        columns = _supervised(told, part) if told.verdicts else _unsupervised(size)
        explained = [told.explained.get(row) for row in rows]
        columns |= {
            "chain_id": pa.array([chain_id] * size, pa.uint64()),
            "address": pa.array(as_addresses(matrix.addresses[part]), pa.binary(20)),
            "contribution_themes": pa.array([_themes(one) for one in explained], pa.list_(_THEME)),
            "contributions": pa.array([_strongest(one) for one in explained], pa.list_(_CONTRIBUTION)),
            "reasons": pa.array(
                [[reason.sentence for reason in one.reasons] if one else [] for one in explained], pa.list_(pa.string())
            ),
            "anomaly": pa.array(told.anomaly[part]),
            "rarities": pa.array([told.rarities.get(row, []) for row in rows], pa.list_(_RARITY)),
            "structure_anomaly": _known(
                np.full(size, np.nan) if told.structure_anomaly is None else told.structure_anomaly[part]
            ),
            "model_inputs": _inputs(matrix, told, part),
            "model_id": pa.array([told.model_id] * size, pa.string()),
            "as_of_block": pa.array([matrix.as_of_block] * size, pa.uint64()),
            "version": pa.array([version] * size, pa.uint64()),
        }
        store.insert("wallet_predictions", pa.table(columns))


def _supervised(told: Predictions, part: slice) -> dict[str, pa.Array]:
    assert told.verdicts is not None
    assert told.base_log_odds is not None
    said, size = told.verdicts, part.stop - part.start
    probability = said.probability[part]
    is_known = np.isfinite(probability)
    rate, nothing = told.base_rate, np.full(size, np.nan)
    shifted = nothing if rate.share is None else shift_prior(probability, learnt=told.learnt_share, now=rate.share)
    return {
        "probability": _known(probability),
        "probability_low": _known(said.low[part]),
        "probability_high": _known(said.high[part]),
        "model_answer": pa.array(said.answer[part].tolist(), pa.string()),
        "abstained": pa.array(np.where(is_known, "", INSUFFICIENT.replace("_", " ")).tolist(), pa.string()),
        "is_elevated": pa.array(said.is_elevated[part].astype(np.uint8)),
        "learnt_share": _known(np.full(size, told.learnt_share)),
        "negatives": pa.array([told.negatives] * size, pa.string()),
        **{
            name: _known(nothing if value is None else np.full(size, value))
            for name, value in (("base_rate", rate.share), ("base_rate_low", rate.low), ("base_rate_high", rate.high))
        },
        "base_rate_unknown": pa.array([rate.unknown] * size, pa.string()),
        "base_rate_probability": _known(shifted),
        "log_odds": _known(said.log_odds[part]),
        "base_log_odds": _known(np.where(is_known, told.base_log_odds[part], np.nan)),
    }


def _unsupervised(size: int) -> dict[str, pa.Array]:
    nothing = pa.nulls(size, pa.float64())
    names = (
        "probability", "probability_low", "probability_high", "learnt_share", "base_rate", "base_rate_low", "base_rate_high",
        "base_rate_probability", "log_odds", "base_log_odds",
    )  # fmt: skip
    return {
        **dict.fromkeys(names, nothing),
        "negatives": pa.array([""] * size, pa.string()),
        "base_rate_unknown": pa.array([NO_MODEL.unknown] * size, pa.string()),
        "model_answer": pa.array([""] * size, pa.string()),
        "abstained": pa.array(["no model"] * size, pa.string()),
        "is_elevated": pa.array(np.zeros(size, np.uint8)),
    }


def _inputs(matrix: FeatureMatrix, told: Predictions, part: slice) -> pa.Array:
    """One list a row, empty for those that were not judged."""
    size = part.stop - part.start
    if told.verdicts is None or told.read is None or told.heard is None:
        return pa.array([[]] * size, pa.list_(pa.float32()))
    judged = np.isfinite(told.verdicts.probability[part])
    width = len(told.read) + told.heard.shape[1]
    rows = np.hstack([matrix.values[part][judged][:, told.read], told.heard[part][judged]])
    offsets = np.concatenate([[0], np.cumsum(judged * width)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.ravel(), pa.float32()))


def _known(values: Floats) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def _themes(one: Explained | None) -> list[dict[str, Any]]:
    if one is None:
        return []
    ranked = sorted(one.themes.items(), key=lambda item: (-abs(item[1]), item[0]))
    return [{"theme": theme, "contribution": share} for theme, share in ranked]


def _strongest(one: Explained | None) -> list[dict[str, Any]]:
    return [
        {"feature": reason.feature, "value": reason.value, "contribution": reason.contribution}
        for reason in (one.reasons if one else ())
    ]
