"""Logs without their blocks: what a few contracts emitted, over any number of blocks, in a fraction of the time.

Such a search is sparse, so it moves no watermark: its logs go to `filtered_logs`, and `log_coverage` says which blocks were
searched for what. A range is recorded after its logs, so a search that was interrupted goes on where it stopped. What was not
final when it was searched is searched again the next time.

Filtered logs are held against the receipts and blooms of their blocks, but proven by no root: ingest whole blocks for that.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from chainsight.errors import UsageError
from chainsight.progress import SILENT, Progress
from ingest.log_filters import LogFilter, log_filter
from ingest.log_ranges import LogRanges, LogSpan
from ingest.ranges import outside
from ingest.rpc import RpcSource
from sql.files import load, load_folder
from sql.store import Parameter, Store

_STAGED = ("staged_log_lines", "staged_log_blocks")


@dataclass(frozen=True)
class LogSearchSummary:
    """What one search read and wrote."""

    chain_id: int
    filter: str
    """As `log_coverage` and `filtered_logs` have it."""
    from_block: int
    to_block: int
    blocks: int
    """Blocks searched now; those that were searched before are not."""
    skipped: int
    logs: int
    receipts: int
    """Blocks whose receipts were read: all with such logs, and those whose bloom says that they may have some."""
    seconds: float
    assurance: str = "held against receipts and blooms; not proven by roots"
    """What was done to find out a node that lies, and what was not."""

    def __str__(self) -> str:
        return (
            f"{self.logs:,} logs in {self.blocks:,} blocks of chain {self.chain_id}, {self.skipped:,} blocks were searched "
            f"before; {self.receipts:,} blocks were held against their receipts, none was proven by its roots"
        )


def ingest_logs(
    store: Store,
    source: RpcSource,
    *,
    addresses: Iterable[str] = (),
    topics: Sequence[Sequence[str]] = (),
    first: int | None = None,
    last: int | None = None,
    progress: Progress = SILENT,
) -> LogSearchSummary:
    """Search blocks first … last (default: all) for logs of any of these addresses and with these topics by place.

    Raises `BadAddress` or `UsageError` for a filter or range that cannot be, `NodeRefused` or `NodeLies` as `LogRanges` does;
    what was searched until then stays.
    """
    started = time.monotonic()
    wanted = log_filter(addresses, topics)
    chain_id, reach = source.chain_id(), source.reach()
    first, last = reach.first if first is None else first, reach.head if last is None else last
    if not reach.first <= first <= last <= reach.head:
        raise UsageError(
            f"{source.location} has blocks {reach.first} to {reach.head}, not {first} to {last}.",
            next_step="Ask for a range inside it.",
        )
    for function in load_folder("functions"):
        store.command(function)
    key: dict[str, Parameter] = {"chain_id": chain_id, "filter": wanted.text}
    covered = _final_coverage(store, key)
    # No range is half final: the final half need not be searched again.
    gaps = outside(first, min(last, reach.finalized), covered) + outside(max(first, reach.finalized + 1), last, covered)
    total = sum(end - start + 1 for start, end in gaps)
    blocks = logs = receipts = 0
    for start, end in gaps:
        store.command(load("decode/log_lines_withdrawn"), **key, from_block=start, to_block=end)
        for span in LogRanges(source, wanted).read(start, end):
            finality = "finalized" if span.last <= reach.finalized else "latest"
            _write(store, span, wanted, chain_id=chain_id, location=source.location, finality=finality)
            blocks, logs = blocks + span.last - span.first + 1, logs + len(span.logs)
            receipts += span.receipts
            progress.step(blocks, total, f"block {span.last:,}, {logs:,} logs")
    return LogSearchSummary(
        chain_id=chain_id,
        filter=wanted.text,
        from_block=first,
        to_block=last,
        blocks=blocks,
        skipped=last - first + 1 - total,
        logs=logs,
        receipts=receipts,
        seconds=round(time.monotonic() - started, 2),
    )


def _final_coverage(store: Store, key: dict[str, Parameter]) -> list[tuple[int, int]]:
    """Ranges that need not be searched again; what was found in the others is withdrawn, another block may stand there now."""
    covered = store.query(load("queries/log_coverage"), **key).to_pylist()
    for row in covered:
        if row["finality"] != "finalized":
            bounds = {"from_block": row["from_block"], "to_block": row["to_block"]}
            store.command(load("decode/log_lines_withdrawn"), **key, **bounds)
    store.command(load("decode/log_coverage_withdrawn"), **key)
    return [(row["from_block"], row["to_block"]) for row in covered if row["finality"] == "finalized"]


def _write(store: Store, span: LogSpan, wanted: LogFilter, *, chain_id: int, location: str, finality: str) -> None:
    """The logs of one range, then the row that says that it was searched."""
    key: dict[str, Parameter] = {"chain_id": chain_id, "filter": wanted.text, "version": time.time_ns()}
    if span.logs:
        lines = {
            "staged_log_lines": span.logs,
            "staged_log_blocks": [
                msgspec.json.encode({"hash": block.block_hash, "timestamp": block.timestamp}) for block in span.blocks
            ],
        }
        for table in _STAGED:
            store.command(f"DROP TABLE IF EXISTS {table}")
            store.command(load(f"staging/{table}"))
            store.load(table, b"\n".join(lines[table]))
        store.command(load("decode/log_lines"), **key)
        for table in _STAGED:
            store.command(f"DROP TABLE IF EXISTS {table}")
    store.command(
        load("decode/log_coverage"),
        **key,
        from_block=span.first,
        to_block=span.last,
        to_block_hash=span.last_hash,
        location=location,
        log_count=len(span.logs),
        receipts_count=span.receipts,
        finality=finality,
    )
