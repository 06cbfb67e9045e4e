"""A Delta Lake table: files are added and removed by one numbered entry of its log.

The first entry and the first rows appear together, because a new table is built beside its place and moved there. A new column
costs an entry of its own, just before its rows: a reader in between sees the old rows with that column empty. Files of older
versions stay for time travel until VACUUM takes them (seven days by default).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chainsight.errors import TargetRefused, UsageError
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

_DECODED = re.compile("%[0-9A-Fa-f]{2}")
_NOT_IN_NAMES = frozenset(" ,;{}()\n\t=")
"""What Delta's readers refuse in the name of a column (tables without column mapping)."""


class DeltaTarget:
    """See `ExportTarget`."""

    def __init__(self, path: Path) -> None:
        """Raises `UsageError` for a path that the library would decode into another one."""
        self.path = path.resolve()
        """The library's paths are addresses: percent-encoded, and of what a link leads to."""
        if found := _DECODED.search(str(self.path)):
            raise UsageError(
                f"A Delta table cannot lie in {self.path}: {found[0]} in its path would be read as another sign.",
                next_step="Name another folder with --out, or export to Parquet or Iceberg.",
            )
        self._plan: TargetPlan | None = None

    def column(self, field: pa.Field) -> pa.Field:
        """See `ExportTarget.column`. Raises `UsageError` for a name that Delta does not allow."""
        if _NOT_IN_NAMES & set(field.name):
            raise UsageError(
                f"A column of a Delta table cannot be called {field.name!r}.", next_step="Give it a name with AS."
            )
        return lake_field(field)

    def held(self) -> Held | None:
        """See `ExportTarget.held`."""
        from deltalake import DeltaTable

        if is_vacant(self.path):
            return None
        if not DeltaTable.is_deltatable(self.path.as_uri()):
            raise not_ours(self.path, "files that are no Delta table")
        table = DeltaTable(self.path.as_uri())
        about = table.metadata()
        if SOURCE not in about.configuration:
            raise not_ours(self.path, "a Delta table that another tool made")
        if any(batch.num_rows for batch in table.deletion_vectors()):
            raise TargetRefused(
                f"Another tool has deleted rows of {self.path}.", next_step="Export to a new folder with --out."
            )
        return Held(
            source=about.configuration[SOURCE],
            schema=pa.schema(table.schema().to_arrow()),
            partition_by=tuple(about.partition_columns),
            blocks_per_slice=int(about.configuration[BLOCKS_PER_SLICE]),
            files=tuple(pa.table(table.get_add_actions())["path"].to_pylist()),
        )

    def begin(self, plan: TargetPlan) -> pa.Schema:
        """See `ExportTarget.begin`; values to partition by stand in the log, not in the files."""
        self._plan = plan
        return pa.schema([field for field in plan.schema if field.name not in plan.partition_by], plan.schema.metadata)

    def commit(self, change: Change) -> None:
        """See `ExportTarget.commit`."""
        from deltalake import DeltaTable

        held = self.held()
        home = self.path if held else self._created()
        table = DeltaTable(home.as_uri())
        if held:
            self._widen(table, held)
        self._write(table, home, change)
        if not held:
            os.rename(home, self.path)

    def files(self) -> list[Path]:
        """See `ExportTarget.files`."""
        held = self.held()
        return [self.path / name for name in held.files] if held else []

    def _created(self) -> Path:
        """An empty table with the plan's columns, beside its place."""
        from deltalake import DeltaTable, Schema

        assert self._plan is not None, "begin comes first"
        home = self.path.with_name(f".{self.path.name}.next")
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        DeltaTable.create(
            home.as_uri(),
            Schema.from_arrow(self._plan.schema.remove_metadata()),
            partition_by=list(self._plan.partition_by),
            name=self._plan.name,
            description=self._plan.description,
            configuration=self._plan.properties,
            raise_if_key_not_exists=False,
        )
        return home

    def _widen(self, table: Any, held: Held) -> None:
        from deltalake import Schema

        assert self._plan is not None
        new = [field for field in self._plan.schema if field.name not in held.schema.names]
        if new:
            table.alter.add_columns(Schema.from_arrow(pa.schema(new)).fields)
            table.update_incremental()

    def _write(self, table: Any, home: Path, change: Change) -> None:
        from deltalake.transaction import CommitProperties, RemoveAction

        assert self._plan is not None
        now = int(time.time() * 1000)
        added = [self._added(home, staged, number, now) for number, staged in enumerate(change.added)]
        values = _partition_values(table) if change.removed and self._plan.partition_by else {}
        removed = [RemoveAction(name, True, now, partition_values=values.get(name)) for name in change.removed]
        if added or removed:
            table.create_write_transaction(
                [*added, *removed],
                "append",
                table.schema(),
                list(self._plan.partition_by),
                commit_properties=CommitProperties(custom_metadata=self._plan.properties),
            )

    def _added(self, home: Path, staged: StagedFile, number: int, now: int) -> Any:
        from deltalake.transaction import AddAction

        assert self._plan is not None
        name = staged.final_name(number)
        os.rename(staged.path, home / name)
        values = dict(zip(self._plan.partition_by, map(_text, staged.partition), strict=True))
        return AddAction(name, (home / name).stat().st_size, values, now, True, _statistics(home / name))


def _text(value: PartitionValue) -> str | None:
    """A partition value as Delta's log has it: dates as YYYY-MM-DD, true and false, NULL for NULL."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _partition_values(table: Any) -> dict[str, dict[str, str | None]]:
    """File → its partition values as texts."""
    actions = pa.table(table.get_add_actions()).select(["path", "partition"]).to_pylist()
    return {row["path"]: {name: _text(value) for name, value in (row["partition"] or {}).items()} for row in actions}


def _statistics(path: Path) -> str:
    """Rows, and the bounds of integer columns, so that engines can leave out files: JSON as the protocol has it."""
    about = pq.read_metadata(path)
    bounds: dict[str, list[int]] = {}
    for group in range(about.num_row_groups):
        for place in range(about.num_columns):
            chunk = about.row_group(group).column(place)
            if "." in chunk.path_in_schema or not chunk.is_stats_set or not chunk.statistics.has_min_max:
                continue
            if isinstance(chunk.statistics.min, int) and not isinstance(chunk.statistics.min, bool):
                bounds.setdefault(chunk.path_in_schema, []).extend((chunk.statistics.min, chunk.statistics.max))
    return json.dumps({
        "numRecords": about.num_rows,
        "minValues": {name: min(values) for name, values in bounds.items()},
        "maxValues": {name: max(values) for name, values in bounds.items()},
    })  # fmt: skip
