"""What the wallet model is worth under each way to cut the accounts: `chainsight bench protocols --data DIR`.

The same recipe under each, features and words over two hops, beside one flat LightGBM on own features; seeds, nothing tuned.

random                 a fifth by hash of the address
by first funder,       the same fifths, but accounts of one first funder, or of one top receiver, are never on both sides
by top receiver
without SOURCE         illicit accounts that this source alone names are judged by a model that learnt from the other's
in time                learnt from accounts as they were when 2019 began, if their label was known by then: a quarter after their
                       first day, so that is the gap, too; judged: accounts first seen later beside a fifth of the licit
strictly inductive     the same, but those who learn are described in histories without a transaction of a judged account

Whoever is judged is described with the whole graph. Nobody who is judged is learnt from; thresholds are those of the accounts
learnt from (the recipe's of members that had not seen them, the flat one's of a fifth kept apart). Shares of illicit accounts
differ between cuts, and F1 and average precision with them; AUC does not.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from bench.accounts import CHAIN, accounts_store
from bench.unseen import write_unseen
from bench.wallet_audit import groups_of
from chainsight.errors import UsageError
from chainsight.settings import settings
from models.evaluate import choose_threshold, f1_at
from models.features.build import build_features
from models.features.matrix import FAR_GROUPS, NEAR_GROUPS, OWN_GROUPS, read_features
from models.labelled import first_seen_of, labelled_rows
from models.splits import Split, split_by_group, split_by_hash, split_by_source, split_by_time
from models.wallets.ensemble import hear
from models.wallets.job import RECIPES, Task
from models.wallets.trees import WalletTrees
from models.wallets.words import read_words
from sql.files import load
from sql.store import Store

SEEDS = (0, 1, 2)
RECIPE = "two hops"
START_OF_2019 = 1_546_300_800
_DAY = 86_400
DELAY = 90 * _DAY
_REACH = (OWN_GROUPS, NEAR_GROUPS, FAR_GROUPS)
_DRAWS = 200
KEYS = ("f1", "average_precision", "auc")
Run = tuple[float, np.ndarray]
"""A threshold, and scores of the judged accounts."""


@dataclass(frozen=True)
class World:
    """Labelled accounts, described three times."""

    whole: Task
    """As of the end."""
    then: Task
    """As 2019 began."""
    unseen: Task
    """As 2019 began, in histories without those that are judged after it."""
    source: np.ndarray
    """Who named each account; several are joined by +."""
    groups: dict[str, np.ndarray]


@dataclass(frozen=True)
class Cut:
    """One way to divide them; `learners` is how those are described that are learnt from."""

    name: str
    split: Split
    learners: Task


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Every cut with its figures, beside the flat baseline's."""
    if test is not None:
        raise UsageError("The cuts divide one folder.", next_step="Leave out --test; bench wallets takes one.")
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    world = read_world(folder)
    read = time.monotonic()
    rows = against_random([judge(cut, world.whole) for cut in cuts_of(world)])
    return {
        "name": "protocols",
        "data": f"{folder.name}: {len(world.whole.labels)} labelled accounts",
        "figures": _figures(rows, "shipped"),
        "baselines": {"flat LightGBM": _figures(rows, "flat")},
        "rows": rows,
        "seconds_of_parts": {"stores, features": read - started, "seeds": time.monotonic() - read},
        "seconds": time.monotonic() - started,
    }


def read_world(folder: Path) -> World:
    """Ingest a folder, and once more without those that are judged after 2018; accounts without a move are left out."""
    with accounts_store(folder) as store:
        build_features(store, chain_id=CHAIN)
        matrix = read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)
        labelled, until = labelled_rows(store, matrix, chain_id=CHAIN), matrix.as_of_block
        del matrix
        seen = first_seen_of(store, labelled.addresses, chain_id=CHAIN, to_block=until)
        whole = describe(store, labelled.addresses, labelled.labels, seen)
        groups = groups_of(store, whole.addresses, until)
        found = store.query(load("queries/block_before"), chain_id=CHAIN, moment=START_OF_2019).to_pylist()
        build_features(store, chain_id=CHAIN, to_block=int(found[0]["block_number"]) if found else 0)
        then = describe(store, whole.addresses, whole.labels, seen)
    judged = in_time(whole).test
    with tempfile.TemporaryDirectory(prefix="chainsight-unseen-") as unseen:
        held = {address for address, one in zip(whole.addresses, judged, strict=True) if one}
        write_unseen(folder, Path(unseen), held, START_OF_2019)
        with accounts_store(Path(unseen)) as store:
            build_features(store, chain_id=CHAIN)
            alone = describe(store, whole.addresses, whole.labels, seen)
    return World(whole, then, alone, sources_of(folder, whole.addresses), groups)


def describe(store: Store, addresses: Sequence[bytes], labels: np.ndarray, first_seen: np.ndarray) -> Task:
    """Accounts as the feature tables have them now, rows of NaN for those that are not there."""
    names: list[str] = []
    parts, reach, until = [], [], 0
    for groups in _REACH:
        matrix = read_features(store, chain_id=CHAIN, groups=groups)
        parts.append(matrix.values_of(addresses))
        names += matrix.names
        reach.append(len(names))
        until = matrix.as_of_block
    words = read_words(store, addresses, chain_id=CHAIN, to_block=until)
    return Task(tuple(addresses), labels, first_seen, np.hstack(parts), tuple(names), tuple(reach), words, seed=0)


