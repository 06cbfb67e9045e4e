"""The tables beside the recording: what is true, what the public knows, who is on the sanctions list."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from demo.actors import Cast

_TRUTH = ("address", "role", "typology", "part", "story", "illicit", "note")


def write_tables(
    cast: Cast, folder: Path, *, seen: set[str], tokens: Iterable[tuple[str, str, str, int]]
) -> dict[str, int]:
    """Write truth.csv, labels.csv, sanctions.csv about the addresses in `seen`; rows in each."""
    people = [(address, truth, label) for address, truth, label in cast.everybody() if address in seen]
    truth_rows = [(address, t.role, t.typology, t.part, t.story, int(t.illicit), t.note) for address, t, _ in people]
    label_rows = [
        (address, label.name, label.category, label.source, "") for address, _, label in people if label is not None
    ]
    listed = [(address, t) for address, t, _ in people if t.part == "sanctioned"]
    sanction_rows = [(f"Demo entry {n}: {t.note}", "DEMO", "ETH", address) for n, (address, t) in enumerate(listed, 1)]
    _write(folder / "truth.csv", _TRUTH, truth_rows)
    _write(folder / "labels.csv", ("address", "label", "category", "source", "chain"), label_rows)
    _write(folder / "sanctions.csv", ("name", "program", "asset", "address"), sanction_rows)
    _write(folder / "tokens.csv", ("address", "symbol", "name", "decimals"), tokens)
    return {"truth": len(truth_rows), "labels": len(label_rows), "sanctions": len(sanction_rows)}


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
