"""The seam between the graph step and whatever measures graphs: files in, tables out, equal answers everywhere.

What every engine computes, for a directed graph without loops and without repeated edges. "Neighbours" are different
vertices on either side of any edge; a vertex that both gives and receives is one neighbour.

- in_degree, out_degree: different givers and receivers. in_transfers, out_transfers, in_strength, out_strength: the
  sums of `transfers` and `weight` over the edges on either side.
- pagerank: x ← r + (1 − r) · Σ x[u] / out_degree[u] over in-neighbours u, `PAGERANK_ROUNDS` times from x = 1, then
  divided by its sum. So does GraphX: a vertex without out-edges passes nothing on while the rounds run, and the
  division gives what it withheld back to everybody in proportion, which at the fixed point is the same as letting it
  pass its rank on to all vertices alike (Page et al. 1999; SPARK-18847). Each round leaves at most 0.85 of the error
  before it: 40 rounds leave at worst 0.0015 of what the start was off, and on real transfers 1e-6 (538,619 addresses,
  sum of absolute differences to 80 rounds).
- proximity: personalised PageRank (Page et al. 1999; Haveliwala 2002). Each group of seeds is one distribution, alike
  over its members; x ← r · s + (1 − r) · (Σ x[u] / out_degree[u] + d · s), d what vertices without out-edges hold,
  `PAGERANK_ROUNDS` times from x = s. Sums to 1 over the graph: where the money of the seeds goes, at chance.
- component: weakly connected component; strong_component: strongly connected one; both named by their smallest vertex.
- community: synchronous label propagation (Raghavan, Albert, Kumara 2007) over both directions of an edge,
  `LABEL_ROUNDS` rounds from label = vertex. A vertex takes the label most frequent among its neighbours and itself
  (a neighbour in both directions counts twice), the smallest of them in a tie. Its own vote and the fixed tie keep
  stars and pairs from swapping labels for ever, and make the outcome repeatable.
- core: the largest k such that the vertex is in a part whose every vertex has k neighbours in it (Seidman 1983).
- triangles: how many pairs of its neighbours are neighbours; clustering: their share of all pairs (Watts, Strogatz
  1998); 0 below two neighbours.
- cycles_2, cycles_3, shortcuts: motifs through the vertex, counted exactly and without a cap on hubs: a → b → a,
  a → b → c → a, and the feed-forward a → b → c beside a → c. Each triangle is looked for only from its corner of
  lowest (degree, id), so that few wedges are listed (Chiba, Nishizeki 1985).
- neighbour_degree_mean, neighbour_degree_max: over the numbers of neighbours that its neighbours have;
  two_hop_degree_mean, two_hop_degree_max: the same over all walks of two steps. 0 without neighbours.
- returns_2, returns_3, returns_4: cycles that respect time. How many of the vertex's own transfers are the first of 2,
  3 or 4 transfers, each strictly later than the one before, that lead through different vertices back to it within
  `RETURN_SECONDS` of the first. A hub, a vertex with `HUB_NEIGHBOURS` givers or takers, takes no part: neither do
  its transfers count nor does a path lead through it. Money that passes an exchange has mixed with everybody's, and an
  address with ten million edges would cost their square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chainsight.categories import HUB_NEIGHBOURS
from chainsight.errors import UnknownName
from chainsight.progress import SILENT, Progress

PAGERANK_RESET = 0.15
PAGERANK_ROUNDS = 40
LABEL_ROUNDS = 10
RETURN_SECONDS = 3 * 86_400

COUNTS = ("in_degree", "out_degree", "in_transfers", "out_transfers")
MEASURES = pa.schema(
    [
        ("id", pa.int64()),
        *((name, pa.int64()) for name in COUNTS),
        ("in_strength", pa.float64()),
        ("out_strength", pa.float64()),
        ("pagerank", pa.float64()),
        ("component", pa.int64()),
        ("strong_component", pa.int64()),
        ("community", pa.int64()),
        ("core", pa.int64()),
        ("triangles", pa.int64()),
        ("clustering", pa.float64()),
        ("cycles_2", pa.int64()),
        ("cycles_3", pa.int64()),
        ("shortcuts", pa.int64()),
        ("neighbour_degree_mean", pa.float64()),
        ("neighbour_degree_max", pa.int64()),
        ("two_hop_degree_mean", pa.float64()),
        ("two_hop_degree_max", pa.int64()),
        ("returns_2", pa.int64()),
        ("returns_3", pa.int64()),
        ("returns_4", pa.int64()),
    ]
)
"""What an engine says of every vertex: one row each, ascending by id."""

PROXIMITY = pa.schema([("id", pa.int64()), ("seed_group", pa.string()), ("proximity", pa.float64())])
"""What an engine says of every group of seeds: rows above zero, ascending by group, then id."""

ENGINES = ("spark", "local")


@dataclass(frozen=True)
class GraphFiles:
    """A directed graph as Parquet files, so that it never has to fit into the process that asks."""

    vertices: Path
    """Column id: int64, non-negative, each once, ascending. Dense numbers keep the engines small; gaps are allowed."""
    edges: Path
    """Columns src, dst: int64, both among the vertices; no src = dst, each pair once. transfers: int64, how many moved
    on the edge; weight: float64, what they carried, in any one unit."""
    transfers: Path
    """Columns src, dst, time: int64, seconds; rows ascend by time; every pair is an edge."""
    seeds: Path
    """Columns id: int64, among the vertices; seed_group: text. Any number of groups; a vertex may be in several."""


@dataclass(frozen=True)
class Measured:
    """What an engine found."""

    vertices: pa.Table
    """Schema `MEASURES`."""
    proximity: pa.Table
    """Schema `PROXIMITY`."""
    hubs: int
    """Vertices that took no part in returns_2 to returns_4."""


class GraphEngine(Protocol):
    """Something that measures graphs."""

    name: str

    def measure(self, graphs: Sequence[GraphFiles], *, progress: Progress = SILENT) -> list[Measured]:
        """The measures of each graph, in their order.

        Several graphs at once because starting an engine may cost more than a small graph does. Raises
        `MissingComponent` when a part of the engine is not installed and `ChildFailed` when its process ends badly.
        """
        ...


def is_hub(givers: npt.NDArray[np.int64], takers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether vertices with so many different givers and takers are hubs."""
    return np.asarray(np.maximum(givers, takers) >= HUB_NEIGHBOURS)


def choose_engine(name: str) -> GraphEngine:
    """The engine of that name (`spark` or `local`); raises `UnknownName`."""
    if name == "spark":
        from graph.spark.engine import SparkEngine

        return SparkEngine()
    if name == "local":
        from graph.local.engine import LocalEngine

        return LocalEngine()
    raise UnknownName("graph engine", name, ENGINES)
