"""How fast blocks come in, beside cryo and ethereum-etl, from one node: `chainsight bench ingest --data FOLDER`.

The recorded blocks are amplified 100 times (bench/amplify.py) and served by a replay node (bench/replay.py) in a process of its
own. Rounds are interleaved: in each, every tool extracts once, in a fresh process, into an empty folder, without and with
traces; each round begins with another tool. Figures are medians over rounds, `_low` and `_high` the least and most; ratios are
of one round each. Time and CPU are those of whole processes, start and end included; `blocks_per_s_ingesting` leaves out our
interpreter's start and the making of the store. A row is a row of any table written: ours keeps receipts in transactions and
adds transfers of every kind. After each of our runs another process counts the rows, which must be exactly the sample's times
the copies, and every block must have been proven. The tools do not do the same work: ours proves and commits into a database,
the others write files.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import peers
from bench.amplify import Amplified, amplify
from bench.ours import recovery_seconds
from bench.stand import SAMPLE, Sample, Stand
from bench.wire import drain, replay_node
from chainsight.progress import Progress
from chainsight.settings import settings

_COPIES, _REPEATS = 100, 5
# ethereum-etl starts five programs, some five seconds in all, and is slow: 28 copies of the sample a round, and once all
# blocks, which shows how far its rate depends on the length.
_ETL_BLOCKS = 644
_METHODS = ("eth_getBlockByNumber", "eth_getBlockReceipts", "trace_block")
_TRACERS = ("trace_block", "debug_traceBlockByNumber")
_WITH_TRACES = "_with_traces"
_TOOLS = ("chainsight", "cryo", "cryo defaults", "ethereum-etl")


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Measure on the recording in `data`, or on the one in CHAINSIGHT_DATA; there is nothing for `test`."""
    return measure_ingest(data or settings().data / "chain" / SAMPLE)


def measure_ingest(recording: Path, *, copies: int = _COPIES, repeats: int = _REPEATS) -> dict[str, Any]:
    """All rounds over a recording's copies, summed up."""
    started = time.monotonic()
    home = settings().home.resolve()
    teller = _Teller()
    archive = amplify(recording.resolve(), home, copies=copies, progress=teller)
    cryo, etl = (peers.environment(home, requirement) for requirement in (peers.CRYO, peers.ETHEREUM_ETL))
    with (
        tempfile.TemporaryDirectory(prefix="run-", dir=home / "bench") as scratch,
        replay_node(archive.folder) as node,
        replay_node(archive.folder, *_TRACERS) as plain_node,
    ):
        stand = Stand(archive, recording.name, node, plain_node, cryo, etl, Path(scratch))
        rounds = [_one_round(stand, number, teller) for number in range(repeats)]
        longer = stand.export(archive.blocks)
    return _summed_up(archive, rounds, longer) | {"seconds": time.monotonic() - started}


@dataclass(frozen=True)
class _Round:
    tools: dict[str, tuple[Sample, Sample]]
    """Without and with traces."""
    wire: dict[str, float]


def rotated(names: Sequence[str], by: int) -> list[str]:
    """The same names, each round beginning with another, so that nobody always runs on the coolest or warmest machine.

    >>> rotated(("a", "b", "c"), 4)
    ['b', 'c', 'a']
    """
    start = by % len(names)
    return [*names[start:], *names[:start]]


def _one_round(stand: Stand, number: int, teller: _Teller) -> _Round:
    best, best_with_traces = peers.CRYO_SETTINGS, peers.CRYO_SETTINGS_WITH_TRACES
    tools: dict[str, tuple[Sample, Sample]] = {}
    for name in rotated(_TOOLS, number):
        if name == "chainsight":
            tools[name] = stand.ours(traces=False), stand.ours(traces=True)
        elif name == "ethereum-etl":
            tools[name] = stand.export(_ETL_BLOCKS)
        else:
            plain, whole = (best, best_with_traces) if name == "cryo" else ({}, {})
            tools[name] = stand.freeze(traces=False, settings=plain), stand.freeze(traces=True, settings=whole)
    tools = {name: tools[name] for name in _TOOLS}
    wire = {}
    for suffix, methods in (("", _METHODS[:2]), (_WITH_TRACES, _METHODS)):
        drained = drain(stand.node, stand.archive, blocks=stand.archive.blocks, methods=methods)
        wire[f"wire_limit_blocks_per_s{suffix}"] = drained.blocks_per_s
        wire[f"wire_limit_mb_per_s{suffix}"] = drained.megabytes_per_s
    rates = (f"{name} {one.blocks_per_s:.0f} and {other.blocks_per_s:.0f}" for name, (one, other) in tools.items())
    teller.note(f"Round {number + 1}, blocks/s without and with traces: {', '.join(rates)}.")
    return _Round(tools, wire)


