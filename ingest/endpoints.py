"""Several nodes as one: who is asked, who is asked next, who is not asked again, and when to give up.

An errand is one piece of work (some blocks, some logs) until it is done. It goes to the first node that is healthy and fails
over to the others; a node that throttles, lags, lies or breaks off is told apart by what it said (ingest/troubles.py), and when
nobody is left the error names every node and what was wrong with it.
"""

from __future__ import annotations

import math
import operator
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType

import msgspec

from chainsight.errors import NodeLies, NodeRefused
from ingest.calls import Call, encode_calls, is_null, split_answers
from ingest.credentials import Credentials, shown_url
from ingest.limiter import Limiter, Outcome, Permit
from ingest.transports import Transport, open_transport
from ingest.troubles import PASSING, Kind, Trouble

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 0.1
_LIES = frozenset({Kind.LIE, Kind.BROKEN})


class Stopped(Exception):
    """Whoever wanted the answer has gone."""


@dataclass(frozen=True)
class Patience:
    """How long to try, and how much to take."""

    tries: int = 4
    """Wrong answers of one node to one question; at the head a node may change its mind between two of them."""
    seconds: float = 120.0
    """Of throttling, time-outs and broken connections without any progress."""
    request_seconds: float = 60.0
    """One request, from connecting to the last byte."""
    answer_bytes: int = 192 << 20
    """One answer, unpacked. The largest blocks with traces take tens of MiB; more is an attack, or a batch that must shrink."""


_SHORT_PATIENCE = Patience(tries=3, seconds=2, request_seconds=20)


@dataclass(eq=False)
class Endpoint:
    """One node and what has been learned about it."""

    name: str
    """Without credentials."""
    transport: Transport
    credentials: Credentials
    """What it may say back, and nobody may see."""
    lacks: set[str] = field(default_factory=set)
    """Methods it has said it does not know."""
    gave: set[str] = field(default_factory=set)
    """Methods of traces that it has answered: behind one URL may stand several machines, not all of which know them."""
    declined: Counter[str] = field(default_factory=Counter)
    """How often it said of a method that it does not know it."""
    distrusted: dict[int, str] = field(default_factory=dict)
    """Blocks that it gave wrongly, and what was wrong with them."""
    head: int | None = None
    """The newest block it has told of."""

    def knows_any(self, methods: Iterable[str]) -> bool:
        """Whether one of these methods may still be asked."""
        return not self.lacks.issuperset(methods)


class Endpoints:
    """The nodes of one source, in the order of preference, behind one limiter."""

    def __init__(self, urls: Sequence[str], *, limiter: Limiter, patience: Patience) -> None:
        self.limiter = limiter
        self.patience = patience
        self.all = tuple(Endpoint(name, open_transport(url), Credentials(url)) for name, url in _named(urls).items())

    def errand(
        self, lane: str, what: str, *, patience: Patience | None = None, stop: threading.Event | None = None
    ) -> Errand:
        """Begin a piece of work: `lane` is the budget it is paid from, `what` is what an error calls it."""
        return Errand(self, lane, what, patience or self.patience, stop or threading.Event())

    def ask_all(self, calls: Sequence[Call], *, lane: str, what: str) -> list[msgspec.Raw | Trouble]:
        """The answer to each call, in their order, in as many requests as it takes, from whichever node answers.

        A call that a node understood and refused (a contract that reverts) is answered by the `Trouble` it is; what passes is
        tried again. Raises `NodeRefused` or `NodeLies` when no node is left.
        """
        errand = self.errand(lane, what)
        found: dict[int, msgspec.Raw | Trouble] = {}
        while wanted := [place for place in range(len(calls)) if place not in found]:
            with errand.turn() as turn:
                part = turn.part(wanted)
                for place, answer in zip(part, turn.ask([calls[place] for place in part]), strict=True):
                    if isinstance(answer, Trouble) and answer.kind is not Kind.REFUSED:
                        turn.note(answer)
                    else:
                        found[place] = answer
                        errand.progress()
        return [found[place] for place in range(len(calls))]

    def ask_each(self, calls: Sequence[Call], what: str) -> dict[Endpoint, list[msgspec.Raw | Trouble]]:
        """What each node says for itself; the first call must have a result. Those that say nothing are left out.

        Raises `NodeRefused` when none of them says anything.
        """
        found: dict[Endpoint, list[msgspec.Raw | Trouble]] = {}
        refused: list[NodeRefused] = []
        for endpoint in sorted(self.all, key=lambda endpoint: self.limiter.cooling((endpoint.name, "head")) > 0):
            if found and self.limiter.cooling((endpoint.name, "head")):
                continue
            errand = self.errand("head", what, patience=_SHORT_PATIENCE)
            try:
                while endpoint not in found:
                    with errand.turn(partial(operator.is_, endpoint)) as turn:
                        answers = turn.ask(calls)
                        if isinstance(answers[0], Trouble):
                            raise answers[0]
                        if is_null(answers[0]):
                            raise Trouble(Kind.BEHIND, f"null for {calls[0]}")
                        found[endpoint] = answers
            except NodeRefused as error:
                refused.append(error)
        if not found:
            raise refused[0] if refused else NodeRefused("No node was named.", next_step="Name one with --rpc URL.")
        return found

    def close(self) -> None:
        """Let go of all connections; requests under way end."""
        for endpoint in self.all:
            endpoint.transport.close()


