"""What must never be in the tables: one SELECT a file in checks/, each of which must return no row.

They are run after the transforms of a batch; before them the derived tables lag behind the raw ones, and say so here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from chainsight.errors import DataCheckError
from chainsight.progress import SILENT, Progress
from sql.files import Statement, load_folder
from sql.store import Store

_ROWS_SHOWN = 3


@dataclass(frozen=True)
class CheckFailure:
    """One check that found something."""

    name: str
    """File in sql/checks, without ending."""
    purpose: str
    """What it looks for, in a sentence."""
    rows: int
    """Rows it returned; a check returns at most 100."""
    first_rows: tuple[dict[str, Any], ...]


def check(store: Store, *, chain_id: int, progress: Progress = SILENT) -> list[CheckFailure]:
    """Run every check on one chain; an empty list says that all hold."""
    return run_checks(store, load_folder("checks"), chain_id=chain_id, progress=progress)


def run_checks(
    store: Store, statements: Sequence[Statement], *, chain_id: int, progress: Progress = SILENT
) -> list[CheckFailure]:
    """Run some checks on one chain; an empty list says that they hold."""
    failures = []
    for done, statement in enumerate(statements):
        name = statement.name.removeprefix("checks/")
        progress.step(done, len(statements), f"check {name}")
        found: pa.Table = store.query(statement, chain_id=chain_id)
        if found.num_rows:
            rows = tuple(found.slice(0, _ROWS_SHOWN).to_pylist())
            failures.append(CheckFailure(name, statement.purpose, found.num_rows, rows))
    progress.step(len(statements), len(statements), "checks")
    return failures


def require(failures: Sequence[CheckFailure]) -> None:
    """Raise `DataCheckError` naming the first failed check and its first rows; nothing for an empty list."""
    if not failures:
        return
    first = failures[0]
    rows = "; ".join(", ".join(f"{column} {value}" for column, value in row.items()) for row in first.first_rows)
    others = f" Also failed: {', '.join(failure.name for failure in failures[1:])}." if failures[1:] else ""
    raise DataCheckError(
        f"Check {first.name} found {first.rows} rows ({rows}). {first.purpose}{others}",
        next_step="Ingest the blocks named again; derived rows mend with the next `chainsight run`.",
    )
