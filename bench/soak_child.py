"""What a child of bench/soak.py does to a store until it is killed, and how its outcome is looked at."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest import backfill
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

_BATCHES_AT_ONCE, _TAKEN_BACK_EVERY = 3, 2
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


@dataclass(frozen=True)
class Work:
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
        vars(backfill)["BATCH_BLOCKS"] = self.batch  # small, so that several are on their way at once
        for index, start in enumerate(range(first, last + 1, _BATCHES_AT_ONCE * self.batch)):
            end = min(start + _BATCHES_AT_ONCE * self.batch - 1, last)
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

    def query(self, statement: str | Statement, /, **parameters: Parameter) -> pa.Table:
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
