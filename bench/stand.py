"""One tool's run in one round of the ingest benchmark: ours, cryo's, ethereum-etl's, each in fresh processes and folders."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import peers
from bench.amplify import Amplified
from bench.measured import Taken, measure_command
from bench.peers import Task
from bench.wire import Node
from chainsight.errors import DataCheckError

SAMPLE = "mainnet_17686110_17686132"
_EXPORTED = ("blocks", "transactions", "logs", "traces")
_WORTHLESS = "No figure of this run is worth anything; its last store or files are gone, run the tool by hand to see."
_PROOFS = {"block_hash", "transactions_root", "receipts_root", "senders"}
# Whatever whoever runs this has set: what is measured recovers the sender of every transaction.
_EVERY_SENDER = ("env", "CHAINSIGHT_SENDER_SAMPLE=1")
# What the 23 recorded blocks hold; counted by hand-written rules in tests/real/test_mainnet_blocks.py.
_KNOWN = {
    SAMPLE: {
        "events: erc20_transfer": 4798,
        "events: erc721_transfer": 77,
        "events: erc1155_transfer": 15,
        "events: deposit": 464,
        "events: withdrawal": 339,
        "transfers: erc20": 4798,
        "transfers: erc721": 77,
        "transfers: native": 2007,
    }
}
_KNOWN_INTERNAL = {SAMPLE: 1766}


@dataclass(frozen=True)
class Sample:
    """One tool's run in one round."""

    blocks: int
    rows: int
    taken: Taken
    node_cpu_seconds: float
    ingesting_seconds: float = 0.0

    @property
    def blocks_per_s(self) -> float:
        """Blocks a second of the whole process."""
        return self.blocks / self.taken.seconds


@dataclass(frozen=True)
class Stand:
    """What all runs share: the archive, a node with traces and one without, the tools, room to write."""

    archive: Amplified
    sample: str
    node: Node
    node_without_traces: Node
    cryo: Path
    etl: Path
    scratch: Path

    def ours(self, *, traces: bool) -> Sample:
        """Ingest into a fresh embedded store, then count in another process; raises `DataCheckError` when rows are missing."""
        node = self.node if traces else self.node_without_traces
        folder = self._empty("store")
        dsn, python = f"chdb://{folder}/store", [sys.executable, "-m", "bench.ours"]
        command = [*_EVERY_SENDER, *python, "ingest", node.url, dsn, str(self.archive.first), str(self.archive.last)]
        used = node.cpu_seconds()
        taken = measure_command(command, log=self.scratch / "ours.log")
        told = json.loads(taken.output)
        counts = json.loads(measure_command([*python, "count", dsn], log=self.scratch / "count.log").output)
        self._verify(told, counts, traces=traces)
        shutil.rmtree(folder)
        rows = sum(number for name, number in counts.items() if not name.startswith("events: "))
        return Sample(self.archive.blocks, rows, taken, node.cpu_seconds() - used, told["seconds"])

    def freeze(self, *, traces: bool, settings: dict[str, int]) -> Sample:
        """cryo, all blocks."""
        task = self._task(self.archive.blocks)
        used = self.node.cpu_seconds()
        command = peers.cryo_command(self.cryo, task, traces=traces, settings=settings)
        taken = measure_command(command, log=self.scratch / "cryo.log")
        counts = peers.rows_written(task.output)
        tables = ("blocks", "transactions", "logs", *(("traces",) if traces else ()))
        self._expect(peers.CRYO, counts, {name: getattr(self.archive, name) for name in tables})
        return Sample(self.archive.blocks, sum(counts.values()), taken, self.node.cpu_seconds() - used)

    def export(self, blocks: int) -> tuple[Sample, Sample]:
        """ethereum-etl: all but traces; the same and traces."""
        task, used = self._task(blocks), self.node.cpu_seconds()
        log = self.scratch / "etl.log"
        plain = _together([measure_command(command, log=log) for command in peers.etl_commands(self.etl, task)])
        rows, plain_used = sum(peers.rows_written(task.output).values()), self.node.cpu_seconds() - used
        whole = plain + measure_command(peers.etl_traces_command(self.etl, task), log=log)
        counts, whole_used = peers.rows_written(task.output), self.node.cpu_seconds() - used
        blocks = task.last - task.first + 1
        wanted = {name: getattr(self.archive, name) * blocks // self.archive.blocks for name in _EXPORTED}
        self._expect(peers.ETHEREUM_ETL, counts, wanted | {"receipts": wanted["transactions"]})
        first = Sample(blocks, rows, plain, plain_used)
        return first, Sample(blocks, sum(counts.values()), whole, whole_used)

    def _task(self, blocks: int) -> Task:
        last = min(self.archive.last, self.archive.first + blocks - 1)
        return Task(self.node.url, self.archive.first, last, self._empty("files"))

    def _empty(self, name: str) -> Path:
        folder = self.scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _verify(self, told: dict[str, Any], counts: dict[str, int], *, traces: bool) -> None:
        copies = self.archive.copies
        wanted = {name: copies * number for name, number in _KNOWN.get(self.sample, {}).items()}
        wanted |= {"blocks": self.archive.blocks, "transactions": self.archive.transactions, "logs": self.archive.logs}
        wanted["traces"] = self.archive.traces if traces else 0
        if traces and self.sample in _KNOWN_INTERNAL:
            wanted["transfers: internal"] = copies * _KNOWN_INTERNAL[self.sample]
        self._expect("ours", counts, wanted)
        if not set(told["proofs"]) >= _PROOFS:
            raise DataCheckError(f"Only {', '.join(told['proofs'])} were proven.", next_step=_WORTHLESS)

    @staticmethod
    def _expect(tool: str, counts: dict[str, int], wanted: dict[str, int]) -> None:
        wrong = {name: (counts.get(name), number) for name, number in wanted.items() if counts.get(name) != number}
        if wrong:
            raise DataCheckError(f"{tool} left other rows (found, wanted): {wrong}.", next_step=_WORTHLESS)


def _together(taken: Sequence[Taken]) -> Taken:
    whole = taken[0]
    for one in taken[1:]:
        whole = whole + one
    return whole
