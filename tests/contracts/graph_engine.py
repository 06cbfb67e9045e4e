"""What every GraphEngine must answer, on small graphs, against networkx and plain Python as independent oracles.

A test module makes a subclass of `GraphEngineContract` beside a module-scoped fixture `measured`: what the engine says
of all `GRAPHS`, asked for at once, because starting an engine can cost more than the graphs do.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chainsight.categories import HUB_NEIGHBOURS
from graph.engine import (
    LABEL_ROUNDS,
    MEASURES,
    PAGERANK_ROUNDS,
    PROXIMITY,
    RETURN_SECONDS,
    GraphEngine,
    GraphFiles,
    Measured,
)

DAY = 86_400
FLOATS = (
    "in_strength",
    "out_strength",
    "pagerank",
    "clustering",
    "neighbour_degree_mean",
    "two_hop_degree_mean",
)


@dataclass(frozen=True)
class Graph:
    """Vertices, transfers (giver, receiver, seconds) and groups of seeds; edges are the transfers' pairs."""

    vertices: Sequence[int]
    transfers: Sequence[tuple[int, int, int]]
    seeds: dict[str, Sequence[int]] = field(default_factory=dict)

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Each pair once."""
        return sorted({(a, b) for a, b, _ in self.transfers})

    def weight(self, a: int, b: int) -> float:
        """What an edge carries: anything that is not the same everywhere."""
        return (a * 31 + b) % 11 + 0.5


def hubs(vertices: int, transfers: int, seed: int) -> Graph:
    """A few vertices have most of the edges, as on a chain; every third number is an address, so ids have gaps."""
    dice = random.Random(seed)
    drawn = [tuple(5_007 + 3 * int(vertices * dice.random() ** 3) for _ in range(2)) for _ in range(transfers)]
    moved = [(a, b, dice.randrange(40 * DAY)) for a, b in drawn if a != b]
    numbers = [5_007 + 3 * number for number in range(vertices)]
    return Graph(numbers, moved, {"some": dice.sample(numbers, 20)})


def _shapes() -> Graph:
    """Side by side: a ring in rising time, a pair, a chain, a loner, everybody with everybody, and a hub just so large."""
    few = [(2, 0, 30), (0, 1, 10), (1, 2, 20), (3, 4, 5), (4, 3, 5 + RETURN_SECONDS), (5, 6, 1), (6, 7, 2)]
    everybody = [(a, b, 100 + a * b) for a in range(10, 15) for b in range(10, 15) if a != b]
    spokes = [(20, leaf, leaf) for leaf in range(21, 21 + HUB_NEIGHBOURS)]
    back = [(leaf, 20, 10_000 + leaf) for leaf in range(21, 40)]
    leaves = [(21, 22, 50), (22, 21, 60), (21, 22, 60), (22, 21, 70)]
    numbers = [v for v in range(21 + HUB_NEIGHBOURS) if v != 9]
    return Graph(
        numbers,
        [*few, *everybody, (15, 10, 9), *spokes, *back, *leaves],
        {"chain": [5, 6], "loner": [8]},
    )


def _beside(left: Graph, right: Graph) -> Graph:
    """Two graphs as one: a round on executors costs the same for both."""
    return Graph([*left.vertices, *right.vertices], [*left.transfers, *right.transfers], left.seeds | right.seeds)


HUBS = hubs(150, 1_500, seed=5)
GRAPHS: dict[str, Graph] = {
    "shapes and hubs side by side": _beside(_shapes(), HUBS),
    "nobody paid anybody": Graph([4, 9], [], {"both": [4, 9]}),
}


def write(graph: Graph, folder: Path) -> GraphFiles:
    """A graph as the files that engines read."""
    folder.mkdir(parents=True, exist_ok=True)
    files = GraphFiles(*(folder / f"{name}.parquet" for name in ("vertices", "edges", "transfers", "seeds")))
    pq.write_table(pa.table({"id": pa.array(list(graph.vertices), pa.int64())}), files.vertices)
    moved = Counter((a, b) for a, b, _ in graph.transfers)
    edges = graph.edges
    columns = {
        "src": pa.array([a for a, _ in edges], pa.int64()),
        "dst": pa.array([b for _, b in edges], pa.int64()),
        "transfers": pa.array([moved[edge] for edge in edges], pa.int64()),
        "weight": pa.array([graph.weight(*edge) for edge in edges], pa.float64()),
    }
    pq.write_table(pa.table(columns), files.edges)
    in_time = sorted(graph.transfers, key=lambda transfer: transfer[2])
    named = dict(zip(("src", "dst", "time"), zip(*in_time, strict=True), strict=True)) if in_time else {}
    times = {name: pa.array(named.get(name, ()), pa.int64()) for name in ("src", "dst", "time")}
    pq.write_table(pa.table(times), files.transfers)
    members = [(vertex, name) for name, group in graph.seeds.items() for vertex in group]
    ids, groups = pa.array([v for v, _ in members], pa.int64()), pa.array([n for _, n in members], pa.string())
    pq.write_table(pa.table({"id": ids, "seed_group": groups}), files.seeds)
    return files


def measure_all(engine: GraphEngine, folder: Path) -> dict[str, Measured]:
    """What the engine says of every graph."""
    files = [write(graph, folder / str(number)) for number, graph in enumerate(GRAPHS.values())]
    return dict(zip(GRAPHS, engine.measure(files), strict=True))


def expected(graph: Graph) -> dict[str, list[Any]]:
    """All measures by other means: networkx, and what it has not, written out."""
    directed = nx.DiGraph()
    directed.add_nodes_from(graph.vertices)
    directed.add_edges_from(graph.edges)
    beside = directed.to_undirected()
    found = degrees(graph, directed) | motifs(directed) | neighbourhoods(beside) | returned(graph, beside)
    found["pagerank"] = ranked(directed, dict.fromkeys(directed, 1.0), restart=False)
    found["component"] = {v: min(part) for part in nx.weakly_connected_components(directed) for v in part}
    found["strong_component"] = {v: min(part) for part in nx.strongly_connected_components(directed) for v in part}
    found["community"] = propagated(directed)
    found["core"] = nx.core_number(beside)
    found["triangles"] = nx.triangles(beside)
    found["clustering"] = nx.clustering(beside)
    return {"id": list(graph.vertices)} | {name: [values[v] for v in graph.vertices] for name, values in found.items()}


def degrees(graph: Graph, directed: nx.DiGraph) -> dict[str, dict[int, Any]]:
    """Degrees, and sums over edges on either side."""
    moved = Counter((a, b) for a, b, _ in graph.transfers)
    found: dict[str, dict[int, Any]] = {"in_degree": dict(directed.in_degree), "out_degree": dict(directed.out_degree)}
    for side, edges in (("in", directed.in_edges), ("out", directed.out_edges)):
        found[f"{side}_transfers"] = {v: sum(moved[edge] for edge in edges(v)) for v in directed}
        found[f"{side}_strength"] = {v: sum(graph.weight(*edge) for edge in edges(v)) for v in directed}
    return found


def ranked(directed: nx.DiGraph, start: dict[int, float], *, restart: bool) -> dict[int, float]:
    """PageRank written out round by round, and held against networkx' converged one."""
    whole = sum(start.values()) or 1.0
    home = {v: weight / whole if restart else 1.0 for v, weight in start.items()}
    rank = dict(home)
    for _ in range(PAGERANK_ROUNDS):
        given = {v: rank[v] / max(directed.out_degree(v), 1) for v in directed}
        kept = sum(rank[v] for v in directed if directed.out_degree(v) == 0) if restart else 0.0
        arrives = {v: sum(given[u] for u in directed.predecessors(v)) for v in directed}
        rank = {v: 0.15 * home[v] + 0.85 * (arrives[v] + kept * home[v]) for v in directed}
    whole = sum(rank.values()) or 1.0
    converged = nx.pagerank(directed, alpha=0.85, tol=1e-13, max_iter=1_000, personalization=start if restart else None)
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


