"""The same story told to a `clickhouse://` store: every statement of every stage goes over HTTP, through the ClickHouse door.

What answers is the door that `chainsight serve` opens, in a process of its own. The graph engine is the local one, because
Spark reads files either way and its minute would buy nothing here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.keys import create_key
from sql.store import Store, open_store
from tests.fixtures.doors import opened_door


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """The DSN, a database that was not there before, and what the demo said."""
    home = tmp_path_factory.mktemp("server-demo")
    with opened_door(home / "store") as dsn:
        dsn = dsn.removesuffix("/default") + "/story"
        done = subprocess.run(
            [sys.executable, "-m", "chainsight", "demo", "--json", "--engine", "local", "--store", dsn],
            env={**os.environ, "CHAINSIGHT_HOME": str(home)},
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        yield dsn, json.loads(done.stdout)


@pytest.fixture
def store(told: tuple[str, dict[str, Any]]) -> Iterator[Store]:
    opened = open_store(told[0])
    yield opened
    opened.close()


def test_what_nobody_had_labelled_is_found_on_a_server_too(told: tuple[str, dict[str, Any]]) -> None:
    verdict = told[1]["verdict"]
    assert verdict["illicit"] > 50
    assert verdict["average_precision"] > 3 * verdict["average_precision_by_chance"]
    assert verdict["alarm_precision"] > 3 * verdict["average_precision_by_chance"]


def test_all_of_it_is_in_the_database_that_the_dsn_names(store: Store) -> None:
    (counted,) = store.query(
        "SELECT (SELECT count() FROM blocks) AS blocks, (SELECT count() FROM transfers) AS transfers, "
        "(SELECT count() FROM scores) AS scores, (SELECT count() FROM default.blocks) AS elsewhere, "
        "(SELECT uniqExact(toString(kind)) FROM transfers) AS kinds, currentDatabase() AS name"
    ).to_pylist()
    assert counted["name"] == "story"
    assert (counted["blocks"], counted["elsewhere"]) == (2000, 0)
    assert counted["transfers"] > 40_000
    assert counted["scores"] > 2_000
    assert counted["kinds"] >= 7


def test_a_sanctioned_address_is_served_as_severe_with_its_reason(store: Store) -> None:
    listed = store.query("SELECT lower(hex(address)) AS address FROM scores WHERE list_channel = 1 LIMIT 1").to_pylist()
    client = TestClient(create_app(store))
    key, _ = create_key(store, scope="risk")
    body = client.get(f"/v1/addresses/0x{listed[0]['address']}/score", headers={"X-API-Key": key}).json()
    assert body["grade"] == "Severe"
    assert "OFAC" in json.dumps(body["reasons"]).upper()
    assert body["as_of"]["block_number"] == 2000
