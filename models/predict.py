"""Say of every address what the models say: probability, anomaly, the strongest reasons, the next counterparties.

An address gets no probability when no model was trained on its chain or when it has too few moves; the anomaly percentile is
always there. An account that the model learnt from is answered by the member that has not seen it. The channels stay apart:
contributions speak of the probability alone, rarities of the anomaly alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chainsight.progress import SILENT, Progress
from models.anomalies import Anomalies
from models.base_rate import base_rate_of
from models.certainty.priors import BaseRate
from models.certainty.verdicts import Verdicts
from models.features.catalogue import catalogue
from models.features.matrix import ALL_GROUPS, OWN_GROUPS, FeatureMatrix, as_addresses, feature_names, read_features
from models.flows.training import forecast_counterparties
from models.prediction_rows import Explained, Predictions, write_predictions
from models.predictor import Matrix
from models.registry import active_model
from models.serving import WalletScorer
from models.structure import structure_anomaly
from models.wallets.model import moves_of
from models.wallets.reasons import REASONS, by_theme
from models.wallets.words import Words
from sql.files import load
from sql.store import Store

_MOST_EXPLAINED = 5_000
"""TreeSHAP of five members takes some 15 ms a wallet."""
_UNUSUAL = 0.99
_ROWS_AT_ONCE = 50_000
_EXPLAINED_AT_ONCE = 2_000
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PredictSummary:
    """What was predicted."""

    addresses: int
    with_probability: int
    elevated: int
    forecasts: int
    base_rate: BaseRate
    """The share of illicit ones among the chain's other addresses, its interval, or why it cannot be told."""
    model_id: str
    flow_model_id: str

    def __str__(self) -> str:
        probability = f"{self.with_probability:,} with a probability, {self.elevated:,} above the threshold"
        said = probability if self.model_id else "no model: anomaly only"
        rate = f"; {self.base_rate}" if self.model_id else ""
        return f"{self.addresses:,} addresses ({said}); {self.forecasts:,} forecasts{rate}"


def predict(store: Store, *, chain_id: int, progress: Progress = SILENT) -> PredictSummary:
    """Rewrite wallet_predictions and counterparty_forecasts of a chain from its features and active models.

    Raises `ModelAltered` or `FeaturesChanged` before anything is written when the active model cannot be trusted.
    """
    version = time.time_ns()
    model = active_model(store, kind="wallets", chain_id=chain_id)
    scorer = WalletScorer(model, chain_id=chain_id) if model else None
    matrix = read_features(store, chain_id=chain_id, groups=_groups_read(scorer))
    if scorer:
        scorer.check(matrix.names)
    own = sum(len(feature_names(store, group)) for group in OWN_GROUPS)
    progress.step(0, 4, "anomalies")
    told = _unusual(matrix, own)
    told = replace(told, structure_anomaly=structure_anomaly(store, matrix, chain_id=chain_id, progress=progress))
    progress.step(1, 4, "probabilities")
    if scorer:
        told = _judged(store, scorer, matrix, told)
    progress.step(2, 4, "writing predictions")
    write_predictions(store, matrix, told, chain_id=chain_id, version=version)
    store.command(load("features_withdraw/predictions"), chain_id=chain_id, version=version)
    progress.step(3, 4, "next counterparties")
    forecasts = forecast_counterparties(store, chain_id=chain_id, progress=progress)
    progress.step(4, 4, "predictions")
    verdicts = told.verdicts
    return PredictSummary(
        addresses=len(matrix.addresses),
        with_probability=int(np.isfinite(verdicts.probability).sum()) if verdicts else 0,
        elevated=int(verdicts.is_elevated.sum()) if verdicts else 0,
        forecasts=forecasts.rows,
        base_rate=told.base_rate,
        model_id=told.model_id,
        flow_model_id=forecasts.model_id,
    )


def _groups_read(scorer: WalletScorer | None) -> list[str]:
    """Own behaviour, which the anomalies see, and whatever else the model reads: neighbours of everybody are a gigabyte."""
    read = {catalogue()[name].table for name in scorer.names if name in catalogue()} if scorer else set()
    return [group for group in ALL_GROUPS if group in OWN_GROUPS or group in read]


