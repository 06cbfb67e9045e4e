"""Label files in: tidy CSV and GraphSense TagPacks, told by their content, to bitemporal rows in `labels`.

A file (or several given together) is the whole of what its sources say: a statement that a newer import of the same
source no longer makes is closed (known_to), never deleted. Importing the same statements again changes nothing. A file
that would take away most of what its source said is more often cut off than right: it is refused, unless its removals
are accepted.

Tidy CSV has the columns address, label, category, source and chain, in any order and any case, and may have confidence
(0 to 1) and uri.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chainsight.categories import source_confidence
from chainsight.errors import ArchiveDamaged
from chainsight.progress import SILENT, Progress
from ingest.delimited import TextFile, read_text, records, refuse_page
from ingest.label_reading import LabelReading, Said, keep_rejected
from ingest.stated_addresses import LeftOut
from ingest.statements import LearnSummary, Removals, learn_labels, note_bad_lines
from ingest.tagpacks import is_yaml, read_tagpack
from sql.store import Store

_COLUMNS = ("address", "label", "category", "source", "chain")
_MAY_BE_THERE = ("confidence", "uri")
_UNKNOWN_NAMED = 5


def import_labels(
    store: Store, files: Sequence[Path], *, removals: Removals = Removals.REFUSE, progress: Progress = SILENT
) -> LearnSummary:
    """Read label files (tidy CSV or TagPack YAML, gzipped or not) and record what changed.

    Raises `ArchiveMissing` for a file that is not there, `ArchiveDamaged` for one of another kind or without a readable
    line, and `DataCheckError` when a source would lose more than half of its addresses and that is not accepted.
    """
    reading = LabelReading()
    for done, file in enumerate(files):
        progress.step(done, len(files), f"labels {file.name}")
        left_out, kept = len(reading.rejected), reading.kept
        read_labels(read_text(file), reading)
        if reading.kept == kept and len(reading.rejected) > left_out:
            raise ArchiveDamaged(
                f"{file} holds no readable label ({reading.rejected[-1]}).", next_step="Check the file's columns."
            )
    added, dropped = learn_labels(store, reading.statements, removals=removals)
    keep_rejected(store, reading.rejected)
    progress.step(len(files), len(files), "labels")
    _tell(reading, progress)
    return LearnSummary(
        read=len(reading.statements),
        added=added,
        dropped=dropped,
        bad_lines=tuple(map(str, reading.rejected)),
        left_out=reading.reasons(),
        doubts=dict(reading.doubts.most_common()),
        unknown_categories=dict(reading.unknown_categories.most_common()),
    )


def read_labels(file: TextFile, reading: LabelReading) -> None:
    """Read one file of labels, its form told by its content.

    Raises `ArchiveDamaged` for a file that is neither tidy CSV nor a TagPack.
    """
    refuse_page(file)
    if file.text[:400].lstrip().startswith(("{", "[")):
        raise ArchiveDamaged(
            f"{file.path} is JSON, not a file of labels.",
            next_step="If it is a list of tokens, import it with `chainsight tokens import`.",
        )
    if is_yaml(file):
        read_tagpack(file, reading)
    else:
        read_tidy(file, reading)


def read_tidy(file: TextFile, reading: LabelReading) -> None:
    """Read one tidy CSV."""
    for record in records(file, _COLUMNS, _MAY_BE_THERE):
        if record.problem:
            reading.leave_out(file, record.line, LeftOut(record.problem), record.cells)
            continue
        row = record.row
        confidence = _confidence(row)
        if confidence is None:
            reading.doubt(file, record.line, row["confidence"], "is no confidence of 0 to 1")
            confidence = source_confidence(row["source"])
        said = Said(
            address=row["address"],
            label=row["label"],
            category=row["category"],
            source=row["source"],
            chain=row["chain"],
            confidence=confidence,
            uri=row.get("uri", ""),
        )
        reading.take(file, record.line, said, record.cells)


def _confidence(row: Mapping[str, str]) -> float | None:
    """What the line says, or what is known of its source; None for a text that is no number of 0 to 1."""
    stated = row.get("confidence", "").strip()
    if not stated:
        return source_confidence(row["source"])
    try:
        value = float(stated)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _tell(reading: LabelReading, progress: Progress) -> None:
    """What a person should know of the files: what was left out, what is odd, which words nobody here knows."""
    note_bad_lines(list(map(str, reading.rejected)), progress)
    if len(reading.reasons()) > 1:
        progress.note("left out: " + ", ".join(f"{count:,} {reason}" for reason, count in reading.reasons().items()))
    for doubt, count in reading.doubts.most_common():
        progress.note(f"{count:,} kept, though it {doubt}")
    for doubtful in reading.doubtful:
        progress.note(f"  {doubtful}")
    if reading.unknown_categories:
        named = ", ".join(
            f"{word!r} {count:,}" for word, count in reading.unknown_categories.most_common(_UNKNOWN_NAMED)
        )
        progress.note(
            f"{len(reading.unknown_categories):,} words for a category are unknown here, kept as other: {named}"
        )