def sources_of(folder: Path, addresses: Sequence[bytes]) -> np.ndarray:
    """Who named each account, as the folder's list of labels says; empty where it says nothing."""
    listed = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("labels*.csv"))])
    known = dict(zip(listed["account"].str.lower(), listed["source"].astype(str), strict=True))
    return np.array([known.get(f"0x{address.hex()}", "") for address in addresses])


def cuts_of(world: World) -> list[Cut]:
    """All of them; a source is held out where it is not the only one of illicit accounts."""
    whole = world.whole
    illicit = whole.labels == 1
    cuts = [Cut("random", split_by_hash(whole.addresses), whole)]
    for name, numbers in world.groups.items():
        split = split_by_group(whole.addresses, numbers.tolist())
        cuts.append(Cut(f"by {name.replace('_', ' ')}", split, whole))
    for name in np.unique(world.source[illicit]):
        from_source = illicit & (world.source == name)
        if name and "+" not in name and not from_source[illicit].all():
            cuts.append(Cut(f"without {name}", split_by_source(whole.addresses, whole.labels, from_source), whole))
    later = in_time(whole)
    return [*cuts, Cut("in time", later, world.then), Cut("strictly inductive", later, world.unseen)]


def in_time(accounts: Task) -> Split:
    """Late accounts judged by early ones; the licit ones all begin early, so a fifth of them is judged beside."""
    beside = split_by_hash(accounts.addresses).test & (accounts.labels == 0)
    known_at = accounts.first_seen + DELAY
    return split_by_time(accounts.addresses, accounts.first_seen, START_OF_2019, known_at=known_at, held=beside)


def judge(cut: Cut, whole: Task) -> dict[str, Any]:
    """The figures of one cut: of the recipe that ships, and of the flat baseline."""
    learnt = cut.split.learnt & (cut.learners.moves > 0)
    learn, judged = cut.learners.take(learnt), whole.take(cut.split.test)
    return {
        "cut": cut.name,
        "learnt": len(learn.labels),
        "learnt_illicit": int(learn.labels.sum()),
        "judged": len(judged.labels),
        "judged_illicit": int(judged.labels.sum()),
        "shipped": measure_runs(judged.labels, shipped_runs(learn, judged)),
        "flat": measure_runs(judged.labels, flat_runs(learn, cut.split.validation[learnt], judged)),
    }


def shipped_runs(learn: Task, judged: Task) -> list[Run]:
    """Of every seed; words are heard once."""
    recipe = RECIPES[RECIPE]
    heard = hear(learn.words, learn.labels, learn.addresses)
    told = heard.of(judged.words)
    runs = []
    for seed in SEEDS:
        ensemble = recipe.fit(replace(learn, seed=seed), heard)
        scores = ensemble.scores(judged.rows[:, : recipe.columns(judged)], told)
        runs.append((choose_threshold(learn.labels, ensemble.held), scores))
    return runs


def flat_runs(learn: Task, apart: np.ndarray, judged: Task) -> list[Run]:
    """One LightGBM a seed on own features; those set `apart` choose its threshold."""
    own = learn.reach[0]
    runs = []
    for seed in SEEDS:
        trees = WalletTrees().fit(learn.rows[~apart, :own], learn.labels[~apart], names=learn.names[:own], seed=seed)
        threshold = choose_threshold(learn.labels[apart], trees.scores(learn.rows[apart, :own]))
        runs.append((threshold, trees.scores(judged.rows[:, :own])))
    return runs


def measure_runs(labels: np.ndarray, runs: Sequence[Run]) -> dict[str, float]:
    """Means over the seeds, and the ends of their 95 % intervals over accounts drawn with replacement."""
    found = dict(zip(KEYS, _means(labels, runs), strict=True))
    draw = np.random.default_rng(0)
    drawn = []
    for _ in range(_DRAWS):
        rows = draw.integers(0, len(labels), len(labels))
        if 0 < labels[rows].sum() < len(rows):
            drawn.append(_means(labels[rows], [(threshold, scores[rows]) for threshold, scores in runs]))
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    for place, name in enumerate(KEYS):
        found |= {f"{name}_low": float(low[place]), f"{name}_high": float(high[place])}
    return found


def _means(labels: np.ndarray, runs: Sequence[Run]) -> tuple[float, ...]:
    figures = [
        (
            f1_at(labels, scores, threshold),
            float(average_precision_score(labels, np.nan_to_num(scores, nan=-1.0))),
            float(roc_auc_score(labels, np.nan_to_num(scores, nan=-1.0))),
        )
        for threshold, scores in runs
    ]
    return tuple(np.mean(figures, axis=0).tolist())


def against_random(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with what each row loses against the first."""
    for row in rows:
        for of in ("shipped", "flat"):
            row[of] |= {f"{name}_drop": rows[0][of][name] - row[of][name] for name in KEYS}
    return rows


def _figures(rows: Sequence[dict[str, Any]], of: str) -> dict[str, float]:
    return {f"{row['cut']}: {name}": row[of][name] for row in rows for name in KEYS}
