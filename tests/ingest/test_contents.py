"""Everything on the chain, decoded: types of transactions, fees, withdrawals, creations, self-destructs, calls that count."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from ingest.call_traces import as_block_traces, read_call_traces
from sql.store import Store
from tests.fixtures.handmade import (
    MINER,
    RECEIVER,
    SENDER,
    Json,
    block,
    call,
    decode,
    ingest,
    log,
    receipt,
    stage,
    transaction,
    transfers,
    word,
)

ZERO = "0x" + "0" * 40
MADE = "0x" + "d" * 40


def stored(store: Store, columns: str) -> list[dict[str, Any]]:
    return store.query(f"SELECT {columns} FROM transactions ORDER BY transaction_index").to_pylist()


def parts(store: Store, kind: str) -> list[tuple[str, str, int]]:
    return [(row["giver"], row["receiver"], row["amount"]) for row in transfers(store, kind)]


def test_a_deposit_that_a_rollup_wrote_itself_is_kept_though_it_is_unsigned(store: Store) -> None:
    unsigned: Json = {
        "type": "0x7e",
        "nonce": ...,
        "gasPrice": ...,
        "v": ...,
        "r": ...,
        "s": ...,
        "mint": "0x5",
        "sourceHash": word(3),
    }
    sent = transaction(**unsigned)

    ingest(store, sent, transaction(index=1, type="0x6a", gasPrice="0x0"), transaction(index=2, type=None))

    found = stored(store, "transaction_type, nonce, toString(gas_price) AS price, toString(value) AS wei, success")
    assert [row["transaction_type"] for row in found] == [0x7E, 0x6A, 0]
    assert (found[0]["nonce"], found[0]["price"], found[0]["wei"]) == (0, "0", "100")
    assert parts(store, "native") == [(SENDER, RECEIVER, 100)] * 3


def test_fee_caps_beyond_64_bits_are_kept(store: Store) -> None:
    cap = 2**255 + 7
    ingest(store, transaction(type="0x2", maxFeePerGas=hex(cap), maxPriorityFeePerGas=hex(cap)))

    found = stored(store, "toString(max_fee_per_gas) AS cap, toString(max_priority_fee_per_gas) AS tip")
    assert found == [{"cap": str(cap), "tip": str(cap)}]


def test_access_list_blobs_and_authorizations_are_kept_as_sent(store: Store) -> None:
    authorization = {
        "chainId": "0x0",
        "address": MADE,
        "nonce": "0xffffffffffffffff",
        "yParity": "0x6d",
        "r": word(1),
        "s": word(2),
    }
    ingest(
        store,
        transaction(
            type="0x1",
            accessList=[{"address": MADE, "storageKeys": [word(1), word(2)]}, {"address": ZERO, "storageKeys": []}],
        ),
        transaction(index=1, type="0x3", maxFeePerBlobGas="0x9", blobVersionedHashes=[word(5), word(6)]),
        transaction(index=2, type="0x4", authorizationList=[authorization]),
    )

    found = stored(
        store,
        "arrayMap(e -> (lower(hex(e.address)), length(e.storage_keys)), access_list) AS entries, "
        "length(blob_versioned_hashes) AS blobs, "
        "arrayMap(a -> (toString(a.nonce), toString(a.y_parity)), authorization_list) AS authorized",
    )
    assert [tuple(entry.values()) for entry in found[0]["entries"]] == [("d" * 40, 2), ("0" * 40, 0)]
    assert found[1]["blobs"] == 2
    assert [tuple(entry.values()) for entry in found[2]["authorized"]] == [(str(2**64 - 1), str(0x6D))]


def test_a_fee_has_a_burnt_part_a_tip_and_a_burnt_blob_part(store: Store) -> None:
    sent = transaction(type="0x3", maxFeePerBlobGas="0x9", blobVersionedHashes=[word(5)])
    paid = receipt(sent, gasUsed="0xa", effectiveGasPrice="0x7", blobGasUsed="0x20000", blobGasPrice="0x3")

    stage(store, [block(sent)], [{"number": "0x9", "receipts": [paid]}])
    decode(store)

    assert parts(store, "fee") == [(SENDER, ZERO, 50), (SENDER, MINER, 20), (SENDER, ZERO, 3 * 0x20000)]


def test_a_failed_transaction_pays_its_fee_and_moves_nothing(store: Store) -> None:
    sent = transaction()
    moved_by_hand = call([0], value=9)  # the node does not say that the root failed

    stage(
        store,
        [block(sent)],
        [{"number": "0x9", "receipts": [receipt(sent, status="0x0", gasUsed="0xa")]}],
        [{"number": "0x9", "traces": [call(value=100), moved_by_hand]}],
    )
    decode(store)

    assert parts(store, "fee") == [(SENDER, ZERO, 50), (SENDER, MINER, 20)]
    assert (parts(store, "native"), parts(store, "internal")) == ([], [])


def test_a_withdrawal_of_gwei_is_a_transfer_of_wei(store: Store) -> None:
    ingest(
        store,
        withdrawals=[{"index": "0x1", "validatorIndex": "0x2", "address": RECEIVER, "amount": "0xffffffffffffffff"}],
    )
    assert parts(store, "withdrawal") == [(ZERO, RECEIVER, (2**64 - 1) * 10**9)]


def test_a_creation_pays_the_contract_it_creates(store: Store) -> None:
    sent = transaction(to=None, input="0x6000")
    stage(store, [block(sent)], [{"number": "0x9", "receipts": [receipt(sent, contractAddress=MADE)]}])
    decode(store)
    assert parts(store, "native") == [(SENDER, MADE, 100)]


def suicide(path: list[int], heir: str, balance: int) -> Json:
    action = {"address": MADE, "refundAddress": heir, "balance": hex(balance)}
    return {**call(path), "type": "suicide", "action": action, "result": None}


def create(path: list[int], value: int, *, error: str = "") -> Json:
    made = {**call(path, value=value, error=error), "type": "create"}
    return made | ({} if error else {"result": {"gasUsed": "0x0", "address": MADE}})


@pytest.mark.parametrize(
    ("trace", "moved"),
    [
        (call([0], value=7), [(SENDER, RECEIVER, 7)]),
        (call([0], value=7, to="0x" + "0" * 39 + "4"), [(SENDER, "0x" + "0" * 39 + "4", 7)]),
        (call([0], value=7, kind="delegatecall"), []),
        (call([0], value=7, kind="callcode"), []),
        (call([0], value=None, kind="staticcall"), []),
        (call([0], value=None, kind="delegatecall"), []),
        (create([0], 8), [(SENDER, MADE, 8)]),
        (create([0], 8, error="out of gas"), []),
        (suicide([0], RECEIVER, 6), [(MADE, RECEIVER, 6)]),
        (suicide([0], MADE, 6), [(MADE, MADE, 6)]),
        (suicide([0], RECEIVER, 0), []),
    ],
    ids=[
        "call", "precompile", "delegatecall", "callcode", "staticcall", "delegatecall without value", "create", "failed create",
        "self-destruct", "self-destruct to itself", "self-destruct of nothing",
    ],
)  # fmt: skip
def test_what_moves_inside_of_a_transaction(store: Store, trace: Json, moved: list[tuple[str, str, int]]) -> None:
    ingest(store, transaction(), traces=[call(value=100), trace])
    assert parts(store, "internal") == moved


def test_whatever_stands_below_a_failed_call_did_not_happen_though_it_shows_no_error(store: Store) -> None:
    ingest(
        store,
        transaction(),
        traces=[
            call(value=100),
            call([0], value=1),
            call([0, 0], value=2, error="Reverted"),
            call([0, 0, 0], value=4),
            create([0, 0, 0, 1], 8),
            call([0, 1], value=16),
            call([0, 10], value=32),
            call([1], value=64, error="out of gas"),
            suicide([1, 0], RECEIVER, 128),
            call([10], value=256),
        ],
    )
    assert [amount for _, _, amount in parts(store, "internal")] == [1, 16, 32, 256]


def test_frames_of_the_call_tracer_count_as_traces_do(store: Store) -> None:
    def frame(kind: str, value: int | None, *calls: Json, **more: Any) -> Json:
        made = {
            "type": kind,
            "from": SENDER,
            "to": RECEIVER,
            "gas": "0x5208",
            "gasUsed": "0x0",
            "input": "0x",
            "calls": list(calls),
        }
        return made | ({} if value is None else {"value": hex(value)}) | more

    sent = transaction()
    tree = frame(
        "CALL",
        100,
        frame("CALL", 1, frame("DELEGATECALL", 2, frame("CALL", 4)), frame("STATICCALL", None)),
        frame("CALL", 8, frame("CALL", 16), frame("SELFDESTRUCT", 32), error="execution reverted"),
        frame("CREATE2", 64, to=MADE),
        frame("CREATE", 128, to=None, error="out of gas"),
        frame("SELFDESTRUCT", 256),
        frame("CALLCODE", 512),
        frame("CALL", 1024, to="0x" + "0" * 39 + "2"),
    )
    traced = read_call_traces(orjson.dumps([{"txHash": sent["hash"], "result": tree}]))
    line = as_block_traces(traced, number=9, block_hash=word(9), transactions=[sent["hash"]])

    ingest(store, sent, traces=orjson.loads(line))

    assert sorted(amount for _, _, amount in parts(store, "internal")) == [1, 4, 64, 256, 1024]


def test_a_block_of_failing_calls_costs_no_more_than_its_size(store: Store) -> None:
    failing = [call([at], value=1, error="Reverted") for at in range(20_000)]
    ingest(store, transaction(), traces=[call(value=100), *failing, call([20_000], value=3)])
    assert [amount for _, _, amount in parts(store, "internal")] == [3]


def test_a_block_reward_moves_nothing_that_would_be_counted_twice(store: Store) -> None:
    reward = {
        **call(),
        "type": "reward",
        "action": {"author": MINER, "value": "0x1bc16d674ec80000", "rewardType": "block"},
    }
    reward |= {"transactionHash": None, "transactionPosition": None}
    ingest(store, transaction(), traces=[call(value=100), reward])
    assert parts(store, "internal") == []
    assert store.query("SELECT count() AS n FROM traces WHERE trace_type = 'reward'").to_pylist() == [{"n": 1}]


def test_logs_carry_the_hash_of_the_transaction_that_emitted_them(store: Store) -> None:
    sent = transaction()
    ingest(store, sent, logs=[log(word(7), index=0), log(word(8), index=1)])
    found = store.query(
        "SELECT concat('0x', lower(hex(transaction_hash))) AS hash, log_index FROM logs ORDER BY log_index"
    )
    assert found.to_pylist() == [{"hash": sent["hash"], "log_index": 0}, {"hash": sent["hash"], "log_index": 1}]
