"""The contract of ChainSource, for a recorded folder and for a real node; then what only a node can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chainsight.errors import NodeRefused
from demo.node import Node
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.rpc import RpcSource
from ingest.source import ChainSource
from sql.store import Store
from tests.contracts.chain_source import ChainSourceContract
from tests.fixtures.anvil import play_a_few_blocks, started_node
from tests.fixtures.archives import demo_archive


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with started_node() as started:
        play_a_few_blocks(started)
        yield started


class TestArchive(ChainSourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> ChainSource:
        return ArchiveSource(demo_archive(tmp_path / "archive", 12))


class TestNode(ChainSourceContract):
    @pytest.fixture
    def source(self, node: Node) -> ChainSource:
        return RpcSource(node.url)


def test_what_a_node_executed_arrives_as_transfers(node: Node, store: Store) -> None:
    summary = ingest_blocks(store, RpcSource(node.url))
    assert summary.proofs == ("block_hash", "receipts_root", "transactions_root", "withdrawals_root")
    found = store.query("SELECT kind, toString(amount) AS amount FROM transfers WHERE kind != 'fee' ORDER BY 1, 2")
    # The call to the contract that fails moved nothing, though 5 wei were sent with it.
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("internal", str(7 * 10**17)),
        ("native", str(10**18)),
        ("native", str(10**18)),
        ("native", str(10**18)),
        ("native", str(7 * 10**17)),
    ]
    failed = store.query("SELECT t.transaction_index FROM transactions AS t WHERE success = 0").num_rows
    payers = store.query("SELECT DISTINCT transaction_hash FROM transfers WHERE kind = 'fee'").num_rows
    assert (failed, payers) == (1, summary.transactions)


def test_a_node_without_block_receipts_is_asked_for_each_receipt(
    node: Node, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = RpcSource(node.url)
    source._missing |= {"eth_getBlockReceipts", "trace_block"}
    summary = ingest_blocks(store, source)
    assert summary.traces == 0
    assert "receipts_root" in summary.proofs


def test_a_node_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(NodeRefused, match=r"The node http://127.0.0.1:9 did not answer eth_chainId") as refused:
        RpcSource("http://user:secret@127.0.0.1:9/v3/key").chain_id()
    assert "secret" not in str(refused.value)
    assert "key" not in str(refused.value)


def test_a_method_the_node_does_not_know_is_refused_in_its_own_words(node: Node) -> None:
    with pytest.raises(NodeRefused, match="refused eth_nonsense"):
        RpcSource(node.url)._ask("eth_nonsense", [])
