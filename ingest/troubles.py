"""What nodes say when they do not answer, sorted by what helps: another method, fewer blocks, waiting, another node.

There is no standard worth the name: the same code means a range that is too wide here and a spent quota there, so words decide
before codes do. The words are those of geth, erigon, reth, nethermind, anvil and of hosted nodes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from time import time

import msgspec


class Kind(Enum):
    """What helps."""

    UNKNOWN_METHOD = "does not know the method"
    RANGE = "finds the range too wide"
    TOO_LARGE = "finds the batch or its answer too large"
    QUOTA = "has had enough requests"
    BEHIND = "does not have it (yet, or no longer)"
    SLOW = "did not answer in time"
    UNREACHABLE = "cannot be reached"
    BROKEN = "gave something that is no answer"
    LIE = "gave something else than was asked for"
    WAVERS = "does not know a method that it answered before"
    REFUSED = "refused"


PASSING = frozenset({Kind.QUOTA, Kind.SLOW, Kind.UNREACHABLE, Kind.TOO_LARGE, Kind.WAVERS})
"""Troubles that pass by themselves or with a smaller batch; the same question may be asked again for minutes."""


class Trouble(Exception):
    """One request, or one answer of a batch, that came to nothing. Never leaves ingest/: a caller sees `SourceError`s."""

    def __init__(
        self,
        kind: Kind,
        said: str,
        *,
        retry_after: float | None = None,
        suggested: Suggestion | None = None,
    ) -> None:
        self.kind = kind
        self.said = said
        self.retry_after = retry_after
        """Seconds the node wants to be left alone."""
        self.suggested = suggested
        super().__init__(said)

    def __str__(self) -> str:
        return self.said


@dataclass(frozen=True)
class Suggestion:
    """What a node says would be small enough: a range of blocks, or only how many."""

    first: int | None = None
    last: int | None = None
    width: int | None = None


class ErrorObject(msgspec.Struct):
    """The error of JSON-RPC 2.0, section 5.1, as nodes really write it."""

    code: int | float | str | None = None
    message: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"")


_METHOD_NOT_FOUND = -32601
_REVERTED = 3
_REVERT = re.compile(r"(vm exception|execution reverted|revert|vm execution error|out of gas|invalid opcode)", re.I)
_INTERNAL_ERROR = -32603
_LIMIT_EXCEEDED = -32005
_RESPONSE_TOO_LARGE = -32003
_LONGEST_QUOTE = 200
_LONGEST_READ = 4000
_LARGEST_CODE = 2**63

_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        (
            Kind.UNKNOWN_METHOD,
            r"\b(method|api|module|namespace)\b.{0,80}\b(not found|not supported|not available|not exist|not enabled|not allowed"
            r"|not implemented|not whitelisted|unsupported|disabled|unavailable)"
            r"|\b(unsupported|unknown|unavailable) (json-?rpc )?(method|module|api)\b|method not (found|supported)"
            r"|\b(trace|debug|eth)_\w+ is (not available|not supported|disabled|unavailable)",
        ),
        (
            Kind.TOO_LARGE,
            r"\bbatch\b.{0,60}(limit|large|size|exceed|too many|not allowed|more than|maximum)"
            r"|too many.{0,20}\bbatch",
        ),
        (
            Kind.QUOTA,
            r"rate.?limit|request rate|too many (concurrent )?(requests|connections)|requests? (per|limit)|request count"
            r"|^limit exceeded|compute units|\bquota\b|throughput|\bcredits\b|throttl|call rate"
            r"|(daily|monthly|hourly|plan).{0,20}limit|\b429\b|capacity",
        ),
        (
            Kind.RANGE,
            r"block range|range.{0,40}(limit|exceed|large|wide|too|greater|over|maximum)|ranges? over"
            r"|limited to.{0,20}(range|blocks)|more than [\d,]+ (results|logs)|max(imum)? results"
            r"|too many (results|logs|blocks)|(logs|results).{0,40}exceed"
            r"|response size|blocks? distance|maximum.{0,20}\bblocks|query (timeout|timed out)|exceeds max",
        ),
        (Kind.TOO_LARGE, r"(response|request|body|payload|entity|result).{0,20}too (large|big)"),
        (
            Kind.BEHIND,
            r"(header|block|receipts?|transaction|state|history|trie node|parent).{0,60}(not found|not exist|unknown|missing"
            r"|pruned|unavailable|not available|not (yet )?(been )?(synced|indexed))"
            r"|(unknown|missing|pruned) (block|header|trie|history|state)|after last accepted|beyond (the )?head|pruned",
        ),
        (Kind.SLOW, r"time(d)? ?-?out|deadline exceeded|overload|try again|temporar|unavailable|gateway"),
    )
)

_RANGE = re.compile(
    r"(?:range|try|retry|between|use)[^\d\[]{0,60}\[?\s*(0x[0-9a-f]{1,16}|\d{1,20})\s*(?:-|,|to|\.\.|–)\s*(0x[0-9a-f]{1,16}|\d{1,20})\s*\]?",
    re.I,
)
_WIDTH = re.compile(
    r"(?:limit(?:ed)?|max(?:imum)?|up to|exceeds?|than|over)\D{0,40}?(\d[\d,_]{0,26})\s*(k\b)?"
    r"[^\d]{0,12}?(?:block|range|max|$|\.|\))",
    re.I,
)
_RETRY_IN = re.compile(
    r"(?:retry|again|wait|reset)\D{0,20}?(\d{1,20}(?:\.\d{1,20})?)\s*(ms|millisec|m\b|min|s\b|sec|second)?", re.I
)
_MILLISECONDS = ("ms", "millisec")
_MINUTES = ("m", "min")


def read_error(raw: bytes | msgspec.Raw) -> Trouble:
    """What the error object of an answer means; text that is no error object is quoted.

    >>> read_error(b'{"code": -32601, "message": "the method trace_block does not exist/is not available"}').kind.name
    'UNKNOWN_METHOD'
    >>> read_error(b'{"code": -32005, "message": "daily request count exceeded, request rate limited"}').kind.name
    'QUOTA'
    >>> wide = read_error(b'{"code": -32602, "message": "query exceeds max results 20000, retry with the range 100-149"}')
    >>> wide.kind.name, wide.suggested
    ('RANGE', Suggestion(first=100, last=149, width=None))
    """
    try:
        error = msgspec.json.decode(raw, type=ErrorObject)
        code = int(error.code) if isinstance(error.code, int | float) and abs(error.code) < _LARGEST_CODE else None
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return Trouble(Kind.REFUSED, quote(bytes(raw)))
    said = (error.message or quote(bytes(raw)))[:_LONGEST_READ]
    kind = _kind(code, said)
    return Trouble(
        kind,
        quote(said if code is None else f"{said} ({code})"),
        retry_after=_seconds_in(said) if kind is Kind.QUOTA else None,
        suggested=_suggestion(said, bytes(error.data)[:_LONGEST_READ]) if kind is Kind.RANGE else None,
    )


def _kind(code: int | None, said: str) -> Kind:
    if code == _METHOD_NOT_FOUND:
        return Kind.UNKNOWN_METHOD
    if code == _REVERTED or _REVERT.match(said):
        return Kind.REFUSED  # what a contract says in its own words means nothing here
    for kind, words in _WORDS:
        # An internal error that speaks of a method is still one: taking it for an answer would leave traces out for good.
        if words.search(said) and not (kind is Kind.UNKNOWN_METHOD and code == _INTERNAL_ERROR):
            return kind
    # Without a word that helps: EIP-1474 calls -32005 "limit exceeded", geth calls -32003 "response too large".
    return {_LIMIT_EXCEEDED: Kind.QUOTA, _RESPONSE_TOO_LARGE: Kind.TOO_LARGE, 429: Kind.QUOTA}.get(
        code or 0, Kind.REFUSED
    )


def read_status(status: int, retry_after: str | None, body: bytes) -> Trouble | None:
    """What an HTTP status that is no success means; None when the body is to be read all the same (a JSON-RPC error in it)."""
    if 200 <= status < 300:
        return None
    seconds = read_retry_after(retry_after)
    if status == 429 or (status == 503 and seconds is not None):
        return Trouble(Kind.QUOTA, f"HTTP {status}", retry_after=seconds)
    if status == 413:
        return Trouble(Kind.TOO_LARGE, "HTTP 413")
    if body.lstrip()[:1] in (b"{", b"["):
        return None
    kind = Kind.SLOW if status in {408, 425, 500, 502, 503, 504} or status >= 520 else Kind.REFUSED
    return Trouble(kind, f"HTTP {status} {quote(body)}".strip(), retry_after=seconds)


def read_retry_after(value: str | None, now: float | None = None) -> float | None:
    """Seconds of a Retry-After header: a number, or an HTTP date (RFC 9110, section 10.2.3); None where it says nothing.

    >>> read_retry_after("7"), read_retry_after("Thu, 01 Jan 1970 00:01:40 GMT", now=70.0), read_retry_after("soon")
    (7.0, 30.0, None)
    """
    if not value:
        return None
    try:
        seconds = float(value)
        return max(seconds, 0.0) if seconds == seconds else None  # "nan" is a number to Python
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - (time() if now is None else now), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None


def too_large(most_bytes: int) -> Trouble:
    """An answer that does not end where it should."""
    return Trouble(Kind.TOO_LARGE, f"an answer of more than {most_bytes / 2**20:,.3g} MiB")


def quote(said: str | bytes) -> str:
    """The start of what a node said, on one line."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 4 * _LONGEST_QUOTE]).split())
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def _seconds_in(said: str) -> float | None:
    found = _RETRY_IN.search(said)
    if found is None:
        return None
    unit = (found[2] or "s").lower()
    return float(found[1]) * (0.001 if unit in _MILLISECONDS else 60 if unit in _MINUTES else 1)


def _suggestion(said: str, data: bytes) -> Suggestion | None:
    for text in (said, data.decode(errors="replace")):
        if found := _RANGE.search(text):
            first, last = (int(end, 16 if end.startswith("0x") else 10) for end in found.groups())
            if first <= last:
                return Suggestion(first=first, last=last)
    # "range 25000 exceeds limit of 10000": the smallest number that limits something.
    widths = [int(re.sub(r"[,_]", "", number)) * (1000 if k else 1) for number, k in _WIDTH.findall(said)]
    return Suggestion(width=min(widths)) if widths and min(widths) > 0 else None
