"""Real GraphFrames on a real Spark: one child process measures all graphs of the contract."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from chainsight.errors import ChildFailed, MissingComponent
from chainsight.settings import settings
from graph.local import LocalEngine
from graph.spark import SparkEngine
from tests.contracts.graph_engine import GRAPHS, GraphEngineContract, measure_all, write


@pytest.fixture(autouse=True)
def fresh_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graphs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINSIGHT_HOME", str(folder))
        patch.setenv("CHAINSIGHT_SPARK_MEMORY", "1g")
        settings.cache_clear()
        yield measure_all(SparkEngine(), folder)


class TestSparkEngine(GraphEngineContract):
    """The contract, on `measured` above."""


def test_both_engines_give_equal_answers(measured, tmp_path):
    for name, local in measure_all(LocalEngine(), tmp_path).items():
        spark = measured[name]
        assert spark.drop_columns(["pagerank"]) == local.drop_columns(["pagerank"]), name
        ranks = (table.column("pagerank").to_numpy() for table in (spark, local))
        assert next(ranks) == pytest.approx(next(ranks), abs=1e-12), name


def test_a_killed_spark_is_one_clear_line(tmp_path):
    files = write(GRAPHS["hubs"], tmp_path)
    killer = threading.Thread(target=kill_the_job, daemon=True)
    killer.start()
    with pytest.raises(ChildFailed, match=r"graph\.spark_job was killed by signal 9.*spark\.log"):
        SparkEngine().measure([files])
    killer.join()


def kill_the_job() -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for child in psutil.Process().children():
            if "graph.spark_job" in child.cmdline():
                child.kill()
                return
        time.sleep(0.05)


def test_too_little_memory_is_said_in_sparks_own_words(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_SPARK_MEMORY", "300m")
    settings.cache_clear()
    with pytest.raises(ChildFailed, match=r"System memory .* must be at least"):
        SparkEngine().measure([write(GRAPHS["hubs"], tmp_path)])


def test_without_the_jar_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_GRAPHFRAMES_JAR", str(tmp_path / "none.jar"))
    settings.cache_clear()
    with pytest.raises(MissingComponent, match=r"none\.jar.*make setup.*--engine local") as caught:
        SparkEngine().measure([write(GRAPHS["hubs"], tmp_path)])
    assert "\n" not in str(caught.value)
