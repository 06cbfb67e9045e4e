"""Evasions that add what has nothing to do with the business, for the business to drown in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from models.evasions.crowd import Crowd
from models.evasions.evasion import DAY, Cost, Evaded
from models.evasions.history import (
    COIN,
    NEW,
    SEND_TOKENS,
    SEND_TOKENS_LENGTH,
    History,
    Move,
    cut_amount,
    fresh_address,
)

HOUR = 3_600
MOST_ADDED = 600
"""Moves; more of them are no other evasion, only a dearer one."""
_SHORTEST = 7 * DAY
"""Noise over a shorter life than that would be a burst."""
_LEAST_DUST, _MOST_DUST = 1e-5, 1e-3
_TOKEN_SHARE = 0.3


@dataclass(frozen=True)
class WashWithDust:
    """Tiny payments to and from those whom ordinary wallets deal with, a third of them in the commonest tokens."""

    crowd: Crowd
    per_move: float
    name: ClassVar[str] = "wash with dust"

    @property
    def strength(self) -> str:
        """See `Evasion.strength`."""
        return f"{self.per_move:g} a move"

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """See `Evasion.apply`."""
        pairs = _pairs(history, self.per_move)
        until = max(history.last_at - history.first_at, _SHORTEST)
        added: list[Move] = []
        spent = 0
        for at in np.sort(draw.integers(1, until, 2 * pairs)).tolist():
            moves = self._dust(history.first_at + at, bool(len(added) % 2), draw)
            spent += sum(move.amount for move in moves if move.is_native and move.is_out)
            added += moves
        transactions = sum(move.kind == "transaction" or not move.is_out for move in added)
        return Evaded((history.rewritten((*history.moves, *added)),), Cost(transactions=transactions, spent=spent))

    def _dust(self, at: int, is_out: bool, draw: np.random.Generator) -> list[Move]:
        whom = _one_of(self.crowd.counterparties, draw)
        amount = int(COIN * np.exp(draw.uniform(np.log(_LEAST_DUST), np.log(_MOST_DUST))))
        if draw.random() >= _TOKEN_SHARE:
            return [Move(at, NEW, 0, 0, is_out, whom, amount)]
        token = _one_of(self.crowd.tokens, draw)
        sent = Move(at, NEW, 0, 1, is_out, whom, amount, kind="erc20", token=token)
        if not is_out:
            return [sent]
        call = Move(at, NEW, 0, 0, True, token, 0, selector=SEND_TOKENS, input_length=SEND_TOKENS_LENGTH)
        return [call, sent]


@dataclass(frozen=True)
class MimicExchange:
    """Deposits of many customers round the clock, paid out again to many others in batches: one's own coins going round.

    Each customer is an address to make. A batch pays out what came in since the last one, so nothing is lost but fees.
    """

    per_move: float
    every_hours: float = 8.0
    name: ClassVar[str] = "mimic exchange"

    @property
    def strength(self) -> str:
        """See `Evasion.strength`."""
        return f"{self.per_move:g} deposits a move"

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """See `Evasion.apply`."""
        deposits = min(max(2, round(self.per_move * len(history.moves))), MOST_ADDED // 2)
        until = max(history.last_at - history.first_at, _SHORTEST)
        every = int(self.every_hours * HOUR)
        usual = float(np.median([move.amount for move in history.moves if move.is_payment] or [COIN // 2]))
        added: list[Move] = []
        locked = 0.0
        waiting: dict[int, list[int]] = {}
        for after in np.sort(draw.integers(1, until, deposits)).tolist():
            amount = max(1, int(usual * np.exp(draw.normal(0, 1))))
            added.append(Move(history.first_at + after, NEW, 0, 0, False, fresh_address(draw), amount))
            waiting.setdefault((after // every + 1) * every, []).append(amount)
            locked += amount / COIN * ((after // every + 1) * every - after) / DAY
        for after, amounts in waiting.items():
            paid = cut_amount(sum(amounts), len(amounts), draw)
            added += [Move(history.first_at + after, NEW, 0, 0, True, fresh_address(draw), part) for part in paid]
        cost = Cost(transactions=len(added), addresses=len(added), locked=locked)
        return Evaded((history.rewritten((*history.moves, *added)),), cost)


@dataclass(frozen=True)
class BorrowPast:
    """Before the business, the first moves of an ordinary wallet: an aged account (a mimicry attack, Wagner and Soto 2002).

    The one evasion that invents what happened before the wallet was first seen. It waits as long as that past takes.
    """

    crowd: Crowd
    moves: int
    name: ClassVar[str] = "borrow a past"

    @property
    def strength(self) -> str:
        """See `Evasion.strength`."""
        return f"{self.moves} moves"

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """See `Evasion.apply`."""
        lender = self.crowd.lives[int(draw.integers(len(self.crowd.lives)))]
        lived = lender.moves[: self.moves]
        rest = int(draw.uniform(1, 7) * DAY)
        length = min(lived[-1].at - lived[0].at + rest, history.first_at)
        earlier = [
            move._replace(
                at=max(0, history.first_at - length + move.at - lived[0].at),
                counterparty=history.address if move.counterparty == lender.address else move.counterparty,
                block=move.block - lived[0].block,
            )
            for move in lived
        ]
        later = [move._replace(block=move.block + earlier[-1].block + 1) for move in history.moves]
        cost = Cost(
            transactions=sum(move.kind == "transaction" or not move.is_out for move in earlier),
            days=length / DAY,
            locked=_held(lender, lived),
        )
        return Evaded((history.rewritten((*earlier, *later)),), cost)


def _pairs(history: History, per_move: float) -> int:
    return min(max(1, round(per_move * len(history.moves) / 2)), MOST_ADDED // 2)


def _one_of(names: tuple[bytes, ...], draw: np.random.Generator) -> bytes:
    """The commonest most often, as its place in a Zipf law says."""
    odds = 1 / np.arange(1, len(names) + 1)
    return names[int(np.searchsorted(np.cumsum(odds / odds.sum()), draw.random() * (1 - 1e-12)))]


def _held(history: History, moves: Sequence[Move]) -> float:
    """Coins times days that a wallet holds over these of its moves, from what came in and not yet went out."""
    held, total = 0, 0.0
    for move, following in pairwise(moves):
        held += history.gains(move)
        total += max(held, 0) / COIN * (following.at - move.at) / DAY
    return total
