"""What a node gave for a range of logs, held against the headers of its blocks.

Some nodes cut a long answer short and say nothing. Where everything was asked for, the logs of each block must be numbered
without gaps and give its bloom. Every block that came back with a log, and every one whose bloom may have such a log and that
came back without, is read from its receipts: they must give the block's bloom and say the same as the answer, log by log.
That is as far as it goes: a bloom says nothing of data and order, and no root is recomputed, so a node that forges answer and
receipts alike is not found out. Whole blocks (`chainsight ingest`) are proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from ingest.calls import is_null
from ingest.log_filters import LogFilter, bloom_of
from ingest.troubles import Kind, Trouble


class _Log(msgspec.Struct, rename="camel"):
    address: str
    topics: list[str]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    transaction_index: str
    log_index: str
    removed: bool = False


class _Header(msgspec.Struct, rename="camel"):
    number: str
    hash: str
    parent_hash: str
    logs_bloom: str
    timestamp: str


class _Receipt(msgspec.Struct, rename="camel"):
    block_hash: str
    transaction_hash: str
    transaction_index: str
    logs: list[msgspec.Raw]


_LOGS = msgspec.json.Decoder(list[msgspec.Raw])
_LOG = msgspec.json.Decoder(_Log)
_HEADER = msgspec.json.Decoder(_Header)
_RECEIPTS = msgspec.json.Decoder(list[_Receipt])


@dataclass(frozen=True)
class LogHeader:
    """What a block's header says that its logs are held against."""

    number: int
    block_hash: str
    parent_hash: str
    bloom: int
    timestamp: str
    """As JSON-RPC writes it."""


@dataclass(frozen=True)
class FoundLog:
    """One log as it came, and what was read of it."""

    index: int
    items: tuple[str, ...]
    """Its address and topics: what it puts into the bloom."""
    rest: tuple[str, str, int]
    """Its data, and hash and place of its transaction."""
    line: bytes

    @property
    def content(self) -> tuple[int, tuple[str, ...], tuple[str, str, int]]:
        """Everything that two answers must agree on."""
        return self.index, self.items, self.rest


def read_header(result: msgspec.Raw | Trouble, number: int) -> LogHeader:
    """The header of the block that was asked for; raises `Trouble` when this is none, or another's."""
    if isinstance(result, Trouble):
        raise result
    if is_null(result):
        raise Trouble(Kind.BEHIND, f"null for block {number}")
    try:
        header = _HEADER.decode(result)
        given, bloom = int(header.number, 16), int(header.logs_bloom, 16)
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise Trouble(Kind.LIE, f"for block {number} something that is no header ({error})") from error
    if given != number:
        raise Trouble(Kind.LIE, f"block {given} where block {number} was asked for")
    return LogHeader(number, header.hash.lower(), header.parent_hash.lower(), bloom, header.timestamp)


def check_links(headers: Sequence[LogHeader]) -> None:
    """Headers of successive blocks must be of one fork; raises `Trouble`."""
    for before, after in pairwise(headers):
        if after.parent_hash != before.block_hash:
            raise Trouble(Kind.LIE, f"block {after.number} has another parent than block {before.number}")


def read_logs(
    result: msgspec.Raw | Trouble, wanted: LogFilter, headers: dict[int, LogHeader]
) -> dict[int, list[FoundLog]]:
    """Logs by block, in order; raises `Trouble` when one is of another block, is not what was asked for, or stands twice."""
    if isinstance(result, Trouble):
        raise result
    found: dict[int, list[FoundLog]] = {}
    try:
        lines = _LOGS.decode(result)
        for line in lines:
            log = _LOG.decode(line)
            number = int(log.block_number, 16)
            _check_log(log, number, wanted, headers)
            found.setdefault(number, []).append(_found(log, line))
    except ValueError as error:
        raise Trouble(Kind.LIE, f"something that is no list of logs ({error})") from error
    for number, logs in found.items():
        logs.sort(key=lambda log: log.index)
        for before, after in pairwise(logs):
            if before.index == after.index:
                raise Trouble(Kind.LIE, f"log {after.index} of block {number} twice")
    if wanted.takes_all:
        for header in headers.values():
            check_whole(found.get(header.number, []), header)
    return found


