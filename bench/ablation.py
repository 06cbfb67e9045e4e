"""What each channel adds to the wallet model: `chainsight bench ablation [--data DIR]` on real account histories.

Columns are added step by step: own features, words, sequence encoder, neighbours over one hop and two, pattern counts, multigraph
encoder. Trees of five seeds learn from the fit part of the hash split; the threshold, and what a step gains over the one before
(paired bootstrap of average precision), come from validation, F1 and average precision from the test fifth. A step ships when
the whole interval of its gain lies above 0. Encoders learn once, with one seed, from the fit part alone
(bench/ablation_columns.py). Beside the steps: plain GCN and GraphSAGE on the same sampled trees, each encoder alone, and
channels that know no label.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench.accounts import CHAIN, accounts_store
from chainsight.child import run_child
from chainsight.errors import UsageError
from chainsight.settings import settings
from models.anomalies import Anomalies
from models.baselines import isolation_forest, leak_alarm
from models.certainty.calibration import log_odds
from models.encoders.moves import write_graph
from models.evaluate import choose_threshold, measure, paired_gain
from models.features.build import build_features
from models.features.matrix import FAR_GROUPS, NEAR_GROUPS, OWN_GROUPS, read_features
from models.labelled import first_seen_of, labelled_rows
from models.sequences.stored import read_histories
from models.splits import Split, split_by_hash
from models.wallets.trees import TreeParameters, WalletTrees, grow_each
from models.wallets.words import OWN, WordScores, read_words
from sql.store import Store

SEEDS = (0, 1, 2, 3, 4)
GROUPS = {
    "own features": OWN_GROUPS,
    "neighbours, one hop": NEAR_GROUPS,
    "neighbours, two hops": FAR_GROUPS,
    "pattern counts": ("address_pattern_features",),
}
_KEYS = ("f1", "average_precision", "auc", "recall_at_1pct")


@dataclass(frozen=True)
class World:
    """Labelled accounts, one entry or row each."""

    addresses: tuple[bytes, ...]
    labels: np.ndarray
    first_seen: np.ndarray
    groups: dict[str, np.ndarray]
    """Columns by step."""
    anomaly: np.ndarray
    """By ECOD, among all addresses of the chain."""


@dataclass(frozen=True)
class Judged:
    """What the trees of one step say."""

    name: str
    figures: dict[str, float]
    scores: np.ndarray
    """Mean log-odds over the seeds, of every account."""


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Every step with its figures, and what it gains over the one before."""
    if test is not None:
        raise UsageError("The ablation has no second folder.", next_step="Leave out --test; bench wallets takes one.")
    began = time.monotonic()
    folder = data or settings().data / "accounts"
    with tempfile.TemporaryDirectory(prefix="ablation-") as scratch:
        world = read_world(folder, Path(scratch))
        read = time.monotonic()
        run_child("bench.ablation_columns", [scratch], log=Path(scratch) / "columns.log")
        learnt = {name: column for name, column in np.load(Path(scratch) / "columns.npz").items()}
        about = json.loads((Path(scratch) / "about.json").read_text(encoding="utf-8"))
    split = split_by_hash(world.addresses)
    columns = columns_of(world, split, learnt)
    trees = time.monotonic()
    steps = judge_steps(columns, world.labels, split)
    flat = {"own": np.hstack([columns["own features"], columns["words"]]), "encoder": columns["multigraph encoder"]}
    beside_own = gains_of(judge_steps(flat, world.labels, split), world.labels, split)["encoder"]
    gains = gains_of(steps, world.labels, split)
    return {
        "name": "ablation",
        "data": f"{folder.name}: {int(split.fit.sum())} accounts to fit, {int(split.validation.sum())} to choose, "
        f"{int(split.test.sum())} to judge (hash fifth)",
        "figures": steps[-1].figures,
        "baselines": {step.name: step.figures for step in steps[:-1]} | alone(world, split, learnt),
        "gains_on_validation": gains | {"multigraph encoder over own + words": beside_own},
        "verdict": verdict(gains["multigraph encoder"]),
        "few_labels": about["few_labels"],
        "seconds_of_parts": {"store, features": read - began, **about["seconds"], "trees": time.monotonic() - trees},
        "seconds": time.monotonic() - began,
    }  # fmt: skip


def read_world(folder: Path, scratch: Path) -> World:
    """Ingest a folder; write what the child reads to `scratch`."""
    with accounts_store(folder) as store:
        build_features(store, chain_id=CHAIN)
        matrix = read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)
        labelled = labelled_rows(store, matrix, chain_id=CHAIN)
        addresses, until = labelled.addresses, matrix.as_of_block
        write_graph(store, matrix, scratch / "graph", chain_id=CHAIN)
        _write_histories(store, addresses, scratch, until)
        strange = Anomalies().fit(matrix.values, np.zeros(len(matrix.values), np.int64), names=matrix.names)
        groups = {"own features": matrix.values[labelled.rows]}
        anomaly = strange.predict(groups["own features"])
        del matrix
        for name, tables in list(GROUPS.items())[1:]:
            groups[name] = np.hstack(
                [read_features(store, chain_id=CHAIN, groups=(t,)).values_of(addresses) for t in tables]
            )
        words = read_words(store, addresses, chain_id=CHAIN, to_block=until)
        seen = first_seen_of(store, addresses, chain_id=CHAIN, to_block=until)
    fit = split_by_hash(addresses).fit
    groups["words"] = WordScores().fit(words, labelled.labels, addresses, fit)
    np.savez(scratch / "accounts.npz", addresses=np.array([a.hex() for a in addresses]), labels=labelled.labels)
    return World(addresses, labelled.labels, seen, groups, anomaly)  # fmt: skip


