"""Bytes to a node and bytes back, over HTTP(S), a WebSocket or a local socket, with a limit in bytes and in seconds.

HTTP is web3's provider with the decoding taken out (ingest/http_transport.py): what web3 would turn into Python objects, a
megabyte a block, goes on as it came. web3's classes for IPC and WebSockets cannot be had without their decoding (and the one
speaks only inside of an event loop): IPC is a socket, and WebSockets use the library that web3 uses.
"""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from chainsight.errors import UsageError
from ingest.credentials import shown_url
from ingest.http_transport import CONNECT_SECONDS, HttpTransport
from ingest.troubles import Kind, Trouble, too_large

_READ_BYTES = 1 << 20


class Transport(Protocol):
    """One node's end of the wire; used from many threads at once."""

    def exchange(self, body: bytes, *, most_bytes: int, seconds: float) -> bytes | bytearray:
        """Send one request and return the whole answer, unpacked.

        Raises `Trouble` when there is none: unreachable, too slow in all, larger than `most_bytes`, cut off, refused by status.
        """
        ...

    def close(self) -> None:
        """Let go of the connections; requests under way end with `Trouble`."""
        ...


def open_transport(url: str) -> Transport:
    """The transport for http://, https://, ws://, wss:// or the path of a socket; raises `UsageError` for anything else."""
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.hostname:
        return HttpTransport(url)
    if parts.scheme in {"ws", "wss"} and parts.hostname:
        return WebSocketTransport(url)
    path = parts.path if parts.scheme in {"ipc", "file", "unix"} else url
    if not parts.scheme or path is not url:
        return IpcTransport(path)
    raise UsageError(
        f"{shown_url(url)} is no node.", next_step="Use http(s)://…, ws(s)://… or the path of a node's IPC socket."
    )


class _Kept:
    """Connections that carry one exchange at a time: taken, given back, thrown away when something went wrong."""

    def __init__(self) -> None:
        self._free: list[Any] = []
        self._all: set[Any] = set()
        self._turn = threading.Lock()

    def take(self) -> Any | None:
        with self._turn:
            return self._free.pop() if self._free else None

    def give_back(self, connection: Any) -> None:
        with self._turn:
            self._free.append(connection)

    def note(self, connection: Any) -> None:
        with self._turn:
            self._all.add(connection)

    def drop(self, connection: Any) -> None:
        with self._turn:
            self._all.discard(connection)
        connection.close()

    def drop_all(self) -> None:
        with self._turn:
            connections, self._all, self._free = list(self._all), set(), []
        for connection in connections:
            connection.close()


class IpcTransport:
    """Requests over a node's local socket; one connection for each exchange under way."""

    def __init__(self, path: str) -> None:
        self._path = str(Path(path).expanduser().resolve())
        self._kept = _Kept()

    def exchange(self, body: bytes, *, most_bytes: int, seconds: float) -> bytes | bytearray:
        """See `Transport.exchange`."""
        deadline = time.monotonic() + seconds
        connection = None
        try:
            connection = self._kept.take() or self._open(seconds)
            connection.settimeout(seconds)
            connection.sendall(body + b"\n")
            answer = _one_json(connection, deadline, most_bytes)
        except (OSError, Trouble) as error:
            if connection is not None:
                self._kept.drop(connection)
            if isinstance(error, Trouble):
                raise
            if isinstance(error, TimeoutError):
                raise Trouble(Kind.SLOW, f"no whole answer in {seconds:g} s") from error
            raise Trouble(Kind.UNREACHABLE, error.strerror or type(error).__name__) from error
        self._kept.give_back(connection)
        return answer

    def _open(self, seconds: float) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._kept.note(connection)
        connection.settimeout(seconds)
        try:
            connection.connect(self._path)
        except OSError:
            self._kept.drop(connection)
            raise
        return connection

    def close(self) -> None:
        """See `Transport.close`."""
        self._kept.drop_all()


def _one_json(connection: socket.socket, deadline: float, most_bytes: int) -> bytearray:
    """Nothing on an IPC socket says how long an answer is: it is over when it is one whole JSON text."""
    answer = bytearray()
    whole = msgspec.json.Decoder(msgspec.Raw)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(_READ_BYTES)
        if not piece:
            raise Trouble(Kind.BROKEN, f"cut off after {len(answer):,} bytes")
        answer += piece
        if len(answer) > most_bytes:
            raise too_large(most_bytes)
        if piece.rstrip()[-1:] in (b"]", b"}"):
            try:
                whole.decode(answer)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            except (ValueError, RecursionError) as error:
                raise Trouble(Kind.BROKEN, f"no answer of a node ({error})") from error
            return answer


class WebSocketTransport:
    """Requests over WebSockets; one connection for each exchange under way."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept = _Kept()

    def exchange(self, body: bytes, *, most_bytes: int, seconds: float) -> bytes | bytearray:
        """See `Transport.exchange`."""
        connection: ClientConnection | None = None
        try:
            connection = self._kept.take()
            if connection is None:
                connection = open_web_socket(self._url, seconds=seconds, most_bytes=most_bytes)
                self._kept.note(connection)
            connection.send(body, text=True)
            answer: bytes = connection.recv(timeout=seconds, decode=False)
        except (OSError, WebSocketException) as error:
            if connection is not None:
                self._kept.drop(connection)
            if isinstance(error, TimeoutError):
                raise Trouble(Kind.SLOW, f"no whole answer in {seconds:g} s") from error
            closed = error.sent if isinstance(error, ConnectionClosed) else None
            if closed is not None and closed.code == CloseCode.MESSAGE_TOO_BIG:
                raise too_large(most_bytes) from error
            raise Trouble(Kind.UNREACHABLE, refusal_of(error)) from error
        self._kept.give_back(connection)
        return answer

    def close(self) -> None:
        """See `Transport.close`."""
        self._kept.drop_all()


def refusal_of(error: BaseException) -> str:
    """Why there is no WebSocket, in a few words and without its URL."""
    if isinstance(error, InvalidStatus):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the connection broke off" if isinstance(error, ConnectionClosed) else type(error).__name__


def open_web_socket(url: str, *, seconds: float, most_bytes: int) -> ClientConnection:
    """A connection that the caller closes; raises `OSError` or `WebSocketException`, `TimeoutError` after so many seconds."""
    connecting = connect(url, open_timeout=min(CONNECT_SECONDS, seconds), max_size=most_bytes, close_timeout=1)
    # The library wants to be used as a context manager; a connection that is kept has no block to stand in.
    return connecting.__enter__()
