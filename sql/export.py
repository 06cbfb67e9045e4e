"""Tables and answers as files for other tools: written whole or not at all.

What a reader of the file finds, whatever the store uses inside: addresses and hashes are 0x text (what explorers, SQL
engines and spreadsheets join on), 256-bit integers are decimal text (Parquet has no type that holds them exactly; cast
to a decimal or a float as the question allows), times are UTC, nested records are JSON text.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from chainsight.errors import UnknownName, UsageError
from chainsight.progress import SILENT, Progress
from sql.answers import BYTES_COLUMNS
from sql.guard import is_select, require_question
from sql.store import Store

FORMATS = {"parquet": "Parquet"}
"""Name on the command line → ClickHouse's name of the format."""

_LOOKS_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class ExportSummary:
    """A file that was written."""

    path: Path
    rows: int
    size: int
    """Bytes of the file."""
    form: str


def exportable(store: Store) -> list[str]:
    """Tables and views of the store by name."""
    found = store.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND NOT is_temporary ORDER BY name"
    )
    return [str(name) for name in found.column("name").to_pylist()]


def export(
    store: Store, source: str, *, form: str = "parquet", path: Path | None = None, progress: Progress = SILENT
) -> ExportSummary:
    """Write a table, a view or one SELECT to a file; `path` defaults to <table>.<form> or export.<form> here.

    Raises `UnknownName` for a table or format that does not exist (near ones are suggested) and `UsageError` for SQL
    that is not one SELECT.
    """
    if form not in FORMATS:
        raise UnknownName("export format", form, FORMATS)
    name, question = _question(store, source)
    target = path or Path(f"{name}.{form}")
    if target.is_dir():
        target = target / f"{name}.{form}"
    rows = int(store.query(f"SELECT count() AS n FROM ({question}\n)").column("n")[0].as_py())
    progress.note(f"{rows:,} rows to {target}")
    with _watched(target.with_name(target.name + ".partial"), progress):
        store.copy_out(_readable(store, question), target, FORMATS[form])
    return ExportSummary(path=target, rows=rows, size=target.stat().st_size, form=form)


def _question(store: Store, source: str) -> tuple[str, str]:
    word = source.strip()
    if word.isidentifier():
        names = exportable(store)
        if word not in names:
            raise UnknownName("table", word, names)
        return word, f"SELECT * FROM {word}"
    text = require_question(word)
    if not is_select(text):
        raise UsageError("Only rows can be exported.", next_step="Give a table, a view or one SELECT.")
    return "export", text


def _readable(store: Store, question: str) -> str:
    described = store.query(f"DESCRIBE ({question}\n)").to_pydict()
    columns = [_shown(name, kind) for name, kind in zip(described["name"], described["type"], strict=True)]
    return f"SELECT {', '.join(columns)} FROM ({question}\n)"


def _shown(name: str, kind: str) -> str:
    quoted = "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
    plain = kind.removeprefix("LowCardinality(").removeprefix("Nullable(").rstrip(")") if "(" in kind else kind
    if (name in BYTES_COLUMNS and plain == "String") or plain.startswith("FixedString"):
        return f"concat('0x', lower(hex({quoted}))) AS {quoted}"
    if plain == "String":  # `labels.address` and the like: 20 bytes on EVM chains, text on others
        binary = f"length({quoted}) = 20" if name.endswith("address") else f"NOT isValidUTF8({quoted})"
        return f"if({binary}, concat('0x', lower(hex({quoted}))), {quoted}) AS {quoted}"
    if plain in {"UInt256", "Int256", "UInt128", "Int128"}:
        return f"toString({quoted}) AS {quoted}"
    if kind.startswith("Array(FixedString"):
        return f"arrayMap(x -> concat('0x', lower(hex(x))), {quoted}) AS {quoted}"
    if kind.startswith(("Array(Tuple", "Tuple", "Map")):
        return f"toJSONString({quoted}) AS {quoted}"
    return quoted


class _watched:  # noqa: N801 - used like a function
    """Tells how much of a file is written, until the block ends."""

    def __init__(self, file: Path, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(_LOOKS_EVERY_SECONDS):
            if self._file.exists():
                self._progress.step(self._file.stat().st_size >> 20, None, "MiB written")
