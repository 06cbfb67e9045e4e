"""Finished files that nobody sees yet: what was written before a kill or a full disk is used by the next attempt.

Beside the target `.NAME.exporting/` holds a folder per shape of the files. A slice is finished when its note (slice and
fingerprint, .json) is there, which is written after its files. Only one process at a time exports to a target.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from chainsight.errors import UsageError
from sql.export_files import ParquetFile
from sql.export_target import PartitionValue, Slice, StagedFile, typed

FILE_BYTES = 256 << 20
"""A slice goes on in another file from here on."""


@contextmanager
def staging_beside(target: Path, schema: pa.Schema) -> Iterator[Path]:
    """The folder for files of that schema, locked; removed at the end unless something went wrong.

    Raises `UsageError` while another process exports to the target.
    """
    with claimed(target) as home:
        shape = home / hashlib.sha256(schema.remove_metadata().serialize()).hexdigest()[:32]
        for other in home.iterdir():
            if other.is_dir() and other != shape:
                shutil.rmtree(other)
        shape.mkdir(exist_ok=True)
        yield shape


@contextmanager
def claimed(target: Path) -> Iterator[Path]:
    """A hidden folder beside the target, of one export at a time; removed at the end unless something went wrong.

    Raises `UsageError` while another export, in whichever process, goes to the target.
    """
    home = target.with_name(f".{target.name}.exporting")
    with _locked(home, target):
        yield home
        shutil.rmtree(home)


def _locked(home: Path, target: Path) -> IO[str]:
    while True:
        home.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            lock = (home / "lock").open("w")
            try:
                _claim(lock, target)
                # Who had it before may have removed the folder in between, and with it the file that is locked here.
                if os.fstat(lock.fileno()).st_ino == (home / "lock").stat().st_ino:
                    return lock
            except BaseException:
                lock.close()
                raise
            lock.close()


def _claim(lock: IO[str], target: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError(
            f"Another process exports to {target}.", next_step="Wait for it, or name another target with --out."
        ) from error


class Staging:
    """Writes the slices of one export into the folder; rows come in runs of one slice."""

    def __init__(self, folder: Path, schema: pa.Schema, partition: list[pa.Field], blocks_per_slice: int) -> None:
        self._folder = folder
        self._schema = schema
        self._partition = partition
        self._step = blocks_per_slice
        self._open: tuple[Slice, ParquetFile] | None = None
        self._done: list[tuple[Path, int]] = []
        self._rows = 0
        self.bytes = 0
        """Bytes of files that were finished."""

    def finished(self, part: Slice) -> list[StagedFile] | None:
        """The files of a slice that an earlier attempt, or this one, has finished."""
        note = self._note(part)
        if not note.is_file():
            return None
        values = typed(part.partition, self._partition)
        files = [
            StagedFile(self._folder / file["name"], part, file["rows"], values)
            for file in json.loads(note.read_text(encoding="utf-8"))
        ]
        # A commit that was killed half-way has moved some of them away, and nobody knows them there.
        return files if all(file.path.is_file() for file in files) else None

    def forget(self, part: Slice) -> None:
        """Let the next attempt write a slice again."""
        self._note(part).unlink(missing_ok=True)

    def write(self, slices: Iterable[Slice], batches: Iterable[pa.RecordBatch]) -> Iterator[int]:
        """Write the rows of `slices` and leave others out; yields how many rows were written, batch by batch."""
        wanted = {part.place: part for part in slices}
        try:
            for batch in batches:
                written = 0
                for place, rows in self._runs(batch):
                    if part := wanted.get(place):
                        self._append(part, rows)
                        written += rows.num_rows
                yield written
            self._finish()
        finally:
            if self._open is not None:
                self._open[1].abandon()
                self._open = None
        for part in wanted.values():  # whose rows have left the store since its fingerprint was taken
            if self.finished(part) is None:
                self._write_note(part, [])

    def _append(self, part: Slice, rows: pa.RecordBatch) -> None:
        if self._open is None or self._open[0] is not part:
            self._finish()
        elif self._open[1].written >= FILE_BYTES:
            self._end_file()
        if self._open is None:
            name = f"{part.slice_id}-{part.fingerprint}-{len(self._done)}.parquet"
            self._done.append((self._folder / name, 0))
            self._open = part, ParquetFile(self._done[-1][0], self._schema)
        self._open[1].write(fitted(rows, self._schema))
        self._rows += rows.num_rows

    def _end_file(self) -> None:
        if self._open is not None:
            self.bytes += self._open[1].close()
            self._done[-1] = self._done[-1][0], self._rows
            self._open, self._rows = None, 0

    def _finish(self) -> None:
        part = self._open[0] if self._open is not None else None
        self._end_file()
        if part is not None:
            self._write_note(part, self._done)
            self._done = []

    def _write_note(self, part: Slice, files: list[tuple[Path, int]]) -> None:
        note = self._note(part)
        begun = note.with_suffix(".begun")
        begun.write_text(json.dumps([{"name": path.name, "rows": rows} for path, rows in files]), encoding="utf-8")
        os.replace(begun, note)

    def _note(self, part: Slice) -> Path:
        return self._folder / f"{part.slice_id}-{part.fingerprint}.json"

    def _runs(self, batch: pa.RecordBatch) -> Iterator[tuple[tuple[tuple[str | None, ...], int, int], pa.RecordBatch]]:
        """The batch in pieces of one slice each, with the slice's place."""
        partition = [batch.column(field.name) for field in self._partition]
        chains = batch.column("chain_id") if self._step else None
        buckets = pc.divide(batch.column("block_number"), pa.scalar(self._step, pa.uint64())) if self._step else None
        ends = {batch.num_rows}
        for column in (*partition, *([chains, buckets] if self._step else [])):
            ends.update(pc.run_end_encode(column).run_ends.to_pylist())
        start = 0
        for end in sorted(ends - {0}):
            texts = tuple(_text(column[start].as_py()) for column in partition)
            chain, bucket = (chains[start].as_py(), buckets[start].as_py()) if chains and buckets else (0, 0)
            yield (texts, chain, bucket), batch.slice(start, end - start)
            start = end


def fitted(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The columns of `schema` in its types; raises Arrow's error, with the column named, for a value that does not fit."""
    columns = []
    for field in schema:
        try:
            columns.append(rows.column(field.name).cast(field.type))
        except pa.ArrowInvalid as error:
            raise pa.ArrowInvalid(f"column {field.name}: {error}") from error
    return pa.record_batch(columns, schema=schema)


def _text(value: PartitionValue) -> str | None:
    """As the store writes the value in text."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
