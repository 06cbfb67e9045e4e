"""Sanctions lists: addresses of listed parties as bitemporal facts in `list_entries`.

Three forms of a list are read. The OFAC SDN file (CSV as published, twelve columns, with or without a header line) holds
addresses in its remarks: `Digital Currency Address - ETH 0x…; alt. Digital Currency Address - XBT …`. Two tidy forms have
one address a line: (address,label,category,source,chain) and (name,program,asset,address). Each file is the whole of its
source: an address that a newer file of the same source no longer has is closed (known_to); importing the same file again
changes nothing.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from chainsight.errors import ArchiveDamaged, ArchiveMissing, UnknownName
from chainsight.progress import SILENT, Progress
from ingest.labels import LearnSummary, normalise_address, note_bad_lines
from sql.files import load
from sql.store import Store

KINDS = ("ofac",)
# Column of the file for our name, ticker and programme.
_FORMS = ({"name": "label", "asset": "chain"}, {"name": "name", "asset": "asset", "program": "program"})
_SDN_COLUMNS = 12
_REMARK = re.compile(r"Digital Currency Address - ([A-Za-z0-9]{2,10})[: ]\s*([^\s;]+)")
_NOTHING = "-0-"


@dataclass(frozen=True)
class ListEntry:
    """One address of one listed party."""

    list_kind: str
    entry_id: str
    """Number of the entry on its list; empty if the source has none."""
    name: str
    program: str
    asset: str
    """Ticker as the list writes it: ETH, XBT …"""
    address: bytes
    """20 bytes for EVM addresses, the text itself for others."""
    source: str


def import_lists(store: Store, files: Sequence[Path], *, kind: str, progress: Progress = SILENT) -> LearnSummary:
    """Read list files of one kind and record what changed.

    Files of one source (`ofac_2021_sdn.csv` and `ofac_2023_sdn.csv` are both `ofac_sdn`) follow each other in the order
    of their names, so that the newest decides what holds. Raises `ArchiveMissing`, `ArchiveDamaged` for a file without
    a readable line, and `UnknownName` for a kind nobody can read yet.
    """
    if kind not in KINDS:
        raise UnknownName("kind of list", kind, KINDS)
    read = added = dropped = 0
    all_bad: list[str] = []
    newest = {source_name(file): file for file in sorted(files)}
    for done, (source, file) in enumerate(newest.items()):
        progress.step(done, len(newest), f"list {file.name}")
        entries, bad = read_list(file, kind=kind, source=source)
        if bad and not entries:
            raise ArchiveDamaged(f"{file} holds no readable entry ({bad[0]}).", next_step="Check that it is the list.")
        new, gone = learn_entries(store, entries, kind=kind, source=source)
        read, added, dropped = read + len(entries), added + new, dropped + gone
        all_bad += bad
    older = [file.name for file in files if file not in newest.values()]
    if older:
        progress.note(f"{', '.join(sorted(older))} left out: a newer file of the same list is given.")
    note_bad_lines(all_bad, progress)
    return LearnSummary(read=read, added=added, dropped=dropped, bad_lines=tuple(all_bad))


def source_name(file: Path) -> str:
    """The list a file is an issue of: its name without endings and years.

    >>> source_name(Path("ofac_2023_sdn.csv.gz"))
    'ofac_sdn'
    """
    stem = file.name.removesuffix(".gz").removesuffix(".csv").lower()
    return "_".join(part for part in stem.split("_") if not part.isdigit())


def read_list(file: Path, *, kind: str, source: str) -> tuple[list[ListEntry], list[str]]:
    """Entries of one file, each once, and the lines that could not be read."""
    rows = list(_rows(file))
    if not rows:
        raise ArchiveDamaged(f"{file} is empty.", next_step="Fetch the list again.")
    header = [cell.strip().lower() for cell in rows[0][1]]
    form = next((form for form in _FORMS if {"address", *form.values()} <= set(header)), None)
    if form is not None:
        lines = ((line, dict(zip(header, cells, strict=False))) for line, cells in rows[1:])
        found = [_one_a_line(file, line, row, form, kind, source) for line, row in lines]
    else:
        found = [outcome for line, cells in rows for outcome in _sdn(file, line, cells, kind, source)]
    entries = dict.fromkeys(entry for entry in found if isinstance(entry, ListEntry))
    return list(entries), [problem for problem in found if isinstance(problem, str)]


def learn_entries(store: Store, entries: Sequence[ListEntry], *, kind: str, source: str) -> tuple[int, int]:
    """Record entries that are new and close those their source dropped; returns (added, dropped)."""
    columns = ("list_kind", "entry_id", "name", "program", "asset", "address", "source")
    store.command("DROP TABLE IF EXISTS staged_entries")
    store.command(
        "CREATE TEMPORARY TABLE staged_entries (list_kind String, entry_id String, name String, program String, "
        "asset String, address String, source String)"
    )
    arrays = {
        name: pa.array([getattr(entry, name) for entry in entries], pa.binary() if name == "address" else pa.string())
        for name in columns
    }
    store.insert("staged_entries", pa.table(arrays))
    version = time.time_ns()
    before_open, before_all = _count(store)
    store.command(load("decode/list_entries_dropped"), version=version, list_kind=kind, source=source)
    dropped = before_open - _count(store)[0]
    store.command(load("decode/list_entries_added"), version=version)
    added = _count(store)[1] - before_all
    store.command("DROP TABLE IF EXISTS staged_entries")
    return added, dropped


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    if not file.is_file():
        raise ArchiveMissing(f"There is no file {file}.", next_step="Check the path.")
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8-sig", errors="replace")
    except (OSError, EOFError) as error:
        raise ArchiveDamaged(f"{file} cannot be read: {error}.", next_step="Fetch the file again.") from error
    reader = csv.reader(io.StringIO(text))
    for cells in reader:
        # The published file ends with a lone Ctrl-Z.
        if cells and cells != ["\x1a"]:
            yield reader.line_num, cells


def _one_a_line(
    file: Path, line: int, row: dict[str, str], form: dict[str, str], kind: str, source: str
) -> ListEntry | str:
    address = normalise_address(row.get("address", ""))
    if address is None:
        return f"{file.name}:{line}: {row.get('address', '')[:60]!r} is not an address"
    name, asset, program = (row.get(form.get(field, ""), "").strip() for field in ("name", "asset", "program"))
    return ListEntry(kind, "", name, program, asset.upper(), address, source)


def _sdn(file: Path, line: int, cells: list[str], kind: str, source: str) -> Iterator[ListEntry | str]:
    if len(cells) != _SDN_COLUMNS:
        yield f"{file.name}:{line}: {len(cells)} columns, not {_SDN_COLUMNS}"
        return
    entry_id, name, program = (cell.strip() for cell in (cells[0], cells[1], cells[3]))
    for asset, text in _REMARK.findall(cells[-1]):
        address = normalise_address(text.rstrip(".,"))
        if address is None:
            yield f"{file.name}:{line}: {text[:60]!r} is not an address"
        else:
            yield ListEntry(
                kind, entry_id, name, "" if program == _NOTHING else program, asset.upper(), address, source
            )


def _count(store: Store) -> tuple[int, int]:
    """(open rows, all rows)."""
    found = store.query("SELECT countIf(known_to > now64(3, 'UTC')) AS open, count() AS all FROM list_entries")
    row = found.to_pylist()[0]
    return int(row["open"]), int(row["all"])
