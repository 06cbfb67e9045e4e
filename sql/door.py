"""The engine as the HTTP door needs it: statements beside each other, answers as streams of bytes in any format.

An answer leaves the engine through a pipe (`INTO OUTFILE '/dev/fd/N'`), so it is never held in memory, whoever reads it
slowly slows the engine, and formats with a head and a foot (Parquet, Arrow, JSON) stay whole. Rows of an INSERT come from
a file. Each statement has a connection of its own, or that of its session. This is the only part of the door that
touches chDB; it allows everything, so ask sql/guard.py first.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chdb

from sql.door_sessions import MOST_NAMES, Session, Sessions
from sql.refusals import Refusal, from_engine
from sql.statement_text import is_question, verb_of
from sql.store import SESSION_SETTINGS, Store

MOST_STATEMENTS = 32
"""At the same time; the next one is refused with 202."""

# What a server has otherwise than the engine inside a process.
_AS_SERVER = {**{name: str(value) for name, value in SESSION_SETTINGS.items()}, "implicit_select": "0"}
_SETTING = re.compile(r"[A-Za-z_]\w{0,127}", re.ASCII)
_KILL_EVERY_SECONDS = 0.2
_KILL_FOR_SECONDS = 60
_PIPE_BYTES = 1 << 20
_SYNTAX_ERROR = 62


@dataclass(frozen=True)
class Order:
    """One statement with all that belongs to it."""

    text: str
    form: str = "TabSeparated"
    """Format of the answer."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """As ClickHouse's HTTP interface takes them: text, escaped like a TabSeparated field."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """In the order in which they are set."""
    database: str = ""
    rows: Path | None = None
    """What an INSERT reads; `text` then says FROM INFILE (see `from_file`)."""


@dataclass
class Told:
    """What the engine says of a statement that ended."""

    rows_read: int = 0
    """Of tables."""
    bytes_read: int = 0
    rows_written: int = 0
    bytes_written: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    elapsed_ns: int = 0


class Running:
    """A statement under way. Read `fd` to its end; then `told` or `refusal` is there."""

    def __init__(self, door: Door, read_end: int) -> None:
        self.fd = read_end
        self.told = Told()
        self.refusal: Refusal | None = None
        self.marker = f"/* door {uuid.uuid4().hex} */"
        self.ended = threading.Event()
        self.is_cancelled = False
        self._door = door

    def cancel(self) -> None:
        """Stop the work as soon as the engine notices; returns at once."""
        if not self.ended.is_set() and not self.is_cancelled:
            self.is_cancelled = True
            self._door.kill(self)

    def close(self) -> None:
        """Let go of the answer; cancels what still runs."""
        self.cancel()
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class Door:
    """Statements over one embedded store. Close it before the store."""

    def __init__(self, path: Path, beside: Store, most: int = MOST_STATEMENTS) -> None:
        """`most` statements run at the same time."""
        self.beside = beside
        """A session of the store for questions about whoever asks: it waits for nobody's statement."""
        self._path = os.path.realpath(path)
        self._keeper = self._connect()
        self._keeper_turn = threading.Lock()
        self._most = most
        self._workers = ThreadPoolExecutor(most, "door")
        self._killers = ThreadPoolExecutor(most, "door-kill")
        self._lock = threading.Lock()
        self._running: set[Running] = set()
        self.sessions = Sessions(self._connect)
        self.names = Sessions(_NoConnection, most=MOST_NAMES)
        """Sessions of readers, each of whose statements has a connection of its own: only their names are kept."""
        self.version = self._ask("SELECT version()")
        self.timezone = self._ask("SELECT timezone()")

    def start(self, order: Order, session: Session | None = None, held: ExitStack | None = None) -> Running:
        """Begin a statement; raises `Refusal` when too many run. `held` is closed when it ended, or never began."""
        held = held or ExitStack()
        with ExitStack() as not_begun:
            not_begun.push(held)
            running, write_end = self._enter(not_begun)
            self._workers.submit(self._work, order, running, session, held, write_end)
            not_begun.pop_all()
        return running

    def _enter(self, not_begun: ExitStack) -> tuple[Running, int]:
        """A place among those that run, and the end to write its answer to; `not_begun` gives both back."""
        with self._lock:
            if len(self._running) >= self._most:
                raise Refusal(
                    202,
                    "TOO_MANY_SIMULTANEOUS_QUERIES",
                    f"Too many simultaneous queries. Maximum: {self._most}. Wait until others have ended.",
                )
            read_end, write_end = _pipe()
            running = Running(self, read_end)
            self._running.add(running)
        not_begun.callback(self._running.discard, running)
        not_begun.callback(os.close, write_end)
        not_begun.callback(os.close, read_end)
        return running, write_end

    def kill(self, running: Running) -> None:
        """Ask the engine to stop it, until it has ended."""
        self._killers.submit(self._kill, running)

    def close(self) -> None:
        """Stop what runs, close all sessions."""
        with self._lock:
            under_way = list(self._running)
        for running in under_way:
            running.cancel()
        self._workers.shutdown()
        self._killers.shutdown()
        self.sessions.close()
        self.names.close()
        self._keeper.close()
        self.beside.close()

    def _work(self, order: Order, running: Running, session: Session | None, held: ExitStack, write_end: int) -> None:
        try:
            with held, self._own_session() if session is None else nullcontext(session) as used:
                running.told = self._run(order, running, used, write_end)
        except BrokenPipeError:
            running.refusal = Refusal(394, "QUERY_WAS_CANCELLED", "Nobody reads the answer any more.")
        except Refusal as refusal:
            running.refusal = refusal
        except Exception as error:  # whatever the engine throws goes to the one who asked, and to nobody else
            running.refusal = self._told_by_engine(order, str(error))
        finally:
            with self._lock:
                self._running.discard(running)
            running.ended.set()
            os.close(write_end)  # last: whoever reads to the end finds everything said

    def _run(self, order: Order, running: Running, session: Session, write_end: int) -> Told:
        connection = session.connection
        _prepare(session, order)
        if running.is_cancelled:
            raise Refusal(394, "QUERY_WAS_CANCELLED", "Query was cancelled.")
        if not is_question(order.text):
            result = connection.query(f"{running.marker} {order.text}", order.form, params=dict(order.parameters))
            _write(write_end, result.bytes() or b"")
            if verb_of(order.text) == "SET":
                _forget(session, order.text)
        else:
            text = (
                f"{running.marker} {order.text}\n"
                f"INTO OUTFILE '/dev/fd/{write_end}' APPEND COMPRESSION 'none' FORMAT {order.form}"
            )
            result = connection.query(text, "TabSeparated", params=dict(order.parameters))
        return Told(
            rows_read=int(result.storage_rows_read()),
            bytes_read=int(result.storage_bytes_read()),
            rows_written=int(result.rows_written()),
            bytes_written=int(result.bytes_written()),
            result_rows=int(result.rows_read()),
            result_bytes=int(result.bytes_read()),
            elapsed_ns=int(result.elapsed() * 1e9),
        )

    @contextmanager
    def _own_session(self) -> Iterator[Session]:
        session = Session(self._connect)
        try:
            yield session
        finally:
            session.close()

    def _kill(self, running: Running) -> None:
        deadline = time.monotonic() + _KILL_FOR_SECONDS
        while not running.ended.is_set() and time.monotonic() < deadline:
            try:
                with self._keeper_turn:
                    self._keeper.query(f"KILL QUERY WHERE startsWith(query, '{running.marker}') ASYNC", "Null")
            except Exception:  # it ended in between, or the engine is busy: it is asked again
                pass
            running.ended.wait(_KILL_EVERY_SECONDS)

    def _told_by_engine(self, order: Order, said: str) -> Refusal:
        """What the engine said; where it stumbled over the text, said of the client's text and not of ours around it."""
        refusal = from_engine(said)
        if refusal.code != _SYNTAX_ERROR:
            return refusal
        try:
            with self._keeper_turn:
                self._keeper.query(f"SELECT formatQuery({quoted(order.text)})", "Null")
        except Exception as error:
            return from_engine(str(error))
        return refusal

    def _ask(self, question: str) -> str:
        return str(self._keeper.query(question, "TabSeparatedRaw").bytes().decode().strip())

    def _connect(self) -> Any:
        connection = chdb.connect(self._path)
        connection.query(_set_text(_AS_SERVER), "Null")
        return connection


