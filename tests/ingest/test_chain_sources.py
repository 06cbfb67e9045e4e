"""The contract of ChainSource, for a recorded folder and for a real node; then what only a node can do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from chainsight.errors import NodeRefused
from demo.node import Node
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.ranges import BlockRange
from ingest.rpc import RpcSource
from ingest.source import ChainSource
from sql.store import Store
from tests.contracts.chain_source import ChainSourceContract
from tests.fixtures.anvil import play_a_few_blocks, started_node
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive, demo_blocks


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


@contextmanager
def small_node(answers: dict[str, Any]) -> Iterator[str]:
    """A node that knows four blocks and gives these answers (`result` or `error`) to some methods; its URL."""
    blocks, receipts, traces = demo_blocks(4)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = orjson.dumps({"jsonrpc": "2.0", "id": asked["id"]} | self._answer(asked["method"], asked["params"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _answer(self, method: str, parameters: list[Any]) -> dict[str, Any]:
            if method in answers:
                return dict(answers[method])
            if method in {"eth_chainId", "eth_blockNumber"}:
                return {"result": hex(DEMO_CHAIN_ID) if method == "eth_chainId" else blocks[-1]["number"]}
            place = int(parameters[0], 16) - int(blocks[0]["number"], 16)
            return {
                "eth_getBlockByNumber": {"result": blocks[place]},
                "eth_getBlockReceipts": {"result": receipts[place]["receipts"]},
                "trace_block": {"result": traces[place]["traces"]},
            }[method]

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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
    with small_node({"trace_block": {"error": {"code": code, "message": message}}}) as url:
        summary = ingest_blocks(store, RpcSource(url), blocks=BlockRange(1, 4), progress=seen)
    assert (summary.blocks, summary.traces) == (4, 0)
    assert [note.partition(" does")[2] for note in seen.notes] == [
        " not know trace_block: transfers inside of calls are not in the store."
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [(-32000, "header does not exist"), (-32004, "block 3 is not supported"), (-32603, "the method does not exist")],
)
def test_another_error_about_traces_is_not_taken_for_a_node_without(code: int, message: str, store: Store) -> None:
    with (
        small_node({"trace_block": {"error": {"code": code, "message": message}}}) as url,
        pytest.raises(NodeRefused, match=f"refused trace_block .*{message}"),
    ):
        ingest_blocks(store, RpcSource(url), blocks=BlockRange(1, 4))
    assert store.query("SELECT block_number FROM blocks").num_rows == 0


def test_a_node_that_gives_another_block_than_asked_is_refused() -> None:
    with (
        small_node({"eth_getBlockByNumber": {"result": demo_blocks(4)[0][3]}}) as url,
        pytest.raises(NodeRefused, match="asked for block 2 and gave 4"),
    ):
        next(RpcSource(url).read(2, 2))
