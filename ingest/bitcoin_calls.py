"""Questions to Bitcoin Core by JSON-RPC over HTTP: connections, credentials, patience, and what its errors mean.

Core answers errors as HTTP 500 or 404 with a JSON body (JSON-RPC 1.0), or 200 with one (2.0, since 28); 401 and 403 come
without a body, 503 when its queue is full. Error codes: src/rpc/protocol.h.
"""

from __future__ import annotations

import base64
import http.client
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from chainsight.errors import NodeRefused, UsageError

WARMING_UP = -28
PRUNED_OR_UNAVAILABLE = -1
_ATTEMPTS = 6
_LONGEST_PAUSE_SECONDS = 8.0
_SILENCE_SECONDS = 60
_ANSWER_SECONDS = 300
_MOST_BYTES = 512 << 20
_PIECE_BYTES = 1 << 20
_PORTS = {"http": 8332, "https": 443}


class Error(msgspec.Struct):
    """What a node gives instead of a result."""

    code: int = 0
    message: str = ""


class Answer(msgspec.Struct):
    """The envelope of a result, which is not parsed here."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    error: Error | None = None
    id: int | str | None = None


Parsed = TypeVar("Parsed")
_one = msgspec.json.Decoder(Answer)
_many = msgspec.json.Decoder(list[Answer])


class _Trouble(Exception):
    """Something that may be over in a moment."""


class BitcoinCalls:
    """Calls to one node; may be used from several threads, each has a connection of its own."""

    def __init__(self, url: str, *, pause_seconds: float = 0.25) -> None:
        """`url` is http[s]://user:password@host:port[/wallet]; nothing is sent yet. Raises `UsageError`."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            # Not repeated: a password may stand in it.
            raise UsageError("The URL of the node is none.", next_step="Write http://user:password@host:8332.")
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._path = parts.path or "/"
        self._headers = {"Content-Type": "application/json"}
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._headers["Authorization"] = "Basic " + base64.b64encode(login).decode()
        self.location = f"{parts.scheme}://{self._host}:{self._port}"
        self._pause_seconds = pause_seconds
        self._own = threading.local()
        self._connections: list[http.client.HTTPConnection] = []

    def ask(self, method: str, *parameters: object) -> msgspec.Raw:
        """One result that is not null; raises `NodeRefused` naming method and parameters."""
        answer = self._one(method, parameters)
        if answer.error is not None:
            raise self._refused(method, parameters, answer.error)
        if bytes(answer.result) == b"null":
            raise NodeRefused(
                f"The node {self.location} answered {method}{_shown(parameters)} with null.",
                next_step="Check that it is Bitcoin Core 22 or newer and has finished its start, then repeat.",
            )
        return answer.result

    def ask_many(self, method: str, every: Sequence[Sequence[object]]) -> list[Answer]:
        """Answers to many questions in one request, in their order; errors are left in them, save for a busy node."""
        body = [_question(method, parameters, place) for place, parameters in enumerate(every)]

        def parse(content: bytes) -> list[Answer]:
            answers = {answer.id: answer for answer in _many.decode(content)}
            if set(answers) != set(range(len(body))):
                raise _Trouble(f"gave {len(answers)} answers to {len(body)} questions")
            for answer in answers.values():
                _raise_if_warming_up(answer)
            return [answers[place] for place in range(len(body))]

        return self._patiently(method, msgspec.json.encode(body), parse) if body else []

    def close(self) -> None:
        """Close the connections of all threads; whoever asks again opens one."""
        while self._connections:
            self._connections.pop().close()
        self._own = threading.local()

    def _one(self, method: str, parameters: Sequence[object]) -> Answer:
        def parse(content: bytes) -> Answer:
            answer = _one.decode(content)
            _raise_if_warming_up(answer)
            return answer

        return self._patiently(method, msgspec.json.encode(_question(method, parameters, 0)), parse)

    def _patiently(self, method: str, body: bytes, parse: Callable[[bytes], Parsed]) -> Parsed:
        """Ask until there is an answer, with growing, jittered pauses; raises `NodeRefused` when patience is at its end."""
        said = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                longest = min(self._pause_seconds * 2**attempt, _LONGEST_PAUSE_SECONDS)
                time.sleep(random.uniform(0, longest))
            try:
                return parse(self._exchange(body))
            except _Trouble as trouble:
                said = str(trouble)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                said = f"gave no whole JSON ({error})"
            except (OSError, http.client.HTTPException) as error:
                said = f"cannot be reached ({type(error).__name__})"
            self._connection().close()
        raise NodeRefused(
            f"The node {self.location} {said}, {_ATTEMPTS} times, for {method}.",
            next_step="Check URL and node, then repeat: what was committed stays.",
        )

    def _exchange(self, body: bytes) -> bytes:
        connection = self._connection()
        connection.request("POST", self._path, body, self._headers)
        response = connection.getresponse()
        content = _read(response)
        if response.status in {401, 403}:
            connection.close()
            raise NodeRefused(
                f"The node {self.location} does not let us in (HTTP {response.status}).",
                next_step="Give user and password in the URL, or CHAINSIGHT_BITCOIN_RPC, and check rpcallowip of the node.",
            )
        if response.status not in {200, 404, 500} or (response.status != 200 and not content.startswith((b"{", b"["))):
            raise _Trouble(f"is busy or no Bitcoin node (HTTP {response.status})")
        return content

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            kind = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
            connection = kind(self._host, self._port, timeout=_SILENCE_SECONDS)
            self._own.connection = connection
            self._connections.append(connection)
        return connection

    def _refused(self, method: str, parameters: Sequence[object], error: Error) -> NodeRefused:
        is_pruned = error.code == PRUNED_OR_UNAVAILABLE and "prune" in error.message.lower()
        return NodeRefused(
            f"The node {self.location} refused {method}{_shown(parameters)}: {error.message[:200]} ({error.code}).",
            next_step="Its old blocks are pruned away: ask for later blocks with -b, or another node."
            if is_pruned
            else "Ask for other blocks, or another node; what was committed stays.",
        )


def _question(method: str, parameters: Sequence[object], place: int) -> dict[str, object]:
    return {"jsonrpc": "1.0", "id": place, "method": method, "params": list(parameters)}


def _raise_if_warming_up(answer: Answer) -> None:
    if answer.error is not None and answer.error.code == WARMING_UP:
        raise _Trouble(f"is still starting ({answer.error.message[:80]})")


def _read(response: http.client.HTTPResponse) -> bytes:
    """The body, bounded in bytes and in time: a node that drips or never ends is not waited for."""
    pieces: list[bytes] = []
    size, give_up = 0, time.monotonic() + _ANSWER_SECONDS
    while piece := response.read1(_PIECE_BYTES):
        pieces.append(piece)
        size += len(piece)
        if size > _MOST_BYTES:
            raise _Trouble(f"answered more than {_MOST_BYTES >> 20} MB")
        if time.monotonic() > give_up:
            raise _Trouble(f"took more than {_ANSWER_SECONDS} s for one answer")
    if response.length:
        raise _Trouble(f"broke off with {response.length} bytes to come")
    response.close()  # read1 does not see the end; without it the connection could not be used again
    return b"".join(pieces)


def _shown(parameters: Sequence[object]) -> str:
    return "".join(f" {parameter}" for parameter in parameters)[:100]
