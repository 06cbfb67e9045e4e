"""Connections over which a node speaks without being asked: a WebSocket, or the local socket of its IPC."""

from __future__ import annotations

import json
import socket
from typing import Protocol
from urllib.parse import urlsplit

from ingest.troubles import Kind, Trouble

MOST_BYTES = 16 << 20
"""Of one message: a head is some kilobytes."""
REQUEST_SECONDS = 10.0
_READ_BYTES = 1 << 16


class Wire(Protocol):
    """One connection over which both sides speak when they like. Raises `Trouble` when it breaks."""

    def send(self, message: bytes) -> None:
        """Say something."""
        ...

    def receive(self, seconds: float) -> bytes | None:
        """The next message; None when there is none for so long."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class WebSocketWire:
    """A WebSocket."""

    def __init__(self, url: str) -> None:
        from websockets.exceptions import WebSocketException

        from ingest.transports import open_web_socket, refusal_of

        self._broken = (OSError, WebSocketException)
        try:
            self._connection = open_web_socket(url, seconds=REQUEST_SECONDS, most_bytes=MOST_BYTES)
        except self._broken as error:
            raise Trouble(Kind.UNREACHABLE, refusal_of(error)) from error

    def send(self, message: bytes) -> None:
        """See `Wire.send`."""
        try:
            self._connection.send(message, text=True)
        except self._broken as error:
            raise Trouble(Kind.UNREACHABLE, type(error).__name__) from error

    def receive(self, seconds: float) -> bytes | None:
        """See `Wire.receive`."""
        try:
            return self._connection.recv(timeout=seconds, decode=False)
        except TimeoutError:
            return None
        except self._broken as error:
            raise Trouble(Kind.UNREACHABLE, "the connection broke off") from error

    def close(self) -> None:
        """See `Wire.close`."""
        self._connection.close()


class SocketWire:
    """Messages on a local socket follow each other without anything in between but white space."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._rest = ""
        self._decoder = json.JSONDecoder()
        try:
            self._socket.settimeout(REQUEST_SECONDS)
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise Trouble(Kind.UNREACHABLE, error.strerror or type(error).__name__) from error

    def send(self, message: bytes) -> None:
        """See `Wire.send`."""
        try:
            self._socket.sendall(message + b"\n")
        except OSError as error:
            raise Trouble(Kind.UNREACHABLE, "the connection broke off") from error

    def receive(self, seconds: float) -> bytes | None:
        """See `Wire.receive`."""
        self._socket.settimeout(seconds)
        while (message := self._whole()) is None:
            try:
                piece = self._socket.recv(_READ_BYTES)
            except TimeoutError:
                return None
            except OSError as error:
                raise Trouble(Kind.UNREACHABLE, "the connection broke off") from error
            if not piece or len(self._rest) > MOST_BYTES:
                raise Trouble(Kind.UNREACHABLE, "the connection ended")
            self._rest += piece.decode("utf-8", errors="replace")
        return message

    def _whole(self) -> bytes | None:
        self._rest = self._rest.lstrip()
        try:
            _, end = self._decoder.raw_decode(self._rest)
        except json.JSONDecodeError:
            return None
        except (ValueError, RecursionError) as error:  # numbers of thousands of digits, lists in lists without end
            raise Trouble(Kind.BROKEN, f"no message of a node ({error})") from error
        message, self._rest = self._rest[:end], self._rest[end:]
        return message.encode()

    def close(self) -> None:
        """See `Wire.close`."""
        self._socket.close()


def open_wire(url: str) -> Wire:
    """The wire for ws:// and wss://, or to the socket at a path; raises `Trouble` when nobody is there."""
    return WebSocketWire(url) if urlsplit(url).scheme in {"ws", "wss"} else SocketWire(urlsplit(url).path)
