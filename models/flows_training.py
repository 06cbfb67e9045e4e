"""Train the flow ranker on a chain's transfers, and forecast whom its active givers pay next."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainsight.errors import MissingComponent
from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from models.flow_candidates import ACTIVE_DAYS, GIVERS_AT_MOST, active_givers, propose_receivers
from models.flow_features import FEATURES, describe_candidates
from models.flow_history import HOUR, FlowEvents, FlowHistory, build_history
from models.flow_questions import RankingFigures
from models.flows import (
    DescribedQuestions,
    FlowRanker,
    choose_baselines,
    describe_events,
    evaluate_scores,
    fit_ranker,
    load_ranker,
    score_baseline,
)
from sql.as_of import AsOf, read_as_of
from sql.files import load
from sql.store import Store

FORECASTS_A_GIVER = 5
_SHARES = (0.70, 0.85)
_EVENTS_AT_LEAST = 2_000
_REPEATS_AT_LEAST = 200
_GIVERS_A_BATCH = 1_000


@dataclass(frozen=True)
class QuestionCounts:
    """How many payments of each part are turned into questions, at most."""

    train: int = 20_000
    validation: int = 6_000
    test: int = 10_000


@dataclass(frozen=True)
class FlowParts:
    """Places of the payments that become questions; each part is later than the one before."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True)
class FlowEvaluation:
    """What a ranker and its baselines reached on the last part."""

    figures: RankingFigures
    baselines: dict[str, RankingFigures]


@dataclass(frozen=True)
class FlowsSummary:
    """What one training of the flow ranker did."""

    chain_id: int
    as_of_block: int
    model_id: str
    """Empty when there was too little to learn from; `skipped` then says what."""
    events: int
    """Payments, those of one pair in one second as one."""
    test_questions: int
    figures: dict[str, float]
    baselines: dict[str, dict[str, float]]
    seconds: float
    skipped: str = ""


@dataclass(frozen=True)
class ForecastSummary:
    """What one run of forecasts wrote."""

    chain_id: int
    as_of_block: int
    model_id: str
    active_givers: int
    """Addresses with a payment in the ACTIVE_DAYS before the watermark."""
    forecast_givers: int
    """Those of them that got forecasts: the latest GIVERS_AT_MOST."""
    rows: int
    seconds: float
    bound: str = field(
        default=f"the {GIVERS_AT_MOST:,} givers that paid last, of those that paid within {ACTIVE_DAYS} days"
    )
    skipped: str = ""


