"""What came out of label files of any form: statements, lines left out with their reasons, doubts, unknown words."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from chainsight.categories import recognise
from ingest.delimited import TextFile
from ingest.stated_addresses import LeftOut, read_address
from ingest.statements import Statement
from sql.store import Store

_MOST_CHARACTERS = 4_096
_DOUBTS_NAMED = 3


@dataclass(frozen=True)
class Said:
    """One line or tag in the words of its source."""

    address: str
    label: str
    category: str
    source: str
    chain: str
    confidence: float
    uri: str = ""
    context: str = ""
    stated_at: int = 0
    """Unix seconds; 0 where the source does not say."""


@dataclass(frozen=True)
class Rejected:
    """One line or tag that was left out."""

    file: TextFile
    line: int
    left_out: LeftOut
    row: Sequence[str]

    def __str__(self) -> str:
        return f"{self.file.path.name}:{self.line}: {self.left_out}"


@dataclass
class LabelReading:
    """Collects what the files of one import say."""

    statements: dict[Statement, None] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    doubts: Counter[str] = field(default_factory=Counter)
    doubtful: list[str] = field(default_factory=list)
    """`file:line: 'value' doubt` of the first few."""
    unknown_categories: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    """Lines and tags that became statements, repeats among them."""

    def take(self, file: TextFile, line: int, said: Said, row: Sequence[str]) -> None:
        """Keep one statement, or note why it is left out; `row` is what is kept of it then."""
        found = read_address(said.address, said.chain)
        if isinstance(found, LeftOut):
            self.leave_out(file, line, found, row)
            return
        if not said.source.strip():
            self.leave_out(file, line, LeftOut("names no source"), row)
            return
        if max(len(said.label), len(said.category), len(said.source), len(said.uri)) > _MOST_CHARACTERS:
            self.leave_out(file, line, LeftOut(f"has a field of more than {_MOST_CHARACTERS:,} characters"), row)
            return
        if not file.is_clean and (spoiled := _spoiled(row)):
            self.leave_out(file, line, LeftOut(spoiled), row)
            return
        if found.doubt:
            self.doubt(file, line, said.address.strip(), found.doubt)
        category, known = recognise(said.category.strip(), said.label.strip())
        if not known:
            self.unknown_categories[said.category.strip()] += 1
        statement = Statement(
            chain=found.chain,
            address=found.address,
            label=said.label.strip(),
            source_category=said.category.strip(),
            source=said.source.strip(),
            category=category,
            confidence=said.confidence,
            uri=said.uri.strip(),
            context=said.context,
            stated_at=said.stated_at,
            file=file.path.name,
            file_sha256=file.sha256,
        )
        self.statements.setdefault(statement)
        self.kept += 1

    def leave_out(self, file: TextFile, line: int, left_out: LeftOut, row: Sequence[str]) -> None:
        """Note a line that could not be read."""
        self.rejected.append(Rejected(file, line, left_out, row))

    def doubt(self, file: TextFile, line: int, value: str, doubt: str) -> None:
        """Note what is odd about a line that is kept."""
        self.doubts[doubt] += 1
        if len(self.doubtful) < _DOUBTS_NAMED:
            self.doubtful.append(f"{file.path.name}:{line}: {value[:60]!r} {doubt}")

    def reasons(self) -> dict[str, int]:
        """Lines left out, counted per reason."""
        return dict(Counter(rejected.left_out.reason for rejected in self.rejected).most_common())


def keep_rejected(store: Store, rejected: Sequence[Rejected]) -> None:
    """Put the lines that were left out into `label_rejects`; those of a file that is known there are known."""
    digests = {one.file.sha256 for one in rejected}
    if not digests:
        return
    known = store.query(
        "SELECT DISTINCT CAST(file_sha256 AS String) AS sha256 FROM label_rejects "
        "WHERE has({digests:Array(String)}, file_sha256)",
        digests=sorted(digests),
    )
    new = [one for one in rejected if one.file.sha256 not in set(known.column("sha256").to_pylist())]
    columns = {
        "file_sha256": [one.file.sha256 for one in new],
        "line": pa.array([one.line for one in new], pa.uint64()),
        "file": [one.file.path.name for one in new],
        "reason": [one.left_out.reason for one in new],
        "text": [_as_json(one.row) for one in new],
        "version": pa.array([time.time_ns()] * len(new), pa.uint64()),
    }
    store.insert("label_rejects", pa.table(columns))


def _spoiled(row: Sequence[str]) -> str:
    for cell in row:
        if "\0" in cell:
            return "holds a NUL byte"
        if any("\ud800" <= letter <= "\udfff" for letter in cell):
            return "is not UTF-8"
    return ""


def _as_json(row: Sequence[str]) -> str:
    """The cells as JSON; bytes that were no UTF-8 stay visible as escapes."""
    return json.dumps(list(row), ensure_ascii=True)[:_MOST_CHARACTERS]
