"""Cursors: an opaque text that pins a publication, so pages stay consistent while a new publication arrives."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from service.problems import Problem


@dataclass(frozen=True)
class Cursor:
    """Where the next page starts: after `position` of `publication`, of a list filtered in the same way."""

    publication: int
    position: int
    filters: str
    """Short hash of chain and filters, so that a cursor is not used with others."""

    def encode(self) -> str:
        """The text a client sends back as it is."""
        raw = json.dumps([self.publication, self.position, self.filters], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode_cursor(text: str, filters: str) -> Cursor:
    """The cursor in a request; raises a 400 problem for one that is not ours or belongs to other filters."""
    try:
        raw = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        publication, position, said = raw
        cursor = Cursor(_natural(publication), _natural(position), str(said))
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise Problem(400, "bad-cursor", "This cursor is not one of ours. Start again without it.") from error
    if cursor.filters != filters:
        raise Problem(
            400,
            "bad-cursor",
            "This cursor belongs to other filters. Keep them, or start again without the cursor.",
        )
    return cursor


def filter_key(**filters: str | int) -> str:
    """A short text that is equal for equal filters."""
    return hashlib.sha256(json.dumps(filters, sort_keys=True).encode()).hexdigest()[:12]


def next_link(path: str, **query: str | int) -> str:
    """The value of a Link header (RFC 8288) that leads to the next page."""
    kept = {name: value for name, value in query.items() if value != ""}
    return f'<{path}?{urlencode(kept)}>; rel="next"'


def _natural(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
        raise ValueError(f"{value!r} is no number of ours")
    return value
