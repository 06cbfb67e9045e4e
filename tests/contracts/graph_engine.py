"""What every GraphEngine must answer, on small graphs, against networkx and plain Python as independent oracles.

A test module makes a subclass of `GraphEngineContract` beside a module-scoped fixture `measured`: what the engine says
of all `GRAPHS`, asked for at once, because starting an engine can cost more than the graphs do.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.engine import LABEL_ROUNDS, MEASURES, PAGERANK_ROUNDS, GraphEngine, GraphFiles

Edges = Sequence[tuple[int, int]]
Graph = tuple[Sequence[int], Edges]


def _complete(vertices: Sequence[int]) -> list[tuple[int, int]]:
    return [(a, b) for a in vertices for b in vertices if a != b]


def _hubs(vertices: int, edges: int, seed: int) -> Graph:
    """A few vertices have most of the edges, as on a chain; every third number is an address, so ids have gaps."""
    dice = random.Random(seed)
    drawn = {tuple(int(vertices * dice.random() ** 3) * 3 + 7 for _ in range(2)) for _ in range(edges)}
    return [3 * number + 7 for number in range(vertices)], sorted((a, b) for a, b in drawn if a != b)


GRAPHS: dict[str, Graph] = {
    "a ring, a pair back and forth, a chain and a loner": (
        range(9),
        [(2, 0), (0, 1), (1, 2), (3, 4), (4, 3), (5, 6), (6, 7)],
    ),
    "everybody with everybody, paid by one who is paid by none": (range(6), [*_complete(range(1, 6)), (0, 5)]),
    "nobody paid anybody": ([4, 9], []),
    "hubs": _hubs(150, 1_200, seed=5),
}


def write(graph: Graph, folder: Path) -> GraphFiles:
    """A graph as the two files that engines read."""
    folder.mkdir(parents=True, exist_ok=True)
    vertices, edges = graph
    files = GraphFiles(folder / "vertices.parquet", folder / "edges.parquet")
    pq.write_table(pa.table({"id": pa.array(list(vertices), pa.int64())}), files.vertices)
    ends = {"src": [a for a, _ in edges], "dst": [b for _, b in edges]}
    pq.write_table(pa.table({end: pa.array(ids, pa.int64()) for end, ids in ends.items()}), files.edges)
    return files


def measure_all(engine: GraphEngine, folder: Path) -> dict[str, pa.Table]:
    """What the engine says of every graph."""
    files = [write(graph, folder / str(number)) for number, graph in enumerate(GRAPHS.values())]
    return dict(zip(GRAPHS, engine.measure(files), strict=True))


def expected(graph: Graph) -> dict[str, list]:
    """All measures by other means: networkx, and label propagation written out."""
    vertices, edges = graph
    directed = nx.DiGraph()
    directed.add_nodes_from(vertices)
    directed.add_edges_from(edges)
    component = {v: min(part) for part in nx.weakly_connected_components(directed) for v in part}
    rank = ranked(directed)
    label = propagated(directed)
    cycles = [cycle for cycle in nx.simple_cycles(directed, length_bound=3)]
    on = {length: Counter(v for cycle in cycles if len(cycle) == length for v in cycle) for length in (2, 3)}
    return {
        "id": list(vertices),
        "in_degree": [directed.in_degree(v) for v in vertices],
        "out_degree": [directed.out_degree(v) for v in vertices],
        "pagerank": [rank[v] for v in vertices],
        "component": [component[v] for v in vertices],
        "community": [label[v] for v in vertices],
        "cycles_2": [on[2][v] for v in vertices],
        "cycles_3": [on[3][v] for v in vertices],
    }


def ranked(directed: nx.DiGraph) -> dict[int, float]:
    """PageRank written out round by round, and held against networkx' converged one."""
    rank = dict.fromkeys(directed, 1.0)
    for _ in range(PAGERANK_ROUNDS):
        given = {v: rank[v] / max(directed.out_degree(v), 1) for v in directed}
        rank = {v: 0.15 + 0.85 * sum(given[u] for u in directed.predecessors(v)) for v in directed}
    whole = sum(rank.values())
    converged = nx.pagerank(directed, alpha=0.85, tol=1e-13, max_iter=1_000)
    assert sum(abs(rank[v] / whole - converged[v]) for v in directed) <= 2 * 0.85**PAGERANK_ROUNDS
    return {v: rank[v] / whole for v in directed}


def propagated(directed: nx.DiGraph) -> dict[int, int]:
    """Synchronous label propagation: own vote, both directions, smallest label in a tie."""
    label = {v: v for v in directed}
    for _ in range(LABEL_ROUNDS):
        votes = {v: Counter([label[v]]) for v in directed}
        for a, b in directed.edges:
            votes[a][label[b]] += 1
            votes[b][label[a]] += 1
        label = {v: min(count, key=lambda name: (-count[name], name)) for v, count in votes.items()}
    return label


def assert_equal(measures: pa.Table, graph: Graph) -> None:
    """Whole numbers equal; PageRank to 1e-9 of the whole, and summing to 1."""
    wanted = expected(graph)
    said = measures.to_pydict()
    assert sum(said["pagerank"]) == pytest.approx(1.0, abs=1e-9)
    assert said.pop("pagerank") == pytest.approx(wanted.pop("pagerank"), abs=1e-9)
    assert said == wanted


class GraphEngineContract:
    """The suite; `measured` comes from the module of the subclass."""

    @pytest.mark.parametrize("name", GRAPHS)
    def test_every_measure_is_what_other_means_give(self, measured: dict[str, pa.Table], name: str) -> None:
        assert_equal(measured[name], GRAPHS[name])

    def test_the_answer_is_one_row_per_vertex_in_the_agreed_columns(self, measured: dict[str, pa.Table]) -> None:
        for name, (vertices, _) in GRAPHS.items():
            assert measured[name].schema.equals(MEASURES), name
            assert measured[name].column("id").to_pylist() == sorted(vertices), name
