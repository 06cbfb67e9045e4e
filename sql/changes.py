"""Which transforms have to run, and over which blocks: worked out from what changed since each of them last ran.

Pure: changes of committed batches, marks and fingerprints come in, a plan comes out (sql/marks.py reads and writes them,
sql/derive.py carries the plan out). A mark says up to which version of `ingest_audit` a transform has seen the changes, of
which text of its file the rows are, and what else it had read. What is newer than the mark is to be run; batches that were
withdrawn count as changes, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from sql.files import Statement
from sql.transform import built_table, in_order, read_tables

Blocks: TypeAlias = tuple[int, int]
"""First and last block, both in it."""

ROWS_OF_BATCHES = frozenset({"blocks", "transactions", "logs", "traces", "withdrawals", "ingest_audit"})
"""Tables whose every change has a row of `ingest_audit` that tells of it."""
_MOST_RANGES = 24
_PIECE_BLOCKS = 1_000_000
"""Blocks of one statement of a fact by block: the tables' own partitions."""
_ENDLESS = 2**64 - 1


class Scope(Enum):
    """What one run of a transform has to cover; its file says it (`-- scope: block`)."""

    COMMIT = "commit"
    """Rows of blocks that the commit of a batch writes itself: to be run only when the file, or what it knows, changed."""
    BLOCK = "block"
    """Rows of blocks: the changed ranges, and nothing else."""
    DAY = "day"
    """Whole days: from the day of the first changed block to the watermark, because later days may say who is new."""
    HISTORY = "history"
    """Sums over everything: once, whatever changed."""


@dataclass(frozen=True)
class Change:
    """A batch that was committed, cut or withdrawn."""

    from_block: int
    to_block: int
    version: int
    is_withdrawal: bool = False
    """Its blocks went: whoever derived while they did may have written rows of them after theirs were taken back."""


@dataclass(frozen=True)
class Mark:
    """How far a transform has got."""

    transform: str
    checksum: str
    """Empty: forgotten on purpose."""
    changes_version: int
    knowledge: int
    whole_version: int
    version: int
    settings: str = ""
    """Checksum of the chain's settings that its file asks for; empty where it asks for none."""


@dataclass(frozen=True)
class Run:
    """One transform that has to run."""

    transform: str
    builds: str
    scope: Scope
    reason: str
    """Why, in a few words."""
    blocks: tuple[Blocks, ...]
    """Ranges to run, in order; none where the rows are there and only checks have to be run."""
    mark: Mark
    """What to write when it is done."""
    swept: tuple[Blocks, ...] = ()
    """Ranges of which no row may stay that this run does not write: run whole, or withdrawn and beyond the watermark."""

    @property
    def is_whole(self) -> bool:
        """Whether it writes all its rows anew."""
        return self.mark.whole_version == self.mark.version


@dataclass(frozen=True)
class Seen:
    """What the store holds now."""

    head: int
    """The watermark."""
    changes: tuple[Change, ...]
    """Rows of `ingest_audit` newer than the oldest mark, tombstones included."""
    knowledge: Mapping[str, int]
    """A fingerprint for every table that transforms read and no batch tells of."""
    version: int
    """For what will be written: higher than any mark's."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Per transform, the checksum of the chain's settings that its file asks for."""
    untouched: frozenset[str] = frozenset()
    """Transforms of whose rows no one would be another by what is known now."""


def scope_of(statement: Statement) -> Scope:
    """The scope a transform's file states; raises `ValueError` with file and word where there is no such scope."""
    try:
        return Scope(statement.header.get("scope", ""))
    except ValueError:
        words = ", ".join(scope.value for scope in Scope)
        raise ValueError(f"{statement.name} needs a line `-- scope: …` with one of {words}.") from None


def known_tables(statements: Iterable[Statement]) -> dict[str, frozenset[str]]:
    """Per transform, the tables it reads that neither a batch nor another transform writes: tokens, labels."""
    listed = list(statements)
    built = {built_table(statement) for statement in listed}
    return {statement.name: read_tables(statement) - built - ROWS_OF_BATCHES for statement in listed}


def fingerprint(tables: Iterable[str], knowledge: Mapping[str, int]) -> int:
    """One number for the contents of several tables; 0 when none of them holds anything."""
    total = 0
    for table in sorted(tables):
        total = (total * 1_000_003 + knowledge.get(table, 0)) % 2**64
    return total


