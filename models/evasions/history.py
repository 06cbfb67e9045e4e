"""What one wallet did, move by move, in a form that can be done otherwise: all that evasions read and write.

A move is a row of `transactions`, or of `transfers` (tokens, internal payments, withdrawals), that has the wallet at one end.
Amounts are exact integers. Which second and which transaction a move belongs to counts; the number of a block does not, beyond
the order: a history that was changed is numbered anew (`in_order`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

TRANSACTION = "transaction"
NATIVE = frozenset({TRANSACTION, "internal", "withdrawal"})
"""Kinds of moves that are of the chain's own coin."""
NEW = -1
"""The block of a move that never was, until its history is in order."""
NOBODY = bytes(20)
SEND_TOKENS = bytes.fromhex("a9059cbb")
"""transfer(address,uint256)."""
SEND_TOKENS_LENGTH = 68
COIN = 10**18


class Move(NamedTuple):
    """One move, as its wallet sees it."""

    at: int
    """Seconds since 1970."""
    block: int
    transaction: int
    """Of its transaction in the block."""
    position: int
    """Within the transaction; 0 for the transaction itself."""
    is_out: bool
    """Also for what a wallet sends to itself, which is one move."""
    counterparty: bytes
    amount: int
    """Smallest units."""
    kind: str = TRANSACTION
    token: bytes = NOBODY
    success: int = 1
    """0 failed: it moved nothing; 2 unknown."""
    selector: bytes = b""
    input_length: int = 0

    @property
    def is_native(self) -> bool:
        """Whether it is of the chain's own coin."""
        return self.kind in NATIVE

    @property
    def is_payment(self) -> bool:
        """Whether coins changed hands by it and by nothing else: no call, nothing that failed."""
        return self.is_native and self.amount > 0 and self.success != 0 and not self.selector

    @property
    def is_token_payment(self) -> bool:
        """Whether a fungible token went from or to somebody: nothing minted, burnt, or kept in the contract itself."""
        return self.kind == "erc20" and self.amount > 0 and self.counterparty not in (NOBODY, self.token)


@dataclass(frozen=True)
class History:
    """All moves of a wallet in the order of the chain; at least one."""

    address: bytes
    moves: tuple[Move, ...]

    @property
    def first_at(self) -> int:
        """When it was first seen."""
        return self.moves[0].at

    @property
    def last_at(self) -> int:
        """When it was last seen."""
        return self.moves[-1].at

    def totals(self) -> dict[tuple[bytes, bool], int]:
        """What came in and what went out of each asset, in smallest units; the chain's coin is zeros."""
        found: dict[tuple[bytes, bool], int] = {}
        for move in self.moves:
            if move.success != 0 and move.amount:
                key = (NOBODY if move.is_native else move.token, move.is_out)
                found[key] = found.get(key, 0) + move.amount
        return found

    def gains(self, move: Move) -> int:
        """What a move adds to the wallet's coins, in smallest units; nothing where it failed or went to the wallet itself."""
        if not move.is_native or move.success == 0 or move.counterparty == self.address:
            return 0
        return -move.amount if move.is_out else move.amount

    def rewritten(self, moves: Iterable[Move]) -> History:
        """The same wallet with other moves, put in order."""
        return replace(self, moves=in_order(moves))


def in_order(moves: Iterable[Move]) -> tuple[Move, ...]:
    """By time, then block, transaction and position; blocks numbered by rank, from 1 on: no feature knows more of them.

    What was in one block at one time stays in one. Of a second the new moves come first, together in a block of their own, each
    transaction with the token moves that follow it.
    """
    listed = list(moves)
    # Sorting is stable: new moves of one second stay as they were given.
    listed.sort(
        key=lambda move: (move.at, move.block, move.transaction, move.position) if move.block != NEW else (move.at, NEW)
    )
    found: list[Move] = []
    moments = groupby(listed, key=lambda move: (move.at, move.block))
    for number, ((_, block), together) in enumerate(moments, start=1):
        transaction, position = -1, 0
        for move in together:
            if block == NEW:
                starts = move.kind == TRANSACTION or transaction < 0
                transaction, position = (transaction + 1, 0) if starts else (transaction, position + 1)
                found.append(move._replace(block=number, transaction=transaction, position=position))
            else:
                found.append(move._replace(block=number))
    return tuple(found)


def fresh_address(draw: np.random.Generator) -> bytes:
    """An address that nobody has used."""
    return draw.bytes(20)


def cut_amount(amount: int, parts: int, draw: np.random.Generator) -> list[int]:
    """Parts of uneven size, none of them round, that sum to the amount exactly; fewer where the amount is too small."""
    shares = np.cumsum(draw.dirichlet(np.full(parts, 4.0)))[:-1]
    # 53 bits of a share: the amount itself has no place in a float.
    edges = [0, *((amount * int(share * 2**53)) >> 53 for share in shares), amount]
    return [part for part in (high - low for low, high in pairwise(edges)) if part > 0]
