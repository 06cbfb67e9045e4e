"""What every ChainSource must do: inherit from ChainSourceContract and give a fixture `source` with at least 6 blocks."""

from __future__ import annotations

from itertools import pairwise

import orjson
import pytest

from chainsight.errors import SourceError
from ingest.backfill import ingest_blocks
from ingest.ranges import BlockRange
from ingest.source import ChainSource, read_head, read_number
from sql.store import Store


class ChainSourceContract:
    """Inherited by one test class per kind of source."""

    def test_it_says_which_chain_and_how_far(self, source: ChainSource) -> None:
        reach = source.reach()
        assert source.chain_id() == 31337
        assert 0 <= reach.first <= reach.head - 5
        assert source.kind in {"archive", "rpc"}
        assert source.location

    def test_what_is_final_is_safe_and_what_is_safe_is_there(self, source: ChainSource) -> None:
        reach = source.reach()
        assert 0 <= reach.finalized <= reach.safe <= reach.head

    def test_blocks_come_in_order_and_each_with_its_receipts_and_traces(self, source: ChainSource) -> None:
        head = source.reach().head
        blocks = list(source.read(head - 4, head))
        assert [raw.number for raw in blocks] == list(range(head - 4, head + 1))
        for before, after in pairwise(blocks):
            assert after.parent_hash == before.block_hash
        for raw in blocks:
            assert (raw.number, raw.block_hash, raw.parent_hash) == read_head(raw.payload)
            receipts = orjson.loads(raw.receipts_payload)["receipts"]
            assert len(receipts) == len(orjson.loads(raw.payload)["transactions"])
            beside = receipts + orjson.loads(raw.traces_payload)["traces"]
            assert {entry["blockHash"] for entry in beside} <= {raw.block_hash}
            assert str(raw.number) in raw.where or source.location in raw.where

    def test_payloads_are_one_line_each_and_say_which_block_they_are_of(self, source: ChainSource) -> None:
        head = source.reach().head
        for raw in source.read(head, head):
            lines = (raw.payload, raw.receipts_payload, raw.traces_payload)
            assert b"\n" not in b"".join(lines)
            assert {read_number(orjson.loads(line)["number"]) for line in lines} == {head}
            assert raw.size == sum(len(line) for line in lines)

    def test_reading_twice_gives_the_same_bytes(self, source: ChainSource) -> None:
        head = source.reach().head
        first, second = ([raw.payload for raw in source.read(head - 2, head)] for _ in range(2))
        assert first == second

    def test_every_block_proves_itself(self, source: ChainSource, store: Store) -> None:
        head = source.reach().head
        summary = ingest_blocks(store, source, blocks=BlockRange(head - 4, head))
        assert set(summary.proofs) >= {"block_hash", "transactions_root", "receipts_root"}

    def test_a_range_beyond_the_head_is_refused_with_what_there_is(self, source: ChainSource, store: Store) -> None:
        head = source.reach().head
        with pytest.raises(SourceError, match=f"not {head - 1} to {head + 9}"):
            ingest_blocks(store, source, blocks=BlockRange(head - 1, head + 9))
        assert store.query("SELECT block_number FROM blocks").num_rows == 0

    def test_ingesting_twice_writes_once(self, source: ChainSource, store: Store) -> None:
        head = source.reach().head
        wanted = BlockRange(head - 5, head)
        first = ingest_blocks(store, source, blocks=wanted)
        versions = store.query("SELECT version FROM transactions ORDER BY version").to_pylist()
        second = ingest_blocks(store, source, blocks=wanted)
        assert (first.blocks, first.skipped, second.blocks, second.skipped) == (6, 0, 0, 6)
        assert store.query("SELECT version FROM transactions ORDER BY version").to_pylist() == versions
