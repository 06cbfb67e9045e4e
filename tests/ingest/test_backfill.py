"""Blocks into tables: what a repeat, a crash, another fork, another chain or a changed byte does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import DataCheckError, ProofFailed, StoreError, UsageError, WrongChain
from ingest import backfill
from ingest.archive import ArchiveSource
from ingest.audit import audit_chain
from ingest.backfill import ingest_blocks
from ingest.ranges import BlockRange
from sql.store import ClickHouseStore, Parameter, Store
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive, demo_blocks, write_archive
from tests.fixtures.stores import new_store

TABLES = ("blocks", "transactions", "logs", "traces", "withdrawals", "transfers")


def content(store: Store) -> dict[str, list[str]]:
    """Every row of every table, whatever run wrote it; in hex, because call data is no text."""
    rows = "SELECT hex(toString(tuple(* EXCEPT (version)))) AS row FROM {} ORDER BY row"
    return {table: store.query(rows.format(table)).column("row").to_pylist() for table in TABLES}


@contextmanager
def fresh_store(path: Path) -> Iterator[Store]:
    opened = new_store(path)
    try:
        yield opened
    finally:
        opened.close()


def audit_rows(store: Store) -> int:
    return store.query("SELECT chain_id FROM ingest_audit").num_rows


def test_one_archive_in_pieces_equals_one_archive_at_once(tmp_path: Path) -> None:
    folder = demo_archive(tmp_path / "a", 40)
    seen = []
    for name, ranges in {
        "whole": [BlockRange()],
        "pieces": [BlockRange(25, 40), BlockRange(1, 9), BlockRange()],
    }.items():
        with fresh_store(tmp_path / name) as store:
            for blocks in ranges:
                ingest_blocks(store, ArchiveSource(folder), blocks=blocks)
            seen.append(content(store))
            assert audit_chain(store, chain_id=DEMO_CHAIN_ID).gaps == ()
    assert seen[0] == seen[1]
    assert len(seen[0]["blocks"]) == 40


@pytest.mark.parametrize("broken_at", ["decode/logs", "decode/blocks", "transforms/transfers_native", "decode/audit"])
def test_a_run_that_breaks_anywhere_is_mended_by_repeating_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken_at: str
) -> None:
    folder = demo_archive(tmp_path / "a", 20)
    with fresh_store(tmp_path / "whole") as whole:
        ingest_blocks(whole, ArchiveSource(folder))
        expected = content(whole)
    with fresh_store(tmp_path / "broken") as store:
        run = ClickHouseStore.command

        def break_off(session: ClickHouseStore, statement: Any, **parameters: Parameter) -> None:
            if getattr(statement, "name", "") == broken_at:
                raise StoreError("the lights went out.")
            run(session, statement, **parameters)

        with monkeypatch.context() as patched:
            patched.setattr(ClickHouseStore, "command", break_off)
            with pytest.raises(StoreError, match="lights"):
                ingest_blocks(store, ArchiveSource(folder))
        assert audit_rows(store) == 0
        summary = ingest_blocks(store, ArchiveSource(folder))
        assert (summary.blocks, summary.skipped) == (20, 0)
        assert content(store) == expected


def test_batches_are_bounded_and_each_leaves_one_audit_row(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "BATCH_BLOCKS", 8)
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 20)))
    batches = audit_chain(store, chain_id=DEMO_CHAIN_ID).batches
    assert [(batch.from_block, batch.to_block) for batch in batches] == [(1, 8), (9, 16), (17, 20)]
    assert {batch.proofs for batch in batches} == {
        "block_hash, logs_bloom, receipts_root, senders, transactions_root, withdrawals_root"
    }


def test_a_changed_byte_is_refused_with_block_and_field_and_nothing_is_kept(tmp_path: Path, store: Store) -> None:
    blocks, receipts, traces = demo_blocks(12)
    sender = next(index for index, block in enumerate(blocks) if block["transactions"])
    value = blocks[sender]["transactions"][0]["value"]
    blocks[sender]["transactions"][0]["value"] = hex(int(value, 16) ^ 1)
    number = int(blocks[sender]["number"], 16)
    with pytest.raises(ProofFailed, match=rf"Block {number}: transactions\[0\].hash is 0x") as refused:
        ingest_blocks(store, ArchiveSource(write_archive(tmp_path / "a", blocks, receipts, traces)))
    assert refused.value.exit_code == 3
    assert {name: len(rows) for name, rows in content(store).items()} == dict.fromkeys(TABLES, 0)
    assert audit_rows(store) == 0


def test_another_block_where_the_stored_ones_end_is_refused(tmp_path: Path, store: Store) -> None:
    folder = demo_archive(tmp_path / "a", 6)
    ingest_blocks(store, ArchiveSource(folder))
    before = content(store)
    blocks, _, _ = demo_blocks(6)
    blocks[5]["hash"] = "0x" + "ab" * 32
    with pytest.raises(DataCheckError, match=f"block 6 with hash 0x{'ab' * 32}, the store has it with hash"):
        ingest_blocks(store, ArchiveSource(write_archive(tmp_path / "fork", blocks)))
    assert content(store) == before


def test_a_block_that_does_not_follow_the_one_before_is_refused(tmp_path: Path, store: Store) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 3)))
    blocks, receipts, traces = demo_blocks(6)
    blocks[3]["parentHash"] = "0x" + "cd" * 32
    with pytest.raises(DataCheckError, match=f"block 4 has the parent 0x{'cd' * 32}, block 3 has the hash 0x"):
        ingest_blocks(store, ArchiveSource(write_archive(tmp_path / "b", blocks, receipts, traces)))
    assert store.query("SELECT block_number FROM blocks").num_rows == 3


def test_a_block_that_the_stored_one_after_it_does_not_follow_is_refused(tmp_path: Path, store: Store) -> None:
    blocks, receipts, traces = demo_blocks(6)
    later = write_archive(tmp_path / "later", blocks[3:], receipts[3:], traces[3:])
    ingest_blocks(store, ArchiveSource(later), chain_id=DEMO_CHAIN_ID)
    followed = str(blocks[3]["parentHash"])
    blocks[2]["hash"] = "0x" + "cd" * 32
    earlier = ArchiveSource(write_archive(tmp_path / "fork", blocks[:3], receipts[:3], traces[:3]))
    problem = f"block 4 has the parent {followed}, block 3 has the hash 0x{'cd' * 32}"
    with pytest.raises(DataCheckError, match=problem):
        ingest_blocks(store, earlier, chain_id=DEMO_CHAIN_ID)
    assert store.query("SELECT block_number FROM blocks").num_rows == 3
    assert ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "all", 6))).blocks == 3


def test_blocks_of_another_chain_are_refused(tmp_path: Path, store: Store) -> None:
    source = ArchiveSource(demo_archive(tmp_path / "a", 12))
    with pytest.raises(WrongChain, match="is of chain 31337, not of chain 1") as refused:
        ingest_blocks(store, source, chain_id=1)
    assert refused.value.exit_code == 3
    assert audit_rows(store) == 0


def test_blocks_that_name_no_chain_need_one_named(tmp_path: Path, store: Store) -> None:
    blocks, receipts, traces = demo_blocks(12)
    silent = next(index for index, block in enumerate(blocks) if not block["transactions"])
    folder = write_archive(
        tmp_path / "a", blocks[silent : silent + 1], receipts[silent : silent + 1], traces[silent : silent + 1]
    )
    with pytest.raises(UsageError, match="do not say which chain"):
        ingest_blocks(store, ArchiveSource(folder))
    assert ingest_blocks(store, ArchiveSource(folder), chain_id=7).chain_id == 7


def test_without_receipts_it_is_unknown_who_failed_and_what_was_sent_counts(tmp_path: Path, store: Store) -> None:
    blocks, _, _ = demo_blocks(30)
    summary = ingest_blocks(store, ArchiveSource(write_archive(tmp_path / "a", blocks)))
    assert summary.proofs == ("block_hash", "senders", "transactions_root", "withdrawals_root")
    sent = [tx for block in blocks for tx in block["transactions"]]
    found = store.query("SELECT success, count() AS n FROM transactions GROUP BY success").to_pylist()
    assert found == [{"success": 2, "n": len(sent)}]
    kinds = store.query("SELECT CAST(kind AS String) AS kind, count() AS n FROM transfers GROUP BY kind").to_pylist()
    assert kinds == [{"kind": "native", "n": sum(int(tx["value"], 16) > 0 for tx in sent)}]


def test_fees_add_up_to_what_the_receipts_say_was_paid(tmp_path: Path, store: Store) -> None:
    _, receipts, _ = demo_blocks(40)
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 40)))
    paid = sum(
        int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        for line in receipts
        for receipt in line["receipts"]
    )
    found = store.query("SELECT toString(sum(amount)) AS paid FROM transfers WHERE kind = 'fee'").to_pylist()
    assert found == [{"paid": str(paid)}]
