"""Kill ingest, resume, compare: `chainsight bench soak [--data ARCHIVE]`, or `python -m bench.soak KILLS [BLOCKS [BATCH]]`.

A child process reads blocks into an embedded store in small batches; every fifth batch it takes back and reads again, as a
reorganisation would, and derives addresses and edges. It is killed with SIGKILL: in turn before each statement that a run
makes, while one runs, and at a random moment. The next child resumes on the same store. Whenever one comes to the end, every row
of every table must be what a run gives that nobody disturbed, no intent and no dirty key may be left, and all checks must hold.
Children are forked from a parent that never opens a store, so that a kill costs less than a second.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

import demo
from chainsight.errors import ChildFailed, DataCheckError
from chainsight.settings import settings
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.journal import open_intents, recover
from ingest.ranges import BlockRange
from ingest.source import RawBlock, Reach
from ingest.tombstones import ROWS_OF_BLOCKS, uncommitted
from ingest.withdraw import withdraw_blocks
from sql.check import check
from sql.files import Statement
from sql.migrate import migrate
from sql.store import Parameter, Store, open_store
from sql.transform import transform

KILLS, BLOCKS, BATCH = 200, 200, 10
_TAKEN_BACK_EVERY = 5
_EDGES = (
    "SELECT hex(toString(tuple(g.address, r.address, e.* EXCEPT (from_id, to_id, computed_at, version)))) AS row"
    " FROM address_edges AS e INNER JOIN addresses AS g ON g.address_id = e.from_id"
    " INNER JOIN addresses AS r ON r.address_id = e.to_id ORDER BY row"
)
_ROWS = "SELECT hex(toString(tuple(* EXCEPT (version)))) AS row FROM {} ORDER BY row"


@dataclass(frozen=True)
class Wound:
    """Where a child dies: before a statement, or so many seconds after it has begun."""

    statement: str
    occurrence: int = 1
    seconds: float | None = None


@dataclass
class Toll:
    """What happened so far."""

    kills: dict[str, int] = field(default_factory=lambda: {"before": 0, "inside": 0, "at_random": 0})
    resumes: list[float] = field(default_factory=list)
    cycles: int = 0
    mismatches: list[str] = field(default_factory=list)


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """The benchmark by hand: 200 kills over the demo's chain, or over the archive in `data`."""
    return soak(kills=KILLS, archive=data or Path(demo.__file__).parent / "chain")


def soak(*, kills: int, archive: Path, blocks: int = BLOCKS, batch: int = BATCH, seed: int = 0) -> dict[str, Any]:
    """Kill until `kills` children have died, then let the last one finish.

    Raises `DataCheckError` naming the tables that differ from the undisturbed run, and `ChildFailed` when a child fails.
    """
    started = time.monotonic()
    source = ArchiveSource(archive)
    chain_id = source.chain_id() or 1
    first = source.reach().first
    recorded = list(islice(source.read(first, source.reach().head), blocks))
    toll, chosen = Toll(), random.Random(seed)
    settings().home.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="soak-", dir=settings().home.resolve()))
    try:
        work = _Work(recorded, chain_id, batch)
        said, _ = _child(lambda tell: work.do(scratch / "clean", tell, None, rehearses=True))
        steps = list(dict.fromkeys(line.removeprefix("step ") for line in said if line.startswith("step ")))
        expected = _told(lambda tell: work.look(scratch / "clean", tell))
        wounds = _wounds(steps, chosen)
        while sum(toll.kills.values()) < kills or toll.cycles == 0:
            _one_cycle(work, scratch / f"store-{toll.cycles}", wounds, chosen, kills, toll)
            found = _told(lambda tell: work.look(scratch / f"store-{toll.cycles}", tell))
            toll.mismatches += [name for name in expected if found.get(name) != expected[name]]
            shutil.rmtree(scratch / f"store-{toll.cycles}")
            toll.cycles += 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if toll.mismatches:
        raise DataCheckError(
            f"After {sum(toll.kills.values())} kills {', '.join(sorted(set(toll.mismatches)))} differ from an undisturbed run.",
            next_step=f"Repeat it with seed {seed}; the journal in ingest/journal.py has a hole.",
        )
    figures = {
        "kills": sum(toll.kills.values()),
        "kills_before_a_statement": toll.kills["before"],
        "kills_inside_a_statement": toll.kills["inside"],
        "kills_at_random": toll.kills["at_random"],
        "statements_named": len(steps),
        "resumes": len(toll.resumes),
        "runs_to_the_end": toll.cycles,
        "mismatches": len(toll.mismatches),
        "longest_resume_s": round(max(toll.resumes, default=0.0), 3),
        "median_resume_s": round(statistics.median(toll.resumes or [0.0]), 3),
    }
    return {"name": "soak", "data": f"{archive.name}, {len(recorded)} blocks in batches of {batch}", "figures": figures,
            "baselines": {}, "seconds": round(time.monotonic() - started, 1)}  # fmt: skip


