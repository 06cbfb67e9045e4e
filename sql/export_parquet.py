"""A folder of Parquet files in hive style (column=value/…), which every engine reads by a pattern.

Plain Parquet has no log, so the whole folder is the unit of change: the next one is built beside it, from hard links to the files
that stay and the new ones, and the two change places in one step of the file system. A reader who has listed the old folder and
opens its files only later may miss some and fail; Delta and Iceberg spare it that.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from chainsight.errors import UsageError
from sql.export_swap import exchange
from sql.export_target import BLOCKS_PER_SLICE, SOURCE, Change, Held, PartitionValue, TargetPlan, is_vacant, not_ours

MANIFEST = "_chainsight.json"
"""Readers skip names that begin with an underscore."""
_EMPTY = "part-empty.parquet"
_NULL = "__HIVE_DEFAULT_PARTITION__"
_LONGEST_NAME = 255


class ParquetTarget:
    """See `ExportTarget`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._next = path.with_name(f".{path.name}.next")
        self._plan: TargetPlan | None = None

    def column(self, field: pa.Field) -> pa.Field:
        """See `ExportTarget.column`: any Arrow type will do."""
        return field.with_nullable(True)

    def held(self) -> Held | None:
        """See `ExportTarget.held`."""
        if is_vacant(self.path):
            return None
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            schema = pa.ipc.read_schema(pa.py_buffer(bytes.fromhex(manifest["schema"])))
            found = Held(
                source=manifest["properties"][SOURCE],
                schema=schema,
                partition_by=tuple(manifest["partition_by"]),
                blocks_per_slice=int(manifest["properties"][BLOCKS_PER_SLICE]),
                files=tuple(name for name in manifest["files"] if name != _EMPTY and (self.path / name).is_file()),
            )
        except FileNotFoundError as error:
            raise not_ours(self.path, "files that are not of an export") from error
        except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
            raise not_ours(self.path, f"a {MANIFEST} that cannot be read") from error
        return found

    def begin(self, plan: TargetPlan) -> pa.Schema:
        """See `ExportTarget.begin`; the columns to partition by stand in the folders' names, not in the files."""
        self._plan = plan
        return pa.schema([field for field in plan.schema if field.name not in plan.partition_by], plan.schema.metadata)

    def commit(self, change: Change) -> None:
        """See `ExportTarget.commit`."""
        assert self._plan is not None, "begin comes first"
        held = self.held()
        shutil.rmtree(self._next, ignore_errors=True)
        self._next.mkdir(parents=True)
        gone = set(change.removed)
        files = [name for name in (held.files if held else ()) if name not in gone]
        for name in files:
            _link(self.path / name, self._next / name)
        for stranger in self._strangers():
            _link(self.path / stranger, self._next / stranger)
        for number, staged in enumerate(change.added):
            files.append(self._folder(staged.partition) + staged.final_name(number))
            _link(staged.path, self._next / files[-1])
        if not files:
            pq.write_table(self._plan.schema.empty_table(), self._next / _EMPTY)
            files.append(_EMPTY)
        self._write_manifest(files)
        exchange(self._next, self.path)

    def files(self) -> list[Path]:
        """See `ExportTarget.files`."""
        held = self.held()
        return [self.path / name for name in held.files] if held else []

    def _folder(self, values: tuple[PartitionValue, ...]) -> str:
        assert self._plan is not None
        return "".join(f"{_part(name, value)}/" for name, value in zip(self._plan.partition_by, values, strict=True))

    def _strangers(self) -> list[Path]:
        """What lies in the folder and was not put there by an export: it stays where it is."""
        if is_vacant(self.path):
            return []
        manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        ours = {MANIFEST, *manifest["files"]}
        inside = (
            item.relative_to(self.path) for item in self.path.rglob("*") if item.is_symlink() or not item.is_dir()
        )
        return [name for name in inside if str(name) not in ours]

    def _write_manifest(self, files: list[str]) -> None:
        assert self._plan is not None
        manifest = {
            "properties": self._plan.properties,
            "description": self._plan.description,
            "partition_by": self._plan.partition_by,
            "schema": self._plan.schema.remove_metadata().serialize().to_pybytes().hex(),
            "files": files,
        }
        with (self._next / MANIFEST).open("w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=1)
            file.flush()
            os.fsync(file.fileno())


def _part(name: str, value: PartitionValue) -> str:
    """`column=value` as the name of one folder: whatever could lead elsewhere is percent-encoded, as Hive does it.

    >>> _part("symbol", "../a=b"), _part("symbol", None), _part("final", True)
    ('symbol=..%2Fa%3Db', 'symbol=__HIVE_DEFAULT_PARTITION__', 'final=true')
    """
    text = _NULL if value is None else str(value).lower() if isinstance(value, bool) else quote(str(value), safe=" ")
    part = f"{quote(name, safe=' ')}={text}"
    if len(part.encode()) > _LONGEST_NAME:
        raise UsageError(
            f"A value of {name} has {len(str(value)):,} characters, too many for the name of a folder: {str(value)[:40]!r}….",
            next_step="Partition by another column or by an expression of it; Delta and Iceberg take values of any length.",
        )
    return part


def _link(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError:  # a file system without hard links
        shutil.copy2(old, new, follow_symlinks=False)
