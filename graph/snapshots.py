"""The graph of a chain as of a block: of a stretch of blocks, some kinds, one class of tokens, without bait and dust.

    snapshot = latest(store, chain_id)                                  everything up to the watermark, defaults
    snapshot = Snapshot(chain_id, as_of_block=18_000_000, since=17_900_000, token_class="stable")
    snapshot.edges(store)                                               Arrow, one row per giver and receiver
    take(store, snapshot)                                               edges, marked addresses, what was left out

What it rests on are daily edges (`address_daily_edges`) and marks of transfers, tokens and addresses, which `derive` keeps up
to date: new blocks cost the days they lie in. A snapshot of all blocks up to the watermark reads these tables. Any other one
first copies the days of its stretch into a temporary table, days that it cuts added up from their transfers, and has tokens and
addresses marked anew by the same statements, so that what is spam, bait, a hub or a service is said of its own stretch and
knows nothing later. Metadata of tokens count when they were asked for by then, labels when they held at its last transfer.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from chainsight.errors import StoreEmpty, UnknownName, UsageError
from sql.as_of import read_as_of
from sql.chain_parameters import chain_parameters
from sql.files import Statement, load
from sql.store import Parameter, Store

KINDS = ("native", "internal", "withdrawal", "erc20", "erc721", "erc1155", "wrap")
"""Kinds of transfers that can be edges; fees are none."""
TOKEN_CLASSES = ("native", "wrapped", "stable", "fungible", "collectible")
TRANSFER_MARKS = ("poisoning", "empty", "doubtful", "dust")
ADDRESS_MARKS = ("service", "hub", "bait")
MARKS = (*TRANSFER_MARKS, "spam", *ADDRESS_MARKS)
"""What a snapshot may leave out: transfers, transfers of spam tokens, and all edges of such addresses."""
NO_MONEY = ("poisoning", "empty", "doubtful", "dust", "spam")
"""What is left out unless somebody asks for it."""

_STRETCH = {
    "address_daily_edges": "snapshot_days",
    "token_marks": "snapshot_token_marks",
    "address_marks": "snapshot_address_marks",
}


@dataclass(frozen=True)
class Snapshot:
    """Which graph: raises `UnknownName` for a class, kind or mark that is none, `UsageError` for a stretch turned around."""

    chain_id: int
    as_of_block: int
    """The last block that counts; nothing later is read."""
    since: int = 0
    """The first block that counts."""
    token_class: str = "all"
    """One of `TOKEN_CLASSES`, or all of them."""
    kinds: tuple[str, ...] = KINDS
    leave_out: tuple[str, ...] = NO_MONEY
    """Of `MARKS`."""

    def __post_init__(self) -> None:
        for kind, given, known in (
            ("token class", (self.token_class,), ("all", *TOKEN_CLASSES)),
            ("kind of transfer", self.kinds, KINDS),
            ("mark", self.leave_out, MARKS),
        ):
            for name in given:
                if name not in known:
                    raise UnknownName(kind, name, known)
        if self.since > self.as_of_block:
            raise UsageError(
                f"A snapshot from block {self.since:,} up to block {self.as_of_block:,} holds nothing.",
                next_step="Let it begin at or before the block it is as of.",
            )

    def edges(self, store: Store) -> pa.Table:
        """Its edges, ascending by from_id and to_id, each pair once, nobody with itself.

        Columns: from_id, to_id (int64, numbers of `addresses`), transfer_count, native_amount (wei, 32 bytes little-endian),
        stable_units (dollars, float64), token_count, first_block, last_block, first_timestamp, last_timestamp (seconds
        since 1970). Empty when nothing moved. Raises `StoreEmpty` when the chain was never ingested and `UsageError` for
        blocks it does not know.
        """
        return take(store, self).edges


@dataclass(frozen=True)
class SnapshotGraph:
    """A snapshot read from the store."""

    snapshot: Snapshot
    edges: pa.Table
    """See `Snapshot.edges`."""
    marked: pa.Table
    """Addresses with a mark, left out or not, ascending: id, address, is_service, is_hub, is_bait, category."""
    transfers: Mapping[str, int]
    """Transfers of the stretch by what they are: `edge`, a mark, `spam`, `self_loop`, `no_edge` (mints, burns and the like)."""


def latest(store: Store, chain_id: int) -> Snapshot:
    """All of a chain up to its watermark; raises `StoreEmpty` when nothing was ingested."""
    return Snapshot(chain_id, read_as_of(store, chain_id).block_number)


def take(store: Store, snapshot: Snapshot) -> SnapshotGraph:
    """Read a snapshot; see `Snapshot.edges` for what it raises."""
    tables = _tables(store, snapshot)
    chosen: dict[str, Parameter] = {
        "chain_id": snapshot.chain_id,
        "kinds": list(snapshot.kinds),
        "token_classes": list(TOKEN_CLASSES) if snapshot.token_class == "all" else [snapshot.token_class],
        "leave_out": list(snapshot.leave_out),
    }

    def read(name: str) -> pa.Table:
        statement = _over(load(f"snapshots/{name}"), tables)
        return store.query(statement, **{key: chosen[key] for key in statement.parameters})

    counted = {row["reason"] or "edge": int(row["transfers"]) for row in read("counts").to_pylist()}
    return SnapshotGraph(snapshot, read("edges"), read("nodes"), counted)


def first_block_since(store: Store, chain_id: int, moment: dt.datetime) -> int:
    """The first block with a transfer from a moment on; raises `StoreEmpty` when there is none."""
    found = store.query(load("snapshots/blocks_at"), chain_id=chain_id, moment=int(moment.timestamp())).to_pylist()[0]
    return _found(found["first_since"], chain_id, f"from {moment:%Y-%m-%d %H:%M} UTC on")


def last_block_until(store: Store, chain_id: int, moment: dt.datetime) -> int:
    """The last block with a transfer up to a moment; raises `StoreEmpty` when there is none."""
    found = store.query(load("snapshots/blocks_at"), chain_id=chain_id, moment=int(moment.timestamp())).to_pylist()[0]
    return _found(found["last_until"], chain_id, f"up to {moment:%Y-%m-%d %H:%M} UTC")


def _found(block: int | None, chain_id: int, when: str) -> int:
    if block is None:
        raise StoreEmpty(f"transfers of chain {chain_id} {when}", "Choose another time, or ingest blocks of that time.")
    return block


def _tables(store: Store, snapshot: Snapshot) -> Mapping[str, str]:
    """Stored tables to those that stand in for them; none where the snapshot is of all blocks up to the watermark."""
    known = read_as_of(store, snapshot.chain_id).block_number
    if snapshot.as_of_block > known:
        raise UsageError(
            f"Block {snapshot.as_of_block:,} of chain {snapshot.chain_id} is not known: the store ends at block {known:,}.",
            next_step="Ask for that block or an earlier one, or ingest more.",
        )
    if snapshot.since == 0 and snapshot.as_of_block == known:
        return {}
    _write_stretch(store, snapshot, known)
    return _STRETCH


def _write_stretch(store: Store, snapshot: Snapshot, known: int) -> None:
    stretch: dict[str, Parameter] = {
        "chain_id": snapshot.chain_id, "from_block": snapshot.since, "to_block": snapshot.as_of_block,
    }  # fmt: skip
    bounds = store.query(load("snapshots/bounds"), **stretch).to_pylist()[0]
    cut = [bounds["from_day"]] if snapshot.since > 0 else []
    cut += [bounds["to_day"]] if snapshot.as_of_block < known else []
    days = {"from_day": bounds["from_day"], "to_day": bounds["to_day"], "cut_days": cut}
    store.command(load("snapshots/days"), **stretch, **days)
    for table in ("token_marks", "address_marks"):
        store.command(f"CREATE OR REPLACE TEMPORARY TABLE {_STRETCH[table]} AS {table}")
        statement = _over(load(f"transforms/{table}"), _STRETCH)
        given = {**stretch, **chain_parameters(snapshot.chain_id), "version": time.time_ns()}
        store.command(statement, **{name: given[name] for name in statement.parameters})


def _over(statement: Statement, tables: Mapping[str, str]) -> Statement:
    """The same statement over other tables."""
    text = statement.text
    for stored, other in tables.items():
        text = re.sub(rf"\b{stored}\b", other, text)
    return replace(statement, text=text)