def columns_of(world: World, split: Split, learnt: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What each step adds, in the order of the steps."""
    groups = world.groups
    return {
        "own features": groups["own features"],
        "words": groups["words"][:, :OWN],
        "sequence encoder": learnt["sequence"][:, None],
        "neighbours, one hop": np.hstack([groups["neighbours, one hop"], groups["words"][:, OWN:]]),
        "neighbours, two hops": groups["neighbours, two hops"],
        "pattern counts": groups["pattern counts"],
        "multigraph encoder": learnt["multigraph"][:, None],
    }


def judge_steps(
    columns: dict[str, np.ndarray], labels: np.ndarray, split: Split, *,
    parameters: TreeParameters | None = None, seeds: Sequence[int] = SEEDS,
) -> list[Judged]:  # fmt: skip
    """Trees on the columns of each step and of all before it; means over seeds, and the deviation of F1 and precision."""
    found, rows = [], np.empty((len(labels), 0), np.float32)
    for name, more in columns.items():
        rows = np.hstack([rows, more.astype(np.float32)])
        names = tuple(f"f{number}" for number in range(rows.shape[1]))
        learnt, known = rows[split.fit], labels[split.fit]
        grown = grow_each([partial(WalletTrees(parameters).fit, learnt, known, names=names, seed=s) for s in seeds])
        told = [trees.scores(rows) for trees in grown]
        runs = [_figures(labels, scores, split) for scores in told]
        figures = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
        figures |= {f"{key}_deviation": float(np.std([run[key] for run in runs])) for key in _KEYS[:2]}
        found.append(Judged(name, figures, np.mean([log_odds(scores) for scores in told], axis=0)))
    return found


def gains_of(steps: Sequence[Judged], labels: np.ndarray, split: Split) -> dict[str, dict[str, float]]:
    """What each step but the first gains in average precision on validation over the step before."""
    held = split.validation
    found = {}
    for before, after in pairwise(steps):
        gain, low, high = paired_gain(labels[held], before.scores[held], after.scores[held])
        found[after.name] = {"gain": gain, "low": low, "high": high}
    return found


def verdict(gain: dict[str, float]) -> str:
    """Did the GNN earn its place?"""
    earned = "earned its place" if gain["low"] > 0 else "did not earn its place"
    return (
        f"The GNN {earned} beside trees on neighbours: {gain['gain']:+.4f} average precision on validation "
        f"({gain['low']:+.4f} to {gain['high']:+.4f})."
    )


def alone(world: World, split: Split, learnt: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Encoders and channels without trees, and the clock."""
    flat = world.groups["own features"]
    scores = {
        "sequence encoder alone": learnt["sequence"],
        "multigraph encoder alone": learnt["multigraph"],
        "GCN alone": learnt["GCN"],
        "GraphSAGE alone": learnt["GraphSAGE"],
        "isolation forest (no label)": isolation_forest(flat, split.fit),
        "ECOD (no label)": world.anomaly,
        "graph autoencoder (no label)": learnt["structure"],
        "first_ts alone": leak_alarm(world.first_seen, split.fit, world.labels),
    }
    # Who has nothing that a channel could judge is the least suspicious to it.
    return {name: _figures(world.labels, np.nan_to_num(one, nan=np.nanmin(one)), split) for name, one in scores.items()}


def _figures(labels: np.ndarray, scores: np.ndarray, split: Split) -> dict[str, float]:
    threshold = choose_threshold(labels[split.validation], scores[split.validation])
    held = measure(labels[split.validation], scores[split.validation], threshold)
    found = measure(labels[split.test], scores[split.test], threshold).as_dict()
    return {key: found[key] for key in _KEYS} | {"validation_average_precision": held.average_precision}


def _write_histories(store: Store, addresses: tuple[bytes, ...], scratch: Path, until: int) -> None:
    found, histories = read_histories(store, chain_id=CHAIN, to_block=until, addresses=addresses)
    assert histories is not None  # ingest refuses a folder without transactions
    place = {address: number for number, address in enumerate(addresses)}
    who = np.array([place[address] for address in found], dtype=np.int64)
    np.savez(
        scratch / "histories.npz", who=who, amounts=histories.amounts, directions=histories.directions,
        gaps=histories.gaps, offsets=histories.offsets,
    )  # fmt: skip
