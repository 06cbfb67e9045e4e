"""From and to the tables in which the store tells a wallet's moves (models/whatif/moves.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from chainsight.errors import StoreEmpty
from models.evasions.history import History, Move, in_order
from models.whatif.moves import NATIVE, TOKENS, WalletMoves, amounts_of, as_amounts

_ZEROS = bytes(32)


def history_of(moves: WalletMoves) -> History:
    """What a wallet did as a history. Raises `StoreEmpty` for one that did nothing: it has no course to change."""
    if not len(moves):
        raise StoreEmpty(
            f"moves of 0x{moves.address.hex()}", "Ask for a wallet that gave or received something on this chain."
        )
    native = [
        Move(**_place(row), amount=amount, success=row["success"], selector=row["method_id"], input_length=row["input_length"])
        for row, amount in zip(moves.native.to_pylist(), amounts_of(moves.native), strict=True)
    ]  # fmt: skip
    tokens = [
        # The members of an ERC-1155 batch have one position; no feature asks which is which.
        Move(**_place(row), amount=amount, token=row["token_address"])
        for row, amount in zip(moves.tokens.to_pylist(), amounts_of(moves.tokens), strict=True)
    ]
    return History(moves.address, in_order([*native, *tokens]))


def moves_of(history: History) -> WalletMoves:
    """The tables of a history. Hashes of transactions, which never were, and ids of collectibles are zeros."""
    native = [move for move in history.moves if move.is_native]
    tokens = [move for move in history.moves if not move.is_native]
    return WalletMoves(
        history.address,
        _table(
            NATIVE, native, success=[move.success for move in native],
            method_id=[move.selector for move in native], input_length=[move.input_length for move in native],
        ),
        _table(
            TOKENS, tokens, batch_index=range(len(tokens)), token_address=[move.token for move in tokens],
            token_id=[_ZEROS] * len(tokens),
        ),
    )  # fmt: skip


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": row["moved_at"], "block": row["block_number"], "transaction": row["transaction_index"],
        "position": row["position"], "is_out": bool(row["is_out"]), "counterparty": row["counterparty"], "kind": row["kind"],
    }  # fmt: skip


def _table(schema: pa.Schema, moves: Sequence[Move], **further: Sequence[object]) -> pa.Table:
    columns: dict[str, Sequence[object] | pa.Array] = {
        "kind": [move.kind for move in moves],
        "is_out": [int(move.is_out) for move in moves],
        "counterparty": [move.counterparty for move in moves],
        "moved_at": [move.at for move in moves],
        "block_number": [move.block for move in moves],
        "transaction_index": [move.transaction for move in moves],
        "position": [move.position for move in moves],
        "transaction_hash": [_ZEROS] * len(moves),
        "amount": as_amounts([move.amount for move in moves]),
        **further,
    }
    arrays = [columns[field.name] for field in schema]
    return pa.Table.from_arrays(
        [
            one if isinstance(one, pa.Array) else pa.array(one, field.type)
            for one, field in zip(arrays, schema, strict=True)
        ],
        schema=schema,
    )
