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
from typing import Generic, TypeVar

import msgspec
import zstandard

from chainsight.errors import ArchiveDamaged, ArchiveMissing
from ingest.source import RawBlock, Reach, read_number

_READ_BYTES = 1 << 20
_REPAIR = "Record or fetch the file again; nothing of this batch was stored."


class _Signed(msgspec.Struct, rename="camel"):
    """What a transaction says of its chain."""

    type: str | None = None
    chain_id: str | None = None
    v: str | None = None


class _BlockLine(msgspec.Struct, rename="camel"):
    number: str | int
    hash: str
    parent_hash: str
    transactions: list[_Signed]


class _Object(msgspec.Struct):
    """Any object; what is in it is for ClickHouse."""


class _ReceiptsLine(msgspec.Struct):
    number: str | int
    receipts: list[_Object]


class _TracesLine(msgspec.Struct):
    number: str | int
    traces: list[_Object]


Content = TypeVar("Content", _BlockLine, _ReceiptsLine, _TracesLine)


@dataclass(frozen=True)
class _Line(Generic[Content]):
    number: int
    payload: bytes
    content: Content
    where: str


class ArchiveSource:
    """A `ChainSource` over a folder; files are streamed, never held whole."""

    kind = "archive"
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        """Find the files; raises `ArchiveMissing` when the folder or its blocks are not there."""
        if not folder.is_dir():
            raise ArchiveMissing(
                f"There is no folder {folder}.",
                next_step="Give the folder that holds blocks.jsonl or blocks.jsonl.zst.",
            )
        self.location = str(folder.resolve())
        blocks = find_lines(folder, "blocks")
        if blocks is None:
            raise ArchiveMissing(
                f"{folder} holds no blocks.jsonl or blocks.jsonl.zst.",
                next_step="An archive has one block a line, as eth_getBlockByNumber gives it.",
            )
        self._blocks = blocks
        self._receipts = find_lines(folder, "receipts")
        self._traces = find_lines(folder, "traces")
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
        receipts = _Beside(self._receipts, _ReceiptsLine)
        traces = _Beside(self._traces, _TracesLine)
        for line in _contiguous(self._blocks):
            if line.number > last:
                return
            if line.number < first:
                continue
            yield RawBlock(
                number=line.number,
                block_hash=line.content.hash.lower(),
                parent_hash=line.content.parent_hash.lower(),
                where=line.where,
                payload=line.payload,
                receipts_payload=receipts.of(line.number),
                traces_payload=traces.of(line.number),
            )

    def distrust(self, number: int, reason: str) -> bool:
        """There is no other recording to turn to."""
        return False

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
                    stated = (_claimed_chain_id(transaction) for transaction in line.content.transactions)
                    self._chain_id = next((chain for chain in stated if chain is not None), None)
            if first is None:
                raise ArchiveDamaged(f"{self._blocks} holds no block.", next_step=_REPAIR)
            self._reach = Reach(first, head, safe=head, finalized=head)
        return self._reach


class _Beside(Generic[Content]):
    """The lines of receipts or traces that go with blocks asked for in ascending order."""

    def __init__(self, file: Path | None, form: type[Content]) -> None:
        self._file = file
        self._lines: Iterator[_Line[Content]] = _lines(file, form) if file is not None else iter(())

    def of(self, number: int) -> bytes:
        """The line of one block; empty when there is no such file, `ArchiveDamaged` when the file lacks the block."""
        if self._file is None:
            return b""
        for line in self._lines:
            if line.number == number:
                return line.payload
            if line.number > number:
                break
        raise ArchiveDamaged(f"{self._file} has no line for block {number}, which blocks has.", next_step=_REPAIR)


def find_lines(folder: Path, stem: str) -> Path | None:
    """`stem`.jsonl.zst or `stem`.jsonl of a folder; None where neither is there."""
    return next((path for path in (folder / f"{stem}.jsonl.zst", folder / f"{stem}.jsonl") if path.is_file()), None)


def _contiguous(file: Path) -> Iterator[_Line[_BlockLine]]:
    expected: int | None = None
    for line in _lines(file, _BlockLine):
        if expected is not None and line.number != expected:
            raise ArchiveDamaged(
                f"{line.where} holds block {line.number}, block {expected} should follow there.",
                next_step="An archive holds its blocks in order, without gaps and each once.",
            )
        expected = line.number + 1
        yield line


def _lines(file: Path, form: type[Content]) -> Iterator[_Line[Content]]:
    """Whole JSON lines of one form; anything else is damage, named with its line."""
    decoder = msgspec.json.Decoder(form)
    for position, raw in enumerate(raw_lines(file), start=1):
        where = f"{file}:{position}"
        try:
            content = decoder.decode(raw)
            number = read_number(content.number)
        except ValueError as error:  # msgspec's errors are ValueErrors
            raise ArchiveDamaged(f"{where} is no whole line of {_nouns(form)}: {error}.", next_step=_REPAIR) from error
        yield _Line(number, raw, content, where)


def _nouns(form: type[Content]) -> str:
    return form.__name__.removeprefix("_").removesuffix("Line").lower()


def _claimed_chain_id(transaction: _Signed) -> int | None:
    """The chain a transaction was signed for: its chainId, else EIP-155's v; None before EIP-155."""
    if transaction.chain_id is not None:
        return int(transaction.chain_id, 16)
    v = int(transaction.v or "0x0", 16)
    is_legacy = int(transaction.type or "0x0", 16) == 0
    return (v - 35) // 2 if is_legacy and v >= 35 else None


def raw_lines(file: Path) -> Iterator[bytes]:
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
