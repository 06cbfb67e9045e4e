"""The whole line once: blocks or tables in, published scores and recommendations out.

The steps meet only in tables, so any of them can be repeated alone with its own command.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chainsight.errors import UnknownName
from chainsight.progress import SILENT, Progress
from scheduler import steps
from scheduler.ledger import key_of_blocks, record_done
from sql.store import Store

Intake = Callable[[Store, Progress], object]
"""Fills raw tables or knowledge from outside; may be repeated."""

_ENGINES: dict[str, steps.Step] = {"spark": steps.measure, "local": steps.measure_in_memory}


@dataclass(frozen=True)
class StepReport:
    """What one step did."""

    step: str
    seconds: float
    said: str


def run_pipeline(
    store: Store,
    *,
    chain_id: int,
    blocks: Intake,
    knowledge: Intake,
    engine: str = "spark",
    progress: Progress = SILENT,
) -> list[StepReport]:
    """Run every step; whatever one raises ends the line there, and what earlier steps committed stays.

    A line that came to its end is on record as a `refresh` of these blocks: the clock does not do it again.
    """
    if engine not in _ENGINES:
        raise UnknownName("graph engine", engine, _ENGINES)
    reports = [
        _timed("ingest", lambda: blocks(store, progress), progress),
        _timed("labels and lists", lambda: knowledge(store, progress), progress),
    ]
    key = key_of_blocks(store, job="refresh", chain_id=chain_id)
    for name, step in _line(_ENGINES[engine]):
        reports.append(_timed(name, lambda step=step: step(store, chain_id, progress), progress))  # type: ignore[misc]
    record_done(store, job="refresh", key=key, chain_id=chain_id, outcome=reports[-1].said)
    return reports


def _line(measure: steps.Step) -> Iterator[tuple[str, steps.Step]]:
    """The steps in order, each under the name its report carries."""
    yield "transform", steps.derive
    yield "check", steps.inspect
    yield "graph", measure
    yield "typologies", steps.detect
    yield "entities", steps.unite
    yield "segments", steps.segment
    yield "features", steps.describe
    yield "wallet model", steps.learn_wallets
    yield "flow model", steps.learn_flows
    yield "predict", steps.foretell
    yield "publish", steps.announce


def _timed(name: str, work: Callable[[], object], progress: Progress) -> StepReport:
    started = time.monotonic()
    said = str(work())
    report = StepReport(name, round(time.monotonic() - started, 1), said)
    progress.note(f"{report.step:<17}{report.seconds:>7.1f} s   {report.said}")
    return report
