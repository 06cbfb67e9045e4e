"""What sources say about addresses, kept with the time it was known: tidy CSV in, bitemporal rows in `labels`.

A file (or several given together) is the whole of what its sources say: a statement that a newer import of the same
source no longer makes is closed (known_to), never deleted. Importing the same statements again changes nothing. A file
that would take away most of what its source said is more often cut off than right: it is refused, unless its removals
are accepted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pyarrow as pa

from chainsight.categories import map_category, source_confidence
from chainsight.errors import ArchiveDamaged, DataCheckError
from chainsight.progress import SILENT, Progress
from ingest.delimited import read_csv
from sql.files import load
from sql.store import Store

_COLUMNS = ("address", "label", "category", "source", "chain")
_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}")
_OTHER_CHAINS = re.compile(r"[0-9A-Za-z:_.-]{20,128}")

# Tickers and short names as sources write them; what is not here is taken as it is, in lower case.
CHAIN_NAMES = {
    "eth": "ethereum",
    "usdt": "ethereum",
    "usdc": "ethereum",
    "arb": "arbitrum",
    "btc": "bitcoin",
    "xbt": "bitcoin",
    "ltc": "litecoin",
    "bch": "bitcoin-cash",
    "trx": "tron",
    "xmr": "monero",
    "zec": "zcash",
}
_BAD_LINES_NAMED = 5
_MOST_THAT_MAY_VANISH = 0.5
"""Share of a source's addresses that may lose all its labels in one import."""


class Removals(Enum):
    """What to do when a file no longer has much of what its source said before."""

    REFUSE = "refuse"
    """Take it for a file that was cut off, and change nothing."""
    ACCEPT = "accept"
    """Close what the file no longer has."""


@dataclass(frozen=True)
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

    def __str__(self) -> str:
        return (
            f"{self.read:,} read, {self.added:,} new, {self.dropped:,} dropped, {len(self.bad_lines):,} lines left out"
        )


def normalise_address(text: str) -> bytes | None:
    """20 bytes of an EVM address, the text of another chain's, None for neither."""
    stripped = text.strip()
    if _EVM.fullmatch(stripped):
        return bytes.fromhex(stripped[2:])
    if not stripped.lower().startswith("0x") and _OTHER_CHAINS.fullmatch(stripped):
        return stripped.encode()
    return None


def normalise_chain(text: str, address: bytes) -> str:
    """The chain's name in lower case; tickers become names, and a Tron token's holder is on tron."""
    name = text.strip().lower()
    if len(address) != 20 and CHAIN_NAMES.get(name) == "ethereum":
        return "tron" if address.startswith(b"T") else "bitcoin"
    return CHAIN_NAMES.get(name, name)


def import_labels(
    store: Store, files: Sequence[Path], *, removals: Removals = Removals.REFUSE, progress: Progress = SILENT
) -> LearnSummary:
    """Read tidy label files (address,label,category,source,chain; .csv or .csv.gz) and record what changed.

    Raises `ArchiveMissing` for a file that is not there, `ArchiveDamaged` for one without a readable line, and
    `DataCheckError` when a source would lose more than half of its addresses and that is not accepted.
    """
    statements: dict[Statement, None] = {}
    bad: list[str] = []
    for done, file in enumerate(files):
        progress.step(done, len(files), f"labels {file.name}")
        readable, bad_before = 0, len(bad)
        for line, row in read_csv(file, _COLUMNS):
            statement = read_statement(row)
            if isinstance(statement, Statement):
                statements[statement] = None
                readable += 1
            else:
                bad.append(f"{file.name}:{line}: {statement}")
        if not readable and len(bad) > bad_before:
            raise ArchiveDamaged(f"{file} holds no readable label ({bad[-1]}).", next_step="Check the file's columns.")
    added, dropped = learn_labels(store, statements, removals=removals)
    progress.step(len(files), len(files), "labels")
    note_bad_lines(bad, progress)
    return LearnSummary(read=len(statements), added=added, dropped=dropped, bad_lines=tuple(bad))


def read_statement(row: dict[str, str]) -> Statement | str:
    """The statement of one line, or why there is none."""
    address = normalise_address(row["address"])
    if address is None:
        return f"{row['address'][:60]!r} is not an address"
    if not row["source"].strip():
        return "it names no source"
    return Statement(
        chain=normalise_chain(row["chain"], address),
        address=address,
        label=row["label"].strip(),
        source_category=row["category"].strip(),
        source=row["source"].strip(),
        category=map_category(row["category"], row["label"]),
        confidence=source_confidence(row["source"]),
    )


def learn_labels(
    store: Store, statements: Iterable[Statement], *, removals: Removals = Removals.REFUSE
) -> tuple[int, int]:
    """Record statements that are new and close those their sources dropped; returns (added, dropped).

    Raises `DataCheckError`, before anything is changed, when a source would lose more than half of its addresses and
    that is not accepted.
    """
    rows = list(statements)
    columns = ("chain", "address", "label", "source_category", "source", "category", "confidence")
    store.command("DROP TABLE IF EXISTS staged_labels")
    store.command(
        "CREATE TEMPORARY TABLE staged_labels (chain String, address String, label String, source_category String, "
        "source String, category String, confidence Float32)"
    )
    store.insert(
        "staged_labels",
        pa.table(
            {
                name: pa.array([getattr(row, name) for row in rows], pa.binary() if name == "address" else None)
                for name in columns
            }
        ),
    )
    if removals is Removals.REFUSE:
        _refuse_removals(store)
    before = _count(store)
    version = time.time_ns()
    store.command(load("decode/labels_dropped"), version=version)
    dropped = before[0] - _count(store)[0]
    store.command(load("decode/labels_added"), version=version)
    added = _count(store)[1] - before[1]
    store.command("DROP TABLE IF EXISTS staged_labels")
    return added, dropped


def _refuse_removals(store: Store) -> None:
    for row in store.query(load("queries/labels_vanishing")).to_pylist():
        if row["vanishing"] > _MOST_THAT_MAY_VANISH * row["open"]:
            raise DataCheckError(
                f"{row['vanishing']:,} of the {row['open']:,} addresses that {row['source']} labels would lose its "
                "labels; nothing was changed.",
                next_step="Check that the file is whole; if it is, import it with `chainsight labels import "
                "--accept-removals`.",
            )


def note_bad_lines(bad: Sequence[str], progress: Progress) -> None:
    """Say how many lines were left out, and name the first few."""
    if bad:
        shown = "; ".join(bad[:_BAD_LINES_NAMED])
        progress.note(f"{len(bad)} lines left out: {shown}{' …' if len(bad) > _BAD_LINES_NAMED else ''}")


def _count(store: Store) -> tuple[int, int]:
    """(open rows, all rows)."""
    row = store.query("SELECT countIf(known_to > now64(3, 'UTC')) AS open, count() AS all FROM labels").to_pylist()[0]
    return int(row["open"]), int(row["all"])
