"""The wallet model on real account histories: `chainsight bench wallets --data DIR`.

Scored on the fifth of the accounts that a hash of the address picks; with --test on all accounts of that folder that --data
does not have, by what was fitted on --data. Figures are means over seeds. `f1`, `average_precision`, `auc` and
`recall_at_1pct` come from an account's own behaviour alone: no time, no fees, no neighbours.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.accounts import CHAIN, accounts_store
from bench.foreign import Foreign, demo_truth, listed
from bench.wallet_audit import audit, groups_of, transfer
from chainsight.settings import settings
from models.baselines import degree_rule, isolation_forest, leak_alarm, logistic
from models.certainty.calibration import fit_calibration, log_odds
from models.evaluate import choose_threshold, measure
from models.features.build import build_features
from models.features.matrix import FAR_GROUPS, NEAR_GROUPS, OWN_GROUPS, WHOLE_LIFE, read_features
from models.labelled import first_seen_of, labelled_rows
from models.splits import Split, split_by_hash, split_by_time
from models.wallets.ensemble import Heard, fit_ensemble, hear
from models.wallets.words import FAMILIES, OWN, Words, read_words
from sql.files import load
from sql.store import Store

SEEDS = (0, 1, 2, 3, 4)
GRAPH_GROUPS = (*NEAR_GROUPS, *FAR_GROUPS)
_THIRTY_DAYS = 30 * 86_400
_ANY_LIFE = WHOLE_LIFE - 1
"""Nobody lives as long; of parts of lives nothing is built about neighbours, which no view but the whole one reads."""
_START_OF_2018, _START_OF_2019 = 1_514_764_800, 1_546_300_800


@dataclass(frozen=True)
class View:
    """What accounts did in a part of their lives, and what they said."""

    rows: np.ndarray
    words: Words

    def take(self, kept: np.ndarray) -> View:
        """Of some of the accounts."""
        return View(self.rows[kept], self.words.take(kept))

    def and_then(self, other: View) -> View:
        """Of these accounts, and after them others."""
        return View(np.concatenate([self.rows, other.rows]), self.words.and_then(other.words))


@dataclass(frozen=True)
class Accounts:
    """Labelled accounts of one folder under several views."""

    addresses: tuple[bytes, ...]
    labels: np.ndarray
    first_seen: np.ndarray
    names: tuple[str, ...]
    own: int
    whole: View
    """Own features, then those of neighbours over two hops."""
    young: View
    """Own features of the first 30 days of each life."""
    before_2018: View
    """Own features as they were at the end of 2017."""
    before_2019: View

    def take(self, kept: np.ndarray) -> Accounts:
        """Some of the accounts."""
        addresses = tuple(a for a, keep in zip(self.addresses, kept, strict=True) if keep)
        views = (self.whole, self.young, self.before_2018, self.before_2019)
        return Accounts(
            addresses,
            self.labels[kept],
            self.first_seen[kept],
            self.names,
            self.own,
            *(view.take(kept) for view in views),
        )

    def and_then(self, other: Accounts) -> Accounts:
        """These accounts, and after them others."""
        return Accounts(
            self.addresses + other.addresses,
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.first_seen, other.first_seen]),
            self.names,
            self.own,
            self.whole.and_then(other.whole),
            self.young.and_then(other.young),
            self.before_2018.and_then(other.before_2018),
            self.before_2019.and_then(other.before_2019),
        )


@dataclass(frozen=True)
class Course:
    """What is learnt from and what is judged by it, as far as it knows no seed."""

    rows: np.ndarray
    labels: np.ndarray
    addresses: tuple[bytes, ...]
    heard: Heard
    judged: np.ndarray
    told: tuple[np.ndarray, ...]

    def first(self, columns: int) -> Course:
        """Of the first columns alone."""
        return replace(self, rows=self.rows[:, :columns], judged=self.judged[:, :columns])


@dataclass(frozen=True)
class Courses:
    """All that one seed goes through."""

    whole: Course
    young: Course
    rehearsal: Course
    """Learnt before 2018, judged in 2018."""
    late: Course
    """Learnt before 2019, judged after."""
    own: int
    judged_labels: np.ndarray
    rehearsal_labels: np.ndarray
    late_labels: np.ndarray


@dataclass(frozen=True)
class Beside:
    """What audits need of the same folder."""

    groups: dict[str, np.ndarray]
    """Accounts that are likely of one campaign have one number."""
    listed: Foreign | None


def read_accounts(folder: Path) -> tuple[Accounts, Beside]:
    """Ingest a folder and build every view; accounts without a move are left out."""
    with accounts_store(folder) as store:
        build_features(store, chain_id=CHAIN)
        matrix = read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)
        labelled = labelled_rows(store, matrix, chain_id=CHAIN)
        addresses, until = labelled.addresses, matrix.as_of_block
        seen = first_seen_of(store, addresses, chain_id=CHAIN, to_block=until)
        own_matrix, parts, names = matrix, [matrix.values[labelled.rows]], list(matrix.names)
        own = len(names)
        for group in GRAPH_GROUPS:
            matrix = read_features(store, chain_id=CHAIN, groups=(group,))
            parts.append(matrix.values_of(addresses))
            names += matrix.names
        beside = Beside(
            groups_of(store, addresses, until), listed(store, own_matrix, folder.resolve().parent / "labels")
        )
        del own_matrix
        whole = View(np.hstack(parts), read_words(store, addresses, chain_id=CHAIN, to_block=until))
        young = _view(store, addresses, life_seconds=_THIRTY_DAYS)
        before = [
            _view(store, addresses, to_block=_last_block_before(store, cut)) for cut in (_START_OF_2018, _START_OF_2019)
        ]
    return Accounts(addresses, labelled.labels, seen, tuple(names), own, whole, young, *before), beside


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Train on `data`, score on its held-out fifth or on `test`."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    here, extra = read_accounts(folder)
    read = time.monotonic()
    if test is None:
        held = split_by_hash(here.addresses).test
        learn, judged = here.take(~held), here.take(held)
    else:
        known = set(here.addresses)
        there, _ = read_accounts(test)
        learn = here
        judged = there.take(np.array([address not in known for address in there.addresses]))
    courses = prepare(learn, judged)
    heard = time.monotonic()
    runs = [score_once(courses, seed) for seed in SEEDS]
    figures = {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}
    scored = time.monotonic()
    beside = baselines(learn, judged)
    elsewhere = {"demo truth": demo_truth()} | ({"lists": extra.listed} if extra.listed else {})
    figures["leak_alarm_f1"] = beside["first_ts alone"]["f1"]
    spread = {f"{name}_deviation": float(np.std([run[name] for run in runs])) for name in ("f1", "average_precision")}
    return {
        "name": "wallets",
        "data": f"{folder.name}: {len(learn.labels)} accounts to learn, {len(judged.labels)} to judge"
        + (f" ({test.name})" if test else " (hash fifth)"),
        "figures": figures | spread,
        "baselines": beside,
        "audit": audit(here, here.whole.rows, here.whole.words, extra.groups),
        "transfer": transfer(_own(here).rows, here.labels, elsewhere),
        "seconds_of_parts": {
            "store, features, views": read - started,
            "words": heard - read,
            "seeds": scored - heard,
            "baselines, audit, transfer": time.monotonic() - scored,
        },
        "seconds": time.monotonic() - started,
    }


def prepare(learn: Accounts, judged: Accounts) -> Courses:
    """Everything that is the same for every seed: who learns what, and what their words say.

    After 2019: learn from accounts first seen before, as they were then; judge all that came after. The licit accounts all begin
    before 2018: those that are judged anyway stand beside the later illicit ones. The threshold is the one that was best a
    year earlier: learnt before 2018, judged in 2018 beside a fifth of the licit ones. Nobody who is judged is learnt from.
    """
    later = judged.take((judged.labels == 0) | (judged.first_seen >= _START_OF_2019))
    everybody = learn.and_then(later)
    licit = np.concatenate([np.zeros(len(learn.labels), np.bool_), later.labels == 0])
    whole = split_by_time(everybody.addresses, everybody.first_seen, _START_OF_2019, held=licit)
    other = split_by_hash(learn.addresses).validation & (learn.labels == 0)
    year = split_by_time(learn.addresses, learn.first_seen, _START_OF_2018, until=_START_OF_2019, held=other)
    earlier, then = learn.take(year.learnt), learn.take(year.test)
    early, late = everybody.take(whole.learnt), everybody.take(whole.test)
    return Courses(
        whole=_course(learn, learn.whole, judged.whole),
        young=_course(learn, learn.young, judged.young),
        rehearsal=_course(earlier, earlier.before_2018, then.before_2019),
        late=_course(early, early.before_2019, _own(late)),
        own=learn.own,
        judged_labels=judged.labels,
        rehearsal_labels=then.labels,
        late_labels=late.labels,
    )


def score_once(courses: Courses, seed: int) -> dict[str, float]:
    """All figures of one seed."""
    own, labels = courses.whole.first(courses.own), courses.judged_labels
    main = _judge(own, labels, OWN, seed)
    wordless = _judge(own, labels, 0, seed)
    graph = _judge(courses.whole, labels, len(FAMILIES), seed)
    young = _judge(courses.young, labels, OWN, seed)
    return {
        "f1": main["f1"],
        "average_precision": main["average_precision"],
        "auc": main["auc"],
        "recall_at_1pct": main["recall_at_1pct"],
        "brier": main["brier"],
        "f1_low": main["f1_low"],
        "f1_high": main["f1_high"],
        "f1_without_words": wordless["f1"],
        "average_precision_without_words": wordless["average_precision"],
        "graph_f1": graph["f1"],
        "graph_average_precision": graph["average_precision"],
        "f1_first_30_days": young["f1"],
        "average_precision_first_30_days": young["average_precision"],
        **_after_2019(courses, seed),
    }


def baselines(learn: Accounts, judged: Accounts) -> dict[str, dict[str, float]]:
    """What needs no boosted tree, on the same accounts."""
    rows = np.concatenate([_own(learn).rows, _own(judged).rows])
    labels = np.concatenate([learn.labels, judged.labels])
    inner = split_by_hash_inside(learn)
    fit_on = np.concatenate([inner.fit, np.zeros(len(judged.labels), np.bool_)])
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


def _own(accounts: Accounts) -> View:
    return View(accounts.whole.rows[:, : accounts.own], accounts.whole.words)


def _course(learn: Accounts, view: View, judged: View) -> Course:
    heard = hear(view.words, learn.labels, learn.addresses)
    return Course(view.rows, learn.labels, learn.addresses, heard, judged.rows, heard.of(judged.words))


def _judge(course: Course, labels: np.ndarray, families: int, seed: int) -> dict[str, float]:
    """Learn from a view of all accounts, threshold and calibration from members that had not seen them; judge others."""
    held, scores = _scores(course, families, seed)
    threshold = choose_threshold(course.labels, held)
    calibrated = fit_calibration(course.labels, held).apply(scores)
    return {**measure(labels, scores, threshold).as_dict(), "brier": measure(labels, calibrated, 0.5).brier}


def _scores(course: Course, families: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the accounts learnt from, each by a member that had not seen it, and of those judged."""
    ensemble = fit_ensemble(
        course.rows, course.heard, course.labels, course.addresses, names=_columns(course.rows), families=families,
        seed=seed,
    )  # fmt: skip
    return ensemble.held, ensemble.scores(course.judged, course.told)


