"""Recorded blocks copied many times over, every proof intact: an archive that is long enough to time things on.

23 mainnet blocks last a tenth of a second. What a copy changes and what it keeps: bench/copies.py. Numbers and times go on
where the copy before ended, and each block names its parent, so the copies are one chain.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson

from bench.copies import CopiedBlock, Copier
from chainsight.errors import ArchiveMissing, UsageError
from chainsight.progress import SILENT, Progress
from ingest.archive import ArchiveSource

SEED = b"chainsight bench"
# Goes into the folder's name: a changed amplifier does not find what an older one left.
_VERSION = 2
_EMPTY_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
_MANIFEST = "manifest.json"


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
        copier = Copier(_recorded(archive), seed)
        folder.mkdir(parents=True, exist_ok=True)
        _refuse(copier, copies, folder)
        found = _write(copier, copies, folder, progress)
        (folder / _MANIFEST).write_text(json.dumps(found, indent=1) + "\n")
    return Amplified(folder=folder, **json.loads((folder / _MANIFEST).read_text()))


def _recorded(archive: Path) -> list[dict[str, bytes]]:
    source = ArchiveSource(archive)
    reach = source.reach()
    raws = list(source.read(reach.first, reach.head))
    if not all(raw.receipts_payload for raw in raws):
        raise ArchiveMissing(f"{archive} has no receipts.", next_step="Amplify an archive with blocks and receipts.")
    lines = [
        {"blocks": _with_withdrawals(raw.payload), "receipts": raw.receipts_payload, "traces": raw.traces_payload}
        for raw in raws
    ]
    has_traces = all(raw.traces_payload for raw in raws)
    return lines if has_traces else [{stem: block[stem] for stem in ("blocks", "receipts")} for block in lines]


def _refuse(copier: Copier, copies: int, folder: Path) -> None:
    last = copier.first + copies * len(copier.templates) - 1
    if len(str(last)) > len(str(copier.first)) or len(hex(last)) > len(hex(copier.first)):
        raise UsageError(
            f"Copies would reach block {last}, a digit more than {copier.first}.", next_step="Ask for fewer."
        )
    need = 1.1 * copies * sum(len(line.data) for template in copier.templates for line in template.lines.values())
    free = shutil.disk_usage(folder).free
    if free < need:
        raise UsageError(
            f"{folder} needs {need / 1e9:.1f} GB, {free / 1e9:.1f} GB are free.",
            next_step="Make room, or set CHAINSIGHT_HOME to a folder on a larger disk.",
        )


def _write(copier: Copier, copies: int, folder: Path, progress: Progress) -> dict[str, int]:
    """The archive and its index; returns what the manifest says of them."""
    templates = copier.templates
    files = _Files(folder, (*templates[0].lines, "hash_blocks"))
    for done, block in enumerate(copier.blocks(copies), start=1):
        files.write(block)
        if done % len(templates) == 0:
            progress.step(done // len(templates), copies, f"copies of {len(templates)} blocks")
    files.close()
    return {
        "first": copier.first,
        "last": copier.first + copies * len(templates) - 1,
        "copies": copies,
        "transactions": copies * sum(len(template.signings) for template in templates),
        "logs": copies * sum(template.logs for template in templates),
        "traces": copies * sum(template.traces for template in templates),
        "block_bytes": files.written["blocks"] + files.written["receipts"],
        "trace_bytes": files.written.get("traces", 0),
    }


class _Files:
    """The archive's files and, beside them, where in them each answer of a node stands (bench/replay.py reads it)."""

    def __init__(self, folder: Path, stems: Sequence[str]) -> None:
        self._open: dict[str, BinaryIO] = {stem: (folder / f"{stem}.jsonl").open("wb") for stem in stems}
        self.written = dict.fromkeys(stems, 0)
        self._folder = folder
        self._index: dict[str, list[np.ndarray]] = {}

    def write(self, block: CopiedBlock) -> None:
        """Append a block to all files."""
        self._note("receipt_spans", block.receipt_spans + self.written["receipts"])
        self._note("number", [block.number])
        self._note("transactions", [len(block.transaction_hashes)])
        self._note("transaction_hash", block.transaction_hashes)
        for stem, line in block.lines.items():
            begin = self.written[stem]
            self._open[stem].write(line)
            self._open[stem].write(b"\n")
            self._note(stem, [(begin, begin + len(line))])
            self.written[stem] += len(line) + 1

    def close(self) -> None:
        """Write the index and let go."""
        for opened in self._open.values():
            opened.close()
        tables: dict[str, Any] = {name: np.concatenate(rows) for name, rows in self._index.items()}
        np.savez(self._folder / "index.npz", **tables)

    def _note(self, table: str, rows: Any) -> None:
        self._index.setdefault(table, []).append(np.asarray(rows))


def _with_withdrawals(payload: bytes) -> bytes:
    """A recording may lack the list that its header has the root of; a node may not, so its copies have an empty one."""
    block = orjson.loads(payload)
    if block.get("withdrawalsRoot") is None or "withdrawals" in block:
        return payload
    root = block["withdrawalsRoot"].encode()
    return payload.replace(root, _EMPTY_ROOT.encode(), 1)[:-1] + b',"withdrawals":[]}'
