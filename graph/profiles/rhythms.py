"""Does somebody act by the clock? Hours of rest and periods, from times alone, with what chance would make of them.

A period is tested by the length R of the mean of the acts' phases (Rayleigh's test of uniformity; Mardia & Jupp,
Directional Statistics, 2000): 1 for clockwork, near 0 for none. Acts of one sitting count once, or a single busy hour would
look like a rhythm, and p-values are multiplied by the number of periods tried.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr

HOUR, DAY = 3_600, 86_400
_SITTING = 1_800
"""Seconds: acts nearer than this to the one before belong to the same sitting."""
_FEWEST_SITTINGS = 8
_MOST_SITTINGS = 5_000
_PERIODS = tuple(
    [HOUR * number for number in (1, 2, 3, 4, 6, 8, 12, 24, 48, 72)]
    + [DAY * number for number in (7, 14, 28, 30.436875)]
)
_SURE = 0.001
_FEWEST_TURNS = 4
_REST_HOURS = 8
_FEWEST_DAYS = 10


@dataclass(frozen=True)
class Rest:
    """Hours of the day (UTC) in which somebody hardly ever acts."""

    from_hour: int
    to_hour: int
    """First hour after it; may be the smaller number, around midnight."""
    share: float
    """Of its hours with an act, those inside."""


@dataclass(frozen=True)
class Rhythm:
    """A period at which somebody acts."""

    seconds: float
    strength: float
    """R, 0 to 1."""
    p_value: float
    """That acts at random times would look as regular; corrected for the periods tried."""
    sittings: int

    def __str__(self) -> str:
        word = "like clockwork" if self.strength >= 0.8 else "regularly" if self.strength >= 0.5 else "loosely"
        return f"every {_spoken(self.seconds)}, {word}"


def hour_shares(times: Sequence[int]) -> list[float]:
    """Share of acts in each hour of the day, UTC; 24 numbers, zeros without acts."""
    return _shares([time // HOUR % 24 for time in times], 24)


def weekday_shares(times: Sequence[int]) -> list[float]:
    """Share of acts on each day of the week, Monday first; 7 numbers.

    >>> weekday_shares([0])  # 1970-01-01 was a Thursday
    [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    """
    return _shares([(time // DAY + 3) % 7 for time in times], 7)


def rest_of(times: Sequence[int]) -> Rest | None:
    """The eight hours with the fewest acts, where that is too few for chance; None of few days or round-the-clock acts."""
    cells = {(time // DAY, time // HOUR % 24) for time in times}
    if len({day for day, _ in cells}) < _FEWEST_DAYS:
        return None
    counts = np.bincount([hour for _, hour in cells], minlength=24)
    inside = np.array([np.roll(counts, -first)[:_REST_HOURS].sum() for first in range(24)])
    first = int(np.argmin(inside))
    # 24 windows were looked at.
    if 24 * bdtr(float(inside[first]), len(cells), _REST_HOURS / 24) > _SURE:
        return None
    return Rest(first, (first + _REST_HOURS) % 24, float(inside[first] / len(cells)))


def rhythm_of(times: Sequence[int]) -> Rhythm | None:
    """The clearest period, the longest of those nearly as clear; None where there is none that chance would not make.

    >>> every_day_at_nine = [day * DAY + 9 * HOUR + day % 7 * 60 for day in range(40)]
    >>> str(rhythm_of(every_day_at_nine))
    'every day, like clockwork'
    """
    starts = _sittings(times)
    if len(starts) < _FEWEST_SITTINGS:
        return None
    gaps = np.diff(starts)
    own = float(np.median(gaps))
    tried = [period for period in (*_PERIODS, own) if period * _FEWEST_TURNS <= starts[-1] - starts[0]]
    found = [_rayleigh(starts, period, len(tried)) for period in tried]
    sure = [rhythm for rhythm in found if rhythm.p_value < _SURE]
    if not sure:
        return None
    clearest = max(rhythm.strength for rhythm in sure)
    return max((rhythm for rhythm in sure if rhythm.strength >= 0.9 * clearest), key=lambda rhythm: rhythm.seconds)


def _rayleigh(starts: npt.NDArray[np.float64], period: float, tried: int) -> Rhythm:
    strength = float(np.abs(np.mean(np.exp(2j * math.pi * starts / period))))
    number = len(starts)
    z = number * strength**2
    # Second-order approximation, good from ten or so on (Zar, Biostatistical Analysis, 2010).
    p_value = math.exp(math.sqrt(1 + 4 * number + 4 * (number**2 - z * number)) - (1 + 2 * number))
    return Rhythm(period, strength, min(1.0, tried * p_value), number)


def _sittings(times: Sequence[int]) -> npt.NDArray[np.float64]:
    ordered = np.sort(np.asarray(times, np.float64))
    if not len(ordered):
        return ordered
    return ordered[np.concatenate([[True], np.diff(ordered) > _SITTING])][-_MOST_SITTINGS:]


def _shares(places: Sequence[int], number: int) -> list[float]:
    counts = np.bincount(np.asarray(places, np.int64), minlength=number)
    return [float(share) for share in counts / max(counts.sum(), 1)]


def _spoken(seconds: float) -> str:
    for unit, word in ((7 * DAY, "week"), (DAY, "day"), (HOUR, "hour")):
        count = seconds / unit
        if count >= 0.95 and abs(count - round(count)) < 0.05:
            return word if round(count) == 1 else f"{round(count)} {word}s"
    return f"{seconds / DAY:.1f} days" if seconds >= DAY else f"{seconds / 60:.0f} minutes"
