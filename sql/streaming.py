"""Rows of a SELECT as they come, block by block, so that tables larger than the memory can pass through.

The client streams only formats without a header from the embedded engine and holds anything else whole. The engine itself
gives every block as an Arrow stream of its own, so a handle of ours asks it directly; a server streams over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chdb
import pyarrow as pa
from clickhouse_connect.driver.binding import bind_query
from clickhouse_connect.driver.exceptions import DatabaseError

from sql.store import SESSION_SETTINGS, Parameter, Store, connect, explained

# Two threads keep two columns' decoding going; more would each hold buffers for every column they read.
_STREAM_SETTINGS: dict[str, str | int] = {
    **SESSION_SETTINGS,
    "max_threads": 2,
    "max_block_size": 16_384,
    "output_format_arrow_string_as_string": 1,
    "max_bytes_before_external_sort": 200 << 20,
    "max_bytes_before_external_group_by": 200 << 20,
    "readonly": 1,  # the last one: it forbids to set others
}


@contextmanager
def streaming(store: Store) -> Iterator[Stream]:
    """A session beside the store's, closed at the end; it sees no temporary tables."""
    parts = urlsplit(store.dsn)
    stream: Stream = _Embedded(Path(parts.path)) if parts.scheme == "chdb" else _Server(store.dsn)
    try:
        yield stream
    finally:
        stream.close()


class Stream:
    """Asks one question after the other; the rows of one must be read before the next is asked."""

    def batches(self, question: str, /, **parameters: Parameter) -> Iterator[pa.RecordBatch]:
        """The rows of one SELECT, in its order. Raises `StoreError`, also in the middle."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the session."""
        raise NotImplementedError


class _Embedded(Stream):
    def __init__(self, path: Path) -> None:
        with explained("a session"), _as_client_error():
            self._handle = chdb.connect(str(path.resolve()))
            for name, value in _STREAM_SETTINGS.items():
                self._handle.query(f"SET {name} = {value}")

    def batches(self, question: str, /, **parameters: Parameter) -> Iterator[pa.RecordBatch]:
        text, bound = bind_query(question, dict(parameters), None)
        rows: Any = None
        try:
            with explained(question), _as_client_error():
                rows = self._handle.send_query(text, "ArrowStream", params=_without_prefix(bound))
                for block in rows:
                    with pa.ipc.open_stream(block.bytes()) as reader:
                        yield from reader
        finally:
            if rows is not None:
                rows.close()

    def close(self) -> None:
        self._handle.close()


class _Server(Stream):
    def __init__(self, dsn: str) -> None:
        with explained("a session"):
            self._client = connect(dsn)

    def batches(self, question: str, /, **parameters: Parameter) -> Iterator[pa.RecordBatch]:
        settings = {name: value for name, value in _STREAM_SETTINGS.items() if name not in SESSION_SETTINGS}
        with (
            explained(question),
            self._client.query_arrow_stream(question, parameters=parameters, settings=settings) as tables,
        ):
            for table in tables:
                yield from table.to_batches() if isinstance(table, pa.Table) else [table]

    def close(self) -> None:
        self._client.close()


@contextmanager
def _as_client_error() -> Iterator[None]:
    """The engine's own errors as the client would raise them, without what stands before the code."""
    try:
        yield
    except RuntimeError as error:
        said = str(error)
        raise DatabaseError(said[max(said.find("Code: "), 0) :]) from error


def _without_prefix(bound: dict[str, str]) -> dict[str, str]:
    """Parameters as the engine wants them; the client names them as HTTP does, param_NAME."""
    return {name.removeprefix("param_"): value for name, value in bound.items()}
