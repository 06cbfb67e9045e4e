"""Take the rows of blocks back, table by table, so that no step can be caught half-way by a crash.

A row is withdrawn by a tombstone: its key with is_deleted = 1 and the next version. Tombstones are written for the rows that
are still visible, so a repeat finishes what an interrupted one began and writes nothing twice. What rests on other rows
goes before them: transfers, logs and traces, transactions, blocks.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ingest.ranges import outside
from sql.files import load
from sql.store import Store

# One file in sql/withdraw/ each. A table that holds rows of blocks and is not here fails tests/ingest/test_withdraw.py.
ROWS_OF_BLOCKS = (
    "address_transfers",
    "balance_changes",
    "dex_swaps",
    "transfer_marks",
    "transfers",
    "quarantined_logs",
    "authorizations",
    "logs",
    "traces",
    "withdrawals",
    "transactions",
    "blocks",
)
ENDLESS = 2**64 - 1
"""The last block of a range that has no end."""


def withdraw_rows(store: Store, *, chain_id: int, first: int, last: int) -> None:
    """Withdraw every row of blocks first … last (both in it), committed or not; the keys they touched are journalled first."""
    store.command(load("withdraw/dirty_keys"), chain_id=chain_id, first=first, last=last, version=time.time_ns())
    for table in ROWS_OF_BLOCKS:
        store.command(load(f"withdraw/{table}"), chain_id=chain_id, first=first, last=last)


def cut_batches(store: Store, *, chain_id: int, first: int, last: int) -> None:
    """Take first … last out of the committed batches: from here on no reader counts them as stored.

    What stays of a batch becomes a batch with its own counts; it is written before the whole one is withdrawn, so that
    blocks which stay are committed at every moment.
    """
    for whole in committed_batches(store, chain_id=chain_id, first=first, last=last):
        for start, end in ((whole.from_block, first - 1), (last + 1, whole.to_block)):
            if start <= end:
                store.command(
                    load("withdraw/audit_part"),
                    chain_id=chain_id,
                    from_block=start,
                    to_block=end,
                    whole_from=whole.from_block,
                    whole_to=whole.to_block,
                    source=whole.source,
                    version=time.time_ns(),
                )
    # Newer than anything that was derived from the batch: what is derived next sees that it went.
    store.command(load("withdraw/ingest_audit"), chain_id=chain_id, first=first, last=last, version=time.time_ns())


def note_withdrawn(store: Store, *, chain_id: int, first: int, last: int) -> None:
    """Tell what derives (sql/changes.py) that rows of blocks first … last went, and with them what knew these blocks.

    Written after them: whatever was derived while they went is derived once more.
    """
    store.command(load("withdraw/audit_note"), chain_id=chain_id, first=first, last=last, version=time.time_ns())


def retract_publications(store: Store, *, chain_id: int, first: int) -> int:
    """Note in `retractions` which publications know block `first` or a later one; returns how many hold no longer."""
    store.command(load("withdraw/retractions"), chain_id=chain_id, first=first, version=time.time_ns())
    found = store.query(
        "SELECT count() AS n FROM retractions WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}",
        chain_id=chain_id,
        first=first,
    )
    return int(found.column("n")[0].as_py())


@dataclass(frozen=True)
class Batch:
    """A committed batch of blocks."""

    from_block: int
    to_block: int
    source: str


def committed_batches(store: Store, *, chain_id: int, first: int, last: int) -> list[Batch]:
    """The committed batches that hold one of the blocks first … last, in order."""
    found = store.query(load("withdraw/committed_ranges"), chain_id=chain_id, first=first, last=last)
    return [Batch(**row) for row in found.to_pylist()]


def uncommitted(store: Store, *, chain_id: int, first: int, last: int) -> list[tuple[int, int]]:
    """The parts (first, last) of first … last that lie in no committed batch."""
    batches = committed_batches(store, chain_id=chain_id, first=first, last=last)
    return outside(first, last, ((batch.from_block, batch.to_block) for batch in batches))
