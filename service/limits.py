"""How much one key may ask: a token bucket per key, told in the RateLimit headers.

The buckets live in this process; a restart fills them. The bucket is the classic one (Turner, "New directions in
communications", IEEE Communications Magazine 24(10), 1986), the headers are those of the IETF draft
"RateLimit header fields for HTTP". An implementation of our own, because it is this short.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import TOO_MANY, Problem

_STATE = "rate_limit"


@dataclass(frozen=True)
class RateLimit:
    """At most `requests` at once, and as many again in `seconds`."""

    requests: int = 600
    seconds: float = 60.0

    @property
    def policy(self) -> str:
        """Value of the RateLimit-Policy header."""
        return f'"key";q={self.requests};w={math.ceil(self.seconds)}'


STANDARD = RateLimit()


@dataclass(frozen=True)
class Allowance:
    """What a bucket said."""

    granted: bool
    remaining: int
    seconds: int
    """Until the bucket is full again; where nothing was granted, until the next request would be."""

    def headers(self, limit: RateLimit) -> dict[str, str]:
        """The headers that tell it."""
        return {"RateLimit-Policy": limit.policy, "RateLimit": f'"key";r={self.remaining};t={self.seconds}'}


class Buckets:
    """One bucket per key; threads may ask at the same time."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> Allowance:
        """Take one token from the bucket of `key`."""
        full, rate = float(self.limit.requests), self.limit.requests / self.limit.seconds
        with self._lock:
            now = self._clock()
            level, since = self._levels.get(key, (full, now))
            level = min(full, level + (now - since) * rate)
            granted = level >= 1.0
            level -= granted
            self._levels[key] = (level, now)
        missing = full - level if granted else 1.0 - level
        return Allowance(granted, math.floor(level), math.ceil(missing / rate))


def spend(buckets: Buckets, key: str, state: dict[str, object]) -> None:
    """Count one request of `key` and leave the headers for `RateLimitHeaders`; raises a 429 when there is none left."""
    allowance = buckets.take(key)
    state[_STATE] = allowance.headers(buckets.limit)
    if not allowance.granted:
        detail = f"This key may ask {buckets.limit.requests} times in {buckets.limit.seconds:g} seconds."
        raise Problem(TOO_MANY, detail, headers={"Retry-After": str(allowance.seconds)})


class RateLimitHeaders:
    """Middleware: puts what `spend` left on whatever the answer is, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(state.get(_STATE, {}))
            await send(message)

        await self._app(scope, receive, send_with_headers)