def doubtful(found: dict[int, list[FoundLog]], wanted: LogFilter, headers: dict[int, LogHeader]) -> list[int]:
    """Blocks to read from their receipts: those that came back with logs, and those that may have some and did not."""
    empty = [number for number, header in headers.items() if number not in found and wanted.may_be_in(header.bloom)]
    return sorted([*found] if wanted.takes_all else [*found, *empty])


def check_same(found: Sequence[FoundLog], receipts: Sequence[FoundLog], number: int) -> None:
    """What an answer has of a block must be what its receipts have, log by log; raises `Trouble`."""
    if len(found) != len(receipts):
        raise Trouble(Kind.LIE, f"{len(found)} logs of block {number}, whose receipts have {len(receipts)}")
    for one, other in zip(found, receipts, strict=True):
        if one.content != other.content:
            raise Trouble(Kind.LIE, f"log {one.index} of block {number} otherwise than its receipts have it")


def read_receipt_logs(result: msgspec.Raw | Trouble, wanted: LogFilter, header: LogHeader) -> list[FoundLog]:
    """The logs that a block's receipts have of what is searched for; raises `Trouble` when they do not give its bloom."""
    if isinstance(result, Trouble):
        raise result
    if is_null(result):
        raise Trouble(Kind.BEHIND, f"null for the receipts of block {header.number}")
    try:
        receipts = _RECEIPTS.decode(result)
        every = []
        for receipt in receipts:
            of_receipt = receipt.transaction_hash.lower(), int(receipt.transaction_index, 16)
            for line in receipt.logs:
                log = _LOG.decode(line)
                one = _found(log, line)
                if one.rest[1:] != of_receipt:
                    raise Trouble(
                        Kind.LIE, f"log {one.index} of block {header.number} in another transaction's receipt"
                    )
                _check_place(log, int(log.block_number, 16), header)
                every.append((log, one))
    except ValueError as error:
        raise Trouble(Kind.LIE, f"for block {header.number} something that is no list of receipts ({error})") from error
    for receipt in receipts:
        if receipt.block_hash.lower() != header.block_hash:
            raise Trouble(Kind.LIE, f"receipts of block hash {receipt.block_hash} for block {header.number}")
    check_whole([found for _, found in every], header)
    return [found for log, found in every if wanted.matches(log.address, log.topics)]


def check_whole(logs: Sequence[FoundLog], header: LogHeader) -> None:
    """All logs of a block are numbered from 0 without gaps and give its bloom; raises `Trouble`."""
    if [log.index for log in logs] != list(range(len(logs))):
        raise Trouble(Kind.LIE, f"logs of block {header.number} that are not numbered without gaps")
    if bloom_of(item for log in logs for item in log.items) != header.bloom:
        raise Trouble(Kind.LIE, f"{len(logs)} logs of block {header.number} that do not give its bloom")


def _check_log(log: _Log, number: int, wanted: LogFilter, headers: dict[int, LogHeader]) -> None:
    header = headers.get(number)
    if header is None:
        raise Trouble(Kind.LIE, f"a log of block {number}, which was not asked for")
    _check_place(log, number, header)
    if not wanted.matches(log.address, log.topics):
        raise Trouble(Kind.LIE, f"log {log.log_index} of block {number}, which was not asked for")


def _check_place(log: _Log, number: int, header: LogHeader) -> None:
    if (number, log.block_hash.lower()) != (header.number, header.block_hash) or log.removed:
        raise Trouble(
            Kind.LIE,
            f"a log of block {number}, hash {log.block_hash}, for block {header.number} with hash {header.block_hash}",
        )


def _found(log: _Log, line: msgspec.Raw) -> FoundLog:
    items = (log.address.lower(), *(topic.lower() for topic in log.topics))
    rest = (log.data.lower(), log.transaction_hash.lower(), int(log.transaction_index, 16))
    return FoundLog(int(log.log_index, 16), items, rest, bytes(line))
