"""The seam to ClickHouse: one small Protocol, one client, two kinds of store.

`chdb:///path` is ClickHouse inside this process, `clickhouse://user:password@host:8123/database` is a server; both are
spoken to through clickhouse-connect, so every statement in sql/ runs on either.
"""

from __future__ import annotations

import errno
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeAlias
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from chainsight.errors import StoreError, StoreFull, UnknownStore
from sql.files import Statement
from sql.owner import StoreOwner

Parameter: TypeAlias = str | int | float | list[int] | list[float] | list[str] | list[bytes]

# Every reader sees each row once and no withdrawn one, without writing FINAL: see ARCHITECTURE, Decisions.
SESSION_SETTINGS: dict[str, str | int] = {"final": 1, "do_not_merge_across_partitions_select_final": 1}
_SESSION_SECONDS = 3600  # the most a server allows by default: max_session_timeout
_COPY_CHUNK_BYTES = 1 << 20
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Store(Protocol):
    """Where the tables are. All statements may be repeated; nothing here knows what the tables mean."""

    dsn: str

    def query(self, statement: str | Statement, /, **parameters: Parameter) -> pa.Table:
        """The rows of one SELECT. FixedString and UInt256 come as fixed-size binary, integers little-endian."""
        ...

    def command(self, statement: str | Statement, **parameters: Parameter) -> None:
        """Run one statement that returns nothing. Temporary tables live until `close`."""
        ...

    def insert(self, table: str, rows: pa.Table) -> int:
        """Append rows by column name; columns left out take their defaults. Returns the number of rows."""
        ...

    def load(self, table: str, payload: bytes, form: str = "JSONEachRow") -> None:
        """Hand raw bytes to ClickHouse's own parser; unknown JSON fields are ignored, a bad row refuses all."""
        ...

    def copy_out(self, statement: str | Statement, path: Path, form: str = "Parquet", **parameters: Parameter) -> None:
        """Write the rows of one SELECT to a file, without holding them in memory; the file appears whole or not."""
        ...

    def session(self) -> Store:
        """A session beside this one, with temporary tables of its own; statements of the two run at the same time.

        Close it before the store it came from.
        """
        ...

    def close(self) -> None:
        """Let go of the store, so that another process may open it."""
        ...


class ClickHouseStore:
    """The one implementation; the client decides where the engine runs."""

    def __init__(self, dsn: str, client: Client, owner: StoreOwner | None = None) -> None:
        self.dsn = dsn
        self._client = client
        self._owner = owner
        # A session answers one statement at a time, and requests and jobs come in threads: they queue here.
        self._turn = threading.RLock()

    def query(self, statement: str | Statement, /, **parameters: Parameter) -> pa.Table:
        """See `Store.query`."""
        with self._asking(statement):
            return self._client.query_arrow(_text(statement), parameters=parameters)

    def command(self, statement: str | Statement, **parameters: Parameter) -> None:
        """See `Store.command`."""
        with self._asking(statement):
            self._client.command(_text(statement), parameters=parameters)

    def insert(self, table: str, rows: pa.Table) -> int:
        """See `Store.insert`."""
        with self._asking(f"INSERT INTO {table}"):
            if rows.num_rows:
                self._client.insert_arrow(table, rows)
        return int(rows.num_rows)

    def load(self, table: str, payload: bytes, form: str = "JSONEachRow") -> None:
        """See `Store.load`."""
        with self._asking(f"INSERT INTO {table} FORMAT {form}"):
            self._client.raw_insert(
                table, insert_block=payload, fmt=form, settings={"input_format_skip_unknown_fields": 1}
            )

    def copy_out(self, statement: str | Statement, path: Path, form: str = "Parquet", **parameters: Parameter) -> None:
        """See `Store.copy_out`."""
        partial = path.with_name(path.name + ".partial")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with (
                self._asking(statement),
                self._client.raw_stream(_text(statement), parameters=parameters, fmt=form) as rows,
                partial.open("wb") as file,
            ):
                while chunk := rows.read(_COPY_CHUNK_BYTES):
                    file.write(chunk)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        partial.replace(path)

    def session(self) -> ClickHouseStore:
        """See `Store.session`."""
        with explained("a session"):
            return ClickHouseStore(self.dsn, connect(self.dsn))

    @contextmanager
    def _asking(self, statement: str | Statement) -> Iterator[None]:
        """One statement at a time; when it fails, nothing of what it had written already reaches the next one."""
        with self._turn:
            try:
                with explained(statement):
                    yield
            except Exception:
                # chDB hands what a failed statement had put out to whoever asks the same session next: take it and drop it.
                if self.dsn.startswith("chdb:"):
                    with suppress(Exception):
                        self._client.raw_query("SELECT 1", fmt="TabSeparated")
                raise

    def close(self) -> None:
        """See `Store.close`."""
        self._client.close()
        if self._owner is not None:
            self._owner.release()


