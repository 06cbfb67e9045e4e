"""The child process that runs GraphFrames: `python -m graph.spark.job JOB.json`, Parquet in, Parquet out, no store.

graph.spark.engine writes the job and reads the results; graph.engine says what the measures mean. One session does all.
GraphFrames finds the weak components and the pairs that gave to each other, tables sum up degrees and strengths,
graph.spark.blocks runs what takes many rounds, graph.spark.motifs counts triangles and returns: which does what was
chosen by measurement (bench/RESULTS.md). What a step finds stays with the executors or goes to Parquet; the driver holds
vectors over the vertices, never edges.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from graphframes import GraphFrame
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  (the name every Spark program uses)

from chainsight.child import ChildProgress
from graph.engine import COUNTS, MEASURES, is_hub
from graph.local import rounds
from graph.local.engine import clustering, positions, ranks, read_seeds
from graph.local.neighbours import Ints, Neighbours
from graph.spark.blocks import spark_blocks
from graph.spark.motifs import returns, triangles
from graph.spark.places import file_system, for_spark

Columns = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One graph of the job: URLs or paths, and into how many parts it is cut."""

    vertices: str
    edges: str
    transfers: str
    seeds: str
    results: str
    """Folder that gets measures.parquet, proximity.parquet and hubs.json, and what steps leave on the way."""
    partitions: int
    shuffle_partitions: int
    """Joins of a large graph are cut finer, so that their rows need not all be held by a core at once."""


def main(job_file: str) -> None:
    """Measure every graph of the job in one Spark session."""
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    progress = ChildProgress()
    progress.step(0, None, "Spark starts")
    spark = start_session(job["master"], job["conf"])
    try:
        if job["checkpoint"]:
            spark.sparkContext.setCheckpointDir(job["checkpoint"])
        for graph in job["graphs"]:
            spark.conf.set("spark.sql.shuffle.partitions", graph["shuffle_partitions"])
            Measuring(spark, Task(**graph), checkpoint=bool(job["checkpoint"])).run(progress)
            spark.catalog.clearCache()
    finally:
        spark.stop()


def start_session(master: str, conf: dict[str, str]) -> SparkSession:
    """A session with exactly these settings."""
    builder: Any = SparkSession.builder
    session: SparkSession = builder.master(master).config(map=conf).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


