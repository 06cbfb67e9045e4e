"""The moves of one wallet as two tables that may be altered: what a variant of its history is made of.

`native` holds transactions, native movements without one and withdrawals, `tokens` token movements, both seen from the wallet and
in the order of the chain (block_number, transaction_index, position). Amounts are exact: 32 bytes, little-endian.

    kind                transaction, internal or withdrawal; erc20, erc721, erc1155 or wrap
    is_out              1 where the wallet gave
    counterparty        the address at the other end
    moved_at            seconds since 1970
    block_number, transaction_index, position (and batch_index of tokens)    the place on the chain
    transaction_hash    zeros without one; the first 8 bytes only where the source has no more
    amount              wei, or the token's smallest units
    success, method_id, input_length         of transactions
    token_address, token_id                  of tokens

A payment of the wallet to itself stands once, as one that went out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sql.files import load
from sql.store import Parameter, Store

MOST_MOVES = 5_000
"""Of a wallet with more, the latest are read; `WalletMoves.left_out` says how many are not."""

NATIVE = pa.schema(
    [
        ("kind", pa.string()), ("is_out", pa.uint8()), ("counterparty", pa.binary(20)), ("moved_at", pa.uint32()),
        ("block_number", pa.uint64()), ("transaction_index", pa.uint32()), ("position", pa.uint32()),
        ("transaction_hash", pa.binary(32)), ("amount", pa.binary(32)), ("success", pa.uint8()),
        ("method_id", pa.binary()), ("input_length", pa.uint32()),
    ]
)  # fmt: skip
TOKENS = pa.schema(
    [
        ("kind", pa.string()), ("is_out", pa.uint8()), ("counterparty", pa.binary(20)), ("moved_at", pa.uint32()),
        ("block_number", pa.uint64()), ("transaction_index", pa.uint32()), ("position", pa.uint32()),
        ("batch_index", pa.uint32()), ("transaction_hash", pa.binary(32)), ("token_address", pa.binary(20)),
        ("token_id", pa.binary(32)), ("amount", pa.binary(32)),
    ]
)  # fmt: skip
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class WalletMoves:
    """What one wallet did, or might have done."""

    address: bytes
    native: pa.Table
    """Columns of `NATIVE`."""
    tokens: pa.Table
    """Columns of `TOKENS`."""
    left_out: int = 0
    """Older moves that were not read."""

    def __len__(self) -> int:
        return int(self.native.num_rows + self.tokens.num_rows)

    def keep(self, native: Mask, tokens: Mask) -> WalletMoves:
        """The same wallet with some of its moves."""
        return replace(self, native=self.native.filter(pa.array(native)), tokens=self.tokens.filter(pa.array(tokens)))


def read_wallet_moves(
    store: Store, address: bytes, *, chain_id: int, to_block: int, most: int = MOST_MOVES
) -> WalletMoves:
    """The latest `most` moves of a wallet up to a block, which `sql.transform` has seen; empty tables for an unseen address."""
    known: dict[str, Parameter] = {"address": address.hex(), "chain_id": chain_id, "to_block": to_block}
    native = store.query(load("whatif/native_moves"), most=most, **known)
    tokens = store.query(load("whatif/token_moves"), most=most, **known)
    first = _first_block(native, tokens, most)
    read = WalletMoves(address, _in_order(native, NATIVE, first), _in_order(tokens, TOKENS, first))
    counted = native.num_rows + tokens.num_rows
    if max(native.num_rows, tokens.num_rows) >= most:  # there may be more than were read
        counted = store.query(load("whatif/move_count"), **known).to_pylist()[0]["moves"]
    return replace(read, left_out=int(counted) - len(read))


def amounts_of(table: pa.Table) -> list[int]:
    """The exact amounts of a table of moves."""
    return [int.from_bytes(value, "little") for value in table.column("amount").to_pylist()]


def as_amounts(values: Sequence[int]) -> pa.Array:
    """Exact amounts as a column; raises `OverflowError` for one below 0 or from 2^256 up."""
    return pa.array([value.to_bytes(32, "little") for value in values], pa.binary(32))


def _first_block(native: pa.Table, tokens: pa.Table, most: int) -> int:
    """From which block on the latest `most` moves of both kinds together are."""
    if native.num_rows + tokens.num_rows <= most:
        return 0
    blocks = np.concatenate([native.column("block_number").to_numpy(), tokens.column("block_number").to_numpy()])
    return int(np.sort(blocks)[-most])


def _in_order(rows: pa.Table, schema: pa.Schema, first_block: int) -> pa.Table:
    """Oldest first, from a block on, in the types that the store takes back."""
    kept = np.flatnonzero(rows.column("block_number").to_numpy() >= first_block)[::-1]
    return pa.table([rows.column(name).take(pa.array(kept)) for name in schema.names], schema.names).cast(schema)
