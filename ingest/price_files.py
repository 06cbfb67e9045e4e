"""Files of prices, as exchanges give them: CSV with one candle or one price a line, plain or gzipped.

A line needs a time (`time`, `timestamp`, `date`, `datetime` or `open_time`) and a price (`close` or `price`). A `close` is the
last price of a candle, with or without `open`, `high` and `low` beside it, and its time is that of the candle's opening; a
`price` is of its own moment unless a length is stated. Times are seconds, milliseconds or microseconds since 1970, told by their
size, or ISO 8601, UTC where it does not say. Nothing is stored here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from chainsight.errors import ArchiveDamaged, UsageError
from ingest.delimited import Record, TextFile, read_text, records, rows

_TIMES = ("timestamp", "time", "datetime", "date", "open_time")
_PRICES = ("close", "price")
_CANDLE = ("open", "high", "low")
_MOST_PRICES = 5_000_000
_MOST_LEFT_OUT = 0.5
_FIRST_PRICE = dt.datetime(2009, 1, 3, tzinfo=dt.UTC).timestamp()
"""No coin cost anything before there was one: an earlier time is a mistaken unit."""
_UNITS = (1, 1_000, 1_000_000)
_LONGEST_BUCKET = 366 * 86_400


@dataclass(frozen=True)
class PriceFile:
    """What one file says."""

    file: TextFile
    prices: Mapping[int, float]
    """Price by Unix second: of its own, or of the candle's opening."""
    is_candles: bool
    repeated: int
    """Lines that say again what another one says."""
    bad_lines: tuple[str, ...]
    """`file:line: reason` of lines that were left out."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """The same, counted per reason."""

    def usual_gap(self) -> int:
        """Seconds from one line to the next, most often; 0 for a single price."""
        gaps = Counter(later - earlier for earlier, later in pairwise(sorted(self.prices)))
        return min((-count, gap) for gap, count in gaps.items())[1] if gaps else 0


class _Unreadable(Exception):
    """Why a line was left out."""


def read_prices(path: Path, *, now: float) -> PriceFile:
    """Read one file; `now` (Unix seconds) is what no price can be later than.

    Lines that cannot be right are left out and named. Raises `ArchiveMissing`, and `ArchiveDamaged` for a file of another kind, a
    file that is cut off, has too many lines, or of which more than half cannot be read.
    """
    file = read_text(path)
    columns = _columns(file)
    wanted = tuple(columns.values())
    prices: dict[int, float] = {}
    bad: list[str] = []
    reasons: Counter[str] = Counter()
    repeated = 0
    for record in records(file, wanted):
        try:
            moment, price = _price(record, columns, now)
            if prices.setdefault(moment, price) != price:
                raise _Unreadable("says another price for a time that an earlier line has")
        except _Unreadable as reason:
            bad.append(f"{path.name}:{record.line}: {reason}")
            reasons[str(reason)] += 1
            continue
        repeated += 1
        if repeated > _MOST_PRICES:
            raise ArchiveDamaged(
                f"{path}:{record.line}: the file has more than {_MOST_PRICES:,} prices; nothing was stored.",
                next_step="Cut it into several, or take longer candles.",
            )
    _refuse_wrong(path, len(prices), bad)
    return PriceFile(
        file, prices, columns["price"] == "close", repeated - len(prices), tuple(bad), dict(reasons.most_common())
    )


def bucket_of(files: list[PriceFile], stated: int) -> int:
    """Seconds of a candle: what was stated, else the usual gap of each file; 0 where the files have no candles.

    Prices of a stated length count from its end, whatever their column is called.

    Raises `UsageError` when files differ, or when there is only one candle to tell it from.
    """
    if not any(file.is_candles for file in files):
        return stated
    found = {file.usual_gap() if file.is_candles else 0 for file in files} if not stated else {stated}
    bucket = found.pop()
    if found or not 0 < bucket <= _LONGEST_BUCKET:
        raise UsageError(
            "How long the candles are cannot be told from these files: each price is the last one of some time.",
            next_step="Say how long: --bucket 3600 for hours, 86400 for days.",
        )
    return bucket


def _columns(file: TextFile) -> dict[str, str]:
    """Which column of a file is what; raises `ArchiveDamaged` where time or price is missing."""
    header = [cell.strip().lower() for cell in next(rows(file), (0, []))[1]]
    found = {
        what: next((name for name in names if name in header), "")
        for what, names in (("time", _TIMES), ("price", _PRICES))
    }
    for what, names in (("time", _TIMES), ("price", _PRICES)):
        if not found[what]:
            shown = ", ".join(header[:8])[:120]
            raise ArchiveDamaged(
                f"{file.path}:1 has no column for the {what} (it has: {shown!r}).",
                next_step=f"Name one of its columns {' or '.join(names)}.",
            )
    return found | ({name: name for name in _CANDLE} if set(_CANDLE) <= set(header) else {})


def _price(record: Record, columns: Mapping[str, str], now: float) -> tuple[int, float]:
    if record.problem:
        raise _Unreadable(record.problem)
    row = record.row
    moment = _moment(row[columns["time"]])
    if moment < _FIRST_PRICE:
        raise _Unreadable("has a time before there were coins")
    if moment > now:
        raise _Unreadable("has a time that has not come yet")
    price = _number(row[columns["price"]])
    if "open" in columns:
        first, high, low = (_number(row[columns[name]]) for name in _CANDLE)
        if not low <= min(first, price) <= max(first, price) <= high:
            raise _Unreadable("has a first or last price that is not between its lowest and its highest")
    return moment, price


def _moment(text: str) -> int:
    stated = text.strip()
    try:
        if stated.isascii() and stated.isdigit():
            number = int(stated[:20])
            return next((number // unit for unit in _UNITS if number // unit < 2**32), 2**32)
        when = dt.datetime.fromisoformat(stated)
    except ValueError:
        raise _Unreadable("has a time that cannot be read") from None
    return math.floor((when if when.tzinfo else when.replace(tzinfo=dt.UTC)).timestamp())


def _number(text: str) -> float:
    try:
        price = float(text)
    except ValueError:
        raise _Unreadable("has a price that is no number") from None
    if not math.isfinite(price) or "_" in text:
        raise _Unreadable("has a price that is no number")
    if price <= 0:
        raise _Unreadable("has a price that is not above 0")
    return price


def _refuse_wrong(path: Path, kept: int, bad: list[str]) -> None:
    if not kept or len(bad) > _MOST_LEFT_OUT * (kept + len(bad)):
        shown = f" ({bad[0]})" if bad else ""
        raise ArchiveDamaged(
            f"{path}: {len(bad):,} of {kept + len(bad):,} lines cannot be read{shown}; nothing was stored.",
            next_step="Check that it is a file of prices: a time and a price (or open, high, low, close) a line.",
        )
