"""Cursors: opaque to the caller, for us a place in one publication, so pages hold still while a new one arrives."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import astuple, dataclass
from urllib.parse import urlencode

from service.problems import CURSOR_REFUSED, Problem

MAX_PAGE = 500
_LARGEST_POSITION = 2**32 - 1
_LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Cursor:
    """After which position of which publication to go on, and with which filters."""

    chain_id: int
    publication: int
    position: int
    grade: str = ""
    action: str = ""


def encode(cursor: Cursor) -> str:
    """The cursor as the caller carries it.

    >>> decode(encode(Cursor(1, 3, 50, "Severe")))
    Cursor(chain_id=1, publication=3, position=50, grade='Severe', action='')
    """
    text = json.dumps(astuple(cursor), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str) -> Cursor:
    """The cursor from what the caller carried back; raises a 400 for anything we did not make."""
    try:
        padded = text + "=" * (-len(text) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        chain_id, publication, position, grade, action = parts
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise _refused() from None
    limits = ((chain_id, _LARGEST_NUMBER), (publication, _LARGEST_NUMBER), (position, _LARGEST_POSITION))
    numbers_hold = all(type(number) is int and 0 <= number <= most for number, most in limits)
    if not numbers_hold or not isinstance(grade, str) or not isinstance(action, str):
        raise _refused()
    return Cursor(chain_id, publication, position, grade, action)


def next_link(path: str, cursor: str, limit: int) -> str:
    """Value of the Link header (RFC 8288) that leads to the next page."""
    return f'<{path}?{urlencode({"cursor": cursor, "limit": limit})}>; rel="next"'


def _refused() -> Problem:
    return Problem(CURSOR_REFUSED, "This cursor was not made here. Use next_cursor unchanged, or start without one.")
