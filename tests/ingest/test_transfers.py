"""The transforms of logs, traces and withdrawals into transfers, on rows made by hand."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from sql.files import load
from sql.store import Parameter, Store
from tests.fixtures import handmade

A, B, TOKEN = (bytes([byte]) * 20 for byte in (0xA1, 0xB2, 0xC3))
ZERO = bytes(20)
TRANSFER = bytes.fromhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
SINGLE = bytes.fromhex("c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62")
BATCH = bytes.fromhex("4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb")
DEPOSIT = bytes.fromhex("e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c")
WITHDRAWAL = bytes.fromhex("7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65")
LARGEST = 2**256 - 1


def word(value: int | bytes) -> bytes:
    return value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\0")


def batch_data(ids: list[int], values: list[int]) -> bytes:
    """ABI of (uint256[], uint256[])."""
    offsets = [64, 64 + 32 * (1 + len(ids))]
    return b"".join(map(word, [*offsets, len(ids), *ids, len(values), *values]))


def emitted(store: Store, kind: str, topics: list[bytes], data: bytes, *, log_index: int = 5) -> list[tuple[Any, ...]]:
    """(position, batch_index, from, to, token, token_id, amount) that one log becomes."""
    row = {
        "chain_id": pa.array([1], pa.uint64()),
        "block_number": pa.array([9], pa.uint64()),
        "transaction_index": pa.array([2], pa.uint32()),
        "log_index": pa.array([log_index], pa.uint32()),
        "address": pa.array([TOKEN], pa.binary(20)),
        "topics": pa.array([topics], pa.list_(pa.binary(32))),
        "data": pa.array([data], pa.binary()),
        "version": pa.array([1], pa.uint64()),
    }
    store.insert("logs", pa.table(row))
    return moved(store, kind)


def moved(store: Store, kind: str, *, wrapped: list[bytes] | None = None) -> list[tuple[Any, ...]]:
    bounds: dict[str, Parameter] = {
        "chain_id": 1, "from_block": 0, "to_block": 99, "version": 1,
        "wrapped_natives": ["0x" + address.hex() for address in wrapped or []],
    }  # fmt: skip
    names = [f"transfers_{name}" for name in ("erc20", "erc721", "erc1155", "wrap", "internal", "withdrawal")]
    for statement in (load(f"transforms/{name}") for name in [*names, "quarantined_logs"]):
        store.command(statement, **{name: bounds[name] for name in statement.parameters})
    found = store.query(
        "SELECT CAST(kind AS String) AS kind, position, batch_index, from_address, to_address, token_address, "
        "toString(token_id) AS token_id, toString(amount) AS amount FROM transfers ORDER BY position, batch_index"
    ).to_pylist()
    assert {row.pop("kind") for row in found} <= {kind}
    return [(*list(row.values())[:5], int(row["token_id"]), int(row["amount"])) for row in found]


def reasons(store: Store) -> list[tuple[str, str]]:
    """(event, reason) of what was quarantined; every such log is there or among the transfers, never in both."""
    store.command(
        "INSERT INTO ingest_audit (chain_id, from_block, to_block, to_block_hash, to_block_timestamp, source, finality, version) "
        "SELECT 1, 0, 99, '', toDateTime(0), 'archive', 'latest', 1"
    )
    assert store.query(load("checks/transfer_logs_without_fate"), chain_id=1).num_rows == 0
    found = store.query("SELECT CAST(event AS String) AS event, CAST(reason AS String) AS reason FROM quarantined_logs")
    return [(row["event"], row["reason"]) for row in found.to_pylist()]


def test_an_erc20_transfer_keeps_all_256_bits(store: Store) -> None:
    found = emitted(store, "erc20", [TRANSFER, word(A), word(B)], word(LARGEST))
    assert found == [(5, 0, A, B, TOKEN, 0, LARGEST)]


@pytest.mark.parametrize(
    ("topics", "data"),
    [([TRANSFER, word(A), word(B), word(77)], b""), ([TRANSFER], word(A) + word(B) + word(77))],
    ids=["indexed", "nothing indexed"],
)
def test_an_erc721_transfer_is_one_piece_of_an_id(store: Store, topics: list[bytes], data: bytes) -> None:
    assert emitted(store, "erc721", topics, data) == [(5, 0, A, B, TOKEN, 77, 1)]


@pytest.mark.parametrize("token_id", [0, 256, 2**248, LARGEST])
def test_an_id_that_ends_in_zero_bytes_stays_whole(store: Store, token_id: int) -> None:
    found = emitted(store, "erc721", [TRANSFER, word(ZERO), word(B), word(token_id)], b"")
    assert found == [(5, 0, ZERO, B, TOKEN, token_id, 1)]
    assert reasons(store) == []


@pytest.mark.parametrize("event", [TRANSFER, DEPOSIT])
def test_the_zero_address_is_an_address(store: Store, event: bytes) -> None:
    kind, topics = ("erc20", [event, word(ZERO), word(ZERO)]) if event == TRANSFER else ("wrap", [event, word(ZERO)])
    assert emitted(store, kind, topics, word(5)) == [(5, 0, ZERO, ZERO, TOKEN, 0, 5)]
    assert reasons(store) == []


def test_a_single_erc1155_transfer(store: Store) -> None:
    found = emitted(store, "erc1155", [SINGLE, word(TOKEN), word(A), word(B)], word(LARGEST) + word(3))
    assert found == [(5, 0, A, B, TOKEN, LARGEST, 3)]


def test_a_batch_becomes_one_transfer_per_item(store: Store) -> None:
    found = emitted(store, "erc1155", [BATCH, word(TOKEN), word(ZERO), word(B)], batch_data([7, 8, 9], [1, 2, 3]))
    assert found == [(5, item, ZERO, B, TOKEN, 7 + item, 1 + item) for item in range(3)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (batch_data([7, 8], [1]), "unequal_arrays"),
        (batch_data([7, 8], [1, 2])[:-32], "out_of_bounds"),
        (b"".join(map(word, [64, 96, LARGEST, LARGEST])), "out_of_bounds"),
        (b"".join(map(word, [64, 96, 2**32, 2**32])), "out_of_bounds"),
        (b"".join(map(word, [64, 96, 2**64 + 1, 2**64 + 1])), "out_of_bounds"),
        (b"".join(map(word, [LARGEST, LARGEST, 1, 1])), "out_of_bounds"),
        (b"".join(map(word, [64, 64, 1, 1])), "overlapping_arrays"),
        (b"".join(map(word, [64, 96, 1, 1, 9])), "overlapping_arrays"),
        (b"".join(map(word, [0, 64, 0, 0])), "empty_batch"),
        (batch_data([], []), "empty_batch"),
        (b"".join(map(word, [65, 96, 0, 0])), "unaligned_array"),
        (b"", "other_shape"),
        (b"\1" * 33, "other_shape"),
    ],
    ids=[
        "unequal", "cut off", "forged length", "length beyond 32 bits", "length beyond 64 bits", "forged offset",
        "one array twice", "values inside of ids", "ids before the offsets", "empty", "between words", "no data", "no words",
    ],
)  # fmt: skip
def test_a_batch_that_does_not_add_up_moves_nothing_and_says_why(store: Store, data: bytes, reason: str) -> None:
    assert emitted(store, "erc1155", [BATCH, word(TOKEN), word(A), word(B)], data) == []
    assert reasons(store) == [("TransferBatch", reason)]


def test_the_arrays_of_a_batch_may_stand_in_any_order(store: Store) -> None:
    swapped = b"".join(map(word, [160, 64, 2, 1, 2, 2, 7, 8]))
    found = emitted(store, "erc1155", [BATCH, word(TOKEN), word(A), word(B)], swapped)
    assert [row[-2:] for row in found] == [(7, 1), (8, 2)]
    assert reasons(store) == []


@pytest.mark.parametrize(
    ("topics", "data", "event"),
    [
        ([TRANSFER, b"\1" + word(A)[1:], word(B)], word(1), "Transfer"),
        ([TRANSFER, word(A), b"\1" + word(B)[1:], word(1)], b"", "Transfer"),
        ([TRANSFER], b"\1" + word(A)[1:] + word(B) + word(7), "Transfer"),
        ([SINGLE, b"\1" + word(A)[1:], word(A), word(B)], word(1) + word(1), "TransferSingle"),
        ([DEPOSIT, b"\1" + word(A)[1:]], word(1), "Deposit"),
    ],
)
def test_bytes_before_an_address_make_it_none(store: Store, topics: list[bytes], data: bytes, event: str) -> None:
    assert emitted(store, "", topics, data) == []
    assert reasons(store) == [(event, "dirty_address")]


def test_the_old_form_is_erc20_where_the_token_is_known_as_one(store: Store) -> None:
    old = ([TRANSFER], word(A) + word(B) + word(77))
    assert emitted(store, "erc721", *old) == [(5, 0, A, B, TOKEN, 77, 1)]

    store.command(
        "INSERT INTO tokens (chain_id, token_address, symbol, name, decimals, source, version) "
        "SELECT 1, unhex({token:String}), 'OLD', 'Old token', 18, 'list', 1",
        token=TOKEN.hex(),
    )

    assert emitted(store, "erc20", *old) == [(5, 0, A, B, TOKEN, 0, 77)]
    assert store.query("SELECT CAST(doubt AS String) AS doubt FROM transfers").to_pylist() == [
        {"doubt": "unindexed_form"}
    ]


def test_an_amount_of_a_contract_known_as_a_collection_is_in_doubt(store: Store) -> None:
    store.command(
        "INSERT INTO tokens (chain_id, token_address, symbol, name, decimals, standard, source, version) "
        "SELECT 1, unhex({token:String}), 'CAT', 'Cats', NULL, 'erc721', 'contract', 1",
        token=TOKEN.hex(),
    )
    assert emitted(store, "erc20", [TRANSFER, word(A), word(B)], word(77)) == [(5, 0, A, B, TOKEN, 0, 77)]
    assert store.query("SELECT CAST(doubt AS String) AS doubt FROM transfers").to_pylist() == [
        {"doubt": "collection_with_amount"}
    ]


def test_a_deposit_with_a_contract_that_wraps_nothing_is_in_doubt(store: Store) -> None:
    emitted(store, "wrap", [DEPOSIT, word(A)], word(4))
    moved(store, "wrap", wrapped=[TOKEN])
    doubt = "SELECT CAST(doubt AS String) AS doubt FROM transfers"
    assert store.query(doubt).to_pylist() == [{"doubt": ""}]
    moved(store, "wrap", wrapped=[A])
    assert store.query(doubt).to_pylist() == [{"doubt": "unlisted_wrapper"}]


@pytest.mark.parametrize(("amount", "flagged"), [(2**224 - 1, 0), (2**224, 1), (2**255, 1), (LARGEST, 1)])
def test_amounts_that_a_sum_could_not_bear_are_kept_and_marked(store: Store, amount: int, flagged: int) -> None:
    found = emitted(store, "erc20", [TRANSFER, word(A), word(B)], word(amount))
    assert found == [(5, 0, A, B, TOKEN, 0, amount)]
    assert store.query("SELECT amount_overflow FROM transfers").to_pylist() == [{"amount_overflow": flagged}]


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(("event", "giver", "receiver"), [(DEPOSIT, ZERO, A), (WITHDRAWAL, A, ZERO)])
def test_wrapping_comes_from_nobody_and_unwrapping_goes_to_nobody(
    store: Store, event: bytes, giver: bytes, receiver: bytes, indexed: bool
) -> None:
    topics, data = ([event, word(A)], word(4)) if indexed else ([event], word(A) + word(4))
    assert emitted(store, "wrap", topics, data) == [(5, 0, giver, receiver, TOKEN, 0, 4)]


@pytest.mark.parametrize(("event", "giver", "receiver"), [(DEPOSIT, ZERO, A), (WITHDRAWAL, A, ZERO)])
def test_wrapping_that_its_transaction_says_by_a_transfer_too_moves_once(
    store: Store, event: bytes, giver: bytes, receiver: bytes
) -> None:
    once = emitted(store, "erc20", [TRANSFER, word(giver), word(receiver)], word(4))
    assert emitted(store, "erc20", [event, word(A)], word(4), log_index=6) == once
    assert reasons(store) == [("Deposit" if event == DEPOSIT else "Withdrawal", "said_twice")]


def test_a_mint_of_another_amount_or_to_somebody_else_is_no_wrapping(store: Store) -> None:
    emitted(store, "erc20", [TRANSFER, word(ZERO), word(A)], word(3), log_index=3)
    emitted(store, "erc20", [TRANSFER, word(ZERO), word(B)], word(4), log_index=4)
    emitted(store, "erc20", [TRANSFER, word(A), word(ZERO)], word(4))
    store.command("TRUNCATE TABLE transfers")
    row = store.query("SELECT * FROM logs LIMIT 1")
    at, topics = row.schema.get_field_index("log_index"), row.schema.get_field_index("topics")
    deposit = row.set_column(at, "log_index", pa.array([6], pa.uint32()))
    deposit = deposit.set_column(topics, "topics", pa.array([[DEPOSIT, word(A)]], pa.list_(pa.binary(32))))
    store.insert(
        "logs", deposit.set_column(row.schema.get_field_index("data"), "data", pa.array([word(4)], pa.binary()))
    )
    store.command(
        load("transforms/transfers_wrap"), chain_id=1, from_block=0, to_block=99, version=1, wrapped_natives=[]
    )
    assert store.query("SELECT position FROM transfers").to_pylist() == [{"position": 6}]


@pytest.mark.parametrize(
    ("topics", "data"),
    [
        ([TRANSFER, word(A), word(B)], b""),
        ([TRANSFER, word(A), word(B)], word(1) + b"\0"),
        ([TRANSFER, word(A)], word(B) + word(1)),
        ([TRANSFER, word(A), word(B), word(1)], word(1)),
        ([DEPOSIT, word(A), word(B)], word(1)),
        ([], b""),
    ],
)
def test_an_event_of_another_shape_is_no_transfer(store: Store, topics: list[bytes], data: bytes) -> None:
    assert emitted(store, "", topics, data) == []
    assert [reason for _, reason in reasons(store)] == ["other_shape"] * bool(topics)


def test_only_calls_that_happened_move_native_coin(store: Store) -> None:
    calls: list[tuple[list[int], str, str, int, int]] = [
        ([], "call", "call", 100, 0),  # the root is the native transfer
        ([0], "call", "call", 10, 0),
        ([0, 0], "call", "delegatecall", 11, 0),
        ([0, 1], "call", "staticcall", 12, 0),
        ([0, 2], "call", "callcode", 13, 0),
        ([1], "create", "", 14, 0),
        ([2], "suicide", "", 15, 0),
        ([3], "call", "call", 16, 1),  # undone
        ([4], "call", "call", 0, 0),
    ]
    paths, types, call_types, values, reverted = (list(column) for column in zip(*calls, strict=True))
    count = len(calls)
    store.insert(
        "traces",
        pa.table(
            {
                "chain_id": pa.array([1] * count, pa.uint64()),
                "block_number": pa.array([9] * count, pa.uint64()),
                "trace_index": pa.array(range(count), pa.uint32()),
                "trace_address": pa.array(paths, pa.list_(pa.uint32())),
                "trace_type": types,
                "call_type": call_types,
                "from_address": pa.array([A] * count, pa.binary(20)),
                "to_address": pa.array([B] * count, pa.binary(20)),
                "value": pa.array([value.to_bytes(32, "little") for value in values], pa.binary(32)),
                "reverted": pa.array(reverted, pa.uint8()),
                "version": pa.array([1] * count, pa.uint64()),
            }
        ),
    )
    assert [(row[0], row[-1]) for row in moved(store, "internal")] == [(1, 10), (5, 14), (6, 15)]


def test_a_withdrawal_is_gwei_and_comes_from_nobody(store: Store) -> None:
    store.insert(
        "withdrawals",
        pa.table(
            {
                "chain_id": pa.array([1], pa.uint64()),
                "block_number": pa.array([9], pa.uint64()),
                "withdrawal_position": pa.array([3], pa.uint32()),
                "address": pa.array([A], pa.binary(20)),
                "amount_gwei": pa.array([2**64 - 1], pa.uint64()),
                "version": pa.array([1], pa.uint64()),
            }
        ),
    )
    assert moved(store, "withdrawal") == [(3, 0, ZERO, A, ZERO, 0, (2**64 - 1) * 10**9)]


def test_a_failure_before_byzantium_is_known_by_its_trace(store: Store) -> None:
    failed, went, untraced = (handmade.transaction(index=index) for index in range(3))
    receipts = [handmade.receipt(tx, status=None, root=handmade.word(7)) for tx in (failed, went, untraced)]
    second = {"transactionPosition": 1, "transactionHash": went["hash"]}
    traces = [handmade.call(value=100, error="Out of gas"), {**handmade.call(value=100), **second}]
    handmade.stage(
        store,
        [handmade.block(failed, went, untraced)],
        [{"number": "0x9", "receipts": receipts}],
        [{"number": "0x9", "traces": traces}],
    )
    handmade.decode(store)
    assert [row["position"] for row in handmade.transfers(store, "native")] == [1, 2]