def motifs(directed: nx.DiGraph) -> dict[str, dict[int, int]]:
    """Cycles of two and three and feed-forward triples through each vertex."""
    on: dict[str, Counter[int]] = defaultdict(Counter)
    for cycle in nx.simple_cycles(directed, length_bound=3):
        on[f"cycles_{len(cycle)}"].update(cycle)
    for a, b in directed.edges:
        for c in set(directed.successors(b)) & set(directed.successors(a)):
            on["shortcuts"].update((a, b, c))
    return {name: {v: on[name][v] for v in directed} for name in ("cycles_2", "cycles_3", "shortcuts")}


def neighbourhoods(beside: nx.Graph) -> dict[str, dict[int, Any]]:
    """Degrees seen by walks of one and two steps."""
    degree = dict(beside.degree)
    one = {v: [degree[u] for u in beside[v]] for v in beside}
    two = {v: [degree[w] for u in beside[v] for w in beside[u]] for v in beside}
    return {
        f"{name}_degree_{what}": {
            v: (sum(seen[v]) / len(seen[v]) if what == "mean" else max(seen[v])) if seen[v] else 0 for v in seen
        }
        for name, seen in (("neighbour", one), ("two_hop", two))
        for what in ("mean", "max")
    }


def returned(graph: Graph, beside: nx.Graph) -> dict[str, dict[int, int]]:
    """Transfers that come back over two, three and four steps, by trying every path."""
    givers, takers = Counter(b for _, b in graph.edges), Counter(a for a, _ in graph.edges)
    hubs = {v for v in beside if max(givers[v], takers[v]) >= HUB_NEIGHBOURS}
    given = defaultdict(list)
    for a, b, time in graph.transfers:
        if a not in hubs and b not in hubs:
            given[a].append((b, time))
    counts = {length: Counter[int]() for length in (2, 3, 4)}
    for a, starts in list(given.items()):
        for b, time in starts:
            for length in set(_lengths(given, [a, b], time, time + RETURN_SECONDS)):
                counts[length][a] += 1
    return {f"returns_{length}": {v: count[v] for v in beside} for length, count in counts.items()}


