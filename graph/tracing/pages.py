"""Rows of one reading of the store as arrays, and what a row says once Python reads it.

Amounts stay exact: 32 bytes of the store become Python integers only for the rows that are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from chainsight.addresses import ZERO_ADDRESS

RANKS = {"native": 0, "withdrawal": 0, "internal": 2, "erc721": 4, "erc1155": 5, "fee": 9}
"""Places of kinds among the transfers of one transaction: payments, calls, events, fees."""
_OTHER_RANK = 3
"""Place of fungible tokens, wraps among them."""
RANK_PARAMETERS: dict[str, Any] = {"kinds": list(RANKS), "ranks": list(RANKS.values()), "other_rank": _OTHER_RANK}
"""The same as statements ask for it."""
FEE_RANK = RANKS["fee"]
LEFT_OUT_RANKS = frozenset({FEE_RANK, RANKS["erc721"], RANKS["erc1155"]})
"""Fees and collectibles, which are not exchanged."""


class Asset(NamedTuple):
    """What moves: the native coin, a token, or one item of a collection."""

    token: bytes
    """Twenty bytes, zeros for the native coin."""
    token_id: int


NATIVE = Asset(ZERO_ADDRESS, 0)


class TransferKey(NamedTuple):
    """Which transfer it is, on either side."""

    block: int
    transaction: int
    rank: int
    position: int
    batch: int


class Entry(NamedTuple):
    """One row of a ledger, as Python reads it."""

    row: int
    key: TransferKey
    counterparty: bytes
    seconds: int
    is_in: bool
    has_company: bool
    """Whether other rows may be of the same transaction."""


@dataclass(frozen=True)
class Page:
    """Rows of one reading of the store, one array a column; ledgers are slices of it."""

    columns: Mapping[str, NDArray[Any]]
    counterparties: memoryview
    tokens: memoryview
    amounts: NDArray[np.uint64]
    """shape (rows, 4): words of 64 bits, the lowest first."""
    token_ids: NDArray[np.uint64]

    def whole_amounts(self, rows: NDArray[np.intp]) -> list[int]:
        """Exact amounts of some rows."""
        return _integers(self.amounts[rows])

    def amount(self, row: int) -> int:
        """The exact amount of one row."""
        return _integers(self.amounts[row : row + 1])[0]

    def asset(self, row: int) -> Asset:
        """What moved in a row."""
        return Asset(bytes(self.tokens[20 * row : 20 * row + 20]), _integers(self.token_ids[[row]])[0])

    def counterparty(self, row: int) -> bytes:
        """Who is on the other side of a row."""
        return bytes(self.counterparties[20 * row : 20 * row + 20])

    def entries(self, rows: NDArray[np.intp]) -> list[Entry]:
        """Some rows, turned into Python together, which is ten times as fast as one by one."""
        columns = self.columns
        keys = map(TransferKey, *(columns[name][rows].tolist() for name in _KEY))
        others = [bytes(self.counterparties[20 * row : 20 * row + 20]) for row in rows.tolist()]
        plain = (columns["seconds"], columns["is_in"].astype(bool), self._company)
        return list(map(Entry, rows.tolist(), keys, others, *(column[rows].tolist() for column in plain)))

    @cached_property
    def _company(self) -> NDArray[np.bool_]:
        """Whether the row before or after is of the same transaction; of another address, too, where two ledgers meet."""
        alike = np.ones(max(len(self.amounts) - 1, 0), bool)
        for name in ("block_number", "transaction_index"):
            alike &= self.columns[name][1:] == self.columns[name][:-1]
        return np.concatenate([alike, [False]]) | np.concatenate([[False], alike])


_KEY = ("block_number", "transaction_index", "rank", "position", "batch_index")


def page_of(table: pa.Table) -> tuple[Page, NDArray[Any]]:
    """The rows of an answer of tracing/histories that stand, and whose each one is; of versions the newest."""
    kept = _newest(table)
    table = table if kept.all() else table.filter(pa.array(kept)).combine_chunks()
    plain = ("seconds", "asset_key", "is_in", *_KEY)
    page = Page(
        {name: table.column(name).to_numpy() for name in plain},
        memoryview(_bytes(table, "counterparty_address")),
        memoryview(_bytes(table, "token_address")),
        np.frombuffer(_bytes(table, "amount"), "<u8").reshape(-1, 4),
        np.frombuffer(_bytes(table, "token_id"), "<u8").reshape(-1, 4),
    )
    return page, np.frombuffer(_bytes(table, "address"), "V20")


def _newest(table: pa.Table) -> NDArray[np.bool_]:
    """Of rows that stand there in several versions the first, which is the newest; none that is left out."""
    kept = np.ones(table.num_rows, bool)
    if table.num_rows:
        columns = [np.frombuffer(_bytes(table, "address"), "V20")]
        columns += [table.column(name).to_numpy() for name in (*_KEY, "is_in")]
        kept[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return kept & (table.column("is_left_out").to_numpy() == 0)


def _bytes(table: pa.Table, name: str) -> bytes:
    """The bytes of a column of fixed width, row after row."""
    column = table.column(name)
    if not len(column):
        return b""
    (array,) = column.chunks if column.num_chunks == 1 else (pa.concat_arrays(column.chunks),)
    width = array.type.byte_width
    return bytes(array.buffers()[1][array.offset * width : (array.offset + len(array)) * width])


def _integers(words: NDArray[np.uint64]) -> list[int]:
    """Whole numbers of four words each; most have one."""
    numbers: list[int] = words[:, 0].tolist()
    for row in np.flatnonzero(words[:, 1:].any(axis=1)).tolist():
        numbers[row] = int.from_bytes(words[row].tobytes(), "little")
    return numbers
