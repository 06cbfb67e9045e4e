"""Files of rows: Parquet, Arrow and CSV, written batch by batch, so that no more than one row group is held."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from chainsight.errors import ExportFailed, TargetFull, UsageError

_ROW_GROUP_ROWS = 131_072
_ROW_GROUP_BYTES = 64 << 20
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class RowFile(Protocol):
    """A file that takes rows until it is closed."""

    def write(self, rows: pa.RecordBatch) -> None:
        """Append rows, whose columns are the file's."""
        ...

    def close(self) -> int:
        """End the file; returns its bytes. Only then is it whole."""
        ...

    def abandon(self) -> None:
        """Let go of it without ending it."""
        ...


class ParquetFile:
    """Row groups of 131,072 rows or 64 MiB of memory, zstd, statistics of every column, metadata in the footer."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._schema = schema
        self._writer = pq.ParquetWriter(str(path), schema, compression="zstd", version="2.6")
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, rows: pa.RecordBatch) -> None:
        """See `RowFile.write`."""
        self._waiting.append(rows)
        self._rows += rows.num_rows
        self._bytes += rows.nbytes
        if self._rows >= _ROW_GROUP_ROWS or self._bytes >= _ROW_GROUP_BYTES:
            self._flush()

    @property
    def written(self) -> int:
        """Bytes that are in the file by now."""
        return self._path.stat().st_size

    def close(self) -> int:
        """See `RowFile.close`."""
        self._flush()
        self._writer.close()
        return _synced(self._path)

    def abandon(self) -> None:
        """See `RowFile.abandon`."""
        _quietly_close(self._writer)

    def _flush(self) -> None:
        if self._rows:
            table = pa.Table.from_batches(self._waiting, self._schema)
            self._writer.write_table(table, row_group_size=table.num_rows)
        self._waiting, self._rows, self._bytes = [], 0, 0


class ArrowFile:
    """Arrow's file format (Feather 2) with zstd; the schema carries the metadata."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._writer = pa.ipc.new_file(str(path), schema, options=pa.ipc.IpcWriteOptions(compression="zstd"))

    def write(self, rows: pa.RecordBatch) -> None:
        """See `RowFile.write`."""
        self._writer.write_batch(rows)

    def close(self) -> int:
        """See `RowFile.close`."""
        self._writer.close()
        return _synced(self._path)

    def abandon(self) -> None:
        """See `RowFile.abandon`."""
        _quietly_close(self._writer)


class CsvFile:
    """RFC 4180 with a header; text in quotes where it must be, NULL as nothing and the empty text as two quotes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._schema = csv_schema(schema)
        self._writer = pa_csv.CSVWriter(str(path), self._schema)

    def write(self, rows: pa.RecordBatch) -> None:
        """See `RowFile.write`."""
        columns = [_as_json(column) if pa.types.is_list(column.type) else column for column in rows.columns]
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))

    def close(self) -> int:
        """See `RowFile.close`."""
        self._writer.close()
        return _synced(self._path)

    def abandon(self) -> None:
        """See `RowFile.abandon`."""
        _quietly_close(self._writer)


def csv_schema(schema: pa.Schema) -> pa.Schema:
    """The schema of a CSV file: lists become JSON text."""
    return pa.schema([pa.field(field.name, pa.string()) if pa.types.is_list(field.type) else field for field in schema])


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn what the libraries say when they cannot write into our own errors, naming the target."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE or _says_full(error):
            raise TargetFull(str(target)) from error
        raise ExportFailed(
            f"{target} cannot be written: {error.strerror or error}.", next_step="Check the folder and its permissions."
        ) from error
    except pa.ArrowException as error:
        raise UsageError(
            f"These rows do not fit into {target}: {str(error).splitlines()[0][:200]}",
            next_step="Unsigned integers from 2^63 on fit only as text: toString(column) AS column.",
        ) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in {"deltalake", "_internal", "pyiceberg", "sqlalchemy"}:
            raise
        if _says_full(error):
            raise TargetFull(str(target)) from error
        raise ExportFailed(
            f"{target}: {str(error).splitlines()[0][:300]}",
            next_step="What was there before is whole; give the same command again.",
        ) from error


def _says_full(error: Exception) -> bool:
    said = str(error)
    return any(words in said for words in ("No space left", "File too large", "Disk quota exceeded", "disk is full"))


def _as_json(column: pa.Array) -> pa.Array:
    import orjson

    return pa.array(
        [None if value is None else orjson.dumps(value, default=str).decode() for value in column.to_pylist()],
        pa.string(),
    )


def _synced(path: Path) -> int:
    """Bytes of a file that is on the disk, not only on its way there."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path.stat().st_size


def _quietly_close(writer: Any) -> None:
    try:
        writer.close()
    except Exception:
        return
