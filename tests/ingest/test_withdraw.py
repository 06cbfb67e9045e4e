"""Blocks taken back: every row of them goes, what stays is counted anew, and a kill between any two steps is mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import StoreError
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.journal import open_intents, recover
from ingest.ranges import BlockRange
from ingest.recompute import CONCLUSIONS
from ingest.tombstones import ROWS_OF_BLOCKS
from ingest.withdraw import withdraw_blocks
from sql.as_of import read_as_of
from sql.check import check
from sql.store import Parameter, Store
from sql.transform import transform
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive
from tests.fixtures.contents import committed_counts, visible_addresses, visible_edges, visible_rows

STEPS = (
    "withdraw/audit_part",
    "withdraw/ingest_audit",
    "withdraw/retractions",
    "withdraw/address_measures",
    "withdraw/dirty_keys",
    "withdraw/transfers",
    "withdraw/logs",
    "withdraw/transactions",
    "withdraw/blocks",
    "withdraw/address_edges",
    "withdraw/addresses",
    "withdraw/dirty_keys_done",
    "withdraw/audit_note",
    "withdraw/intent_close",
)


def batches(store: Store) -> list[tuple[int, int]]:
    found = store.query("SELECT from_block, to_block FROM ingest_audit ORDER BY from_block").to_pylist()
    return [(row["from_block"], row["to_block"]) for row in found]


def test_blocks_that_go_take_all_their_rows_with_them_and_the_watermark_falls(tmp_path: Path, store: Store) -> None:
    archive = ArchiveSource(demo_archive(tmp_path / "a", 30))
    ingest_blocks(store, archive, blocks=BlockRange(1, 20))
    expected, counts = visible_rows(store), committed_counts(store)
    ingest_blocks(store, archive, blocks=BlockRange(21, 30))

    assert withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=21) == 10

    assert visible_rows(store) == expected
    assert committed_counts(store) == counts
    assert read_as_of(store, DEMO_CHAIN_ID).block_number == 20
    assert withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=21) == 0


def test_a_batch_that_is_cut_keeps_its_rest_with_the_right_counts(tmp_path: Path, store: Store) -> None:
    archive = ArchiveSource(demo_archive(tmp_path / "a", 30))
    ingest_blocks(store, archive)
    whole, counts = visible_rows(store), committed_counts(store)

    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=11, last=15)

    assert batches(store) == [(1, 10), (16, 30)]
    assert committed_counts(store)["block_count"] == 25
    for table, name in (("transactions", "transaction_count"), ("logs", "log_count"), ("transfers", "transfer_count")):
        assert committed_counts(store)[name] == len(visible_rows(store)[table])
    assert [failure for failure in check(store, chain_id=DEMO_CHAIN_ID) if "block" in failure.name] == []
    ingest_blocks(store, archive)
    assert visible_rows(store) == whole
    assert committed_counts(store) == counts


@pytest.mark.parametrize("broken_at", STEPS)
def test_a_withdrawal_that_breaks_at_any_step_is_finished_by_recovery(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, broken_at: str
) -> None:
    archive = ArchiveSource(demo_archive(tmp_path / "a", 30))
    ingest_blocks(store, archive, blocks=BlockRange(1, 20))
    expected, counts = visible_rows(store), committed_counts(store)
    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=1)
    ingest_blocks(store, archive)
    run = store.command

    def break_off(statement: Any, **parameters: Parameter) -> None:
        if getattr(statement, "name", "") == broken_at:
            raise StoreError("the lights went out.")
        run(statement, **parameters)

    with monkeypatch.context() as patched:
        patched.setattr(store, "command", break_off)
        with pytest.raises(StoreError, match="lights"):
            withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=21)

    recover(store, chain_id=DEMO_CHAIN_ID)

    assert visible_rows(store) == expected
    assert committed_counts(store) == counts
    assert open_intents(store, chain_id=DEMO_CHAIN_ID) == []
    assert recover(store, chain_id=DEMO_CHAIN_ID) == []


def test_every_table_that_holds_rows_of_blocks_is_withdrawn(store: Store) -> None:
    found = store.query(
        "SELECT table FROM system.columns WHERE database = currentDatabase()"
        " AND table IN (SELECT name FROM system.tables WHERE engine = 'ReplacingMergeTree' AND NOT is_temporary)"
        " AND name IN ('block_number', 'is_deleted') GROUP BY table HAVING count() = 2 ORDER BY table"
    )
    # Bitcoin has a journal of its own; logs that were searched for are searched again until they are final.
    others = {name for name in found.column("table").to_pylist() if "bitcoin" in name} | {"filtered_logs"}
    assert set(found.column("table").to_pylist()) == others | set(ROWS_OF_BLOCKS)


def test_keys_that_lose_transfers_are_known_before_the_transfers_go(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 30)))
    touched = (
        store.query(
            "SELECT DISTINCT hex(arrayJoin([from_address, to_address])) AS address FROM transfers"
            " WHERE block_number >= 21 ORDER BY address"
        )
        .column("address")
        .to_pylist()
    )
    run = store.command

    def break_off(statement: Any, **parameters: Parameter) -> None:
        if getattr(statement, "name", "") == "withdraw/transfers":
            raise StoreError("the lights went out.")
        run(statement, **parameters)

    monkeypatch.setattr(store, "command", break_off)
    with pytest.raises(StoreError, match="lights"):
        withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=21)

    dirty = store.query(
        "SELECT hex(key) AS address, since_block FROM dirty_keys WHERE kind = 'address' ORDER BY address"
    )
    assert dirty.column("address").to_pylist() == [address for address in touched if address != "00" * 20]
    assert min(dirty.column("since_block").to_pylist()) >= 21


def test_a_publication_that_knew_a_withdrawn_block_is_retracted_once(tmp_path: Path, store: Store) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 30)))
    for publication, as_of in ((1, 20), (2, 25)):
        store.command(
            "INSERT INTO publications (chain_id, publication, as_of_block, version)"
            f" SELECT {DEMO_CHAIN_ID}, {publication}, {as_of}, 1"
        )
    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=24)
    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=22)
    found = store.query("SELECT publication, as_of_block, from_block, reason FROM retractions").to_pylist()
    assert found == [
        {
            "publication": 2,
            "as_of_block": 25,
            "from_block": 24,
            "reason": "Block 24 and what followed it, up to the publication's block 25, left the chain.",
        }
    ]


def test_edges_and_addresses_after_a_withdrawal_equal_those_made_from_scratch(tmp_path: Path, store: Store) -> None:
    archive = ArchiveSource(demo_archive(tmp_path / "a", 60))
    ingest_blocks(store, archive, blocks=BlockRange(1, 40))
    transform(store, chain_id=DEMO_CHAIN_ID, from_block=1, to_block=40)
    edges, addresses = visible_edges(store), visible_addresses(store)
    numbers = store.query("SELECT hex(address) AS address, address_id FROM addresses ORDER BY address_id").to_pylist()
    ingest_blocks(store, archive)
    transform(store, chain_id=DEMO_CHAIN_ID, from_block=1, to_block=60)
    later = store.query("SELECT hex(address) AS address, address_id FROM addresses ORDER BY address_id").to_pylist()
    assert len(visible_addresses(store)) > len(addresses)

    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=41)

    assert visible_edges(store) == edges
    assert visible_addresses(store) == addresses
    transform(store, chain_id=DEMO_CHAIN_ID, from_block=1, to_block=40)
    # Not before: days that lost a block are withdrawn whole, and added up anew by what derives next.
    assert check(store, chain_id=DEMO_CHAIN_ID) == []
    assert visible_edges(store) == edges
    assert (
        store.query("SELECT hex(address) AS address, address_id FROM addresses ORDER BY address_id").to_pylist()
        == numbers
    )
    ingest_blocks(store, archive)
    transform(store, chain_id=DEMO_CHAIN_ID, from_block=1, to_block=60)
    # Addresses that come back have the numbers they had.
    assert (
        store.query("SELECT hex(address) AS address, address_id FROM addresses ORDER BY address_id").to_pylist()
        == later
    )


def test_a_number_of_a_withdrawn_address_is_given_to_nobody_else(store: Store) -> None:
    def move(block: int, giver: str, receiver: str, is_deleted: int = 0) -> None:
        store.command(
            "INSERT INTO transfers (chain_id, block_number, kind, from_address, to_address, version, is_deleted)"
            f" SELECT 1, {block}, 'native', unhex(repeat('{giver}', 20)), unhex(repeat('{receiver}', 20)),"
            f" {1 + is_deleted}, {is_deleted}"
        )

    def numbers() -> dict[str, int]:
        transform(store, chain_id=1, from_block=1, to_block=9)
        found = store.query("SELECT hex(substring(address, 1, 1)) AS who, address_id FROM addresses").to_pylist()
        return {row["who"]: row["address_id"] for row in found}

    move(1, "a1", "a2")
    move(2, "a1", "a3")
    assert numbers() == {"A1": 0, "A2": 1, "A3": 2}
    move(2, "a1", "a3", is_deleted=1)
    move(3, "a1", "a4")
    assert numbers() == {"A1": 0, "A2": 1, "A4": 3}
    move(4, "a3", "a4")
    assert numbers() == {"A1": 0, "A2": 1, "A3": 2, "A4": 3}


def test_every_table_that_says_as_of_which_block_is_withdrawn_or_derived_anew(store: Store) -> None:
    found = store.query(
        "SELECT table FROM system.columns WHERE database = currentDatabase() AND name IN ('as_of_block', 'is_deleted')"
        " AND table IN (SELECT name FROM system.tables WHERE engine = 'ReplacingMergeTree' AND NOT is_temporary)"
        " GROUP BY table HAVING count() = 2 ORDER BY table"
    )
    # Runs are a record of what was done; publications stay as they were and are retracted.
    # Bitcoin's have a way of their own: ingest/bitcoin_reorgs.py.
    bitcoin = {"bitcoin_entity_members", "bitcoin_entity_links"}
    others = {"address_edges", "publications", "retractions", "runs", *bitcoin}
    assert set(found.column("table").to_pylist()) == others | set(CONCLUSIONS)


def test_rows_that_know_a_withdrawn_block_go_and_those_that_do_not_stay(tmp_path: Path, store: Store) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 30)))
    # Memberships go back to what the build before knew: tests/graph/test_entities.py.
    tables = [table for table in CONCLUSIONS if table != "entity_member_rows"]
    keys = store.query(
        "SELECT t.name AS table, c.name AS key, c.type AS type FROM system.tables AS t"
        " INNER JOIN system.columns AS c ON c.table = t.name AND c.database = t.database"
        " AND c.name = arrayFilter(x -> x NOT IN ('chain_id', 'as_of_block'), splitByString(', ', t.sorting_key))[1]"
        " WHERE t.database = currentDatabase()"
    ).to_pylist()
    of = {row["table"]: (row["key"], row["type"] == "Date") for row in keys}
    for table in tables:
        key, is_day = of[table]
        for value, as_of in (("2024-01-01" if is_day else 1, 20), ("2024-01-02" if is_day else 2, 25)):
            store.command(
                f"INSERT INTO {table} (chain_id, {key}, as_of_block, version) SELECT {DEMO_CHAIN_ID}, '{value}', {as_of}, 1"
            )
    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=25)
    for table in tables:
        assert store.query(f"SELECT as_of_block FROM {table}").to_pylist() == [{"as_of_block": 20}], table
