"""An Apache Iceberg table: a catalogue says which metadata are in force, and a commit changes that one pointer.

The embedded default is an SQLite catalogue beside the table (`iceberg.sqlite`, namespace `chainsight`); `--catalog URI` names
another one: sqlite:///…, postgresql://… or http(s)://… of a REST catalogue. Columns have field ids, so files are read by id,
and a new column is part of the commit that brings its rows. Files of older snapshots stay for time travel until they expire.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from chainsight.errors import ExportFailed, TargetRefused, UsageError
from sql.export_target import (
    BLOCKS_PER_SLICE,
    SOURCE,
    Change,
    Held,
    PartitionValue,
    StagedFile,
    TargetPlan,
    is_vacant,
    not_ours,
)
from sql.export_types import lake_field

NAMESPACE = "chainsight"
CATALOG_FILE = "iceberg.sqlite"


class IcebergTarget:
    """See `ExportTarget`."""

    def __init__(self, path: Path, catalog: str = "") -> None:
        self.path = path.resolve()
        self._uri = catalog or f"sqlite:///{quote(str(self.path.parent / CATALOG_FILE))}"
        self._is_embedded = not catalog
        self.identifier = (NAMESPACE, re.sub(r"\W+", "_", path.name.removesuffix(".iceberg")) or "export")
        self._opened: Any = None
        self._transaction: Any = None
        self._plan: TargetPlan | None = None

    def column(self, field: pa.Field) -> pa.Field:
        """See `ExportTarget.column`."""
        return lake_field(field)

    def held(self) -> Held | None:
        """See `ExportTarget.held`."""
        table = self._table()
        if table is None:
            return None
        tasks = list(table.scan().plan_files())
        if any(task.delete_files for task in tasks):
            raise TargetRefused(
                f"Another tool has deleted rows of {self.path}.", next_step="Export to a new folder with --out."
            )
        names = {field.source_id: table.schema().find_column_name(field.source_id) for field in table.spec().fields}
        return Held(
            source=table.properties[SOURCE],
            schema=table.schema().as_arrow(),
            partition_by=tuple(str(names[field.source_id]) for field in table.spec().fields),
            blocks_per_slice=int(table.properties[BLOCKS_PER_SLICE]),
            files=tuple(task.file.file_path for task in tasks),
        )

    def begin(self, plan: TargetPlan) -> pa.Schema:
        """See `ExportTarget.begin`; the schema carries the field ids of the table that is to be."""
        from pyiceberg.io.pyarrow import schema_to_pyarrow

        self._plan = plan
        table = self._table()
        self._transaction = table.transaction() if table is not None else self._created(plan)
        if table is not None:
            with self._transaction.update_schema() as update:
                update.union_by_name(plan.schema.remove_metadata())
        fields = schema_to_pyarrow(self._transaction.table_metadata.schema(), include_field_ids=True)
        return fields.with_metadata(plan.schema.metadata)

    def commit(self, change: Change) -> None:
        """See `ExportTarget.commit`."""
        from pyiceberg.exceptions import CommitFailedException

        assert self._plan is not None, "begin comes first"
        (self.path / "data").mkdir(parents=True, exist_ok=True)
        properties = self._plan.properties
        self._transaction.set_properties(properties)
        gone = set(change.removed)
        table = self._table()
        old = [task.file for task in table.scan().plan_files() if task.file.file_path in gone] if table and gone else []
        if change.added or old:
            with self._transaction.update_snapshot(snapshot_properties=properties).overwrite() as snapshot:
                for number, staged in enumerate(change.added):
                    snapshot.append_data_file(self._added(staged, number))
                for file in old:
                    snapshot.delete_data_file(file)
        try:
            self._transaction.commit_transaction()
        except CommitFailedException as error:
            raise ExportFailed(
                f"{self.path} was changed by another process meanwhile.", next_step="Give the same command again."
            ) from error

    def files(self) -> list[Path]:
        """See `ExportTarget.files`."""
        held = self.held()
        return [Path(name.removeprefix("file://")) for name in held.files] if held else []

    def metadata_file(self) -> str:
        """Address of the metadata in force, for engines that are given a file instead of a catalogue; empty without a table."""
        table = self._table()
        return str(table.metadata_location) if table is not None else ""

    def _table(self) -> Any:
        """The table in the catalogue; None where there is none and its place is free."""
        from pyiceberg.exceptions import NoSuchTableError

        if self._is_embedded and is_vacant(self.path) and not (self.path.parent / CATALOG_FILE).exists():
            return None
        try:
            table = self._catalog().load_table(self.identifier)
        except NoSuchTableError as error:
            if not is_vacant(self.path) and any(self.path.glob("metadata/*.metadata.json")):
                what = "an Iceberg table that this catalogue does not know: of another one, or of an export killed as it began"
                raise not_ours(self.path, what) from error
            if not is_vacant(self.path) and not _is_begun(self.path):
                raise not_ours(self.path, "files that are no Iceberg table") from error
            return None
        name = ".".join(self.identifier)
        if table.location().removeprefix("file://") != str(self.path):
            raise TargetRefused(
                f"The catalogue has a table {name} in another place, {table.location()}.",
                next_step="Name a folder of another name with --out: the table takes its name.",
            )
        if SOURCE not in table.properties:
            raise not_ours(self.path, "an Iceberg table that another tool made")
        return table

    def _catalog(self) -> Any:
        from pyiceberg.catalog import load_catalog

        if self._opened is not None:
            return self._opened
        if self._is_embedded:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._opened = load_catalog(NAMESPACE, uri=self._uri, warehouse=f"file://{self.path.parent}")
        except Exception as error:  # whatever driver the URI brings has errors of its own
            said = re.sub(r"://[^@/\s]*@", "://…@", f"{self._uri} cannot be opened: {error}")
            raise UsageError(
                f"The Iceberg catalogue {' '.join(said.split())[:300]}",
                next_step="Give --catalog as sqlite:////absolute/file, postgresql://… or http(s)://…; without it an "
                f"SQLite file {CATALOG_FILE} beside the table is used.",
            ) from error
        return self._opened

    def _created(self, plan: TargetPlan) -> Any:
        """A transaction that will create the table; nothing is in the catalogue before it is committed."""
        catalog = self._catalog()
        catalog.create_namespace_if_not_exists(NAMESPACE)
        properties = {**plan.properties, "comment": plan.description}
        transaction = catalog.create_table_transaction(
            self.identifier, plan.schema.remove_metadata(), location=f"file://{self.path}", properties=properties
        )
        if plan.partition_by:
            with transaction.update_spec() as spec:
                for name in plan.partition_by:
                    spec.add_identity(name)
        return transaction

    def _added(self, staged: StagedFile, number: int) -> Any:
        from pyiceberg.io.pyarrow import (
            compute_statistics_plan,
            data_file_statistics_from_parquet_metadata,
            parquet_path_to_id_mapping,
        )
        from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
        from pyiceberg.typedef import Record

        path = self.path / "data" / staged.final_name(number)
        os.rename(staged.path, path)
        table = self._transaction.table_metadata
        statistics = data_file_statistics_from_parquet_metadata(
            parquet_metadata=pq.read_metadata(path),
            stats_columns=compute_statistics_plan(table.schema(), table.properties),
            parquet_column_mapping=parquet_path_to_id_mapping(table.schema()),
        )
        return DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=f"file://{path}",
            file_format=FileFormat.PARQUET,
            partition=Record(*map(_stored, staged.partition)),
            file_size_in_bytes=path.stat().st_size,
            sort_order_id=None,
            spec_id=table.default_spec_id,
            equality_ids=None,
            key_metadata=None,
            **statistics.to_serialized_dict(),
        )


def _stored(value: PartitionValue) -> Any:
    """A partition value as Iceberg's manifests have it: dates as days since 1970."""
    from pyiceberg.utils.datetime import date_to_days

    return date_to_days(value) if isinstance(value, dt.date) else value


def _is_begun(path: Path) -> bool:
    """Whether a folder holds only what a commit of ours leaves when it is killed before the catalogue knows of it."""
    return all(
        file.relative_to(path).match("data/part-*.parquet") or file.relative_to(path).match("metadata/*.avro")
        for file in path.rglob("*")
        if not file.is_dir()
    )
