"""Addresses and hashes at the edges: text comes in and goes out, 20 or 32 bytes travel inside."""

from __future__ import annotations

import re

from chainsight.errors import BadAddress

ZERO_ADDRESS = bytes(20)
_ADDRESS = re.compile(r"(?:0x|0X)?([0-9a-fA-F]{40})")


def parse_address(text: str) -> bytes:
    """Twenty bytes from `0x…`; raises `BadAddress` for anything else.

    >>> parse_address(" 0x00000000000000000000000000000000000000FF ").hex()[-4:]
    '00ff'
    """
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        raise BadAddress(text)
    return bytes.fromhex(match[1])


def show_hex(value: bytes | None) -> str | None:
    """`0x…` in lower case, for people and JSON; None stays None."""
    return None if value is None else "0x" + value.hex()
