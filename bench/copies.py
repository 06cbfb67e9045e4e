"""Copies of recorded blocks: other parties and hashes, the same calls, every proof made anew.

A copy's senders get keys derived from the seed, the copy's number and the recorded address; all other addresses are drawn the
same way, those of created contracts follow from sender and nonce. Then signatures, hashes of transactions, blooms, roots
and headers are computed from the bytes that the copy's lines hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from coincurve import PrivateKey
from eth_utils.crypto import keccak

from bench.encoding import created_address, encode_header, to_bytes, to_quantity
from bench.marked import AddressBook, Piece, list_head
from bench.template import (
    BLOCK,
    FIRST_TRANSACTION,
    MIX,
    PARENT,
    RECEIPTS_ROOT,
    STATE_ROOT,
    TRANSACTIONS_ROOT,
    Template,
    make_template,
    marked_row,
)
from ingest.keccak import bloom_bits, keccak_each, ordered_roots

_SLOT_SECONDS = 12
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_DRAWN = {STATE_ROOT: "stateRoot", MIX: "mixHash"}


@dataclass(frozen=True)
class CopiedBlock:
    """One block of a copy, as lines of an archive."""

    number: int
    lines: Mapping[str, bytes | memoryview]
    """`blocks`, `receipts`, `traces` where recorded, and `hash_blocks`: the block with its transactions' hashes only."""
    block_hash: np.ndarray
    """[32]."""
    transaction_hashes: np.ndarray
    """[transactions, 32]."""
    receipt_spans: np.ndarray
    """As in `Template`."""


@dataclass(frozen=True)
class _Parties:
    """Who takes part in one copy."""

    keys: Mapping[int, PrivateKey]
    addresses: np.ndarray
    """[addresses, 20]."""
    digits: np.ndarray
    """[addresses, 40]: the same in hex."""
    bloom_bits: np.ndarray
    """[items, 3]: which of 2048 bits each address and topic sets, the highest first (yellow paper, 4.3.1)."""


class Copier:
    """Templates of one recording, and what goes from block to block: the parent's hash."""

    def __init__(self, recorded: Sequence[Mapping[str, bytes]], seed: bytes) -> None:
        """`recorded` holds the lines of each block by file; raises what `make_template` raises."""
        self._seed = seed
        self._book = AddressBook(orjson.loads(line) for block in recorded for line in block.values())
        items: dict[str, int] = {}
        self.templates = [make_template(block, self._book, items) for block in recorded]
        self._items = marked_row([Piece.of(to_bytes(item), self._book) for item in items])
        self._names = [bytes.fromhex(address) for address in self._book.number]
        self._senders = sorted({signing.sender for template in self.templates for signing in template.signings})
        first, last = self.templates[0].block, self.templates[-1].block
        self.first = int(first["number"], 16)
        self._lasting = int(last["timestamp"], 16) - int(first["timestamp"], 16) + _SLOT_SECONDS
        self._parent = to_bytes(first["parentHash"])

    def blocks(self, copies: int) -> Iterator[CopiedBlock]:
        """The blocks of all copies, in order; to be asked for once."""
        number = self.first
        for copy in range(copies):
            parties = self._parties(copy)
            for template in self.templates:
                yield self._block(template, copy, number, parties)
                number += 1

    def _block(self, template: Template, copy: int, number: int, parties: _Parties) -> CopiedBlock:
        envelopes, signatures = _sign(template, parties)
        blooms = _blooms(template, parties.bloom_bits)
        hashes = np.empty((FIRST_TRANSACTION + len(envelopes), 32), np.uint8)
        hashes[PARENT] = _bytes(self._parent)
        for row, name in _DRAWN.items():
            hashes[row] = _bytes(self._draw(copy, to_bytes(template.block[name]), 32))
        count, (sent, starts) = np.array([len(envelopes)], np.int64), _in_a_row(envelopes)
        receipts = template.receipts.copy({"address": parties.addresses, "bloom": blooms})
        hashes[TRANSACTIONS_ROOT] = ordered_roots(sent, starts, count)[0]
        hashes[RECEIPTS_ROOT] = ordered_roots(receipts, _starts(template.receipts.ends), count)[0]
        hashes[FIRST_TRANSACTION:] = keccak_each(sent, starts)
        time = int(template.block["timestamp"], 16) + copy * self._lasting
        header = {
            **template.block,
            **{"number": hex(number), "timestamp": hex(time), "logsBloom": _hexed(blooms[-1])},
            **{"parentHash": _hexed(hashes[PARENT]), "stateRoot": _hexed(hashes[STATE_ROOT])},
            **{"transactionsRoot": _hexed(hashes[TRANSACTIONS_ROOT]), "receiptsRoot": _hexed(hashes[RECEIPTS_ROOT])},
            **{"mixHash": _hexed(hashes[MIX]), "miner": self._named(template.block["miner"], parties)},
        }
        self._parent = bytes(keccak(encode_header(header)))
        hashes[BLOCK] = _bytes(self._parent)
        tables = {
            "address": parties.digits,
            "hash": _digits(hashes),
            "bloom": _digits(blooms),
            "number": _bytes(b"%x" % number)[None],
            "decimal": _bytes(b"%d" % number)[None],
            "time": _bytes(b"%x" % time)[None],
        }
        lines = _lines(template, tables, signatures)
        return CopiedBlock(number, lines, hashes[BLOCK], hashes[FIRST_TRANSACTION:], template.receipt_spans)

    def _draw(self, copy: int, what: bytes, size: int) -> bytes:
        return hashlib.blake2b(what, digest_size=size, key=self._seed, salt=copy.to_bytes(8, "big")).digest()

    def _named(self, recorded: str, parties: _Parties) -> str:
        row = self._book.number.get(recorded[2:])
        return recorded if row is None else _hexed(parties.addresses[row])

    def _parties(self, copy: int) -> _Parties:
        addresses = _bytes(b"".join(self._draw(copy, name, 20) for name in self._names)).reshape(-1, 20).copy()
        keys = {row: PrivateKey(self._draw(copy, b"key" + self._names[row], 32)) for row in self._senders}
        points = [key.public_key.format(compressed=False)[1:] for key in keys.values()]
        addresses[self._senders] = keccak_each(*_in_a_row(points))[:, 12:]
        for row, sender, nonce in (made for template in self.templates for made in template.created):
            addresses[row] = _bytes(to_bytes(created_address(_hexed(addresses[sender]), nonce)))
        hashes = keccak_each(self._items.copy({"address": addresses}), _starts(self._items.ends))
        bits = 2047 - bloom_bits(hashes)
        return _Parties(keys, addresses, _digits(addresses), bits)


