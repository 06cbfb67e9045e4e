"""The limiter as a state machine: a clock that only the test moves, chances that only the test draws."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from ingest.limiter import Limiter, Outcome, Pace, Permit

KEY = ("http://node", "blocks")
PACE = Pace(first_width=4, most_width=8, first_batch=5, most_batch=20, first_wait=1.0, most_wait=16.0)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter_at(clock: Clock, chance: float = 1.0) -> Limiter:
    return Limiter(PACE, clock=clock, chance=lambda: chance)


def enter(limiter: Limiter, count: int = 1) -> list[Permit]:
    permits = [limiter.try_enter(KEY) for _ in range(count)]
    assert None not in permits
    return [permit for permit in permits if permit is not None]


def test_so_many_requests_may_run_at_once_and_no_more(clock: Clock) -> None:
    limiter = limiter_at(clock)
    permits = enter(limiter, 4)
    assert limiter.try_enter(KEY) is None
    limiter.leave(permits[0], Outcome.WENT_WELL)
    assert limiter.try_enter(KEY) is not None


def test_a_round_of_answers_widens_by_one_and_never_beyond_the_most(clock: Clock) -> None:
    limiter = limiter_at(clock)
    for expected in (5, 6, 7, 8, 8, 8):
        for _ in range(expected):
            limiter.leave(*enter(limiter), Outcome.WENT_WELL)
        assert limiter.width(KEY) == expected
    assert limiter.batch(KEY) > 5


def test_a_storm_halves_once_for_all_that_were_under_way(clock: Clock) -> None:
    limiter = limiter_at(clock)
    permits = enter(limiter, 4)
    for permit in permits:
        limiter.leave(permit, Outcome.THROTTLED)
    assert limiter.width(KEY) == 2
    assert limiter.cooling(KEY) == 1.0
    clock.now += 1.0
    limiter.leave(*enter(limiter), Outcome.THROTTLED)
    assert limiter.width(KEY) == 1
    assert limiter.cooling(KEY) == 2.0  # the second failure in a row: twice as long at most


def test_a_node_that_says_when_is_left_alone_until_then_and_a_little_longer(clock: Clock) -> None:
    limiter = limiter_at(clock, chance=0.5)
    limiter.leave(*enter(limiter), Outcome.THROTTLED, retry_after=30.0)
    assert limiter.cooling(KEY) == 30.5
    clock.now = 30.4
    assert limiter.try_enter(KEY) is None
    clock.now = 30.6
    assert limiter.try_enter(KEY) is not None


def test_no_node_is_left_alone_for_more_than_five_minutes(clock: Clock) -> None:
    limiter = limiter_at(clock, chance=0.0)
    limiter.leave(*enter(limiter), Outcome.THROTTLED, retry_after=1e9)
    assert limiter.cooling(KEY) == limiter.rest(KEY) == 300


def test_what_a_node_asked_for_is_told_from_what_its_failures_cost(clock: Clock) -> None:
    limiter = limiter_at(clock)
    limiter.leave(*enter(limiter), Outcome.FAILED)
    assert limiter.cooling(KEY) > limiter.rest(KEY) == 0


def test_a_batch_that_was_too_large_is_halved_and_nothing_else(clock: Clock) -> None:
    limiter = limiter_at(clock)
    limiter.leave(*enter(limiter), Outcome.TOO_LARGE)
    assert (limiter.batch(KEY), limiter.width(KEY), limiter.cooling(KEY)) == (2, 4, 0.0)


def test_each_method_and_each_node_has_a_budget_of_its_own(clock: Clock) -> None:
    limiter = limiter_at(clock)
    limiter.leave(*enter(limiter), Outcome.THROTTLED, retry_after=60)
    assert limiter.cooling(KEY) > 0
    assert limiter.cooling(("http://node", "logs")) == 0
    assert limiter.try_enter(("http://other", "blocks")) is not None


def test_waiting_ends_when_a_permit_comes_back_or_when_patience_ends() -> None:
    limiter = Limiter(Pace(first_width=1))
    permit = limiter.enter(KEY, seconds=1)
    assert permit is not None
    began = time.monotonic()
    assert limiter.enter(KEY, seconds=0.1) is None
    assert 0.1 <= time.monotonic() - began < 1
    timer = threading.Timer(0.1, limiter.leave, (permit, Outcome.WENT_WELL))
    timer.start()
    assert limiter.enter(KEY, seconds=5) is not None
    timer.join()


@given(st.lists(st.sampled_from(list(Outcome)), max_size=60), st.floats(0, 1))
def test_the_same_history_gives_the_same_state(outcomes: list[Outcome], chance: float) -> None:
    seen = []
    for _ in range(2):
        clock = Clock()
        limiter = limiter_at(clock, chance)
        for outcome in outcomes:
            clock.now += limiter.cooling(KEY)
            limiter.leave(*enter(limiter), outcome)
        seen.append((limiter.width(KEY), limiter.batch(KEY), limiter.cooling(KEY), clock.now))
    assert seen[0] == seen[1]


@given(st.integers(1, 12), st.floats(0, 1))
def test_whatever_happened_it_recovers_by_answers_alone(failures: int, chance: float) -> None:
    clock = Clock()
    limiter = limiter_at(clock, chance)
    for _ in range(failures):
        clock.now += limiter.cooling(KEY)
        limiter.leave(*enter(limiter), Outcome.THROTTLED)
        assert limiter.cooling(KEY) <= PACE.most_wait
    clock.now += limiter.cooling(KEY)
    for _ in range(100):
        limiter.leave(*enter(limiter), Outcome.WENT_WELL)
    assert limiter.width(KEY) == PACE.most_width


class LimiterMachine(RuleBasedStateMachine):
    """Any mixture of requests, answers, refusals and time."""

    permits: Bundle[Permit] = Bundle("permits")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.limiter = Limiter(PACE, clock=self.clock, chance=lambda: 0.5)
        self.running = 0
        self.not_before = 0.0

    @rule(target=permits)
    def enter(self) -> Permit | object:
        permit = self.limiter.try_enter(KEY)
        if permit is None:
            assert self.running >= self.limiter.width(KEY) or self.limiter.cooling(KEY) > 0
            return multiple()
        assert self.clock.now >= self.not_before
        self.running += 1
        return permit

    @rule(permit=consumes(permits), outcome=st.sampled_from(list(Outcome)), after=st.none() | st.floats(0, 100))
    def leave(self, permit: Permit, outcome: Outcome, after: float | None) -> None:
        width = self.limiter.width(KEY)
        self.limiter.leave(permit, outcome, retry_after=after)
        self.running -= 1
        if outcome in {Outcome.THROTTLED, Outcome.FAILED} and after is not None:
            self.not_before = max(self.not_before, self.clock.now + after)
        if outcome is Outcome.WENT_WELL:
            assert width <= self.limiter.width(KEY) <= width + 1

    @rule(seconds=st.floats(0, 50))
    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def budgets_stay_within_their_bounds(self) -> None:
        assert 1 <= self.limiter.width(KEY) <= PACE.most_width
        assert 1 <= self.limiter.batch(KEY) <= PACE.most_batch
        assert self.limiter.cooling(KEY) >= self.not_before - self.clock.now


TestLimiterMachine = LimiterMachine.TestCase
