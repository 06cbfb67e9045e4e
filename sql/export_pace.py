"""How far an export is, how fast it goes and how long it will take: one line for whoever watches."""

from __future__ import annotations

import time
from collections.abc import Callable

from chainsight.progress import Progress

_LOOKS_EVERY_SECONDS = 0.5


class Pace:
    """Counts rows and bytes as they are written."""

    def __init__(self, progress: Progress, rows: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._progress = progress
        self._total = rows
        self._clock = clock
        self._begun = self._spoke = clock()
        self._rows = 0

    def went_on(self, rows: int, size: int) -> None:
        """So many more rows are written; `size` is the bytes of all so far."""
        self._rows += rows
        now = self._clock()
        if now - self._spoke >= _LOOKS_EVERY_SECONDS or self._rows == self._total:
            self._spoke = now
            self._progress.step(self._rows, self._total, self.line(size))

    def line(self, size: int) -> str:
        """`rows, 12.3 MB, 81,000 rows/s, 0:42 left`."""
        seconds = max(self._clock() - self._begun, 1e-9)
        speed = self._rows / seconds
        left = int((self._total - self._rows) / speed) if speed else 0
        return f"rows, {size / 1e6:,.1f} MB, {speed:,.0f} rows/s, {left // 60}:{left % 60:02} left"