def _after_2019(courses: Courses, seed: int) -> dict[str, float]:
    """The threshold is one of evidence, log-odds less those of the share of illicit accounts learnt from: it differs."""
    threshold = choose_threshold(courses.rehearsal_labels, _evidence(courses.rehearsal, seed))
    figures = measure(courses.late_labels, _evidence(courses.late, seed), threshold)
    return {"f1_after_2019": figures.f1, "average_precision_after_2019": figures.average_precision}


def _evidence(course: Course, seed: int) -> np.ndarray:
    share = float(course.labels.mean())
    return log_odds(_scores(course, OWN, seed)[1]) - np.log(share / (1 - share))


def _leak_alarm(learn: Accounts, judged: Accounts) -> dict[str, float]:
    split = split_by_hash_inside(learn)
    seen = np.concatenate([learn.first_seen, judged.first_seen])
    labels = np.concatenate([learn.labels, judged.labels])
    fit_on = np.concatenate([split.fit, np.zeros(len(judged.labels), dtype=np.bool_)])
    score = leak_alarm(seen, fit_on, labels)
    threshold = choose_threshold(learn.labels[split.validation], score[: len(learn.labels)][split.validation])
    return measure(judged.labels, score[len(learn.labels) :], threshold).as_dict()


def _last_block_before(store: Store, moment: int) -> int:
    found = store.query(load("queries/block_before"), chain_id=CHAIN, moment=moment).to_pylist()
    return int(found[0]["block_number"]) if found else 0


def _view(
    store: Store, addresses: tuple[bytes, ...], *, to_block: int | None = None, life_seconds: int = _ANY_LIFE
) -> View:
    build_features(store, chain_id=CHAIN, to_block=to_block, life_seconds=life_seconds)
    matrix = read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)
    words = read_words(store, addresses, chain_id=CHAIN, to_block=matrix.as_of_block, life_seconds=life_seconds)
    return View(matrix.values_of(addresses), words)


def _columns(rows: np.ndarray) -> tuple[str, ...]:
    return tuple(f"f{number}" for number in range(rows.shape[1]))
