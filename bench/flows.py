"""How well next counterparties are ranked on account histories, cut in time, beside four heuristics.

Protocol: models/flows/questions.py (TGB tgbl-coin's: the true receiver among 20, half of them earlier receivers). Trees
learn from the first 70 % of the payments, their number and the heuristics' constants come from the next 15 %, figures
from the last 15 %; every feature ends before the second asked about. With `test` the last part of the second folder's
payments is asked instead, all of it later than what was learned from, and nothing is refitted.

Read mrr_labelled_givers beside mrr: the histories are whole for labelled accounts only, and every payment has one of
them at an end. A giver without a label is there because its receiver has one, so popularity finds that receiver; only
labelled givers choose among receivers as they do on the chain.

Each figure is the mean over seeds, which draw questions, wrong answers and trees anew; `*_spread` is the standard
deviation between them, `mrr_low` and `mrr_high` the 95 % bootstrap interval over givers, averaged over seeds.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.machine import describe_machine
from chainsight.errors import DataCheckError
from chainsight.settings import settings
from ingest.tables import ingest_tables
from models.flows.evaluation import (
    QuestionCounts,
    choose_parts,
    describe_lack,
    describe_parts,
    score_all,
)
from models.flows.history import FlowEvents, FlowHistory, build_history
from models.flows.questions import FlowQuestions, rank_truth, summarise_ranks
from models.flows.ranker import DescribedQuestions, describe_events, fit_ranker
from models.flows.training import read_events
from sql.as_of import read_as_of
from sql.files import load
from sql.migrate import migrate
from sql.store import open_store

SEEDS = (0, 1, 2)
_CHAIN = 1
_COUNTS = QuestionCounts(train=20_000, validation=10_000, test=30_000)
_DRAWS = 200


@dataclass(frozen=True)
class _World:
    """The payments of one folder."""

    events: FlowEvents
    history: FlowHistory
    labelled: NDArray[np.int32]
    """Addresses with whole histories."""


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Figures of the ranker and of four baselines, the same keys in each."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    world = _read(folder)
    other = _read(test) if test is not None else None
    rows: dict[str, list[dict[str, float]]] = {}
    for seed in SEEDS:
        for name, figures in _one_seed(world, other, seed).items():
            rows.setdefault(name, []).append(figures)
    summary = {name: _summarise(figures) for name, figures in rows.items()}
    return {
        "name": "flows",
        "data": str(folder) if test is None else f"{folder}, tested on {test}",
        "figures": summary.pop("ranker"),
        "baselines": summary,
        "seconds": round(time.monotonic() - started, 1),
        "machine": describe_machine(),
    }


def _one_seed(world: _World, other: _World | None, seed: int) -> dict[str, dict[str, float]]:
    parts = choose_parts(world.events, _COUNTS, seed=seed)
    train, validation, test = describe_parts(world.history, world.events, parts, seed=seed)
    ranker = fit_ranker(train, validation, seed=seed)
    del train
    asked = world
    if other is not None:
        learned_until = int(validation.questions.time.max())
        asked, test = other, _later_questions(other, learned_until, seed=seed)
    return {
        name: _figures(rank_truth(scores, test.questions.candidates), test.questions, asked.labelled, seed)
        for name, scores in score_all(ranker, validation, test).items()
    }


def _later_questions(other: _World, learned_until: int, *, seed: int) -> DescribedQuestions:
    """Questions from the second folder's last part, if need be only from those after what was learned from."""
    events = other.events
    chosen = choose_parts(events, _COUNTS, seed=seed).test
    chosen = chosen[events.time[chosen] > learned_until]
    if not len(chosen):
        raise DataCheckError(
            "No payment of the test folder is later than what was learned from.",
            next_step="Give a test folder that reaches later in time.",
        )
    return describe_events(other.history, events, chosen, seed=3 * seed + 2)


def _figures(
    ranks: NDArray[np.float64], questions: FlowQuestions, labelled: NDArray[np.int32], seed: int
) -> dict[str, float]:
    whole = np.isin(questions.giver, labelled)
    low, high = _interval(1.0 / ranks, questions.giver, seed)
    return asdict(summarise_ranks(ranks, questions.is_new_pair)) | {
        "mrr_labelled_givers": float((1.0 / ranks[whole]).mean()) if whole.any() else float("nan"),
        "mrr_other_givers": float((1.0 / ranks[~whole]).mean()) if not whole.all() else float("nan"),
        "mrr_low": low,
        "mrr_high": high,
        "new_pair_share": float(questions.is_new_pair.mean()),
        "labelled_giver_share": float(whole.mean()),
        "questions": float(len(questions)),
    }


def _interval(values: NDArray[np.float64], giver: NDArray[np.int32], seed: int) -> tuple[float, float]:
    """95 % interval of the mean when givers, with all their questions, are drawn with replacement."""
    groups, group = np.unique(giver, return_inverse=True)
    sums, counts = np.bincount(group, values), np.bincount(group)
    random = np.random.default_rng(seed)
    means = []
    for _ in range(_DRAWS):
        drawn = random.integers(0, len(groups), len(groups))
        means.append(sums[drawn].sum() / counts[drawn].sum())
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def _summarise(figures: list[dict[str, float]]) -> dict[str, float]:
    mean = {name: float(np.mean([row[name] for row in figures])) for name in figures[0]}
    spread = {
        f"{name}_spread": float(np.std([row[name] for row in figures], ddof=1))
        for name in ("mrr", "mrr_new_pairs", "hits_10", "ndcg_10", "mrr_labelled_givers")
    }
    return {name: round(value, 4) for name, value in (mean | spread).items()}


def _read(folder: Path) -> _World:
    """Take the folder through ingest in a store of its own, and number its addresses."""
    with tempfile.TemporaryDirectory(prefix="flows-") as scratch:
        store = open_store(f"chdb://{scratch}/store")
        try:
            migrate(store)
            ingest_tables(store, folder, chain_id=_CHAIN)
            known = read_as_of(store, _CHAIN)
            # Payments need numbers for addresses, and nothing else that the transforms derive.
            bounds = {"chain_id": _CHAIN, "to_block": known.block_number, "version": time.time_ns()}
            store.command(load("transforms/addresses"), **bounds)
            events = read_events(store, known)
            labelled = store.query(load("flows/labelled_givers"), chain_id=_CHAIN)["address_id"].to_numpy()
        finally:
            store.close()
    lacking = describe_lack(events)
    if lacking:
        raise DataCheckError(f"{folder}: {lacking}", next_step="Give a folder with longer histories.")
    return _World(events, build_history(events), labelled.astype(np.int32))
