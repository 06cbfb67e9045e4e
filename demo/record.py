"""Write what a node holds as an archive: blocks, receipts and traces, one JSON a line, compressed.

The form is that of the recorded blocks of public chains which `ingest --archive` reads; what anvil adds to the
standard answers (times repeated in transactions and logs) is left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import zstandard

from demo.node import Node

NAMES = ("blocks", "receipts", "traces")
_LEVEL = 19


class Recorder:
    """Three files under `folder`, a line a block; use as a context manager."""

    def __init__(self, node: Node, folder: Path) -> None:
        self.node = node
        self.folder = folder
        self.counts = dict.fromkeys(("blocks", "transactions", "failed", "logs", "traces"), 0)
        self.addresses: set[str] = set()

    def __enter__(self) -> Recorder:
        """Open the files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        compression = zstandard.ZstdCompressionParameters.from_level(_LEVEL, window_log=25)
        self._files = {name: (self.folder / f"{name}.jsonl.zst").open("wb") for name in NAMES}
        self._writers = {
            name: zstandard.ZstdCompressor(compression_params=compression).stream_writer(file, closefd=True)
            for name, file in self._files.items()
        }
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()

    def record(self, number: int) -> None:
        """Append one block with its receipts and traces."""
        block, receipts, traces = self.node.batch(
            [
                ("eth_getBlockByNumber", [hex(number), True]),
                ("eth_getBlockReceipts", [hex(number)]),
                ("trace_block", [hex(number)]),
            ]
        )
        _strip(block, receipts)
        self._write("blocks", block)
        self._write("receipts", {"number": number, "receipts": receipts})
        self._write("traces", {"number": number, "traces": traces})
        self._count(block, receipts, traces)

    def _write(self, name: str, row: dict[str, Any]) -> None:
        self._writers[name].write(json.dumps(row, separators=(",", ":")).encode() + b"\n")

    def _count(self, block: dict[str, Any], receipts: list[dict[str, Any]], traces: list[dict[str, Any]]) -> None:
        self.counts["blocks"] += 1
        self.counts["transactions"] += len(receipts)
        self.counts["failed"] += sum(receipt["status"] == "0x0" for receipt in receipts)
        self.counts["logs"] += sum(len(receipt["logs"]) for receipt in receipts)
        self.counts["traces"] += len(traces)
        self.addresses.add(block["miner"])
        for receipt in receipts:
            for log in receipt["logs"]:
                for topic in log["topics"][1:]:
                    if topic.startswith("0x" + "0" * 24):
                        self.addresses.add("0x" + topic[26:])
        for trace in traces:
            action = trace["action"]
            found = (action.get("from"), action.get("to"), (trace.get("result") or {}).get("address"))
            self.addresses.update(address for address in found if address)


def _strip(block: dict[str, Any], receipts: list[dict[str, Any]]) -> None:
    for transaction in block["transactions"]:
        transaction.pop("blockTimestamp", None)
    for receipt in receipts:
        receipt.pop("blockTimestamp", None)
        for log in receipt["logs"]:
            log.pop("blockTimestamp", None)