class Measuring:
    """The measures of one graph."""

    def __init__(self, spark: SparkSession, task: Task, *, checkpoint: bool) -> None:
        self.spark, self.task = spark, task
        self.edges = self._read(task.edges).repartition(task.partitions).persist()
        self.edge_count = self.edges.count()
        self.ids = self._arrow(task.vertices).column("id").to_numpy()
        self.columns: Columns = {"id": self.ids}
        self._checkpoint = checkpoint

    def run(self, progress: ChildProgress) -> None:
        """All steps, then the results."""
        steps: dict[str, Callable[[], Columns]] = {
            "degrees": lambda: self._filled("degrees", degrees(self.edges)),
            "components": lambda: self._filled("components", components(self._graph())),
            "pairs": lambda: self._filled("pairs", mutual(self._graph())),
            "triangles": lambda: self._filled("triangles", triangles(self.edges.select("src", "dst"), self.edge_count)),
            "rounds": lambda: self._rounds(progress),
            "returns": lambda: self._filled("returns", self._returns()),
        }
        for done, (name, step) in enumerate(steps.items()):
            progress.step(done, len(steps) + 1, f"Spark: {name}")
            self.columns |= step()
        progress.step(len(steps), len(steps) + 1, "Spark: writing")
        self._write()

    def _graph(self) -> GraphFrame:
        vertices = self._read(self.task.vertices).select("id").repartition(self.task.partitions, "id")
        return GraphFrame(vertices, self.edges.select("src", "dst"))

    def _rounds(self, progress: ChildProgress) -> Columns:
        """Everything that graph.local.rounds computes, block by block."""
        half_edges = self.columns["in_degree"] + self.columns["out_degree"]
        pairs = self.edges.select("src", "dst")
        blocks = spark_blocks(pairs, self.ids, half_edges, self.task.partitions, checkpoint=self._checkpoint)
        degree = np.concatenate(blocks.each(neighbour_counts))
        out_degree = self.columns["out_degree"]
        found: Columns = {"degree": degree}
        steps: dict[str, Callable[[], Columns]] = {
            "ranks": lambda: ranks(blocks, self.ids, out_degree, read_seeds(self._arrow(self.task.seeds), self.ids)),
            "label propagation": lambda: {"community": self.ids[rounds.communities(blocks)]},
            "strong components": lambda: {"strong_component": self.ids[rounds.strong_components(blocks)]},
            "cores": lambda: {"core": rounds.cores(blocks, degree)},
            "neighbourhoods": lambda: rounds.around(blocks, degree),
        }
        for name, step in steps.items():
            progress.step(4, 7, f"Spark: {name}")
            found |= step()
        return found

    def _returns(self) -> DataFrame:
        hubs = self.ids[is_hub(self.columns["in_degree"], self.columns["out_degree"])]
        self.columns["hubs"] = len(hubs)
        named = self.spark.createDataFrame(pd.DataFrame({"hub": hubs.astype(np.int64)}), "hub long")
        return returns(self._read(self.task.transfers), named, 4 * self.task.partitions)

    def _filled(self, name: str, rows: DataFrame) -> Columns:
        """A step's rows as columns over all vertices, 0 where it says nothing; by way of Parquet, not of the driver's Java."""
        folder = f"{self.task.results}/{name}"
        rows.write.mode("overwrite").parquet(for_spark(folder))
        table = self._arrow(folder)
        at = positions(self.ids, table.column("id").to_numpy())
        columns: Columns = {}
        for column in table.column_names:
            if column != "id":
                values = table.column(column).to_numpy()
                columns[column] = np.zeros(len(self.ids), dtype=values.dtype)
                columns[column][at] = values
        return columns

    def _write(self) -> None:
        columns = self.columns
        columns["clustering"] = clustering(columns["triangles"], columns["degree"])
        measures = pa.table([pa.array(columns[name]) for name in MEASURES.names], schema=MEASURES)
        system, folder = file_system(self.task.results)
        for name, table in (("measures", measures), ("proximity", columns["proximity"])):
            pq.write_table(table, f"{folder}/{name}.parquet", filesystem=system)
        with system.open_output_stream(f"{folder}/hubs.json") as file:
            file.write(json.dumps(columns["hubs"]).encode())

    def _read(self, place: str) -> DataFrame:
        return self.spark.read.parquet(for_spark(place))

    def _arrow(self, place: str) -> pa.Table:
        system, path = file_system(place)
        return ds.dataset(path, filesystem=system, format="parquet").to_table()


def neighbour_counts(block: Neighbours) -> Ints:
    """How many neighbours each vertex of a block has."""
    return np.diff(block.starts)


def degrees(edges: DataFrame) -> DataFrame:
    """Degrees, transfers and strengths of the vertices that have an edge."""
    sides = [
        edges.groupBy(F.col(end).alias("id")).agg(
            F.count("*").alias(f"{side}_degree"),
            F.sum("transfers").alias(f"{side}_transfers"),
            F.sum("weight").alias(f"{side}_strength"),
        )
        for side, end in (("in", "dst"), ("out", "src"))
    ]
    both = sides[0].join(sides[1], "id", "outer")
    return both.fillna(0, [*COUNTS, "in_strength", "out_strength"])


def components(graph: GraphFrame) -> DataFrame:
    """Columns id, component, named by the smallest id.

    The GraphX algorithm: 5 s where GraphFrames' own took 38 s (538,619 vertices, 512,332 edges, 2 cores).
    """
    found = graph.connectedComponents(algorithm="graphx")
    smallest = found.groupBy("component").agg(F.min("id").alias("smallest"))
    return found.join(smallest, "component").select("id", F.col("smallest").alias("component"))


def mutual(graph: GraphFrame) -> DataFrame:
    """Columns id, cycles_2, of the vertices that gave to each other."""
    found = graph.find("(a)-[]->(b); (b)-[]->(a)")
    return found.groupBy(F.col("a.id").alias("id")).agg(F.count("*").alias("cycles_2"))


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