def _wounds(steps: Sequence[str], chosen: random.Random) -> Iterator[Wound | None]:
    """For ever: a kill before each statement in turn, one inside it, one at a random moment (None)."""
    for step in cycle(steps):
        yield Wound(step, chosen.choice((1, 1, 2)))
        yield Wound(step, chosen.choice((1, 1, 2)), chosen.uniform(0.0005, 0.02))
        yield None


def _one_cycle(
    work: _Work, path: Path, wounds: Iterator[Wound | None], chosen: random.Random, kills: int, toll: Toll
) -> None:
    """Children on one store until one reaches the end."""
    while True:
        wound = next(wounds) if sum(toll.kills.values()) < kills else Wound("")
        patience = chosen.uniform(0.2, 3.0) if wound is None else None
        said, died = _child(lambda tell, wound=wound: work.do(path, tell, wound), kill_after=patience)  # type: ignore[misc]
        toll.resumes += [float(line.removeprefix("resumed ")) for line in said if line.startswith("resumed ")]
        if not died:
            return
        kind = "at_random" if wound is None else "before" if wound.seconds is None else "inside"
        toll.kills[kind] += 1


@dataclass(frozen=True)
class _Work:
    """What a child does, and how its outcome is looked at."""

    recorded: Sequence[RawBlock]
    chain_id: int
    batch: int

    def do(self, path: Path, tell: Callable[[str], None], wound: Wound | None, *, rehearses: bool = False) -> None:
        """Read what is missing, taking back and deriving now and then."""
        begun = time.monotonic()
        opened = open_store(f"chdb://{path}")
        store = _Watched(opened, wound, tell if rehearses else None)
        migrate(store)
        recover(store, chain_id=self.chain_id)
        tell(f"resumed {time.monotonic() - begun:.4f}")
        first, last = self.recorded[0].number, self.recorded[-1].number
        source = _Recorded(self.recorded, self.chain_id)
        for index, start in enumerate(range(first, last + 1, self.batch)):
            end = min(start + self.batch - 1, last)
            if not uncommitted(store, chain_id=self.chain_id, first=start, last=end):
                continue
            ingest_blocks(store, source, blocks=BlockRange(start, end), chain_id=self.chain_id)
            if index % _TAKEN_BACK_EVERY == _TAKEN_BACK_EVERY - 1:
                transform(store, chain_id=self.chain_id, from_block=first, to_block=end)
                withdraw_blocks(store, chain_id=self.chain_id, first=start + self.batch // 2)
                ingest_blocks(store, source, blocks=BlockRange(start, end), chain_id=self.chain_id)
        transform(store, chain_id=self.chain_id, from_block=first, to_block=last)
        opened.close()

    def look(self, path: Path, tell: Callable[[str], None]) -> None:
        """A digest of the rows of every table, and whether anything was left open or any check fails."""
        store = open_store(f"chdb://{path}")
        for table in ROWS_OF_BLOCKS:
            tell(json.dumps([table, _digest(store, _ROWS.format(table))]))
        tell(json.dumps(["address_edges", _digest(store, _EDGES)]))
        tell(
            json.dumps(
                [
                    "addresses",
                    _digest(store, "SELECT hex(toString((address, first_block))) AS row FROM addresses ORDER BY row"),
                ]
            )
        )
        names = ("block_count", "transaction_count", "log_count", "trace_count", "transfer_count")
        stated = f"SELECT toString(tuple({', '.join(f'sum({name})' for name in names)})) AS row FROM ingest_audit"
        tell(json.dumps(["ingest_audit", _digest(store, stated)]))
        dirty = int(store.query("SELECT count() AS n FROM dirty_keys").column("n")[0].as_py())
        tell(json.dumps(["what is left open", [len(open_intents(store, chain_id=self.chain_id)), dirty]]))
        tell(json.dumps(["checks", [failure.name for failure in check(store, chain_id=self.chain_id)]]))
        store.close()


class _Watched:
    """A store that tells which statement is next, and may die of it."""

    def __init__(self, store: Store, wound: Wound | None, tell: Callable[[str], None] | None) -> None:
        self.dsn = store.dsn
        self._store = store
        self._wound = wound
        self._tell = tell
        self._met = [0]

    def query(self, statement: str | Statement, **parameters: Parameter) -> pa.Table:
        """See `Store.query`."""
        return self._store.query(statement, **parameters)

    def command(self, statement: str | Statement, **parameters: Parameter) -> None:
        """See `Store.command`."""
        self._meet(statement.name if isinstance(statement, Statement) else "")
        self._store.command(statement, **parameters)

    def insert(self, table: str, rows: pa.Table) -> int:
        """See `Store.insert`."""
        return self._store.insert(table, rows)

    def load(self, table: str, payload: bytes, form: str = "JSONEachRow") -> None:
        """See `Store.load`."""
        self._meet(f"load {table}")
        self._store.load(table, payload, form)

    def copy_out(self, statement: str | Statement, path: Path, form: str = "Parquet", **parameters: Parameter) -> None:
        """See `Store.copy_out`."""
        self._store.copy_out(statement, path, form, **parameters)

    def session(self) -> Store:
        """See `Store.session`; what is met in it counts, too."""
        beside = _Watched(self._store.session(), self._wound, self._tell)
        beside._met = self._met
        return beside

    def close(self) -> None:
        """See `Store.close`."""
        self._store.close()

    def _meet(self, name: str) -> None:
        if self._tell is not None and name and not name.startswith(("functions/", "migrations/")):
            self._tell(f"step {name}")
        wound = self._wound
        if wound is None or name != wound.statement or not name:
            return
        self._met[0] += 1
        if self._met[0] != wound.occurrence:
            return
        if wound.seconds is None:
            os.kill(os.getpid(), signal.SIGKILL)
        threading.Timer(wound.seconds or 0, os.kill, (os.getpid(), signal.SIGKILL)).start()


@dataclass
class _Recorded:
    """Blocks in memory as a `ChainSource`."""

    blocks: Sequence[RawBlock]
    chain: int
    kind: str = "archive"
    location: str = "soak"
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def chain_id(self) -> int | None:
        """See `ChainSource.chain_id`."""
        return self.chain

    def reach(self) -> Reach:
        """See `ChainSource.reach`."""
        last = self.blocks[-1].number
        return Reach(self.blocks[0].number, last, last, last)

    def read(self, first: int, last: int) -> Iterator[RawBlock]:
        """See `ChainSource.read`."""
        start = self.blocks[0].number
        yield from self.blocks[first - start : last - start + 1]

    def distrust(self, number: int, reason: str) -> bool:
        """See `ChainSource.distrust`."""
        return False

    def close(self) -> None:
        """See `ChainSource.close`."""


def _digest(store: Store, rows: str) -> list[Any]:
    found = store.query(rows).column("row").to_pylist()
    return [len(found), hashlib.sha256("\n".join(found).encode()).hexdigest()]


def _told(work: Callable[[Callable[[str], None]], None]) -> dict[str, Any]:
    lines, _ = _child(work)
    return dict(json.loads(line) for line in lines)


def _child(work: Callable[[Callable[[str], None]], None], *, kill_after: float | None = None) -> tuple[list[str], bool]:
    """Do something in a forked process; returns the lines it told and whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            work(partial(_tell, writing))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    timer = threading.Timer(kill_after, os.kill, (child, signal.SIGKILL)) if kill_after is not None else None
    if timer is not None:
        timer.start()
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    if timer is not None:
        timer.cancel()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return lines, True
    if os.waitstatus_to_exitcode(status) != 0:
        raise ChildFailed(
            f"An ingesting child ended by itself with {os.waitstatus_to_exitcode(status)}.",
            next_step="What it said stands above.",
        )
    return lines, False


def _tell(writing: int, line: str) -> None:
    os.write(writing, f"{line}\n".encode())


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]] + [KILLS, BLOCKS, BATCH][len(sys.argv) - 1 :]
    chain = Path(demo.__file__).parent / "chain"
    print(json.dumps(soak(kills=numbers[0], archive=chain, blocks=numbers[1], batch=numbers[2])))
