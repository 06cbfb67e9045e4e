"""`chainsight typologies` as a person and a program meet it."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from chainsight.cli import app, commands
from chainsight.errors import BadAddress, ChainsightError, StoreEmpty, UnknownName, UsageError
from graph.typologies.detectors import DETECTORS, chosen_detectors
from sql.files import load
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import World, who

SHIFTER, FRIEND = ("0x" + who(name).hex() for name in ("layer 1", "friend"))


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Forty coins that go over five wallets in a minute, and a friend who is paid one."""
    found = f"chdb://{tmp_path_factory.mktemp('typologies')}/store"
    store = new_store(found.removeprefix("chdb://"))
    world = World(1)
    for hop in range(5):
        world.pay(f"layer {hop}", f"layer {hop + 1}", 40 * 0.99**hop)
    world.pay("bank", "friend", 1)
    world.pour(store)
    bounds = {"chain_id": 1, "from_block": 0, "to_block": 9, "version": 2 * 10**18}
    statement = load("transforms/address_transfers")
    store.command(statement, **{name: bounds[name] for name in statement.parameters})
    store.close()
    return found


def run(*words: str) -> Result:
    commands.register(["typologies"])
    return CliRunner().invoke(app, ["typologies", *words])


def refused(*words: str) -> BaseException | None:
    result = run(*words)
    assert result.exit_code != 0
    return result.exception


def test_every_detector_is_listed_with_severity_group_parameters_and_method() -> None:
    listed = json.loads(run("list").stdout)

    assert [entry["name"] for entry in listed["detectors"]] == [entry.name for entry in DETECTORS]
    for entry in listed["detectors"]:
        assert 0 <= entry["severity"] <= 1
        assert entry["title"]
        assert entry["method"]
        assert entry["parameters"]
    assert listed["shared_parameters"]["hub_counterparties"] == 10_000


def test_a_run_says_what_it_found_and_an_address_its_evidence(dsn: str) -> None:
    none_yet = refused("show", SHIFTER, "--store", dsn)
    assert isinstance(none_yet, StoreEmpty)
    assert "chainsight typologies run" in none_yet.next_step

    done = json.loads(run("run", "--detector", "layering", "--store", dsn).stdout)
    assert (done["findings"], done["withdrawn"], done["hubs"], done["as_of_block"]) == ({"layering": 4}, 0, 0, 6)

    shown = json.loads(run("show", SHIFTER, "--store", dsn).stdout)
    (finding,) = shown["findings"]
    assert {name: finding[name] for name in ("typology", "role", "severity", "fatf_group")} == {
        "typology": "layering",
        "role": "actor",
        "severity": 0.5,
        "fatf_group": "transaction patterns",
    }
    assert all(len(transaction) == 66 for transaction in finding["evidence"])
    assert json.loads(run("show", FRIEND, "--store", dsn).stdout)["findings"] == []

    strict = json.loads(run("run", "--detector", "layering", "--set", "layering.min_hops=5", "--store", dsn).stdout)
    assert (strict["findings"], strict["withdrawn"]) == ({"layering": 0}, 4)


def test_whoever_asks_wrongly_is_told_how_to_ask(dsn: str) -> None:
    mistakes: dict[tuple[str, ...], tuple[type[ChainsightError], str]] = {
        ("run", "--detector", "peelchain"): (UnknownName, "peel_chain"),
        ("run", "--set", "fan_in.min_giver=3"): (UnknownName, "min_givers"),
        ("run", "--set", "fan_in.min_givers=many"): (UsageError, "whole number"),
        ("run", "--set", "fan_in.min_givers=-1"): (UsageError, "whole number"),
        ("run", "--set", "fan_in=3"): (UsageError, "DETECTOR.PARAMETER=VALUE"),
        ("run", "--detector", "ponzi", "--set", "fan_in.min_givers=3"): (UsageError, "--detector fan_in"),
        ("show", "0x12"): (BadAddress, "40 hexadecimal digits"),
        ("show", "0x" + "ab" * 20): (StoreEmpty, "--chain-id"),
    }
    for words, (kind, help_given) in mistakes.items():
        error = refused(*words, "--store", dsn)
        assert isinstance(error, kind), words
        assert help_given in str(error)


def test_parameters_keep_their_type() -> None:
    (changed,) = chosen_detectors(["structuring"], ["structuring.stable_thresholds=[500, 2000]", "structuring.band=1"])

    assert changed.parameters["stable_thresholds"] == [500.0, 2000.0]
    assert isinstance(changed.parameters["band"], float)
    assert changed.parameters["min_payments"] == 5
