"""Following a real node that reorganises and rolls back, and the command that does it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import FieldMalformed, UsageError
from demo.node import CHAIN_ID, Node
from ingest.endpoints import Patience
from ingest.follow import FollowSummary, follow_chain
from ingest.journal import open_intent
from ingest.rpc import RpcSource
from sql.as_of import read_as_of
from sql.store import Store
from tests.fixtures.anvil import play_a_few_blocks, send, started_node
from tests.fixtures.contents import committed_counts, visible_rows
from tests.fixtures.forks import CHAIN_ID as FORK_CHAIN
from tests.fixtures.forks import ForkingNode, branch
from tests.fixtures.lying_node import lying_node
from tests.fixtures.stores import new_store

WAIT_SECONDS = 120.0


@pytest.fixture
def node() -> Iterator[Node]:
    with started_node() as started:
        yield started


def follow(store: Store, node: Node, *, signs: int = 1, confirmations: int = 0) -> FollowSummary:
    source = RpcSource(node.url)
    try:
        return follow_chain(
            store, source, range(signs), chain_id=CHAIN_ID, stop=threading.Event(), start=0,
            confirmations=confirmations, ask_again=(0.1, 0.1),
        )  # fmt: skip
    finally:
        source.close()


def from_scratch(node: Node, path: Path) -> tuple[dict[str, list[str]], dict[str, int]]:
    """What a new store shows of the node's chain; the caller's own store must be closed."""
    store = new_store(path)
    try:
        follow(store, node)
        return visible_rows(store), committed_counts(store)
    finally:
        store.close()


def pay(node: Node, count: int) -> None:
    accounts = node.call("eth_accounts")
    for number in range(count):
        send(node, {"from": accounts[0], "to": accounts[1 + number % 3], "value": hex(10**15 + number)})


def test_a_real_node_that_reorganises_and_rolls_back_is_followed_exactly(
    tmp_path: Path, store: Store, node: Node
) -> None:
    play_a_few_blocks(node)
    pay(node, 6)
    assert follow(store, node).reorgs == 0

    node.call("anvil_reorg", 3, [])
    first = follow(store, node)
    assert (first.reorgs, first.withdrawn) == (1, 3)

    pay(node, 4)
    node.call("anvil_reorg", 5, [])
    pay(node, 2)
    second = follow(store, node)
    assert (second.reorgs, second.withdrawn) == (1, 1)  # the other four were never seen

    node.call("anvil_rollback", 2)
    third = follow(store, node)
    assert (third.reorgs, third.withdrawn) == (1, 2)

    pay(node, 1)
    follow(store, node)
    seen = visible_rows(store), committed_counts(store)
    store.close()
    assert seen == from_scratch(node, tmp_path / "scratch")


def test_confirmations_leave_the_newest_blocks_alone(store: Store, node: Node) -> None:
    head = play_a_few_blocks(node)
    follow(store, node, confirmations=2)
    assert read_as_of(store, CHAIN_ID).block_number == head - 2
    node.call("anvil_reorg", 2, [])
    assert follow(store, node, confirmations=2).reorgs == 0


def test_following_goes_on_where_it_was_broken_off(store: Store) -> None:
    node = ForkingNode(branch(None, 9))
    stop = threading.Event()

    def signs() -> Iterator[int]:
        yield 1
        stop.set()
        yield 2

    first = follow_chain(store, node, signs(), chain_id=FORK_CHAIN, stop=stop, start=3)
    assert (first.blocks, first.block) == (7, 9)
    open_intent(store, chain_id=FORK_CHAIN, first=10, last=12)
    node.grow(2)
    second = follow_chain(store, node, [1], chain_id=FORK_CHAIN, stop=threading.Event())
    assert (second.blocks, second.block) == (2, 11)
    assert str(second).startswith("Chain 4242: 2 blocks, ")
    with pytest.raises(UsageError, match="ends at block 11: following from 20 would leave a gap"):
        follow_chain(store, node, [1], chain_id=FORK_CHAIN, stop=threading.Event(), start=20)


def with_a_fee_that_is_none(params: list[Any], right: dict[str, Any]) -> dict[str, Any]:
    return right | {"baseFeePerGas": "0xzz"}


def test_a_field_that_cannot_be_is_asked_of_another_node_and_without_one_following_ends(store: Store) -> None:
    with lying_node(6) as liar, lying_node(6) as honest:
        liar.rewrite("eth_getBlockByNumber", with_a_fee_that_is_none, blocks={3})
        source = RpcSource([liar.url, honest.url])
        told = follow_chain(store, source, [1], chain_id=CHAIN_ID, stop=threading.Event(), start=1)
        assert (told.block, told.blocks) == (6, 6)
        source.close()


def test_a_field_that_no_node_gives_rightly_ends_following(store: Store) -> None:
    with lying_node(6) as liar:
        liar.rewrite("eth_getBlockByNumber", with_a_fee_that_is_none, blocks={3})
        with pytest.raises(FieldMalformed, match="Block 3: "):
            follow_chain(store, RpcSource(liar.url), [1], chain_id=CHAIN_ID, stop=threading.Event(), start=1)
    assert store.query("SELECT block_number FROM transactions WHERE block_number >= 3").num_rows == 0


def test_a_node_that_says_when_to_come_back_is_waited_for_however_often(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.endpoints._SHORT_PATIENCE", Patience(tries=3, seconds=0.4))
    with lying_node(3) as busy:
        busy.refuse(429, times=6, headers={"Retry-After": "0.5"})
        source = RpcSource(busy.url)
        began = time.monotonic()
        told = follow_chain(store, source, range(9), chain_id=CHAIN_ID, stop=threading.Event(), start=1)
        assert told.block == 3
        assert time.monotonic() - began > 6 * 0.5
        source.close()


def test_an_empty_store_begins_at_the_head(store: Store) -> None:
    node = ForkingNode(branch(None, 9))
    assert follow_chain(store, node, [1], chain_id=FORK_CHAIN, stop=threading.Event()).blocks == 1
    node.grow(3)
    assert follow_chain(store, node, [1], chain_id=FORK_CHAIN, stop=threading.Event()).block == 12


def test_rows_say_how_final_they_are_while_the_chain_moves_on(store: Store) -> None:
    node = ForkingNode(branch(None, 20), finality_depth=12)
    follow_chain(store, node, [1], chain_id=FORK_CHAIN, stop=threading.Event(), start=1)
    found = store.query("SELECT block_number, finality FROM blocks ORDER BY block_number").to_pylist()
    said = {row["block_number"]: row["finality"] for row in found}
    assert (said[8], said[9], said[14], said[15], said[20]) == ("finalized", "safe", "safe", "latest", "latest")
    node.grow(6)
    follow_chain(store, node, [1], chain_id=FORK_CHAIN, stop=threading.Event())
    assert store.query("SELECT finality FROM transfers WHERE block_number = 14 LIMIT 1").to_pylist() == [
        {"finality": "finalized"}
    ]


def test_the_command_follows_until_ctrl_c_and_says_where_it_stopped(tmp_path: Path, node: Node) -> None:
    before = play_a_few_blocks(node)
    command = ["follow", "--rpc", node.url, "--from", "0", "--store", f"chdb://{tmp_path}/store"]
    with subprocess.Popen(
        [sys.executable, "-m", "chainsight", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watchdog = threading.Timer(WAIT_SECONDS, process.kill)
        watchdog.start()
        try:
            read_until(process, f"At the head of chain 31337: block {before}.")
            node.call("anvil_reorg", 2, [])
            pay(node, 1)
            head = int(node.call("eth_blockNumber"), 16)
            read_until(process, "2 blocks were taken back")
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            said, noted = process.communicate()
        finally:
            watchdog.cancel()
            process.kill()
    assert process.returncode == 0, noted
    summary = json.loads(said)
    assert summary["reorgs"] == 1
    assert summary["block"] in {head - 1, head}
    assert "Stopping after this batch" in noted
    assert f"now at block {summary['block']}; 1 reorganisations took back 2 blocks." in " ".join(noted.split())


def read_until(process: subprocess.Popen[str], said: str) -> None:
    """Read what a command notes until it says this."""
    assert process.stderr is not None
    for line in process.stderr:
        if said in line:
            return
    pytest.fail(f"the command ended without saying {said!r}")
