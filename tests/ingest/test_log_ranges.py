"""Logs by eth_getLogs: ranges that shrink strictly, quotas that do not, answers that are held against blooms and receipts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainsight.errors import NodeLies, NodeRefused, UsageError
from ingest.endpoints import Patience
from ingest.limiter import Pace
from ingest.log_filters import bloom_of, log_filter
from ingest.log_ranges import LogRanges, Width
from ingest.log_search import ingest_logs
from ingest.rpc import RpcSource
from ingest.troubles import Suggestion
from sql.store import Store
from tests.fixtures.anvil import deploy, send, started_node
from tests.fixtures.lying_node import LyingNode, RpcError, lying_node

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
LAST = 30


@pytest.fixture
def node() -> Iterator[LyingNode]:
    with lying_node(LAST) as started:
        yield started


def source_of(*nodes: LyingNode) -> RpcSource:
    return RpcSource(
        [node.url for node in nodes],
        patience=Patience(tries=2, seconds=2, request_seconds=5),
        pace=Pace(first_wait=0.02, most_wait=0.05),
    )


def found(node: LyingNode, *, addresses: tuple[str, ...] = (), topics: tuple[tuple[str, ...], ...] = ()) -> list[Any]:
    wanted = log_filter(addresses, topics)
    ranges = LogRanges(source_of(node), wanted, width=Width(16, chance=lambda: 1.0))
    return [orjson.loads(line) for span in ranges.read(1, LAST) for line in span.logs]


def all_logs(node: LyingNode) -> list[Any]:
    return list(node.logs({"fromBlock": "0x1", "toBlock": hex(LAST)}))


def busiest(node: LyingNode) -> str:
    addresses = [log["address"] for log in all_logs(node) if log["topics"][0] == TRANSFER]
    return max(sorted(set(addresses)), key=addresses.count)


def asked_ranges(node: LyingNode) -> list[tuple[int, int]]:
    return [
        (int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16))
        for method, params in node.asked
        if method == "eth_getLogs"
    ]


def test_all_logs_and_those_of_one_contract_are_found(node: LyingNode) -> None:
    assert found(node) == all_logs(node)
    token = busiest(node)
    expected = [log for log in all_logs(node) if log["address"] == token and log["topics"][0] == TRANSFER]
    assert expected
    assert found(node, addresses=(token,), topics=((TRANSFER,),)) == expected


def limit(most: int, message: str) -> Any:
    def change(params: list[Any], right: Any) -> Any:
        first, last = int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16)
        if last - first + 1 > most:
            return RpcError(-32602, message.format(first=first, last=last))
        return right

    return change


@pytest.mark.parametrize(
    ("message", "widths"),
    [
        ("block range is too wide", {16, 8, 4}),
        (
            "query exceeds max results 20000, retry with the range {first}-{last}",
            {16, 8, 4},
        ),  # reth's very own range again
        ("Log response size exceeded, this block range should work: [0x1, 0x5]", {16, 5}),
        ("range 16 exceeds limit of 5", {16, 5}),
    ],
)
def test_a_range_that_is_too_wide_shrinks_strictly_whatever_is_suggested(
    node: LyingNode, message: str, widths: set[int]
) -> None:
    node.rewrite("eth_getLogs", limit(5, message))
    assert found(node) == all_logs(node)
    ranges = asked_ranges(node)
    assert {last - first + 1 for first, last in ranges} - {LAST % 4, LAST % 5} <= widths
    assert len(set(ranges)) == len(ranges)


def test_a_quota_is_waited_out_with_the_range_as_it_is(node: LyingNode) -> None:
    node.rewrite("eth_getLogs", lambda params, right: RpcError(-32005, "daily request count exceeded"), times=2)
    assert found(node) == all_logs(node)
    assert asked_ranges(node) == [(1, 16), (1, 16), (1, 16), (17, LAST)]


def test_one_block_that_is_too_much_for_the_method_is_read_from_its_receipts(node: LyingNode) -> None:
    node.rewrite("eth_getLogs", lambda params, right: RpcError(-32005, "query returned more than 10000 results"))
    assert found(node) == all_logs(node)


def test_an_answer_cut_at_so_many_logs_is_noticed_and_asked_for_in_pieces(node: LyingNode) -> None:
    node.rewrite("eth_getLogs", lambda params, right: right[:20])
    assert found(node) == all_logs(node)
    token = busiest(node)
    node.asked.clear()
    expected = [log for log in all_logs(node) if log["address"] == token]
    assert len(expected) > 20
    assert found(node, addresses=(token,)) == expected


def test_an_empty_answer_for_a_block_whose_bloom_has_the_contract_is_held_against_its_receipts(node: LyingNode) -> None:
    token = busiest(node)
    block = next(int(log["blockNumber"], 16) for log in all_logs(node) if log["address"] == token)
    node.rewrite("eth_getLogs", lambda params, right: [log for log in right if int(log["blockNumber"], 16) != block])
    assert found(node, addresses=(token,)) == [log for log in all_logs(node) if log["address"] == token]


@pytest.mark.parametrize(
    "forged",
    [
        {"data": "0x" + "ff" * 32},
        {"transactionHash": "0x" + "ab" * 32},
        {"transactionIndex": "0x7f"},
        {"address": "0x" + "cd" * 20},
    ],
)
@pytest.mark.parametrize("takes_all", [True, False])
def test_a_log_that_is_forged_in_the_middle_of_an_answer_is_never_taken(
    node: LyingNode, forged: dict[str, str], takes_all: bool
) -> None:
    token = busiest(node)
    expected = [log for log in all_logs(node) if takes_all or log["address"] == token]
    victim = (expected[len(expected) // 2]["blockNumber"], expected[len(expected) // 2]["logIndex"])
    node.rewrite(
        "eth_getLogs",
        lambda params, right: [
            log | forged if (log["blockNumber"], log["logIndex"]) == victim else log for log in right
        ],
    )
    assert found(node, addresses=() if takes_all else (token,)) == expected


def test_a_log_that_is_left_out_of_the_middle_of_an_answer_is_found(node: LyingNode) -> None:
    token = busiest(node)
    expected = [log for log in all_logs(node) if log["address"] == token]
    blocks = [log["blockNumber"] for log in expected]
    busy = next(number for number in blocks if blocks.count(number) > 1 and number != blocks[-1])
    left_out = next(log for log in expected if log["blockNumber"] == busy)
    node.rewrite("eth_getLogs", lambda params, right: [log for log in right if log != left_out])
    assert found(node, addresses=(token,)) == expected


def test_a_receipt_with_a_log_of_another_transaction_is_a_lie(node: LyingNode) -> None:
    token = busiest(node)
    node.rewrite(
        "eth_getBlockReceipts",
        lambda params, right: [receipt | {"transactionHash": "0x" + "ab" * 32} for receipt in right],
    )
    with pytest.raises(NodeLies, match=r"log 0 of block \d+ in another transaction's receipt"):
        found(node, addresses=(token,))


def test_a_node_whose_receipts_lie_as_well_is_named(node: LyingNode) -> None:
    node.rewrite("eth_getLogs", lambda params, right: [])
    node.rewrite("eth_getBlockReceipts", lambda params, right: [receipt | {"logs": []} for receipt in right])
    with pytest.raises(
        NodeLies, match=rf"{node.url} gave something else than was asked for \(0 logs of block \d that do not"
    ):
        found(node, addresses=(busiest(node),))


def test_logs_of_another_fork_are_not_taken(node: LyingNode) -> None:
    node.rewrite("eth_getLogs", lambda params, right: [log | {"blockHash": "0x" + "ab" * 32} for log in right], times=1)
    assert found(node) == all_logs(node)


def test_a_node_that_does_not_answer_is_one_clear_line(node: LyingNode) -> None:
    node.rewrite("eth_getLogs", lambda params, right: RpcError(-32000, "invalid argument"))
    with pytest.raises(
        NodeRefused, match=r"did not answer logs of blocks 1 to 16: .*refused \(invalid argument \(-32000\)\)"
    ):
        found(node)


def test_the_store_keeps_what_was_found_and_what_was_searched_and_goes_on_where_it_stopped(
    node: LyingNode, store: Store
) -> None:
    token = busiest(node)
    node.tags = {"safe": 25, "finalized": 20}
    first = ingest_logs(store, source_of(node), addresses=[token], first=1, last=20)
    expected = [log for log in all_logs(node) if log["address"] == token]
    assert first.logs == sum(int(log["blockNumber"], 16) <= 20 for log in expected)
    whole = ingest_logs(store, source_of(node), addresses=[token.upper().replace("0X", "0x")], first=1)
    assert (whole.skipped, whole.logs) == (20, len(expected) - first.logs)
    rows = store.query(
        "SELECT block_number, log_index, lower(hex(transaction_hash)) AS transaction, length(topics) AS topics,"
        " hex(data) AS data, toUnixTimestamp(block_timestamp) AS at FROM filtered_logs ORDER BY block_number, log_index"
    ).to_pylist()
    assert rows == [
        {
            "block_number": int(log["blockNumber"], 16),
            "log_index": int(log["logIndex"], 16),
            "transaction": log["transactionHash"][2:],
            "topics": len(log["topics"]),
            "data": log["data"][2:].upper(),
            "at": int(node.blocks[int(log["blockNumber"], 16)]["timestamp"], 16),
        }
        for log in expected
    ]
    covered = store.query("SELECT from_block, to_block, finality FROM log_coverage ORDER BY from_block").to_pylist()
    assert [tuple(row.values()) for row in covered] == [(1, 20, "finalized"), (21, LAST, "latest")]
    assert store.query("SELECT count() AS n FROM logs").to_pylist() == [{"n": 0}]


def test_what_was_not_final_is_searched_again_and_follows_the_chain(node: LyingNode, store: Store) -> None:
    token = busiest(node)
    node.tags = {"safe": 20, "finalized": 20}
    ingest_logs(store, source_of(node), addresses=[token], first=1)
    with lying_node(22) as shorter:
        shorter.tags = {"safe": 20, "finalized": 20}
        again = ingest_logs(store, source_of(shorter), addresses=[token], first=1)
    assert (again.skipped, again.blocks) == (20, 2)
    blocks = store.query("SELECT max(block_number) AS last FROM filtered_logs").to_pylist()[0]["last"]
    assert blocks <= 22
    expected = [log for log in shorter.logs({"fromBlock": "0x1", "toBlock": "0x16", "address": token})]
    assert store.query("SELECT count() AS n FROM filtered_logs").to_pylist() == [{"n": len(expected)}]


def test_logs_of_a_real_node_are_found(store: Store) -> None:
    with started_node() as anvil:
        sender = anvil.call("eth_accounts")[0]
        # Runtime code: LOG1 without data, with the word that was sent as its topic.
        beacon = deploy(anvil, sender, bytes.fromhex("5f355f5fa100"))
        words = ["0x" + f"{number:064x}" for number in range(8)]
        for word in words:
            send(anvil, {"from": sender, "to": beacon, "data": word})
        source = RpcSource(anvil.url)
        every = ingest_logs(store, source, addresses=[beacon])
        assert (every.logs, every.from_block, every.to_block) == (8, 0, 9)
        some = ingest_logs(store, source, topics=[words[2:4]])
        assert some.logs == 2
        assert ingest_logs(store, source).logs == 8
        found = store.query(
            "SELECT lower(hex(topics[1])) AS topic FROM filtered_logs WHERE filter = {filter:String} ORDER BY block_number",
            filter=some.filter,
        )
        assert ["0x" + topic for topic in found.column("topic").to_pylist()] == words[2:4]
        source.close()


def test_a_filter_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="is no topic"):
        log_filter(topics=[["0x12"]])
    with pytest.raises(UsageError, match="at most 4 topics"):
        log_filter(topics=[[TRANSFER]] * 5)


def test_the_bloom_of_a_block_is_that_of_its_logs(node: LyingNode) -> None:
    for number, block in node.blocks.items():
        logs = [log for receipt in node.receipts[number] for log in receipt["logs"]]
        assert bloom_of(item for log in logs for item in (log["address"], *log["topics"])) == int(
            block["logsBloom"], 16
        )


@given(
    first=st.integers(0, 10**8),
    blocks=st.integers(2, 5000),
    suggested=st.one_of(
        st.none(),
        st.builds(Suggestion, first=st.integers(0, 10**8), last=st.integers(0, 10**8)),
        st.builds(Suggestion, width=st.integers(-5, 10**6)),
    ),
)
def test_a_refused_range_is_always_followed_by_a_smaller_one(
    first: int, blocks: int, suggested: Suggestion | None
) -> None:
    width = Width(5000)
    width.refused(first, first + blocks - 1, suggested)
    assert 1 <= width.blocks < blocks


def test_one_success_in_ten_widens_the_range_again() -> None:
    chances = iter([0.5, 0.09, 0.99, 0.0, 0.0])
    width = Width(32, chance=lambda: next(chances))
    width.refused(0, 15, None)
    seen = []
    for _ in range(5):
        width.succeeded()
        seen.append(width.blocks)
    assert seen == [8, 16, 16, 32, 32]