def train_flows(store: Store, *, chain_id: int, seed: int = 0, progress: Progress = SILENT) -> FlowsSummary:
    """Learn to rank next receivers on the first 85 % of a chain's time, test on the rest, keep the model.

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
    ranker = fit_ranker(train, validation, seed=seed, threads=settings().threads)
    evaluation = evaluate_ranker(ranker, validation, test)
    progress.step(3, 4, "model")
    model_id = save_model(store, ranker, evaluation, known, events=len(events.time), seed=seed)
    progress.step(4, 4, "flows")
    return FlowsSummary(
        chain_id=chain_id,
        as_of_block=known.block_number,
        model_id=model_id,
        events=len(events.time),
        test_questions=len(test.questions),
        figures=asdict(evaluation.figures),
        baselines={name: asdict(figures) for name, figures in evaluation.baselines.items()},
        seconds=time.monotonic() - started,
    )


def forecast_counterparties(store: Store, *, chain_id: int, progress: Progress = SILENT) -> ForecastSummary:
    """Write the FORECASTS_A_GIVER most probable next receivers of active givers; earlier forecasts are withdrawn.

    Without a flow model for this chain nothing is written and the summary says so. Raises `StoreEmpty` when nothing
    was ingested and `MissingComponent` when the model's folder is gone.
    """
    started = time.monotonic()
    known = read_as_of(store, chain_id)
    model_id = latest_model(store, chain_id)
    if not model_id:
        skipped = (
            f"Chain {chain_id} has no flow model, so nothing was forecast. Train one: chainsight train flows."
        )
        progress.note(skipped)
        return ForecastSummary(
            chain_id, known.block_number, "", 0, 0, 0, time.monotonic() - started, skipped=skipped
        )
    ranker = open_model(model_id)
    history = build_history(read_events(store, known))
    moment = int(known.block_timestamp.timestamp()) + 1
    givers = active_givers(history, moment=moment)
    numbers, ranks, receivers, scores = _rank(ranker, history, givers.kept, moment=moment, progress=progress)
    addresses = store.query(load("flows/addresses"), chain_id=chain_id)["address"].combine_chunks()
    version = time.time_ns()
    rows = pa.table(
        {
            "chain_id": pa.repeat(pa.scalar(chain_id, pa.uint64()), len(numbers)),
            "address": addresses.take(pa.array(numbers)),
            "rank": pa.array(ranks, pa.uint16()),
            "counterparty": addresses.take(pa.array(receivers)),
            "score": pa.array(scores, pa.float64()),
            "model_id": pa.repeat(model_id, len(numbers)),
            "as_of_block": pa.repeat(pa.scalar(known.block_number, pa.uint64()), len(numbers)),
            "version": pa.repeat(pa.scalar(version, pa.uint64()), len(numbers)),
        }
    )
    store.insert("counterparty_forecasts", rows)
    store.command(load("flows/withdraw_forecasts"), chain_id=chain_id, version=version)
    return ForecastSummary(
        chain_id=chain_id,
        as_of_block=known.block_number,
        model_id=model_id,
        active_givers=givers.found,
        forecast_givers=len(np.unique(numbers)),
        rows=len(numbers),
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


def describe_lack(events: FlowEvents) -> str:
    """Why these payments are too few to learn from, as a sentence; empty when they are enough."""
    count = len(events.time)
    if count < _EVENTS_AT_LEAST:
        return f"{count:,} payments are too few for a flow model; it takes {_EVENTS_AT_LEAST:,}."
    hours = int(events.time[-1] - events.time[0]) / HOUR
    if hours < 1:
        return (
            f"Payments of {hours * 60:.0f} minutes are too short a time for a flow model; it takes an hour."
        )
    pairs = len(np.unique(events.giver.astype(np.int64) << 32 | events.receiver))
    if count - pairs < _REPEATS_AT_LEAST:
        return (
            f"Only {count - pairs:,} of {count:,} payments repeat an earlier pair; a flow model takes "
            f"{_REPEATS_AT_LEAST:,}."
        )
    return ""


def choose_parts(events: FlowEvents, counts: QuestionCounts, *, seed: int) -> FlowParts:
    """Cut by time at 70 % and 85 % of the payments and draw questions from each part, ascending in time."""
    first, second = np.searchsorted(
        events.time, [events.time[int(share * len(events.time))] for share in _SHARES]
    )
    bounds = (
        (0, first, counts.train),
        (first, second, counts.validation),
        (second, len(events.time), counts.test),
    )
    random = np.random.default_rng(seed)
    train, validation, test = (
        np.sort(low + random.choice(high - low, min(wanted, high - low), replace=False)).astype(np.int64)
        for low, high, wanted in bounds
    )
    return FlowParts(train, validation, test)


def describe_parts(
    history: FlowHistory, events: FlowEvents, parts: FlowParts, *, seed: int
) -> tuple[DescribedQuestions, DescribedQuestions, DescribedQuestions]:
    """The questions of the three parts, each with wrong answers of its own."""
    train, validation, test = (
        describe_events(history, events, chosen, seed=3 * seed + place)
        for place, chosen in enumerate((parts.train, parts.validation, parts.test))
    )
    return train, validation, test


def evaluate_ranker(
    ranker: FlowRanker, validation: DescribedQuestions, test: DescribedQuestions
) -> FlowEvaluation:
    """Ranker and baselines on the test questions; baselines choose their constants on the validation ones."""
    return FlowEvaluation(
        figures=evaluate_scores(ranker.score(test.features), test.questions),
        baselines={
            name: evaluate_scores(score_baseline(name, test.features, constants), test.questions)
            for name, constants in choose_baselines(validation).items()
        },
    )


def save_model(
    store: Store, ranker: FlowRanker, evaluation: FlowEvaluation, known: AsOf, *, events: int, seed: int
) -> str:
    """Put the ranker into the models folder and its row into the table; returns its id, a hash of its content."""
    text = ranker.booster.model_to_string()
    digest = hashlib.sha256(text.encode()).hexdigest()
    model_id = f"flows-{digest[:12]}"
    folder = settings().models_dir / model_id
    folder.mkdir(parents=True, exist_ok=True)
    ranker.save(folder / "model.txt")
    manifest = {
        "kind": "flows",
        "chain_id": known.chain_id,
        "as_of_block": known.block_number,
        "payments": events,
        "seed": seed,
        "features": list(FEATURES),
        "files": {"model.txt": digest},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    metrics: Mapping[str, object] = asdict(evaluation)
    row = {
        "model_id": model_id,
        "kind": "flows",
        "trained_at": time.time(),
        "chain_id": known.chain_id,
        "as_of_block": known.block_number,
        "metrics": json.dumps(metrics),
        "manifest": json.dumps(manifest),
        "state": "active",
    }
    store.load("models", json.dumps(row).encode())
    return model_id


def latest_model(store: Store, chain_id: int) -> str:
    """Id of the newest flow model of a chain that is not retired; empty without one."""
    rows = store.query(load("flows/latest_model"), chain_id=chain_id).to_pylist()
    return str(rows[0]["model_id"]) if rows else ""


def open_model(model_id: str) -> FlowRanker:
    """The ranker of this id; raises `MissingComponent` when its file is gone."""
    path: Path = settings().models_dir / model_id / "model.txt"
    if not path.is_file():
        raise MissingComponent(
            f"The file {path} of the flow model {model_id} is gone.",
            next_step="Train another one: chainsight train flows.",
        )
    return load_ranker(path)


def _rank(
    ranker: FlowRanker, history: FlowHistory, givers: NDArray[np.int32], *, moment: int, progress: Progress
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Giver, rank from 1, receiver and score of each forecast; a batch of givers at a time bounds the memory."""
    found: list[tuple[NDArray, NDArray, NDArray, NDArray]] = []
    for low in range(0, len(givers), _GIVERS_A_BATCH):
        progress.step(low, len(givers), "givers forecast")
        some = givers[low : low + _GIVERS_A_BATCH]
        candidates = propose_receivers(history, some, moment=moment)
        features = describe_candidates(history, some, np.full(len(some), moment, np.int64), candidates)
        scores = np.where(candidates < 0, -1.0, ranker.score(features))
        best = np.argsort(-scores, axis=1, kind="stable")[:, :FORECASTS_A_GIVER]
        chosen, score = np.take_along_axis(candidates, best, 1), np.take_along_axis(scores, best, 1)
        row, rank = np.nonzero(chosen >= 0)
        found.append(
            (some[row].astype(np.int64), rank + 1, chosen[row, rank].astype(np.int64), score[row, rank])
        )
    progress.step(len(givers), len(givers), "givers forecast")
    if not found:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing, np.zeros(0)
    giver, rank, receiver, score = (np.concatenate(column) for column in zip(*found, strict=True))
    return giver, rank, receiver, score
