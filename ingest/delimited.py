"""Files of lines and cells as publishers give them: plain or gzipped, with or without a byte order mark, of any platform.

What makes a whole file unreadable (it is not there, its gzip is cut off, it is a web page, it swells to more than a file
of this kind can be) is refused with the file named. What is wrong with single lines is for the caller to judge: bytes that
are not UTF-8 come through as lone surrogates (PEP 383), so that they spoil their own line only.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chainsight.errors import ArchiveDamaged, ArchiveMissing

_GZIP = b"\x1f\x8b"
_MOST_BYTES = 512 << 20
_CHUNK = 1 << 20
_AGAIN = "The file may have been cut off: fetch it again. Nothing was changed."
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_END = "\x1a"


@dataclass(frozen=True)
class TextFile:
    """One file, unpacked and decoded."""

    path: Path
    sha256: str
    """Of the file as it lies there, 64 hex digits."""
    text: str
    is_clean: bool
    """Free of NUL bytes and of bytes that are not UTF-8."""


def read_text(file: Path) -> TextFile:
    """A file's text; gzip is told by its content, not by the file's name.

    Raises `ArchiveMissing` when there is no such file, `ArchiveDamaged` when it cannot be unpacked, is no text, or unpacks to
    more than 512 MiB.
    """
    if not file.is_file():
        raise ArchiveMissing(f"There is no file {file}.", next_step="Check the path.")
    try:
        raw = file.read_bytes()
        unpacked = _gunzip(raw, file) if raw.startswith(_GZIP) else raw
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveDamaged(f"{file} cannot be read: {error}.", next_step="Fetch the file again.") from error
    if unpacked.startswith(_UTF_16):
        raise ArchiveDamaged(f"{file} is UTF-16.", next_step="Save it as UTF-8.")
    text = unpacked.decode("utf-8-sig", errors="surrogateescape")
    return TextFile(path=file, sha256=hashlib.sha256(raw).hexdigest(), text=text, is_clean=_is_clean(text))


def rows(file: TextFile) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not empty; the line is the one on which the row ends.

    Raises `ArchiveDamaged`, naming the line, for quotes that do not close and for fields of more than 128 KiB.
    """
    refuse_page(file)
    reader = csv.reader(io.StringIO(file.text, newline=""), strict=True)
    try:
        for cells in reader:
            # Files from an old DOS world end with a lone Ctrl-Z, also as the first of otherwise empty cells.
            if any(cells) and not (cells[0] == _END and not any(cells[1:])):
                yield reader.line_num, cells
    except csv.Error as error:
        raise ArchiveDamaged(f"{file.path}:{reader.line_num} cannot be read: {error}.", next_step=_AGAIN) from error


@dataclass(frozen=True, slots=True)
class Record:
    """One line below the header."""

    line: int
    cells: list[str]
    row: dict[str, str]
    """The columns that were asked for; what the line lacks is empty."""
    problem: str
    """What is wrong with its number of cells; empty for nothing."""


def records(file: TextFile, columns: Sequence[str], may_have: Sequence[str] = ()) -> Iterator[Record]:
    """Lines of a CSV file that must have some columns, in any order and case, and may have others.

    Raises `ArchiveDamaged` for a file without them.
    """
    lines = rows(file)
    header = [cell.strip().lower() for cell in next(lines, (0, []))[1]]
    missing = [column for column in columns if column not in header]
    if missing:
        raise ArchiveDamaged(
            f"{file.path} has no column {', '.join(missing)}.",
            next_step=f"It must have the columns {', '.join(columns)}.",
        )
    places = {column: header.index(column) for column in (*columns, *may_have) if column in header}
    for line, cells in lines:
        row = {column: cells[place] if place < len(cells) else "" for column, place in places.items()}
        problem = "" if len(cells) == len(header) else f"has {len(cells)} cells, not {len(header)}"
        yield Record(line, cells, row, problem)


def read_csv(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, row) of a CSV file that must have these columns; cells that a line lacks are empty."""
    for record in records(read_text(file), columns):
        yield record.line, record.row


def refuse_page(file: TextFile) -> None:
    """Raise `ArchiveDamaged` for a web page or other markup: what a failed download often leaves."""
    opening = file.text[:400].lstrip().lower()
    if opening.startswith("<"):
        first = repr(opening.splitlines()[0][:60])[1:-1]  # with escapes for what is not printable
        raise ArchiveDamaged(
            f"{file.path}:1 is a web page or other markup ({first}).",
            next_step="Fetch the file itself, not its page.",
        )


def _is_clean(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _gunzip(raw: bytes, file: Path) -> bytes:
    """All members of a gzip file, within bounds; raises EOFError where it is cut off."""
    parts: list[bytes] = []
    size = 0
    rest = raw
    while rest:
        unpacker = zlib.decompressobj(wbits=31)
        part = unpacker.decompress(rest, _CHUNK)
        while part:
            size += len(part)
            if size > _MOST_BYTES:
                raise ArchiveDamaged(
                    f"{file} unpacks to more than {_MOST_BYTES >> 20} MiB.", next_step="Check that it is what it says."
                )
            parts.append(part)
            part = unpacker.decompress(unpacker.unconsumed_tail, _CHUNK)
        if not unpacker.eof:
            raise EOFError("its end is missing")
        rest = unpacker.unused_data.lstrip(b"\0")
    return b"".join(parts)
