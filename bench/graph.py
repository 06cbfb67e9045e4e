"""How long it takes to measure a graph, all measures of graph.engine: in memory, on Spark, and what others need for theirs.

Data: folder `accounts` (normal_txs*.parquet with ts, block, tx_index, from_id, to_id), whose transactions are transfers;
and synthetic graphs of 1, 2, 5 and 10 million edges (bench/power_law.py), on which growth is seen. Times are of the engine
alone, files included, the store not. Spark is left out at 10 million edges; networkx gets the oldest 50,000 edges of the
accounts, igraph the accounts and 5 million edges, untuned GraphFrames the accounts, each for a limited time.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.graph_peers import time_peer
from bench.power_law import Drawn, draw_transfers, write_graph
from chainsight.child import run_child
from chainsight.errors import UsageError
from chainsight.settings import settings
from graph.engine import GraphFiles
from graph.local.engine import LocalEngine
from graph.plan import local_mb
from graph.spark.engine import SparkEngine

SYNTHETIC_EDGES = (1_000_000, 2_000_000, 5_000_000, 10_000_000)
HELD_TO = "5M"
"""The size that figures and limits are of."""
_MOST_EDGES_ON_SPARK = 5_000_000
_NETWORKX_TRANSACTIONS = 260_000
_NETWORKX_LIMIT, _IGRAPH_LIMIT, _GRAPHFRAMES_LIMIT = 300, 300, 600


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Seconds and memory in MB for each size; nothing is fitted, so `test` is not read."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    accounts = read_transfers(folder)
    sizes: dict[str, Any] = {}
    peers: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        sizes["accounts"] = measure(accounts, Path(scratch) / "accounts")
        peers["igraph"] = {"accounts": time_peer("igraph", Path(scratch) / "accounts", _IGRAPH_LIMIT)}
        peers["graphframes_untuned"] = {
            "accounts": time_peer("graphframes", Path(scratch) / "accounts", _GRAPHFRAMES_LIMIT)
        }
        few = Path(scratch) / "few"
        first = Drawn(*(column[:_NETWORKX_TRANSACTIONS] for column in (accounts.src, accounts.dst, accounts.time)))
        files, _, edges = write_graph(first, few)
        peers["networkx"] = {"edges": edges, **time_peer("networkx", few, _NETWORKX_LIMIT)}
        peers["networkx"]["local_s"] = measure_local(files, few)["local_s"]
        for edges in SYNTHETIC_EDGES:
            name = f"{edges // 1_000_000}M"
            sizes[name] = measure(draw_transfers(edges), Path(scratch) / name)
            if name == HELD_TO:
                peers["igraph"][name] = time_peer("igraph", Path(scratch) / name, _IGRAPH_LIMIT)
    return {
        "name": "graph",
        "data": str(folder),
        "figures": sizes[HELD_TO] | {"networkx_s": peers["networkx"]["seconds"], "per_size": sizes},
        "baselines": peers,
        "seconds": time.monotonic() - started,
    }


def read_transfers(folder: Path) -> Drawn:
    """Every transaction in the order of the chain as a transfer."""
    files = sorted(folder.glob("normal_txs*.parquet"))
    if not files:
        raise UsageError(f"There is no normal_txs*.parquet in {folder}.", next_step="Name the folder with --data.")
    names = ["block", "tx_index", "from_id", "to_id", "ts"]
    table = pa.concat_tables([pq.read_table(file, columns=names) for file in files])
    columns = {name: table.column(name).to_numpy().astype(np.int64) for name in names}
    order = np.lexsort((columns["tx_index"], columns["block"], columns["ts"]))
    return Drawn(*(columns[name][order] for name in ("from_id", "to_id", "ts")))


def measure(drawn: Drawn, folder: Path) -> dict[str, Any]:
    """One size on both engines."""
    files, vertices, edges = write_graph(drawn, folder)
    transfers = int(pq.read_metadata(files.transfers).num_rows)
    found: dict[str, Any] = {"vertices": vertices, "edges": edges, "transfers": transfers}
    found |= {"planned_mb": local_mb(vertices, edges, transfers), **measure_local(files, folder)}
    if edges <= _MOST_EDGES_ON_SPARK:
        started = time.monotonic()
        watch = StepWatch()
        SparkEngine().measure([files], progress=watch)
        found |= {"spark_s": round(time.monotonic() - started, 1), "spark_steps_s": watch.seconds()}
    return found


def measure_local(files: GraphFiles, folder: Path) -> dict[str, float]:
    """The engine in memory in a process of its own, so that the peak is its own (Python and its libraries included)."""
    said = folder / "local.json"
    run_child("bench.graph", [str(files.vertices.parent), str(said)], log=folder / "local.log")
    return dict(json.loads(said.read_text()))


class StepWatch:
    """How long each step of a job took, by what it says of its progress."""

    def __init__(self) -> None:
        self._said: list[tuple[float, str]] = []

    def step(self, done: int, total: int | None, what: str) -> None:
        """A step begins."""
        self._said.append((time.monotonic(), what.removeprefix("Spark: ")))

    def note(self, text: str) -> None:
        """Nothing is kept."""

    def seconds(self) -> dict[str, float]:
        """Seconds of each step."""
        ends = [moment for moment, _ in self._said[1:]] + [time.monotonic()]
        return {what: round(end - begin, 1) for (begin, what), end in zip(self._said, ends, strict=True)}


def local_alone(folder: Path, said: Path) -> None:
    """Measure once and say seconds and peak; compiled code comes from numba's cache, except on a machine's first run."""
    files = GraphFiles(*(folder / f"{name}.parquet" for name in ("vertices", "edges", "transfers", "seeds")))
    started = time.monotonic()
    LocalEngine().measure([files])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.monotonic() - started
    figures = {"local_s": round(seconds, 2), "local_cpu_s": round(time.process_time(), 2), "local_peak_mb": round(peak)}
    said.write_text(json.dumps(figures))


if __name__ == "__main__":
    local_alone(Path(sys.argv[1]), Path(sys.argv[2]))
