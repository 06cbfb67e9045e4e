"""Which slices a source has, what state each is in, and which of them are new: nothing is read twice for being unsure.

A slice's fingerprint is two sums of 64-bit hashes over its rows: of key and version for tables whose rows have versions, of all
columns for anything else. A withdrawn block takes its rows out of the sums, a rewritten one changes them, whatever the clock
said when that was done; so the slices to write anew follow from the state of the store alone, not from a log of changes. The
fingerprints are read before the rows: should rows change in between, the next export sees another fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import pyarrow as pa

from chainsight.errors import UsageError
from sql.export_source import ExportSource
from sql.export_target import Slice
from sql.export_types import quoted
from sql.store import Store
from sql.streaming import streaming

ROWS_PER_READ = 500_000
"""About as many rows are asked for, sorted and held by the engine at a time."""
MOST_SLICES = 10_000
_ROWS_PER_SLICE = 1_000_000
_BLOCK_STEPS = (10_000_000, 1_000_000, 100_000, 10_000, 1_000)


@dataclass(frozen=True)
class Lump:
    """Slices that are read with one SELECT."""

    where: str
    order_by: str
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Difference:
    """What makes the slices of a target those of the source."""

    written: tuple[Slice, ...]
    gone: tuple[str, ...]
    """Ids of slices whose files go: those that are written anew and those that are no more."""
    kept: int


def choose_blocks_per_slice(store: Store, source: ExportSource) -> int:
    """How many blocks make a slice, a power of ten: about a million rows at the source's density; 0 without blocks."""
    if not source.is_by_block:
        return 0
    found = store.query(
        "SELECT count() AS n, max(block_number) - min(block_number) + 1 AS blocks, uniqExact(chain_id) AS chains"
        f" FROM ({source.question}\n)",
        **source.parameters,
    ).to_pylist()[0]
    density = found["n"] / max(1, found["blocks"] * found["chains"])
    return next((step for step in _BLOCK_STEPS if step * density <= _ROWS_PER_SLICE), _BLOCK_STEPS[-1])


def read_slices(store: Store, source: ExportSource, blocks_per_slice: int) -> list[Slice]:
    """All slices in the order of chains and blocks. Raises `UsageError` for more partitions than files should be."""
    with streaming(store) as stream:
        rows = [
            row
            for batch in stream.batches(_slices_sql(source, blocks_per_slice), **source.parameters)
            for row in batch.to_pylist()
        ]
    if len(rows) > MOST_SLICES:
        raise UsageError(
            f"Partitioned by {', '.join(source.partition_by)} these rows make more than {MOST_SLICES:,} parts.",
            next_step="Partition by something coarser, such as chain_id or toStartOfMonth(block_timestamp) AS month.",
        )
    return [
        Slice(
            slice_id=row["_slice_id"], fingerprint=row["_fingerprint"], rows=row["_rows"],
            partition=tuple(row["_partition"]), chain_id=row["_chain"], bucket=row["_bucket"],
        )
        for row in rows
    ]  # fmt: skip


def differences(slices: Sequence[Slice], held: Mapping[str, str]) -> Difference:
    """What to write and what to take away, given slice → fingerprint of what the target holds.

    >>> same, changed, fresh = (Slice(name * 32, "1" * 32, 5, (), 1, 0) for name in "abc")
    >>> found = differences([same, changed, fresh], {"a" * 32: "1" * 32, "b" * 32: "0" * 32, "d" * 32: "1" * 32})
    >>> found.written == (changed, fresh), found.gone == ("b" * 32, "d" * 32), found.kept
    (True, True, 1)
    """
    written = tuple(part for part in slices if held.get(part.slice_id) != part.fingerprint)
    current = {part.slice_id for part in slices}
    gone = {part.slice_id for part in written if part.slice_id in held} | (held.keys() - current)
    return Difference(written=written, gone=tuple(sorted(gone)), kept=len(slices) - len(written))


def lumps(source: ExportSource, slices: Sequence[Slice], blocks_per_slice: int) -> Iterator[Lump]:
    """Slices gathered so that each read is of about `ROWS_PER_READ` rows; those without blocks are one read."""
    shown = {column.name: column.shown for column in source.columns}
    order = [shown[name] for name in source.partition_by] + [quoted(name) for name in source.key]
    order_by = ", ".join(order if source.is_by_block or source.partition_by else ())
    if not source.is_by_block:
        if slices:
            yield Lump("", order_by, tuple(slices))
        return
    for chain_id, of_chain in groupby(slices, key=lambda part: part.chain_id):
        gathered: list[Slice] = []
        for _, of_bucket in groupby(of_chain, key=lambda part: part.bucket):
            more = list(of_bucket)
            if gathered and _rows(gathered) + _rows(more) > ROWS_PER_READ:
                yield _lump(chain_id, gathered, order_by, blocks_per_slice)
                gathered = []
            gathered += more
        yield _lump(chain_id, gathered, order_by, blocks_per_slice)


def _lump(chain_id: int, slices: list[Slice], order_by: str, step: int) -> Lump:
    buckets = sorted({part.bucket for part in slices})
    first, last = buckets[0] * step, (buckets[-1] + 1) * step - 1
    where = f"chain_id = {chain_id} AND block_number BETWEEN {first} AND {last}"
    if len(buckets) <= buckets[-1] - buckets[0]:
        where += f" AND intDiv(block_number, {step}) IN ({', '.join(map(str, buckets))})"
    return Lump(where, order_by, tuple(slices))


def _rows(slices: Sequence[Slice]) -> int:
    return sum(part.rows for part in slices)


def _slices_sql(source: ExportSource, step: int) -> str:
    shown = {column.name: column.shown for column in source.columns}
    texts = ", ".join(f"toString({shown[name]})" for name in source.partition_by)
    chain, bucket = ("chain_id", f"intDiv(block_number, {step})") if source.is_by_block else ("0", "0")
    hashed = [quoted(name) for name in (*source.key, "version")] if source.key else list(shown.values())
    # The hash of a tuple that holds a NULL is one; that of the values themselves would be NULL, and no part of the sum.
    row = f"tuple({', '.join(hashed)})"
    sums = ", ".join(f"leftPad(hex(sum({name}({row}))), 16, '0')" for name in ("cityHash64", "sipHash64"))
    return (
        f"SELECT lower(hex(sipHash128(toJSONString(([{texts}]::Array(Nullable(String)), {step}, _chain, _bucket)))))"
        f" AS _slice_id, lower(concat({sums})) AS _fingerprint, count() AS _rows,"
        f" [{texts}]::Array(Nullable(String)) AS _partition, toUInt64({chain}) AS _chain, toUInt64({bucket}) AS _bucket"
        f" FROM ({source.question}\n) GROUP BY {', '.join(['_partition', '_chain', '_bucket'])}"
        f" HAVING _rows > 0 ORDER BY _chain, _bucket, _partition LIMIT {MOST_SLICES + 1}"
    )


def partition_fields(source: ExportSource, schema: pa.Schema) -> list[pa.Field]:
    """The fields to partition by. Raises `UsageError` for types that make no names of parts."""
    fields = [schema.field(name) for name in source.partition_by]
    for field in fields:
        kind = field.type
        if not (
            pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_date(kind)
        ):
            raise UsageError(
                f"Rows cannot be partitioned by {field.name}, which is {kind}.",
                next_step="Partition by integers, text, dates or booleans: 'toDate(block_timestamp) AS day'.",
            )
    return fields
