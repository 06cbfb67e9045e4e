"""Ranges of blocks as people write them: 17686110:17686132, 19M:19.1M, 17686110:, :500k, 42."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from chainsight.errors import UsageError

_NUMBER = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?)([kKmM]?)")
_FACTORS = {"": 1, "k": 10**3, "m": 10**6}


@dataclass(frozen=True)
class BlockRange:
    """Blocks first … last, both in it; None means the source's own end."""

    first: int | None = None
    last: int | None = None


ALL_BLOCKS = BlockRange()


def parse_range(text: str) -> BlockRange:
    """A range from FROM:TO, FROM:, :TO or one block; an empty text is everything. Raises `UsageError`.

    >>> parse_range("19M:19.1M"), parse_range("7")
    (BlockRange(first=19000000, last=19100000), BlockRange(first=7, last=7))
    """
    if not text.strip():
        return ALL_BLOCKS
    start, colon, end = text.partition(":")
    first = _number(start, text) if start.strip() else None
    if not colon:
        return BlockRange(first, first)
    last = _number(end, text) if end.strip() else None
    if first is not None and last is not None and first > last:
        raise UsageError(f"The range {text} ends before it begins.", next_step="Write FROM:TO, both in it.")
    return BlockRange(first, last)


def outside(first: int, last: int, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of first … last without `ranges`, which come ordered by their start.

    >>> outside(3, 12, [(1, 4), (6, 7), (6, 6), (11, 20), (30, 31)])
    [(5, 5), (8, 10)]
    """
    left, expected = [], first
    for start, end in ranges:
        if start > last:
            break
        if start > expected:
            left.append((expected, start - 1))
        expected = max(expected, end + 1)
    return [*left, (expected, last)] if expected <= last else left


def _number(part: str, text: str) -> int:
    match = _NUMBER.fullmatch(part.strip())
    value = Decimal(match[1].replace("_", "")) * _FACTORS[match[2].lower()] if match else None
    if value is None or value != int(value):
        raise UsageError(
            f"{text!r} is no range of blocks.", next_step="Write FROM:TO, as in 17686110:17686132 or 19M:19.1M."
        )
    return int(value)
