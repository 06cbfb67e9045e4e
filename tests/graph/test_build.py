from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from chainsight.cli import app, commands
from chainsight.errors import ChildFailed, StoreEmpty, UnknownName
from chainsight.settings import settings
from graph.build import build_graph, plan
from sql.store import Store, open_store
from sql.transform import transform
from tests.fixtures.worlds import START, World, who

CHAIN = 5
MEASURED = """
SELECT * EXCEPT (address, in_strength, out_strength, pagerank, computed_at, version, is_deleted), hex(address) AS address
FROM address_measures WHERE chain_id = 5 ORDER BY address_id
"""
NEAR = "SELECT toString(seed_group) AS seed_group, hex(address) AS address, proximity FROM address_proximity"


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
    assert [ann[name] for name in ("returns_2", "returns_3", "returns_4")] == [0, 1, 0]
    assert [dan[name] for name in ("in_transfers", "out_transfers", "core", "returns_2")] == [1, 1, 1, 1]
    assert (summary.returns, summary.strong_components, summary.hubs) == ({"2": 1, "3": 1, "4": 0}, 2, 0)
    ranks = store.query("SELECT sum(pagerank) AS whole FROM address_measures").to_pylist()[0]["whole"]
    assert ranks == pytest.approx(1.0)
    again = build_graph(store, chain_id=CHAIN, engine="local")
    assert store.query(MEASURED).to_pylist() == [{"address": a, **row} for a, row in by_address.items()]
    assert again.communities == summary.communities
    assert list(exchange.iterdir()) == []


def test_proximity_follows_the_money_of_labelled_addresses_and_goes_with_their_labels(store):
    world = World(CHAIN)
    for giver, receiver in [("thief", "mule"), ("mule", "shop"), ("honest", "shop")]:
        world.pay(giver, receiver, 2)
    world.label("thief", "phishing")
    world.label("shop", "exchange")
    world.label("mule", "scam", chain="bsc")
    for label in world.labels:
        label["valid_from"] = START
    world.label("honest", "mixer")
    world.labels[-1]["valid_from"] = START + dt.timedelta(days=400)
    world.pour(store)
    transform(store, chain_id=CHAIN, from_block=0, to_block=world.block)
    summary = build_graph(store, chain_id=CHAIN, engine="local")
    # Nothing of other chains, nor of what was not true yet at the last payment.
    assert summary.seeds == 2
    near = {(row["seed_group"], row["address"]): row["proximity"] for row in store.query(NEAR).to_pylist()}
    thief, mule, shop, honest = (who(name).hex().upper() for name in ("thief", "mule", "shop", "honest"))
    assert near[("illicit", thief)] > near[("illicit", mule)] > near[("illicit", shop)] > 0.1
    assert ("illicit", honest) not in near
    assert near[("exchange", shop)] == pytest.approx(1.0)
    store.command("TRUNCATE TABLE labels")
    transform(store, chain_id=CHAIN, from_block=0, to_block=world.block)
    build_graph(store, chain_id=CHAIN, engine="local")
    assert store.query(NEAR).to_pylist() == []


def test_what_will_be_done_is_said_before_it_starts(store):
    a_ring_and_a_pair(store)
    heard: list[str] = []

    class Listener:
        def step(self, done, total, what):
            heard.append(what)

        def note(self, text):
            heard.append(text)

    summary = build_graph(store, chain_id=CHAIN, progress=Listener())
    assert summary.engine == "local"
    assert heard[0].startswith("graph: local engine, because in memory it takes at most half of what is free")
    assert f"about {summary.expected_mb:,} MB expected" in heard[0]
    assert heard[0].endswith("for 5 addresses, 5 edges and 5 transfers")
    assert plan(store, chain_id=CHAIN, engine="spark").why.startswith("it was asked for")


def test_graph_plan_says_it_from_the_command_line_and_measures_nothing(store):
    a_ring_and_a_pair(store)
    store.close()
    commands.register(["graph"])
    said = CliRunner().invoke(app, ["graph", "plan", "--store", store.dsn])
    assert said.exit_code == 0, said.output
    planned = json.loads(said.stdout)
    assert (planned["engine"], planned["edges"], planned["expected_mb"] > 0) == ("local", 5, True)
    with_store = open_store(store.dsn)
    assert with_store.query(MEASURED).to_pylist() == []
    with_store.close()


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
    planned, line = done.stderr.strip().splitlines()
    assert "spark engine, because it was asked for" in planned
    assert line.startswith(f"error: CHAINSIGHT_JAVA_HOME={tmp_path} holds no Java; Spark 3.5 needs Java 17.")


def graph_build(dsn: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chainsight", "graph", "build", "--engine", "spark", "--store", dsn]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=300
    )