def _summed_up(archive: Amplified, rounds: Sequence[_Round], longer: tuple[Sample, Sample]) -> dict[str, Any]:
    baselines = {name: _figures([turn.tools[name] for turn in rounds]) for name in rounds[0].tools}
    figures = baselines.pop("chainsight")
    for place, suffix in ((0, ""), (1, _WITH_TRACES)):
        samples = [turn.tools["chainsight"][place] for turn in rounds]
        figures[f"blocks_per_s_ingesting{suffix}"] = _median([one.blocks / one.ingesting_seconds for one in samples])
        for name, key in (("cryo", "ratio_cryo"), ("ethereum-etl", "ratio_ethereum_etl")):
            pairs = [(turn.tools["chainsight"][place], turn.tools[name][place]) for turn in rounds]
            figures |= _spread(f"{key}{suffix}", [one.blocks_per_s / other.blocks_per_s for one, other in pairs])
        limit = _median([turn.wire[f"wire_limit_blocks_per_s{suffix}"] for turn in rounds])
        figures[f"wire_limit_blocks_per_s{suffix}"] = limit
        figures[f"wire_limit_mb_per_s{suffix}"] = _median(
            [turn.wire[f"wire_limit_mb_per_s{suffix}"] for turn in rounds]
        )
        figures[f"share_of_wire_limit{suffix}"] = figures[f"blocks_per_s{suffix}"] / limit
        rate = longer[place].blocks_per_s
        baselines["ethereum-etl"][f"blocks_per_s_all_blocks{suffix}"] = rate
        figures[f"ratio_ethereum_etl_all_blocks{suffix}"] = figures[f"blocks_per_s{suffix}"] / rate
    # What threads can do at most while they check that each transaction's signature is its sender's.
    signatures = archive.transactions / archive.blocks
    figures["sender_recovery_limit_blocks_per_s"] = (os.cpu_count() or 1) / (recovery_seconds() * signatures)
    size = (archive.block_bytes + archive.trace_bytes) / 1e6
    counts = f"{archive.blocks:,} blocks, {archive.transactions:,} transactions, {archive.logs:,} logs"
    return {
        "name": "ingest",
        "data": f"{archive.folder.name}: {counts}, {archive.traces:,} traces, {size:,.0f} MB",
        "figures": figures,
        "baselines": baselines,
        "rounds": len(rounds),
        "blocks": {name: rounds[0].tools[name][0].blocks for name in rounds[0].tools},
        "order": [rotated(_TOOLS, number) for number in range(len(rounds))],
        "settings": {
            "cryo": [peers.CRYO_SETTINGS, peers.CRYO_SETTINGS_WITH_TRACES],
            "ethereum-etl": "blocks -b 10 -w 2, receipts -b 100 -w 5, others as they come",
        },
    }


def _figures(samples: Sequence[tuple[Sample, Sample]]) -> dict[str, float]:
    """One tool's medians over rounds."""
    figures: dict[str, float] = {}
    for place, suffix in ((0, ""), (1, _WITH_TRACES)):
        runs = [pair[place] for pair in samples]
        figures |= _spread(f"blocks_per_s{suffix}", [run.blocks_per_s for run in runs])
        figures[f"rows_per_s{suffix}"] = _median([run.rows / run.taken.seconds for run in runs])
        figures[f"rows_a_block{suffix}"] = _median([run.rows / run.blocks for run in runs])
        figures |= _spread(f"cpu_s_per_million_rows{suffix}", [run.taken.cpu_seconds / run.rows * 1e6 for run in runs])
        figures[f"cpu_s_per_1000_blocks{suffix}"] = _median([run.taken.cpu_seconds / run.blocks * 1e3 for run in runs])
        figures |= _spread(f"peak_mb{suffix}", [run.taken.peak_mb for run in runs])
        figures[f"replay_node_cores{suffix}"] = _median([run.node_cpu_seconds / run.taken.seconds for run in runs])
    return figures


def _spread(name: str, values: Sequence[float]) -> dict[str, float]:
    return {name: _median(values), f"{name}_low": min(values), f"{name}_high": max(values)}


def _median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


class _Teller(Progress):
    """A line on standard error now and then: this benchmark takes a quarter of an hour."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Every tenth."""
        if done % 10 == 0:
            self.note(f"{done} of {total} {what}")

    def note(self, text: str) -> None:
        """At once."""
        print(text, file=sys.stderr, flush=True)
