"""Which blocks of a chain the store holds, from where, and what of them was proven."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.ranges import BlockRange
from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class Batch:
    """One committed batch."""

    from_block: int
    to_block: int
    source: str
    location: str
    blocks: int
    transactions: int
    logs: int
    traces: int
    transfers: int
    proofs: str
    """What was recomputed and agreed, comma-separated; empty for tables, which carry nothing to recompute."""
    ingested_at: dt.datetime


@dataclass(frozen=True)
class Audit:
    """A chain's committed batches in order of their blocks, and the blocks missing between them."""

    chain_id: int
    batches: tuple[Batch, ...]
    gaps: tuple[BlockRange, ...]
    events: dict[str, int]
    """Logs by kind of transfer event; an ERC-1155 batch counts once. Empty for tables, which have no logs."""


def audit_chain(store: Store, *, chain_id: int) -> Audit:
    """Read the record of what was ingested."""
    found = store.query(load("queries/audit"), chain_id=chain_id).to_pylist()
    batches = tuple(Batch(**row) for row in found)
    head = max((batch.to_block for batch in batches), default=0)
    counted = store.query(load("queries/event_counts"), chain_id=chain_id, from_block=0, to_block=head).to_pylist()
    return Audit(
        chain_id=chain_id,
        batches=batches,
        gaps=tuple(find_gaps((batch.from_block, batch.to_block) for batch in batches)),
        events={row["event"]: row["events"] for row in counted},
    )


def find_gaps(spans: Iterable[tuple[int, int]]) -> list[BlockRange]:
    """Blocks between the spans that none of them covers.

    >>> find_gaps([(7, 9), (1, 3), (2, 4)])
    [BlockRange(first=5, last=6)]
    """
    gaps: list[BlockRange] = []
    covered: int | None = None
    for first, last in sorted(spans):
        if covered is not None and first > covered + 1:
            gaps.append(BlockRange(covered + 1, first - 1))
        covered = last if covered is None else max(covered, last)
    return gaps
