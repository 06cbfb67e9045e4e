"""Bytes with marked places: a copy is the same bytes with rows of tables written over them.

An address counts wherever its 40 hex digits stand on a whole byte: in fields, topics, data, calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import rlp

from bench.encoding import to_quantity

# The zero address, precompiles and burn addresses mean the same in every copy; so do the coin's stand-in in many contracts
# and the wrapped coin, which a chain's settings name.
_LEAST_ADDRESS = 1 << 64
_KEPT = frozenset({"e" * 40, "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"})
_FIELDS = ("from", "to", "address", "contractAddress", "miner", "author", "refundAddress")
_RUN = re.compile(rb"0x([0-9a-f]{40,})")
_MOST_REMEMBERED = 100_000

Slots = list[tuple[int, int]]
"""(offset, row of the table)."""


class Places:
    """Where rows of one table stand in bytes."""

    def __init__(self, slots: Slots) -> None:
        table = np.array(slots, dtype=np.int64).reshape(-1, 2)
        self._offsets, self._rows = table[:, 0].copy(), table[:, 1].copy()

    def write(self, data: np.ndarray, table: np.ndarray) -> None:
        """Copy rows of `table` [rows, width] over the places in `data` [length], both of bytes."""
        if len(self._offsets):
            width = table.shape[1]
            windows = np.ndarray((len(data) - width + 1,), dtype=f"V{width}", buffer=data, strides=(1,))
            windows[self._offsets] = np.ascontiguousarray(table).view(f"V{width}").ravel()[self._rows]


@dataclass(frozen=True)
class Marked:
    """Recorded bytes [length] and the places of each table in them."""

    data: np.ndarray
    places: Mapping[str, Places]
    ends: tuple[int, ...] = ()
    """Where each piece ends, when the bytes are several pieces in a row."""

    def copy(self, tables: Mapping[str, np.ndarray]) -> np.ndarray:
        """The bytes of a copy; every table is [rows, width]."""
        data = self.data.copy()
        for name, places in self.places.items():
            places.write(data, tables[name])
        return data


class AddressBook:
    """All addresses that recorded blocks name as such, numbered, and where they stand in hex."""

    def __init__(self, parts: Iterable[Any]) -> None:
        """`parts` are parsed blocks, receipts, traces."""
        named = dict.fromkeys(address for part in parts for address in _named(part))
        kept = (address for address in named if int(address, 16) >= _LEAST_ADDRESS and address not in _KEPT)
        self.number = {address: number for number, address in enumerate(kept)}
        self._bytes = {address.encode(): number for address, number in self.number.items()}
        self._seen: dict[bytes, Slots] = {}

    def find(self, digits: bytes) -> Slots:
        """(offset in the digits, number of the address) of every address in a run of hex digits."""
        found = self._seen.get(digits)
        if found is None:
            found, at, last = [], 0, len(digits) - 40
            while at <= last:
                number = self._bytes.get(digits[at : at + 40])
                if number is not None:
                    found.append((at, number))
                at += 2 if number is None else 40
            if len(self._seen) < _MOST_REMEMBERED:
                self._seen[digits] = found
        return found

    def in_text(self, text: bytes) -> Places:
        """Every address in a JSON text."""
        return Places([(run.start(1) + at, row) for run in _RUN.finditer(text) for at, row in self.find(run[1])])


@dataclass(frozen=True)
class Piece:
    """RLP with the places of addresses (20 bytes each) in it."""

    data: bytes
    addresses: Slots

    @classmethod
    def of(cls, data: bytes, book: AddressBook) -> Piece:
        """Plain bytes."""
        found = book.find(data.hex().encode()) if len(data) >= 20 else []
        return cls(data, [(at // 2, row) for at, row in found])

    @classmethod
    def string(cls, data: bytes, book: AddressBook) -> Piece:
        """The RLP of bytes."""
        encoded = bytes(rlp.encode(data))
        return row_of([cls(encoded[: len(encoded) - len(data)], []), cls.of(data, book)])


def row_of(pieces: Iterable[Piece]) -> Piece:
    """Pieces one after the other."""
    data, slots = bytearray(), []
    for piece in pieces:
        slots += [(len(data) + at, row) for at, row in piece.addresses]
        data += piece.data
    return Piece(bytes(data), slots)


def list_of(pieces: Iterable[Piece]) -> Piece:
    """The RLP list of pieces."""
    inner = row_of(pieces)
    return row_of([Piece(list_head(len(inner.data)), []), inner])


def list_head(length: int) -> bytes:
    """What RLP puts before a list of that many bytes."""
    if length < 56:
        return bytes([0xC0 + length])
    size = to_quantity(length)
    return bytes([0xF7 + len(size)]) + size


def _named(part: Any) -> Iterable[str]:
    if isinstance(part, dict):
        for name in _FIELDS:
            value = part.get(name)
            if isinstance(value, str) and len(value) == 42:
                yield value[2:]
        yield from (topic[26:] for topic in part.get("topics", ()) if topic.startswith("0x" + "0" * 24))
        part = list(part.values())
    if isinstance(part, list):
        for value in part:
            if isinstance(value, (dict, list)):
                yield from _named(value)
