"""What an audit says of a store, and what it writes down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.archive import ArchiveSource
from ingest.audit import Audit, audit_chain, take_audit
from ingest.backfill import ingest_blocks
from ingest.balances import BalanceCheck, BalanceReport
from ingest.ranges import BlockRange
from ingest.rpc import RpcSource
from sql.store import Store
from sql.transform import transform
from tests.fixtures.anvil import play_a_few_blocks, started_node
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive
from tests.fixtures.handmade import block, decode, ingest, log, stage, transaction, word

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def recorded(store: Store, name: str) -> list[dict[str, Any]]:
    return store.query(
        "SELECT subject, from_block, to_block, CAST(status AS String) AS status, expected, seen, detail FROM ingest_checks "
        "WHERE check_name = {name:String} ORDER BY subject, from_block",
        name=name,
    ).to_pylist()


def test_a_whole_chain_is_clean_and_the_record_says_what_was_proven(tmp_path: Path, store: Store) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 20)))
    transform(store, chain_id=DEMO_CHAIN_ID, from_block=0, to_block=20)

    audit = take_audit(store, chain_id=DEMO_CHAIN_ID)

    assert audit.is_clean
    assert {row["subject"]: row["status"] for row in recorded(store, "proofs")} == {
        "block_hash": "ok", "transactions_root": "ok", "receipts_root": "ok", "withdrawals_root": "ok",
    }  # fmt: skip
    (coverage,) = recorded(store, "coverage")
    assert (coverage["status"], coverage["expected"], coverage["seen"]) == ("ok", "20", "20")
    assert recorded(store, "tables")[0]["status"] == "ok"
    assert recorded(store, "balance") == []


def test_a_gap_stands_in_the_record_until_it_is_filled(tmp_path: Path, store: Store) -> None:
    source = ArchiveSource(demo_archive(tmp_path / "a", 20))
    first = source.reach().first
    ingest_blocks(store, source, blocks=BlockRange(first, first + 4))
    ingest_blocks(store, source, blocks=BlockRange(first + 9, first + 19))

    assert not take_audit(store, chain_id=DEMO_CHAIN_ID).is_clean
    missing = [row for row in recorded(store, "coverage") if row["subject"] == "missing"]
    assert [(row["from_block"], row["to_block"], row["status"]) for row in missing] == [
        (first + 5, first + 8, "failed")
    ]

    ingest_blocks(store, source)
    take_audit(store, chain_id=DEMO_CHAIN_ID)
    assert [row["subject"] for row in recorded(store, "coverage")] == ["blocks"]


def test_what_was_put_aside_is_counted_by_reason(store: Store) -> None:
    address = word(0xA1)
    ingest(
        store,
        transaction(),
        logs=[
            log(TRANSFER, address, address, data="0x", index=0),
            log(TRANSFER, address, data="0x", index=1),
            log(TRANSFER, word(2**255), address, data=word(1), index=2),
            log(TRANSFER, address, address, data=word(2**255), index=3),
            log(TRANSFER, data=address + address[2:] + word(7)[2:], index=4),
        ],
    )
    store.command(
        "INSERT INTO ingest_audit (chain_id, from_block, to_block, to_block_hash, to_block_timestamp, source, block_count, "
        "finality, version) SELECT 1, 9, 9, '', toDateTime(0), 'archive', 1, 'latest', 1"
    )

    audit = audit_chain(store, chain_id=1)
    assert audit.quarantined == {"dirty_address": 1, "other_shape": 2}
    assert audit.doubts == {"amount_overflow": 1, "unindexed_form": 1}

    take_audit(store, chain_id=1)
    assert [(row["subject"], row["seen"]) for row in recorded(store, "quarantine")] == [
        ("dirty_address", "1"),
        ("other_shape", "2"),
    ]


def test_a_chain_with_another_first_block_is_another_chain(store: Store) -> None:
    for chain_id in (1, 987654):
        stage(store, [block(number=0)])
        decode(store, chain_id=chain_id)
        store.command(
            "INSERT INTO ingest_audit (chain_id, from_block, to_block, to_block_hash, to_block_timestamp, source, block_count, "
            "finality, version) SELECT {chain_id:UInt64}, 0, 0, '', toDateTime(0), 'archive', 1, 'latest', 1",
            chain_id=chain_id,
        )

    assert not take_audit(store, chain_id=1).is_of_its_chain
    (genesis,) = (row for row in recorded(store, "coverage") if row["subject"] == "genesis")
    assert (genesis["status"], genesis["seen"]) == ("failed", word(0))
    assert genesis["expected"].startswith("0xd4e56740")
    assert take_audit(store, chain_id=987654).is_of_its_chain


def test_a_store_without_blocks_has_nothing_to_say(store: Store) -> None:
    audit = take_audit(store, chain_id=5)
    assert (audit.batches, audit.is_clean) == ((), True)
    assert recorded(store, "coverage") == []


@pytest.mark.timeout(120)
def test_balances_of_a_node_are_part_of_the_record(store: Store) -> None:
    with started_node() as node:
        head = play_a_few_blocks(node)
        source = RpcSource(node.url)
        ingest_blocks(store, source)
        source.close()
        transform(store, chain_id=31337, from_block=0, to_block=head)

        audit = take_audit(store, chain_id=31337, urls=node.url)

    assert audit.balances is not None
    assert audit.is_clean
    rows = recorded(store, "balance")
    assert len(rows) == len(audit.balances.checks) > 0
    assert all(row["status"] == "ok" and row["expected"] == row["seen"] for row in rows)


def test_only_balances_that_nothing_explains_make_an_audit_unclean() -> None:
    def audit_with(status: str) -> Audit:
        found = BalanceCheck(bytes(20), bytes(20), 1, 2, 3, 4, status, "")
        return Audit(5, (), (), {}, {}, {}, {}, balances=BalanceReport(5, 1, 2, (found,)))

    assert [audit_with(status).is_clean for status in ("match", "explained", "unknown", "mismatch")] == [
        True, True, True, False,
    ]  # fmt: skip
