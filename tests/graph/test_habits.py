"""Rhythms that are there are found, and chance makes none; a short past accuses nobody, and one odd day becomes no habit."""

from __future__ import annotations

import random

from graph.profiles.departures import Words, departures_of
from graph.profiles.habits import Move, habits_of
from graph.profiles.rhythms import DAY, HOUR, rest_of, rhythm_of

WORDS = Words(lambda key: key.hex(), lambda _, amount: str(amount))
COIN = bytes(20)


def pay(at: int, amount: int = 100, to: str = "aa") -> Move:
    """One payment of coins."""
    return Move(at // 12, 0, at, True, bytes.fromhex(to * 20), "native", COIN, amount, "")


def test_rhythms_are_found_and_chance_makes_none() -> None:
    chance = random.Random(5)
    weekly = [week * 7 * DAY + 10 * HOUR + chance.randrange(HOUR) for week in range(30)]
    hourly = [hour * HOUR + chance.randrange(120) for hour in range(200)]
    assert str(rhythm_of(weekly)) == "every week, like clockwork"
    assert str(rhythm_of(hourly)) == "every hour, like clockwork"
    found = [rhythm_of([chance.randrange(60 * DAY) for _ in range(150)]) for _ in range(100)]
    assert found == [None] * 100
    assert rhythm_of(weekly[:5]) is None


def test_one_busy_evening_is_no_rhythm_of_many_acts() -> None:
    evening = [20 * HOUR + 20 * number for number in range(500)]
    assert rhythm_of([*evening, 3 * DAY, 9 * DAY]) is None


def test_who_sleeps_is_seen_to_and_who_never_does_is_not_said_to() -> None:
    chance = random.Random(6)
    awake = [day * DAY + (14 + chance.randrange(14)) % 24 * HOUR for day in range(60) for _ in range(3)]
    rest = rest_of(awake)
    assert rest is not None
    assert set(range(4, 14)) >= {(rest.from_hour + hour) % 24 for hour in range(8)}
    assert rest_of([chance.randrange(60 * DAY) for _ in range(400)]) is None


def test_a_short_past_accuses_nobody() -> None:
    past = [pay(day * DAY + 9 * HOUR) for day in range(8)]
    assert departures_of(past, [pay(8 * DAY + 3 * HOUR, 10**9, "bb")], {}, WORDS) == []
    assert departures_of([], past[:1], {}, WORDS) == []


def test_one_odd_day_in_the_past_does_not_become_the_habit() -> None:
    """Mean and deviation would take the second large payment for a usual one; ranks and medians do not."""
    chance = random.Random(7)
    past = [pay(day * DAY + 9 * HOUR, 100 + chance.randrange(20)) for day in range(60)]
    past[30] = pay(30 * DAY + 9 * HOUR, 50_000)
    kinds = [one.kind for one in departures_of(past, [pay(60 * DAY + 9 * HOUR, 60_000)], {}, WORDS)]
    assert kinds == ["larger payment"]
    assert departures_of(past, [pay(60 * DAY + 9 * HOUR, 130)], {}, WORDS) == []


def test_who_meets_somebody_new_every_day_is_not_told_of_it() -> None:
    past = [pay(day * DAY + 9 * HOUR, 100, f"{day:02x}") for day in range(60)]
    assert departures_of(past, [pay(60 * DAY + 9 * HOUR, 100, "ff")], {}, WORDS) == []


def test_exact_amounts_survive_whatever_their_size() -> None:
    huge = 2**223 + 1
    habits = habits_of([pay(day * DAY, huge) for day in range(4)])
    assert [(one.usual, one.usual_payments, one.largest) for one in habits.amounts] == [(huge, 4, huge)]
