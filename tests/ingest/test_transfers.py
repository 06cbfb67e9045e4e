"""The transforms of logs, traces and withdrawals into transfers, on rows made by hand."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from sql.files import load
from sql.store import Store

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


def emitted(store: Store, kind: str, topics: list[bytes], data: bytes) -> list[tuple[Any, ...]]:
    """(position, batch_index, from, to, token, token_id, amount) that one log becomes."""
    row = {
        "chain_id": pa.array([1], pa.uint64()),
        "block_number": pa.array([9], pa.uint64()),
        "transaction_index": pa.array([2], pa.uint32()),
        "log_index": pa.array([5], pa.uint32()),
        "address": pa.array([TOKEN], pa.binary(20)),
        "topics": pa.array([topics], pa.list_(pa.binary(32))),
        "data": pa.array([data], pa.binary()),
        "version": pa.array([1], pa.uint64()),
    }
    store.insert("logs", pa.table(row))
    return moved(store, kind)


def moved(store: Store, kind: str) -> list[tuple[Any, ...]]:
    for name in ("erc20", "erc721", "erc1155", "wrap", "internal", "withdrawal"):
        store.command(load(f"transforms/transfers_{name}"), chain_id=1, from_block=0, to_block=99, version=1)
    found = store.query(
        "SELECT CAST(kind AS String) AS kind, position, batch_index, from_address, to_address, token_address, "
        "toString(token_id) AS token_id, toString(amount) AS amount FROM transfers ORDER BY position, batch_index"
    ).to_pylist()
    assert {row.pop("kind") for row in found} <= {kind}
    return [(*list(row.values())[:5], int(row["token_id"]), int(row["amount"])) for row in found]


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


def test_a_single_erc1155_transfer(store: Store) -> None:
    found = emitted(store, "erc1155", [SINGLE, word(TOKEN), word(A), word(B)], word(LARGEST) + word(3))
    assert found == [(5, 0, A, B, TOKEN, LARGEST, 3)]


def test_a_batch_becomes_one_transfer_per_item(store: Store) -> None:
    found = emitted(store, "erc1155", [BATCH, word(TOKEN), word(ZERO), word(B)], batch_data([7, 8, 9], [1, 2, 3]))
    assert found == [(5, item, ZERO, B, TOKEN, 7 + item, 1 + item) for item in range(3)]


@pytest.mark.parametrize(
    "data",
    [
        batch_data([7, 8], [1]),
        batch_data([7, 8], [1, 2])[:-32],
        b"".join(map(word, [64, 96, LARGEST, LARGEST])),
        b"".join(map(word, [LARGEST, LARGEST, 1, 1])),
        b"",
        b"\1" * 33,
    ],
    ids=["unequal", "cut off", "forged length", "forged offset", "empty", "no words"],
)
def test_a_batch_that_does_not_add_up_moves_nothing(store: Store, data: bytes) -> None:
    assert emitted(store, "erc1155", [BATCH, word(TOKEN), word(A), word(B)], data) == []


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(("event", "giver", "receiver"), [(DEPOSIT, ZERO, A), (WITHDRAWAL, A, ZERO)])
def test_wrapping_comes_from_nobody_and_unwrapping_goes_to_nobody(
    store: Store, event: bytes, giver: bytes, receiver: bytes, indexed: bool
) -> None:
    topics, data = ([event, word(A)], word(4)) if indexed else ([event], word(A) + word(4))
    assert emitted(store, "wrap", topics, data) == [(5, 0, giver, receiver, TOKEN, 0, 4)]


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