def _sign(template: Template, parties: _Parties) -> tuple[list[bytes], list[tuple[int, int, int]]]:
    """Signed envelopes, and v, r and s of each."""
    bodies = template.bodies.copy({"address": parties.addresses}).tobytes()
    spans = list(zip((0, *template.bodies.ends), template.bodies.ends, strict=False))
    asked = []
    for signing, (start, end) in zip(template.signings, spans, strict=True):
        asked.append(_envelope(signing.kind, bodies[start:end] + signing.tail))
    envelopes, signatures = [], []
    for signing, (start, end), digest in zip(template.signings, spans, keccak_each(*_in_a_row(asked)), strict=True):
        made = parties.keys[signing.sender].sign_recoverable(digest.tobytes(), hasher=None)
        v, r, s = signing.base_v + made[64], int.from_bytes(made[:32], "big"), int.from_bytes(made[32:64], "big")
        envelopes.append(_envelope(signing.kind, bodies[start:end] + _number(v) + _number(r) + _number(s)))
        signatures.append((v, r, s))
    return envelopes, signatures


def _envelope(kind: int, fields: bytes) -> bytes:
    return (bytes([kind]) if kind else b"") + list_head(len(fields)) + fields


def _number(value: int) -> bytes:
    """RLP of a number of up to 32 bytes."""
    digits = to_quantity(value)
    return digits if 0 < value < 0x80 else bytes([0x80 + len(digits)]) + digits


def _blooms(template: Template, bits: np.ndarray) -> np.ndarray:
    """[receipts + 1, 256]: each receipt's bloom, the block's last."""
    count = len(template.signings)
    is_set = np.zeros((count + 1, 2048), np.bool_)
    rows, items = template.bloom_items.T
    is_set[rows[:, None], bits[items]] = True
    is_set[count] = is_set[:count].any(axis=0)
    return np.packbits(is_set, axis=1)


def _lines(
    template: Template, tables: Mapping[str, np.ndarray], signatures: Sequence[tuple[int, int, int]]
) -> dict[str, bytes | memoryview]:
    lines: dict[str, bytes | memoryview] = {
        stem: line.copy(tables).data for stem, line in template.lines.items() if stem != "blocks"
    }
    text = template.lines["blocks"].copy({**tables, "bloom": tables["bloom"][-1:]}).tobytes()
    parts, at = [], 0
    for (begin, end), signature in zip(template.signatures, signatures, strict=True):
        parts += [text[at:begin], b'"v":"0x%x","r":"0x%x","s":"0x%x"' % signature]
        at = end
    lines["blocks"] = b"".join((*parts, text[at:]))
    begin, end = template.transaction_list
    hashes = b",".join(b'"0x%b"' % digits.tobytes() for digits in tables["hash"][FIRST_TRANSACTION:])
    lines["hash_blocks"] = b"".join((text[:begin], b"[", hashes, b"]", text[end:]))
    return lines


def _in_a_row(strings: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Strings end to end, and where each starts and the last ends."""
    return _bytes(b"".join(strings)), _starts(np.cumsum([len(string) for string in strings]))


def _starts(ends: Sequence[int] | np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int64), np.asarray(ends, np.int64)])


def _digits(table: np.ndarray) -> np.ndarray:
    """[rows, 2 · width] hex digits of [rows, width] bytes."""
    digits = np.empty((len(table), 2 * table.shape[1]), np.uint8)
    digits[:, 0::2], digits[:, 1::2] = _HEX[table >> 4], _HEX[table & 15]
    return digits


def _bytes(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8)


def _hexed(row: np.ndarray) -> str:
    return "0x" + row.tobytes().hex()