def open_store(dsn: str) -> ClickHouseStore:
    """Open the store a DSN names.

    Raises `UnknownStore` for a scheme that is not ours, `StoreBusy` when another process has the embedded store open,
    and `StoreError` when a server cannot be reached.
    """
    parts = urlsplit(dsn)
    if parts.scheme == "chdb" and parts.path.startswith("/"):
        return _open_embedded(dsn, Path(parts.path))
    if parts.scheme in {"clickhouse", "clickhouses"} and parts.hostname:
        return _open_server(dsn)
    raise UnknownStore(dsn)


def _open_embedded(dsn: str, path: Path) -> ClickHouseStore:
    owner = StoreOwner.claim(path)
    try:
        client = connect(dsn)
    except ClickHouseError as error:
        owner.release()
        raise StoreError(
            f"The embedded store {path} cannot be opened: {_first_line(error)}.",
            next_step="Check the folder and its permissions, or name another one with --store.",
        ) from error
    return ClickHouseStore(dsn, client, owner)


def _open_server(dsn: str) -> ClickHouseStore:
    shown = re.sub(r":[^:@/]*@", ":…@", dsn)
    try:
        client = _connect_server(dsn)
    except (ClickHouseError, OSError) as error:
        raise StoreError(
            f"The ClickHouse server at {shown} cannot be reached: {_first_line(error)}.",
            next_step="Check host, port (8123 for HTTP), user and password in the DSN.",
        ) from error
    return ClickHouseStore(dsn, client)


def _connect_server(dsn: str) -> Client:
    """A first session; a database that is not there yet is made, as the embedded store makes its folder."""
    try:
        return connect(dsn)
    except ClickHouseError as error:
        name = urlsplit(dsn).path.strip("/")
        if "UNKNOWN_DATABASE" not in str(error) or not name:
            raise
        without = connect(urlsplit(dsn)._replace(path="").geturl())
        without.command(f"CREATE DATABASE IF NOT EXISTS {quote_identifier(unquote(name))}")
        without.close()
        return connect(dsn)


def connect(dsn: str, settings: Mapping[str, str | int] = SESSION_SETTINGS) -> Client:
    """A session of its own, with these settings in this order; clickhouse(s):// is spoken over HTTP(S).

    A server closes sessions, and drops their temporary tables, when nobody asks for a minute; a heavy job takes longer.
    """
    lasting = {} if dsn.startswith("chdb:") else {"session_timeout": _SESSION_SECONDS}
    return clickhouse_connect.get_client(dsn=re.sub(r"^clickhouse", "http", dsn), settings={**lasting, **settings})


@contextmanager
def explained(statement: str | Statement) -> Iterator[None]:
    """Turn the client's exceptions into ours, naming the statement."""
    try:
        yield
    except (ClickHouseError, OSError) as error:
        name = statement.name if isinstance(statement, Statement) else _first_line(statement)
        if _is_out_of_space(error):
            raise StoreFull(name) from error
        if not isinstance(error, ClickHouseError):
            raise
        raise StoreError(
            f"{name}: {_first_line(error)}",
            next_step="Mend it and run it again; statements may be repeated.",
        ) from error


def _is_out_of_space(error: Exception) -> bool:
    """The database's own refusal, or the system's: to the database while it writes, or to us on the way there."""
    if isinstance(error, OSError):
        return error.errno in _NO_SPACE
    said = str(error)
    return "NOT_ENOUGH_SPACE" in said or any(f"errno: {number}," in said for number in _NO_SPACE)


def _text(statement: str | Statement) -> str:
    return statement.text if isinstance(statement, Statement) else statement


def _first_line(said: object) -> str:
    return str(said).strip().split("\n")[0][:400]
