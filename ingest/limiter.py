"""One adaptive limiter for all workers: how many requests may run, how large a batch may be, and when to leave a node alone.

Additive increase, multiplicative decrease, as in TCP: every answer widens a budget a little, every refusal halves it, once
for all requests that were under way when the node had enough. A node that says when to come back is believed; one that does
not is left alone for a random part of a doubling time ("full jitter"), so that workers do not come back together. Each node
and each method has a budget of its own: a spent quota for logs does not slow blocks down.

The rules are a state machine over an injected clock and an injected random number; only `enter` waits.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import Enum

_LONGEST_REST_SECONDS = 300.0
"""However long a node wants to be left alone: it is asked again after this."""


class Outcome(Enum):
    """How a request ended, as far as it matters to the next one."""

    WENT_WELL = "went well"
    THROTTLED = "too many requests"
    TOO_LARGE = "batch or answer too large, or too slow"
    FAILED = "no usable answer"


@dataclass(frozen=True)
class Pace:
    """The limits of the limiter; the defaults suit a hosted node as well as one on this machine."""

    first_width: int = 4
    """Requests at once to begin with."""
    most_width: int = 12
    first_batch: int = 5
    """Blocks in one request to begin with; small batches were faster than large ones on every node measured."""
    most_batch: int = 20
    first_wait: float = 0.25
    """Seconds; the longest wait after one failure, doubled with each further one …"""
    most_wait: float = 30.0
    """… up to this."""


@dataclass(frozen=True)
class Permit:
    """The right to send one request; to be given back with `Limiter.leave`."""

    key: Hashable
    epoch: int


@dataclass
class _Budget:
    width: float
    batch: float
    running: int = 0
    epoch: int = 0
    failures: int = 0
    not_before: float = field(default=float("-inf"))
    rests_until: float = field(default=float("-inf"))


class Limiter:
    """Budgets by key (a node and a kind of request); safe to use from many threads."""

    def __init__(
        self,
        pace: Pace = Pace(),
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.pace = pace
        self._clock = clock
        self._chance = chance
        self._budgets: dict[Hashable, _Budget] = {}
        self._turn = threading.Condition()

    def width(self, key: Hashable) -> int:
        """Requests that may run at once now."""
        with self._turn:
            return int(self._budget(key).width)

    def batch(self, key: Hashable) -> int:
        """Blocks to ask for in one request now."""
        with self._turn:
            return int(self._budget(key).batch)

    def cooling(self, key: Hashable) -> float:
        """Seconds for which nothing may be sent; 0 when it may."""
        with self._turn:
            return max(self._budget(key).not_before - self._clock(), 0.0)

    def rest(self, key: Hashable) -> float:
        """Seconds for which the node itself asked to be left alone; 0 when it did not."""
        with self._turn:
            return max(self._budget(key).rests_until - self._clock(), 0.0)

    def try_enter(self, key: Hashable) -> Permit | None:
        """The permit, if one is free now."""
        with self._turn:
            return self._try_enter(key)

    def enter(self, key: Hashable, *, seconds: float) -> Permit | None:
        """Wait for a permit, at most so long; None when there was none."""
        give_up = time.monotonic() + seconds
        with self._turn:
            while (permit := self._try_enter(key)) is None:
                left = give_up - time.monotonic()
                if left <= 0:
                    return None
                cooling = self._budget(key).not_before - self._clock()
                self._turn.wait(min(left, cooling) if cooling > 0 else left)
            return permit

    def leave(self, permit: Permit, outcome: Outcome, *, retry_after: float | None = None) -> None:
        """Give a permit back and learn from how the request ended; `retry_after` is what the node asked for, in seconds."""
        with self._turn:
            budget = self._budget(permit.key)
            budget.running -= 1
            if outcome is Outcome.WENT_WELL:
                self._widen(budget)
            elif permit.epoch == budget.epoch:
                self._narrow(budget, outcome)
            if outcome in {Outcome.THROTTLED, Outcome.FAILED}:
                if retry_after is not None:
                    retry_after = min(retry_after, _LONGEST_REST_SECONDS)
                    budget.rests_until = max(budget.rests_until, self._clock() + retry_after)
                wait = self._wait(budget.failures) if retry_after is None else retry_after + self._wait(0)
                budget.not_before = max(budget.not_before, self._clock() + wait)
            self._turn.notify_all()

    def _try_enter(self, key: Hashable) -> Permit | None:
        budget = self._budget(key)
        if budget.running >= int(budget.width) or self._clock() < budget.not_before:
            return None
        budget.running += 1
        return Permit(key, budget.epoch)

    def _widen(self, budget: _Budget) -> None:
        budget.failures = 0
        # One more for each full round of requests, as TCP grows its window.
        budget.width = min(budget.width + 1 / budget.width, self.pace.most_width)
        budget.batch = min(budget.batch + 1 / budget.batch, self.pace.most_batch)

    def _narrow(self, budget: _Budget, outcome: Outcome) -> None:
        """Once for all requests that were under way: what they say is one piece of news."""
        budget.epoch += 1
        if outcome is Outcome.TOO_LARGE:
            budget.batch = max(int(budget.batch) // 2, 1)
        else:
            budget.failures += 1
            budget.width = max(budget.width / 2, 1.0)

    def _wait(self, failures: int) -> float:
        exponent = min(max(failures - 1, 0), 30)
        return self._chance() * min(self.pace.first_wait * 2.0**exponent, self.pace.most_wait)

    def _budget(self, key: Hashable) -> _Budget:
        if key not in self._budgets:
            self._budgets[key] = _Budget(float(self.pace.first_width), float(self.pace.first_batch))
        return self._budgets[key]
