"""Recorded blocks copied many times over, every copy with other parties and hashes, and every proof intact.

23 mainnet blocks are too few to time anything. A copy has the same calls, logs and amounts, but its own senders (each with
a key derived from the seed, the copy's number and the recorded address), so transactions are signed again and all that
follows is computed anew: hashes of transactions, addresses of created contracts, blooms, roots, headers, parents. Numbers
and times go on where the copy before ended. State roots and mix hashes, which no block proves, only look the part.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
from coincurve import PrivateKey
from eth_utils.crypto import keccak

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
from chainsight.errors import ArchiveMissing, UsageError
from chainsight.progress import SILENT, Progress
from ingest.archive import ArchiveSource
from ingest.encoding import created_address, encode_header, to_bytes, to_quantity
from ingest.keccak import keccak_each, ordered_roots

SEED = b"chainsight bench"
# Goes into the folder's name: a changed amplifier does not find what an older one left.
_VERSION = 1
_SLOT_SECONDS = 12
_MANIFEST = "manifest.json"
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


@dataclass(frozen=True)
class Amplified:
    """An archive of copies, and what its replay and its checks need to know."""

    folder: Path
    first: int
    last: int
    copies: int
    transactions: int
    logs: int
    traces: int
    block_bytes: int
    """Of all blocks and receipts."""
    trace_bytes: int

    @property
    def blocks(self) -> int:
        """Blocks of all copies."""
        return self.last - self.first + 1


def amplify(
    archive: Path, home: Path, *, copies: int = 100, seed: bytes = SEED, progress: Progress = SILENT
) -> Amplified:
    """Copy an archive's blocks `copies` times into a folder under `home`/bench, or find what an earlier call left there.

    About 1.9 MB a mainnet block (4.3 GB for 100 copies of 23) stay on disk until the folder is deleted. Raises `UsageError`
    when the disk lacks the room or block numbers would get another digit, `DataCheckError` for blocks that cannot be made
    anew (blobs, delegations, withdrawals).
    """
    name = f"{archive.name}-x{copies}-{hashlib.blake2b(seed, digest_size=4).hexdigest()}-v{_VERSION}"
    folder = home / "bench" / name
    if not (folder / _MANIFEST).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        found = _Copier(archive, seed).write(folder, copies, progress)
        (folder / _MANIFEST).write_text(json.dumps(found, indent=1) + "\n")
    return Amplified(folder=folder, **json.loads((folder / _MANIFEST).read_text()))


class _Files:
    """The archive's files and, beside them, where in them each answer of a node stands (bench/replay.py reads it)."""

    def __init__(self, folder: Path, stems: Sequence[str]) -> None:
        self._open: dict[str, BinaryIO] = {stem: (folder / f"{stem}.jsonl").open("wb") for stem in stems}
        self.written = dict.fromkeys(stems, 0)
        self._folder = folder
        self._index: dict[str, list[np.ndarray]] = {}

    def write(self, stem: str, line: bytes | memoryview) -> int:
        """Append one line; returns where it begins."""
        begin = self.written[stem]
        self._open[stem].write(line)
        self._open[stem].write(b"\n")
        self.written[stem] += len(line) + 1
        return begin

    def note(self, name: str, rows: Any) -> None:
        """More rows of a table of the index."""
        self._index.setdefault(name, []).append(np.asarray(rows))

    def close(self) -> None:
        """Write the index and let go."""
        for opened in self._open.values():
            opened.close()
        tables: dict[str, Any] = {name: np.concatenate(rows) for name, rows in self._index.items()}
        np.savez(self._folder / "index.npz", **tables)


