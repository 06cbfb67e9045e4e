"""Tables and answers as files for other tools: written whole or not at all.

One file of Parquet, Arrow or CSV, or a table of a lakehouse: a Parquet folder, Delta or Iceberg, in slices that later exports
replace one by one (`sql/export_target.py`). What a column looks like is told in `sql/export_types.py`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from chainsight.errors import TargetRefused, UnknownName, UsageError
from chainsight.progress import SILENT, Progress
from sql.export_files import ArrowFile, CsvFile, ParquetFile, RowFile, csv_schema, writing
from sql.export_pace import Pace
from sql.export_parquet import MANIFEST
from sql.export_preview import count_rows, preview_file, preview_table
from sql.export_source import ExportSource, exportable, read_source
from sql.export_staging import claimed, fitted
from sql.export_table import FOLDERS, ExportSummary, export_table, folder_target
from sql.export_target import SOURCE
from sql.store import Parameter, Store
from sql.streaming import streaming

FILES: Mapping[str, Callable[[Path, pa.Schema], RowFile]] = {
    "parquet": ParquetFile,
    "csv": CsvFile,
    "arrow": ArrowFile,
}
FORMATS = tuple(dict.fromkeys((*FILES, *FOLDERS)))

__all__ = ["FORMATS", "ExportRequest", "ExportSummary", "export", "exportable"]


@dataclass(frozen=True)
class ExportRequest:
    """What is to be exported, and how."""

    source: str
    form: str = "parquet"
    path: Path | None = None
    partition_by: str = ""
    incremental: bool = False
    catalog: str = ""
    parameters: Mapping[str, Parameter] | None = None

    @property
    def is_folder(self) -> bool:
        """Whether the target is a folder of slices; Parquet is one only when it has to be, or is one already."""
        if self.form == "parquet" and not self.partition_by and not self.incremental:
            return self.path is not None and (self.path / MANIFEST).exists()
        return self.form in FOLDERS

    def checked(self) -> ExportRequest:
        """Itself; raises `UnknownName` for the format and `UsageError` for what does not go together."""
        if self.form not in FORMATS:
            raise UnknownName("export format", self.form, FORMATS)
        if self.form not in FOLDERS and (self.partition_by or self.incremental):
            raise UsageError(
                f"A {self.form} file is one file: it has no partitions and is always written whole.",
                next_step=f"Choose --format {', '.join(FOLDERS)}.",
            )
        if self.catalog and self.form != "iceberg":
            raise UsageError("--catalog is for Iceberg.", next_step="Add --format iceberg, or leave it out.")
        return self


def export(
    store: Store,
    source: str,
    *,
    form: str = "parquet",
    path: Path | None = None,
    partition_by: str = "",
    incremental: bool = False,
    catalog: str = "",
    parameters: Mapping[str, Parameter] | None = None,
    progress: Progress = SILENT,
) -> ExportSummary:
    """Write a table, a view, a question of the library or one SELECT; `path` defaults to <name>.<form> here.

    Raises `UnknownName` for a table, column or format that does not exist (near ones are suggested), `UsageError` for SQL that
    is not one SELECT, `TargetRefused` where something else is in the place, `TargetFull` when the disk is.
    """
    asked = ExportRequest(source, form, path, partition_by, incremental, catalog, parameters).checked()
    found = read_source(store, source, partition_by=partition_by, parameters=parameters)
    if asked.is_folder:
        target = folder_target(found, form, path, catalog)
        return export_table(store, found, target, form=form, incremental=incremental, progress=progress)
    return _export_file(store, found, form, _file_path(found, form, path), progress)


def preview(store: Store, asked: ExportRequest) -> Mapping[str, object]:
    """What `export` would do: rows, bytes, partitions, what would be replaced. Nothing is written."""
    asked.checked()
    found = read_source(store, asked.source, partition_by=asked.partition_by, parameters=asked.parameters)
    if asked.is_folder:
        target = folder_target(found, asked.form, asked.path, asked.catalog)
        return preview_table(store, found, target, form=asked.form, incremental=asked.incremental)
    path = _file_path(found, asked.form, asked.path)
    _require_ours(path, asked.form, found)
    return preview_file(store, found, path, asked.form)


def _file_path(source: ExportSource, form: str, path: Path | None) -> Path:
    target = path or Path(f"{source.name}.{form}")
    return target / f"{source.name}.{form}" if target.is_dir() else target


def _export_file(store: Store, source: ExportSource, form: str, path: Path, progress: Progress) -> ExportSummary:
    _require_ours(path, form, source)
    rows = count_rows(store, source)
    progress.note(f"{rows:,} rows to {path}")
    with writing(path), claimed(path) as home:
        begun = home / "rows"
        try:
            size, written = _write_file(store, source, FILES[form], begun, Pace(progress, rows))
            os.replace(begun, path)
        except BaseException:
            shutil.rmtree(home)
            raise
    return ExportSummary(path=path, rows=written, size=size, form=form, rows_written=written)


def _write_file(
    store: Store, source: ExportSource, begin: Callable[[Path, pa.Schema], RowFile], path: Path, pace: Pace
) -> tuple[int, int]:
    schema, written = source.schema, 0
    file = begin(path, schema)
    try:
        with streaming(store) as stream:
            for batch in stream.batches(source.readable(), **source.parameters):
                file.write(fitted(batch, schema))
                written += batch.num_rows
                pace.went_on(batch.num_rows, path.stat().st_size)
    except BaseException:
        file.abandon()
        raise
    return file.close(), written


def _require_ours(path: Path, form: str, source: ExportSource) -> None:
    """A file that is there is replaced only if an export wrote it; an empty one says nothing."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return
    if not path.is_file() or not _is_ours(path, form, source):
        raise TargetRefused(
            f"{path} is there already and was not written by an export of {'these columns' if form == 'csv' else 'chainsight'}.",
            next_step="Name another file with --out, or remove that one yourself.",
        )


def _is_ours(path: Path, form: str, source: ExportSource) -> bool:
    try:
        if form == "csv":
            header = ",".join(f'"{name}"' for name in csv_schema(source.schema).names)
            with path.open("rb") as file:
                return file.readline().decode(errors="replace").rstrip("\n") == header
        schema = pq.read_schema(path) if form == "parquet" else pa.ipc.open_file(str(path)).schema
    except (pa.ArrowException, OSError):
        return False
    return SOURCE.encode() in (schema.metadata or {})
