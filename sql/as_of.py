"""Until which block the store knows a chain: the watermark that every reader stops at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from chainsight.errors import StoreEmpty
from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class AsOf:
    """The last block of the last committed batch."""

    chain_id: int
    block_number: int
    block_hash: bytes
    """32 bytes; zeros where the source does not say."""
    block_timestamp: dt.datetime
    finality: str


def known_chains(store: Store) -> list[int]:
    """Chain ids with at least one committed batch, ascending."""
    found = store.query("SELECT DISTINCT chain_id FROM ingest_audit ORDER BY chain_id")
    return [int(chain_id) for chain_id in found.column("chain_id").to_pylist()]


def read_as_of(store: Store, chain_id: int) -> AsOf:
    """The watermark of one chain; raises `StoreEmpty` when nothing was ingested."""
    rows = store.query(load("queries/as_of"), chain_id=chain_id).to_pylist()
    if not rows:
        raise StoreEmpty(
            f"blocks of chain {chain_id}",
            "Ingest some first: chainsight ingest --archive DIR, --rpc URL or --tables DIR.",
        )
    return AsOf(chain_id=chain_id, **rows[0])
