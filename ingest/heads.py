"""Is there something new at the head? Asked again and again, or told by the node over a WebSocket or a local socket.

    for number in watch_heads("ws://127.0.0.1:8546", stop, poll_seconds=1.0):
        ...                                  # read what is there now; the number is only a reason to look

A signal is a reason to look, not a fact to rely on: numbers may be skipped, repeat (another block of the same height) or fall (a
reorg, a node that starts over). A subscription that breaks or falls silent is begun again, one that the node refuses becomes
polling. What goes wrong is told once for each outage, and the watching goes on until it is stopped.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from ingest.calls import Call, encode_calls, is_null, split_answers
from ingest.troubles import Kind, Trouble, read_error

_LATEST = Call("eth_getBlockByNumber", ("latest", False))
_REQUEST_SECONDS = 10.0
_HEAD_BYTES = 16 << 20
_LOOK_SECONDS = 0.25
_SILENCE_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 15.0
_READ_BYTES = 1 << 16

Signal = tuple[int, str]
"""Number and hash of a newest block."""


class _Head(msgspec.Struct):
    number: str
    hash: str


class Heads(Protocol):
    """A node that says what its newest block is."""

    def listen(self, stop: threading.Event) -> Iterator[Signal]:
        """The newest block, whenever there may be another one, until `stop`. Raises `Trouble` when the node falls away."""
        ...


def watch_heads(
    url: str,
    stop: threading.Event,
    poll_seconds: float,
    *,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Iterator[int]:
    """The newest block's number, each time the newest block is another one; ends with `stop`, which is looked at all the time.

    ws://, wss:// and IPC paths are subscribed to, http:// and https:// polled every `poll_seconds`. Never raises for what a node
    does: `tell` is given one sentence when it falls away and one when it is back.
    """
    signals: SimpleQueue[Signal] = SimpleQueue()
    thread = threading.Thread(
        target=_listen, args=(url, stop, poll_seconds, signals.put, tell), daemon=True, name="heads"
    )
    thread.start()
    known: Signal | None = None
    while not stop.is_set():
        try:
            signal = signals.get(timeout=min(poll_seconds, _LOOK_SECONDS))
            while True:  # only the newest matters
                with contextlib.suppress(Empty):
                    signal = signals.get_nowait()
                    continue
                break
        except Empty:
            continue
        if signal != known:
            known = signal
            yield signal[0]


def _listen(
    url: str,
    stop: threading.Event,
    poll_seconds: float,
    put: Callable[[Signal], None],
    tell: Callable[[str], None],
) -> None:
    from ingest.transports import shown_url  # web3 takes a second to import

    heads = _heads_of(url, poll_seconds)
    failures = 0
    while not stop.is_set():
        try:
            for signal in heads.listen(stop):
                if failures:
                    tell(f"The node {shown_url(url)} is back at block {signal[0]:,}.")
                failures = 0
                put(signal)
        except Trouble as trouble:
            if stop.is_set():
                return
            if isinstance(heads, SubscribedHeads) and trouble.kind in {Kind.UNKNOWN_METHOD, Kind.REFUSED}:
                tell(
                    f"The node {shown_url(url)} takes no subscriptions ({trouble.said}): it is asked every {poll_seconds:g} s."
                )
                heads = PolledHeads(url, poll_seconds)
                continue
            if not failures:
                tell(f"The node {shown_url(url)} {trouble.kind.value} ({trouble.said}): waiting for it.")
            failures += 1
            longest = min(poll_seconds * 2.0 ** min(failures, 10), _LONGEST_PAUSE_SECONDS)
            stop.wait(max(trouble.retry_after or 0.0, random.random() * longest))


def _heads_of(url: str, poll_seconds: float) -> Heads:
    if urlsplit(url).scheme in {"http", "https"}:
        return PolledHeads(url, poll_seconds)
    return SubscribedHeads(url)


class PolledHeads:
    """A node that is asked every `poll_seconds`."""

    def __init__(self, url: str, poll_seconds: float) -> None:
        self._url = url
        self._poll_seconds = poll_seconds

    def listen(self, stop: threading.Event) -> Iterator[Signal]:
        """See `Heads.listen`."""
        from ingest.transports import open_transport

        transport = open_transport(self._url)
        try:
            while not stop.is_set():
                body = transport.exchange(encode_calls([_LATEST]), most_bytes=_HEAD_BYTES, seconds=_REQUEST_SECONDS)
                yield _read_head(split_answers(body, [_LATEST])[0])
                stop.wait(self._poll_seconds)
        finally:
            transport.close()


class SubscribedHeads:
    """A node that tells of new heads by itself (eth_subscribe, geth's publish/subscribe), over a WebSocket or a local socket."""

    def __init__(self, url: str) -> None:
        self._url = url

    def listen(self, stop: threading.Event) -> Iterator[Signal]:
        """See `Heads.listen`."""
        wire = _open_wire(self._url)
        try:
            wire.send(_request(1, "eth_subscribe", ["newHeads"]))
            wire.send(_request(2, _LATEST.method, list(_LATEST.params)))
            heard = asked = time.monotonic()
            while not stop.is_set():
                message = wire.receive(_LOOK_SECONDS)
                now = time.monotonic()
                if message is not None:
                    heard = asked = now
                    if signal := _read_message(message):
                        yield signal
                elif now - asked > _SILENCE_SECONDS:
                    # A subscription that a proxy has forgotten looks like a chain that stands still.
                    wire.send(_request(2, _LATEST.method, list(_LATEST.params)))
                    asked = now
                if now - heard > 2 * _SILENCE_SECONDS:
                    raise Trouble(Kind.SLOW, f"silent for {2 * _SILENCE_SECONDS:g} s")
        finally:
            wire.close()


class _Wire(Protocol):
    """One connection over which both sides speak when they like. Raises `Trouble` when it breaks."""

    def send(self, message: bytes) -> None: ...

    def receive(self, seconds: float) -> bytes | None: ...

    def close(self) -> None: ...


class _WebSocketWire:
    def __init__(self, url: str) -> None:
        from websockets.exceptions import WebSocketException

        from ingest.transports import open_web_socket

        self._broken = (OSError, WebSocketException)
        try:
            self._connection = open_web_socket(url, seconds=_REQUEST_SECONDS, most_bytes=_HEAD_BYTES)
        except self._broken as error:
            raise Trouble(Kind.UNREACHABLE, type(error).__name__) from error

    def send(self, message: bytes) -> None:
        try:
            self._connection.send(message, text=True)
        except self._broken as error:
            raise Trouble(Kind.UNREACHABLE, type(error).__name__) from error

    def receive(self, seconds: float) -> bytes | None:
        try:
            return self._connection.recv(timeout=seconds, decode=False)
        except TimeoutError:
            return None
        except self._broken as error:
            raise Trouble(Kind.UNREACHABLE, "the connection broke off") from error

    def close(self) -> None:
        self._connection.close()


class _SocketWire:
    """Messages on a local socket follow each other without anything in between but white space."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._rest = ""
        self._decoder = json.JSONDecoder()
        try:
            self._socket.settimeout(_REQUEST_SECONDS)
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise Trouble(Kind.UNREACHABLE, error.strerror or type(error).__name__) from error

    def send(self, message: bytes) -> None:
        try:
            self._socket.sendall(message + b"\n")
        except OSError as error:
            raise Trouble(Kind.UNREACHABLE, "the connection broke off") from error

    def receive(self, seconds: float) -> bytes | None:
        self._socket.settimeout(seconds)
        while (message := self._whole()) is None:
            try:
                piece = self._socket.recv(_READ_BYTES)
            except TimeoutError:
                return None
            except OSError as error:
                raise Trouble(Kind.UNREACHABLE, "the connection broke off") from error
            if not piece or len(self._rest) > _HEAD_BYTES:
                raise Trouble(Kind.UNREACHABLE, "the connection ended")
            self._rest += piece.decode("utf-8", errors="replace")
        return message

    def _whole(self) -> bytes | None:
        self._rest = self._rest.lstrip()
        try:
            _, end = self._decoder.raw_decode(self._rest)
        except json.JSONDecodeError:
            return None
        message, self._rest = self._rest[:end], self._rest[end:]
        return message.encode()

    def close(self) -> None:
        self._socket.close()


def _open_wire(url: str) -> _Wire:
    return _WebSocketWire(url) if urlsplit(url).scheme in {"ws", "wss"} else _SocketWire(urlsplit(url).path)


def _request(number: int, method: str, params: list[Any]) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


class _Notice(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw(b"")


class _Message(msgspec.Struct):
    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")
    params: _Notice | None = None


_MESSAGE = msgspec.json.Decoder(_Message)


def _read_message(message: bytes) -> Signal | None:
    """The head a message tells of; None for the subscription's own number. Raises `Trouble` for a refusal."""
    try:
        read = _MESSAGE.decode(message)
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise Trouble(Kind.BROKEN, f"no JSON-RPC message ({error})") from error
    if bytes(read.error) not in {b"", b"null"}:
        raise read_error(read.error)
    if read.params is not None:
        return _read_head(read.params.result)
    return _read_head(read.result) if read.id == 2 else None


def _read_head(result: msgspec.Raw | Trouble) -> Signal:
    if isinstance(result, Trouble):
        raise result
    if is_null(result):
        raise Trouble(Kind.BEHIND, "null for the newest block")
    try:
        head = msgspec.json.decode(result, type=_Head)
        return int(head.number, 16), head.hash.lower()
    except ValueError as error:
        raise Trouble(Kind.BROKEN, f"no block where the newest should be ({error})") from error
