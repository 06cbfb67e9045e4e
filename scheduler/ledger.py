"""Every run of a job, on record: when, over what, how it ended; and the lock that keeps two from running at once."""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass

import psutil

from chainsight.errors import ChainsightError
from sql.files import load
from sql.store import Store

_begin_lock = threading.Lock()


class JobRunning(ChainsightError):
    """The job, or one that may not run beside it, is running."""


@dataclass(frozen=True)
class Run:
    """One run of a job over one chain."""

    run_id: str
    job: str
    idempotency_key: str
    started_at: dt.datetime
    chain_id: int
    as_of_block: int
    outcome: str
    """While it runs: which process runs it. Afterwards: what came out."""


def begin_run(
    store: Store,
    *,
    job: str,
    key: str,
    chain_id: int,
    as_of_block: int,
    excludes: Collection[str],
    timeout: dt.timedelta,
) -> Run:
    """Put a run on record as running. Raises `JobRunning` when this job or one of `excludes` runs on the same chain.

    Runs whose process is gone, or that should have ended long ago, are closed as failed first.
    """
    with _begin_lock:
        close_dead_runs(store, timeout=timeout)
        for other in runs_in_state(store, "running"):
            if other.chain_id == chain_id and other.job in (job, *excludes):
                raise JobRunning(
                    f"{other.job} has been running on chain {chain_id} since {other.started_at:%F %T} UTC, "
                    f"in {other.outcome}.",
                    next_step="Wait for it, or stop that process.",
                )
        run = Run(
            run_id=uuid.uuid4().hex,
            job=job,
            idempotency_key=key,
            started_at=dt.datetime.now(dt.UTC),
            chain_id=chain_id,
            as_of_block=as_of_block,
            outcome=f"process {os.getpid()} on {socket.gethostname()}",
        )
        _record(store, run, "running", run.outcome)
        return run


def finish_run(store: Store, run: Run, *, state: str, outcome: str) -> None:
    """Say how a run ended: succeeded or failed."""
    _record(store, run, state, outcome)


def skip_run(store: Store, done: Run) -> None:
    """Note that the same work was asked for again; however often, that is one row."""
    run = Run(f"skipped-{done.run_id}", done.job, done.idempotency_key, dt.datetime.now(dt.UTC), done.chain_id,
              done.as_of_block, "")  # fmt: skip
    _record(store, run, "skipped", f"run {done.run_id} has done this: {done.outcome}")


def find_done(store: Store, key: str) -> Run | None:
    """The run that has already done this work."""
    rows = store.query(load("queries/run_by_key"), idempotency_key=key).to_pylist()
    return Run(**rows[0]) if rows else None


def runs_in_state(store: Store, state: str) -> list[Run]:
    """All runs in one state, oldest first."""
    return [Run(**row) for row in store.query(load("queries/runs_of_state"), state=state).to_pylist()]


def close_dead_runs(store: Store, *, timeout: dt.timedelta) -> int:
    """Record as failed every running run whose process is gone; returns how many.

    An embedded store has one owner, so there every other process's run is dead; on a server only what this host can
    see, or what is older than twice its timeout.
    """
    dead = [run for run in runs_in_state(store, "running") if _is_dead(store, run, timeout)]
    for run in dead:
        _record(store, run, "failed", f"its process ended ({run.outcome})")
    return len(dead)


def _is_dead(store: Store, run: Run, timeout: dt.timedelta) -> bool:
    _, pid, _, host = run.outcome.split(" ", 3)
    if int(pid) == os.getpid() and host == socket.gethostname():
        return False
    if store.dsn.startswith("chdb:"):
        return True
    if host == socket.gethostname() and not psutil.pid_exists(int(pid)):
        return True
    return dt.datetime.now(dt.UTC) - run.started_at > 2 * timeout


def _record(store: Store, run: Run, state: str, outcome: str) -> None:
    store.command(
        load("queries/run_insert"),
        run_id=run.run_id,
        job=run.job,
        idempotency_key=run.idempotency_key,
        state=state,
        started_at=run.started_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        chain_id=run.chain_id,
        as_of_block=run.as_of_block,
        outcome=outcome,
        version=time.time_ns(),
    )
