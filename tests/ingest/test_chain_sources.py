"""The contract of ChainSource, for a recorded folder and for a real node over HTTP, WebSocket and IPC; then what nodes do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from chainsight.errors import NodeRefused, ProofFailed
from demo.node import Node
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.endpoints import Patience
from ingest.ranges import BlockRange
from ingest.rpc import RpcSource
from ingest.source import ChainSource
from sql.store import Store
from tests.contracts.chain_source import ChainSourceContract
from tests.fixtures.anvil import play_a_few_blocks, started_node
from tests.fixtures.archives import demo_archive
from tests.fixtures.lying_node import RpcError, lying_node


@pytest.fixture(scope="module")
def ipc(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("anvil") / "anvil.ipc")


@pytest.fixture(scope="module")
def node(ipc: str) -> Iterator[Node]:
    with started_node("--ipc", ipc) as started:
        play_a_few_blocks(started)
        yield started


class TestArchive(ChainSourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> ChainSource:
        return ArchiveSource(demo_archive(tmp_path / "archive", 12))


class TestNode(ChainSourceContract):
    @pytest.fixture
    def source(self, node: Node) -> Iterator[ChainSource]:
        yield from closing_source(node.url)


class TestNodeOverWebSocket(ChainSourceContract):
    @pytest.fixture
    def source(self, node: Node) -> Iterator[ChainSource]:
        yield from closing_source(node.url.replace("http://", "ws://"))


class TestNodeOverIpc(ChainSourceContract):
    @pytest.fixture
    def source(self, node: Node, ipc: str) -> Iterator[ChainSource]:
        yield from closing_source(ipc)


def closing_source(url: str) -> Iterator[ChainSource]:
    source = RpcSource(url)
    yield source
    source.close()


def test_what_a_node_executed_arrives_as_transfers(node: Node, store: Store) -> None:
    summary = ingest_blocks(store, RpcSource(node.url))
    assert summary.proofs == (
        "block_hash",
        "logs_bloom",
        "receipts_root",
        "senders",
        "transactions_root",
        "withdrawals_root",
    )
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


def test_a_node_without_block_receipts_is_asked_for_each_receipt(node: Node, store: Store) -> None:
    source = RpcSource(node.url)
    source.endpoints.all[0].lacks |= {"eth_getBlockReceipts", "trace_block", "debug_traceBlockByNumber"}
    summary = ingest_blocks(store, source)
    assert summary.traces == 0
    assert "receipts_root" in summary.proofs


def test_calls_from_the_debug_method_are_those_of_trace_block(node: Node) -> None:
    plain = next(RpcSource(node.url).read(6, 6))
    source = RpcSource(node.url)
    source.endpoints.all[0].lacks.add("trace_block")
    other = next(source.read(6, 6))
    assert source.missing == ()
    # A payment to a contract that pays it on: a call inside of a call.
    told, expected = (orjson.loads(raw.traces_payload)["traces"] for raw in (other, plain))
    assert [(call["type"], call["traceAddress"], call["transactionPosition"]) for call in told] == [
        (call["type"], call["traceAddress"], call["transactionPosition"]) for call in expected
    ]
    assert [call["traceAddress"] for call in told] == [[], [0]]
    for call, same in zip(told, expected, strict=True):
        for field in ("from", "to", "value", "callType", "input"):
            assert call["action"].get(field) == same["action"].get(field)


def test_a_node_that_is_not_there_is_one_clear_line() -> None:
    source = RpcSource("http://user:secret@127.0.0.1:9/v3/key", patience=Patience(seconds=1))
    with pytest.raises(NodeRefused, match=r"did not answer eth_chainId: .* \(connection refused\)") as refused:
        source.chain_id()
    assert "secret" not in str(refused.value)
    assert "key" not in str(refused.value)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:9", "/nowhere/node.ipc"])
def test_a_socket_that_is_not_there_is_one_clear_line(url: str) -> None:
    with pytest.raises(NodeRefused, match=f"The node {url} did not answer eth_chainId: {url} cannot be reached"):
        RpcSource(url).chain_id()


class Notes:
    """Keeps what is noted."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def step(self, done: int, total: int | None, what: str) -> None:
        pass

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.mark.parametrize(
    ("code", "message"),
    [(-32601, "no"), (-32004, "Method not supported"), (-32000, "the method trace_block does not exist")],
)
def test_a_node_without_traces_is_read_without_and_that_is_said(code: int, message: str, store: Store) -> None:
    seen = Notes()
    with lying_node(4) as node:
        node.unknown = {"debug_traceBlockByNumber"}
        node.rewrite("trace_block", lambda params, right: RpcError(code, message))
        summary = ingest_blocks(store, RpcSource(node.url), blocks=BlockRange(1, 4), progress=seen)
    assert (summary.blocks, summary.traces) == (4, 0)
    assert any("gives no traces: transfers inside of calls are not in the store." in note for note in seen.notes)


@pytest.mark.parametrize(
    ("code", "message"),
    [(-32000, "header does not exist"), (-32004, "block 3 is not supported"), (-32603, "the method does not exist")],
)
def test_another_error_about_traces_is_not_taken_for_a_node_without(code: int, message: str, store: Store) -> None:
    with lying_node(4) as node:
        node.rewrite("trace_block", lambda params, right: RpcError(code, message))
        source = RpcSource(node.url, patience=Patience(tries=2, seconds=1))
        with pytest.raises(NodeRefused, match=rf"did not answer traces of blocks 1 to 4: .*{message} \({code}\)"):
            ingest_blocks(store, source, blocks=BlockRange(1, 4))
    assert store.query("SELECT block_number FROM blocks").num_rows == 0


def without_logs(params: list[Any], right: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [receipt | {"logs": receipt["logs"][:-1]} for receipt in right]


def test_a_block_that_does_not_prove_itself_is_fetched_from_another_node(store: Store) -> None:
    seen = Notes()
    with lying_node(12) as liar, lying_node(12) as honest:
        liar.rewrite("eth_getBlockReceipts", without_logs, blocks={3})
        summary = ingest_blocks(store, RpcSource([liar.url, honest.url]), blocks=BlockRange(1, 12), progress=seen)
        expected = sum(len(receipt["logs"]) for receipts in honest.receipts.values() for receipt in receipts)
        assert (summary.blocks, summary.logs) == (12, expected)
        assert any(f"{liar.url} gave 1 blocks wrongly, first 3: " in note for note in seen.notes)


def test_a_block_that_no_node_gives_rightly_is_named_and_nothing_of_it_is_stored(store: Store) -> None:
    with lying_node(12) as liar:
        liar.rewrite("eth_getBlockReceipts", without_logs, blocks={3})
        with pytest.raises(ProofFailed, match="Block 3: receipts"):
            ingest_blocks(store, RpcSource(liar.url), blocks=BlockRange(1, 12))
    assert store.query("SELECT block_number FROM blocks WHERE block_number >= 3").num_rows == 0
    assert store.query("SELECT block_number FROM logs WHERE block_number >= 3").num_rows == 0


def test_a_websocket_that_is_refused_is_named_with_its_status_and_without_its_key() -> None:
    with lying_node(2) as node:  # it speaks no WebSocket: GET is a method it does not know
        url = node.url.replace("http", "ws") + "/v3/key"
        with pytest.raises(
            NodeRefused, match=r"did not answer eth_chainId: .* cannot be reached \(HTTP 501\)"
        ) as refused:
            RpcSource(url).chain_id()
    assert "key" not in str(refused.value)