class Errand:
    """One piece of work until it is done: `turn` after `turn`, each at the best node that is left.

    while wanted:
        with errand.turn() as turn:          # what goes wrong inside is noted, and the next turn tries again or elsewhere
            answers = turn.ask(calls)
    """

    def __init__(self, endpoints: Endpoints, lane: str, what: str, patience: Patience, stop: threading.Event) -> None:
        self.endpoints = endpoints
        self.lane = lane
        self.what = what
        self.patience = patience
        self._stop = stop
        self._wrong: dict[Endpoint, int] = {}
        self._just_wrong: Endpoint | None = None
        self._passing_since: dict[Endpoint, float] = {}
        self._said: dict[Endpoint, Trouble] = {}
        self._lied: dict[Endpoint, Trouble] = {}

    def turn(self, able: Callable[[Endpoint], bool] = lambda endpoint: True, *, blocks: Sequence[int] = ()) -> Turn:
        """The next attempt, at the best node of those that are `able`, as soon as it may be asked.

        Raises `NodeRefused` when none is left, or `NodeLies` when they are out for what they gave, naming all of them; `Stopped`.
        """
        while True:
            if self._stop.is_set():
                raise Stopped
            left = [
                endpoint for endpoint in self.endpoints.all if able(endpoint) and not self._is_out(endpoint, blocks)
            ]
            if not left:
                raise self.given_up(blocks)
            left.sort(key=lambda endpoint: self._rank(endpoint, blocks))
            if left[0] is self._just_wrong:  # and there is no other choice: it may be in the middle of a reorg
                self._stop.wait(_AGAIN_SECONDS * 2 ** self._wrong[left[0]])
            self._just_wrong = None
            if granted := self._permit(left):
                return Turn(self, *granted)

    def note(self, endpoint: Endpoint, trouble: Trouble) -> None:
        """Remember what a node did instead of answering."""
        self._said[endpoint] = trouble
        if trouble.kind in PASSING:
            self._passing_since.setdefault(endpoint, time.monotonic())
            return
        self._wrong[endpoint] = self._wrong.get(endpoint, 0) + 1
        self._just_wrong = endpoint
        if trouble.kind in _LIES:
            self._lied[endpoint] = trouble

    def progress(self) -> None:
        """Something came of it: patience begins anew."""
        self._passing_since.clear()

    def given_up(self, blocks: Sequence[int] = (), *, rest: float = 0.0) -> NodeRefused:
        """The error that names every node and what was wrong with it, and how many seconds of rest were asked for."""
        wrong = {
            endpoint.name: f"gave block {number} wrongly ({endpoint.distrusted[number]})"
            for endpoint in self.endpoints.all
            for number in blocks
            if number in endpoint.distrusted
        }
        lied = bool(wrong) or bool(self._lied)
        for endpoint, trouble in {**self._said, **self._lied}.items():
            wrong.setdefault(endpoint.name, f"{trouble.kind.value} ({trouble.said})")
        if rest:
            for endpoint in self.endpoints.all:
                seconds = math.ceil(self.endpoints.limiter.rest(self._key(endpoint)))
                wants = f"wants to be left alone for {seconds} s"
                if seconds:
                    wrong[endpoint.name] = f"{wrong[endpoint.name]} and {wants}" if endpoint.name in wrong else wants
        told = "; ".join(f"{name} {what}" for name, what in wrong.items()) or "no node knows how"
        nodes = f"The node {self.endpoints.all[0].name}" if len(self.endpoints.all) == 1 else "None of the nodes"
        if lied:
            gave = "gave" if len(self.endpoints.all) > 1 else "did not give"
            return NodeLies(
                f"{nodes} {gave} {self.what} as it should be: {told}.",
                next_step="Name another node with --rpc as well; what was committed stays, nothing of this was stored.",
            )
        refused = NodeRefused(
            f"{nodes} {'answered' if len(self.endpoints.all) > 1 else 'did not answer'} {self.what}: {told}.",
            next_step="Check the URL and whether the node runs and has synced, then repeat; what was committed stays.",
        )
        refused.wants_rest = rest
        return refused

    def _permit(self, left: Sequence[Endpoint]) -> tuple[Endpoint, Permit] | None:
        """A permit at the first node that is not cooling off; None after a short wait, for the caller to look again."""
        limiter = self.endpoints.limiter
        cooling = {endpoint: limiter.cooling(self._key(endpoint)) for endpoint in left}
        ready = next((endpoint for endpoint in left if not cooling[endpoint]), None)
        if ready is not None:
            permit = limiter.enter(self._key(ready), seconds=_LOOK_SECONDS)
            return (ready, permit) if permit else None
        shortest = min(cooling.values())
        if shortest > self.patience.seconds:
            raise self.given_up(rest=min(limiter.rest(self._key(endpoint)) for endpoint in left))
        self._stop.wait(min(shortest, _LOOK_SECONDS))
        return None

    def _is_out(self, endpoint: Endpoint, blocks: Sequence[int]) -> bool:
        if self._wrong.get(endpoint, 0) >= self.patience.tries:
            return True
        since = self._passing_since.get(endpoint)
        if since is not None and time.monotonic() - since > self.patience.seconds:
            return True
        return bool(endpoint.distrusted) and any(number in endpoint.distrusted for number in blocks)

    def _rank(self, endpoint: Endpoint, blocks: Sequence[int]) -> tuple[int, bool, bool]:
        """Fewest failures at this, then those never caught, then those that have the blocks; the order given decides ties."""
        lags = bool(blocks) and endpoint.head is not None and endpoint.head < max(blocks)
        failures = self._wrong.get(endpoint, 0) + (endpoint in self._passing_since)
        return failures, bool(endpoint.distrusted), lags

    def _key(self, endpoint: Endpoint) -> tuple[str, str]:
        return endpoint.name, self.lane


