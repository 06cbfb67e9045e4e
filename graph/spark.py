"""The engine that scales out: GraphFrames on Spark, in a child process with its own Java."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from chainsight.child import run_child
from chainsight.errors import MissingComponent
from chainsight.progress import SILENT, Progress
from chainsight.settings import Settings, settings
from graph.engine import MEASURES, GraphFiles
from graph.graphframes_jar import find_jar
from graph.java import find_java_home

_EDGES_A_PARTITION = 100_000
_MOST_PARTITIONS = 200
"""On a cluster."""


class SparkEngine:
    """`GraphEngine` on GraphFrames, with the master and memory of the settings; one session for all graphs."""

    name = "spark"

    def measure(self, graphs: Sequence[GraphFiles], *, progress: Progress = SILENT) -> list[pa.Table]:
        """See `GraphEngine.measure`. The executors of a cluster must see the exchange folder the files are in."""
        java_home = find_java_home()
        wanted = settings()
        conf = spark_conf(wanted, max((_edge_count(graph) for graph in graphs), default=0))
        exchange = wanted.exchange_dir.resolve()
        exchange.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="graph-", dir=exchange) as folder:
            results = [Path(folder) / f"measures-{number}" for number in range(len(graphs))]
            job = Path(folder) / "job.json"
            job.write_text(json.dumps(_job(wanted, conf, graphs, results)), encoding="utf-8")
            run_child(
                "graph.spark_job",
                [str(job)],
                log=exchange / "spark.log",
                environment=_environment(java_home),
                progress=progress,
            )
            return [_read(result) for result in results]


def spark_conf(wanted: Settings, edge_count: int) -> dict[str, str]:
    """Spark's own settings for this job; raises `MissingComponent` when there is neither a JAR nor Maven coordinates.

    No adaptive execution, because on one machine planning and scheduling cost more than the work; local checkpoints,
    because a lost executor only means that the step is repeated. For a small graph Java's second compiler and parallel
    collector cost more than they bring (2,000 vertices: 28 s of CPU and 0.9 GB without, 46 s and 1.3 GB with).
    """
    conf = {
        "spark.app.name": "chainsight graph",
        "spark.driver.memory": wanted.spark_memory,
        "spark.sql.adaptive.enabled": "false",
        "spark.graphframes.useLocalCheckpoints": "true",
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if wanted.graphframes_packages:
        conf["spark.jars.packages"] = wanted.graphframes_packages
    else:
        conf["spark.jars"] = str(find_jar())
    if wanted.spark_master.startswith("local"):
        conf |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        if edge_count < _EDGES_A_PARTITION:
            conf["spark.driver.extraJavaOptions"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    return conf


def partitions(edge_count: int, wanted: Settings) -> int:
    """Into how many parts a graph is cut: a small one into one, because each part costs a task in a hundred rounds."""
    most = _MOST_PARTITIONS
    if wanted.spark_master.startswith("local"):
        most = wanted.threads or psutil.cpu_count() or 2
    return min(most, 1 + edge_count // _EDGES_A_PARTITION)


def _job(
    wanted: Settings, conf: dict[str, str], graphs: Sequence[GraphFiles], results: Sequence[Path]
) -> dict[str, Any]:
    return {
        "master": wanted.spark_master,
        "conf": conf,
        "graphs": [
            {
                "vertices": str(graph.vertices.resolve()),
                "edges": str(graph.edges.resolve()),
                "measures": str(result),
                "partitions": partitions(_edge_count(graph), wanted),
            }
            for graph, result in zip(graphs, results, strict=True)
        ],
    }


def _edge_count(graph: GraphFiles) -> int:
    return int(pq.read_metadata(graph.edges).num_rows)


def _environment(java_home: Path) -> dict[str, str]:
    """What Spark's launcher reads, set so that no other Java, Spark or Python of this machine slips in."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise MissingComponent("pyspark is not installed.", next_step="Run `make setup`, or use --engine local.")
    return {
        "JAVA_HOME": str(java_home),
        "SPARK_HOME": str(Path(spec.origin).parent),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": "pyspark-shell",
    }


def _read(folder: Path) -> pa.Table:
    table = ds.dataset(folder, format="parquet").to_table(columns=MEASURES.names)
    return table.sort_by("id").cast(MEASURES)
