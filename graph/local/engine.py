"""The engine for graphs that fit into memory: compiled rounds in this process, seconds where Spark takes minutes.

Measures that need nothing of each other run in threads, for compiled code lets others run. graph.plan says how much
memory a graph takes here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from graph.engine import MEASURES, PROXIMITY, GraphFiles, Measured, is_hub
from graph.local import rounds
from graph.local.neighbours import Floats, Ints, Neighbours, whole_neighbours
from graph.local.returns import LENGTHS, count_returns
from graph.local.rounds import Blocks, BlocksHere
from graph.local.triangles import CYCLES_3, SHORTCUTS, TRIANGLES, count_triangles, cycles_of_two

Columns = dict[str, Any]


class LocalEngine:
    """`GraphEngine` in this process."""

    name = "local"

    def measure(self, graphs: Sequence[GraphFiles], *, progress: Progress = SILENT) -> list[Measured]:
        """See `GraphEngine.measure`; raises `ValueError` for an edge whose end is no vertex."""
        return [_measure(read_graph(graph), progress) for graph in graphs]


@dataclass(frozen=True)
class Graph:
    """A graph in memory: edge k goes from position src[k] to dst[k]; ids[v] is the name of position v."""

    ids: Ints
    src: Ints
    dst: Ints
    transfers: Ints
    weight: Floats
    moves: tuple[Ints, Ints, Ints]
    """src, dst, time of single transfers, ascending by time."""
    seeds: dict[str, Ints]
    """Positions of the members of each group."""


def read_graph(files: GraphFiles) -> Graph:
    """Read a graph and number its vertices by position; raises `ValueError` for an edge whose end is no vertex."""
    ids = _columns(files.vertices, "id")[0]
    src, dst, transfers = _columns(files.edges, "src", "dst", "transfers")
    weight = pq.read_table(files.edges, columns=["weight"]).column(0).to_numpy()
    move_src, move_dst, time = _columns(files.transfers, "src", "dst", "time")
    return Graph(
        ids=ids,
        src=positions(ids, src),
        dst=positions(ids, dst),
        transfers=transfers,
        weight=weight,
        moves=(positions(ids, move_src), positions(ids, move_dst), time),
        seeds=read_seeds(pq.read_table(files.seeds), ids),
    )


def read_seeds(table: pa.Table, ids: Ints) -> dict[str, Ints]:
    """Positions of the members of each group of seeds, groups in alphabetical order; rows id, seed_group."""
    groups = np.array(table.column("seed_group").to_pylist(), dtype=object)
    members = positions(ids, table.column("id").to_numpy().astype(np.int64))
    return {str(name): np.unique(members[groups == name]) for name in sorted(set(groups))}


def positions(ids: Ints, named: Ints) -> Ints:
    """Where each name stands among the ascending ids; raises `ValueError` for one that does not."""
    if len(ids) and ids[-1] == len(ids) - 1:
        found = named
        outside = len(named) > 0 and (named.max() >= len(ids) or named.min() < 0)
    else:
        found = np.searchsorted(ids, named)
        outside = len(named) > 0 and (found.max() >= len(ids) or not np.array_equal(ids[found], named))
    if outside:
        raise ValueError("an edge has an end that is not among the vertices")
    return found


def _columns(path: Path, *names: str) -> list[Ints]:
    table = pq.read_table(path, columns=list(names))
    return [table.column(name).to_numpy().astype(np.int64, copy=False) for name in names]


def _measure(graph: Graph, progress: Progress) -> Measured:
    neighbours = whole_neighbours(graph.src, graph.dst, len(graph.ids))
    in_degree, out_degree, degree = neighbours.degrees()
    hubs = is_hub(in_degree, out_degree)
    blocks = BlocksHere([neighbours])
    steps: dict[str, Callable[[], Columns]] = {
        "ranks": lambda: ranks(blocks, graph.ids, out_degree, graph.seeds),
        "label propagation": lambda: {"community": graph.ids[rounds.communities(blocks)]},
        "returns": lambda: returns(graph.moves, hubs),
        "triangles": lambda: triangles(neighbours, degree),
        "strong components": lambda: {"strong_component": graph.ids[rounds.strong_components(blocks)]},
        "cores": lambda: {"core": rounds.cores(blocks, degree)},
        "components": lambda: {"component": graph.ids[components(graph)]},
        "neighbourhoods": lambda: rounds.around(blocks, degree),
        "strengths": lambda: strengths(graph),
    }
    columns: Columns = {"id": graph.ids, "in_degree": in_degree, "out_degree": out_degree}
    columns |= _together(steps, progress)
    table = pa.table([pa.array(columns[name]) for name in MEASURES.names], schema=MEASURES)
    return Measured(table, columns["proximity"], int(hubs.sum()))


def _together(steps: dict[str, Callable[[], Columns]], progress: Progress) -> Columns:
    """What all steps give, some at a time."""
    columns: Columns = {}
    with ThreadPoolExecutor(settings().threads or psutil.cpu_count() or 1) as pool:
        running = {pool.submit(step): name for name, step in steps.items()}
        progress.step(0, len(steps), "graph in memory")
        for done, future in enumerate(as_completed(running), start=1):
            columns |= future.result()
            progress.step(done, len(steps), f"graph in memory: {running[future]}")
    return columns


def ranks(blocks: Blocks, ids: Ints, out_degree: Ints, seeds: dict[str, Ints]) -> Columns:
    """PageRank, and rows of schema PROXIMITY."""
    rank, near = rounds.ranks(blocks, out_degree, list(seeds.values()))
    return {"pagerank": rank, "proximity": _proximity_rows(ids, list(seeds), near)}


def strengths(graph: Graph) -> Columns:
    """Transfers and weight on the edges on either side of each vertex."""
    n = len(graph.ids)
    sums: Columns = {}
    for side, ends in (("in", graph.dst), ("out", graph.src)):
        sums[f"{side}_strength"] = np.bincount(ends, graph.weight, minlength=n)
        sums[f"{side}_transfers"] = np.bincount(ends, graph.transfers, minlength=n).astype(np.int64)
    return sums


def components(graph: Graph) -> Ints:
    """Smallest position of each vertex's weakly connected component."""
    n = len(graph.ids)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    adjacency = coo_array((np.ones(len(graph.src), dtype=np.int8), (graph.src, graph.dst)), shape=(n, n)).tocsr()
    count, part = connected_components(adjacency, directed=True, connection="weak")
    smallest = np.full(count, n, dtype=np.int64)
    np.minimum.at(smallest, part, np.arange(n))
    return smallest[part]


