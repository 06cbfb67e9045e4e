"""Sanctions lists: addresses of listed parties as bitemporal facts in `list_entries`.

Three forms of a list are read. The OFAC SDN file (CSV as published, twelve columns, with or without a header line) holds
addresses in its remarks: `Digital Currency Address - ETH 0x…; alt. Digital Currency Address - XBT …`. Two tidy forms have
one address a line: (address,label,category,source,chain) and (name,program,asset,address). Each file is the whole of its
source: an address that a newer file of the same source no longer has is closed (known_to); importing the same file again
changes nothing. Because a file that was cut off would so take addresses off a list, a line that is no line of a list
refuses the whole file, and so does a file that no longer has a tenth of the addresses, unless its removals are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from chainsight.errors import ArchiveDamaged, DataCheckError, UnknownName
from chainsight.progress import SILENT, Progress
from ingest.delimited import TextFile, read_text
from ingest.delimited import rows as lines_of
from ingest.stated_addresses import LeftOut, read_address
from ingest.statements import LearnSummary, Removals, next_version, note_bad_lines
from sql.files import load
from sql.store import Store

KINDS = ("ofac",)
# Column of the file for our name, ticker and programme.
_FORMS = ({"name": "label", "asset": "chain"}, {"name": "name", "asset": "asset", "program": "program"})
_SDN_COLUMNS = 12
_REMARK = re.compile(r"Digital Currency Address - ([A-Za-z0-9]{2,10})[: ]\s*([^\s;]+)")
_NOTHING = "-0-"
_AGAIN = "The file may have been cut off: fetch the list again. Nothing was changed."
# A list loses more than this in one issue only by accident, or for a reason a person should know.
_FEW_REMOVALS, _SHARE_OF_REMOVALS = 5, 0.1


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


def import_lists(
    store: Store,
    files: Sequence[Path],
    *,
    kind: str,
    removals: Removals = Removals.REFUSE,
    progress: Progress = SILENT,
) -> LearnSummary:
    """Read list files of one kind and record what changed.

    Files of one source (`ofac_2021_sdn.csv` and `ofac_2023_sdn.csv` are both `ofac_sdn`) follow each other in the order
    of their names, so that the newest decides what holds. All files are read and checked before anything is recorded.
    Raises `ArchiveMissing`, `ArchiveDamaged` for a file with a line that is none of a list or without any address where
    there were some, `DataCheckError` when more than a tenth (and more than five) of a source's addresses would be taken
    off and that is not accepted, and `UnknownName` for a kind nobody can read yet.
    """
    if kind not in KINDS:
        raise UnknownName("kind of list", kind, KINDS)
    newest = {source_name(file): file for file in sorted(files, key=lambda file: file.name)}
    issues: dict[str, tuple[TextFile, list[ListEntry]]] = {}
    all_bad: list[str] = []
    for done, (source, file) in enumerate(newest.items()):
        progress.step(done, len(newest), f"list {file.name}")
        text = read_text(file)
        entries, bad = read_list(text, kind=kind, source=source)
        if bad and not entries:
            raise ArchiveDamaged(f"{file} holds no readable entry ({bad[0]}).", next_step="Check that it is the list.")
        _check_removals(store, entries, file, kind=kind, source=source, removals=removals)
        issues[source] = text, entries
        all_bad += bad
    added = dropped = 0
    for source, (text, entries) in issues.items():
        new, gone = learn_entries(store, entries, kind=kind, source=source, file=text)
        added, dropped = added + new, dropped + gone
    older = [file.name for file in files if file not in newest.values()]
    if older:
        progress.note(f"{', '.join(sorted(older))} left out: a newer file of the same list is given.")
    note_bad_lines(all_bad, progress)
    read = sum(len(entries) for _, entries in issues.values())
    return LearnSummary(read=read, added=added, dropped=dropped, bad_lines=tuple(all_bad))


def source_name(file: Path) -> str:
    """The list a file is an issue of: its name without endings and years.

    >>> source_name(Path("ofac_2023_sdn.csv.gz"))
    'ofac_sdn'
    """
    stem = file.name.removesuffix(".gz").removesuffix(".csv").lower()
    return "_".join(part for part in stem.split("_") if not part.isdigit())


def read_list(text: TextFile, *, kind: str, source: str) -> tuple[list[ListEntry], list[str]]:
    """Entries of one file, each once, and the addresses that could not be read.

    Raises `ArchiveDamaged` for an empty file and for a line with another number of columns than a list's lines have.
    """
    file = text.path
    rows = [(line, [_words(cell) for cell in cells]) for line, cells in lines_of(text)]
    if not rows:
        raise ArchiveDamaged(f"{file} is empty.", next_step="Fetch the list again.")
    header = [cell.strip().lower() for cell in rows[0][1]]
    form = next((form for form in _FORMS if {"address", *form.values()} <= set(header)), None)
    _check_columns(file, rows, len(header) if form is not None else _SDN_COLUMNS)
    if form is not None:
        lines = ((line, dict(zip(header, cells, strict=True))) for line, cells in rows[1:])
        found = [_one_a_line(file, line, row, form, kind, source) for line, row in lines]
    else:
        found = [outcome for line, cells in rows for outcome in _sdn(file, line, cells, kind, source)]
    entries = dict.fromkeys(entry for entry in found if isinstance(entry, ListEntry))
    return list(entries), [problem for problem in found if isinstance(problem, str)]


def learn_entries(
    store: Store, entries: Sequence[ListEntry], *, kind: str, source: str, file: TextFile
) -> tuple[int, int]:
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
    version = next_version(store, "list_entries")
    # Added before dropped: an entry that only changed its words is on the list at every moment, also for a killed import.
    store.command(load("decode/list_entries_added"), version=version, file=file.path.name, file_sha256=file.sha256)
    store.command(load("decode/list_entries_dropped"), version=version, list_kind=kind, source=source)
    changed = store.query(load("queries/list_entries_changed"), version=version).to_pylist()[0]
    store.command("DROP TABLE IF EXISTS staged_entries")
    return int(changed["added"]), int(changed["dropped"])


def _words(cell: str) -> str:
    """A cell's text; where its bytes are not UTF-8 they are Latin-1, as in lists of earlier years."""
    if cell.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in cell):
        return cell
    return cell.encode(errors="surrogateescape").decode("latin-1")


