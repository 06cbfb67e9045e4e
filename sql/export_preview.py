"""What an export would do, found out without writing anything: the answer to `--dry-run`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sql.export_source import ExportSource
from sql.export_staging import fitted
from sql.export_table import TableWork, plan_table
from sql.export_target import ExportTarget, Slice
from sql.store import Store
from sql.streaming import streaming

_SAMPLE_ROWS = 50_000
_MOST_PARTS = 20


def preview_file(store: Store, source: ExportSource, path: Path, form: str) -> Mapping[str, object]:
    """For one file: its rows, about how many bytes as Parquet, and whether one is replaced."""
    rows = count_rows(store, source)
    return {
        "path": str(path),
        "format": form,
        "rows": rows,
        "bytes_as_parquet": round(rows * bytes_per_row(store, source)),
        "replaces_a_file": path.exists(),
    }


def preview_table(
    store: Store, source: ExportSource, target: ExportTarget, *, form: str, incremental: bool
) -> Mapping[str, object]:
    """For a folder of slices: what would be written, kept, replaced and removed; `parts` names at most 20 of them."""
    work = plan_table(store, source, target, incremental=incremental)
    held = work.held.states() if work.held is not None and incremental else {}
    written = work.difference.written
    to_write = sum(part.rows for part in written)
    return {
        "path": str(target.path),
        "format": form,
        "rows": sum(part.rows for part in work.slices),
        "rows_to_write": to_write,
        "bytes_to_write": round(to_write * bytes_per_row(store, source)) if to_write else 0,
        "slices": len(work.slices),
        "slices_new": sum(part.slice_id not in held for part in written),
        "slices_replaced": sum(part.slice_id in held for part in written),
        "slices_removed": len(held.keys() - {part.slice_id for part in work.slices}),
        "slices_kept": work.difference.kept,
        "files_removed": len(work.removed),
        "new_columns": list(work.new_columns),
        "parts": [_told(part, work, replaced=part.slice_id in held) for part in written[:_MOST_PARTS]],
    }


def _told(part: Slice, work: TableWork, *, replaced: bool) -> str:
    """`chain_id=1, blocks 0–999,999: 5,000 rows, replaced`."""
    words = [f"{name}={value}" for name, value in zip(work.plan.partition_by, part.partition, strict=True)]
    if step := work.plan.blocks_per_slice:
        chain = [] if "chain_id" in work.plan.partition_by else [f"chain {part.chain_id}"]
        words += [*chain, f"blocks {part.bucket * step:,}–{(part.bucket + 1) * step - 1:,}"]
    return f"{', '.join(words) or 'all rows'}: {part.rows:,} rows, {'replaced' if replaced else 'new'}"


def count_rows(store: Store, source: ExportSource) -> int:
    """Rows of a source, asked in a session that only reads."""
    with streaming(store) as stream:
        counted = list(stream.batches(f"SELECT count() AS n FROM ({source.question}\n)", **source.parameters))
    return sum(sum(batch.column("n").to_pylist()) for batch in counted)


def bytes_per_row(store: Store, source: ExportSource) -> float:
    """Bytes of a row as Parquet with zstd, measured on the first 50,000 rows; 0 without any."""
    with streaming(store) as stream:
        rows = list(stream.batches(source.readable(limit=_SAMPLE_ROWS), **source.parameters))
    table = pa.Table.from_batches([fitted(batch, source.schema) for batch in rows], source.schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().size / table.num_rows if table.num_rows else 0.0
