"""An evasion that uses several wallets: what each of them shows is less."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

import numpy as np

from models.evasions.evasion import Cost, Evaded
from models.evasions.history import NEW, History, Move, fresh_address, in_order


@dataclass(frozen=True)
class ChangeWallets:
    """Use a wallet for a part of the business, hand what is left to the next one, and go on there (burner addresses).

    Parts have about as many moves each; what happens in one block stays in one wallet. Each wallet is judged, and one that is
    found gives the others away.
    """

    wallets: int
    name: ClassVar[str] = "change wallets"

    @property
    def strength(self) -> str:
        """See `Evasion.strength`."""
        return f"{self.wallets} wallets"

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """See `Evasion.apply`."""
        parts = _parts(history, self.wallets)
        addresses = [history.address, *(fresh_address(draw) for _ in parts[1:])]
        made, left, fees = [], 0, 0
        for place, part in enumerate(parts):
            moves = [_renamed(move, history.address, addresses[place]) for move in part]
            if left > 0:
                moves.insert(0, Move(part[0].at, NEW, 0, 0, False, addresses[place - 1], left))
                fees += 1
            left = max(0, left + sum(history.gains(move) for move in part))
            if left > 0 and place + 1 < len(parts):
                # In the second before the next wallet's first move, or at once where that leaves no second.
                at = max(part[-1].at, parts[place + 1][0].at - 1)
                moves.append(Move(at, part[-1].block + 1, 0, 0, True, addresses[place + 1], left))
            made.append(History(addresses[place], in_order(moves)))
        return Evaded(tuple(made), Cost(transactions=fees, addresses=len(parts) - 1))


def _parts(history: History, most: int) -> list[list[Move]]:
    """The moves in their order, in parts that cut no block; at most so many, and none empty."""
    size = max(1, -(-len(history.moves) // most))
    parts: list[list[Move]] = [[]]
    for _, together in groupby(history.moves, key=lambda move: move.block):
        if len(parts[-1]) >= size and len(parts) < most:
            parts.append([])
        parts[-1].extend(together)
    return parts


def _renamed(move: Move, was: bytes, name: bytes) -> Move:
    return move._replace(counterparty=name) if move.counterparty == was else move