def plan(statements: Iterable[Statement], marks: Mapping[str, Mark], seen: Seen) -> list[Run]:
    """The transforms that have to run, in order. What reads a table that is written anew as a whole is, too."""
    listed = list(statements)
    known = known_tables(listed)
    builders: dict[str, list[str]] = {}
    for statement in listed:
        builders.setdefault(built_table(statement), []).append(statement.name)
    now = dict(marks)
    runs: list[Run] = []
    newest = max((change.version for change in seen.changes), default=0)
    for statement in in_order(listed):
        old, name, scope = now.get(statement.name), statement.name, scope_of(statement)
        knowledge = fingerprint(known[name], seen.knowledge)
        above = read_tables(statement) - {built_table(statement)}
        inputs = [now[other] for table in above for other in builders.get(table, ()) if other in now]
        learnt = bool(knowledge) if old is None else old.knowledge != knowledge
        settings = seen.settings.get(name, "")
        reason = (
            _why_whole(statement, old, inputs, settings=settings, learnt=learnt and name not in seen.untouched)
            if old
            else _why_first(scope, learnt=learnt, is_derived=bool(marks))
        )
        since = old.changes_version if old else 0
        fresh = [change for change in seen.changes if change.version > since]
        if not reason and not fresh and old:
            continue
        mark = Mark(
            transform=name,
            checksum=statement.checksum,
            changes_version=max(since, newest),
            knowledge=knowledge,
            whole_version=seen.version if reason else (old.whole_version if old else 0),
            version=seen.version,
            settings=settings,
        )
        blocks = _blocks(scope, fresh, seen.head) if not reason else _all(scope, seen.head)
        swept = _swept(scope, fresh, blocks, seen.head, is_whole=bool(reason))
        runs.append(Run(name, built_table(statement), scope, reason or "blocks changed", blocks, mark, swept))
        now[name] = mark
    return runs


def changed_ranges(changes: Iterable[Change], head: int, *, most: int = _MOST_RANGES) -> tuple[Blocks, ...]:
    """The blocks of changes up to the watermark as at most `most` ranges, in order; close ones are joined first.

    >>> changed_ranges([Change(5, 9, 1), Change(1, 4, 2), Change(20, 40, 3)], head=30)
    ((1, 9), (20, 30))
    """
    joined: list[Blocks] = []
    for start, end in sorted((change.from_block, min(change.to_block, head)) for change in changes):
        if start > end:
            continue
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    gaps = sorted(range(1, len(joined)), key=lambda place: joined[place - 1][1] - joined[place][0])
    kept = sorted(gaps[: most - 1])
    starts, ends = [0, *kept], [*kept, len(joined)]
    return tuple((joined[a][0], joined[b - 1][1]) for a, b in zip(starts, ends, strict=True) if b > a)


def in_pieces(blocks: Iterable[Blocks], size: int = _PIECE_BLOCKS) -> tuple[Blocks, ...]:
    """The same ranges, cut at multiples of `size`.

    >>> in_pieces([(3, 25)], size=10)
    ((3, 9), (10, 19), (20, 25))
    """
    return tuple(
        (max(start, piece * size), min(end, piece * size + size - 1))
        for start, end in blocks
        for piece in range(start // size, end // size + 1)
    )


def remade(runs: Sequence[Run], statements: Iterable[Statement]) -> frozenset[str]:
    """Of a plan, the transforms after which every row of their table has been written anew: the last builder of each.

    Several files build `transfers`: only when all of them run over all blocks is what they did not write of an older file.
    """
    builders: dict[str, set[str]] = {}
    for statement in statements:
        builders.setdefault(built_table(statement), set()).add(statement.name)
    whole = {run.transform for run in runs if run.is_whole}
    last = {run.builds: run.transform for run in runs}
    return frozenset(name for table, name in last.items() if builders[table] <= whole)


def _why_first(scope: Scope, *, learnt: bool, is_derived: bool) -> str:
    """Why a transform that has no mark has to run over all blocks; empty when it has not."""
    # Before anything was derived, the commit wrote these rows by the same file; only of what was learnt since can it not know.
    # A file that came later knows nothing of the blocks that were committed before.
    return "" if scope is Scope.COMMIT and not learnt and not is_derived else "never ran"


def _why_whole(statement: Statement, old: Mark, inputs: Sequence[Mark], *, settings: str, learnt: bool) -> str:
    """Why a transform that has run has to run over all blocks; empty when it has not."""
    if not old.checksum:
        return "rebuild"
    if old.checksum != statement.checksum:
        return "its file changed"
    if old.settings != settings:
        return "settings of the chain changed"
    if learnt:
        return "what it knows changed"
    if any(mark.whole_version > old.version for mark in inputs):
        return "what it reads was written anew"
    return ""


def _swept(
    scope: Scope, fresh: Sequence[Change], blocks: Sequence[Blocks], head: int, *, is_whole: bool
) -> tuple[Blocks, ...]:
    """Where a fact by block may have rows that its run does not write; days and history add up what stands there themselves."""
    if scope is not Scope.BLOCK:
        return ()
    if is_whole:
        return ((0, _ENDLESS),)
    gone = [change for change in fresh if change.is_withdrawal]
    within = [
        (first, last) for first, last in blocks if any(c.from_block <= last and c.to_block >= first for c in gone)
    ]
    return (*within, *([(head + 1, _ENDLESS)] if any(change.to_block > head for change in gone) else []))


def _blocks(scope: Scope, fresh: Sequence[Change], head: int) -> tuple[Blocks, ...]:
    if not fresh or scope is Scope.COMMIT:
        return ()
    if scope is Scope.BLOCK:
        return in_pieces(changed_ranges(fresh, head))
    if scope is Scope.HISTORY:
        return ((0, head),)
    # A withdrawn end: nothing is left behind the watermark, but the day it was in has to be done again.
    return ((min(head + 1, *(change.from_block for change in fresh)), head),)


def _all(scope: Scope, head: int) -> tuple[Blocks, ...]:
    return in_pieces([(0, head)]) if scope in (Scope.BLOCK, Scope.COMMIT) else ((0, head),)
