"""The store for analysts in Python: ask it in SQL or by the name of a question, get rows that pandas, Polars and Arrow take.

    import chainsight

    with chainsight.open("chdb:///path/of/a/store") as warehouse:
        frame = warehouse.query("SELECT kind, count() AS transfers FROM transfers GROUP BY kind").pandas()
        warehouse.query("top_counterparties", address="0x…").plot().save("counterparties.svg")

Whoever opens it only reads: what is asked passes the guard (sql/guard.py), as over HTTP.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa

from chainsight.errors import StoreEmpty, UnknownName, UsageError
from sql.answers import fetched, told
from sql.guard import is_select, require_question
from sql.library import Question, bound, library
from sql.question_values import checked
from sql.reader import home_of
from sql.rows import Rows
from sql.store import ClickHouseStore, Parameter, Store, open_store

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLES = """
SELECT name, comment AS meaning, total_rows AS rows
FROM system.tables
WHERE database = currentDatabase() AND NOT is_temporary
ORDER BY name
"""
_COLUMNS = """
SELECT name, type, comment AS meaning
FROM system.columns
WHERE database = currentDatabase() AND table = {table:String}
ORDER BY position
"""


class Warehouse:
    """An open store, for questions. Close it, or use it in a `with`: an embedded store has one owner at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def query(self, question: str, /, **parameters: object) -> Rows:
        """The rows of one SELECT (or SHOW, DESCRIBE, EXPLAIN), or of a question of the library by its name.

        `parameters` are values for its `{name:Type}`; those of the library are checked and have defaults.

        Raises `UsageError` for SQL that does more than ask and for values that do not fit, `UnknownName` for a question that
        is not there, and `StoreError` with the database's own words.
        """
        word = question.strip()
        if word.isidentifier():
            if word not in library():
                raise UnknownName("question", word, library())
            return self._asked(library()[word], parameters)
        return read_rows(self._store, question, {name: _plain(value) for name, value in parameters.items()})

    def questions(self, tag: str = "") -> Rows:
        """The questions of the library, with what they answer; those with a tag, where one is given."""
        found = [question for question in library().values() if not tag or tag in question.tags]
        columns = {
            "name": [question.name for question in found],
            "question": [question.asks for question in found],
            "parameters": [", ".join(parameter.name for parameter in question.parameters) for question in found],
            "tags": [", ".join(question.tags) for question in found],
        }
        texts = {name: pa.array([text.encode() for text in values], pa.binary()) for name, values in columns.items()}
        return Rows(pa.table(texts), ["String"] * len(texts))

    def tables(self) -> Rows:
        """Every table and view: its name, what it holds, and its rows (none for views)."""
        return read_rows(self._store, _TABLES, {})

    def describe(self, table: str) -> Rows:
        """The columns of a table or view: name, type and meaning; raises `UnknownName` with the near ones."""
        names = [str(row["name"]) for row in self.tables()]
        if table not in names:
            raise UnknownName("table", table, names)
        return read_rows(self._store, _COLUMNS, {"table": table})

    def close(self) -> None:
        """Let go of the store, so that another process may open it."""
        self._store.close()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _asked(self, question: Question, given: Mapping[str, object]) -> Rows:
        values = bound(self._store, question, given)
        return read_rows(self._store, question.sql, values).showing(question.wish(values))


def read_rows(store: Store, question: str, parameters: Mapping[str, Parameter]) -> Rows:
    """The rows of what a reader may ask; raises `UsageError` for anything that does more, and for columns of one name."""
    text = require_question(question, home_of(store))
    if is_select(text):
        return _rows(*fetched(store, text, limit=0, parameters=parameters))
    found = told(store, text, parameters=parameters)
    return Rows(found, ["String"] * found.num_columns)


def _rows(found: pa.Table, types: list[str]) -> Rows:
    if len(set(found.column_names)) < found.num_columns:
        raise UsageError(
            f"Two columns share a name: {', '.join(found.column_names)}.", next_step="Give each its own with AS."
        )
    return Rows(found, types)


def open_warehouse(dsn: str) -> Warehouse:
    """Open the store that a DSN names, for reading; nothing is made or changed.

    Raises `StoreEmpty` where there is no store or none of ours, `UnknownStore` for a DSN nobody here can open, `StoreBusy`
    when another process has the embedded store open, and `StoreError` when a server cannot be reached.
    """
    parts = urlsplit(dsn)
    if parts.scheme == "chdb" and parts.path.startswith("/") and not Path(parts.path).is_dir():
        raise StoreEmpty(
            f"anything: there is no folder {parts.path}", "Ingest some blocks first, or run chainsight demo."
        )
    store = open_store(dsn)
    if not _is_ours(store):
        store.close()
        raise StoreEmpty("tables of ours", "Ingest some blocks first, or run chainsight demo.")
    return Warehouse(store)


def _is_ours(store: ClickHouseStore) -> bool:
    return bool(store.query("EXISTS TABLE ingest_audit").column(0)[0].as_py())


def _plain(value: object) -> Parameter:
    """A value for SQL of one's own, whose types the database checks; addresses may be bytes."""
    if isinstance(value, bytes):
        return str(checked("value", "String", value))
    if isinstance(value, bool | int | float | str | list):
        return value
    if hasattr(value, "isoformat"):
        return str(value)
    raise UsageError(
        f"A {type(value).__name__} cannot be the value of a parameter.",
        next_step="Give a text, a number, a time or a list.",
    )
