"""Logs of a range of blocks by eth_getLogs: as wide a range at once as a node takes, and nothing lost on the way.

A node that finds a range too wide is asked for less, always strictly less, whatever it suggests (reth may suggest the very
range that it refused); a spent quota is waited out and never taken for a range. The cursor moves on only when a range has been
answered and held against the headers (ingest/log_answers.py). One success in ten lets the next range be wider again.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import msgspec

from chainsight.errors import NodeLies
from ingest.calls import Call
from ingest.endpoints import Turn
from ingest.log_answers import (
    FoundLog,
    LogHeader,
    check_links,
    check_same,
    doubtful,
    read_header,
    read_logs,
    read_receipt_logs,
)
from ingest.log_filters import LogFilter
from ingest.rpc import GET_BLOCK, GET_RECEIPTS, RpcSource
from ingest.troubles import Kind, Suggestion, Trouble

WIDEST = 2000
_WIDEN_CHANCE = 0.1
_HEADERS_AT_ONCE = 100
_RECEIPTS_AT_ONCE = 10
_TRIES_OF_MANY = 2
# With more than one block to leave out, a node that takes too long is taken to have too much to do.
_TOO_WIDE = frozenset({Kind.RANGE, Kind.TOO_LARGE, Kind.SLOW})


@dataclass(frozen=True)
class LogSpan:
    """Everything that is searched for in blocks first … last."""

    first: int
    last: int
    last_hash: str
    logs: tuple[bytes, ...]
    """As JSON, one log each, in the order of the chain."""
    blocks: tuple[LogHeader, ...]
    """The headers of the blocks that have any."""
    receipts: int
    """Blocks that were read from their receipts."""


class Width:
    """How many blocks to ask for at once: shrinks strictly with every refusal, grows again by chance."""

    def __init__(self, widest: int = WIDEST, *, chance: Callable[[], float] = random.random) -> None:
        self.blocks = self._widest = widest
        self._chance = chance

    def refused(self, first: int, last: int, suggested: Suggestion | None) -> None:
        """Blocks first … last were too many at once."""
        asked = last - first + 1
        blocks = _suggested_blocks(first, suggested)
        self.blocks = blocks if blocks and 0 < blocks < asked else max(asked // 2, 1)

    def succeeded(self) -> None:
        """A range was answered: one time in ten the next one may be twice as wide, up to the widest."""
        if self.blocks < self._widest and self._chance() < _WIDEN_CHANCE:
            self.blocks = min(self.blocks * 2, self._widest)


class _TooWide(Exception):
    def __init__(self, trouble: Trouble) -> None:
        self.suggested = trouble.suggested


class LogRanges:
    """The logs that a filter finds, range by range, from the nodes of a source."""

    def __init__(self, source: RpcSource, wanted: LogFilter, *, width: Width | None = None) -> None:
        self._source = source
        self._wanted = wanted
        self._width = width or Width()

    def read(self, first: int, last: int, stop: threading.Event | None = None) -> Iterator[LogSpan]:
        """Spans that follow each other from `first` to `last`; raises `NodeRefused`, or `NodeLies` when nobody is honest."""
        cursor = first
        while cursor <= last:
            end = min(cursor + self._width.blocks - 1, last)
            try:
                span = self._span(cursor, end, stop)
            except _TooWide as wide:
                self._width.refused(cursor, end, wide.suggested)
                continue
            except NodeLies:
                # An answer that was cut short may be whole when less is asked for; one block alone is read from its receipts.
                if cursor == end:
                    raise
                self._width.refused(cursor, end, None)
                continue
            self._width.succeeded()
            yield span
            cursor = end + 1

    def _span(self, first: int, last: int, stop: threading.Event | None) -> LogSpan:
        what = f"logs of block {first}" if first == last else f"logs of blocks {first} to {last}"
        patience = self._source.endpoints.patience
        if first < last:  # less may be asked for instead
            patience = replace(patience, tries=min(patience.tries, _TRIES_OF_MANY))
        errand = self._source.endpoints.errand("logs", what, patience=patience, stop=stop)
        is_read_whole = False
        while True:
            too_wide: Trouble | None = None
            with errand.turn(blocks=(last,)) as turn:
                answer = None if is_read_whole else _ask_logs(turn, self._wanted, first, last)
                if isinstance(answer, Trouble) and answer.kind in _TOO_WIDE and last > first:
                    too_wide = answer
                elif isinstance(answer, Trouble) and answer.kind in {Kind.RANGE, Kind.UNKNOWN_METHOD} and first == last:
                    is_read_whole = True  # nothing is left to split: the block's receipts have what its logs are
                else:
                    try:
                        return self._checked(turn, answer, first, last)
                    except Trouble as trouble:
                        # One block whose logs are not as they should be has receipts that can be held against its bloom.
                        is_read_whole = is_read_whole or (first == last and trouble.kind is Kind.LIE)
                        raise
            if too_wide is not None:
                raise _TooWide(too_wide)

    def _checked(self, turn: Turn, answer: msgspec.Raw | Trouble | None, first: int, last: int) -> LogSpan:
        headers = _headers(turn, first, last)
        found = {} if answer is None else read_logs(answer, self._wanted, headers)
        doubted = [first] if answer is None else doubtful(found, self._wanted, headers)
        for number, logs in _from_receipts(turn, doubted, self._wanted, headers).items():
            if answer is not None:
                check_same(found.get(number, []), logs, number)
            found[number] = logs
        numbers = sorted(number for number, logs in found.items() if logs)
        return LogSpan(
            first=first,
            last=last,
            last_hash=headers[last].block_hash,
            logs=tuple(log.line for number in numbers for log in found[number]),
            blocks=tuple(headers[number] for number in numbers),
            receipts=len(doubted),
        )


def _ask_logs(turn: Turn, wanted: LogFilter, first: int, last: int) -> msgspec.Raw | Trouble:
    """The answer, or what is wrong with all of it: either may mean that the range is too wide."""
    try:
        return turn.ask([Call("eth_getLogs", (wanted.query(first, last),))])[0]
    except Trouble as trouble:
        return trouble


def _headers(turn: Turn, first: int, last: int) -> dict[int, LogHeader]:
    headers: list[LogHeader] = []
    for start in range(first, last + 1, _HEADERS_AT_ONCE):
        numbers = range(start, min(start + _HEADERS_AT_ONCE, last + 1))
        answers = turn.ask([Call(GET_BLOCK, (hex(number), False)) for number in numbers])
        headers += [read_header(answer, number) for answer, number in zip(answers, numbers, strict=True)]
    check_links(headers)
    return {header.number: header for header in headers}


def _from_receipts(
    turn: Turn, numbers: list[int], wanted: LogFilter, headers: dict[int, LogHeader]
) -> dict[int, list[FoundLog]]:
    found: dict[int, list[FoundLog]] = {}
    for start in range(0, len(numbers), _RECEIPTS_AT_ONCE):
        part = numbers[start : start + _RECEIPTS_AT_ONCE]
        answers = turn.ask([Call(GET_RECEIPTS, (hex(number),)) for number in part])
        for number, answer in zip(part, answers, strict=True):
            found[number] = read_receipt_logs(answer, wanted, headers[number])
    return found


def _suggested_blocks(first: int, suggested: Suggestion | None) -> int | None:
    if suggested is None:
        return None
    if suggested.first is not None and suggested.last is not None:
        return suggested.last - suggested.first + 1 if suggested.first == first else None
    return suggested.width