class Turn:
    """One attempt at one node. As a context manager it gives the permit back and keeps `Trouble` to itself."""

    def __init__(self, errand: Errand, endpoint: Endpoint, permit: Permit) -> None:
        self.endpoint = endpoint
        self._errand = errand
        self._permit = permit
        self._outcome = Outcome.WENT_WELL
        self._retry_after: float | None = None
        self._asked_blocks = 1

    def part(self, wanted: Sequence[int]) -> Sequence[int]:
        """As many of the blocks that are wanted as may be asked for in one request now."""
        part = wanted[: self._errand.endpoints.limiter.batch(self._permit.key)]
        self._asked_blocks = len(part)
        return part

    def ask(self, calls: Sequence[Call]) -> list[msgspec.Raw | Trouble]:
        """What the node says to each call, in their order. Raises `Trouble` when it says nothing usable to all of them."""
        patience = self._errand.patience
        body = self.endpoint.transport.exchange(
            encode_calls(calls), most_bytes=patience.answer_bytes, seconds=patience.request_seconds
        )
        answers = split_answers(body, calls)
        for answer in answers:
            if isinstance(answer, Trouble):
                answer.said = self.endpoint.credentials.strike_out(answer.said)
        return answers

    def note(self, trouble: Trouble) -> None:
        """One answer of a batch is none, the others may be."""
        trouble.said = self.endpoint.credentials.strike_out(trouble.said)
        if trouble.kind is Kind.QUOTA:
            self._outcome, self._retry_after = Outcome.THROTTLED, trouble.retry_after
        elif trouble.kind in {Kind.TOO_LARGE, Kind.SLOW} and self._asked_blocks > 1:
            self._outcome = Outcome.TOO_LARGE
        elif trouble.kind is Kind.TOO_LARGE:
            # Nothing can be left out of a single question.
            trouble = Trouble(Kind.REFUSED, trouble.said)
        elif trouble.kind in {Kind.SLOW, Kind.UNREACHABLE, Kind.BROKEN, Kind.WAVERS}:
            self._outcome = Outcome.FAILED
        self._errand.note(self.endpoint, trouble)

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if isinstance(error, Trouble):
            self.note(error)
        self._errand.endpoints.limiter.leave(self._permit, self._outcome, retry_after=self._retry_after)
        return isinstance(error, Trouble)


def _named(urls: Sequence[str]) -> dict[str, str]:
    """URLs by the name an error gives them: without credentials, told apart where they look the same then."""
    named: dict[str, str] = {}
    for url in dict.fromkeys(urls):
        name = shown_url(url)
        alike = sum(1 for other in named.values() if shown_url(other) == name)
        named[name if not alike else f"{name} ({alike + 1})"] = url
    return named
