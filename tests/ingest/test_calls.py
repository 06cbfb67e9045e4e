"""Envelopes cut apart, refusals understood, calls of one tracer told in the words of the other."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.block_answers import (
    BlockAnswer,
    read_block,
    read_debug_traces,
    read_receipts,
    read_single_receipts,
    read_tagged,
    read_traces,
)
from ingest.call_traces import as_block_traces, read_call_traces
from ingest.calls import Call, encode_calls, read_quantity, split_answers
from ingest.heads import _read_head, _read_message
from ingest.troubles import Kind, Suggestion, Trouble, read_error, read_status

CALLS = [Call("eth_getBlockByNumber", (hex(number), True)) for number in range(3)]


def answers(*ids: Any) -> bytes:
    return orjson.dumps([{"jsonrpc": "2.0", "id": stated, "result": f"block {stated}"} for stated in ids])


@given(st.permutations(range(3)))
def test_answers_are_matched_by_id_in_any_order(order: list[int]) -> None:
    found = split_answers(answers(*order), CALLS)
    assert [bytes(answer) for answer in found if not isinstance(answer, Trouble)] == [
        b'"block 0"',
        b'"block 1"',
        b'"block 2"',
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (answers(0, 1), r'2 answers to 3 calls; eth_getBlockByNumber "0x2",true has none'),
        (answers(0, 1, 1), "two answers to eth_getBlockByNumber"),
        (answers(0, 1, 7), "an answer to id 7, which was not asked"),
        (answers(0, 1, None), "an answer to id None"),
        (answers(0, 1, 2)[:-9], "no whole JSON"),
        (answers(0, 1, 2) + b"]", "no whole JSON"),
        (b"", "an empty answer"),
        (b"It works!", "no batch in 9 bytes: It works!"),
        (b'{"id":0,"result":"0x1"}', "no batch"),
        (b"\xff\xfe[1]", "no batch"),
    ],
)
def test_what_is_no_answer_to_the_batch_is_said(body: bytes, said: str) -> None:
    with pytest.raises(Trouble, match=re.escape(said)) as trouble:
        split_answers(body, CALLS)
    assert trouble.value.kind is Kind.BROKEN


def test_an_answer_with_neither_result_nor_error_is_one_that_is_missing() -> None:
    found = split_answers(b'[{"id":0,"result":1},{"id":1},{"id":2,"result":null,"error":null}]', CALLS)
    assert [isinstance(answer, Trouble) for answer in found] == [False, True, False]


def test_one_error_for_the_whole_batch_is_the_error_of_all() -> None:
    body = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"request rate exceeded"}}'
    with pytest.raises(Trouble, match="request rate exceeded") as trouble:
        split_answers(body, CALLS)
    assert trouble.value.kind is Kind.QUOTA


def test_ids_that_come_back_as_text_are_ids() -> None:
    assert len(split_answers(answers("0", "1", "2"), CALLS)) == 3


@given(st.binary(max_size=200))
def test_no_bytes_whatever_do_more_than_trouble(body: bytes) -> None:
    with contextlib.suppress(Trouble):
        assert len(split_answers(body, CALLS[:1])) == 1


DEEP = b"[" * 200_000 + b"]" * 200_000
LONG = b"9" * 5_000


@pytest.mark.parametrize("strange", [DEEP, LONG, b'{"number":' + LONG + b"}", b'{"a":' + DEEP + b"}"])
def test_lists_in_lists_without_end_and_endless_numbers_are_troubles_like_any_other(strange: bytes) -> None:
    body = b'[{"id":0,"result":' + strange + b"}]"
    for whole in (body, strange, b'[{"id":' + strange + b',"result":1}]', b'[{"id":0,"error":' + strange + b"}]"):
        with contextlib.suppress(Trouble):
            split_answers(whole, CALLS[:1])
    raw = msgspec.Raw(strange)
    block = BlockAnswer(7, "0x1", "0x0", ("0x2",), b"")
    for read in (
        lambda: read_block(raw, 7),
        lambda: read_receipts(raw, block),
        lambda: read_single_receipts([raw], block),
        lambda: read_traces(raw, block),
        lambda: read_debug_traces(raw, block),
        lambda: read_quantity(raw),
        lambda: _read_head(raw),
    ):
        with pytest.raises(Trouble):
            read()
    assert read_tagged(raw) is None
    assert isinstance(read_error(strange), Trouble)
    with contextlib.suppress(Trouble):
        _read_message(b'{"id":2,"result":' + strange + b"}")


def test_a_block_number_of_thousands_of_digits_is_none() -> None:
    number = b'{"number":"0x' + LONG + b'","hash":"0x1","parentHash":"0x0","transactions":[]}'
    with pytest.raises(Trouble, match="a number that no block has"):
        read_block(msgspec.Raw(number), 7)
    with pytest.raises(Trouble, match="a number that no block has"):
        _read_head(msgspec.Raw(number))
    assert read_tagged(msgspec.Raw(number)) is None
    with pytest.raises(Trouble):
        read_quantity(msgspec.Raw(b'"0x' + LONG + b'"'))


def test_words_with_endless_numbers_suggest_nothing_and_harm_nobody() -> None:
    digits = LONG.decode()
    for words in (f"retry with the range {digits}-{digits}", f"block range limited to {digits} blocks"):
        read_error(orjson.dumps({"code": -32005, "message": words}))
        read_error(orjson.dumps({"code": -32005, "message": "block range", "data": words}))
    assert read_error(orjson.dumps({"code": 1e300, "message": f"rate limit, retry in {digits} s"})).kind is Kind.QUOTA
    assert read_status(429, "nan", b"").retry_after is None  # type: ignore[union-attr]


def test_a_request_is_one_body_for_all_calls() -> None:
    assert [call["id"] for call in orjson.loads(encode_calls(CALLS))] == [0, 1, 2]


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (-32601, "Method not found", Kind.UNKNOWN_METHOD),
        (-32000, "the method trace_block does not exist/is not available", Kind.UNKNOWN_METHOD),
        (-32600, "Unsupported method: trace_block. See available methods", Kind.UNKNOWN_METHOD),
        (-32004, "Method not supported", Kind.UNKNOWN_METHOD),
        (-32603, "the method does not exist", Kind.REFUSED),
        (-32005, "query returned more than 10000 results", Kind.RANGE),
        (-32602, "range 25000 exceeds limit of 10000", Kind.RANGE),
        (-32000, "exceed maximum block range: 5000", Kind.RANGE),
        (-32016, "query timeout exceeded", Kind.RANGE),
        (-32005, "daily request count exceeded, request rate limited", Kind.QUOTA),
        (-32005, "project ID request rate exceeded", Kind.QUOTA),
        (-32005, "limit exceeded", Kind.QUOTA),
        (429, "Your app has exceeded its compute units per second capacity.", Kind.QUOTA),
        (-32007, "50/second request limit reached", Kind.QUOTA),
        (-32000, "header not found", Kind.BEHIND),
        (-32000, "missing trie node 1234 (path )", Kind.BEHIND),
        (4444, "pruned history unavailable", Kind.BEHIND),
        (-32000, "batch limit 100 exceeded (can increase by --rpc.batch.limit)", Kind.TOO_LARGE),
        (-32003, "response too large", Kind.TOO_LARGE),
        (-32002, "request timed out", Kind.SLOW),
        (-32602, "invalid argument 0", Kind.REFUSED),
        (3, "execution reverted: rate limit exceeded", Kind.REFUSED),
        (-32000, "execution reverted: block not found", Kind.REFUSED),
    ],
)
def test_what_nodes_say_is_sorted_by_what_helps(code: int, message: str, kind: Kind) -> None:
    assert read_error(orjson.dumps({"code": code, "message": message})).kind is kind


def test_a_range_or_a_number_of_blocks_that_a_node_suggests_is_read() -> None:
    def suggested(message: str, data: Any = None) -> Suggestion | None:
        return read_error(orjson.dumps({"code": -32005, "message": message, "data": data})).suggested

    assert suggested("query exceeds max results 20000, retry with the range 100-149") == Suggestion(100, 149)
    assert suggested("query returned more than 10000 results. Try with this block range [0x10, 0x1f].") == Suggestion(
        16, 31
    )
    assert suggested("requested too many blocks from 1 to 9999, maximum is set to 2048") == Suggestion(width=2048)
    assert suggested("ranges over 10,000 blocks are not supported") == Suggestion(width=10_000)
    assert suggested("block range is too wide") is None


def test_a_status_that_hides_an_error_object_lets_it_be_read() -> None:
    assert read_status(400, None, b'{"error": {}}') is None
    assert read_status(503, None, b"<html>").kind is Kind.SLOW  # type: ignore[union-attr]
    assert read_status(403, None, b"no").kind is Kind.REFUSED  # type: ignore[union-attr]
    assert read_status(413, None, b"{}").kind is Kind.TOO_LARGE  # type: ignore[union-attr]
    assert read_status(429, "Wed, 21 Oct 2015 07:28:00 GMT", b"").retry_after == 0  # type: ignore[union-attr]


A, B, C = ("0x" + digit * 40 for digit in "abc")


def flattened(*frames: dict[str, Any]) -> list[dict[str, Any]]:
    traced = read_call_traces(
        orjson.dumps([{"txHash": f"0x{place}", "result": frame} for place, frame in enumerate(frames)])
    )
    hashes = [f"0x{place}" for place in range(len(frames))]
    return list(orjson.loads(as_block_traces(traced, number=7, block_hash="0xbb", transactions=hashes)))


def frame(kind: str, *calls: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "from": A,
        "to": B,
        "gas": "0x10",
        "gasUsed": "0x8",
        "input": "0x",
        "calls": list(calls),
    } | fields


def test_a_tree_of_calls_becomes_a_list_with_the_path_to_each() -> None:
    rows = flattened(
        frame(
            "CALL",
            frame("DELEGATECALL", frame("STATICCALL"), value="0x5"),
            frame("CREATE2", value="0x2", output="0x60", to=C),
            frame("SELFDESTRUCT", value="0x3", to=C),
            value="0x1",
        ),
        frame("CREATE", error="execution reverted", to=None, value="0x0"),
    )
    assert [(row["transactionPosition"], row["traceAddress"], row["type"], row["subtraces"]) for row in rows] == [
        (0, [], "call", 3),
        (0, [0], "call", 1),
        (0, [0, 0], "call", 0),
        (0, [1], "create", 0),
        (0, [2], "suicide", 0),
        (1, [], "create", 0),
    ]
    assert [row["action"].get("callType") for row in rows[:3]] == ["call", "delegatecall", "staticcall"]
    assert rows[3]["result"] == {"address": C, "code": "0x60", "gasUsed": "0x8"}
    assert rows[4]["action"] == {"address": A, "refundAddress": C, "balance": "0x3"}
    assert (rows[5]["error"], rows[5]["result"]) == ("Reverted", None)
    assert {row["blockHash"] for row in rows} == {"0xbb"}


def test_silent_calls_to_precompiled_contracts_are_left_out_and_paths_close_up() -> None:
    identity, hasher = "0x" + "00" * 19 + "04", "0x" + "00" * 18 + "0100"
    rows = flattened(
        frame(
            "CALL",
            frame("STATICCALL", to=identity),
            frame("CALL", to=identity, value="0x9"),
            frame("STATICCALL", to=hasher),
            frame("CALL", value="0x0"),
        )
    )
    assert [(row["traceAddress"], row["action"]["to"]) for row in rows] == [([], B), ([0], identity), ([1], B)]
    assert rows[0]["subtraces"] == 2


def test_calls_as_deep_as_the_evm_allows_are_read_and_deeper_ones_refused() -> None:
    text = b'[{"txHash":"0x0","result":' + _nested(1025) + b"}]"
    assert (
        len(orjson.loads(as_block_traces(read_call_traces(text), number=1, block_hash="0x1", transactions=["0x0"])))
        == 1025
    )
    with pytest.raises(ValueError, match="beyond what the EVM allows"):
        read_call_traces(b'[{"result":' + _nested(20_000) + b"}]")


def _nested(depth: int) -> bytes:
    return b'{"type":"CALL","from":"0xa","to":"0xbbbb","calls":[' * depth + b"]}" * depth


def test_traces_of_other_transactions_are_refused() -> None:
    with pytest.raises(ValueError, match="traces of 1 transactions for 2"):
        as_block_traces(
            read_call_traces(b'[{"txHash":"0x0"}]'), number=1, block_hash="0x1", transactions=["0x0", "0x1"]
        )
    with pytest.raises(ValueError, match="the trace of transaction 0x9 at the place of 0x0"):
        as_block_traces(read_call_traces(b'[{"txHash":"0x9"}]'), number=1, block_hash="0x1", transactions=["0x0"])
    with pytest.raises(ValueError, match=r"no trace of transaction 0x0 \(tracing failed\)"):
        as_block_traces(
            read_call_traces(b'[{"txHash":"0x0","error":"tracing failed"}]'),
            number=1,
            block_hash="0x1",
            transactions=["0x0"],
        )
