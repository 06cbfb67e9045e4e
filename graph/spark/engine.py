"""The engine that scales out: GraphFrames on Spark, in a child process with its own Java."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq

from chainsight.child import run_child
from chainsight.errors import MissingComponent
from chainsight.progress import SILENT, Progress
from chainsight.settings import Settings, settings
from graph.engine import MEASURES, PROXIMITY, GraphFiles, Measured
from graph.spark.graphframes_jar import find_jar
from graph.spark.java import find_java_home
from graph.spark.places import file_system, put, remove

_EDGES_A_PARTITION = 100_000
_EDGES_A_SHUFFLE = 500_000
_SMALL = 100_000
_MOST_PARTITIONS = 200
"""On a cluster."""


class SparkEngine:
    """`GraphEngine` on GraphFrames, with the master, memory and places of the settings; one session for all graphs."""

    name = "spark"

    def measure(self, graphs: Sequence[GraphFiles], *, progress: Progress = SILENT) -> list[Measured]:
        """See `GraphEngine.measure`. Driver and executors of a cluster must reach the place the settings name."""
        java_home = find_java_home()
        wanted = settings()
        conf = spark_conf(wanted, max((_row_count(graph.edges) for graph in graphs), default=0))
        exchange = wanted.exchange_dir.resolve()
        exchange.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="graph-", dir=exchange) as folder:
            shared = wanted.spark_exchange.rstrip("/")
            place = f"{shared}/{Path(folder).name}" if shared else folder
            try:
                job = Path(folder) / "job.json"
                tasks = [_task(graph, f"{place}/{number}", wanted) for number, graph in enumerate(graphs)]
                job.write_text(json.dumps(_job(wanted, conf, tasks)), encoding="utf-8")
                run_child(
                    "graph.spark.job",
                    [str(job)],
                    log=exchange / "spark.log",
                    environment=_environment(java_home, Path(folder)),
                    progress=progress,
                )
                return [_read(task["results"]) for task in tasks]
            finally:
                if wanted.spark_exchange:
                    remove(place)


def spark_conf(wanted: Settings, edge_count: int) -> dict[str, str]:
    """Spark's own settings for this job; raises `MissingComponent` when there is neither a JAR nor Maven coordinates.

    No adaptive execution, because on one machine planning and scheduling cost more than the work. Local checkpoints where
    no place for others is set, because a lost executor only means that the step is repeated. For a small graph Java's
    second compiler and parallel collector cost more than they bring (2,000 vertices: 28 s of CPU and 0.9 GB without,
    46 s and 1.3 GB with).
    """
    conf = {
        "spark.app.name": "chainsight graph",
        "spark.driver.memory": wanted.spark_memory,
        "spark.sql.adaptive.enabled": "false",
        "spark.graphframes.useLocalCheckpoints": "false" if wanted.spark_checkpoint else "true",
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        "spark.kryoserializer.buffer.max": "2047m",  # a block's answer is one object
        "spark.driver.maxResultSize": "0",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "1000000",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if wanted.graphframes_packages:
        conf["spark.jars.packages"] = wanted.graphframes_packages
    else:
        conf["spark.jars"] = str(find_jar())
    if wanted.spark_master.startswith("local"):
        conf |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        conf["spark.broadcast.compress"] = "false"  # nothing travels
        if edge_count < _SMALL:
            for side in ("driver", "executor"):
                conf[f"spark.{side}.extraJavaOptions"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    return conf


def partitions(edge_count: int, wanted: Settings) -> int:
    """Into how many parts a graph is cut: a small one into one, because each part costs a task in a hundred rounds."""
    most = _MOST_PARTITIONS
    if wanted.spark_master.startswith("local"):
        most = wanted.threads or psutil.cpu_count() or 2
    return min(most, 1 + edge_count // _EDGES_A_PARTITION)


def _task(graph: GraphFiles, place: str, wanted: Settings) -> dict[str, Any]:
    """What the job says of a graph; its files are copied when Spark reads elsewhere than here."""
    edges = _row_count(graph.edges)
    parts = partitions(edges, wanted)
    task: dict[str, Any] = {"results": f"{place}/results", "partitions": parts}
    task["shuffle_partitions"] = max(parts, edges // _EDGES_A_SHUFFLE)
    for field in fields(graph):
        here: Path = getattr(graph, field.name)
        task[field.name] = str(here.resolve())
        if wanted.spark_exchange:
            task[field.name] = f"{place}/{field.name}.parquet"
            put(here, task[field.name])
    system, folder = file_system(task["results"])
    system.create_dir(folder, recursive=True)
    return task


def _job(wanted: Settings, conf: dict[str, str], tasks: list[dict[str, Any]]) -> dict[str, Any]:
    return {"master": wanted.spark_master, "conf": conf, "checkpoint": wanted.spark_checkpoint, "graphs": tasks}


def _row_count(file: Path) -> int:
    return int(pq.read_metadata(file).num_rows)


def _environment(java_home: Path, scratch: Path) -> dict[str, str]:
    """What Spark's launcher reads, set so that no other Java, Spark or Python of this machine slips in."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise MissingComponent("pyspark is not installed.", next_step="Run `make setup`, or use --engine local.")
    return {
        "JAVA_HOME": str(java_home),
        "SPARK_HOME": str(Path(spec.origin).parent),
        "SPARK_SCALA_VERSION": "2.12",  # what local-cluster asks for; PyPI's pyspark has no file that says it
        "SPARK_WORKER_DIR": str(scratch / "work"),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": "pyspark-shell",
    }


def _read(place: str) -> Measured:
    system, folder = file_system(place)
    measures, proximity = (
        pq.read_table(f"{folder}/{name}.parquet", filesystem=system) for name in ("measures", "proximity")
    )
    with system.open_input_stream(f"{folder}/hubs.json") as file:
        hubs = int(json.loads(file.read()))
    return Measured(measures.cast(MEASURES), proximity.cast(PROXIMITY), hubs)
