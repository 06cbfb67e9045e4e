"""How long it takes to measure a graph: in memory, on Spark, and with networkx on the part that it can do.

Data: folder `accounts` (normal_txs*.parquet with block, tx_index, from_id, to_id). The graphs are the pairs of the first
tenth of the transactions and of all of them; times are of the engine alone, files included, the store not.
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

from chainsight.child import run_child
from chainsight.errors import UsageError
from chainsight.settings import settings
from graph.engine import GraphFiles
from graph.local import LocalEngine
from graph.spark import SparkEngine

_PARTS = (10, 1)
"""One in how many of the transactions, oldest first."""
_NETWORKX_EDGES = 50_000


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Times in seconds and memory in MB for each size; nothing is fitted, so `test` is not read."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    pairs = read_pairs(folder)
    sizes = []
    with tempfile.TemporaryDirectory() as scratch:
        for part in _PARTS:
            edges = distinct(pairs[: len(pairs) // part])
            sizes.append(measure(edges, Path(scratch) / str(part)))
    small = distinct(pairs[: len(pairs) // _PARTS[0]])[:_NETWORKX_EDGES]
    by_networkx = {"networkx_s": networkx_seconds(small), "networkx_edges": len(small)}
    return {
        "name": "graph",
        "data": str(folder),
        "figures": sizes[-1] | by_networkx,
        "baselines": {"networkx": by_networkx},
        "sizes": sizes,
        "seconds": time.monotonic() - started,
    }


def read_pairs(folder: Path) -> np.ndarray:
    """Giver and receiver of every transaction in the order of the chain: int64, shape (transactions, 2)."""
    files = sorted(folder.glob("normal_txs*.parquet"))
    if not files:
        raise UsageError(f"There is no normal_txs*.parquet in {folder}.", next_step="Name the folder with --data.")
    names = ["block", "tx_index", "from_id", "to_id"]
    table = pa.concat_tables([pq.read_table(file, columns=names) for file in files])
    columns = {name: table.column(name).to_numpy().astype(np.int64) for name in names}
    order = np.lexsort((columns["tx_index"], columns["block"]))
    return np.stack([columns["from_id"], columns["to_id"]], axis=1)[order]


def distinct(pairs: np.ndarray) -> np.ndarray:
    """Each ordered pair of different addresses once."""
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return np.unique(pairs, axis=0)


def measure(edges: np.ndarray, folder: Path) -> dict[str, float]:
    """One size on both engines."""
    folder.mkdir(parents=True)
    files = GraphFiles(folder / "vertices.parquet", folder / "edges.parquet")
    vertices = np.unique(edges)
    pq.write_table(pa.table({"id": vertices}), files.vertices)
    pq.write_table(pa.table({"src": edges[:, 0], "dst": edges[:, 1]}), files.edges)
    said = folder / "local.json"
    run_child("bench.graph", [str(folder), str(said)], log=folder / "local.log")
    started = time.monotonic()
    SparkEngine().measure([files])
    spark_s = time.monotonic() - started
    return {"vertices": len(vertices), "edges": len(edges), **json.loads(said.read_text()), "spark_s": spark_s}


def networkx_seconds(edges: np.ndarray) -> float:
    """The same five questions asked of networkx, which only development has."""
    import networkx as nx

    started = time.monotonic()
    graph = nx.DiGraph(edges.tolist())
    dict(graph.in_degree()), dict(graph.out_degree())
    nx.pagerank(graph, alpha=0.85)
    sum(1 for _ in nx.weakly_connected_components(graph))
    sum(1 for _ in nx.community.label_propagation_communities(graph.to_undirected()))
    sum(1 for _ in nx.simple_cycles(graph, length_bound=3))
    return time.monotonic() - started


def local_alone(folder: Path, said: Path) -> None:
    """The engine in memory in a process of its own, so that the peak is its own (Python and its libraries included)."""
    started = time.monotonic()
    LocalEngine().measure([GraphFiles(folder / "vertices.parquet", folder / "edges.parquet")])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said.write_text(json.dumps({"local_s": time.monotonic() - started, "local_peak_mb": peak}))


if __name__ == "__main__":
    local_alone(Path(sys.argv[1]), Path(sys.argv[2]))
