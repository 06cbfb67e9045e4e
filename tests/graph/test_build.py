from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from chainsight.errors import ChildFailed, StoreEmpty, UnknownName
from chainsight.settings import settings
from graph.build import build_graph
from sql.store import Store, open_store
from sql.transform import transform
from tests.fixtures.worlds import World, who

CHAIN = 5
MEASURED = """
SELECT hex(address) AS address, in_degree, out_degree, component, community, cycles_2, cycles_3, engine, as_of_block
FROM address_measures WHERE chain_id = 5 ORDER BY address_id
"""


@pytest.fixture(autouse=True)
def exchange(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home" / "exchange"
    settings.cache_clear()


def a_ring_and_a_pair(store: Store) -> World:
    world = World(CHAIN)
    for giver, receiver in [("ann", "bob"), ("bob", "cid"), ("cid", "ann"), ("dan", "eve"), ("eve", "dan")]:
        world.pay(giver, receiver, 1)
    world.pay("eve", "eve", 1)
    world.pour(store)
    transform(store, chain_id=CHAIN, from_block=0, to_block=world.block)
    return world


def test_every_address_gets_its_measures_and_a_second_build_the_same(store, exchange):
    world = a_ring_and_a_pair(store)
    summary = build_graph(store, chain_id=CHAIN, engine="local")
    figures = (summary.addresses, summary.edges, summary.self_loops, summary.components, summary.largest_component)
    assert figures == (5, 5, 1, 2, 3)
    assert (summary.cycles_2, summary.cycles_3, summary.as_of_block) == (1, 1, world.block)
    rows = store.query(MEASURED).to_pylist()
    by_address = {row.pop("address"): row for row in rows}
    ann, dan = (by_address[who(name).hex().upper()] for name in ("ann", "dan"))
    assert (ann["in_degree"], ann["out_degree"], ann["cycles_2"], ann["cycles_3"]) == (1, 1, 0, 1)
    assert (dan["in_degree"], dan["out_degree"], dan["cycles_2"], dan["cycles_3"]) == (1, 1, 1, 0)
    assert ann["component"] != dan["component"]
    assert {row["engine"] for row in rows} == {"local"}
    assert {row["as_of_block"] for row in rows} == {world.block}
    ranks = store.query("SELECT sum(pagerank) AS whole FROM address_measures").to_pylist()[0]["whole"]
    assert ranks == pytest.approx(1.0)
    again = build_graph(store, chain_id=CHAIN, engine="local")
    assert store.query(MEASURED).to_pylist() == [{"address": a, **row} for a, row in by_address.items()]
    assert again.communities == summary.communities
    assert list(exchange.iterdir()) == []


def test_measures_of_addresses_that_are_gone_are_withdrawn(store):
    a_ring_and_a_pair(store)
    build_graph(store, chain_id=CHAIN, engine="local")
    store.command(
        "INSERT INTO addresses SELECT * REPLACE (version + 1 AS version, 1 AS is_deleted) FROM addresses WHERE address_id = 0"
    )
    gone = 5 - store.query("SELECT count() AS n FROM addresses").to_pylist()[0]["n"]
    assert gone == 1
    build_graph(store, chain_id=CHAIN, engine="local")
    assert len(store.query(MEASURED).to_pylist()) == 4


def test_an_empty_graph_says_what_to_do(store):
    with pytest.raises(StoreEmpty, match=r"no blocks of chain 5.*Ingest some first"):
        build_graph(store, chain_id=CHAIN, engine="local")
    world = World(CHAIN)
    world.pay("eve", "eve", 1)
    world.pour(store)
    with pytest.raises(StoreEmpty, match=r"no edges between addresses of chain 5.*chainsight transform"):
        build_graph(store, chain_id=CHAIN, engine="local")
    transform(store, chain_id=CHAIN, from_block=0, to_block=world.block)
    with pytest.raises(StoreEmpty, match="only 1 addresses that paid themselves"):
        build_graph(store, chain_id=CHAIN, engine="local")


def test_an_unknown_engine_is_named_with_the_near_ones(store):
    with pytest.raises(UnknownName, match=r"no graph engine 'sparc'.*spark"):
        build_graph(store, chain_id=CHAIN, engine="sparc")


def test_a_failed_spark_leaves_the_earlier_measures(store, monkeypatch):
    a_ring_and_a_pair(store)
    build_graph(store, chain_id=CHAIN, engine="local")
    before = store.query(MEASURED).to_pylist()
    monkeypatch.setenv("CHAINSIGHT_SPARK_MEMORY", "300m")
    settings.cache_clear()
    with pytest.raises(ChildFailed):
        build_graph(store, chain_id=CHAIN, engine="spark")
    assert store.query(MEASURED).to_pylist() == before


def test_graph_build_with_graphframes_from_the_command_line(store, tmp_path):
    a_ring_and_a_pair(store)
    build_graph(store, chain_id=CHAIN, engine="local")
    local = store.query(MEASURED).to_pylist()
    store.close()
    done = graph_build(store.dsn)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["engine"] == "spark"
    reopened = open_store(store.dsn)
    spark = reopened.query(MEASURED).to_pylist()
    reopened.close()
    assert spark == [row | {"engine": "spark"} for row in local]


def test_no_java_is_one_line_on_stderr(store, tmp_path):
    a_ring_and_a_pair(store)
    store.close()
    done = graph_build(store.dsn, CHAINSIGHT_JAVA_HOME=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"error: CHAINSIGHT_JAVA_HOME={tmp_path} holds no Java; Spark 3.5 needs Java 17.")


def graph_build(dsn: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chainsight", "graph", "build", "--store", dsn]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=300
    )
