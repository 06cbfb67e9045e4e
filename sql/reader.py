"""A session for readers' questions: it only reads, costs what it may, and can be ended.

The embedded store works inside this process, where Ctrl-C waits for compiled code to return. So a question runs in a
thread of its own, and whoever is interrupted while waiting for it has it killed by another session.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from types import MappingProxyType

import pyarrow as pa

from chainsight.errors import ChainsightError, StoreError
from chainsight.settings import settings
from sql.guard_tables import Home
from sql.limits import ReaderLimits, reader_settings
from sql.mistakes import explain_mistake
from sql.store import SESSION_SETTINGS, ClickHouseStore, Parameter, Store, connect, explained

_KILL_EVERY_SECONDS = 0.2
_DATABASE = re.compile(r"^clickhouses?://[^/]*/(\w+)")


def database_of(store: Store) -> str:
    """The database in which a store's tables are."""
    found = _DATABASE.match(store.dsn)
    return found[1] if found else "default"


def tables_of(store: Store) -> list[str]:
    """Names of the tables and views of a store, in order."""
    found = store.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND NOT is_temporary ORDER BY name"
    )
    return [str(name) for name in found.column("name").to_pylist()]


def home_of(store: Store) -> Home:
    """What sql/guard.py must know of a store."""
    return Home(database_of(store), lambda: tables_of(store))


class Reader:
    """Asks the questions that sql/guard.py lets pass; one at a time."""

    def __init__(self, store: Store, session: ClickHouseStore, marker: str) -> None:
        self._store = store
        self._session = session
        self._marker = marker
        self._worker = ThreadPoolExecutor(1, "reader")

    def query(self, question: str, /, **parameters: Parameter) -> pa.Table:
        """The rows of one question; text comes as binary.

        Raises `QuestionStopped` when it costs more than it may, `UnknownName` and `UsageError` for what the question has
        wrong, `StoreError` with the database's own words otherwise. When the caller is interrupted, the question ends too.
        """
        answer = self._worker.submit(self._session.query, question, **parameters)
        try:
            return answer.result()
        except StoreError as error:
            raise self._explained(question, error) from error
        except BaseException:
            self._kill(answer)
            raise

    def close(self) -> None:
        """Let the session go."""
        self._worker.shutdown()
        self._session.close()

    def _explained(self, question: str, error: StoreError) -> ChainsightError:
        said = str(error.__cause__ or error)
        return explain_mistake(said, question, self._columns) or error

    def _columns(self) -> dict[str, list[str]]:
        found = self._session.query(
            "SELECT table, name FROM system.columns WHERE database = currentDatabase()"
        ).to_pydict()
        tables: dict[str, list[str]] = {}
        for table, name in zip(found["table"], found["name"], strict=True):
            tables.setdefault(table.decode(), []).append(name.decode())
        return tables

    def _kill(self, answer: Future[pa.Table]) -> None:
        """End what runs in our session, from another; it may not have begun yet, so again until it is over."""
        over = threading.Event()
        answer.add_done_callback(lambda _: over.set())
        while not over.is_set():
            with suppress(ChainsightError):
                self._store.command(f"KILL QUERY WHERE Settings['log_comment'] = '{self._marker}' ASYNC")
            wait([answer], timeout=_KILL_EVERY_SECONDS)


@contextmanager
def reading(store: Store, changes: Mapping[str, str | int] = MappingProxyType({})) -> Iterator[Reader]:
    """A reader of a store, with the limits that CHAINSIGHT_QUERY_… set; `changes` are of the session's settings."""
    marker = f"reader {uuid.uuid4().hex}"
    asked: dict[str, str | int] = {
        **SESSION_SETTINGS,
        # String may hold any bytes, and only some are text.
        "output_format_arrow_string_as_string": 0,
        "log_comment": marker,
        **reader_settings(ReaderLimits.of(settings())),
        **changes,
    }
    with explained("a session for reading"):
        reader = Reader(store, ClickHouseStore(store.dsn, connect(store.dsn, asked)), marker)
    try:
        yield reader
    finally:
        reader.close()
