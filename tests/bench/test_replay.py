"""The replay node answers as a node would: bytes of the recording, in batches or singly, and clear refusals."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench.amplify import Amplified, amplify
from bench.wire import Node, drain, replay_node
from ingest.archive import ArchiveSource
from ingest.rpc import RpcSource

pytestmark = pytest.mark.real_data
FIRST = 17686110


@pytest.fixture(scope="module")
def archive(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Amplified:
    sample = data_dir / "chain" / "mainnet_17686110_17686132"
    return amplify(sample, tmp_path_factory.mktemp("home"), copies=1)


@pytest.fixture(scope="module")
def node(archive: Amplified) -> Iterator[Node]:
    with replay_node(archive.folder) as started:
        yield started


@pytest.fixture
def client(node: Node) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", node.port), timeout=20) as connected:
        yield connected


def ask(client: socket.socket, body: Any) -> Any:
    text = orjson.dumps(body)
    client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
    got = b""
    while b"\r\n\r\n" not in got:
        got += client.recv(1 << 16)
    head, body = got.split(b"\r\n\r\n", 1)
    length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += client.recv(1 << 16)
    assert len(body) == length
    return orjson.loads(body)


def call(method: str, *parameters: Any, name: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": name, "method": method, "params": list(parameters)}


def test_a_source_reads_from_it_what_the_archive_holds(archive: Amplified, node: Node) -> None:
    source = RpcSource([node.url])
    assert source.chain_id() == 1
    assert source.reach().head == archive.last
    recorded = ArchiveSource(archive.folder).read(FIRST + 4, FIRST + 6)
    for there, here in zip(recorded, source.read(FIRST + 4, FIRST + 6), strict=True):
        assert (here.number, here.block_hash) == (there.number, there.block_hash)
        assert orjson.loads(here.payload) == orjson.loads(there.payload)
        for name in ("receipts", "traces"):
            mine, its = (orjson.loads(getattr(raw, f"{name}_payload"))[name] for raw in (here, there))
            assert mine == its
    source.close()


def test_a_batch_is_answered_in_order_and_names_each_question(client: socket.socket) -> None:
    asked = [
        call("eth_blockNumber", name="one"),
        call("eth_getBlockByNumber", hex(FIRST), False, name=2),
        call("eth_getBlockByNumber", "latest", True, name=3),
        call("eth_mine", name=4),
    ]
    number, hashes, latest, refused = ask(client, asked)
    assert (number["id"], int(number["result"], 16)) == ("one", FIRST + 22)
    assert (hashes["id"], len(hashes["result"]["transactions"][0])) == (2, 66)
    assert latest["result"]["transactions"][0]["blockNumber"] == number["result"]
    assert (refused["id"], refused["error"]["code"]) == (4, -32601)


def test_what_it_does_not_have_is_null_and_what_it_cannot_read_is_an_error(client: socket.socket) -> None:
    assert ask(client, call("eth_getBlockByNumber", "0x1", True))["result"] is None
    assert ask(client, call("eth_getBlockReceipts", hex(FIRST + 23)))["result"] is None
    assert ask(client, call("trace_block", hex(FIRST + 23)))["result"] is None
    assert ask(client, call("eth_getTransactionReceipt", "0x" + "ab" * 32))["result"] is None
    assert ask(client, call("eth_getBlockByNumber"))["error"]["code"] == -32602
    assert ask(client, call("eth_getLogs", {"fromBlock": "0x1", "toBlock": "0x2", "address": "0x"}))["error"]["code"]


def test_receipts_one_by_one_and_logs_by_range_are_those_of_the_block(client: socket.socket) -> None:
    receipts = ask(client, call("eth_getBlockReceipts", hex(FIRST)))["result"]
    for receipt in receipts[:5]:
        assert ask(client, call("eth_getTransactionReceipt", receipt["transactionHash"]))["result"] == receipt
    logs = ask(client, call("eth_getLogs", {"fromBlock": hex(FIRST), "toBlock": hex(FIRST)}))["result"]
    assert logs == [log for receipt in receipts for log in receipt["logs"]]
    more = ask(client, call("eth_getLogs", {"fromBlock": hex(FIRST), "toBlock": hex(FIRST + 1)}))["result"]
    assert len(more) > len(logs)


def test_questions_that_arrive_in_pieces_or_together_are_all_answered(client: socket.socket) -> None:
    body = orjson.dumps(call("eth_chainId"))
    request = b"POST / HTTP/1.1\r\nHost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    client.sendall(request[:30])
    client.sendall(request[30:] + request)
    got = b""
    while got.count(b'"result":"0x1"') < 2:
        got += client.recv(1 << 16)
    assert got.count(b"HTTP/1.1 200 OK") == 2


def test_a_method_that_is_denied_is_not_known(archive: Amplified) -> None:
    with replay_node(archive.folder, "trace_block") as node:
        with socket.create_connection(("127.0.0.1", node.port), timeout=20) as client:
            assert ask(client, call("trace_block", hex(FIRST)))["error"]["code"] == -32601
        drained = drain(node, archive, blocks=23, methods=("eth_getBlockByNumber", "eth_getBlockReceipts"))
        assert drained.blocks_per_s > 0
        assert drained.megabytes_per_s > 0
