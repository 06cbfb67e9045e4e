"""A wallet's history in pieces that are taken out whole: transactions, and groups of them with something in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.whatif.moves import Mask, WalletMoves, amounts_of

_SPANS = 8
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """One piece a transaction, with everything of the wallet that moves in it; a move without a transaction is one alone."""

    moves: WalletMoves
    of_native: Numbers
    """The piece of each row of `moves.native`."""
    of_tokens: Numbers
    count: int

    def without(self, removed: Sequence[int]) -> WalletMoves:
        """The history with these pieces taken out."""
        gone = np.zeros(self.count, np.bool_)
        gone[list(removed)] = True
        return self.moves.keep(~gone[self.of_native], ~gone[self.of_tokens])

    def rows(self, piece: int) -> tuple[Mask, Mask]:
        """Which native and which token rows make up a piece."""
        return self.of_native == piece, self.of_tokens == piece

    @cached_property
    def weight(self) -> npt.NDArray[np.float64]:
        """Rank of each piece by what it moves: native coins first, token transfers after those, later ones before earlier."""
        coins = np.zeros(self.count)
        np.add.at(coins, self.of_native, [amount / 1e18 for amount in amounts_of(self.moves.native)])
        order = np.lexsort((np.arange(self.count), coins))
        rank = np.empty(self.count)
        rank[order] = np.arange(self.count)
        return rank

    @cached_property
    def groups(self) -> list[tuple[int, ...]]:
        """Pieces with the same counterparty, and of the same eighth of the history; groups of one or of all are none."""
        met: dict[bytes, set[int]] = {}
        for table, pieces in ((self.moves.native, self.of_native), (self.moves.tokens, self.of_tokens)):
            for other, piece in zip(table.column("counterparty").to_pylist(), pieces.tolist(), strict=True):
                met.setdefault(other, set()).add(piece)
        spans = [set(part.tolist()) for part in np.array_split(np.arange(self.count), _SPANS)]
        found = {tuple(sorted(group)) for group in [*met.values(), *spans] if 1 < len(group) < self.count}
        return sorted(found, key=lambda group: (-len(group), group))


def take_apart(moves: WalletMoves) -> Pieces:
    """The pieces of a history, in the order of the chain."""
    keys: dict[tuple[int, bytes, int], int] = {}
    found: list[list[tuple[int, bytes, int]]] = []
    for table in (moves.native, moves.tokens):
        columns = (table.column(name).to_pylist() for name in ("block_number", "transaction_hash", "position"))
        found.append(
            [(block, hashed, -1 if any(hashed) else place) for block, hashed, place in zip(*columns, strict=True)]
        )
    for key in sorted({*found[0], *found[1]}):
        keys[key] = len(keys)
    native, tokens = (np.array([keys[key] for key in rows], np.int64) for rows in found)
    return Pieces(moves, native, tokens, len(keys))
