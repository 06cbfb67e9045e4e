"""Recorded blocks: a folder of blocks, receipts and traces as JSON lines, one block a line, plain or zstd.

blocks.jsonl[.zst]    results of eth_getBlockByNumber with full transactions, ascending, without gaps
receipts.jsonl[.zst]  {"number": …, "receipts": […]}   may be absent: then nobody knows which transactions failed
traces.jsonl[.zst]    {"number": …, "traces": […]}     may be absent: then there are no internal transfers
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import zstandard

from chainsight.errors import ArchiveDamaged, ArchiveMissing
from ingest.source import RawBlock, Reach, claimed_chain_id

_READ_BYTES = 1 << 20
_REPAIR = "Record or fetch the file again; nothing of this batch was stored."


@dataclass(frozen=True)
class _Line:
    number: int
    payload: bytes
    content: dict[str, Any]
    where: str


class ArchiveSource:
    """A `ChainSource` over a folder; files are streamed, never held whole."""

    kind = "archive"

    def __init__(self, folder: Path) -> None:
        """Find the files; raises `ArchiveMissing` when the folder or its blocks are not there."""
        if not folder.is_dir():
            raise ArchiveMissing(
                f"There is no folder {folder}.",
                next_step="Give the folder that holds blocks.jsonl or blocks.jsonl.zst.",
            )
        self.location = str(folder.resolve())
        blocks = _find(folder, "blocks")
        if blocks is None:
            raise ArchiveMissing(
                f"{folder} holds no blocks.jsonl or blocks.jsonl.zst.",
                next_step="An archive has one block a line, as eth_getBlockByNumber gives it.",
            )
        self._blocks = blocks
        self._receipts = _find(folder, "receipts")
        self._traces = _find(folder, "traces")
        self._reach: Reach | None = None
        self._chain_id: int | None = None

    def chain_id(self) -> int | None:
        """The first chain id a transaction states; see `ChainSource.chain_id`."""
        self._survey()
        return self._chain_id

    def reach(self) -> Reach:
        """First and last block of the file, which is read through once for it."""
        return self._survey()

    def read(self, first: int, last: int) -> Iterator[RawBlock]:
        """See `ChainSource.read`."""
        receipts = _Beside(self._receipts, "receipts")
        traces = _Beside(self._traces, "traces")
        for line in _contiguous(self._blocks):
            if line.number > last:
                return
            if line.number < first:
                continue
            receipt_line, trace_line = receipts.of(line.number), traces.of(line.number)
            yield RawBlock(
                number=line.number,
                where=line.where,
                payload=line.payload,
                block=line.content,
                receipts_payload=receipt_line.payload if receipt_line else b"",
                receipts=receipt_line.content["receipts"] if receipt_line else None,
                traces_payload=trace_line.payload if trace_line else b"",
                traces=trace_line.content["traces"] if trace_line else None,
            )

    def close(self) -> None:
        """Nothing is held open between reads."""

    def _survey(self) -> Reach:
        if self._reach is None:
            first: int | None = None
            head = 0
            for line in _contiguous(self._blocks):
                first = line.number if first is None else first
                head = line.number
                if self._chain_id is None:
                    stated = (claimed_chain_id(transaction) for transaction in line.content["transactions"])
                    self._chain_id = next((chain for chain in stated if chain is not None), None)
            if first is None:
                raise ArchiveDamaged(f"{self._blocks} holds no block.", next_step=_REPAIR)
            self._reach = Reach(first, head)
        return self._reach


class _Beside:
    """The lines of receipts or traces that go with blocks asked for in ascending order."""

    def __init__(self, file: Path | None, key: str) -> None:
        self._file = file
        self._key = key
        self._lines = _lines(file, key) if file is not None else iter(())

    def of(self, number: int) -> _Line | None:
        """The line of one block; None when there is no such file, `ArchiveDamaged` when the file lacks the block."""
        if self._file is None:
            return None
        for line in self._lines:
            if line.number == number:
                return line
            if line.number > number:
                break
        raise ArchiveDamaged(f"{self._file} has no line for block {number}, which blocks has.", next_step=_REPAIR)


def _find(folder: Path, stem: str) -> Path | None:
    return next((path for path in (folder / f"{stem}.jsonl.zst", folder / f"{stem}.jsonl") if path.is_file()), None)


def _contiguous(file: Path) -> Iterator[_Line]:
    expected: int | None = None
    for line in _lines(file, "transactions"):
        if expected is not None and line.number != expected:
            raise ArchiveDamaged(
                f"{line.where} holds block {line.number}, block {expected} should follow there.",
                next_step="An archive holds its blocks in order, without gaps and each once.",
            )
        expected = line.number + 1
        yield line


def _lines(file: Path, key: str) -> Iterator[_Line]:
    """Whole JSON objects with a number and a list under `key`; anything else is damage, named with its line."""
    for position, raw in enumerate(_raw_lines(file), start=1):
        where = f"{file}:{position}"
        try:
            content = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ArchiveDamaged(f"{where} is not a whole JSON line ({error}).", next_step=_REPAIR) from error
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            raise ArchiveDamaged(f"{where} holds no list {key!r}.", next_step=_REPAIR)
        if not all(isinstance(entry, dict) for entry in content[key]):
            raise ArchiveDamaged(f"{where}: not every entry of {key!r} is an object.", next_step=_REPAIR)
        yield _Line(_number(content.get("number"), where), raw, content, where)


def _raw_lines(file: Path) -> Iterator[bytes]:
    """Lines without their ends; a zstd frame that breaks off is damage, though the decompressor says nothing."""
    rest, position = b"", 0
    try:
        for chunk in _chunks(file):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                position += 1
                if line.strip():
                    yield line
    except (zstandard.ZstdError, OSError) as error:
        raise ArchiveDamaged(
            f"{file} breaks off or is damaged after line {position} ({error}).", next_step=_REPAIR
        ) from error
    if rest.strip():
        yield rest


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        if file.suffix != ".zst":
            yield from iter(lambda: opened.read(_READ_BYTES), b"")
            return
        yield from _decompressed(opened)


def _decompressed(opened: io.BufferedReader) -> Iterator[bytes]:
    """All frames of a zstd file, in pieces; raises `zstandard.ZstdError` when the last one does not end."""
    frame = zstandard.ZstdDecompressor().decompressobj()
    fed = False
    while chunk := opened.read(_READ_BYTES):
        while chunk:
            yield frame.decompress(chunk)
            fed = True
            if not frame.eof:
                break
            chunk, fed = frame.unused_data, False
            frame = zstandard.ZstdDecompressor().decompressobj()
    if fed:
        raise zstandard.ZstdError("the last frame does not end")


def _number(stated: object, where: str) -> int:
    try:
        if isinstance(stated, str):
            return int(stated, 16)
        if isinstance(stated, int) and not isinstance(stated, bool):
            return stated
    except ValueError:
        pass
    raise ArchiveDamaged(f"{where} has the block number {stated!r}.", next_step=_REPAIR)
