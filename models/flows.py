"""Whom an address will probably pay next: a ranker over what is known of giver and candidate.

LambdaRank (Burges 2010) in LightGBM over models/flow_features.py. Baselines on the same questions: EdgeBank with unlimited
and with a time-window memory (Poursafaei et al. 2022), PopTrack-like decayed popularity (Daniluk and Dąbrowski 2023), and
recency, then popularity. Cut in time: the first 70 % of payments are past only, the next 15 % train, the last 15 % test.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from chainsight.progress import SILENT, Progress
from models.card import flow_card
from models.flow_features import (
    IN_COUNT,
    IN_WEEK,
    NAMES,
    PAIR_COUNT,
    PAIR_GAP,
    Ints,
    Payments,
    Questions,
    describe,
)
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

Floats = npt.NDArray[np.float64]
FEWEST_QUESTIONS = 200
NEGATIVES = 20
_TRAIN_QUESTIONS, _TEST_QUESTIONS = 30_000, 15_000
_WINDOW_SECONDS = 30 * 86_400
_ROUNDS = 200


@dataclass(frozen=True)
class TrainedFlows:
    """A ranker in a folder and what to tell about it."""

    about: dict[str, Any]
    card: str
    said: str


def read_payments(store: Store, *, chain_id: int, to_block: int) -> Payments:
    """All payments of a chain up to a block, in order of time."""
    found = store.query(load("queries/payments"), chain_id=chain_id, to_block=to_block)
    return Payments(
        *(found.column(name).to_numpy().astype(np.int64) for name in ("giver", "receiver", "moment"))
    )


def train_flow_model(
    store: Store, folder: Path, *, chain_id: int, seed: int = 0, progress: Progress = SILENT
) -> TrainedFlows | str:
    """Train and measure; returns why not when the chain has too few payments of returning givers."""
    started = time.monotonic()
    as_of = read_as_of(store, chain_id).block_number
    payments = read_payments(store, chain_id=chain_id, to_block=as_of)
    if len(payments.giver) < 10 * FEWEST_QUESTIONS:
        return f"{len(payments.giver)} payments are too few to learn whom givers pay next"
    progress.step(0, 3, "flow features")
    train = ask(payments, 0.70, 0.85, _TRAIN_QUESTIONS, seed=seed)
    test = ask(payments, 0.85, 1.0, _TEST_QUESTIONS, seed=seed + 1)
    if min(len(train.giver), len(test.giver)) < FEWEST_QUESTIONS:
        return (
            f"{min(len(train.giver), len(test.giver))} payments of returning givers are too few to learn from"
        )
    progress.step(1, 3, "flow ranker")
    booster = fit_ranker(describe(payments, train), seed=seed)
    progress.step(2, 3, "flow figures")
    metrics = measure_flows(booster, describe(payments, test), seed=seed)
    metrics |= {"train_events": len(train.giver), "test_events": len(test.giver)}
    booster.save_model(str(folder / "ranker.txt"))
    (folder / "features.json").write_text(json.dumps(list(NAMES)), encoding="utf-8")
    about = {
        "chain_id": chain_id, "as_of_block": as_of, "features": list(NAMES), "metrics": metrics,
        "parameters": {"rounds": _ROUNDS, "negatives": NEGATIVES, "seed": seed}, "seconds": time.monotonic() - started,
    }  # fmt: skip
    figures = metrics["figures"]
    said = (
        f"MRR {figures['mrr']:.3f} ({figures['mrr_low']:.3f}–{figures['mrr_high']:.3f}) among {NEGATIVES} others; "
        + ", ".join(f"{name} {values['mrr']:.3f}" for name, values in metrics["baselines"].items())
    )
    return TrainedFlows(about, flow_card(about), said)


def ask(payments: Payments, start: float, end: float, count: int, *, seed: int) -> Questions:
    """Real payments between two shares of all, as questions: the truth first, then up to half historical others.

    Only givers that paid somebody before are asked about. Historical negatives are the giver's earlier receivers, the
    rest are drawn from all receivers seen before `start`, the truth never among them.
    """
    draw = np.random.default_rng(seed)
    total = len(payments.giver)
    order = np.argsort(payments.giver, kind="stable")
    begins = np.searchsorted(payments.giver[order], np.arange(payments.nodes + 1))
    place_in_order = np.empty(total, dtype=np.int64)
    place_in_order[order] = np.arange(total)
    # How many payments the giver had made strictly before.
    earlier = place_in_order - begins[payments.giver]
    span = np.arange(int(start * total), int(end * total))
    span = span[earlier[span] > 0]
    chosen = np.sort(draw.choice(span, min(count, len(span)), replace=False)) if len(span) else span
    truth = payments.receiver[chosen]
    half = NEGATIVES // 2
    picks = (draw.random((len(chosen), half)) * earlier[chosen][:, None]).astype(np.int64)
    past = payments.receiver[order[begins[payments.giver[chosen]][:, None] + picks]]
    receivers = np.unique(payments.receiver[: max(int(start * total), 1)])
    anybody = receivers[draw.integers(0, len(receivers), (len(chosen), NEGATIVES - half))]
    others = np.concatenate([past, anybody], axis=1)
    spare = receivers[draw.integers(0, len(receivers), others.shape)]
    # A historical pick that is the truth or stands there already gives way to a random one.
    repeated = np.zeros(others.shape, dtype=np.bool_)
    for column in range(1, half):
        repeated[:, column] = (others[:, :column] == others[:, [column]]).any(axis=1)
    others = np.where(repeated | (others == truth[:, None]), spare, others)
    others = np.where(others == truth[:, None], -1, others)
    return Questions(
        payments.giver[chosen], payments.moment[chosen], np.concatenate([truth[:, None], others], axis=1)
    )


def fit_ranker(features: npt.NDArray[np.float32], *, seed: int) -> lgb.Booster:
    """A ranker of the candidates of each question; the first of each is the truth."""
    questions, slots, width = features.shape
    relevance = np.tile(np.arange(slots) == 0, questions).astype(np.int64)
    data = lgb.Dataset(
        features.reshape(-1, width), relevance, group=np.full(questions, slots), feature_name=list(NAMES)
    )
    chosen = {
        "objective": "lambdarank", "learning_rate": 0.08, "num_leaves": 31, "min_data_in_leaf": 50, "seed": seed,
        "feature_fraction": 0.8, "deterministic": True, "force_row_wise": True, "num_threads": 2, "verbosity": -1,
    }  # fmt: skip
    return lgb.train(chosen, data, num_boost_round=_ROUNDS)


def rank_scores(booster: lgb.Booster, features: npt.NDArray[np.float32]) -> Floats:
    """Scores in [0, 1], questions × candidates; -1 where there is no candidate."""
    questions, slots, width = features.shape
    raw = np.asarray(booster.predict(features.reshape(-1, width), num_threads=2), dtype=np.float64)
    scores = (1 / (1 + np.exp(-raw))).reshape(questions, slots)
    return np.where(np.isnan(features[:, :, PAIR_COUNT]), -1.0, scores)


def measure_flows(
    booster: lgb.Booster, features: npt.NDArray[np.float32], *, seed: int = 0
) -> dict[str, Any]:
    """Figures of the ranker and of each baseline on the same questions."""
    present = ~np.isnan(features[:, :, PAIR_COUNT])
    met = features[:, :, PAIR_COUNT] > 0
    gap = np.nan_to_num(features[:, :, PAIR_GAP], nan=np.inf)
    popular = features[:, :, IN_COUNT] / (1 + np.nanmax(features[:, :, IN_COUNT]))
    scores = {
        "EdgeBank": met.astype(float),
        "EdgeBank, 30 days": (met & (gap <= _WINDOW_SECONDS)).astype(float),
        "PopTrack": features[:, :, IN_WEEK].astype(float),
        "recency+popularity": np.where(met, 2 + 1 / (1 + gap), popular).astype(float),
    }
    is_new = ~met[:, 0]
    baselines = {
        name: _figures(np.where(present, score, -1.0), is_new, seed) for name, score in scores.items()
    }
    return {"figures": _figures(rank_scores(booster, features), is_new, seed), "baselines": baselines}


def _figures(scores: Floats, is_new: npt.NDArray[np.bool_], seed: int) -> dict[str, float]:
    # Ties count half: a score that says nothing gets the middle of the list, not its head.
    rank = 1 + (scores[:, 1:] > scores[:, :1]).sum(1) + 0.5 * (scores[:, 1:] == scores[:, :1]).sum(1)
    draw = np.random.default_rng(seed)
    means = [float(np.mean(1 / rank[draw.integers(0, len(rank), len(rank))])) for _ in range(300)]
    return {
        "mrr": float(np.mean(1 / rank)),
        "mrr_low": float(np.quantile(means, 0.025)),
        "mrr_high": float(np.quantile(means, 0.975)),
        "mrr_new_pairs": float(np.mean(1 / rank[is_new])) if is_new.any() else float("nan"),
        "new_pair_share": float(is_new.mean()),
        "hits_10": float(np.mean(rank <= 10)),
        "ndcg_10": float(np.mean(np.where(rank <= 10, 1 / np.log2(1 + rank), 0))),
    }


def forecast(
    booster: lgb.Booster, payments: Payments, *, top: int = 5, senders: int = 20_000, fewest: int = 3
) -> tuple[Ints, Ints, Floats]:
    """The `top` candidates of the most active givers now: givers (n), candidates (n × top), scores (n × top).

    Candidates are the giver's last 20 different receivers and the 10 most popular of late.
    """
    sent = np.bincount(payments.giver, minlength=payments.nodes)
    active = np.argsort(-sent, kind="stable")[:senders]
    active = np.sort(active[sent[active] >= fewest])
    now = int(payments.moment.max()) + 1
    late = payments.receiver[-max(1000, len(payments.receiver) // 50) :]
    popular = np.argsort(-np.bincount(late, minlength=payments.nodes), kind="stable")[:10]
    order = np.argsort(payments.giver, kind="stable")
    begins = np.searchsorted(payments.giver[order], np.arange(payments.nodes + 1))
    candidates = np.full((len(active), 30), -1, dtype=np.int64)
    for row, giver in enumerate(active):
        past = payments.receiver[order[begins[giver] : begins[giver + 1]]][::-1][:2000]
        latest = list(dict.fromkeys(past.tolist()))[:20]
        named = latest + [p for p in popular.tolist() if p != giver and p not in latest]
        candidates[row, : len(named)] = named
    scores = rank_scores(
        booster, describe(payments, Questions(active, np.full(len(active), now), candidates))
    )
    best = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    return active, np.take_along_axis(candidates, best, 1), np.take_along_axis(scores, best, 1)
