"""Blocks fetched ahead in threads and handed out in order, with a bound on the bytes that wait.

While one batch is being stored the next ones come over the wire. Threads of our own, not a pool's: they are daemons, so that a
node that does not answer holds nobody back who wants to leave.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from queue import SimpleQueue

from ingest.source import RawBlock

_FIRST_GUESS_BYTES = 1 << 20
_SMOOTHING = 0.3
_LOOK_SECONDS = 0.2


class BrokenOff(Exception):
    """The reading was stopped from elsewhere; blocks that were not handed out yet are not."""


class _Span:
    """Blocks first … last, fetched by one thread; `blocks` or `error` is there once `done` is set."""

    def __init__(self, first: int, last: int, expected: float) -> None:
        self.first, self.last, self.expected = first, last, expected
        self.done = threading.Event()
        self.blocks: list[RawBlock] = []
        self.error: BaseException | None = None


class Window:
    """The blocks from `first` to `last` that are fetched or being fetched, ahead of who reads them."""

    def __init__(
        self,
        first: int,
        last: int,
        fetch: Callable[[int, int, threading.Event], list[RawBlock]],
        *,
        span: Callable[[float], int],
        workers: int,
        most_bytes: int,
    ) -> None:
        """`fetch(first, last, stop)` gives whole spans; `span(bytes of a block)` says how many blocks the next one has."""
        self._next, self._last = first, last
        self._fetch, self._size_of_span = fetch, span
        self._workers, self._most_bytes = workers, most_bytes
        self._block_bytes = float(_FIRST_GUESS_BYTES)
        self._waiting_bytes = 0.0
        self._spans: deque[_Span] = deque()
        self._tasks: SimpleQueue[_Span | None] = SimpleQueue()
        self._threads = 0
        self._turn = threading.Lock()
        self._stop = threading.Event()

    def break_off(self) -> None:
        """From any thread: whoever reads gets `BrokenOff`, at once, and nothing more is asked for."""
        self._stop.set()

    def __iter__(self) -> Iterator[RawBlock]:
        """All blocks in ascending order; an error comes where its block would have come."""
        try:
            self._fill()
            while self._spans:
                span = self._spans[0]
                while not span.done.wait(_LOOK_SECONDS) and not self._stop.is_set():
                    pass
                if self._stop.is_set():
                    raise BrokenOff
                if span.error is not None:
                    raise span.error
                while span.blocks:
                    block = span.blocks.pop(0)
                    with self._turn:
                        self._waiting_bytes -= block.size
                    yield block
                self._spans.popleft()
                self._fill()
            if self._next <= self._last:
                raise BrokenOff
        finally:
            self._stop.set()
            for _ in range(self._threads):
                self._tasks.put(None)

    def _fill(self) -> None:
        """Begin spans until enough bytes are expected; one is always under way, however large its blocks."""
        with self._turn:
            while self._next <= self._last and not self._stop.is_set():
                count = min(max(self._size_of_span(self._block_bytes), 1), self._last - self._next + 1)
                expected = count * self._block_bytes
                if self._spans and self._waiting_bytes + expected > self._most_bytes:
                    return
                if len(self._spans) > 4 * self._workers:
                    return
                span = _Span(self._next, self._next + count - 1, expected)
                self._next += count
                self._waiting_bytes += expected
                self._spans.append(span)
                self._tasks.put(span)
                if self._threads < self._workers:
                    self._threads += 1
                    threading.Thread(target=self._work, name=f"blocks-{self._threads}", daemon=True).start()

    def _work(self) -> None:
        while (span := self._tasks.get()) is not None and not self._stop.is_set():
            try:
                span.blocks = self._fetch(span.first, span.last, self._stop)
                size = sum(block.size for block in span.blocks)
            except BaseException as error:  # it is raised where its blocks would have been read
                span.error, size = error, 0
            with self._turn:
                self._waiting_bytes += size - span.expected
                if span.blocks:
                    self._block_bytes += _SMOOTHING * (size / len(span.blocks) - self._block_bytes)
            span.done.set()
            if span.error is None:
                self._fill()
