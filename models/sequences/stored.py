"""Histories of the wallets in a store: the same type as those of any file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.sequences.history import Histories
from sql.files import load
from sql.store import Store

MOST_MOVES = 2_000
"""Of a longer history, the first so many transactions are read."""


def read_histories(
    store: Store, *, chain_id: int, to_block: int, addresses: Sequence[bytes] = (), most_moves: int = MOST_MOVES
) -> tuple[tuple[bytes, ...], Histories | None]:
    """Addresses with a transaction, ascending, and their histories in that order; None when there is none.

    Without `addresses`, of every address that sent something. Nothing after `to_block` is read.
    """
    rows = store.query(
        load("sequences/histories"),
        chain_id=chain_id,
        to_block=to_block,
        addresses=[address.hex() for address in addresses],
        most_moves=most_moves,
    )
    if not rows.num_rows:
        return (), None
    owners = rows.column("wallet").to_pylist()
    begins = np.flatnonzero([True, *(one != other for one, other in pairwise(owners))])
    offsets = np.append(begins, len(owners)).astype(np.int64)
    moments = rows.column("moment").to_numpy().astype(np.float64)
    gaps = np.diff(moments, prepend=moments[0])
    gaps[begins] = 0.0
    # A reorganised or badly ordered source may step back by seconds: that is a gap of none.
    histories = Histories(
        rows.column("amount").to_numpy().astype(np.float64).copy(),
        rows.column("is_out").to_numpy().astype(np.int8),
        np.maximum(gaps, 0.0),
        offsets,
    )
    return tuple(bytes.fromhex(owners[begin]) for begin in begins), histories
