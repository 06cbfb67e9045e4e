"""RLP of many items at once, from the notation in which sql/proofs/ says what a hash is of; compiled.

`[` and `]` enclose a list, `#0x…` is a quantity (big-endian, leading zeros dropped), `$0x…` bytes as they are, `!0x…` bytes that
stand bare, as a transaction's type does before its envelope. Nothing behind a sign is the empty string. Source: yellow
paper, appendix B. A text is read from its end to its start: what a list holds is written before its length must be known.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ingest.keccak import Bytes, Offsets

_DEPTHS = 16
_OPEN, _CLOSE, _QUANTITY, _STRING, _BARE = (ord(sign) for sign in "[]#$!")
_ZERO, _X = ord("0"), ord("x")
# What a hexadecimal digit is worth; 16: it is none.
_WORTH = np.full(256, 16, np.uint8)
for _place, _digit in enumerate("0123456789abcdef"):
    _WORTH[ord(_digit)] = _WORTH[ord(_digit.upper())] = _place


def encode(texts: Bytes, offsets: Offsets, items: Offsets) -> tuple[Bytes, Offsets]:
    """The RLP of every text, end to end, and where each starts: `texts` and `offsets` as for `keccak_each`.

    items: how many lists, quantities and strings each text must hold, so that no field can pass for several. A text that
    cannot be read so has an empty encoding.
    """
    return _encode(texts, offsets, items)


def replace_signatures(texts: Bytes, offsets: Offsets, suffixes: Bytes, places: Offsets) -> tuple[Bytes, Offsets]:
    """Each text of a transaction with the last three items of its list replaced by its suffix; empty texts stay empty."""
    return _replace_signatures(texts, offsets, suffixes, places)


@njit(cache=True, nogil=True)
def _replace_signatures(texts: Bytes, offsets: Offsets, suffixes: Bytes, places: Offsets) -> tuple[Bytes, Offsets]:
    count = len(offsets) - 1
    out, ends = np.empty(len(texts) + len(suffixes), np.uint8), np.zeros(count + 1, np.int64)
    at = 0
    for index in range(count):
        start, stop = offsets[index], offsets[index + 1]
        items, cut = 0, stop - 1
        while cut > start and items < 3:
            cut -= 1
            items += texts[cut] == _QUANTITY
        if items == 3:
            out[at : at + cut - start] = texts[start:cut]
            at += cut - start
            size = places[index + 1] - places[index]
            out[at : at + size] = suffixes[places[index] : places[index + 1]]
            out[at + size] = _CLOSE
            at += size + 1
        ends[index + 1] = at
    return out[:at], ends


@njit(cache=True, nogil=True)
def _encode(texts: Bytes, offsets: Offsets, items: Offsets) -> tuple[Bytes, Offsets]:
    count = len(offsets) - 1
    out = np.empty(len(texts) + 16 * count + 16, np.uint8)
    places = np.zeros(count + 1, np.int64)
    longest = 16
    for index in range(count):
        longest = max(longest, offsets[index + 1] - offsets[index] + 16)
    scratch, ends = np.empty(longest, np.uint8), np.empty(_DEPTHS, np.int64)
    for index in range(count):
        start = _encode_backwards(texts, offsets[index], offsets[index + 1], items[index], scratch, ends)
        size = longest - start
        out[places[index] : places[index] + size] = scratch[start:]
        places[index + 1] = places[index] + size
    return out[: places[count]], places


@njit(cache=True, nogil=True)
def _encode_backwards(texts: Bytes, start: int, end: int, items: int, scratch: Bytes, ends: Offsets) -> int:
    """Write one encoding so that it ends where scratch ends; returns where it starts, the end if it cannot be read."""
    top = len(scratch)
    at, depth, place = top, 0, end
    while place > start:
        sign = texts[place - 1]
        if sign == _CLOSE:
            if depth == _DEPTHS:
                return top
            ends[depth] = at
            depth += 1
            place -= 1
            continue
        if sign == _OPEN:
            if depth == 0:
                return top
            depth -= 1
            at = _put_length(scratch, at, ends[depth] - at, 0xC0)
            place -= 1
            items -= 1
            continue
        place, at = _put_item(texts, start, place, scratch, at)
        if place < 0:
            return top
        items -= 1
    return at if depth == 0 and items == 0 else top


@njit(cache=True, nogil=True)
def _put_item(texts: Bytes, start: int, stop: int, scratch: Bytes, at: int) -> tuple[int, int]:
    """Write the item whose text ends before `stop`; returns where its text and its encoding start, -1 if it is none."""
    digits = stop
    while digits > start and _WORTH[texts[digits - 1]] < 16:
        digits -= 1
    place = digits
    if digits - 2 > start and texts[digits - 1] == _X and texts[digits - 2] == _ZERO:
        place = digits - 2
    elif digits != stop:  # digits without their 0x
        return -1, at
    if place <= start:
        return -1, at
    place -= 1
    sign = texts[place]
    if sign == _QUANTITY:
        while digits < stop and texts[digits] == _ZERO:
            digits += 1
    elif (sign != _STRING and sign != _BARE) or (stop - digits) % 2:
        return -1, at
    end = at
    for digit in range(stop - 1, digits - 1, -2):
        at -= 1
        high = _WORTH[texts[digit - 1]] if digit > digits else 0
        scratch[at] = 16 * high + _WORTH[texts[digit]]
    if sign != _BARE and not (end - at == 1 and scratch[at] < 0x80):
        at = _put_length(scratch, at, end - at, 0x80)
    return place, at


@njit(cache=True, nogil=True)
def _put_length(scratch: Bytes, at: int, length: int, base: int) -> int:
    """Write RLP's length of a string (base 0x80) or list (0xc0) before scratch[at]; returns where it starts."""
    if length < 56:
        scratch[at - 1] = base + length
        return at - 1
    width = 0
    while length:
        width += 1
        scratch[at - width] = length & 255
        length >>= 8
    scratch[at - width - 1] = base + 55 + width
    return at - width - 1
