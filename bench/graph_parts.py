"""What `bench graph` runs in processes of its own: `python -m bench.graph_parts WHAT FOLDER [ARGUMENT …] SAID`.

draw FOLDER EDGES SAID             a synthetic graph as the files that engines read
accounts FOLDER DATA COUNT SAID    the oldest COUNT transactions of accounts as transfers; 0 for all
local, spark FOLDER SAID           all measures of graph.engine
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.power_law import Drawn, draw_transfers, write_graph
from bench.timed_parts import timed
from chainsight.errors import UsageError
from graph.engine import GraphFiles
from graph.local.engine import LocalEngine
from graph.plan import local_mb
from graph.spark.engine import SparkEngine


def files_in(folder: Path) -> GraphFiles:
    """The graph in a folder."""
    return GraphFiles(*(folder / f"{name}.parquet" for name in ("vertices", "edges", "transfers", "seeds")))


def write(folder: Path, drawn: Drawn, said: Path) -> None:
    """Files of a graph; says its size, and the memory that is expected of the engine in memory."""
    with timed(said, "write") as more:
        files, vertices, edges = write_graph(drawn, folder)
        transfers = int(pq.read_metadata(files.transfers).num_rows)
        more |= {"vertices": vertices, "edges": edges, "transfers": transfers}
        more["planned_mb"] = local_mb(vertices, edges, transfers)


def read_transfers(folder: Path, count: int) -> Drawn:
    """The oldest transactions in the order of the chain as transfers; raises `UsageError` without any."""
    files = sorted(folder.glob("normal_txs*.parquet"))
    if not files:
        raise UsageError(f"There is no normal_txs*.parquet in {folder}.", next_step="Name the folder with --data.")
    names = ["block", "tx_index", "from_id", "to_id", "ts"]
    table = pa.concat_tables([pq.read_table(file, columns=names) for file in files])
    columns = {name: table.column(name).to_numpy().astype(np.int64) for name in names}
    order = np.lexsort((columns["tx_index"], columns["block"], columns["ts"]))[: count or None]
    return Drawn(*(columns[name][order] for name in ("from_id", "to_id", "ts")))


def measure_local(folder: Path, said: Path) -> None:
    """The engine in memory; compiled code comes from numba's cache, except on a machine's first run."""
    with timed(said, "all") as more:
        LocalEngine().measure([files_in(folder)])
        more["cpu_seconds"] = round(time.process_time(), 2)


def measure_spark(folder: Path, said: Path) -> None:
    """GraphFrames on Spark, a measure for each of its steps beside the whole."""
    watch = _Steps(said)
    with timed(said, "all"):
        SparkEngine().measure([files_in(folder)], progress=watch)
    watch.end()


class _Steps:
    """A job's steps by what it says of its progress, each said as it begins and as it ends."""

    def __init__(self, said: Path) -> None:
        self._said = said
        self._open: Any = None
        self._name = ""

    def step(self, done: int, total: int | None, what: str) -> None:
        """A step begins."""
        name = what.removeprefix("Spark: ")
        if name != self._name:
            self.end()
            self._name, self._open = name, timed(self._said, name)
            self._open.__enter__()

    def note(self, text: str) -> None:
        """Nothing is kept."""

    def end(self) -> None:
        """The last step ended."""
        if self._open is not None:
            self._open.__exit__(None, None, None)
            self._open = None


def main(what: str, folder: Path, arguments: list[str], said: Path) -> None:
    """One part."""
    parts: dict[str, Callable[[], None]] = {
        "draw": lambda: write(folder, draw_transfers(int(arguments[0])), said),
        "accounts": lambda: write(folder, read_transfers(Path(arguments[0]), int(arguments[1])), said),
        "local": lambda: measure_local(folder, said),
        "spark": lambda: measure_spark(folder, said),
    }
    parts[what]()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:-1], Path(sys.argv[-1]))
