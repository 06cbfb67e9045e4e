"""What sources say of addresses, and how the store learns it: bitemporal rows in `labels`, numbered issues of each source.

An import is the whole of what its sources say. A statement that a newer issue no longer makes is closed (known_to,
gone_issue), never deleted; the same statements again change nothing. What the store knew at a past moment is
`known_from <= moment < known_to`; what issue n of a source said is `issue <= n AND (gone_issue = 0 OR gone_issue > n)`.

The row of `label_issues` is written last. A process killed before it has opened or closed some rows; the same import
again opens and closes the rest under the same number.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import pyarrow as pa

from chainsight.errors import DataCheckError
from chainsight.progress import Progress
from sql.files import load
from sql.store import Store

_BAD_LINES_NAMED = 5
_MOST_THAT_MAY_VANISH = 0.5
"""Share of a source's addresses that may lose all its labels in one import."""

STAGED_LABELS = (
    "staged_labels (chain String, address String, label String, source_category String, source String, category String, "
    "confidence Float32, uri String, context String, stated_at DateTime('UTC'), file String, file_sha256 String, "
    "statement UInt64 MATERIALIZED cityHash64(label, source_category, category, confidence, uri, context, stated_at))"
)
_COLUMNS = {
    "chain": pa.string(), "address": pa.binary(), "label": pa.string(), "source_category": pa.string(),
    "source": pa.string(), "category": pa.string(), "confidence": pa.float32(), "uri": pa.string(),
    "context": pa.string(), "stated_at": pa.timestamp("s", "UTC"), "file": pa.string(), "file_sha256": pa.string(),
}  # fmt: skip


class Removals(Enum):
    """What to do when a file no longer has much of what its source said before."""

    REFUSE = "refuse"
    """Take it for a file that was cut off, and change nothing."""
    ACCEPT = "accept"
    """Close what the file no longer has."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One source says one thing about one address."""

    chain: str
    """Lower case: ethereum, bitcoin …; empty for any EVM chain."""
    address: bytes
    """20 bytes on EVM chains, the text itself on others."""
    label: str
    source_category: str
    source: str
    category: str
    confidence: float
    """0 to 1."""
    uri: str = ""
    """Where the source has it from."""
    context: str = ""
    """What else it says, as JSON."""
    stated_at: int = 0
    """Unix seconds of the source's own last change; 0 where it does not say."""
    file: str = field(default="", compare=False)
    file_sha256: str = field(default="", compare=False)


@dataclass(frozen=True)
class LearnSummary:
    """What an import changed."""

    read: int
    """Statements read, each once."""
    added: int
    dropped: int
    """Statements that their source no longer makes."""
    bad_lines: tuple[str, ...] = field(default=())
    """`file:line: reason` of lines that could not be read."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """The same, counted per reason."""
    doubts: Mapping[str, int] = field(default_factory=dict)
    """What is odd about statements that were kept, counted: wrong checksums, unknown words for confidence."""
    unknown_categories: Mapping[str, int] = field(default_factory=dict)
    """Words for a category that our taxonomy does not know, the most frequent first; their labels are kept as `other`."""

    def __str__(self) -> str:
        return (
            f"{self.read:,} read, {self.added:,} new, {self.dropped:,} dropped, {len(self.bad_lines):,} lines left out"
        )


def learn_labels(
    store: Store, statements: Iterable[Statement], *, removals: Removals = Removals.REFUSE
) -> tuple[int, int]:
    """Record statements that are new and close those their sources dropped; returns (added, dropped).

    Raises `DataCheckError`, before anything is changed, when a source would lose more than half of its addresses and
    that is not accepted.
    """
    rows = list(statements)
    store.command("DROP TABLE IF EXISTS staged_labels")
    store.command(f"CREATE TEMPORARY TABLE {STAGED_LABELS}")
    arrays = {name: pa.array([getattr(row, name) for row in rows], kind) for name, kind in _COLUMNS.items()}
    store.insert("staged_labels", pa.table(arrays))
    if removals is Removals.REFUSE:
        _refuse_removals(store)
    version = next_version(store, "labels")
    store.command(load("decode/labels_added"), version=version)
    store.command(load("decode/labels_dropped"), version=version)
    changed = store.query(load("queries/labels_changed"), version=version).to_pylist()[0]
    store.command(load("decode/label_issues"), version=version)
    store.command("DROP TABLE IF EXISTS staged_labels")
    return int(changed["added"]), int(changed["dropped"])


def note_bad_lines(bad: Sequence[str], progress: Progress) -> None:
    """Say how many lines were left out, and name the first few."""
    if bad:
        shown = "; ".join(bad[:_BAD_LINES_NAMED])
        progress.note(f"{len(bad)} lines left out: {shown}{' …' if len(bad) > _BAD_LINES_NAMED else ''}")


def next_version(store: Store, table: str) -> int:
    """Later than every write before, also where the clock was set back; a millisecond apart, as `known_from` is."""
    last = store.query(f"SELECT max(version) AS version FROM {table}").to_pylist()[0]["version"]
    return max(time.time_ns(), int(last) + 1_000_000)


def _refuse_removals(store: Store) -> None:
    for row in store.query(load("queries/labels_vanishing")).to_pylist():
        if row["vanishing"] > _MOST_THAT_MAY_VANISH * row["open"]:
            raise DataCheckError(
                f"{row['vanishing']:,} of the {row['open']:,} addresses that {row['source']} labels would lose its "
                "labels; nothing was changed.",
                next_step="Check that the file is whole; if it is, import it with `chainsight labels import "
                "--accept-removals`.",
            )
