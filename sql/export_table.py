"""Export into a folder of slices: find out what differs, write that beside the target, make it visible at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from chainsight.errors import ExportFailed, TargetRefused
from chainsight.progress import Progress
from sql.export_delta import DeltaTarget
from sql.export_files import writing
from sql.export_iceberg import IcebergTarget
from sql.export_pace import Pace
from sql.export_parquet import ParquetTarget
from sql.export_slices import Difference, choose_blocks_per_slice, differences, lumps, partition_fields, read_slices
from sql.export_source import ExportSource
from sql.export_staging import Staging, staging_beside
from sql.export_target import Change, ExportTarget, Held, Slice, StagedFile, TargetPlan
from sql.export_types import same_type
from sql.store import Store
from sql.streaming import streaming

FOLDERS: Mapping[str, Callable[[Path, str], ExportTarget]] = {
    "parquet": lambda path, _: ParquetTarget(path),
    "delta": lambda path, _: DeltaTarget(path),
    "iceberg": IcebergTarget,
}


@dataclass(frozen=True)
class ExportSummary:
    """What was exported."""

    path: Path
    rows: int
    """Rows of the file or table as it is now."""
    size: int
    """Bytes of its files as they are now."""
    form: str
    rows_written: int = 0
    """Rows that this export wrote; fewer than `rows` when it was incremental."""
    slices_kept: int = 0
    """Slices that were as they are in the store, and were left alone."""
    slices_replaced: int = 0
    slices_removed: int = 0
    """Slices whose rows are no longer in the store."""
    new_columns: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class TableWork:
    """What an export of a table has to do."""

    plan: TargetPlan
    held: Held | None
    slices: tuple[Slice, ...]
    difference: Difference
    removed: tuple[str, ...]
    """Files of the target that go."""

    @property
    def new_columns(self) -> tuple[str, ...]:
        """Columns that the target does not have yet."""
        return tuple(name for name in self.plan.schema.names if self.held and name not in self.held.schema.names)


def folder_target(source: ExportSource, form: str, path: Path | None, catalog: str) -> ExportTarget:
    """The target for a source; its folder is called after the source unless `path` says otherwise.

    Raises `TargetRefused` for a link to nothing; any other link is followed, so that what it leads to is replaced, not the link.
    """
    place = path or Path(f"{source.name}.{form}")
    if place.is_symlink() and not place.exists():
        raise TargetRefused(f"{place} is a link to nothing.", next_step="Name another folder with --out.")
    return FOLDERS[form](place.resolve(), catalog)


def plan_table(store: Store, source: ExportSource, target: ExportTarget, *, incremental: bool) -> TableWork:
    """Compare the store with the target; nothing is written.

    Raises `TargetRefused` where the target is not ours, of another source, or has columns that the source has not.
    """
    with writing(target.path):
        held = target.held()
    schema = pa.schema([target.column(part) for part in source.schema], source.schema.metadata)
    partition_fields(source, schema)
    if held is not None:
        _require_same(source, held, target.path)
        schema = _evolved(schema, held, target.path)
    step = held.blocks_per_slice if held is not None else choose_blocks_per_slice(store, source)
    slices = read_slices(store, source, step)
    difference = differences(slices, held.states() if held is not None and incremental else {})
    return TableWork(
        plan=TargetPlan(schema, source.partition_by, step, source.name, source.description),
        held=held,
        slices=tuple(slices),
        difference=difference,
        removed=_files_that_go(held, difference, incremental=incremental),
    )


def export_table(
    store: Store, source: ExportSource, target: ExportTarget, *, form: str, incremental: bool, progress: Progress
) -> ExportSummary:
    """Bring the target to the state of the store; see `export`."""
    work = plan_table(store, source, target, incremental=incremental)
    rows = sum(part.rows for part in work.slices)
    if not (work.held and incremental) or work.difference.written or work.removed or work.new_columns:
        _write_and_commit(store, source, target, work, progress)
    states = work.held.states() if work.held and incremental else {}
    written = {part.slice_id for part in work.difference.written}
    return ExportSummary(
        path=target.path,
        rows=rows,
        size=sum(path.stat().st_size for path in target.files()),
        form=form,
        rows_written=sum(part.rows for part in work.difference.written),
        slices_kept=work.difference.kept,
        slices_replaced=len(written & states.keys()),
        slices_removed=len(states.keys() - {part.slice_id for part in work.slices}),
        new_columns=work.new_columns,
    )


def _write_and_commit(
    store: Store, source: ExportSource, target: ExportTarget, work: TableWork, progress: Progress
) -> None:
    todo = sum(part.rows for part in work.difference.written)
    progress.note(f"{todo:,} of {sum(part.rows for part in work.slices):,} rows to {target.path}")
    with writing(target.path):
        schema = target.begin(work.plan)
        with staging_beside(target.path, schema) as folder:
            staging = Staging(folder, schema, partition_fields(source, work.plan.schema), work.plan.blocks_per_slice)
            added = _stage(store, source, work, staging, Pace(progress, todo))
            _require_whole(store, source, work, staging, added)
            target.commit(Change(added=tuple(added), removed=work.removed))


def _stage(store: Store, source: ExportSource, work: TableWork, staging: Staging, pace: Pace) -> list[StagedFile]:
    """Write every slice that is not finished yet; returns the files of all."""
    waiting = []
    for part in work.difference.written:
        if staging.finished(part) is None:
            waiting.append(part)
        else:
            pace.went_on(part.rows, 0)
    with streaming(store) as stream:
        for lump in lumps(source, waiting, work.plan.blocks_per_slice):
            question = source.readable(where=lump.where, order_by=lump.order_by)
            for written in staging.write(lump.slices, stream.batches(question, **source.parameters)):
                pace.went_on(written, staging.bytes)
    return [file for part in work.difference.written for file in staging.finished(part) or ()]


def _require_whole(
    store: Store, source: ExportSource, work: TableWork, staging: Staging, added: Sequence[StagedFile]
) -> None:
    """Raises `ExportFailed` where a slice has other rows in its files than in a store in which it has not changed."""
    staged = Counter[str]()
    for file in added:
        staged[file.of.slice_id] += file.rows
    differing = [part for part in work.difference.written if staged[part.slice_id] != part.rows]
    if not differing:
        return
    now = {part.slice_id: part.fingerprint for part in read_slices(store, source, work.plan.blocks_per_slice)}
    for part in differing:
        if now.get(part.slice_id) == part.fingerprint:
            staging.forget(part)
            raise ExportFailed(
                f"The rows of one part of {source.asked[:80]!r} were counted as {part.rows:,} and written as "
                f"{staged[part.slice_id]:,}, so nothing was changed.",
                next_step="Give the same command again, and report it if that fails too.",
            )


def _files_that_go(held: Held | None, difference: Difference, *, incremental: bool) -> tuple[str, ...]:
    if held is None:
        return ()
    if not incremental:
        return held.files
    gone = set(difference.gone)
    return tuple(name for name in held.files if Path(name).name.split("-")[1] in gone)


def _require_same(source: ExportSource, held: Held, path: Path) -> None:
    if held.source != source.asked:
        raise TargetRefused(
            f"{path} holds the rows of {held.source[:80]!r}, not of {source.asked[:80]!r}.",
            next_step="Name another folder with --out.",
        )
    if held.partition_by != source.partition_by:
        had = ", ".join(held.partition_by) or "nothing"
        raise TargetRefused(
            f"{path} is partitioned by {had}, not by {', '.join(source.partition_by) or 'nothing'}.",
            next_step="Give --partition-by as at first, or another folder with --out.",
        )


def _evolved(schema: pa.Schema, held: Held, path: Path) -> pa.Schema:
    """The target's columns in its order, new ones behind them. Raises `TargetRefused` for removed and retyped ones."""
    missing = [name for name in held.schema.names if name not in schema.names]
    if missing:
        raise TargetRefused(
            f"The source has no column {', '.join(missing)} any more, and {path} has.",
            next_step="Its readers may count on it: export to a new folder with --out, or a SELECT that gives the column.",
        )
    for old in held.schema:
        if not same_type(old.type, schema.field(old.name).type):
            raise TargetRefused(
                f"The column {old.name} of {path} is {old.type}, the source's is {schema.field(old.name).type} now.",
                next_step="Readers cannot have both: export to a new folder with --out, or a SELECT that casts it back.",
            )
    names = [*held.schema.names, *(name for name in schema.names if name not in held.schema.names)]
    return pa.schema([schema.field(name) for name in names], schema.metadata)
