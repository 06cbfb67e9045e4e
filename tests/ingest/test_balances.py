"""Balances of a real node against the sum of transfers: to the last wei, with every kind of movement, and mismatches named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chainsight.errors import NodeRefused
from demo.node import Node
from ingest.backfill import ingest_blocks
from ingest.balances import NATIVE, BalanceReport, check_balances
from ingest.contract_calls import ContractCalls
from ingest.ranges import ALL_BLOCKS, BlockRange
from ingest.rpc import RpcSource
from sql.store import Store
from tests.fixtures.anvil import play_a_few_blocks, send, started_node
from tests.fixtures.lying_node import lying_node
from tests.fixtures.tokens import answering, deployed, word

CHAIN = 31337
MINER = "0x" + "c0" * 20
TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
BALANCE_OF = "70a08231"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with started_node() as started:
        started.call("anvil_setCoinbase", MINER)
        play_a_few_blocks(started)
        yield started


def ingested(store: Store, node: Node, blocks: BlockRange = ALL_BLOCKS) -> None:
    source = RpcSource(node.url)
    ingest_blocks(store, source, blocks=blocks)
    source.close()


def status_of(report: BalanceReport, token: bytes) -> set[str]:
    return {check.status for check in report.checks if check.token == token}


def coin(*, balance: int) -> bytes:
    """A token that says it moved 1,000 from nobody to whoever pays it, and that everybody has `balance` of it."""
    # It stores 1000 in memory and logs it under three topics, the last of which is the caller.
    pay = bytes.fromhex("6103e85f52335f7f" + TRANSFER + "60205fa3") + bytes.fromhex("00")
    return answering({BALANCE_OF: word(balance)}, code={"a9059cbb": pay})


def test_every_native_balance_of_a_chain_adds_up(store: Store, node: Node) -> None:
    ingested(store, node)
    report = check_balances(store, node.url, chain_id=CHAIN)
    assert status_of(report, NATIVE) == {"match"}
    assert len(report.checks) >= 7  # payers, receivers, the contract that pays on, and the miner with its tips
    assert bytes.fromhex(MINER[2:]) in {check.account for check in report.checks}
    assert check_balances(store, node.url, chain_id=CHAIN) == report


def test_a_store_that_begins_later_is_held_against_the_block_before_it(store: Store, node: Node) -> None:
    head = int(node.call("eth_blockNumber"), 16)
    ingested(store, node, BlockRange(3, head))
    report = check_balances(store, node.url, chain_id=CHAIN)
    assert (report.from_block, report.to_block) == (3, head)
    assert status_of(report, NATIVE) == {"match"}


def test_a_transfer_that_was_lost_is_found_with_the_amount(store: Store, node: Node) -> None:
    ingested(store, node)
    store.command(
        "INSERT INTO transfers SELECT * REPLACE (version + 1 AS version, 1 AS is_deleted) FROM transfers "
        "WHERE kind = 'internal' AND amount = 700000000000000000"
    )
    report = check_balances(store, node.url, chain_id=CHAIN)
    (wrong,) = (check for check in report.checks if check.status == "mismatch")
    assert (wrong.seen, wrong.expected) == (0, 7 * 10**17)
    assert wrong.reason == "The node says 700000000000000000 less than the transfers give."


def test_tokens_are_asked_and_those_that_do_otherwise_than_they_say_are_marked(store: Store, node: Node) -> None:
    payer = node.call("eth_accounts")[5]
    honest, rebasing, fee, mute = (deployed(node, coin(balance=balance)) for balance in (1000, 1001, 990, 0))
    for token in (honest, rebasing, fee, mute):
        sent = send(node, {"from": payer, "to": "0x" + token.hex(), "data": "0xa9059cbb"})
        assert len(sent["logs"]) == 1
    ingested(store, node)

    report = check_balances(store, node.url, chain_id=CHAIN)

    found = {check.token: check for check in report.checks if check.token != NATIVE}
    assert (found[honest].status, found[honest].expected) == ("match", 1000)
    assert found[rebasing].status == found[fee].status == "explained"
    assert report.count("mismatch") == 0
    assert "rebasing" in found[rebasing].reason
    assert "fee taken" in found[fee].reason

    store.command("INSERT INTO ingest_audit SELECT * REPLACE ([] AS proofs, version + 1 AS version) FROM ingest_audit")
    unproven = check_balances(store, node.url, chain_id=CHAIN)
    assert unproven.count("mismatch") == report.count("explained") == 3
    assert {check.reason.split(". ")[1][:16] for check in unproven.checks if check.status == "mismatch"} == {
        "No receipts root"
    }


def test_blocks_without_traces_explain_coins_that_moved_unseen(store: Store, node: Node) -> None:
    ingested(store, node)
    for table, where in (("transfers", "kind = 'internal'"), ("traces", "1")):
        store.command(
            f"INSERT INTO {table} SELECT * REPLACE (version + 1 AS version, 1 AS is_deleted) FROM {table} WHERE {where}"
        )
    report = check_balances(store, node.url, chain_id=CHAIN)
    coins = [check for check in report.checks if check.token == NATIVE and check.status != "match"]
    assert {check.status for check in coins} == {"explained"}
    assert all("have no traces" in check.reason for check in coins)


def test_sums_beyond_256_bits_do_not_wrap(store: Store, node: Node) -> None:
    wide = deployed(node, coin(balance=7))
    ingested(store, node)
    for block in (1, 2):
        store.command(
            "INSERT INTO transfers (chain_id, block_number, kind, position, from_address, to_address, token_address, amount, "
            "version) SELECT 31337, {block:UInt64}, 'erc20', 99, '', unhex(repeat('dd', 20)), unhex({token:String}), "
            "bitNot(toUInt256(0)), 1",
            block=block,
            token=wide.hex(),
        )
    report = check_balances(store, node.url, chain_id=CHAIN)
    (check,) = (check for check in report.checks if check.token == wide)
    assert (check.status, check.expected, check.seen) == ("explained", 2 * (2**256 - 1), 7)


@pytest.mark.parametrize("stated", ["-0x1", "0x-1", "0x1_0", " 0x1", "0x", "16", "0x" + "1" * 65])
def test_a_balance_that_is_no_quantity_is_not_believed(stated: str) -> None:
    with lying_node(2) as liar, ContractCalls(liar.url, chain_id=liar.chain_id, block=1) as calls:
        liar.rewrite("eth_getBalance", lambda params, right: stated, times=1)
        liar.rewrite("eth_getBalance", lambda params, right: "0x10")
        assert calls.balances([NATIVE]) == [16]


def test_a_node_that_does_not_say_its_chain_is_not_asked_for_more() -> None:
    with lying_node(2) as liar:
        liar.rewrite("eth_chainId", lambda params, right: "mainnet")
        with pytest.raises(NodeRefused), ContractCalls(liar.url, chain_id=liar.chain_id, block=1):
            pass
        assert {method for method, _ in liar.asked} == {"eth_chainId"}
