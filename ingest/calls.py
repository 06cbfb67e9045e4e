"""JSON-RPC envelopes: a batch of calls as bytes, an answer cut into its results without parsing them.

A block's JSON is a megabyte; what is read here is only what stands around it. msgspec skips over a result at about 3 GB/s
and gives the slice of bytes it stood in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from ingest.troubles import Kind, Trouble, quote, read_error


@dataclass(frozen=True)
class Call:
    """One question to a node."""

    method: str
    params: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.method} {orjson.dumps(self.params).decode()[1:-1]}"[:120]


class Envelope(msgspec.Struct):
    """One answer: JSON-RPC 2.0, section 5."""

    id: int | str | None = None
    result: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")


_BATCH = msgspec.json.Decoder(list[Envelope])
_SINGLE = msgspec.json.Decoder(Envelope)
_NOTHING = (b"", b"null")
_LONGEST_ID = 20
_WORD_BITS = 256


def encode_calls(calls: Sequence[Call]) -> bytes:
    """A batch as one request body; the ids are the positions.

    >>> encode_calls([Call("eth_chainId", ())])
    b'[{"jsonrpc":"2.0","id":0,"method":"eth_chainId","params":[]}]'
    """
    return orjson.dumps(
        [
            {"jsonrpc": "2.0", "id": position, "method": call.method, "params": call.params}
            for position, call in enumerate(calls)
        ]
    )


def split_answers(body: bytes | bytearray, calls: Sequence[Call]) -> list[msgspec.Raw | Trouble]:
    """What was answered to each call, in the order of the calls, whatever order the node chose; `null` is a result.

    Each result is on one line: the line ends that JSON allows between its words are gone.

    Raises `Trouble` when the answer as a whole is none: no JSON, cut off, one error for the whole batch, an id twice or one that
    was not asked for, a call without an answer.

    >>> answers = split_answers(b'[{"id":1,"result":"0x2"},{"id":0,"result":null}]', [Call("a", ()), Call("b", ())])
    >>> [bytes(answer) for answer in answers]
    [b'null', b'"0x2"']
    """
    if body.find(b"\n", 0, -2) >= 0:  # many nodes end an answer with one; that one does no harm
        body = body.replace(b"\n", b" ").replace(b"\r", b" ")
    envelopes = _envelopes(body, len(calls))
    found: dict[int, Envelope] = {}
    for envelope in envelopes:
        position = _position(envelope.id)
        if position is None or not 0 <= position < len(calls):
            raise _refusal_of_all(envelope) or Trouble(
                Kind.BROKEN, f"an answer to id {envelope.id!r}, which was not asked"
            )
        if position in found:
            raise Trouble(Kind.BROKEN, f"two answers to {calls[position]}")
        found[position] = envelope
    for position, call in enumerate(calls):
        if position not in found:
            raise Trouble(Kind.BROKEN, f"{len(found)} answers to {len(calls)} calls; {call} has none")
    return [_outcome(found[position], call) for position, call in enumerate(calls)]


def _envelopes(body: bytes | bytearray, asked: int) -> list[Envelope]:
    start = body[:64].lstrip()[:1]
    try:
        if start == b"[":
            return _BATCH.decode(body)
        if start == b"{":
            single = _SINGLE.decode(body)
            if refusal := _refusal_of_all(single):
                raise refusal
            if asked == 1:
                return [single]
    except (
        ValueError,
        RecursionError,
    ) as error:  # msgspec's errors are ValueErrors, as are numbers of thousands of digits
        raise Trouble(
            Kind.BROKEN, f"no whole JSON ({error}) in {len(body):,} bytes: {quote(bytes(body[:100]))}"
        ) from error
    raise Trouble(
        Kind.BROKEN, f"no batch in {len(body):,} bytes: {quote(bytes(body[:100]))}" if body else "an empty answer"
    )


def _position(stated: int | str | None) -> int | None:
    if isinstance(stated, str):  # a node that gives ids back as text
        return int(stated) if stated.isdecimal() and len(stated) <= _LONGEST_ID else None
    return stated


def _refusal_of_all(envelope: Envelope) -> Trouble | None:
    return read_error(envelope.error) if bytes(envelope.error) not in _NOTHING else None


def _outcome(envelope: Envelope, call: Call) -> msgspec.Raw | Trouble:
    if refusal := _refusal_of_all(envelope):
        return refusal
    if not memoryview(envelope.result).nbytes:
        return Trouble(Kind.BROKEN, f"neither result nor error for {call}")
    return envelope.result


def is_null(result: msgspec.Raw) -> bool:
    """Whether a result says that there is nothing."""
    return memoryview(result).nbytes == 4 and bytes(result) == b"null"


def read_quantity(result: msgspec.Raw | Trouble) -> int:
    """A number written `"0x…"`; raises `Trouble` for anything else."""
    if isinstance(result, Trouble):
        raise result
    try:
        return _bounded(int(msgspec.json.decode(result, type=str), 16))
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Trouble(Kind.BROKEN, f"{quote(bytes(result)[:80])} where a quantity should be") from error


def _bounded(number: int) -> int:
    if number < 0 or number.bit_length() > _WORD_BITS:
        raise ValueError("no number of 256 bits")
    return number
