"""Nodes that waver over what they know, call final what is not, and repeat the keys they were asked with."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from chainsight.errors import NodeRefused, SourceError
from ingest.credentials import shown_url
from ingest.rpc import RpcSource
from ingest.source import RawBlock
from tests.fixtures.lying_node import FOREVER, LyingNode, RpcError, _send, drip_of
from tests.ingest.test_rpc import HURRY, QUICK, assert_all_right, node, other, source_of

__all__ = ["node", "other"]


def no_such_method(params: list[Any], right: Any) -> RpcError:
    return RpcError(-32601, "Method not found")


def test_a_node_that_has_traced_is_not_believed_when_one_answer_says_it_cannot(node: LyingNode) -> None:
    node.unknown = {"debug_traceBlockByNumber"}
    node.rewrite("trace_block", no_such_method, blocks={7, 8}, times=3)
    source = source_of(node)
    assert_all_right(list(source.read(1, 12)), node)
    assert source.missing == ()


def test_traces_that_end_in_the_middle_are_an_error_and_never_a_range_without_them(node: LyingNode) -> None:
    node.unknown = {"debug_traceBlockByNumber"}
    node.rewrite("trace_block", no_such_method, blocks=range(6, 13))
    source = source_of(node, patience=replace(HURRY, seconds=0.5))
    list(source.read(1, 5))
    read: list[RawBlock] = []
    with pytest.raises(NodeRefused, match="does not know a method that it answered before"):
        read.extend(source.read(1, 12))
    assert_all_right(read, node, 1, 5)


def test_the_first_machine_behind_a_url_that_cannot_trace_does_not_speak_for_all(node: LyingNode) -> None:
    node.unknown = {"debug_traceBlockByNumber"}
    node.rewrite("trace_block", no_such_method, times=1)
    source = RpcSource(node.url, patience=HURRY, pace=replace(QUICK, first_batch=1, most_batch=1))
    assert_all_right(list(source.read(1, 12)), node)


def test_one_node_alone_cannot_make_a_block_final(node: LyingNode, other: LyingNode) -> None:
    node.tags = {"safe": 12, "finalized": 12}
    other.tags = {"safe": 9, "finalized": 5}
    reach = source_of(node, other).reach()
    assert (reach.head, reach.safe, reach.finalized) == (12, 9, 5)


def test_what_a_node_that_was_caught_says_of_the_head_is_not_believed(node: LyingNode, other: LyingNode) -> None:
    node.rewrite("eth_getBlockByNumber", lambda params, right: {"number": hex(2**40)})
    source = source_of(node, other)
    source.endpoints.all[0].distrusted[3] = "it was wrong"
    other.tags = {"safe": 9, "finalized": 5}
    reach = source.reach()
    assert (reach.head, reach.safe, reach.finalized) == (12, 9, 5)


KEY = "0123456789abcdef"


@pytest.mark.parametrize("place", ["/v3/KEY", "/?apikey=KEY", "/rpc/KEY/?x=1"])
def test_a_key_that_a_node_repeats_is_struck_out_of_what_it_says(node: LyingNode, place: str) -> None:
    url = node.url + place.replace("KEY", KEY)
    said = [
        lambda: node.refuse(403, times=FOREVER, body=f"no project {KEY}, cannot POST {place}".encode()),
        lambda: node.spoil(lambda handler, right: _send(handler, f"<a href={url}>{KEY}".encode()), times=FOREVER),
        lambda: node.rewrite("eth_getBlockByNumber", lambda p, right: RpcError(-32000, f"bad key {KEY}")),
        lambda: node.rewrite("eth_getBlockByNumber", lambda p, right: RpcError(-32000, "x" * 190 + KEY)),
    ]
    for say in said:
        node._spoils.clear()
        say()
        with pytest.raises(NodeRefused) as refused:
            list(RpcSource(url, patience=replace(HURRY, tries=1, seconds=0.3), pace=QUICK).read(1, 1))
        assert KEY[:6] not in str(refused.value)


def test_a_url_without_its_scheme_shows_no_key() -> None:
    assert shown_url(f"eth.example:8545/v3/{KEY}") == "eth.example:8545/[…]"
    assert shown_url(f"user:{KEY}@eth.example/v3") == "eth.example/[…]"
    assert shown_url(f"https:/{KEY}") == "https:[…]"
    assert shown_url(f"http://eth.example:99999/{KEY}") == "http://eth.example"


def test_traces_that_do_not_agree_are_blamed_on_the_node_that_gave_them(node: LyingNode, other: LyingNode) -> None:
    node.unknown = {"trace_block", "debug_traceBlockByNumber"}
    source = source_of(node, other)
    list(source.read(1, 12))
    assert source.distrust(3, "traces[0].action.value does not agree")
    assert source.endpoints.all[0].distrusted == {}
    assert list(source.endpoints.all[1].distrusted) == [3]
    assert source.distrust(4, "receiptsRoot does not agree")
    assert list(source.endpoints.all[0].distrusted) == [4]


def test_a_reader_who_waits_for_a_slow_node_is_let_go_when_the_source_is_closed(node: LyingNode) -> None:
    source = source_of(node, patience=replace(HURRY, seconds=60, request_seconds=60))
    node.spoil(drip_of(20), times=FOREVER)
    closing = threading.Timer(0.5, source.close)
    closing.start()
    began = time.monotonic()
    with pytest.raises(SourceError, match="was broken off"):
        list(source.read(1, 12))
    assert time.monotonic() - began < 2
    closing.join()
