"""What a command prints: one JSON document or one table on stdout; progress, notes and errors on stderr.

Chains, nodes and label files have their say in most of it. Nothing of theirs is read as markup, and no character of theirs that
a terminal obeys instead of showing it gets there.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from chainsight.errors import ChainsightError

_stderr = Console(stderr=True, highlight=False)
_stdout = Console(highlight=False)
_SECONDS_BETWEEN_LINES = 30.0


def wants_json(json_flag: bool) -> bool:
    """JSON when asked for, and whenever nobody is looking."""
    return json_flag or not sys.stdout.isatty()


def shown(text: str) -> str:
    r"""A text as a terminal may have it: what is not printable (escapes, line ends, bidirectional controls) as its code.

    >>> shown("a\x1b[31mb\u202ec") == r"a\x1b[31mb\u202ec"
    True
    """
    return text if text.isprintable() else "".join(map(_shown_character, text))


def emit(document: Mapping[str, Any]) -> None:
    """One JSON document on stdout; characters that are not printable stand in it as JSON's escapes of them."""
    text = json.dumps(document, default=_plain, ensure_ascii=False)
    # json.dumps leaves what is beyond ASCII as it is: the control characters from 0x80 on among it, and lone surrogates.
    print("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text) if not text.isprintable() else text)


def emit_rows(rows: Sequence[Mapping[str, Any]], *, title: str = "") -> None:
    """A table for people on stdout; the keys of the first row are the columns."""
    heading = Text(shown(title), style="table.title") if title else None
    table = Table(title=heading, title_justify="left", header_style="bold")
    columns = list(rows[0]) if rows else []
    for column in columns:
        table.add_column(Text(shown(column)), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    _stdout.print(table)


def emit_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """CSV on stdout (RFC 4180) with a line of names; lists and records are JSON, unprintable characters are their codes."""
    lines = csv.writer(sys.stdout)
    for row in (columns, *rows):
        lines.writerow([_csv_cell(value) for value in row])


def emit_text(text: str) -> None:
    """A text of ours on stdout, line by line as it is."""
    _stdout.print(Text("\n".join(map(shown, text.rstrip().split("\n")))), soft_wrap=True)


def emit_figures(figures: Mapping[str, Any], *, json: bool) -> None:
    """What a command did: a JSON document, or one figure a line for people."""
    if wants_json(json):
        emit(figures)
    else:
        emit_rows([{"figure": name.replace("_", " "), "value": value} for name, value in figures.items()])


def say(text: str) -> None:
    """One line for a person, on stderr."""
    _stderr.print(Text(shown(text)))


def fail(error: ChainsightError) -> None:
    """A user's mistake or a failed check: one line, no traceback."""
    _stderr.print(Text(shown(f"error: {error}"), style="red"), soft_wrap=True)


class Terminal:
    """`Progress` as a bar a person can watch; plain lines of notes when stderr is no terminal."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self._total: int | None = None
        self._spoke = time.monotonic()

    def step(self, done: int, total: int | None, what: str) -> None:
        """Move the bar, a new one where the total is another; where nobody sees bars, a line now and then."""
        what = shown(what)
        if self._task is None or total != self._total:
            if self._task is not None:
                self._bars.remove_task(self._task)
            self._task, self._total = self._bars.add_task(what, total=total), total
        self._bars.update(self._task, completed=done, description=what)
        if self._bars.disable and time.monotonic() - self._spoke > _SECONDS_BETWEEN_LINES:
            self._spoke = time.monotonic()
            self.note(f"{what}: {done:,}{f' of {total:,}' if total is not None else ''}")

    def note(self, text: str) -> None:
        """Print above the bar."""
        self._bars.console.print(Text(shown(text)), soft_wrap=True)


@contextmanager
def watching() -> Iterator[Terminal]:
    """A progress display on stderr for the time of a command."""
    bars = Bars(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=_stderr,
        transient=True,
        disable=not _stderr.is_terminal,
    )
    with bars:
        yield Terminal(bars)


def _cell(value: Any) -> Text:
    """A table's cell; lines of a longer text stay lines, within the cell."""
    lines = "" if value is None else str(_plain_or_same(value))
    return Text("\n".join(map(shown, lines.split("\n"))))


def _csv_cell(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        value = json.dumps(value, default=_plain, ensure_ascii=False)
    return "" if value is None else shown(str(_plain_or_same(value)))


def _shown_character(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _plain_or_same(value: Any) -> Any:
    try:
        return _plain(value)
    except TypeError:
        return value


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"cannot print a {type(value).__name__} as JSON")
