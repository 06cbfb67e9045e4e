"""The seam to the formats that are folders: what a target holds, what is to change, and who makes the change visible.

Every target is a folder of Parquet files that a log of its format names; what the log does not name is not there for readers.
Rows are exported in slices: the rows of one partition, and of a range of blocks where the source has any. A slice's files are
replaced together, all changed slices in one commit. Which slice a file is of, and which state of it, stands in its name:

    part-<slice>-<fingerprint>-<number>-<random>.parquet

so that what the target holds and what is known of it cannot differ.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import pyarrow as pa

from chainsight.errors import TargetRefused

PartitionValue: TypeAlias = str | int | bool | dt.date | None

_DIGITS = re.compile(r"[0-9a-f]{32}")
_FILE = re.compile(r"part-(?P<slice>[0-9a-f]{32})-(?P<fingerprint>[0-9a-f]{32})-\d+-[0-9a-f]{32}\.parquet")


@dataclass(frozen=True)
class Slice:
    """Rows that are written and replaced together."""

    slice_id: str
    """32 hexadecimal digits: a hash of partition, chain and range."""
    fingerprint: str
    """32 hexadecimal digits: changes with the rows."""
    rows: int
    partition: tuple[str | None, ...]
    """The values of the columns to partition by, as text."""
    chain_id: int
    """0 where the source has no blocks."""
    bucket: int
    """Which range of blocks of its chain, counted from 0; 0 where the source has none."""

    def __post_init__(self) -> None:
        if not (_DIGITS.fullmatch(self.slice_id) and _DIGITS.fullmatch(self.fingerprint)):
            raise ValueError(f"slice {self.slice_id!r}, fingerprint {self.fingerprint!r}: 32 hexadecimal digits each")

    @property
    def place(self) -> tuple[tuple[str | None, ...], int, int]:
        """What tells it from the other slices of one export."""
        return self.partition, self.chain_id, self.bucket


@dataclass(frozen=True)
class StagedFile:
    """A finished Parquet file that no reader sees yet."""

    path: Path
    of: Slice
    rows: int
    partition: tuple[PartitionValue, ...]

    def final_name(self, number: int) -> str:
        """A name that no other file of the target has."""
        return f"part-{self.of.slice_id}-{self.of.fingerprint}-{number}-{uuid.uuid4().hex}.parquet"


@dataclass(frozen=True)
class Held:
    """What a target of ours holds."""

    source: str
    """The words it was exported with."""
    schema: pa.Schema
    """All columns, those to partition by among them."""
    partition_by: tuple[str, ...]
    blocks_per_slice: int
    files: tuple[str, ...]
    """Names of the data files in force, as `Change.removed` takes them."""

    def states(self) -> dict[str, str]:
        """Slice → fingerprint of what is held. Raises `TargetRefused` where another tool has rewritten files."""
        found = {name: _FILE.fullmatch(Path(name).name) for name in self.files}
        strange = [name for name, match in found.items() if match is None]
        if strange:
            raise TargetRefused(
                f"{len(strange):,} data files were rewritten by another tool, {strange[0]!r} among them, so what is new in "
                "the store cannot be told.",
                next_step="Export once without --incremental: that replaces every row, and the next one can be incremental.",
            )
        return {match["slice"]: match["fingerprint"] for match in found.values() if match}


@dataclass(frozen=True)
class Change:
    """What one commit makes of a target."""

    added: tuple[StagedFile, ...]
    removed: tuple[str, ...]
    """Names out of `Held.files`."""


@dataclass(frozen=True)
class TargetPlan:
    """What a target is to be."""

    schema: pa.Schema
    """All columns in the format's types; its metadata are what readers should know (see `ExportSource.properties`)."""
    partition_by: tuple[str, ...]
    blocks_per_slice: int
    name: str
    description: str

    @property
    def properties(self) -> dict[str, str]:
        """What stands in the format's own properties; text only."""
        told = {key.decode(): value.decode() for key, value in (self.schema.metadata or {}).items()}
        return {**told, BLOCKS_PER_SLICE: str(self.blocks_per_slice)}


SOURCE = "chainsight.source"
"""The property by which a target is known to be ours."""
BLOCKS_PER_SLICE = "chainsight.blocks_per_slice"


class ExportTarget(Protocol):
    """One table in one format. A process killed anywhere leaves what was there before, or what came after, whole."""

    path: Path

    def column(self, field: pa.Field) -> pa.Field:
        """The field in the types of this format."""
        ...

    def held(self) -> Held | None:
        """What is there; None where nothing is. Raises `TargetRefused` where something else than a target of ours is."""
        ...

    def begin(self, plan: TargetPlan) -> pa.Schema:
        """Get ready for a commit; returns the schema that its files must be written with. Nothing is visible yet."""
        ...

    def commit(self, change: Change) -> None:
        """Make a change visible, all of it at once; the staged files are moved away."""
        ...

    def files(self) -> list[Path]:
        """The data files in force, for engines that do not read the format itself."""
        ...


def is_vacant(path: Path) -> bool:
    """Whether there is nothing at a path, or an empty folder. Raises `TargetRefused` for a file."""
    if path.exists() and not path.is_dir():
        raise TargetRefused(f"{path} is a file, and this format is a folder.", next_step="Name a folder with --out.")
    return not path.exists() or not any(path.iterdir())


def not_ours(path: Path, what: str) -> TargetRefused:
    """The refusal to touch what is somebody else's."""
    return TargetRefused(
        f"{path} holds {what}, and nothing there is touched.",
        next_step="Name a new folder with --out, or remove that one yourself.",
    )


def typed(texts: tuple[str | None, ...], fields: list[pa.Field]) -> tuple[PartitionValue, ...]:
    """Partition values out of their texts, by the types of their columns.

    >>> typed(("5", "true", None), [pa.field("a", pa.int64()), pa.field("b", pa.bool_()), pa.field("c", pa.string())])
    (5, True, None)
    """
    return tuple(None if text is None else _typed(text, field.type) for text, field in zip(texts, fields, strict=True))


def _typed(text: str, kind: pa.DataType) -> PartitionValue:
    if pa.types.is_boolean(kind):
        return text == "true"
    if pa.types.is_integer(kind):
        return int(text)
    if pa.types.is_date(kind):
        return dt.date.fromisoformat(text)
    return text