def triangles(neighbours: Neighbours, degree: Ints) -> Columns:
    """Triangles, clustering and motifs of each vertex."""
    found = count_triangles(neighbours, np.zeros(len(degree), dtype=np.int64), (0, 0, 0))
    columns = {"triangles": TRIANGLES, "cycles_3": CYCLES_3, "shortcuts": SHORTCUTS}
    counts = {name: found[:, column] for name, column in columns.items()}
    return counts | {"cycles_2": cycles_of_two(neighbours), "clustering": clustering(counts["triangles"], degree)}


def clustering(triangles: Ints, degree: Ints) -> Floats:
    """Share of all pairs of neighbours that are neighbours."""
    return triangles / np.maximum(degree * (degree - 1) / 2, 1.0)


def returns(moves: tuple[Ints, Ints, Ints], hubs: npt.NDArray[np.bool_]) -> Columns:
    """returns_2 to returns_4 of each vertex."""
    src, dst, time = moves
    kept = ~(hubs[src] | hubs[dst])
    first, stop = (int(time[0]), int(time[-1]) + 1) if len(time) else (0, 0)
    found = count_returns(src[kept], dst[kept], time[kept], len(hubs), first=first, stop=stop)
    return {f"returns_{length}": found[:, column] for column, length in enumerate(LENGTHS)}


def _proximity_rows(ids: Ints, groups: list[str], proximity: Floats) -> pa.Table:
    """Rows of schema PROXIMITY from a matrix of vertices by groups."""
    tables = [PROXIMITY.empty_table()]
    for column, group in enumerate(groups):
        near = np.flatnonzero(proximity[:, column] > 0)
        names = pa.array([group] * len(near), pa.string())
        tables.append(pa.table([pa.array(ids[near]), names, pa.array(proximity[near, column])], schema=PROXIMITY))
    return pa.concat_tables(tables)
