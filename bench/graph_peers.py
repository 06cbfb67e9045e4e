"""What others need for the measures that they have, a line for each: `python -m bench.graph_peers NAME FOLDER SAID`.

networkx, igraph and GraphFrames as it comes, on the same Parquet files. A process each, so that one that does not end can
be stopped; what it had measured by then stands in the file SAID (bench/timed_parts.py). Java's memory is not counted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench.timed_parts import time_all
from chainsight.settings import settings
from graph.engine import LABEL_ROUNDS, PAGERANK_ROUNDS
from graph.spark.graphframes_jar import find_jar
from graph.spark.java import find_java_home

Measure = tuple[str, Callable[[], Any]]


def networkx_measures(folder: Path) -> Iterator[Measure]:
    """Networkx as it comes."""
    import networkx as nx

    ends = pq.read_table(folder / "edges.parquet", columns=["src", "dst"]).to_pandas().to_numpy().tolist()
    graph = nx.DiGraph(ends)
    beside = graph.to_undirected()
    seeds = dict.fromkeys(list(graph)[:1_000], 1.0)
    yield "degrees", lambda: (dict(graph.in_degree()), dict(graph.out_degree()))
    yield "pagerank", lambda: nx.pagerank(graph, alpha=0.85)
    yield "proximity", lambda: nx.pagerank(graph, alpha=0.85, personalization=seeds)
    yield "components", lambda: sum(1 for _ in nx.weakly_connected_components(graph))
    yield "strong components", lambda: sum(1 for _ in nx.strongly_connected_components(graph))
    yield "cores", lambda: nx.core_number(beside)
    yield "neighbourhoods", lambda: nx.average_neighbor_degree(beside)
    yield "label propagation", lambda: sum(1 for _ in nx.community.label_propagation_communities(beside))
    yield "triangles", lambda: nx.clustering(beside)
    yield "cycles", lambda: sum(1 for _ in nx.simple_cycles(graph, length_bound=3))


def igraph_measures(folder: Path) -> Iterator[Measure]:
    """igraph, alone."""
    import igraph  # type: ignore[import-untyped]

    table = pq.read_table(folder / "edges.parquet")
    ends = np.stack([table.column(end).to_numpy() for end in ("src", "dst")], axis=1)
    weight = table.column("weight").to_numpy()
    seeds = list(range(min(1_000, int(ends.max()) + 1)))
    made: list[Any] = []
    yield "build", lambda: made.append(igraph.Graph(n=int(ends.max()) + 1, edges=ends, directed=True))
    graph = made[0]
    yield "undirected", lambda: made.append(graph.as_undirected(mode="collapse"))
    beside = made[1]
    yield "degrees", lambda: (graph.indegree(), graph.outdegree())
    yield "strengths", lambda: (graph.strength(mode="in", weights=weight), graph.strength(mode="out", weights=weight))
    yield "pagerank", lambda: graph.pagerank(damping=0.85)
    for group in range(3):
        yield f"proximity {group}", lambda: graph.personalized_pagerank(damping=0.85, reset_vertices=seeds)
    yield "components", lambda: graph.connected_components(mode="weak").membership
    yield "strong components", lambda: graph.connected_components(mode="strong").membership
    yield "cores", lambda: beside.coreness()
    yield "triangles", lambda: beside.transitivity_local_undirected(mode="zero")
    yield "neighbourhoods", lambda: beside.knn()
    yield "pairs", lambda: graph.dyad_census()
    yield "label propagation", lambda: beside.community_label_propagation()


def igraph_triads(folder: Path) -> Iterator[Measure]:
    """Igraph's count of motifs of three, which takes longer than all the rest together (76 s at 11,437 edges)."""
    import igraph

    table = pq.read_table(folder / "edges.parquet", columns=["src", "dst"])
    ends = np.stack([table.column(end).to_numpy() for end in ("src", "dst")], axis=1)
    graph = igraph.Graph(n=int(ends.max()) + 1, edges=ends, directed=True)
    yield "triads", lambda: graph.triad_census()


def graphframes_measures(folder: Path) -> Iterator[Measure]:
    """GraphFrames with Spark's and its own defaults; only memory and master are ours."""
    from graphframes import GraphFrame
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    conf = {"spark.driver.memory": settings().spark_memory, "spark.jars": str(find_jar()), "spark.ui.enabled": "false"}
    conf |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    spark = builder.master(settings().spark_master).config(map=conf).getOrCreate()
    spark.sparkContext.setCheckpointDir(str(folder / "checkpoints"))
    vertices, edges = (spark.read.parquet(str(folder / f"{name}.parquet")) for name in ("vertices", "edges"))
    graph = GraphFrame(vertices.select("id"), edges.select("src", "dst"))
    yield "degrees", lambda: (graph.inDegrees.count(), graph.outDegrees.count())
    yield "pagerank", lambda: graph.pageRank(resetProbability=0.15, maxIter=PAGERANK_ROUNDS).vertices.count()
    yield "components", lambda: graph.connectedComponents().count()
    yield "label propagation", lambda: graph.labelPropagation(maxIter=LABEL_ROUNDS).count()
    yield "triangles", lambda: graph.triangleCount().count()
    yield "cycles of two", lambda: graph.find("(a)-[]->(b); (b)-[]->(a)").count()
    yield "cores", lambda: graph.k_core().count()
    yield "cycles of three", lambda: graph.find("(a)-[]->(b); (b)-[]->(c); (c)-[]->(a)").count()
    yield "strong components", lambda: graph.stronglyConnectedComponents(maxIter=10).count()
    sources = [row.id for row in vertices.limit(3).collect()]
    yield (
        "proximity of three sources",
        lambda: graph.parallelPersonalizedPageRank(sourceIds=sources, maxIter=PAGERANK_ROUNDS).vertices.count(),
    )


def graphframes_environment() -> dict[str, str]:
    """What Spark's launcher reads."""
    import pyspark

    home = str(Path(pyspark.__file__).parent)
    return {"JAVA_HOME": str(find_java_home()), "SPARK_HOME": home, "PYSPARK_PYTHON": sys.executable}


def main(name: str, folder: Path, said: Path) -> None:
    """Time one peer's measures, saying each before and after."""
    peers: dict[str, Callable[[Path], Iterator[Measure]]] = {
        "networkx": networkx_measures,
        "igraph": igraph_measures,
        "igraph_triads": igraph_triads,
        "graphframes": graphframes_measures,
    }
    if name == "graphframes":
        os.environ.update(graphframes_environment())
    time_all(said, peers[name](folder))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
