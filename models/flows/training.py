"""Train the flow ranker on a chain's payments, and forecast whom its active givers pay next."""

from __future__ import annotations

import hashlib
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from models.flows.candidates import ACTIVE_DAYS, GIVERS_AT_MOST, active_givers, propose_receivers
from models.flows.description import FEATURES, describe_candidates
from models.flows.evaluation import (
    FlowEvaluation,
    QuestionCounts,
    choose_parts,
    describe_lack,
    describe_parts,
    evaluate_all,
    score_all,
)
from models.flows.history import FlowEvents, FlowHistory, build_history
from models.flows.ranker import FlowRanker, fit_ranker, load_ranker
from models.registry import TrainedModel, active_model, keep_model, register_model
from sql.as_of import AsOf, read_as_of
from sql.files import load
from sql.store import Store

KIND = "flows"
FORECASTS_A_GIVER = 5
_MODEL_FILE = "model.txt"
_GIVERS_A_BATCH = 1_000


@dataclass(frozen=True)
class FlowsSummary:
    """What one training of the flow ranker did."""

    chain_id: int
    as_of_block: int
    model_id: str
    """Empty when there was too little to learn from; `skipped` then says what."""
    events: int
    """Payments; those of one pair in one second count once."""
    test_questions: int
    figures: dict[str, float]
    """mrr, mrr_new_pairs, hits_10, ndcg_10 on the last 15 % of the payments."""
    baselines: dict[str, dict[str, float]]
    """The same figures by baseline."""
    seconds: float
    skipped: str = ""


@dataclass(frozen=True)
class ForecastSummary:
    """What one run of forecasts wrote."""

    chain_id: int
    as_of_block: int
    model_id: str
    """Empty without a model; `skipped` then says so."""
    active_givers: int
    """Addresses with a payment in the ACTIVE_DAYS before the watermark."""
    forecast_givers: int
    """Those of them that got forecasts; see `bound`."""
    rows: int
    seconds: float
    skipped: str = ""
    bound: str = field(
        default=f"the {GIVERS_AT_MOST:,} that paid last, of the givers that paid within {ACTIVE_DAYS} days"
    )


def train_flows(store: Store, *, chain_id: int, seed: int = 0, progress: Progress = SILENT) -> FlowsSummary:
    """Learn to rank next receivers on the first 85 % of a chain's payments, test on the rest, keep the model.

    The tables transfers and addresses must be up to date (sql.transform). A chain with too few payments gets no model
    and a summary that says why. Raises `StoreEmpty` when nothing was ingested.
    """
    started = time.monotonic()
    known = read_as_of(store, chain_id)
    progress.step(0, 4, "payments")
    events = read_events(store, known)
    lacking = describe_lack(events)
    if lacking:
        progress.note(lacking)
        return FlowsSummary(
            chain_id, known.block_number, "", len(events.time), 0, {}, {}, time.monotonic() - started, lacking
        )
    progress.step(1, 4, "questions")
    history = build_history(events)
    parts = choose_parts(events, QuestionCounts(), seed=seed)
    train, validation, test = describe_parts(history, events, parts, seed=seed)
    progress.step(2, 4, "trees")
    ranker = fit_ranker(train, validation, seed=seed)
    evaluation = evaluate_all(score_all(ranker, validation, test), test)
    progress.step(3, 4, "model")
    model = keep_ranker(ranker, _about(events, evaluation, known, seed=seed))
    register_model(store, model, chain_id=chain_id)
    progress.step(4, 4, KIND)
    return FlowsSummary(
        chain_id=chain_id,
        as_of_block=known.block_number,
        model_id=model.model_id,
        events=len(events.time),
        test_questions=len(test.questions),
        figures=model.manifest["metrics"]["figures"],
        baselines=model.manifest["metrics"]["baselines"],
        seconds=time.monotonic() - started,
    )


def forecast_counterparties(store: Store, *, chain_id: int, progress: Progress = SILENT) -> ForecastSummary:
    """Write the FORECASTS_A_GIVER most probable next receivers of active givers; forecasts not renewed are withdrawn.

    Without a flow model for this chain nothing is forecast and the summary says so. Raises `StoreEmpty` when nothing
    was ingested, `MissingComponent` or `ModelAltered` when the model's files are not as they were.
    """
    started = time.monotonic()
    known = read_as_of(store, chain_id)
    version = time.time_ns()
    model = active_model(store, kind=KIND, chain_id=chain_id)
    if model is None:
        skipped = f"Chain {chain_id} has no flow model, so no counterparties are forecast."
        progress.note(skipped)
        return ForecastSummary(chain_id, known.block_number, "", 0, 0, 0, time.monotonic() - started, skipped)
    events = read_events(store, known)
    history = build_history(events)
    moment = int(events.time.max(initial=0)) + 1
    givers = active_givers(history, moment=moment)
    ranked = rank_receivers(
        load_ranker(model.folder / _MODEL_FILE), history, givers.kept, moment=moment, progress=progress
    )
    rows = _forecast_rows(store, ranked, known, model_id=model.model_id, version=version)
    store.insert("counterparty_forecasts", rows)
    store.command(load("flows/withdraw_forecasts"), chain_id=chain_id, version=version)
    return ForecastSummary(
        chain_id=chain_id,
        as_of_block=known.block_number,
        model_id=model.model_id,
        active_givers=givers.found,
        forecast_givers=len(np.unique(ranked.giver)),
        rows=rows.num_rows,
        seconds=time.monotonic() - started,
    )


