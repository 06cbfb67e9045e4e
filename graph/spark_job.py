"""The child process that runs GraphFrames: `python -m graph.spark_job JOB.json`, Parquet in, Parquet out, no store.

graph.spark writes the job and reads the results; graph.engine says what the measures mean.
"""

from __future__ import annotations

import json
import sys
import traceback
from functools import reduce
from pathlib import Path
from typing import Any

from graphframes import GraphFrame
from graphframes.lib import Pregel
from py4j.protocol import Py4JJavaError
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  (the name every Spark program uses)

from chainsight.child import ChildProgress
from graph.engine import LABEL_ROUNDS, MEASURES, PAGERANK_RESET, PAGERANK_ROUNDS

# The vote of label propagation, over the sorted list of a vertex's votes: the longest run wins, the first (smallest)
# in a tie.
_ELECTED = """
aggregate(
    array_sort(array_append(coalesce({votes}, array()), community)),
    named_struct('elected', -1L, 'most', 0L, 'label', -1L, 'votes', 0L),
    (state, label) -> named_struct(
        'elected', if(if(state.label = label, state.votes, 0L) + 1L > state.most, label, state.elected),
        'most', greatest(state.most, if(state.label = label, state.votes, 0L) + 1L),
        'label', label,
        'votes', if(state.label = label, state.votes, 0L) + 1L),
    state -> state.elected)
"""


def main(job_file: str) -> None:
    """Measure every graph of the job in one Spark session."""
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    progress = ChildProgress()
    progress.step(0, None, "Spark starts")
    spark = start_session(job["master"], job["conf"])
    try:
        for graph in job["graphs"]:
            spark.conf.set("spark.sql.shuffle.partitions", graph["partitions"])
            measure(spark, **graph, progress=progress)
            spark.catalog.clearCache()
    finally:
        spark.stop()


def start_session(master: str, conf: dict[str, str]) -> SparkSession:
    """A session with exactly these settings."""
    builder: Any = SparkSession.builder
    session: SparkSession = builder.master(master).config(map=conf).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def measure(
    spark: SparkSession, *, vertices: str, edges: str, measures: str, partitions: int, progress: ChildProgress
) -> None:
    """Read one graph, compute all measures, write them as a folder of Parquet."""
    ids = spark.read.parquet(vertices).select("id").repartition(partitions, "id").persist()
    pairs = spark.read.parquet(edges).select("src", "dst").repartition(partitions).persist()
    graph = GraphFrame(ids, pairs)
    steps = {
        "degrees": lambda: degrees(graph),
        "PageRank": lambda: pagerank(graph),
        "components": lambda: components(graph),
        "label propagation": lambda: communities(graph),
        "cycles": lambda: cycles(graph),
    }
    found = []
    for done, (name, step) in enumerate(steps.items()):
        progress.step(done, len(steps) + 1, f"GraphFrames: {name}")
        found.append(step().persist())
        found[-1].count()  # here, so that the step's time is spent under its own name
    progress.step(len(steps), len(steps) + 1, "GraphFrames: writing")
    whole = reduce(lambda left, right: left.join(right, "id", "left"), found, ids)
    columns = [F.coalesce(F.col(name), F.lit(0)).alias(name) for name in MEASURES.names]
    whole.select(*columns).write.mode("overwrite").parquet(measures)


def degrees(graph: GraphFrame) -> DataFrame:
    """Columns id, in_degree, out_degree of the vertices that have an edge."""
    ins = graph.inDegrees.withColumnRenamed("inDegree", "in_degree")
    outs = graph.outDegrees.withColumnRenamed("outDegree", "out_degree")
    return ins.join(outs, "id", "outer")


def pagerank(graph: GraphFrame) -> DataFrame:
    """Columns id, pagerank. GraphFrames' ranks sum to the number of vertices; ours sum to 1."""
    ranked = graph.pageRank(resetProbability=PAGERANK_RESET, maxIter=PAGERANK_ROUNDS).vertices
    whole = ranked.agg(F.sum("pagerank")).first()
    return ranked.select("id", (F.col("pagerank") / F.lit(whole[0] if whole else 1.0)).alias("pagerank"))


def components(graph: GraphFrame) -> DataFrame:
    """Columns id, component, named by the smallest id.

    The GraphX algorithm: 5 s where GraphFrames' own took 38 s (538,619 vertices, 512,332 edges, 2 cores).
    """
    found = graph.connectedComponents(algorithm="graphx")
    smallest = found.groupBy("component").agg(F.min("id").alias("smallest"))
    return found.join(smallest, "component").select("id", F.col("smallest").alias("component"))


def communities(graph: GraphFrame) -> DataFrame:
    """Columns id, community. GraphFrames' labelPropagation leaves ties to chance, so our rule runs on its Pregel."""
    votes = Pregel.msg()._jc.toString()
    return (
        graph.pregel.setMaxIter(LABEL_ROUNDS)
        .setCheckpointInterval(2)
        .setUseLocalCheckpoints(True)
        .withVertexColumn("community", F.col("id"), F.expr(_ELECTED.format(votes=votes)))
        .sendMsgToDst(Pregel.src("community"))
        .sendMsgToSrc(Pregel.dst("community"))
        .aggMsgs(F.collect_list(Pregel.msg()))
        .run()
        .select("id", "community")
    )


def cycles(graph: GraphFrame) -> DataFrame:
    """Columns id, cycles_2, cycles_3, for the vertices on any: motifs, each found once, from its lowest corner.

    An edge descends when its end is lower in (degree, id). A triangle a → b → c → a matches the pattern three times,
    with each corner as b once; it is kept where b is the lowest, which is where the edge to b descends and the edge
    from b does not: at the middle corner both edges slope alike. So none is lost, none kept twice, and wedges through
    hubs are never listed.
    """
    heights = graph.degrees
    low = heights.select(F.col("id").alias("src"), F.col("degree").alias("src_degree"))
    high = heights.select(F.col("id").alias("dst"), F.col("degree").alias("dst_degree"))
    descends = F.expr("src_degree > dst_degree OR (src_degree = dst_degree AND src > dst)")
    edges = graph.edges.join(low, "src").join(high, "dst").select("src", "dst", descends.alias("descends")).persist()
    sloped = GraphFrame(graph.vertices, edges)
    pairs = sloped.find("(a)-[e]->(b); (b)-[]->(a)").where("e.descends")
    triangles = sloped.find("(a)-[e]->(b); (b)-[f]->(c); (c)-[]->(a)").where("e.descends AND NOT f.descends")
    return per_vertex(pairs, ("a", "b"), "cycles_2").join(
        per_vertex(triangles, ("a", "b", "c"), "cycles_3"), "id", "outer"
    )


def per_vertex(motifs: DataFrame, corners: tuple[str, ...], name: str) -> DataFrame:
    """Columns id and `name`: on how many motifs each vertex is a corner."""
    corner: Column = F.explode(F.array(*(F.col(f"{corner}.id") for corner in corners)))
    return motifs.select(corner.alias("id")).groupBy("id").agg(F.count("*").alias(name))


def run(job_file: str) -> None:
    """`main`, whose failure ends the log with one line that says why instead of fifty of Java's."""
    try:
        main(job_file)
    except Py4JJavaError as error:
        traceback.print_exc()
        cause = error.java_exception
        while cause.getCause() is not None:
            cause = cause.getCause()
        sys.exit(f"Spark ended with:\n{str(cause.toString()).splitlines()[0]}")


if __name__ == "__main__":
    run(sys.argv[1])
