"""Ranges of blocks as people write them."""

from __future__ import annotations

import pytest

from chainsight.errors import UsageError
from ingest.audit import find_gaps
from ingest.ranges import ALL_BLOCKS, BlockRange, parse_range


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("17686110:17686132", 17686110, 17686132),
        ("19M:19.1m", 19_000_000, 19_100_000),
        ("5:", 5, None),
        (":500k", None, 500_000),
        ("1_000:2_000", 1000, 2000),
        (" 42 ", 42, 42),
        (":", None, None),
    ],
)
def test_a_range_is_read(text: str, first: int | None, last: int | None) -> None:
    assert parse_range(text) == BlockRange(first, last)


def test_no_text_is_everything() -> None:
    assert parse_range("") == ALL_BLOCKS


@pytest.mark.parametrize("text", ["a:b", "1:2:3", "-5:7", "1.5:2", "0x10:0x20", "9:3", "1e3:"])
def test_what_is_no_range_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="FROM:TO"):
        parse_range(text)


def test_gaps_are_what_no_batch_covers() -> None:
    assert find_gaps([(10, 12), (1, 3), (2, 7), (20, 20)]) == [BlockRange(8, 9), BlockRange(13, 19)]
    assert find_gaps([]) == []