class _Copier:
    """Templates of one archive and the state that goes from block to block: the parent's hash."""

    def __init__(self, archive: Path, seed: bytes) -> None:
        self._seed = seed
        lines = _recorded(archive)
        self._book = AddressBook(orjson.loads(line) for block in lines for line in block.values())
        items: dict[str, int] = {}
        self._templates = [make_template(block, self._book, items) for block in lines]
        self._items = marked_row([Piece.of(to_bytes(item), self._book) for item in items])
        self._names = [bytes.fromhex(address) for address in self._book.number]
        self._senders = sorted({signing.sender for template in self._templates for signing in template.signings})
        first, last = self._templates[0].block, self._templates[-1].block
        self._first = int(first["number"], 16)
        self._lasting = int(last["timestamp"], 16) - int(first["timestamp"], 16) + _SLOT_SECONDS
        self._parent = to_bytes(first["parentHash"])

    def write(self, folder: Path, copies: int, progress: Progress) -> dict[str, int]:
        """All copies, in order; returns what the manifest says of them."""
        templates = self._templates
        last = self._first + copies * len(templates) - 1
        need = copies * sum(len(line.data) for template in templates for line in template.lines.values())
        _refuse(folder, self._first, last, need)
        files = _Files(folder, (*templates[0].lines, "hash_blocks"))
        for copy in range(copies):
            keys, addresses = self._parties(copy)
            tables = {"address": _digits(addresses)}
            bits = self._bloom_bits(addresses)
            for place, template in enumerate(templates):
                number = self._first + copy * len(templates) + place
                self._copy_block(files, template, copy, number, keys, addresses, bits, tables)
            progress.step(copy + 1, copies, f"copies of {len(templates)} blocks")
        files.close()
        written = files.written
        return {
            "first": self._first,
            "last": last,
            "copies": copies,
            "transactions": copies * sum(len(template.signings) for template in templates),
            "logs": copies * sum(template.logs for template in templates),
            "traces": copies * sum(template.traces for template in templates),
            "block_bytes": written["blocks"] + written["receipts"],
            "trace_bytes": written.get("traces", 0),
        }

    def _copy_block(
        self,
        files: _Files,
        template: Template,
        copy: int,
        number: int,
        keys: Mapping[int, PrivateKey],
        addresses: np.ndarray,
        bits: np.ndarray,
        tables: Mapping[str, np.ndarray],
    ) -> None:
        envelopes, signatures = _sign(template, keys, addresses)
        blooms = _blooms(template, bits)
        receipts = template.receipts.copy({"address": addresses, "bloom": blooms})
        count = np.array([len(envelopes)], np.int64)
        sent, ends = np.frombuffer(b"".join(envelopes), np.uint8), np.cumsum([len(envelope) for envelope in envelopes])
        hashes = np.empty((FIRST_TRANSACTION + len(envelopes), 32), np.uint8)
        hashes[PARENT] = np.frombuffer(self._parent, np.uint8)
        hashes[TRANSACTIONS_ROOT] = ordered_roots(sent, _starts(ends), count)[0]
        hashes[RECEIPTS_ROOT] = ordered_roots(receipts, _starts(template.receipts.ends), count)[0]
        for row, name in ((STATE_ROOT, "stateRoot"), (MIX, "mixHash")):
            hashes[row] = np.frombuffer(self._draw(copy, to_bytes(template.block[name]), 32), np.uint8)
        hashes[FIRST_TRANSACTION:] = keccak_each(sent, _starts(ends))
        miner = self._book.number.get(template.block["miner"][2:])
        time = int(template.block["timestamp"], 16) + copy * self._lasting
        header = {
            **template.block,
            **{"number": hex(number), "timestamp": hex(time), "logsBloom": _hexed(blooms[-1])},
            **({} if miner is None else {"miner": _hexed(addresses[miner])}),
            **{"parentHash": _hexed(hashes[PARENT]), "stateRoot": _hexed(hashes[STATE_ROOT])},
            **{"transactionsRoot": _hexed(hashes[TRANSACTIONS_ROOT]), "receiptsRoot": _hexed(hashes[RECEIPTS_ROOT])},
            "mixHash": _hexed(hashes[MIX]),
        }
        self._parent = bytes(keccak(encode_header(header)))
        hashes[BLOCK] = np.frombuffer(self._parent, np.uint8)
        filled = {
            **tables,
            "hash": _digits(hashes),
            "bloom": _digits(blooms),
            "number": _text(f"{number:x}"),
            "decimal": _text(str(number)),
            "time": _text(f"{time:x}"),
        }
        _write(files, template, filled, signatures)
        files.note("number", [number])
        files.note("hash", hashes[:PARENT])
        files.note("transaction_hash", hashes[FIRST_TRANSACTION:])

    def _draw(self, copy: int, what: bytes, size: int) -> bytes:
        return hashlib.blake2b(what, digest_size=size, key=self._seed, salt=copy.to_bytes(8, "big")).digest()

    def _parties(self, copy: int) -> tuple[dict[int, PrivateKey], np.ndarray]:
        """Keys of a copy's senders, and all its addresses [addresses, 20]."""
        drawn = b"".join(self._draw(copy, name, 20) for name in self._names)
        addresses = np.frombuffer(drawn, np.uint8).reshape(-1, 20).copy()
        keys = {row: PrivateKey(self._draw(copy, b"key" + self._names[row], 32)) for row in self._senders}
        points = b"".join(key.public_key.format(compressed=False)[1:] for key in keys.values())
        hashes = keccak_each(np.frombuffer(points, np.uint8), np.arange(len(keys) + 1, dtype=np.int64) * 64)
        addresses[self._senders] = hashes[:, 12:]
        for row, sender, nonce in (made for template in self._templates for made in template.created):
            addresses[row] = np.frombuffer(to_bytes(created_address(_hexed(addresses[sender]), nonce)), np.uint8)
        return keys, addresses

    def _bloom_bits(self, addresses: np.ndarray) -> np.ndarray:
        """[items, 3]: which of 2048 bits each address and topic sets, the highest first (yellow paper, 4.3.1)."""
        data = self._items.copy({"address": addresses})
        hashes = keccak_each(data, _starts(self._items.ends)).astype(np.int64)
        return 2047 - ((hashes[:, 0:6:2] << 8 | hashes[:, 1:6:2]) & 2047)