class _NoConnection:
    def close(self) -> None:
        """There is nothing to close."""


def open_door(store: Store, most: int = MOST_STATEMENTS) -> Door | None:
    """The door of an embedded store, for `most` statements at the same time; None for a server, which has its own."""
    parts = urlsplit(store.dsn)
    return Door(Path(parts.path), store.session(), most) if parts.scheme == "chdb" else None


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def from_file(target: str, settings: str, form: str, rows: Path) -> str:
    """The INSERT that reads its rows from a file."""
    return f"{target} FROM INFILE {quoted(str(rows))} COMPRESSION 'none' {settings} FORMAT {form}"


def _prepare(session: Session, order: Order) -> None:
    """Database and settings as this request wants them, and as a server has them where it says nothing."""
    database = order.database or session.database or "default"
    if order.database and database != session.database:
        name = database.replace("\\", "\\\\").replace("`", "\\`")
        session.connection.query(f"USE `{name}`", "Null")
        session.database = database
    wanted = dict(order.settings)
    for name in wanted:
        if not _SETTING.fullmatch(name):
            raise Refusal(115, "UNKNOWN_SETTING", f"Unknown setting {name[:60]!r}.")
    back = {name: _AS_SERVER.get(name) for name in session.applied if name not in wanted}
    new = {name: value for name, value in wanted.items() if session.applied.get(name) != value}
    if back or new:
        session.connection.query(_set_text({**back, **new}), "Null")
    session.applied = wanted


def _forget(session: Session, text: str) -> None:
    """What a SET of the client's own changed is the session's from now on."""
    session.applied = {name: value for name, value in session.applied.items() if name not in text}


def _set_text(settings: Mapping[str, str | None]) -> str:
    return "SET " + ", ".join(
        f"{name} = {'DEFAULT' if value is None else quoted(value)}" for name, value in settings.items()
    )


def _pipe() -> tuple[int, int]:
    """A pipe whose reader never blocks; wide where the system lets it be, so that big answers come in big pieces."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    with suppress(AttributeError, OSError):
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return read_end, write_end


def _write(end: int, answer: bytes) -> None:
    view = memoryview(answer)
    while view:
        view = view[os.write(end, view) :]
