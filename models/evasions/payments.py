"""Evasions that pay otherwise: in parts, later, or through others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from models.evasions.evasion import DAY, Cost, Evaded, days_later
from models.evasions.history import COIN, NEW, History, Move, cut_amount, fresh_address

HOUR = 3_600
_WORTH_CUTTING = 10**9
"""Smallest units; below that there is nothing to hide."""


@dataclass(frozen=True)
class SplitAmounts:
    """Each payment of coins in parts of uneven size over some hours (structuring, "smurfing").

    What comes in comes in whole before the wallet next pays, so that it never spends what is not there.
    """

    parts: int
    hours: float
    name: ClassVar[str] = "split amounts"

    @property
    def strength(self) -> str:
        """See `Evasion.strength`."""
        return f"{self.parts} parts within {self.hours:g} h"

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """See `Evasion.apply`."""
        moves, locked, further = [], 0.0, 0
        following = _next_payment(history)
        for place, move in enumerate(history.moves):
            if not move.is_payment or move.amount < _WORTH_CUTTING:
                moves.append(move)
                continue
            first, *rest = cut_amount(move.amount, self.parts, draw)
            until = self.hours * HOUR if move.is_out else min(self.hours * HOUR, following[place] - move.at)
            waits = np.sort(draw.random(len(rest)) * until).astype(int) + move.is_out
            moves.append(move._replace(amount=first))
            for part, wait in zip(rest, waits.tolist(), strict=True):
                moves.append(move._replace(amount=part, at=move.at + wait, block=NEW))
                locked += part / COIN * wait / DAY
            further += len(rest)
        changed = history.rewritten(moves)
        return Evaded((changed,), Cost(transactions=further, days=days_later(history, changed), locked=locked))


@dataclass(frozen=True)
class Wait:
    """Hold what came in before anything goes out: the wallet's acts after a receipt move, in their order and with their gaps.

    How long is drawn anew for each receipt, `jitter` of it up or down. With an act moves what it brought about: the rest of its
    transaction, and tokens that moved in its block.
    """

    hours: float
    jitter: float = 0.5
    name: ClassVar[str] = "wait"

    @property
    def strength(self) -> str:
        """See `Evasion.strength`."""
        return f"{self.hours:g} h"

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """See `Evasion.apply`."""
        acts = {(move.block, move.transaction) for move in history.moves if move.is_out}
        blocks = {block for block, _ in acts}
        moves, locked = [], 0.0
        # What was received last and is not passed on yet may be touched from here on.
        held_until, shift, now, block = 0, 0, 0, None
        for move in history.moves:
            if (move.block, move.transaction) in acts or (move.block in blocks and not move.is_native):
                if held_until:
                    shift, held_until = max(0, held_until - move.at), 0
                if move.block != block:
                    # Acts never overtake each other.
                    now, block = max(move.at + shift, now + 1), move.block
                locked += _coins_out(move) * (now - move.at) / DAY
                moves.append(move._replace(at=now))
            else:
                moves.append(move)
                if move.is_payment and not move.is_out:
                    held_until = move.at + int(self.hours * HOUR * (1 + self.jitter * draw.uniform(-1, 1)))
        changed = history.rewritten(moves)
        return Evaded((changed,), Cost(days=days_later(history, changed), locked=locked))


@dataclass(frozen=True)
class AddHops:
    """Pay, and be paid, through addresses made for the one payment: whom the wallet deals with is new every time.

    Behaviour is judged by the wallet's own moves, so only the nearest hop shows; further ones cost, and hide from graphs.
    """

    hops: int
    share: float
    """Of payments, of coins and of tokens, that go through others."""
    name: ClassVar[str] = "add hops"

    @property
    def strength(self) -> str:
        """See `Evasion.strength`."""
        return f"{self.hops} for {self.share:.0%} of payments"

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """See `Evasion.apply`."""
        moves, through = [], 0
        for move in history.moves:
            is_paid = (move.is_payment or move.is_token_payment) and move.counterparty != history.address
            if is_paid and draw.random() < self.share:
                move = move._replace(counterparty=fresh_address(draw))
                through += 1
            moves.append(move)
        cost = Cost(transactions=through * self.hops, addresses=through * self.hops)
        return Evaded((history.rewritten(moves),), cost)


def _coins_out(move: Move) -> float:
    return move.amount / COIN if move.is_out and move.is_native and move.success != 0 else 0.0


def _next_payment(history: History) -> list[int]:
    """For each move, when the wallet next acts after it; as far off as one likes where it never does."""
    return list(reversed(list(_seen_backwards(history))))


def _seen_backwards(history: History) -> Iterator[int]:
    following = history.last_at + 10_000 * DAY
    for move in reversed(history.moves):
        yield following
        if move.is_out:
            following = move.at