def _recorded(archive: Path) -> list[dict[str, bytes]]:
    source = ArchiveSource(archive)
    reach = source.reach()
    raws = list(source.read(reach.first, reach.head))
    if not all(raw.receipts_payload for raw in raws):
        raise ArchiveMissing(f"{archive} has no receipts.", next_step="Amplify an archive with blocks and receipts.")
    lines = [{"blocks": raw.payload, "receipts": raw.receipts_payload, "traces": raw.traces_payload} for raw in raws]
    has_traces = all(raw.traces_payload for raw in raws)
    return lines if has_traces else [{stem: block[stem] for stem in ("blocks", "receipts")} for block in lines]


def _refuse(folder: Path, first: int, last: int, need: int) -> None:
    if len(str(last)) > len(str(first)) or len(hex(last)) > len(hex(first)):
        raise UsageError(f"Copies would reach block {last}, a digit more than {first}.", next_step="Ask for fewer.")
    free = shutil.disk_usage(folder).free
    if free < 1.1 * need:
        raise UsageError(
            f"{folder} needs {1.1 * need / 1e9:.1f} GB, {free / 1e9:.1f} GB are free.",
            next_step="Make room, or set CHAINSIGHT_HOME to a folder on a larger disk.",
        )


def _sign(
    template: Template, keys: Mapping[int, PrivateKey], addresses: np.ndarray
) -> tuple[list[bytes], list[tuple[int, bytes]]]:
    """Signed envelopes, and (v, r and s in 64 bytes) of each."""
    bodies = template.bodies.copy({"address": addresses}).tobytes()
    starts = (0, *template.bodies.ends)
    asked = []
    for signing, start, end in zip(template.signings, starts, starts[1:], strict=False):
        kind = bytes([signing.kind]) if signing.kind else b""
        asked.append(kind + list_head(end - start + len(signing.tail)) + bodies[start:end] + signing.tail)
    hashes = keccak_each(np.frombuffer(b"".join(asked), np.uint8), _starts(np.cumsum([len(one) for one in asked])))
    envelopes, signatures = [], []
    for signing, start, end, digest in zip(template.signings, starts, starts[1:], hashes, strict=False):
        made = keys[signing.sender].sign_recoverable(digest.tobytes(), hasher=None)
        v = signing.base_v + made[64]
        fields = bodies[start:end] + b"".join(_number(field) for field in (to_quantity(v), made[:32], made[32:64]))
        envelopes.append((bytes([signing.kind]) if signing.kind else b"") + list_head(len(fields)) + fields)
        signatures.append((v, made[:64]))
    return envelopes, signatures


def _number(digits: bytes) -> bytes:
    """RLP of a number of up to 32 bytes."""
    digits = digits.lstrip(b"\0")
    return digits if len(digits) == 1 and digits[0] < 0x80 else bytes([0x80 + len(digits)]) + digits


def _blooms(template: Template, bits: np.ndarray) -> np.ndarray:
    """[receipts + 1, 256]: each receipt's bloom, the block's last."""
    count = len(template.signings)
    is_set = np.zeros((count + 1, 2048), np.bool_)
    rows, items = template.bloom_items.T
    is_set[rows[:, None], bits[items]] = True
    is_set[count] = is_set[:count].any(axis=0)
    return np.packbits(is_set, axis=1)


def _write(
    files: _Files, template: Template, tables: Mapping[str, np.ndarray], signatures: Sequence[tuple[int, bytes]]
) -> None:
    begin = files.write("receipts", template.lines["receipts"].copy(tables).data)
    files.note("receipt_spans", template.receipt_spans + begin)
    files.note("receipts", [(begin, files.written["receipts"] - 1)])
    if "traces" in template.lines:
        begin = files.write("traces", template.lines["traces"].copy(tables).data)
        files.note("traces", [(begin, files.written["traces"] - 1)])
    block = template.lines["blocks"]
    text, (start, end) = block.copy({**tables, "bloom": tables["bloom"][-1:]}).tobytes(), template.transaction_list
    parts, at = [], 0
    for (begin, stop), (v, both) in zip(template.signatures, signatures, strict=True):
        r, s = int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big")
        parts += [text[at:begin], b'"v":"0x%x","r":"0x%x","s":"0x%x"' % (v, r, s)]
        at = stop
    begin = files.write("blocks", b"".join((*parts, text[at:])))
    files.note("blocks", [(begin, files.written["blocks"] - 1)])
    hashes = b'","0x'.join(digits.tobytes() for digits in tables["hash"][FIRST_TRANSACTION:])
    begin = files.write("hash_blocks", b"".join((text[:start], b'["0x', hashes, b'"]', text[end:])))
    files.note("hash_blocks", [(begin, files.written["hash_blocks"] - 1)])
    files.note("transactions", [len(signatures)])


def _starts(ends: Sequence[int] | np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int64), np.asarray(ends, np.int64)])


def _digits(table: np.ndarray) -> np.ndarray:
    """[rows, 2 · width] hex digits of [rows, width] bytes."""
    digits = np.empty((len(table), 2 * table.shape[1]), np.uint8)
    digits[:, 0::2], digits[:, 1::2] = _HEX[table >> 4], _HEX[table & 15]
    return digits


def _hexed(row: np.ndarray) -> str:
    return "0x" + row.tobytes().hex()


def _text(value: str) -> np.ndarray:
    return np.frombuffer(value.encode(), np.uint8)[None]
