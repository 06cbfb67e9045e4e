"""Transfers by address tell what transfers tell, from either side, and go with their blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.withdraw import withdraw_blocks
from sql.derive import derive, rebuild
from sql.store import Store
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive

ZERO = bytes(20)


def sides(store: Store) -> list[tuple[Any, ...]]:
    """Both sides of every transfer, worked out in Python from `transfers`."""
    rows = store.query(
        "SELECT from_address, to_address, block_number, CAST(kind AS String) AS kind, position, batch_index, amount"
        " FROM transfers"
    ).to_pylist()
    found = []
    for row in rows:
        giver, receiver = row.pop("from_address"), row.pop("to_address")
        for address, other, direction in ((giver, receiver, "out"), (receiver, giver, "in")):
            if address != ZERO:
                found.append((address, other, direction, *row.values()))
    return sorted(found)


def stored(store: Store) -> list[tuple[Any, ...]]:
    """The same as the table has it."""
    rows = store.query(
        "SELECT address, counterparty_address, CAST(direction AS String) AS direction, block_number,"
        " CAST(kind AS String) AS kind, position, batch_index, amount FROM address_transfers"
    ).to_pylist()
    return sorted(tuple(row.values()) for row in rows)


def test_both_sides_of_every_transfer_are_found_by_address_until_their_block_goes(tmp_path: Path, store: Store) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 40)))
    assert derive(store, chain_id=DEMO_CHAIN_ID).failures == ()
    expected = sides(store)
    assert stored(store) == expected
    assert {row[2] for row in expected} == {"in", "out"}
    assert {row[4] for row in expected} >= {"native", "fee"}

    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=31)
    assert stored(store) == [row for row in expected if row[3] <= 30]

    rebuild(store, chain_id=DEMO_CHAIN_ID)
    assert stored(store) == [row for row in expected if row[3] <= 30]