def _unusual(matrix: FeatureMatrix, own: int) -> Predictions:
    rows = matrix.values[:, :own]
    anomalies = Anomalies()
    anomaly = np.nan_to_num(anomalies.fit_predict(rows, names=matrix.names[:own]), nan=0.0)
    worth = np.flatnonzero(anomaly >= _UNUSUAL)
    worth = worth[np.argsort(-anomaly[worth], kind="stable")][:_MOST_EXPLAINED]
    rarity = anomalies.unusualness(rows[worth]).astype(np.float64)
    return Predictions(None, anomaly, rarities=_rarest(worth, rows[worth], rarity, matrix.names[:own]))


def _judged(store: Store, scorer: WalletScorer, matrix: FeatureMatrix, told: Predictions) -> Predictions:
    moves = moves_of(matrix.values, matrix.names)
    only = scorer.model.only(as_addresses(matrix.addresses))
    log_odds = np.full(len(moves), np.nan)
    heard = np.full((len(moves), len(scorer.model.members) * scorer.model.families), np.nan, np.float32)
    # Nobody who is left without an answer is asked what it says.
    asked = np.flatnonzero(moves >= scorer.evidence_floor)
    for start in range(0, len(asked), _ROWS_AT_ONCE):
        places = asked[start : start + _ROWS_AT_ONCE]
        told_by_words = scorer.model.heard(_words(store, scorer, matrix, places))
        log_odds[places] = scorer.model.odds_of(scorer.rows_of(matrix, places), told_by_words, only[places])
        heard[places] = np.hstack(told_by_words)
    certainty = scorer.model.certainty
    verdicts = certainty.judge(log_odds, moves)
    return replace(
        told,
        verdicts=verdicts,
        model_id=scorer.model_id,
        base_log_odds=scorer.model.base(only),
        learnt_share=certainty.learnt_share,
        negatives=certainty.negatives,
        base_rate=base_rate_of(scorer, matrix, heard, only),
        read=np.array([matrix.names.index(name) for name in scorer.names], dtype=np.int64),
        heard=heard,
        explained=_explain(scorer, matrix, heard, only, _worth_explaining(verdicts, told.anomaly)),
    )


def _worth_explaining(verdicts: Verdicts, anomaly: Floats) -> Places:
    """The likely ones and the unusual ones, the likely first: explaining everybody would take long and help nobody."""
    known = np.isfinite(verdicts.probability)
    likely = known & (verdicts.is_elevated | (verdicts.probability >= 0.25))
    worth = np.flatnonzero(likely | (known & (anomaly >= _UNUSUAL)))
    return worth[np.argsort(-verdicts.log_odds[worth], kind="stable")][:_MOST_EXPLAINED]


def _explain(
    scorer: WalletScorer, matrix: FeatureMatrix, heard: Matrix, only: Places, worth: Places
) -> dict[int, Explained]:
    explained = {}
    model = scorer.model
    for start in range(0, len(worth), _EXPLAINED_AT_ONCE):
        places = worth[start : start + _EXPLAINED_AT_ONCE]
        shares = model.shares_of(scorer.rows_of(matrix, places), model.heard_apart(heard[places]), only[places])
        themes, sums = by_theme(shares)
        for row, place in enumerate(places.tolist()):
            parts = dict(zip(themes, sums[row].tolist(), strict=True))
            explained[place] = Explained(parts, scorer.reasons(shares, row))
    return explained


def _words(store: Store, scorer: WalletScorer, matrix: FeatureMatrix, places: Places) -> Words:
    return scorer.words(store, as_addresses(matrix.addresses[places]), to_block=matrix.as_of_block)


def _rarest(places: Places, values: npt.NDArray[np.float32], rarity: Floats, names: tuple[str, ...]) -> dict[int, Any]:
    order = np.argsort(-rarity, axis=1, kind="stable")[:, :REASONS]
    return {
        int(place): [
            {"feature": names[c], "value": float(values[row, c]), "rarity": float(rarity[row, c])}
            for c in order[row]
            if rarity[row, c] > 0
        ]
        for row, place in enumerate(places)
    }
