"""Real GraphFrames on a real Spark: one child process measures all graphs of the contract, on executors of their own."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from chainsight.errors import ChildFailed, MissingComponent, UsageError
from chainsight.settings import settings
from graph.local.engine import LocalEngine
from graph.spark.engine import SparkEngine
from tests.contracts.graph_engine import FLOATS, HUBS, GraphEngineContract, measure_all, write


@pytest.fixture(autouse=True)
def fresh_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Two executors in processes of their own: what is sent to them is serialised and shuffled as on a cluster.

    Files pass through a place named by a URL, checkpoints go to a folder.
    """
    folder = tmp_path_factory.mktemp("graphs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINSIGHT_HOME", str(folder))
        patch.setenv("CHAINSIGHT_SPARK_MASTER", "local-cluster[2,1,2048]")
        patch.setenv("CHAINSIGHT_SPARK_MEMORY", "1g")
        patch.setenv("CHAINSIGHT_SPARK_EXCHANGE", f"file://{folder}/shared")
        patch.setenv("CHAINSIGHT_SPARK_CHECKPOINT", f"{folder}/checkpoints")
        patch.setattr("graph.spark.engine._EDGES_A_PARTITION", 500)
        settings.cache_clear()
        yield measure_all(SparkEngine(), folder)
    assert list((folder / "shared").iterdir()) == []


class TestSparkEngine(GraphEngineContract):
    """The contract, on `measured` above."""


def test_both_engines_give_equal_answers(measured, tmp_path):
    for name, local in measure_all(LocalEngine(), tmp_path).items():
        spark = measured[name]
        assert spark.vertices.drop_columns([*FLOATS]) == local.vertices.drop_columns([*FLOATS]), name
        for column in FLOATS:
            pair = [found.vertices.column(column).to_numpy() for found in (spark, local)]
            assert pair[0] == pytest.approx(pair[1], abs=1e-12), (name, column)
        assert spark.proximity.drop_columns(["proximity"]) == local.proximity.drop_columns(["proximity"]), name


def test_a_killed_spark_is_one_clear_line(tmp_path):
    files = write(HUBS, tmp_path)
    killer = threading.Thread(target=kill_the_job, daemon=True)
    killer.start()
    with pytest.raises(ChildFailed, match=r"graph\.spark\.job was killed by signal 9.*spark\.log"):
        SparkEngine().measure([files])
    killer.join()


def kill_the_job() -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for child in psutil.Process().children():
            if "graph.spark.job" in child.cmdline():
                child.kill()
                return
        time.sleep(0.05)


def test_too_little_memory_is_said_in_sparks_own_words(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_SPARK_MEMORY", "300m")
    settings.cache_clear()
    with pytest.raises(ChildFailed, match=r"System memory .* must be at least"):
        SparkEngine().measure([write(HUBS, tmp_path)])


def test_without_the_jar_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_GRAPHFRAMES_JAR", str(tmp_path / "none.jar"))
    settings.cache_clear()
    with pytest.raises(MissingComponent, match=r"none\.jar.*make setup.*--engine local") as caught:
        SparkEngine().measure([write(HUBS, tmp_path)])
    assert "\n" not in str(caught.value)


def test_a_place_that_nobody_can_open_is_named_with_its_setting(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_SPARK_EXCHANGE", "gopher://somewhere")
    settings.cache_clear()
    with pytest.raises(UsageError, match=r"gopher://somewhere.*CHAINSIGHT_SPARK_EXCHANGE.*s3://bucket/folder"):
        SparkEngine().measure([write(HUBS, tmp_path)])
