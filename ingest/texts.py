"""Columns of JSON-RPC texts as compiled code reads them: all texts end to end, where each starts, and which are there at all.

They come as the store's parser staged them, nothing decoded: what stands in a column is what the node wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from ingest.keccak import Bytes, Offsets

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.uint64]

# What a hexadecimal digit is worth; 16: it is none.
WORTH = np.full(256, 16, np.uint8)
for _place, _digit in enumerate("0123456789abcdef"):
    WORTH[ord(_digit)] = WORTH[ord(_digit.upper())] = _place
_ZERO, _X = ord("0"), ord("x")
_DIGITS_OF_64_BITS = 16
_MOST_LETTERS = 66
_ADDRESS_LETTERS = 42


@dataclass(frozen=True)
class Texts:
    """One column; a text that is null is an empty one that is not given."""

    data: Bytes
    offsets: Offsets
    given: Flags

    def __len__(self) -> int:
        return len(self.given)

    @property
    def lengths(self) -> Offsets:
        """Letters of each."""
        return np.diff(self.offsets)

    @cached_property
    def numbers(self) -> tuple[Numbers, Flags]:
        """What each quantity is worth, and whether it is one: 0x and at most 64 digits, 64 bits without leading zeros."""
        return _numbers(self.data, self.offsets)

    def words(self) -> Bytes:
        """Each quantity as 32 bytes, big-endian; zeros for what is none of at most 256 bits."""
        return _words(self.data, self.offsets)

    def bytes(self, width: int) -> Bytes:
        """(n, width) of texts that are 0x and so many bytes; zeros for what is none."""
        return _bytes(self.data, self.offsets, width)

    def are(self, others: Texts, places: Offsets | None = None) -> bool:
        """Every text is, letter by letter, others[place]; null is the empty text."""
        places = np.arange(len(others)) if places is None else places
        return len(places) == len(self) and bool(_are(self.data, self.offsets, others.data, others.offsets, places))

    def start_with_0x(self) -> bool:
        """Whether every text does."""
        return bool(_start_with_0x(self.data, self.offsets))

    def are_addresses(self) -> bool:
        """Whether every text is an address, or empty."""
        sizes = self.lengths
        are_sized = bool(((sizes == 0) | (sizes == _ADDRESS_LETTERS)).all())
        return are_sized and bool(((sizes == 0) | _are_hex(self.data, self.offsets)).all())

    def are_one_of(self, *words: str) -> Flags:
        """Which texts are one of these, letter by letter."""
        found = np.zeros(len(self), np.bool_)
        for word in words:
            found |= _are_word(self.data, self.offsets, np.frombuffer(word.encode() + b"\0", np.uint8), len(word))
        return found


def texts(rows: pa.Table, column: str) -> Texts:
    """The texts of a column, those of lists one after the other."""
    leaves = rows.column(column).combine_chunks()
    while pa.types.is_list(leaves.type):
        leaves = leaves.flatten()
    given = np.asarray(leaves.is_valid())
    if not len(leaves):
        return Texts(np.zeros(1, np.uint8), np.zeros(1, np.int64), given)
    whole = leaves.cast(pa.large_binary())
    _, offsets, data = whole.buffers()
    filled = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return Texts(filled, np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1], given)


def places(rows: pa.Table, column: str, depth: int = 0) -> Offsets:
    """Where each list of a column starts among what they hold; `depth` 1: each list in its lists, and so on."""
    lists = rows.column(column).combine_chunks()
    for _ in range(depth):
        lists = lists.flatten()
    if not len(lists):
        return np.zeros(1, np.int64)
    starts = np.asarray(lists.offsets).astype(np.int64)
    return starts - starts[0]


@njit(cache=True, nogil=True)
def _first_digit(data: Bytes, start: int, stop: int) -> int:
    """Where the digits of 0x… start, behind leading zeros; -1 where it is no such text."""
    if not 3 <= stop - start <= _MOST_LETTERS or data[start] != _ZERO or data[start + 1] != _X:
        return -1
    at = start + 2
    while at < stop and data[at] == _ZERO:
        at += 1
    return at


@njit(cache=True, nogil=True)
def _numbers(data: Bytes, offsets: Offsets) -> tuple[Numbers, Flags]:
    count = len(offsets) - 1
    values, are_numbers = np.zeros(count, np.uint64), np.zeros(count, np.bool_)
    for index in range(count):
        stop = offsets[index + 1]
        at = _first_digit(data, offsets[index], stop)
        if at < 0 or stop - at > _DIGITS_OF_64_BITS:
            continue
        value, seen = np.uint64(0), 0
        for place in range(at, stop):
            worth = WORTH[data[place]]
            seen |= worth
            value = (value << np.uint64(4)) | np.uint64(worth & 15)
        if seen < 16:
            values[index], are_numbers[index] = value, True
    return values, are_numbers


@njit(cache=True, nogil=True)
def _words(data: Bytes, offsets: Offsets) -> Bytes:
    count = len(offsets) - 1
    words = np.zeros((count, 32), np.uint8)
    for index in range(count):
        stop = offsets[index + 1]
        at = _first_digit(data, offsets[index], stop)
        if at < 0 or stop - at > 64:
            continue
        seen = 0
        for back in range(stop - at):
            worth = WORTH[data[stop - 1 - back]]
            seen |= worth
            words[index, 31 - back // 2] |= (worth & 15) << (4 * (back & 1))
        if seen >= 16:
            words[index] = 0
    return words


@njit(cache=True, nogil=True)
def _bytes(data: Bytes, offsets: Offsets, width: int) -> Bytes:
    count = len(offsets) - 1
    found = np.zeros((count, width), np.uint8)
    for index in range(count):
        start = offsets[index]
        if offsets[index + 1] - start == 2 * width + 2 and data[start] == _ZERO and data[start + 1] == _X:
            seen = 0
            for place in range(width):
                high, low = WORTH[data[start + 2 * place + 2]], WORTH[data[start + 2 * place + 3]]
                seen |= high | low
                found[index, place] = (high << 4) | (low & 15)
            if seen > 15:
                found[index] = 0
    return found


@njit(cache=True, nogil=True)
def _are(data: Bytes, offsets: Offsets, others: Bytes, starts: Offsets, places: Offsets) -> bool:
    for index in range(len(places)):
        start, other = offsets[index], starts[places[index]]
        size = offsets[index + 1] - start
        if starts[places[index] + 1] - other != size:
            return False
        for place in range(size):
            if data[start + place] != others[other + place]:
                return False
    return True


@njit(cache=True, nogil=True)
def _are_word(data: Bytes, offsets: Offsets, word: Bytes, size: int) -> Flags:
    found = np.zeros(len(offsets) - 1, np.bool_)
    for index in range(len(found)):
        start = offsets[index]
        if offsets[index + 1] - start == size:
            found[index] = True
            for place in range(size):
                if data[start + place] != word[place]:
                    found[index] = False
    return found


@njit(cache=True, nogil=True)
def _start_with_0x(data: Bytes, offsets: Offsets) -> bool:
    for index in range(len(offsets) - 1):
        start = offsets[index]
        if offsets[index + 1] - start < 2 or data[start] != _ZERO or data[start + 1] != _X:
            return False
    return True


@njit(cache=True, nogil=True)
def _are_hex(data: Bytes, offsets: Offsets) -> Flags:
    """Which texts are 0x and digits."""
    found = np.zeros(len(offsets) - 1, np.bool_)
    for index in range(len(found)):
        start, stop = offsets[index], offsets[index + 1]
        if stop - start > 2 and data[start] == _ZERO and data[start + 1] == _X:
            seen = 0
            for place in range(start + 2, stop):
                seen |= WORTH[data[place]]
            found[index] = seen < 16
    return found
