"""The wallet model on real account histories: `chainsight bench wallets --data DIR`.

Scored on the fifth of the accounts that a hash of the address picks; with --test on all accounts of that folder that --data
does not have, by what was fitted on --data. Figures are means over seeds. `f1`, `average_precision`, `auc` and
`recall_at_1pct` come from an account's own behaviour alone: no time, no fees, no neighbours.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.accounts import CHAIN, accounts_store
from chainsight.settings import settings
from models.baselines import degree_rule, isolation_forest, leak_alarm, logistic
from models.evaluate import choose_threshold, measure
from models.features.build import build_features
from models.features.matrix import ALL_GROUPS, OWN_GROUPS, WHOLE_LIFE, feature_names, read_features
from models.splits import Split, split_by_hash, split_by_time
from models.train import first_seen_of, labelled_rows
from models.wallets.trees import WalletTrees
from sql.files import load
from sql.store import Store

SEEDS = (0, 1, 2)
_THIRTY_DAYS = 30 * 86_400
_START_OF_2019 = 1_546_300_800


@dataclass(frozen=True)
class Accounts:
    """Labelled accounts of one folder under several views of their features."""

    addresses: tuple[bytes, ...]
    labels: np.ndarray
    first_seen: np.ndarray
    names: tuple[str, ...]
    own: int
    rows: np.ndarray
    young: np.ndarray
    """Own features of the first 30 days of each life."""
    before_2019: np.ndarray
    """Own features as they were at the end of 2018."""

    def take(self, kept: np.ndarray) -> Accounts:
        """Some of the accounts."""
        addresses = tuple(a for a, keep in zip(self.addresses, kept, strict=True) if keep)
        arrays = (self.rows[kept], self.young[kept], self.before_2019[kept])
        return Accounts(addresses, self.labels[kept], self.first_seen[kept], self.names, self.own, *arrays)


def read_accounts(folder: Path) -> Accounts:
    """Ingest a folder and build every view; accounts without a move are left out."""
    with accounts_store(folder) as store:
        build_features(store, chain_id=CHAIN)
        matrix = read_features(store, chain_id=CHAIN, groups=ALL_GROUPS)
        labelled = labelled_rows(store, matrix, chain_id=CHAIN)
        own = sum(len(feature_names(store, group)) for group in OWN_GROUPS)
        seen = first_seen_of(store, labelled.addresses, chain_id=CHAIN, to_block=matrix.as_of_block)
        rows, names = matrix.values[labelled.rows], matrix.names
        del matrix
        young = _view(store, labelled.addresses, life_seconds=_THIRTY_DAYS)
        block = store.query(load("queries/block_before"), chain_id=CHAIN, moment=_START_OF_2019).to_pylist()[0]
        before = _view(store, labelled.addresses, to_block=int(block["block_number"]))
    return Accounts(labelled.addresses, labelled.labels, seen, names, own, rows, young, before)


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Train on `data`, score on its held-out fifth or on `test`."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    here = read_accounts(folder)
    if test is None:
        held = split_by_hash(here.addresses).test
        learn, judged = here.take(~held), here.take(held)
    else:
        known = set(here.addresses)
        there = read_accounts(test)
        learn = here
        judged = there.take(np.array([address not in known for address in there.addresses]))
    runs = [score_once(learn, judged, seed) for seed in SEEDS]
    figures = {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}
    spread = {f"{name}_deviation": float(np.std([run[name] for run in runs])) for name in ("f1", "average_precision")}
    return {
        "name": "wallets",
        "data": f"{folder.name}: {len(learn.labels)} accounts to learn, {len(judged.labels)} to judge"
        + (f" ({test.name})" if test else " (hash fifth)"),
        "figures": figures | spread,
        "baselines": baselines(learn, judged),
        "seconds": time.monotonic() - started,
    }


def score_once(learn: Accounts, judged: Accounts, seed: int) -> dict[str, float]:
    """All figures of one seed."""
    own = slice(0, learn.own)
    main = _fit_and_measure(learn, learn.rows[:, own], judged.rows[:, own], judged.labels, seed)
    graph = _fit_and_measure(learn, learn.rows, judged.rows, judged.labels, seed)
    young = _fit_and_measure(learn, learn.young, judged.young, judged.labels, seed)
    return {
        "f1": main["f1"],
        "average_precision": main["average_precision"],
        "auc": main["auc"],
        "recall_at_1pct": main["recall_at_1pct"],
        "brier": main["brier"],
        "f1_low": main["f1_low"],
        "f1_high": main["f1_high"],
        "graph_f1": graph["f1"],
        "graph_average_precision": graph["average_precision"],
        "f1_first_30_days": young["f1"],
        **_after_2019(learn, judged, seed),
        "leak_alarm_f1": _leak_alarm(learn, judged)["f1"],
    }


def baselines(learn: Accounts, judged: Accounts) -> dict[str, dict[str, float]]:
    """What needs no boosted tree, on the same accounts."""
    rows = np.concatenate([learn.rows[:, : learn.own], judged.rows[:, : learn.own]])
    labels = np.concatenate([learn.labels, judged.labels])
    fit_on = np.arange(len(labels)) < len(learn.labels)
    inner = split_by_hash_inside(learn)
    fit_on[: len(learn.labels)] = inner.fit
    scores = {
        "degree rule": degree_rule(rows, learn.names, fit_on, labels),
        "logistic regression": logistic(rows, fit_on, labels),
        "isolation forest": isolation_forest(rows, fit_on),
    }
    found = {"first_ts alone": _leak_alarm(learn, judged)}
    for name, score in scores.items():
        threshold = choose_threshold(learn.labels[inner.validation], score[: len(learn.labels)][inner.validation])
        found[name] = measure(judged.labels, score[len(learn.labels) :], threshold).as_dict()
    keys = ("f1", "average_precision", "auc", "recall_at_1pct")
    return {name: {key: values[key] for key in keys} for name, values in found.items()}


def split_by_hash_inside(learn: Accounts) -> Split:
    """Fit and validation of accounts none of which is judged; what the hash calls test helps to fit."""
    split = split_by_hash(learn.addresses)
    return Split(fit=~split.validation, validation=split.validation, test=split.test & False)


def _fit_and_measure(
    learn: Accounts, rows: np.ndarray, judged: np.ndarray, labels: np.ndarray, seed: int
) -> dict[str, float]:
    split = split_by_hash_inside(learn)
    model = WalletTrees().fit(rows[split.fit], learn.labels[split.fit], names=_columns(rows), seed=seed)
    raw = model.scores(rows[split.validation])
    threshold = choose_threshold(learn.labels[split.validation], raw)
    figures = measure(labels, model.scores(judged), threshold).as_dict()
    calibrated = model.calibrate(rows[split.validation], learn.labels[split.validation]).predict(judged)
    return {**figures, "brier": measure(labels, np.nan_to_num(calibrated, nan=0.5), 0.5).brier}


def _after_2019(learn: Accounts, judged: Accounts, seed: int) -> dict[str, float]:
    """Learn from accounts first seen before 2019, as they were then; judge all others that came after."""
    everybody = learn if learn is judged else _joined(learn, judged)
    split = split_by_time(everybody.addresses, everybody.first_seen, _START_OF_2019)
    rows, labels = everybody.before_2019, everybody.labels
    # The licit accounts all begin before: a fifth of them, never learnt from, stands beside the later illicit ones.
    held = split_by_hash(everybody.addresses).test & (labels == 0)
    fit, validation, late = split.fit & ~held, split.validation & ~held, split.test | held
    model = WalletTrees().fit(rows[fit], labels[fit], names=_columns(rows), seed=seed)
    threshold = choose_threshold(labels[validation], model.scores(rows[validation]))
    figures = measure(labels[late], model.scores(everybody.rows[late][:, : everybody.own]), threshold)
    return {"f1_after_2019": figures.f1, "average_precision_after_2019": figures.average_precision}


def _leak_alarm(learn: Accounts, judged: Accounts) -> dict[str, float]:
    split = split_by_hash_inside(learn)
    seen = np.concatenate([learn.first_seen, judged.first_seen])
    labels = np.concatenate([learn.labels, judged.labels])
    fit_on = np.concatenate([split.fit, np.zeros(len(judged.labels), dtype=np.bool_)])
    score = leak_alarm(seen, fit_on, labels)
    threshold = choose_threshold(learn.labels[split.validation], score[: len(learn.labels)][split.validation])
    return measure(judged.labels, score[len(learn.labels) :], threshold).as_dict()


def _joined(one: Accounts, other: Accounts) -> Accounts:
    arrays = (
        np.concatenate(pair)
        for pair in ((one.rows, other.rows), (one.young, other.young), (one.before_2019, other.before_2019))
    )
    return Accounts(
        one.addresses + other.addresses,
        np.concatenate([one.labels, other.labels]),
        np.concatenate([one.first_seen, other.first_seen]),
        one.names,
        one.own,
        *arrays,
    )


def _view(
    store: Store, addresses: tuple[bytes, ...], *, to_block: int | None = None, life_seconds: int = WHOLE_LIFE
) -> np.ndarray:
    build_features(store, chain_id=CHAIN, to_block=to_block, life_seconds=life_seconds)
    matrix = read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)
    rows = matrix.rows_of(addresses)
    found = matrix.values[rows].copy()
    found[rows < 0] = np.nan
    return found


def _columns(rows: np.ndarray) -> tuple[str, ...]:
    return tuple(f"f{number}" for number in range(rows.shape[1]))
