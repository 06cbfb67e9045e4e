"""The seam between the graph step and whatever measures graphs: files in, one table out, equal answers everywhere.

What every engine computes, for a directed graph without loops and without repeated edges:

- in_degree, out_degree: different neighbours on either side.
- pagerank: x ← r + (1 − r) · Σ x[u] / out_degree[u] over in-neighbours u, `PAGERANK_ROUNDS` times from x = 1, then
  divided by its sum. So does GraphX: a vertex without out-edges passes nothing on while the rounds run, and the
  division gives what it withheld back to everybody in proportion, which at the fixed point is the same as letting it
  pass its rank on to all vertices alike (Page et al. 1999; SPARK-18847). Each round leaves at most 0.85 of the error
  before it: 40 rounds leave at worst 0.0015 of what the start was off, and on real transfers 1e-6 (538,619 addresses,
  sum of absolute differences to 80 rounds). More would cost GraphX dearly, whose every round walks all rounds before.
- component: weakly connected component, named by its smallest vertex.
- community: synchronous label propagation (Raghavan, Albert, Kumara 2007) over both directions of an edge,
  `LABEL_ROUNDS` rounds from label = vertex. A vertex takes the label most frequent among its neighbours and itself
  (a neighbour in both directions counts twice), the smallest of them in a tie. Its own vote and the fixed tie keep
  stars and pairs from swapping labels for ever, and make the outcome repeatable.
- cycles_2, cycles_3: directed cycles a → b → a and a → b → c → a through the vertex, counted exactly, without a cap on
  hubs: each triangle is looked for only from its corner of lowest (degree, id), so that few wedges are listed (Chiba,
  Nishizeki 1985; 19 thousand instead of 132 million on 538,619 addresses with 512,332 edges).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from chainsight.errors import UnknownName
from chainsight.progress import SILENT, Progress

PAGERANK_RESET = 0.15
PAGERANK_ROUNDS = 40
LABEL_ROUNDS = 10

MEASURES = pa.schema(
    [
        ("id", pa.int64()),
        ("in_degree", pa.int64()),
        ("out_degree", pa.int64()),
        ("pagerank", pa.float64()),
        ("component", pa.int64()),
        ("community", pa.int64()),
        ("cycles_2", pa.int64()),
        ("cycles_3", pa.int64()),
    ]
)
"""What an engine returns: one row per vertex, ascending by id."""

ENGINES = ("spark", "local")


@dataclass(frozen=True)
class GraphFiles:
    """A directed graph as two Parquet files, so that it never has to fit into the process that asks."""

    vertices: Path
    """Column id: int64, non-negative, each once, ascending. Dense numbers keep the engines small; gaps are allowed."""
    edges: Path
    """Columns src, dst: int64, both among the vertices; no src = dst, each pair once."""


class GraphEngine(Protocol):
    """Something that measures graphs."""

    name: str

    def measure(self, graphs: Sequence[GraphFiles], *, progress: Progress = SILENT) -> list[pa.Table]:
        """One table of schema `MEASURES` for each graph, in their order.

        Several graphs at once because starting an engine may cost more than a small graph does. Raises
        `MissingComponent` when a part of the engine is not installed and `ChildFailed` when its process ends badly.
        """
        ...


def choose_engine(name: str) -> GraphEngine:
    """The engine of that name (`spark` or `local`); raises `UnknownName`."""
    if name == "spark":
        from graph.spark import SparkEngine

        return SparkEngine()
    if name == "local":
        from graph.local import LocalEngine

        return LocalEngine()
    raise UnknownName("graph engine", name, ENGINES)
