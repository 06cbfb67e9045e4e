"""The accounting rules of tracing: small histories by hand, and rules that hold on every history."""

from __future__ import annotations

import time
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsight.errors import UnknownName
from graph.tracing.lots import NOTHING, History, Parcel
from graph.tracing.policies import CONSERVING_POLICIES, POLICIES, Account

MOVEMENTS = st.lists(st.integers(-(2**200), 2**200).filter(bool) | st.integers(-9, 9).filter(bool), max_size=30)


def split(policy: str, movements: list[int], arrivals: dict[int, int], direction: str = "out") -> dict[int, int]:
    """Worth by position; what is held stands at -1."""
    found = Account(History(movements), policy, direction).split({at: Parcel(n, n) for at, n in arrivals.items()})
    return {place: part.worth for place, part in found.parts.items()} | {-1: found.held.worth}


def test_each_policy_says_which_of_two_lots_paid() -> None:
    """A clean 60 came in, then a traced 40; payments of 50, 10 and 30 follow."""
    movements, traced = [60, 40, -50, -10, -30], {1: 40}
    assert split("haircut", movements, traced) == {2: 20, 3: 4, 4: 12, -1: 4}
    assert split("fifo", movements, traced) == {4: 30, -1: 10}
    assert split("lifo", movements, traced) == {2: 40, -1: 0}
    assert split("tiho", movements, traced) == {2: 40, -1: 0}
    assert split("poison", movements, traced) == {2: 50, 3: 10, 4: 30, -1: 0}
    # 15 % stay; of the 34 left four fifths follow the payments by size, one fifth goes back to who had paid 60 before.
    assert split("ttr", movements, traced) == {0: 7, 2: 15, 3: 3, 4: 9, -1: 6}


def test_highest_out_fills_the_largest_later_payments_and_remembers_it() -> None:
    account = Account(History([10, -4, 10, -7, -6]), "tiho", "out")
    assert account.split({0: Parcel(5, 5)}).parts == {3: Parcel(5, 5)}
    # The other half of the 10: of it 4 had to go with the first payment, because no more than 6 were left after it.
    assert account.split({0: Parcel(5, 5)}).parts == {1: Parcel(4, 4), 3: Parcel(1, 1)}
    assert account.split({2: Parcel(5, 5)}) == ({3: Parcel(1, 1), 4: Parcel(4, 4)}, NOTHING, NOTHING)


def test_highest_out_cannot_move_what_left_before() -> None:
    """10 came and left; 100 of somebody else came then, and a larger payment cannot be made of the 10."""
    assert split("tiho", [10, -10, 100, -50], {0: 10}) == {1: 10, -1: 0}
    assert split("tiho", [10, -4, 100, -50], {0: 10}) == {1: 4, 3: 6, -1: 0}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 9) | st.integers(-9, -1), min_size=2, max_size=12), st.data())
def test_highest_out_leaves_a_history_in_which_nobody_spends_what_is_not_there(movements: Any, data: Any) -> None:
    history = History(movements)
    account = Account(history, "tiho", "out")
    left = list(history.covered)
    for place in data.draw(st.lists(st.sampled_from(range(len(left))), unique=True)):
        if left[place] <= 0:
            continue
        amount = data.draw(st.integers(1, left[place]))
        found = account.split({place: Parcel(amount, amount)})
        left[place] -= amount
        for paid, part in found.parts.items():
            assert paid > place
            left[paid] += part.amount
            assert left[paid] <= 0
        assert min(accumulate(left)) >= 0, "the money of others is overdrawn"
        assert found.held.amount + sum(part.amount for part in found.parts.values()) == amount


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 9) | st.integers(-9, -1), min_size=2, max_size=14), st.data())
def test_highest_out_fills_the_largest_payments_that_all_parcels_together_can_reach(movements: Any, data: Any) -> None:
    left = History(movements).covered
    receipts = [place for place, size in enumerate(left) if size > 0]
    arrivals = {
        place: data.draw(st.integers(1, left[place]))
        for place in (data.draw(st.lists(st.sampled_from(receipts), unique=True)) if receipts else ())
    }
    if arrivals:
        found = split("tiho", movements, arrivals)
        held = found.pop(-1)
        assert found == _filled_by_size(left, arrivals)
        assert held + sum(found.values()) == sum(arrivals.values())


def _filled_by_size(left: list[int], arrivals: dict[int, int]) -> dict[int, int]:
    """Payments one by one, the largest first: between any two times no more can leave than was there and came meanwhile."""
    room = [0, *accumulate(left)]
    came = [0, *accumulate(arrivals.get(place, 0) for place in range(len(left)))]
    room[0 : min(arrivals) + 1] = [0] * (min(arrivals) + 1)
    chosen: dict[int, int] = {}
    for place in sorted((place for place, size in enumerate(left) if size < 0), key=lambda place: (left[place], place)):
        gone = [0, *accumulate(chosen.get(at, 0) for at in range(len(left)))]
        there = [came[at] - gone[at] for at in range(len(left) + 1)]
        before = min(room[at] - there[at] for at in range(place + 1))
        taken = min(-left[place], before + min(there[place + 1 :]))
        if taken:
            chosen[place] = taken
    return chosen


