"""RLP of many things at once, column by column; compiled.

`encode` makes strings of a column of texts, `wrap` lists of what lists hold, `join` lists of what stands in several columns of
one row. Fields are put together as they are, so none can pass for several. Source: yellow paper, appendix B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from ingest.keccak import Bytes, Offsets, keccak_each, put_length
from ingest.texts import WORTH, Flags, Numbers, Texts

_ZERO, _X = ord("0"), ord("x")
_STRING, _LIST = 0x80, 0xC0
_HEAD_BYTES = 9


@dataclass(frozen=True)
class Encoded:
    """Encodings end to end, as the compiled hashes want them; what could not be encoded is empty, and not `whole`."""

    data: Bytes
    offsets: Offsets
    whole: Flags

    @property
    def lengths(self) -> Offsets:
        """Bytes of each."""
        return np.diff(self.offsets)

    def keccak(self) -> Bytes:
        """Of every encoding; (n, 32)."""
        return keccak_each(self.data, self.offsets)


def encode(texts: Texts, *, quantity: bool, left_out: Flags | None = None) -> Encoded:
    """Each text as a string: a quantity without its leading zeros, or bytes as they are (0x and an even number of digits).

    An empty text is the empty string. left_out: nothing at all for these, not even the empty string.
    """
    skipped = np.zeros(len(texts), np.bool_) if left_out is None else left_out
    data, offsets, whole = _encode(texts.data, texts.offsets, quantity, skipped)
    return Encoded(data, offsets, whole)


def encode_numbers(numbers: Numbers) -> Encoded:
    """Each number as a quantity."""
    data, offsets = _encode_numbers(numbers)
    return Encoded(data, offsets, np.ones(len(numbers), np.bool_))


def empty_strings(count: int) -> Encoded:
    """So many empty strings."""
    return Encoded(np.full(count, _STRING, np.uint8), np.arange(count + 1, dtype=np.int64), np.ones(count, np.bool_))


def wrap(items: Encoded, places: Offsets) -> Encoded:
    """Lists: number i holds items places[i] up to places[i + 1]."""
    broken = np.zeros(len(items.whole) + 1, np.int64)
    np.cumsum(~items.whole, out=broken[1:])
    data, offsets = _wrap(items.data, items.offsets[places])
    return Encoded(data, offsets, np.diff(broken[places]) == 0)


def join(
    columns: Sequence[Encoded],
    uses: npt.NDArray[np.bool_] | None = None,
    kinds: Offsets | None = None,
    prefixes: Bytes | None = None,
) -> Encoded:
    """One list a row, of what stands in the columns that rows of its kind use: uses[kind, column]; all where not said.

    kinds: -1 for rows that have no encoding. prefixes: the byte before the list (EIP-2718), 0 for none.
    """
    count = len(columns[0].whole)
    uses = np.ones((1, len(columns)), np.bool_) if uses is None else uses
    kinds = np.zeros(count, np.int64) if kinds is None else kinds
    prefixes = np.zeros(count, np.uint8) if prefixes is None else prefixes
    whole = kinds >= 0
    for place, column in enumerate(columns):
        whole &= column.whole | ~uses[kinds, place]
    bases = np.cumsum([0, *(len(column.data) for column in columns[:-1])])
    offsets = np.stack([column.offsets + base for column, base in zip(columns, bases, strict=True)])
    data = np.concatenate([column.data for column in columns])
    joined, starts = _join(data, offsets, uses, kinds, prefixes, whole)
    return Encoded(joined, starts, whole)


@njit(cache=True, nogil=True)
def _encode(data: Bytes, offsets: Offsets, is_quantity: bool, skipped: Flags) -> tuple[Bytes, Offsets, Flags]:
    count = len(offsets) - 1
    out = np.empty((offsets[count] - offsets[0]) // 2 + (_HEAD_BYTES + 1) * count + 1, np.uint8)
    places, whole = np.zeros(count + 1, np.int64), np.ones(count, np.bool_)
    at = 0
    for index in range(count):
        if not skipped[index]:
            end = _put_text(data, offsets[index], offsets[index + 1], is_quantity, out, at)
            whole[index] = end >= 0
            at = max(at, end)
        places[index + 1] = at
    return out[:at].copy(), places, whole


@njit(cache=True, nogil=True)
def _put_text(data: Bytes, start: int, stop: int, is_quantity: bool, out: Bytes, at: int) -> int:
    """Write one string at out[at]; returns the place behind it, -1 if it is no text of its sort."""
    if start == stop:
        out[at] = _STRING
        return at + 1
    if stop - start < 2 or data[start] != _ZERO or data[start + 1] != _X:
        return -1
    start += 2
    if is_quantity:
        while start < stop and data[start] == _ZERO:
            start += 1
    elif (stop - start) % 2:
        return -1
    size = (stop - start + 1) // 2
    head = at if size == 1 else put_length(out, at, size, _STRING)
    place, seen = head, np.uint8(0)
    if (stop - start) % 2:
        seen = out[place] = WORTH[data[start]]
        start, place = start + 1, place + 1
    for digit in range(start, stop, 2):
        high, low = WORTH[data[digit]], WORTH[data[digit + 1]]
        seen |= high | low
        out[place] = (high << 4) | low
        place += 1
    if seen > 15:
        return -1
    if size == 1 and out[at] >= _STRING:
        out[at], out[at + 1] = _STRING + 1, out[at]
        place += 1
    return place


@njit(cache=True, nogil=True)
def _encode_numbers(numbers: Numbers) -> tuple[Bytes, Offsets]:
    out, places = np.empty(_HEAD_BYTES * len(numbers), np.uint8), np.zeros(len(numbers) + 1, np.int64)
    at = 0
    for index in range(len(numbers)):
        value, width = numbers[index], 0
        while width < 8 and value >> np.uint64(8 * width):
            width += 1
        if width != 1 or value >= _STRING:
            out[at] = _STRING + width
            at += 1
        for byte in range(width):
            out[at] = np.uint8((value >> np.uint64(8 * (width - 1 - byte))) & np.uint64(255))
            at += 1
        places[index + 1] = at
    return out[:at].copy(), places


@njit(cache=True, nogil=True)
def _wrap(data: Bytes, starts: Offsets) -> tuple[Bytes, Offsets]:
    count = len(starts) - 1
    out = np.empty(starts[count] - starts[0] + _HEAD_BYTES * count + 1, np.uint8)
    places = np.zeros(count + 1, np.int64)
    at = 0
    for index in range(count):
        size = starts[index + 1] - starts[index]
        at = put_length(out, at, size, _LIST)
        out[at : at + size] = data[starts[index] : starts[index + 1]]
        at += size
        places[index + 1] = at
    return out[:at].copy(), places


@njit(cache=True, nogil=True)
def _join(
    data: Bytes, offsets: Offsets, uses: Flags, kinds: Offsets, prefixes: Bytes, whole: Flags
) -> tuple[Bytes, Offsets]:
    columns, count = len(offsets), len(kinds)
    out, places = np.empty(len(data) + (_HEAD_BYTES + 1) * count + 1, np.uint8), np.zeros(count + 1, np.int64)
    at = 0
    for row in range(count):
        if whole[row]:
            size = 0
            for column in range(columns):
                if uses[kinds[row], column]:
                    size += offsets[column, row + 1] - offsets[column, row]
            if prefixes[row]:
                out[at] = prefixes[row]
                at += 1
            at = put_length(out, at, size, _LIST)
            for column in range(columns):
                if uses[kinds[row], column]:
                    for place in range(offsets[column, row], offsets[column, row + 1]):
                        out[at] = data[place]
                        at += 1
        places[row + 1] = at
    return out[:at].copy(), places
