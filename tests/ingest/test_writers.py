"""Two batches at once: committed in order, and none behind one that fails."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from chainsight.errors import FieldMalformed, StoreError
from ingest import backfill
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.commit import Committed
from ingest.ranges import BlockRange
from ingest.rpc import RpcSource
from ingest.writers import Write, write_in_order
from sql.store import Store
from tests.fixtures.archives import demo_archive
from tests.fixtures.lying_node import lying_node
from tests.fixtures.watchers import Notes

NOTHING = Committed(0, 0, 0, 0, 0, ())


def test_batches_are_worked_on_together_and_committed_in_order(store: Store) -> None:
    committed: list[int] = []
    together = threading.Barrier(2, timeout=10)

    def write(session, batch, await_turn):
        number = batch[0]
        together.wait()  # nobody passes alone
        time.sleep(0.02 if number % 2 == 0 else 0)  # the later one is done first
        await_turn()
        committed.append(number)
        return NOTHING

    done = [batch for batch, _ in write_in_order(store, ([number] for number in range(6)), write)]  # type: ignore[misc]
    assert committed == [0, 1, 2, 3, 4, 5]
    assert done == [[0], [1], [2], [3], [4], [5]]


def test_nothing_is_committed_behind_a_batch_that_fails(store: Store) -> None:
    committed: list[int] = []

    def write(session, batch, await_turn):
        if batch[0] == 2:
            time.sleep(0.05)
            raise StoreError("the lights went out.")
        await_turn()
        committed.append(batch[0])
        return NOTHING

    with pytest.raises(StoreError, match="lights"):
        list(write_in_order(store, ([number] for number in range(6)), write))  # type: ignore[misc]
    assert committed == [0, 1]


def test_each_batch_has_the_temporary_tables_of_a_session_to_itself(store: Store) -> None:
    together = threading.Barrier(2, timeout=10)

    def write(session: Store, batch, await_turn):
        session.command("CREATE TEMPORARY TABLE mine (x UInt64)")
        together.wait()
        session.command(f"INSERT INTO mine VALUES ({batch[0]})")
        together.wait()
        assert session.query("SELECT x FROM mine").to_pylist() == [{"x": batch[0]}]
        session.command("DROP TABLE mine")
        return NOTHING

    writes: Write = write
    assert len(list(write_in_order(store, ([number] for number in range(4)), writes))) == 4  # type: ignore[misc]


def test_many_small_batches_leave_audit_rows_in_the_order_of_their_blocks(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "BATCH_BLOCKS", 3)
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 30)))
    rows = store.query("SELECT from_block, to_block, version FROM ingest_audit ORDER BY version").to_pylist()
    assert [(row["from_block"], row["to_block"]) for row in rows] == [(n, n + 2) for n in range(1, 31, 3)]
    assert store.query("SELECT count() AS open FROM ingest_intents").to_pylist() == [{"open": 0}]


def test_a_block_that_does_not_prove_itself_is_read_again_from_another_node(store: Store) -> None:
    def without_logs(params, receipts):
        return [{**receipt, "logs": []} for receipt in receipts]

    with lying_node(40) as liar, lying_node(40) as honest:
        busy = {number for number, receipts in liar.receipts.items() if any(receipt["logs"] for receipt in receipts)}
        liar.rewrite("eth_getBlockReceipts", without_logs, blocks={max(busy)})
        notes = Notes()
        summary = ingest_blocks(store, RpcSource([liar.url, honest.url]), blocks=BlockRange(1, 40), progress=notes)
        expected = sum(len(receipt["logs"]) for receipts in honest.receipts.values() for receipt in receipts)
    assert (summary.logs, store.query("SELECT count() AS n FROM logs").to_pylist()) == (expected, [{"n": expected}])
    assert any(f"Block {max(busy)}: receiptsRoot is" in note and "Another node is asked" in note for note in notes.said)


def test_where_no_other_node_is_the_lie_is_refused_and_what_was_before_it_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "BATCH_BLOCKS", 5)
    with lying_node(40) as liar:
        busy = max(number for number, receipts in liar.receipts.items() if receipts)
        liar.rewrite(
            "eth_getBlockReceipts", lambda params, found: [{**r, "status": "0x2"} for r in found], blocks={busy}
        )
        with pytest.raises(FieldMalformed, match=f"Block {busy}: "):
            ingest_blocks(store, RpcSource(liar.url), blocks=BlockRange(1, 40))
    numbers = store.query("SELECT block_number FROM blocks ORDER BY block_number").column("block_number").to_pylist()
    assert all(after == before + 1 for before, after in pairwise(numbers))
    assert numbers[-1] < busy
    assert store.query("SELECT max(block_number) AS last FROM transactions").to_pylist()[0]["last"] <= numbers[-1]
