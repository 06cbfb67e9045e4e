"""What the engine found, beside what is true: the demo's own marking, never seen by any stage."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sql.files import load
from sql.store import Store

_ALARM_GRADES = frozenset({"High", "Severe"})
_WATCHED_GRADES = _ALARM_GRADES | {"Medium"}


@dataclass(frozen=True)
class Truth:
    """One row of truth.csv."""

    address: str
    role: str
    typology: str
    part: str
    illicit: bool


@dataclass(frozen=True)
class Answer:
    """What was published about one address."""

    address: str
    score: float
    grade: str
    typologies: frozenset[str]
    known_before: bool
    """It stood on a list or carried an illicit label before anything was computed."""


@dataclass(frozen=True)
class Finding:
    """One behaviour of the story: how much of it came to light."""

    behaviour: str
    addresses: int
    known_before: int
    named: int
    """A detector named this very behaviour on the address."""
    watched: int
    """Graded Medium or worse."""
    alarmed: int
    """Graded High or Severe."""


@dataclass(frozen=True)
class Verdict:
    """All illicit addresses that nobody had labelled or listed, against everybody else who was not."""

    illicit: int
    clean: int
    average_precision: float
    average_precision_by_chance: float
    alarm_precision: float
    alarm_recall: float
    watch_recall: float


def read_truth(path: Path) -> list[Truth]:
    """The truth beside the recording."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Truth(row["address"].lower(), row["role"], row["typology"], row["part"], row["illicit"] == "1")
            for row in csv.DictReader(file)
        ]


def read_answers(store: Store, *, chain_id: int) -> dict[str, Answer]:
    """Every published score of the chain, by address."""
    rows = store.query(load("queries/demo_answers"), chain_id=chain_id).to_pylist()
    return {
        row["address"]: Answer(
            row["address"], row["score"], row["grade"], frozenset(row["typologies"]), bool(row["known_before"])
        )
        for row in rows
    }


def by_behaviour(truth: Iterable[Truth], answers: Mapping[str, Answer]) -> list[Finding]:
    """One finding per illicit behaviour of the story, the most frequent first."""
    groups: dict[str, list[Answer]] = {}
    for row in truth:
        if row.illicit and row.address in answers:
            groups.setdefault(row.typology or row.role, []).append(answers[row.address])
    findings = [
        Finding(
            behaviour=behaviour,
            addresses=len(group),
            known_before=sum(answer.known_before for answer in group),
            named=sum(behaviour in answer.typologies for answer in group),
            watched=sum(answer.grade in _WATCHED_GRADES for answer in group),
            alarmed=sum(answer.grade in _ALARM_GRADES for answer in group),
        )
        for behaviour, group in groups.items()
    ]
    return sorted(findings, key=lambda finding: (-finding.addresses, finding.behaviour))


def judge(truth: Iterable[Truth], answers: Mapping[str, Answer]) -> Verdict:
    """How well scores rank and alarm on addresses that were neither labelled nor listed as illicit."""
    unknown = [
        (row.illicit, answers[row.address])
        for row in truth
        if row.address in answers and not answers[row.address].known_before
    ]
    illicit = sum(is_illicit for is_illicit, _ in unknown)
    alarms = [is_illicit for is_illicit, answer in unknown if answer.grade in _ALARM_GRADES]
    watched = sum(is_illicit for is_illicit, answer in unknown if answer.grade in _WATCHED_GRADES)
    return Verdict(
        illicit=illicit,
        clean=len(unknown) - illicit,
        average_precision=average_precision([(answer.score, is_illicit) for is_illicit, answer in unknown]),
        average_precision_by_chance=_share(illicit, len(unknown)),
        alarm_precision=_share(sum(alarms), len(alarms)),
        alarm_recall=_share(sum(alarms), illicit),
        watch_recall=_share(watched, illicit),
    )


def average_precision(scored: Iterable[tuple[float, bool]]) -> float:
    """Area under the precision-recall steps; ties count as one step, so their order cannot help.

    >>> average_precision([(0.9, True), (0.5, False), (0.1, True)])
    0.8333333333333333
    """
    groups: dict[float, list[bool]] = {}
    for score, positive in scored:
        groups.setdefault(score, []).append(positive)
    total = sum(sum(group) for group in groups.values())
    seen = hits = 0
    area = 0.0
    for score in sorted(groups, reverse=True):
        gained = sum(groups[score])
        seen, hits = seen + len(groups[score]), hits + gained
        area += _share(gained, total) * _share(hits, seen)
    return area


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
