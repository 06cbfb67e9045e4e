"""Is there something new at the head? Asked again and again, or told by the node over a WebSocket or a local socket.

    for number in watch_heads("ws://127.0.0.1:8546", stop, poll_seconds=1.0):
        ...                                  # read what is there now; the number is only a reason to look

A signal is a reason to look, not a fact to rely on: numbers may be skipped, repeat (another block of the same height) or fall (a
reorg, a node that starts over). A subscription that breaks or falls silent is begun again, one that the node refuses becomes
polling. What goes wrong is told once for each outage, and the watching goes on until it is stopped.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from ingest.calls import Call, encode_calls, is_null, split_answers
from ingest.credentials import Credentials, shown_url
from ingest.troubles import Kind, Trouble, read_error
from ingest.wires import MOST_BYTES, REQUEST_SECONDS, open_wire

_LATEST = Call("eth_getBlockByNumber", ("latest", False))
_LOOK_SECONDS = 0.25
_NUMBER_BITS = 63
_SILENCE_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 15.0

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
    credentials = Credentials(url)
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
            trouble.said = credentials.strike_out(trouble.said)
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
                body = transport.exchange(encode_calls([_LATEST]), most_bytes=MOST_BYTES, seconds=REQUEST_SECONDS)
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
        wire = open_wire(self._url)
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
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
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
        number = int(head.number, 16)
        if number.bit_length() > _NUMBER_BITS:  # one of thousands of digits cannot even be printed
            raise ValueError("a number that no block has")
        return number, head.hash.lower()
    except (ValueError, RecursionError) as error:
        raise Trouble(Kind.BROKEN, f"no block where the newest should be ({error})") from error