def test_highest_out_places_thousands_of_parcels_in_one_pass() -> None:
    count = 5_000
    account = Account(History([10] * count + [-3] * count), "tiho", "out")
    begun = time.process_time()
    found = account.split({place: Parcel(10, 10) for place in range(count)})
    assert time.process_time() - begun < 3
    assert len(found.parts) == count
    assert found.held.amount == 7 * count


def test_poison_taints_a_payment_once_and_reaches_back_when_an_earlier_arrival_is_found() -> None:
    account = Account(History([5, -1, 5, -2, -3]), "poison", "out")
    assert account.split({2: Parcel(5, 5)}).parts == {3: Parcel(2, 2), 4: Parcel(3, 3)}
    assert account.split({0: Parcel(5, 5)}).parts == {1: Parcel(1, 1)}


def test_backwards_a_payment_is_made_of_what_the_same_rule_had_put_into_it() -> None:
    movements, payment = [60, 40, -50, -50], {2: 50}
    assert split("haircut", movements, payment, "in") == {0: 30, 1: 20, -1: 0}
    assert split("fifo", movements, payment, "in") == {0: 50, -1: 0}
    assert split("lifo", movements, payment, "in") == {0: 10, 1: 40, -1: 0}


def test_what_nothing_had_paid_for_is_unexplained() -> None:
    found = Account(History([30, -50]), "fifo", "in").split({1: Parcel(50, 50)})
    assert found == ({0: Parcel(30, 30)}, NOTHING, Parcel(20, 20))
    assert split("haircut", [30, -50], {0: 30}) == {1: 30, -1: 0}


def test_ttr_shares_what_finds_no_payment_on_one_side_between_staying_and_the_other_side() -> None:
    """TRacer pushes such a rest again and again; the end of that is known at once: 15 of 83, 15 of 32, all."""
    assert split("ttr", [83, -5], {0: 83}) == {1: 68, -1: 15}
    assert split("ttr", [5, 32], {1: 32}) == {0: 17, -1: 15}
    assert split("ttr", [32], {0: 32}) == {-1: 32}


def test_an_unknown_policy_is_refused_with_the_near_ones() -> None:
    with pytest.raises(UnknownName, match="haircut"):
        Account(History([]), "hairucut", "out")


@settings(max_examples=150, deadline=None)
@given(MOVEMENTS, st.sampled_from(CONSERVING_POLICIES), st.sampled_from(["in", "out"]), st.randoms())
def test_nothing_is_lost_or_made_and_time_has_one_direction(
    movements: Any, policy: str, direction: str, random: Any
) -> None:
    sign = 1 if direction == "out" else -1
    places = [place for place, movement in enumerate(movements) if movement * sign > 0]
    account = Account(History(movements), policy, direction)
    for _ in range(2):
        chosen = sorted(random.sample(places, min(3, len(places))))
        if not chosen:
            return
        sizes = {place: random.randint(0, abs(movements[place])) for place in chosen}
        arrivals = {place: Parcel(size, size * 7 // 3) for place, size in sizes.items()}
        found = account.split(arrivals)
        everything = [*found.parts.values(), found.held, found.unexplained]
        assert sum(p.worth for p in everything) == sum(p.worth for p in arrivals.values())
        assert sum(p.amount for p in everything) == sum(p.amount for p in arrivals.values())
        assert all(p.worth >= 0 and p.amount >= 0 for p in everything)
        if policy != "ttr":
            first = chosen[0] if direction == "out" else chosen[-1]
            assert all((place - first) * sign > 0 and movements[place] * sign < 0 for place in found.parts)


@settings(max_examples=100, deadline=None)
@given(MOVEMENTS, st.sampled_from(["fifo", "lifo"]))
def test_forwards_and_backwards_match_the_same_lots(movements: Any, policy: str) -> None:
    """Whole lots sent forwards give the table of who paid what; backwards it is the same table, transposed."""
    ahead, behind = (Account(History(movements), policy, direction) for direction in ("out", "in"))
    forwards = {
        (lot, payment): part.amount
        for lot, size in enumerate(movements) if size > 0
        for payment, part in ahead.split({lot: Parcel(size, size)}).parts.items()
    }  # fmt: skip
    backwards = {
        (lot, payment): part.amount
        for payment, size in enumerate(movements) if size < 0
        for lot, part in behind.split({payment: Parcel(-size, -size)}).parts.items()
    }  # fmt: skip
    assert forwards == backwards


def test_all_policies_are_named() -> None:
    assert POLICIES == ("haircut", "fifo", "lifo", "tiho", "poison", "ttr")
