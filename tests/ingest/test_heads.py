"""Watching the head: a real node over HTTP, WebSocket and IPC, and a node that comes and goes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from demo.node import Node
from ingest.heads import watch_heads
from tests.fixtures.anvil import started_node
from tests.fixtures.lying_node import FOREVER, garbage, lying_node

POLL = 0.1


@pytest.fixture(scope="module")
def ipc(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("anvil") / "anvil.ipc")


@pytest.fixture(scope="module")
def node(ipc: str) -> Iterator[Node]:
    with started_node("--ipc", ipc) as started:
        yield started


class Watch:
    """What a watcher saw, gathered in a thread of its own."""

    def __init__(self, url: str) -> None:
        self.stop = threading.Event()
        self.seen: list[int] = []
        self.told: list[str] = []
        self._thread = threading.Thread(target=self._gather, args=(url,))
        self._thread.start()

    def _gather(self, url: str) -> None:
        for number in watch_heads(url, self.stop, POLL, tell=self.told.append):
            self.seen.append(number)

    def until(self, number: int) -> None:
        give_up = time.monotonic() + 20
        while not self.seen or self.seen[-1] != number:
            assert time.monotonic() < give_up, (self.seen, self.told)
            time.sleep(0.02)

    def end(self) -> float:
        """Stop it; returns how long that took."""
        began = time.monotonic()
        self.stop.set()
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()
        return time.monotonic() - began


@pytest.mark.parametrize("kind", ["http", "ws", "ipc"])
def test_new_blocks_are_signalled_and_so_is_another_block_of_the_same_height(node: Node, ipc: str, kind: str) -> None:
    watch = Watch({"http": node.url, "ws": node.url.replace("http", "ws"), "ipc": ipc}[kind])
    try:
        head = int(node.call("eth_blockNumber"), 16)
        watch.until(head)
        for height in range(head + 1, head + 4):
            node.call("evm_mine")
            watch.until(height)
        before = len(watch.seen)
        node.call("anvil_reorg", 2, [])
        give_up = time.monotonic() + 20
        while len(watch.seen) == before:
            assert time.monotonic() < give_up
            time.sleep(0.02)
        watch.until(head + 3)
    finally:
        assert watch.end() < 1
    assert watch.told == []


def test_a_head_that_falls_is_signalled(node: Node) -> None:
    node.call("anvil_mine", "0x3")
    head = int(node.call("eth_blockNumber"), 16)
    watch = Watch(node.url)
    try:
        watch.until(head)
        node.call("anvil_rollback", 2)
        watch.until(head - 2)
    finally:
        watch.end()


@contextmanager
def telling_node(speak: Callable[[ServerConnection], None]) -> Iterator[str]:
    """A WebSocket server that says what `speak` says on each connection; its URL."""
    with serve(speak, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


def head(number: int) -> dict[str, str]:
    return {"number": hex(number), "hash": "0x" + f"{number:064x}"}


def say(connection: ServerConnection, message: dict[str, Any]) -> None:
    connection.send(json.dumps({"jsonrpc": "2.0"} | message))


def test_a_subscription_that_breaks_is_begun_again() -> None:
    connections: list[int] = []

    def speak(connection: ServerConnection) -> None:
        connections.append(1)
        for _ in range(2):
            asked = json.loads(connection.recv())
            say(connection, {"id": asked["id"], "result": "0x77" if asked["id"] == 1 else head(10 * len(connections))})
        for place in (1, 2):
            new = head(10 * len(connections) + place)
            say(connection, {"method": "eth_subscription", "params": {"subscription": "0x77", "result": new}})
            time.sleep(0.3)
        if len(connections) > 1:
            with suppress(ConnectionClosed):
                connection.recv()  # the second connection lasts

    with telling_node(speak) as url:
        watch = Watch(url)
        try:
            watch.until(22)
        finally:
            watch.end()
    assert watch.seen == sorted(watch.seen)  # those that followed close on each other may be one signal
    assert {12, 22} <= set(watch.seen) <= {10, 11, 12, 20, 21, 22}
    assert watch.told == [
        f"The node {url} cannot be reached (the connection broke off): waiting for it.",
        f"The node {url} is back at block 20.",
    ]


def test_a_node_that_takes_no_subscriptions_is_polled() -> None:
    asked_latest: list[int] = []

    def speak(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                asked = json.loads(connection.recv())
                if isinstance(asked, list):  # polling asks in batches of one
                    asked_latest.append(1)
                    answer = {"jsonrpc": "2.0", "id": 0, "result": head(len(asked_latest))}
                    connection.send(json.dumps([answer]))
                elif asked["method"] == "eth_subscribe":
                    say(connection, {"id": asked["id"], "error": {"code": -32601, "message": "Method not found"}})

    with telling_node(speak) as url:
        watch = Watch(url)
        try:
            watch.until(5)
        finally:
            watch.end()
    assert watch.seen == [1, 2, 3, 4, 5]
    assert watch.told == [
        f"The node {url} takes no subscriptions (Method not found (-32601)): it is asked every 0.1 s."
    ]


def test_an_outage_is_told_once_and_its_end_once() -> None:
    with lying_node(4) as node:
        watch = Watch(node.url)
        try:
            watch.until(4)
            node.spoil(garbage, times=3)
            give_up = time.monotonic() + 20
            while len(watch.told) < 2:
                assert time.monotonic() < give_up
                time.sleep(0.02)
        finally:
            watch.end()
    assert len(watch.told) == 2
    assert "gave something that is no answer" in watch.told[0]
    assert watch.told[1] == f"The node {node.url} is back at block 4."
    assert watch.seen == [4]


def test_a_node_that_is_not_there_is_waited_for_and_stopping_does_not_wait() -> None:
    with lying_node(1) as node:
        node.refuse(503, times=FOREVER)
        watch = Watch(node.url)
        time.sleep(0.3)
        assert watch.end() < 1
        assert watch.seen == []
        assert len(watch.told) == 1
