"""What the replay node knows: files that bench/amplify.py wrote, and where in them each answer stands.

A result is a list of parts, bytes or spans of files; nothing is parsed, built or compressed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

_TAGS = {"earliest": 0, "latest": -1, "pending": -1, "safe": -33, "finalized": -65}
_CHAIN_ID = 1

Span = tuple[int, int, int]
"""File descriptor, start, end."""
Part = bytes | Span


class Answers:
    """What the node knows: files, and where in them each answer stands."""

    def __init__(self, folder: Path, without: frozenset[str] = frozenset()) -> None:
        """Read the index; methods in `without` are as if the node did not know them."""
        self._without = without
        with np.load(folder / "index.npz") as tables:
            index = {name: tables[name] for name in tables.files}
        self._spans: dict[str, list[list[int]]] = {}
        self._files: dict[str, int] = {}
        for stem in ("blocks", "hash_blocks", "receipts", "traces"):
            if stem in index:
                self._spans[stem] = index[stem].tolist()
                self._files[stem] = os.open(folder / f"{stem}.jsonl", os.O_RDONLY)
        self.first = int(index["number"][0])
        self.count = len(index["number"])
        self._receipts = index["receipt_spans"]
        self._begins = [0, *np.cumsum(index["transactions"]).tolist()]
        hashes = index["transaction_hash"]
        self._hashes = hashes.tobytes()
        heads = hashes[:, :8].copy().view(">u8").ravel().tolist()
        self._row_of = {head: row for row, head in enumerate(heads)}

    def answer(self, method: str, parameters: list[Any]) -> list[Part] | None:
        """The parts of a result; None for a method that is not known. Raises what a wrong parameter raises."""
        if method in self._without:
            return None
        if method == "eth_getTransactionReceipt":
            return self._receipt(parameters[0])
        if method == "eth_getBlockByNumber":
            return self._line("blocks" if parameters[1] else "hash_blocks", parameters[0])
        if method == "eth_getBlockReceipts":
            return self._list("receipts", parameters[0])
        if method == "trace_block" and "traces" in self._files:
            return self._list("traces", parameters[0])
        if method == "eth_getLogs":
            return self._logs(parameters[0])
        fixed = {
            "eth_chainId": b'"0x%x"' % _CHAIN_ID,
            "net_version": b'"%d"' % _CHAIN_ID,
            "eth_blockNumber": b'"0x%x"' % (self.first + self.count - 1),
            "web3_clientVersion": b'"chainsight-replay/1"',
            "eth_syncing": b"false",
        }
        return [fixed[method]] if method in fixed else None

    def _place(self, block: str) -> int | None:
        place = _TAGS[block] if block in _TAGS else int(block, 16) - self.first
        if place < 0 and block in _TAGS:
            place = max(0, self.count + place)
        return place if 0 <= place < self.count else None

    def _line(self, stem: str, block: str) -> list[Part]:
        place = self._place(block)
        if place is None:
            return [b"null"]
        start, end = self._spans[stem][place]
        return [(self._files[stem], start, end)]

    def _list(self, stem: str, block: str) -> list[Part]:
        """The list in a line `{"number":17686110,"receipts":[…]}`."""
        place = self._place(block)
        if place is None:
            return [b"null"]
        start, end = self._spans[stem][place]
        head = len(b'{"number":,"":') + len(str(self.first + place)) + len(stem)
        return [(self._files[stem], start + head, end - 1)]

    def _receipt(self, transaction: str) -> list[Part]:
        row = self._row_of.get(int(transaction[2:18], 16))
        if row is None or self._hashes[32 * row : 32 * row + 32] != bytes.fromhex(transaction[2:]):
            return [b"null"]
        start, end = self._receipts[row, :2].tolist()
        return [(self._files["receipts"], start, end)]

    def _logs(self, asked: dict[str, Any]) -> list[Part]:
        if asked.get("address") or any(asked.get("topics") or ()) or asked.get("blockHash"):
            raise ValueError("this node gives all logs of a range, unfiltered")
        first, last = (self._place(asked[name]) for name in ("fromBlock", "toBlock"))
        if first is None or last is None or first > last:
            return [b"[]"]
        spans = self._receipts[self._begins[first] : self._begins[last + 1], 2:]
        low, file = int(spans[0, 0]) if len(spans) else 0, self._files["receipts"]
        text = os.pread(file, int(spans[-1, 1]) - low if len(spans) else 0, low)
        return [b"[", b",".join(text[start - low : end - low] for start, end in spans.tolist() if start < end), b"]"]