def _lengths(given: dict[int, list[tuple[int, int]]], path: list[int], time: int, end: int) -> Iterator[int]:
    for taker, later in given[path[-1]]:
        if time < later <= end:
            if taker == path[0]:
                yield len(path)
            elif len(path) < 4 and taker not in path:
                yield from _lengths(given, [*path, taker], later, end)


def assert_equal(measured: Measured, graph: Graph) -> None:
    """Whole numbers equal; floats to 1e-9; PageRank and every group's proximity sum to 1."""
    wanted = expected(graph)
    said = measured.vertices.to_pydict()
    assert sum(said["pagerank"]) == pytest.approx(1.0, abs=1e-9)
    for name in FLOATS:
        assert said.pop(name) == pytest.approx(wanted.pop(name), abs=1e-9), name
    assert {name: said[name] for name in wanted} == wanted
    assert_proximity(measured.proximity, graph)


def assert_proximity(proximity: pa.Table, graph: Graph) -> None:
    """Rows above zero, in order, as personalised PageRank written out gives them."""
    directed = nx.DiGraph()
    directed.add_nodes_from(graph.vertices)
    directed.add_edges_from(graph.edges)
    rows = proximity.to_pylist()
    assert [(row["seed_group"], row["id"]) for row in rows] == sorted((row["seed_group"], row["id"]) for row in rows)
    said = {
        name: {row["id"]: row["proximity"] for row in part}
        for name, part in itertools.groupby(rows, lambda row: row["seed_group"])
    }
    for name, members in graph.seeds.items():
        near = ranked(directed, {v: float(v in members) for v in directed}, restart=True)
        assert said.pop(name) == pytest.approx({v: rank for v, rank in near.items() if rank > 0}, abs=1e-9), name
    assert said == {}


class GraphEngineContract:
    """The suite; `measured` comes from the module of the subclass."""

    @pytest.mark.parametrize("name", GRAPHS)
    def test_every_measure_is_what_other_means_give(self, measured: dict[str, Measured], name: str) -> None:
        assert_equal(measured[name], GRAPHS[name])

    def test_the_answer_is_one_row_per_vertex_in_the_agreed_columns(self, measured: dict[str, Measured]) -> None:
        for name, graph in GRAPHS.items():
            assert measured[name].vertices.schema.equals(MEASURES), name
            assert measured[name].proximity.schema.equals(PROXIMITY), name
            assert measured[name].vertices.column("id").to_pylist() == sorted(graph.vertices), name
        assert {name: found.hubs for name, found in measured.items() if found.hubs} == {
            "shapes and hubs side by side": 1
        }
