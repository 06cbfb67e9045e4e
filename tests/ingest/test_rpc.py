"""RpcSource against nodes that throttle, lag, lie and break off: found out, named, retried or refused, never handed out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainsight.errors import NodeLies, NodeRefused, NodesDisagree
from ingest.calls import Call
from ingest.endpoints import Patience
from ingest.limiter import Pace
from ingest.rpc import RpcSource
from ingest.source import RawBlock
from ingest.troubles import Trouble
from tests.fixtures.lying_node import (
    FOREVER,
    LyingNode,
    RpcError,
    _send,
    bomb_of,
    cut_off,
    drip_of,
    garbage,
    half_a_json,
    lying_node,
    one_error_for_all,
    packed,
)

HURRY = Patience(tries=3, seconds=4, request_seconds=3)
QUICK = Pace(first_wait=0.02, most_wait=0.1)


@pytest.fixture
def node() -> Iterator[LyingNode]:
    with lying_node(12) as started:
        yield started


@pytest.fixture
def other() -> Iterator[LyingNode]:
    with lying_node(12) as started:
        yield started


def source_of(*nodes: LyingNode, patience: Patience = HURRY) -> RpcSource:
    return RpcSource([node.url for node in nodes], patience=patience, pace=QUICK)


def assert_all_right(blocks: list[RawBlock], node: LyingNode, first: int = 1, last: int = 12) -> None:
    assert [raw.number for raw in blocks] == list(range(first, last + 1))
    for raw in blocks:
        assert orjson.loads(raw.payload) == node.blocks[raw.number]
        assert raw.block_hash == node.blocks[raw.number]["hash"]
        assert raw.parent_hash == node.blocks[raw.number]["parentHash"]
        assert orjson.loads(raw.receipts_payload) == {"number": hex(raw.number), "receipts": node.receipts[raw.number]}
        assert orjson.loads(raw.traces_payload) == {"number": hex(raw.number), "traces": node.traces[raw.number]}


def test_a_storm_of_429_is_waited_out_as_long_as_the_node_asks(node: LyingNode) -> None:
    node.refuse(429, times=3, headers={"Retry-After": "0.4"})
    began = time.monotonic()
    assert_all_right(list(source_of(node).read(1, 12)), node)
    # Four may have been under way when the first refusal came; the next ones waited.
    later = [at - began for at in node.at[4:]]
    assert min(later) >= 0.4


def test_a_storm_that_never_ends_is_told_with_what_the_node_said(node: LyingNode) -> None:
    node.refuse(429, times=FOREVER)
    with pytest.raises(
        NodeRefused, match=r"did not answer blocks 1 to 5: http://.* has had enough requests \(HTTP 429\)"
    ):
        list(source_of(node, patience=replace(HURRY, seconds=0.5)).read(1, 12))


def test_a_node_that_wants_to_be_left_alone_for_an_hour_ends_it_at_once(node: LyingNode) -> None:
    node.refuse(429, times=FOREVER, headers={"Retry-After": "3600"})
    began = time.monotonic()
    with pytest.raises(NodeRefused, match=r"HTTP 429\) and wants to be left alone for 300 s") as refused:
        list(source_of(node).read(1, 12))
    assert 290 < refused.value.wants_rest <= 300
    assert time.monotonic() - began < 2


def test_a_quota_among_the_answers_is_waited_out_block_by_block(node: LyingNode) -> None:
    node.rewrite(
        "eth_getBlockReceipts", lambda params, right: RpcError(-32005, "daily request count exceeded"), times=4
    )
    assert_all_right(list(source_of(node).read(1, 12)), node)


def test_while_one_node_cools_off_the_next_is_asked(node: LyingNode, other: LyingNode) -> None:
    node.refuse(429, times=FOREVER, headers={"Retry-After": "60"})
    assert_all_right(list(source_of(node, other).read(1, 12)), other)


def other_hash(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry | {"blockHash": "0x" + "ab" * 32} for entry in entries]


def test_receipts_of_another_block_are_asked_for_again_elsewhere(node: LyingNode, other: LyingNode) -> None:
    node.rewrite("eth_getBlockReceipts", lambda params, right: other_hash(right), blocks={3})
    assert_all_right(list(source_of(node, other).read(1, 12)), other)
    assert ("eth_getBlockReceipts", ["0x3"]) in other.asked


def test_receipts_of_another_block_from_the_only_node_stop_the_reading_there(node: LyingNode) -> None:
    node.rewrite("eth_getBlockReceipts", lambda params, right: other_hash(right), blocks={7})
    read: list[int] = []
    with pytest.raises(NodeLies, match=r"http://.*receipts of block hash 0xabab.* for block 7 with hash 0x") as lie:
        read.extend(raw.number for raw in source_of(node).read(1, 12))
    assert lie.value.exit_code == 3
    assert read == [1, 2, 3, 4, 5]  # the batch before the one in which block 7 is


def test_a_race_at_the_head_is_settled_by_asking_again(node: LyingNode) -> None:
    node.rewrite("eth_getBlockReceipts", lambda params, right: other_hash(right), blocks={12}, times=1)
    node.rewrite("trace_block", lambda params, right: other_hash(right), blocks={12}, times=2)
    assert_all_right(list(source_of(node).read(10, 12)), node, 10, 12)


def test_too_few_receipts_are_noticed(node: LyingNode) -> None:
    node.rewrite("eth_getBlockReceipts", lambda params, right: right[:-1], blocks={2})
    with pytest.raises(NodeLies, match=r"6 receipts for the 7 transactions of block 2"):
        list(source_of(node).read(1, 4))


def test_logs_cut_from_receipts_pass_here_and_their_node_is_blamed_when_the_proof_fails(
    node: LyingNode, other: LyingNode
) -> None:
    node.rewrite("eth_getBlockReceipts", lambda params, right: [r | {"logs": []} for r in right], blocks={3})
    source = source_of(node, other)
    reading = source.read(1, 12)
    for raw in reading:
        if raw.number == 3:
            assert node.url in raw.where
            break
    reading.close()
    assert source.distrust(3, "receiptsRoot does not recompute")
    assert_all_right(list(source.read(3, 12)), other, 3)
    assert f"{node.url} gave 1 blocks wrongly, first 3: receiptsRoot does not recompute." in source.notes
    assert not source.distrust(3, "receiptsRoot does not recompute either")
    with pytest.raises(NodeLies, match=r"None of the nodes gave .*block 3") as lie:
        list(source.read(3, 12))
    assert node.url in str(lie.value)
    assert other.url in str(lie.value)


def test_another_block_than_was_asked_for_is_noticed(node: LyingNode) -> None:
    node.rewrite("eth_getBlockByNumber", lambda params, right: node.blocks[4], blocks={5})
    with pytest.raises(NodeLies, match="block 4 where block 5 was asked for"):
        list(source_of(node).read(5, 6))


def test_a_block_without_its_transactions_is_noticed(node: LyingNode) -> None:
    node.rewrite(
        "eth_getBlockByNumber",
        lambda params, right: right | {"transactions": [tx["hash"] for tx in right["transactions"]]},
    )
    with pytest.raises(NodeLies, match="for block 5 something that is no block with transactions"):
        list(source_of(node).read(5, 5))


def test_a_stale_node_is_passed_over_for_the_blocks_it_lacks(node: LyingNode, other: LyingNode) -> None:
    for number in (10, 11, 12):
        del node.blocks[number]
    source = source_of(node, other)
    assert source.reach().head == 12
    assert_all_right(list(source.read(1, 12)), other)
    assert ("eth_getBlockByNumber", ["0xc", True]) not in node.asked


def test_a_null_block_is_refused_with_its_number(node: LyingNode) -> None:
    node.rewrite("eth_getBlockByNumber", lambda params, right: None, blocks={8})
    with pytest.raises(NodeRefused, match=r"does not have it \(yet, or no longer\) \(null for block 8\)") as refused:
        list(source_of(node).read(8, 8))
    assert not isinstance(refused.value, NodeLies)


def test_a_slow_drip_ends_when_its_time_is_over(node: LyingNode, other: LyingNode) -> None:
    node.spoil(drip_of(30), times=FOREVER)
    patience = replace(HURRY, request_seconds=0.6)
    began = time.monotonic()
    assert_all_right(list(source_of(node, other, patience=patience).read(1, 12)), other)
    assert time.monotonic() - began < 6


def test_a_node_that_only_drips_is_named(node: LyingNode) -> None:
    node.spoil(drip_of(30), times=FOREVER)
    with pytest.raises(NodeRefused, match=r"did not answer in time \(no whole answer in 0.3 s\)"):
        list(source_of(node, patience=replace(HURRY, request_seconds=0.3, seconds=1)).read(1, 1))


@pytest.mark.parametrize(
    ("send", "said"),
    [
        (garbage, "no batch in 35 bytes: <html><body>It works!</body></html>"),
        (half_a_json, "no whole JSON"),
        (cut_off, "the connection broke off|cut off after"),
        (bomb_of(8 << 20), "an answer of more than 1 MiB"),
        (one_error_for_all, "Invalid request"),
    ],
)
def test_what_is_no_answer_is_named_and_asked_for_elsewhere(
    node: LyingNode, other: LyingNode, send: Any, said: str
) -> None:
    node.spoil(send, times=FOREVER)
    patience = replace(HURRY, answer_bytes=1 << 20, seconds=1)
    assert_all_right(list(source_of(node, other, patience=patience).read(1, 12)), other)
    with pytest.raises(NodeRefused, match=said):
        list(source_of(node, patience=patience).read(1, 1))


def test_a_connection_that_breaks_off_once_is_tried_again(node: LyingNode) -> None:
    node.spoil(cut_off, times=2)
    assert_all_right(list(source_of(node).read(1, 12)), node)


def test_answers_in_any_order_are_put_in_theirs(node: LyingNode) -> None:
    node.shuffles = True
    assert_all_right(list(source_of(node).read(1, 12)), node)


def test_packed_and_chunked_answers_are_unpacked(node: LyingNode) -> None:
    node.spoil(packed, times=FOREVER)
    assert_all_right(list(source_of(node).read(1, 12)), node)


def test_an_answer_printed_for_people_is_put_on_one_line(node: LyingNode) -> None:
    node.spoil(
        lambda handler, right: _send(handler, orjson.dumps(orjson.loads(right), option=orjson.OPT_INDENT_2)), times=9
    )
    blocks = list(source_of(node).read(1, 5))
    assert_all_right(blocks, node, 1, 5)
    assert not any(b"\n" in raw.payload + raw.receipts_payload + raw.traces_payload for raw in blocks)


def test_a_batch_that_is_too_large_is_made_smaller_until_it_fits(node: LyingNode) -> None:
    def refuse_large(handler: Any, right: bytes) -> None:
        if len(orjson.loads(right)) > 4:
            _send(handler, b'{"id":null,"error":{"code":-32600,"message":"batch too large, limit 4"}}')
        else:
            _send(handler, right)

    node.spoil(refuse_large, times=FOREVER)
    assert_all_right(list(source_of(node).read(1, 12)), node)


def test_without_block_receipts_each_receipt_is_asked_for_and_without_traces_there_are_none(node: LyingNode) -> None:
    node.unknown = {"eth_getBlockReceipts", "trace_block", "debug_traceBlockByNumber"}
    source = source_of(node)
    blocks = list(source.read(1, 12))
    for raw in blocks:
        assert orjson.loads(raw.receipts_payload)["receipts"] == node.receipts[raw.number]
        assert raw.traces_payload == b""
    assert source.missing == ("debug_traceBlockByNumber", "trace_block")


def test_traces_come_from_the_node_that_has_them(node: LyingNode, other: LyingNode) -> None:
    node.unknown = {"trace_block", "debug_traceBlockByNumber"}
    source = source_of(node, other)
    assert_all_right(list(source.read(1, 12)), other)
    assert source.missing == ()
    assert {method for method, _ in other.asked} == {"trace_block"}


def test_traces_that_are_gone_are_an_error_and_not_an_empty_list(node: LyingNode) -> None:
    node.rewrite("trace_block", lambda params, right: [], blocks={4})
    with pytest.raises(NodeRefused, match="no trace of the 3 transactions of block 4"):
        list(source_of(node).read(1, 6))


def test_any_calls_may_be_asked_and_a_refusal_is_an_answer(node: LyingNode) -> None:
    node.rewrite(
        "eth_getBlockByNumber", lambda params, right: RpcError(3, "execution reverted: rate limit"), blocks={2}
    )
    node.rewrite("eth_getBlockByNumber", lambda params, right: RpcError(-32005, "rate limit"), blocks={3}, times=1)
    calls = [Call("eth_getBlockByNumber", (hex(number), False)) for number in range(1, 13)]
    answers = source_of(node).endpoints.ask_all(calls, lane="calls", what="some blocks")
    assert isinstance(answers[1], Trouble)
    numbers = [orjson.loads(bytes(answer))["number"] for answer in answers if not isinstance(answer, Trouble)]
    assert numbers == [hex(number) for number in range(1, 13) if number != 2]


@pytest.mark.parametrize(
    ("status", "said"), [(403, "HTTP 403 no such key"), (502, "HTTP 502 no such key"), (301, "HTTP 301")]
)
def test_a_status_is_quoted_with_what_stands_beside_it(node: LyingNode, status: int, said: str) -> None:
    node.refuse(
        status, times=FOREVER, body=b"no such key" + b" " * 100_000, headers={"Location": "http://127.0.0.1:9/"}
    )
    with pytest.raises(NodeRefused, match=said):
        list(source_of(node, patience=replace(HURRY, tries=1, seconds=0.3)).read(1, 1))


def test_an_error_object_under_a_status_of_failure_is_read(node: LyingNode) -> None:
    body = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"daily request count exceeded"}}'
    node.refuse(400, times=2, body=body)
    assert_all_right(list(source_of(node).read(1, 12)), node)


MISCHIEF = {
    "throttles": lambda node: node.refuse(429, times=2, headers={"Retry-After": "0.05"}),
    "stumbles": lambda node: node.refuse(502, times=1),
    "prints garbage": lambda node: node.spoil(garbage, times=1),
    "breaks off": lambda node: node.spoil(cut_off, times=1),
    "ends early": lambda node: node.spoil(half_a_json, times=1),
    "explodes": lambda node: node.spoil(bomb_of(4 << 20), times=1),
    "refuses the batch": lambda node: node.spoil(one_error_for_all, times=1),
    "packs": lambda node: node.spoil(packed, times=2),
    "mixes up receipts": lambda node: node.rewrite("eth_getBlockReceipts", lambda p, right: other_hash(right), times=2),
    "mixes up traces": lambda node: node.rewrite("trace_block", lambda p, right: other_hash(right), times=2),
    "loses receipts": lambda node: node.rewrite(
        "eth_getBlockReceipts", lambda p, right: right[1:], blocks={1, 5}, times=1
    ),
    "lags": lambda node: node.rewrite("eth_getBlockByNumber", lambda p, right: None, blocks={11, 12}, times=2),
    "skips": lambda node: node.rewrite("eth_getBlockByNumber", lambda p, right: node.blocks[2], blocks={4}, times=1),
    "has a quota": lambda node: node.rewrite("trace_block", lambda p, right: RpcError(-32005, "rate limit"), times=3),
}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(MISCHIEF))), max_size=6), st.booleans())
def test_whatever_two_nodes_do_for_a_while_every_block_comes_as_it_is(
    mischief: list[tuple[bool, str]], shuffles: bool
) -> None:
    with lying_node(12) as node, lying_node(12) as other:
        node.shuffles = shuffles
        for is_first, kind in mischief:
            MISCHIEF[kind](node if is_first else other)
        patience = Patience(tries=8, seconds=10, request_seconds=3, answer_bytes=1 << 20)
        source = source_of(node, other, patience=patience)
        assert_all_right(list(source.read(1, 12)), node)
        source.close()


def test_a_node_of_another_chain_is_refused(node: LyingNode, other: LyingNode) -> None:
    other.chain_id = 1
    said = f"The node {node.url} says it is of chain 31337, the node {other.url} says it is of chain 1."
    with pytest.raises(NodesDisagree, match=said):
        source_of(node, other).chain_id()


def test_what_is_safe_and_final_is_what_the_node_says_or_a_depth_that_is_stated(node: LyingNode) -> None:
    source = source_of(node)
    reach = source.reach()
    assert (reach.first, reach.head, reach.safe, reach.finalized) == (0, 12, 0, 0)
    assert "does not say which blocks are safe or final: 32 and 64 blocks" in source.notes[0]
    node.tags = {"safe": 9, "finalized": 5}
    reach = source.reach()
    assert (reach.safe, reach.finalized, source.notes) == (9, 5, ())


def test_a_reader_that_leaves_early_waits_for_nobody(node: LyingNode) -> None:
    source = source_of(node, patience=replace(HURRY, request_seconds=60))
    reading = source.read(1, 12)
    next(reading)
    node.spoil(drip_of(20), times=FOREVER)
    began = time.monotonic()
    reading.close()
    source.close()
    assert time.monotonic() - began < 1
    give_up = time.monotonic() + 5
    while any(thread.name.startswith("blocks-") for thread in threading.enumerate()):
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_what_is_fetched_ahead_is_bounded_in_bytes(node: LyingNode) -> None:
    size = max(len(orjson.dumps([node.blocks[n], node.receipts[n], node.traces[n]])) for n in node.blocks)
    source = RpcSource(node.url, ahead_bytes=2 * size, pace=replace(QUICK, first_batch=1, most_batch=1))
    reading = source.read(1, 12)
    next(reading)
    time.sleep(0.5)
    asked = {int(params[0], 16) for method, params in node.asked if method == "eth_getBlockByNumber"}
    assert max(asked) < 12
    assert [raw.number for raw in reading] == list(range(2, 13))
