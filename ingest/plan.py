"""What an ingest would read, before it reads: the range, the calls, and the rows and bytes that a few of its blocks foretell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import msgspec

from chainsight.errors import SourceError, UsageError
from ingest.ranges import BlockRange
from ingest.source import ChainSource, RawBlock, Reach

_SAMPLED = 5


@dataclass(frozen=True)
class Plan:
    """A range of blocks, and what the sampled ones of it say of the whole."""

    chain_id: int
    source: str
    location: str
    from_block: int
    to_block: int
    blocks: int
    """In the range; those that are stored already will not be read again."""
    sampled: int
    """Blocks that were read for the figures below; these are estimates wherever it is less than `blocks`."""
    calls: int
    """JSON-RPC calls, many of which share a request; 0 for a folder."""
    transactions: int
    logs: int
    traces: int
    bytes: int
    """Of JSON, as it comes from the source."""


class _Any(msgspec.Struct):
    """Any object; it is only counted."""


class _Block(msgspec.Struct):
    transactions: list[_Any]


class _Receipt(msgspec.Struct):
    logs: list[_Any]


class _Receipts(msgspec.Struct):
    receipts: list[_Receipt]


class _Traces(msgspec.Struct):
    traces: list[_Any]


def settled_range(source: ChainSource, reach: Reach, blocks: BlockRange) -> tuple[int, int]:
    """First and last block that a person asked for, as far as the source has them; raises `UsageError`, `SourceError`."""
    first = reach.first if blocks.first is None else blocks.first
    last = reach.head if blocks.last is None else blocks.last
    if first > last:
        raise UsageError(f"The range {first}:{last} is empty.", next_step="Give it as FROM:TO, both in it.")
    if first < reach.first or last > reach.head:
        raise SourceError(
            f"{source.location} has blocks {reach.first} to {reach.head}, not {first} to {last}.",
            next_step="Ask for a range inside it with -b FROM:TO.",
        )
    return first, last


def plan_ingest(source: ChainSource, *, chain_id: int, blocks: BlockRange) -> Plan:
    """Read a few blocks of the range and multiply; raises what reading raises, and `UsageError` for an empty range."""
    first, last = settled_range(source, source.reach(), blocks)
    wanted = last - first + 1
    sample = list(_sample(source, first, last))
    share = wanted / len(sample)
    # A block, its receipts and its traces are a call each.
    calls_a_block = 2 + any(raw.traces_payload for raw in sample) if source.kind == "rpc" else 0
    return Plan(
        chain_id=chain_id,
        source=source.kind,
        location=source.location,
        from_block=first,
        to_block=last,
        blocks=wanted,
        sampled=len(sample),
        calls=wanted * calls_a_block,
        transactions=round(share * sum(_count_transactions(raw) for raw in sample)),
        logs=round(share * sum(_count_logs(raw) for raw in sample)),
        traces=round(share * sum(_count_traces(raw) for raw in sample)),
        bytes=round(share * sum(raw.size for raw in sample)),
    )


def _sample(source: ChainSource, first: int, last: int) -> Iterator[RawBlock]:
    """Blocks spread over the range from a node; from a folder, which is read front to back, the first ones."""
    if source.kind != "rpc" or last - first < _SAMPLED:
        yield from islice(source.read(first, last), _SAMPLED)
        return
    for place in range(_SAMPLED):
        number = first + (last - first) * place // (_SAMPLED - 1)
        yield from source.read(number, number)


def _count_transactions(raw: RawBlock) -> int:
    return len(msgspec.json.decode(raw.payload, type=_Block).transactions)


def _count_logs(raw: RawBlock) -> int:
    if not raw.receipts_payload:
        return 0
    return sum(len(receipt.logs) for receipt in msgspec.json.decode(raw.receipts_payload, type=_Receipts).receipts)


def _count_traces(raw: RawBlock) -> int:
    return len(msgspec.json.decode(raw.traces_payload, type=_Traces).traces) if raw.traces_payload else 0