def read_events(store: Store, known: AsOf) -> FlowEvents:
    """All payments of a chain up to its watermark, ascending by time."""
    rows = store.query(load("flows/events"), chain_id=known.chain_id, as_of_block=known.block_number)
    return FlowEvents(
        time=rows["time"].to_numpy(),
        giver=rows["giver"].to_numpy().astype(np.int32),
        receiver=rows["receiver"].to_numpy().astype(np.int32),
    )


def keep_ranker(ranker: FlowRanker, about: dict[str, Any]) -> TrainedModel:
    """Put a ranker into the registry, with its card."""
    settings().models_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="flows-", dir=settings().models_dir))
    ranker.save(folder / _MODEL_FILE)
    return keep_model(folder, kind=KIND, about=about, card=_card(about))


@dataclass(frozen=True)
class RankedReceivers:
    """Columns of one length: the best receivers of each giver, best first."""

    giver: NDArray[np.int64]
    rank: NDArray[np.int64]
    """1 is the most probable."""
    receiver: NDArray[np.int64]
    score: NDArray[np.float64]
    """See `FlowRanker.score`."""


def rank_receivers(
    ranker: FlowRanker,
    history: FlowHistory,
    givers: NDArray[np.int32],
    *,
    moment: int,
    progress: Progress = SILENT,
) -> RankedReceivers:
    """The FORECASTS_A_GIVER best candidates of each giver as of a second; a batch at a time bounds the memory."""
    batches = []
    for low in range(0, len(givers), _GIVERS_A_BATCH):
        progress.step(low, len(givers), "givers forecast")
        batches.append(_rank_batch(ranker, history, givers[low : low + _GIVERS_A_BATCH], moment=moment))
    progress.step(len(givers), len(givers), "givers forecast")
    columns = zip(*batches, strict=True) if batches else [[np.zeros(0, np.int64)]] * 4
    return RankedReceivers(*(np.concatenate(column) for column in columns))


def _rank_batch(
    ranker: FlowRanker, history: FlowHistory, givers: NDArray[np.int32], *, moment: int
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    candidates = propose_receivers(history, givers, moment=moment)
    features = describe_candidates(history, givers, np.full(len(givers), moment, np.int64), candidates)
    scores = np.where(candidates < 0, -1.0, ranker.score(features))
    best = np.argsort(-scores, axis=1, kind="stable")[:, :FORECASTS_A_GIVER]
    receivers = np.take_along_axis(candidates, best, 1)
    row, place = np.nonzero(receivers >= 0)
    return (
        givers[row].astype(np.int64),
        place + 1,
        receivers[row, place].astype(np.int64),
        np.take_along_axis(scores, best, 1)[row, place],
    )


def _forecast_rows(store: Store, ranked: RankedReceivers, known: AsOf, *, model_id: str, version: int) -> pa.Table:
    addresses = store.query(load("flows/addresses"), chain_id=known.chain_id)["address"].combine_chunks()
    count = len(ranked.giver)
    return pa.table(
        {
            "chain_id": pa.repeat(pa.scalar(known.chain_id, pa.uint64()), count),
            "address": addresses.take(pa.array(ranked.giver)),
            "rank": pa.array(ranked.rank, pa.uint16()),
            "counterparty": addresses.take(pa.array(ranked.receiver)),
            "score": pa.array(ranked.score, pa.float64()),
            "model_id": pa.repeat(model_id, count),
            "as_of_block": pa.repeat(pa.scalar(known.block_number, pa.uint64()), count),
            "version": pa.repeat(pa.scalar(version, pa.uint64()), count),
        }
    )


def _about(events: FlowEvents, evaluation: FlowEvaluation, known: AsOf, *, seed: int) -> dict[str, Any]:
    digest = hashlib.sha256()
    for column in events:
        digest.update(column.tobytes())
    return {
        "chain_id": known.chain_id,
        "as_of_block": known.block_number,
        "data_hash": digest.hexdigest(),
        "payments": len(events.time),
        "seed": seed,
        "features": list(FEATURES),
        "questions": asdict(QuestionCounts()),
        "metrics": asdict(evaluation),
    }


def _card(about: dict[str, Any]) -> str:
    metrics = {"this model": about["metrics"]["figures"], **about["metrics"]["baselines"]}
    names = list(about["metrics"]["figures"])
    table = "\n".join(
        f"| {who} | " + " | ".join(f"{figures[name]:.4f}" for name in names) + " |" for who, figures in metrics.items()
    )
    return f"""# Whom an address pays next

Ranks possible receivers of a giver: LightGBM over {len(FEATURES)} features, each from what happened strictly
before the moment asked about. Learned from {about["payments"]:,} payments of chain {about["chain_id"]} up to block
{about["as_of_block"]}: trees on the first 70 % of them, number of trees and the baselines' constants on the next 15 %,
figures on the last 15 %. The true receiver stands among 20 others, half of them earlier receivers of the giver.

| | {" | ".join(names)} |
|---|{"---|" * len(names)}
{table}

Not for: probabilities (scores are those of one right among 20 wrong answers), receivers that nobody near was
ever seen to pay, addresses whose history the store holds in slices: where the store holds whole histories of some accounts
and slices of the rest, popularity partly says who was sampled, and these figures flatter every row of the table.
"""
