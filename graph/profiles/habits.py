"""What somebody usually does, from its own moves: when, with which tokens, with whom, with which contracts, how much.

Pure: moves in, habits out. Amounts stay exact integers; medians and percentiles are amounts that were really moved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graph.profiles.rhythms import DAY, Rest, Rhythm, hour_shares, rest_of, rhythm_of, weekday_shares

NOBODY = bytes(20)
_MOST = 10
_FEWEST_AMOUNTS = 3


class Move(NamedTuple):
    """A transfer from the side of one address, or a call it signed."""

    block_number: int
    transaction_index: int
    acted_at: int
    """Unix seconds."""
    is_out: bool
    other: bytes
    kind: str
    """Of the transfer, or call."""
    token: bytes
    """Zeros for the native coin."""
    amount: int
    """Smallest units; 0 for calls and for amounts that are not to be believed."""
    method: str
    """First four bytes of a call in hexadecimal, empty of a transfer."""

    @property
    def day(self) -> int:
        """Days since 1970."""
        return self.acted_at // DAY

    @property
    def place(self) -> tuple[int, int]:
        """Block and transaction."""
        return self.block_number, self.transaction_index


@dataclass(frozen=True)
class Hours:
    """When."""

    shares: list[float]
    """Of what it does, by hour of the day, UTC; 24 numbers."""
    weekday_shares: list[float]
    """Monday first; 7 numbers."""
    rest: Rest | None
    rhythm: Rhythm | None


@dataclass(frozen=True)
class Preference:
    """Something it comes back to: a token, a counterparty or a contract."""

    key: bytes
    moves: int
    share: float
    """Of all moves of its sort."""
    days: int
    """Different days."""
    out_moves: int
    first_at: int
    last_at: int
    methods: list[str]
    """Of a contract: the methods called most, in hexadecimal."""


@dataclass(frozen=True)
class Amounts:
    """What it usually gives or gets of one token, in smallest units."""

    token: bytes
    direction: str
    """in or out"""
    payments: int
    tenth: int
    """A tenth of the payments are at most this."""
    median: int
    ninetieth: int
    largest: int
    usual: int
    """The amount moved most often; the same as the median where none is repeated."""
    usual_payments: int


@dataclass(frozen=True)
class Habits:
    """What somebody usually does."""

    moves: int
    acts: int
    """What it did itself: transactions in which it gave something or called something."""
    hours: Hours
    tokens: list[Preference]
    counterparties: list[Preference]
    protocols: list[Preference]
    amounts: list[Amounts]


def habits_of(moves: Sequence[Move]) -> Habits:
    """Habits of one address; the clock counts what it does, not what others send it."""
    times = act_times(moves)
    transfers = [move for move in moves if move.kind != "call"]
    return Habits(
        moves=len(moves),
        acts=len(times),
        hours=Hours(hour_shares(times), weekday_shares(times), rest_of(times), rhythm_of(times)),
        tokens=_preferred(transfers, lambda move: move.token),
        counterparties=_preferred([move for move in transfers if move.other != NOBODY], lambda move: move.other),
        protocols=_preferred([move for move in moves if move.kind == "call"], lambda move: move.other),
        amounts=_amounts(transfers),
    )


def act_times(moves: Iterable[Move]) -> list[int]:
    """One time for each transaction in which it gave or called something, ascending."""
    return sorted({move.place: move.acted_at for move in moves if move.is_out}.values())


def _preferred(moves: Sequence[Move], key: Callable[[Move], bytes]) -> list[Preference]:
    grouped: dict[bytes, list[Move]] = defaultdict(list)
    for move in moves:
        grouped[key(move)].append(move)
    ranked = sorted(grouped.items(), key=lambda item: (-len(item[1]), item[0]))[:_MOST]
    return [
        Preference(
            key=name,
            moves=len(found),
            share=len(found) / len(moves),
            days=len({move.day for move in found}),
            out_moves=sum(move.is_out for move in found),
            first_at=min(move.acted_at for move in found),
            last_at=max(move.acted_at for move in found),
            methods=[method for method, _ in Counter(move.method for move in found if move.method).most_common(3)],
        )
        for name, found in ranked
    ]


def _amounts(moves: Sequence[Move]) -> list[Amounts]:
    grouped: dict[tuple[bytes, bool], list[int]] = defaultdict(list)
    for move in moves:
        if move.amount and move.kind not in ("erc721", "erc1155"):
            grouped[move.token, move.is_out].append(move.amount)
    ranked = sorted(grouped.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        _amount(token, "out" if is_out else "in", sorted(found))
        for (token, is_out), found in ranked[:_MOST]
        if len(found) >= _FEWEST_AMOUNTS
    ]


def _amount(token: bytes, direction: str, ordered: list[int]) -> Amounts:
    most, times = Counter(ordered).most_common(1)[0]
    middle = ordered[(len(ordered) - 1) // 2]
    return Amounts(
        token=token,
        direction=direction,
        payments=len(ordered),
        tenth=ordered[(len(ordered) - 1) // 10],
        median=middle,
        ninetieth=ordered[(9 * (len(ordered) - 1)) // 10],
        largest=ordered[-1],
        usual=most if times > 1 else middle,
        usual_payments=times if times > 1 else 1,
    )
