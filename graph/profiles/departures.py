"""Where a day departs from somebody's own habit: each departure with its figures, how surprising it is, and its transactions.

Habit is what was before the day, and only that. Everything is judged by ranks and medians of the address's own past, so
one odd day does not become the habit: an amount or a count by the robust z-score on a log or root scale (median and median
absolute deviation; Iglewicz & Hoaglin 1993, 3.5) and by being beyond all before it; a first meeting by how rare first
meetings are with it (Good & Turing's estimate of the unseen, 1953); an hour by the days on which it was awake then.
`surprise` is in bits: 7 says that its past has such a thing once in 128 times. Too short a past yields nothing, not alarms.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from graph.profiles.habits import NOBODY, Move
from graph.profiles.rhythms import DAY, HOUR

_ROBUST = 3.5
_FEWEST_AMOUNTS, _FEWEST_MEETINGS, _FEWEST_DAYS, _FEWEST_PAUSES = 10, 20, 14, 5
_LOOKED_BACK_DAYS = 180
_CLEARLY_MORE = 1.5
_RARE = 0.1
_SLEEPS = 0.05
_LEAST_LOG_SPREAD, _LEAST_ROOT_SPREAD = 0.1, 0.5
_LEAST_PAUSE = 14 * DAY
_EMPTIED = 0.05
_MOST_EVIDENCE = 10

Place = tuple[int, int]
"""Block and transaction."""
Show = Callable[[bytes], str]
ShowAmount = Callable[[bytes, int], str]


@dataclass(frozen=True)
class Departure:
    """One way in which a day was unlike the days before."""

    kind: str
    sentence: str
    surprise: float
    """Bits: minus log2 of how often its past has such a thing."""
    evidence: list[Place]


@dataclass(frozen=True)
class Words:
    """How things are called in sentences."""

    name: Show
    """Of an address."""
    amount: ShowAmount
    """Of an amount of a token."""


def departures_of(
    past: Sequence[Move], today: Sequence[Move], balances: Mapping[int, int], words: Words
) -> list[Departure]:
    """Where a day's moves differ from the past ones, the most surprising first; both ascend in time.

    `balances`: native balance, as far as it is known, at the end of each day (since 1970) on which it changed, the day's too.
    """
    if not today or not past:
        return []
    found = [
        *_busier(past, today),
        *_larger(past, today, words),
        *_first_meetings(past, today, words),
        *_at_night(past, today),
        *_after_a_pause(past, today),
        *_emptied(today, balances, words),
    ]
    return sorted(found, key=lambda departure: (-departure.surprise, departure.kind, departure.sentence))


def robust_score(value: float, past: Sequence[float], least_spread: float) -> float:
    """How many robust standard deviations above the median; the spread is never taken smaller than `least_spread`."""
    middle = float(np.median(past))
    spread = 1.4826 * float(np.median(np.abs(np.asarray(past) - middle)))
    return (value - middle) / max(spread, least_spread)


def _busier(past: Sequence[Move], today: Sequence[Move]) -> list[Departure]:
    day = today[0].day
    first = max(past[0].day, day - _LOOKED_BACK_DAYS)
    counts = Counter(move.day for move in past if move.day >= first)
    days = [counts.get(one, 0) for one in range(first, day)]
    number = len(today)
    if len(days) < _FEWEST_DAYS or number <= _CLEARLY_MORE * max(days) + 2:
        return []
    if robust_score(math.sqrt(number), [math.sqrt(count) for count in days], _LEAST_ROOT_SPREAD) < _ROBUST:
        return []
    sentence = (
        f"{number:,} moves in a day; in the {len(days)} days before it made {np.median(days):.0f} on a usual one and "
        f"{max(days):,} at most"
    )
    return [Departure("busier", sentence, math.log2(len(days) + 1), _places(today))]


def _larger(past: Sequence[Move], today: Sequence[Move], words: Words) -> list[Departure]:
    found = []
    before: dict[tuple[bytes, bool], list[int]] = defaultdict(list)
    for move in past:
        if move.amount:
            before[move.token, move.is_out].append(move.amount)
    for key in sorted({(move.token, move.is_out) for move in today if move.amount}):
        known = before[key]
        if len(known) < _FEWEST_AMOUNTS:
            continue
        logs = [math.log10(amount) for amount in known]
        above = [
            move for move in today
            if (move.token, move.is_out) == key and move.amount > max(known)
            and robust_score(math.log10(move.amount), logs, _LEAST_LOG_SPREAD) >= _ROBUST
        ]  # fmt: skip
        if not above:
            continue
        largest = max(above, key=lambda move: move.amount)
        token, is_out = key
        sentence = (
            f"{'gave' if is_out else 'got'} {words.amount(token, largest.amount)} at once; of {len(known):,} before, the median "
            f"is {words.amount(token, sorted(known)[len(known) // 2])} and the largest {words.amount(token, max(known))}"
        )
        kind = "larger payment" if is_out else "larger receipt"
        found.append(Departure(kind, sentence, math.log2(len(known) + 1), _places(above)))
    return found


def _first_meetings(past: Sequence[Move], today: Sequence[Move], words: Words) -> list[Departure]:
    """With somebody, a token or a contract new to it, where it rarely tries anything new. What it is sent does not count."""

    def gives(move: Move) -> bool:
        return move.is_out and move.kind != "call" and move.other != NOBODY

    def calls(move: Move) -> bool:
        return move.kind == "call"

    sorts: tuple[tuple[str, str, Callable[[Move], bool], Callable[[Move], bytes]], ...] = (
        ("new receiver", "gave to", gives, lambda move: move.other),
        ("new token", "gave away", gives, lambda move: move.token),
        ("new contract", "called", calls, lambda move: move.other),
    )
    found = []
    for kind, verb, counts, key in sorts:
        known = Counter(key(move) for move in past if counts(move))
        number = sum(known.values())
        strangers = [move for move in today if counts(move) and key(move) not in known]
        if number < _FEWEST_MEETINGS or not strangers:
            continue
        # Good and Turing: what was met once tells how much is still unseen; never quite nothing.
        rare = (sum(1 for times in known.values() if times == 1) + 1) / (number + 1)
        if rare > _RARE:
            continue
        names = sorted({key(move) for move in strangers})
        listed = ", ".join(words.name(name) for name in names[:3]) + (
            f" and {len(names) - 3} more" if len(names) > 3 else ""
        )
        sentence = f"{verb} {listed} for the first time; {number:,} times before it was with {len(known):,} it knew"
        found.append(Departure(kind, sentence, -math.log2(rare), _places(strangers)))
    return found


def _at_night(past: Sequence[Move], today: Sequence[Move]) -> list[Departure]:
    awake: dict[int, set[int]] = defaultdict(set)
    for move in past:
        if move.is_out:
            hour = move.acted_at // HOUR
            for near in (hour - 1, hour, hour + 1):
                awake[near % 24].add(near // 24)
    days = len({move.day for move in past if move.is_out})
    if days < _FEWEST_DAYS:
        return []
    odd = [
        move for move in today
        if move.is_out and (len(awake[move.acted_at // HOUR % 24]) + 1) / (days + 1) <= _SLEEPS
    ]  # fmt: skip
    if not odd:
        return []
    hours = sorted({move.acted_at // HOUR % 24 for move in odd})
    share = min((len(awake[hour]) + 1) / (days + 1) for hour in hours)
    known = min(len(awake[hour]) for hour in hours)
    told = ", ".join(f"{hour}:00" for hour in hours)
    sentence = f"acted at {told} UTC; on {known} of {days} days it did anything within an hour of that"
    return [Departure("unusual hour", sentence, -math.log2(share), _places(odd))]


def _after_a_pause(past: Sequence[Move], today: Sequence[Move]) -> list[Departure]:
    acts = sorted(move.acted_at for move in past if move.is_out)
    now = next((move for move in today if move.is_out), None)
    if now is None or len(acts) <= _FEWEST_PAUSES:
        return []
    pauses = [later - earlier for earlier, later in pairwise(acts) if later > earlier]
    pause = now.acted_at - acts[-1]
    if len(pauses) < _FEWEST_PAUSES or pause < _LEAST_PAUSE or pause <= max(pauses):
        return []
    sentence = (
        f"acted after {pause / DAY:,.0f} days of silence; its longest pause before was {max(pauses) / DAY:,.1f} days"
    )
    return [Departure("awake again", sentence, math.log2(len(pauses) + 1), _places([now]))]


def _emptied(today: Sequence[Move], balances: Mapping[int, int], words: Words) -> list[Departure]:
    days = sorted(balances)
    day = today[0].day
    if day not in balances or len(days) < _FEWEST_DAYS or days.index(day) == 0:
        return []
    places = days.index(day)
    ends = [balances[one] for one in days[: places + 1]]
    # What was next to nothing cannot be emptied; a balance below zero says that earlier blocks are missing here.
    worth = 0.5 * float(np.median(ends[:-1]))
    falls = [before >= worth and 0 <= after <= _EMPTIED * before for before, after in pairwise(ends)]
    if not falls[-1] or worth <= 0:
        return []
    rare = (sum(falls[:-1]) + 1) / len(falls)
    if rare > _RARE:
        return []
    held, left = ends[-2:]
    given = [move for move in today if move.is_out and move.token == NOBODY and move.amount]
    sentence = (
        f"emptied itself: {words.amount(NOBODY, left)} left of {words.amount(NOBODY, held)}; that happened on "
        f"{sum(falls[:-1])} of {len(falls) - 1:,} earlier days on which its balance changed"
    )
    return [Departure("emptied", sentence, -math.log2(rare), _places(given))]


def _places(moves: Sequence[Move]) -> list[Place]:
    return sorted({move.place for move in moves})[:_MOST_EVIDENCE]
