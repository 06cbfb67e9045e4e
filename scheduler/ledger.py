"""Every run of a job, on record: when, over what, how it ended; and the lock that keeps two from running at once."""

from __future__ import annotations

import datetime as dt
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass

import psutil

from chainsight.errors import ChainsightError
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

_begin_lock = threading.Lock()
_SAME_BIRTH_SECONDS = 2.0
"""A process's start time is read through the time of boot, which systems round to the second."""


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
    """While it runs: its `Holder`. Afterwards: what came out."""


@dataclass(frozen=True)
class Holder:
    """Which process runs something, and until when it may be believed to; as text it is a running run's outcome."""

    pid: int
    host: str
    born: float
    """When the process started (Unix seconds): in containers every process is number 1 of the same host."""
    until: dt.datetime
    """Twice the job's own timeout after the start (UTC): a run that is still `running` then is not running."""

    def __str__(self) -> str:
        """As it is recorded; `parse` reads it again."""
        return (
            f"process {self.pid} born {self.born:.2f} until {self.until.isoformat(timespec='seconds')} on {self.host}"
        )

    @staticmethod
    def here(until: dt.datetime) -> Holder:
        """This process."""
        return Holder(os.getpid(), socket.gethostname(), psutil.Process().create_time(), until)

    @staticmethod
    def parse(text: str) -> Holder | None:
        """The holder that `str` wrote, or None when nobody can be made out."""
        found = re.fullmatch(r"process (\d+) born ([\d.]+) until (\S+) on (.*)", text)
        if not found:
            return None
        pid, born, until, host = found.groups()
        return Holder(int(pid), host, float(born), dt.datetime.fromisoformat(until))

    def is_alive_here(self) -> bool:
        """Whether that process, and not a later one with its number, runs on this host."""
        try:
            born = psutil.Process(self.pid).create_time()
        except psutil.NoSuchProcess:
            return False
        return abs(born - self.born) < _SAME_BIRTH_SECONDS


def key_of_blocks(store: Store, *, job: str, chain_id: int) -> str:
    """What a job works on, as a key: equal while no batch of blocks is added, above the watermark or below it."""
    found = store.query(load("queries/ingest_fingerprint"), chain_id=chain_id).to_pylist()[0]
    return f"{job}|{chain_id}|{read_as_of(store, chain_id).block_number}|{found['fingerprint']}"


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

    Runs whose process is gone, or that should have ended long ago, are closed as failed first. `timeout` is this
    job's; it is recorded with the run, so that no other job judges it by another.
    """
    with _begin_lock:
        close_dead_runs(store)
        for other in runs_in_state(store, "running"):
            if other.chain_id == chain_id and other.job in (job, *excludes):
                raise JobRunning(
                    f"{other.job} has been running on chain {chain_id} since {other.started_at:%F %T} UTC, "
                    f"in {_place(other)}.",
                    next_step="Wait for it, or stop that process.",
                )
        now = dt.datetime.now(dt.UTC)
        run = Run(
            run_id=uuid.uuid4().hex,
            job=job,
            idempotency_key=key,
            started_at=now,
            chain_id=chain_id,
            as_of_block=as_of_block,
            outcome=str(Holder.here(now + 2 * timeout)),
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


def record_done(store: Store, *, job: str, key: str, chain_id: int, outcome: str) -> None:
    """Note that the work of a job was done by other means, so that the clock does not do it again."""
    now, block = dt.datetime.now(dt.UTC), read_as_of(store, chain_id).block_number
    _record(store, Run(uuid.uuid4().hex, job, key, now, chain_id, block, outcome), "succeeded", outcome)


def find_done(store: Store, key: str) -> Run | None:
    """The run that has already done this work."""
    rows = store.query(load("queries/run_by_key"), idempotency_key=key).to_pylist()
    return Run(**rows[0]) if rows else None


def runs_in_state(store: Store, state: str) -> list[Run]:
    """All runs in one state, oldest first."""
    return [Run(**row) for row in store.query(load("queries/runs_of_state"), state=state).to_pylist()]


def close_dead_runs(store: Store) -> int:
    """Record as failed every running run whose process is gone or whose time is long over; returns how many.

    An embedded store has one owner, so there every other process's run is dead; on a server only what this host can
    see, or what is older than twice its own timeout.
    """
    dead = [run for run in runs_in_state(store, "running") if _is_dead(store, run)]
    for run in dead:
        _record(store, run, "failed", f"its process ended ({_place(run)})")
    return len(dead)


def _is_dead(store: Store, run: Run) -> bool:
    holder = Holder.parse(run.outcome)
    if holder is None or dt.datetime.now(dt.UTC) > holder.until:
        return True
    if holder.host == socket.gethostname():
        is_ours = holder.pid == os.getpid() or not store.dsn.startswith("chdb:")
        return not (is_ours and holder.is_alive_here())
    return store.dsn.startswith("chdb:")


def _place(run: Run) -> str:
    holder = Holder.parse(run.outcome)
    return f"process {holder.pid} on {holder.host}" if holder else run.outcome


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