def _check_columns(file: Path, rows: Sequence[tuple[int, list[str]]], columns: int) -> None:
    for line, cells in rows:
        if len(cells) != columns:
            raise ArchiveDamaged(f"{file}:{line} has {len(cells)} columns, not {columns}.", next_step=_AGAIN)


def _check_removals(
    store: Store, entries: Sequence[ListEntry], file: Path, *, kind: str, source: str, removals: Removals
) -> None:
    """Refuse a file that takes too much off its list; an address under another name or number is still on it."""
    stored = store.query(load("queries/list_entries_open"), list_kind=kind, source=source)
    held = {bytes.fromhex(row["address_hex"]) for row in stored.to_pylist()}
    gone = held - {entry.address for entry in entries}
    if held and not entries:
        raise ArchiveDamaged(f"{file} holds no address; the store has {len(held):,} of this list.", next_step=_AGAIN)
    if removals is Removals.REFUSE and len(gone) > max(_FEW_REMOVALS, _SHARE_OF_REMOVALS * len(held)):
        raise DataCheckError(
            f"{file} would take {len(gone):,} of {len(held):,} addresses off the list {source}; nothing was changed.",
            next_step="Check that the file is whole; if it is, import it with `chainsight lists import "
            f"--kind {kind} --accept-removals`.",
        )


def _one_a_line(
    file: Path, line: int, row: dict[str, str], form: dict[str, str], kind: str, source: str
) -> ListEntry | str:
    name, asset, program = (row.get(form.get(field, ""), "").strip() for field in ("name", "asset", "program"))
    found = read_address(row.get("address", ""), asset)
    if isinstance(found, LeftOut):
        return f"{file.name}:{line}: {found}"
    return ListEntry(kind, "", name, program, asset.upper(), found.address, source)


def _sdn(file: Path, line: int, cells: list[str], kind: str, source: str) -> Iterator[ListEntry | str]:
    entry_id, name, program = (cell.strip() for cell in (cells[0], cells[1], cells[3]))
    for asset, text in _REMARK.findall(cells[-1]):
        found = read_address(text.rstrip(".,"), asset)
        if isinstance(found, LeftOut):
            yield f"{file.name}:{line}: {found}"
        else:
            yield ListEntry(
                kind, entry_id, name, "" if program == _NOTHING else program, asset.upper(), found.address, source
            )
