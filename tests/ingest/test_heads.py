"""Watching the head: a real node over HTTP, WebSocket and IPC, and a node that comes and goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

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
