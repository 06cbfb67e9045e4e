"""Which engine measures a graph, said before it starts: how much memory it will take, and why this one.

For what fits into one machine's memory shared memory is far better than a cluster (Lu, Thomo 2016, arXiv 1601.00289):
here by one order of magnitude (bench/RESULTS.md). So the local engine is taken while it needs at most half of what is free.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from chainsight.errors import UnknownName
from chainsight.settings import Settings, settings
from graph.engine import ENGINES

AUTO = "auto"
_MB = 1 << 20
_PROCESS_MB = 300
# Bytes at the peak of the local engine, set by hand above what bench/graph.py saw: 584 of 701 MB expected at 1 million synthetic
# edges, 913 of 1,102 at 2, 1,502 of 2,305 at 5, 2,610 of 4,310 at 10, 607 of 769 on real accounts with four transfers an edge.
_EDGE_BYTES, _TRANSFER_BYTES, _VERTEX_BYTES = 150, 130, 350
# What Spark's driver (Python) and each of its workers hold besides Java's memory.
_DRIVER_VERTEX_BYTES, _WORKER_VERTEX_BYTES, _WORKER_EDGE_BYTES = 300, 100, 60
_SHARE_OF_FREE = 0.5


@dataclass(frozen=True)
class GraphPlan:
    """What a build will do."""

    engine: str
    why: str
    addresses: int
    edges: int
    transfers: int
    expected_mb: int
    """Memory at the peak: on this machine; of a Spark cluster the driver's alone."""
    free_mb: int
    """Memory that this process could have now."""

    def __str__(self) -> str:
        return (
            f"{self.engine} engine, because {self.why}; about {self.expected_mb:,} MB expected, {self.free_mb:,} MB free, "
            f"for {self.addresses:,} addresses, {self.edges:,} edges and {self.transfers:,} transfers"
        )


def require_engine(engine: str) -> None:
    """Raise `UnknownName` for what is neither auto nor an engine."""
    if engine not in (AUTO, *ENGINES):
        raise UnknownName("graph engine", engine, (AUTO, *ENGINES))


def plan_graph(addresses: int, edges: int, transfers: int, *, engine: str = AUTO, free_mb: int = 0) -> GraphPlan:
    """Choose between the engines, or say what the one named will need; raises `UnknownName`.

    `free_mb` 0 means what the machine has now.
    """
    require_engine(engine)
    free_mb = free_mb or free_memory_mb()
    needs = {"local": local_mb(addresses, edges, transfers), "spark": spark_mb(addresses, edges, settings())}
    fits = needs["local"] <= free_mb * _SHARE_OF_FREE
    if engine == AUTO:
        chosen = "local" if fits else "spark"
        share = "at most" if fits else "more than"
        why = f"in memory it takes {share} half of what is free ({needs['local']:,} of {free_mb:,} MB)"
    else:
        chosen, why = engine, "it was asked for"
        if needs[chosen] > free_mb:
            why += ", though more is expected than is free"
    return GraphPlan(chosen, why, addresses, edges, transfers, needs[chosen], free_mb)


def local_mb(addresses: int, edges: int, transfers: int) -> int:
    """Memory of the local engine at its peak, in MB of 2^20 bytes."""
    held = addresses * _VERTEX_BYTES + edges * _EDGE_BYTES + transfers * _TRANSFER_BYTES
    return _PROCESS_MB + held // _MB


def spark_mb(addresses: int, edges: int, wanted: Settings) -> int:
    """Memory of Spark on this machine: Java, the driver, and on a local master its workers too."""
    held = _PROCESS_MB + addresses * _DRIVER_VERTEX_BYTES // _MB + _java_mb(wanted.spark_memory)
    if wanted.spark_master.startswith("local"):
        workers = wanted.threads or psutil.cpu_count() or 1
        held += workers * (_PROCESS_MB + addresses * _WORKER_VERTEX_BYTES // _MB) + edges * _WORKER_EDGE_BYTES // _MB
    return held


def free_memory_mb() -> int:
    """What this process could still take: of the machine, or of its control group where that is less."""
    free = int(psutil.virtual_memory().available)
    limit, used = (Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory.current"))
    if limit.is_file() and used.is_file() and limit.read_text().strip().isdigit():
        free = min(free, max(0, int(limit.read_text()) - int(used.read_text())))
    return free // _MB


def _java_mb(memory: str) -> int:
    """Megabytes of a Java size: 512m, 3g, 1t; bytes without a letter."""
    units = {"k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0**2}
    text = memory.strip().lower().removesuffix("b")
    return int(float(text[:-1]) * units[text[-1]]) if text[-1:] in units else int(text) // _MB
