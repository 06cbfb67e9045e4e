"""Run jobs: one by name, or the whole table by the clock (APScheduler 3, the one place that knows it).

A run is on record before it starts and after it ends. Late starts are made up once, not once per missed time; one
worker thread keeps jobs from running over each other. A job that outlives its timeout is stopped at its next sign of
progress, together with its child process.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Mapping

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from chainsight.errors import ChainsightError
from chainsight.progress import SILENT, Progress
from scheduler.jobs import JOBS, ByHand, Daily, Every, Job, Weekly
from scheduler.ledger import JobRunning, Run, begin_run, find_done, finish_run, key_of_blocks, skip_run
from sql.as_of import known_chains, read_as_of
from sql.store import Store

_log = logging.getLogger(__name__)
_MISFIRE_GRACE_SECONDS = 3600


class JobTimedOut(ChainsightError):
    """A job took longer than its line in the table allows."""


class Deadline:
    """A `Progress` that passes everything on, and ends the job once its time is over."""

    def __init__(self, watched: Progress, job: Job) -> None:
        self._watched = watched
        self._job = job
        self._end = time.monotonic() + job.timeout.total_seconds()

    def step(self, done: int, total: int | None, what: str) -> None:
        """Pass on; raises `JobTimedOut` when the time is over."""
        self._check()
        self._watched.step(done, total, what)

    def note(self, text: str) -> None:
        """Pass on; raises `JobTimedOut` when the time is over."""
        self._check()
        self._watched.note(text)

    def _check(self) -> None:
        if time.monotonic() > self._end:
            raise JobTimedOut(
                f"Job {self._job.name} took longer than {self._job.timeout}.",
                next_step="What it committed stays; run it again, or give it more time in scheduler/jobs.py.",
            )


def run_job(store: Store, job: Job, *, chain_id: int, progress: Progress = SILENT) -> str:
    """Run one job over one chain and record it; returns what came out in a sentence.

    Work that a run with the same key has done is not done again. Raises whatever the job raises, `JobRunning`, or
    `StoreEmpty` when the chain has no blocks.
    """
    as_of = read_as_of(store, chain_id).block_number
    key = key_of_blocks(store, job=job.name, chain_id=chain_id)
    if not job.once_per_block:
        key += f"|{time.time_ns()}"
    done = find_done(store, key)
    if done:
        skip_run(store, done)
        return f"nothing to do: block {as_of:,} was done by run {done.run_id} ({done.outcome})"
    run = begin_run(
        store,
        job=job.name,
        key=key,
        chain_id=chain_id,
        as_of_block=as_of,
        excludes=job.excludes,
        timeout=job.timeout,
    )
    return _run(store, job, run, Deadline(progress, job))


def _run(store: Store, job: Job, run: Run, progress: Progress) -> str:
    try:
        outcome = str(job.run(store, run.chain_id, progress))
    except BaseException as error:
        said = str(error) if isinstance(error, ChainsightError) else f"{type(error).__name__}: {error}"
        finish_run(store, run, state="failed", outcome=said)
        raise
    finish_run(store, run, state="succeeded", outcome=outcome)
    return outcome


class Scheduler:
    """The table of jobs, run by the clock until `stop`."""

    def __init__(self, clock: BackgroundScheduler) -> None:
        self._clock = clock

    def next_runs(self) -> dict[str, dt.datetime | None]:
        """When each job runs next (UTC)."""
        return {job.id: job.next_run_time for job in self._clock.get_jobs()}

    def stop(self) -> None:
        """Start nothing more and wait for what runs; the store may be closed afterwards."""
        self._clock.shutdown(wait=True)


def start_scheduler(store: Store, *, jobs: Mapping[str, Job] = JOBS) -> Scheduler:
    """Run the table of jobs by the clock, in a thread of this process that shares its store."""
    clock = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(max_workers=1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _MISFIRE_GRACE_SECONDS},
        timezone=dt.UTC,
    )
    for job in jobs.values():
        if not isinstance(job.trigger, ByHand):
            clock.add_job(run_for_all_chains, _trigger(job), args=(store, job), id=job.name, name=job.about)
    clock.start()
    return Scheduler(clock)


def run_for_all_chains(store: Store, job: Job) -> None:
    """What the clock calls: nothing that goes wrong in one job or chain stops the others; the ledger and log say it."""
    for chain_id in known_chains(store):
        try:
            _log.info("%s on chain %d: %s", job.name, chain_id, run_job(store, job, chain_id=chain_id))
        except JobRunning as busy:
            _log.info("%s on chain %d waits: %s", job.name, chain_id, busy)
        except Exception:
            _log.exception("%s on chain %d failed", job.name, chain_id)


def _trigger(job: Job) -> BaseTrigger:
    match job.trigger:
        case Every(period):
            return IntervalTrigger(seconds=period.total_seconds(), timezone=dt.UTC)
        case Daily(hour, minute):
            return CronTrigger(hour=hour, minute=minute, timezone=dt.UTC)
        case Weekly(day, hour):
            return CronTrigger(day_of_week=day, hour=hour, timezone=dt.UTC)
        case ByHand():
            raise ValueError(f"{job.name} has no clock")
