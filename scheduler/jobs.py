"""The table of jobs: what runs, when, how long it may take. Read this first.

Times are UTC. A job's function gets the store, the chain and a progress to report to; heavy work inside it happens in
child processes of its stage. The steps that jobs are made of are in scheduler/steps.py.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TypeAlias

from chainsight.errors import UnknownName
from chainsight.progress import Progress
from scheduler import steps
from scheduler.publish import clear_abandoned, prune
from sql.store import Store


@dataclass(frozen=True)
class Every:
    """Again and again, this long after the start of the last one."""

    period: dt.timedelta

    def __str__(self) -> str:
        """For people."""
        return f"every {self.period}"


@dataclass(frozen=True)
class Daily:
    """Once a day, UTC."""

    hour: int
    minute: int

    def __str__(self) -> str:
        """For people."""
        return f"daily at {self.hour:02}:{self.minute:02} UTC"


@dataclass(frozen=True)
class Weekly:
    """Once a week, UTC."""

    day: str
    """mon … sun"""
    hour: int

    def __str__(self) -> str:
        """For people."""
        return f"{self.day} at {self.hour:02}:00 UTC"


@dataclass(frozen=True)
class ByHand:
    """Only when somebody says `chainsight schedule run`."""

    def __str__(self) -> str:
        """For people."""
        return "by hand"


Trigger: TypeAlias = Every | Daily | Weekly | ByHand


@dataclass(frozen=True)
class Job:
    """One line of the table."""

    name: str
    about: str
    trigger: Trigger
    run: steps.Step
    timeout: dt.timedelta
    once_per_block: bool
    """Nothing to do again until a batch of the chain's blocks is ingested, be they new ones or earlier ones."""
    excludes: tuple[str, ...] = ()
    """Jobs that may not run beside it."""


def refresh(store: Store, chain_id: int, progress: Progress) -> object:
    """Everything that follows from blocks, in order, up to a publication.

    Whether there is anything to do, the ledger knows and not the newest publication: `publish` may have named a block
    before anything was derived from it.
    """
    for step in (steps.derive, steps.inspect, steps.measure, steps.detect, steps.unite):
        progress.note(f"{step.__name__}: {step(store, chain_id, progress)}")
    progress.note(str(predict(store, chain_id, progress)))
    return steps.announce(store, chain_id, progress)


def predict(store: Store, chain_id: int, progress: Progress) -> object:
    """Features and predictions of every address."""
    return f"{steps.describe(store, chain_id, progress)}; {steps.foretell(store, chain_id, progress)}"


def train(store: Store, chain_id: int, progress: Progress) -> object:
    """New wallet and flow models from what is labelled now."""
    steps.describe(store, chain_id, progress)
    return f"{steps.learn_wallets(store, chain_id, progress)}; {steps.learn_flows(store, chain_id, progress)}"


def tidy(store: Store, chain_id: int, progress: Progress) -> object:
    """Rows of old and abandoned publications go."""
    return (
        f"{clear_abandoned(store, chain_id=chain_id)} abandoned and "
        f"{prune(store, chain_id=chain_id)} old publications cleared"
    )


_WRITERS = ("refresh", "graph", "typologies", "entities", "segments", "predict", "train", "publish", "tidy")
_MINUTE = dt.timedelta(minutes=1)

JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job("refresh", "new blocks to a new publication", Every(15 * _MINUTE), refresh, 120 * _MINUTE, True, _WRITERS),
        Job("publish", "new labels and lists to a new publication", Every(5 * _MINUTE), steps.announce,
            15 * _MINUTE, False, _WRITERS),
        Job("train", "new models", Weekly("sun", 3), train, 240 * _MINUTE, True, _WRITERS),
        Job("tidy", "clear old and abandoned publications", Daily(4, 0), tidy, 10 * _MINUTE, False, _WRITERS),
        Job("graph", "measure the address graph", ByHand(), steps.measure, 60 * _MINUTE, True, _WRITERS),
        Job("typologies", "find suspicious behaviours", ByHand(), steps.detect, 30 * _MINUTE, True, _WRITERS),
        Job("entities", "join addresses of one owner", ByHand(), steps.unite, 30 * _MINUTE, True, _WRITERS),
        Job("segments", "ways in which wallets behave today", Daily(23, 30), steps.segment, 30 * _MINUTE, True, _WRITERS),
        Job("predict", "features and predictions", ByHand(), predict, 60 * _MINUTE, False, _WRITERS),
    )
}  # fmt: skip


def job_named(name: str) -> Job:
    """The line of the table with this name; raises `UnknownName` with the near ones."""
    if name not in JOBS:
        raise UnknownName("job", name, JOBS)
    return JOBS[name]
