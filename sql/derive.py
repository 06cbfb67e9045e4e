"""Bring every derived table up to date: each transform for the blocks that changed since it last ran, then its checks.

    plan    what has to run, over which blocks, and why (sql/changes.py)
    derive  does it: statements, then the checks that look at what they wrote, then the mark

A process killed in between repeats what has no mark yet; a transform whose check found something gets no mark either, so
that it is run and checked again until it is right.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainsight.progress import SILENT, Progress
from sql.chain_parameters import chain_parameters
from sql.changes import Mark, Run, Scope, plan, remade
from sql.check import CheckFailure, run_checks
from sql.files import Statement, load, load_folder
from sql.marks import forget_marks, read_marks, read_seen, write_mark
from sql.store import Parameter, Store
from sql.transform import read_tables

_OF_WHOLE_BATCHES = """ AND block_number IN (
    SELECT arrayJoin(range(greatest(from_block, {first:UInt64}), least(to_block, {last:UInt64}) + 1)) FROM ingest_audit
    WHERE chain_id = {chain_id:UInt64} AND source != 'tables' AND version <= {known:UInt64}
        AND from_block <= {last:UInt64} AND to_block >= {first:UInt64}
) AND block_number NOT IN (
    SELECT arrayJoin(range(greatest(from_block, {first:UInt64}), least(to_block, {last:UInt64}) + 1)) FROM ingest_audit
    WHERE chain_id = {chain_id:UInt64} AND source = 'tables'
        AND from_block <= {last:UInt64} AND to_block >= {first:UInt64}
)"""
"""Blocks of batches that the plan knew: what a commit is writing just now is older than the plan and not stale. Transfers of
account histories have no file that would write them again."""


@dataclass(frozen=True)
class Derived:
    """What one `derive` did."""

    chain_id: int
    head: int
    """The watermark it derived up to."""
    runs: tuple[Run, ...]
    checks: int
    """How many checks were run."""
    failures: tuple[CheckFailure, ...]
    seconds: dict[str, float]
    """Per transform that ran."""

    def __str__(self) -> str:
        ran = sum(1 for run in self.runs if run.blocks)
        if not self.runs:
            return f"nothing changed up to block {self.head:,}"
        return f"{ran} transforms up to block {self.head:,}, {self.checks} checks"


def plan_derive(store: Store, *, chain_id: int) -> tuple[list[Run], int]:
    """What `derive` would run, in order, and the watermark; changes nothing. Raises `StoreEmpty`."""
    return _plan(store, chain_id, read_marks(store, chain_id))


def plan_rebuild(store: Store, *, chain_id: int) -> tuple[list[Run], int]:
    """What `rebuild` would run, in order, and the watermark; changes nothing. Raises `StoreEmpty`."""
    marks = read_marks(store, chain_id)
    forgotten = {one.name: Mark(one.name, "", 0, 0, 0, 0) for one in load_folder("transforms")}
    return _plan(store, chain_id, {**marks, **forgotten})


def _plan(store: Store, chain_id: int, marks: Mapping[str, Mark]) -> tuple[list[Run], int]:
    statements = load_folder("transforms")
    seen = read_seen(store, chain_id, statements, marks)
    return plan(statements, marks, seen), seen.head


def derive(store: Store, *, chain_id: int, progress: Progress = SILENT) -> Derived:
    """Run every transform for the blocks that changed since its mark, and after each the checks of what it built.

    A second call finds nothing to do. Failed checks do not stop what follows; they are in `failures`. Raises `StoreEmpty`
    when nothing was ingested, and `StoreError` where a statement fails: what ran before stays, with its mark.
    """
    runs, head = plan_derive(store, chain_id=chain_id)
    due = checks_due(runs, load_folder("checks"))
    anew = remade(runs, load_folder("transforms"))
    total = sum(len(run.blocks) + 1 for run in runs)
    failures: list[CheckFailure] = []
    seconds: dict[str, float] = {}
    done = 0
    for run in runs:
        started = time.monotonic()
        for first, last in run.blocks:
            progress.step(done, total, f"{run.builds}: blocks {first:,} to {last:,}")
            _run(store, run, chain_id=chain_id, first=first, last=last)
            done += 1
        _withdraw_stale(store, run, chain_id=chain_id, is_remade=run.transform in anew)
        seconds[run.transform] = round(time.monotonic() - started, 3)
        progress.step(done, total, f"checks of {run.builds}")
        found = run_checks(store, due.get(run.transform, ()), chain_id=chain_id)
        done += 1
        failures += found
        if not found:
            write_mark(store, chain_id, run, head=head, seconds=seconds[run.transform])
    progress.step(total, total, "derived tables")
    return Derived(chain_id, head, tuple(runs), sum(len(checks) for checks in due.values()), tuple(failures), seconds)


def rebuild(store: Store, *, chain_id: int, progress: Progress = SILENT) -> Derived:
    """Forget how far every transform has got, and derive all of it from the first block on."""
    forget_marks(store, chain_id, [statement.name for statement in load_folder("transforms")])
    return derive(store, chain_id=chain_id, progress=progress)


def checks_due(runs: Sequence[Run], checks: Sequence[Statement]) -> dict[str, list[Statement]]:
    """Per transform of a plan, the checks to run after it: those of whose tables it is the last to build one."""
    last_builder = {run.builds: place for place, run in enumerate(runs)}
    due: dict[str, list[Statement]] = {}
    for statement in checks:
        places = [last_builder[table] for table in read_tables(statement) if table in last_builder]
        if places:
            due.setdefault(runs[max(places)].transform, []).append(statement)
    return due


def _run(store: Store, run: Run, *, chain_id: int, first: int, last: int) -> None:
    statement = load(run.transform)
    bounds: dict[str, Parameter] = {
        "chain_id": chain_id,
        "from_block": first,
        "to_block": last,
        "version": run.mark.version,
        **chain_parameters(chain_id),
    }
    store.command(statement, **{name: bounds[name] for name in statement.parameters})


def _withdraw_stale(store: Store, run: Run, *, chain_id: int, is_remade: bool) -> None:
    """Take back what this run ought to have written and did not: rows of an older file, or of blocks that went meanwhile."""
    is_commit = run.scope is Scope.COMMIT and is_remade
    for first, last in run.blocks if is_commit else run.swept:
        store.command(
            f"INSERT INTO {run.builds} SELECT * REPLACE (version + 1 AS version, 1 AS is_deleted) FROM {run.builds}"
            " WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}"
            " AND version < {version:UInt64}" + (_OF_WHOLE_BATCHES if is_commit else ""),
            chain_id=chain_id,
            first=first,
            last=last,
            version=run.mark.version,
            known=run.mark.changes_version,
        )
