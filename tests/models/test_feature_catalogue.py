"""Every feature is described, and the plan of 84 is complete."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from chainsight.cli import app
from chainsight.cli.commands import register
from chainsight.errors import BadAddress, StoreEmpty, UnknownName
from models.features.build import build_features
from models.features.catalogue import PLAN, catalogue
from sql.derive import derive
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import World, who


def test_every_feature_of_the_plan_is_there_and_every_feature_says_its_unit() -> None:
    found = catalogue()
    assert {theme: len(names) for theme, names in PLAN.items()} == {
        "activity": 12, "value": 16, "counterparties": 10, "time": 14, "gas": 6, "tokens": 6, "patterns": 10, "nearness": 10,
    }  # fmt: skip
    planned = [name for names in PLAN.values() for name in names]
    assert len(set(planned)) == 84
    assert set(planned) <= found.keys()
    assert {feature.unit for feature in found.values()} <= {
        "number", "share", "seconds", "bits", "nats", "ratio", "logarithm", "digits", "payments", "none", "-1 to 1", "0 to 1",
        "0 or 1", "log(1 + bytes)", "log(1 + thousandths of the coin)", "signed log(1 + thousandths of the coin)",
    }  # fmt: skip
    # Of the counterparties' 25 features: both directions, one and two hops, four statistics.
    assert sum("neighbours_" in name for name in found) == 25 * 2 * 2 * 4


def test_models_read_nothing_that_tells_the_era_or_the_label() -> None:
    assert [one.name for one in catalogue().values() if one.is_read_by_models and one.carries] == []


def test_features_are_built_listed_and_shown_for_an_address(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/store"
    store = new_store(f"{tmp_path}/store")
    world = World(chain_id=77, block=7_197)  # over midnight
    for name in ("anna", "bert", "carl"):
        world.pay(name, "till", 1)
    world.pay("till", "bank", 3)
    for transaction, move in zip(world.transactions, world.transfers, strict=True):
        transaction["value"] = move["amount"]
    world.label("bank", "exchange")
    world.label("bert", "phishing")
    world.pour(store)
    derive(store, chain_id=77)
    built = build_features(store, chain_id=77)
    store.close()
    register(["features"])

    def ran(*arguments: str) -> dict:
        result = CliRunner().invoke(app, ["features", *arguments, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    till = "0x" + who("till").hex()
    shown = ran("show", till, "--store", dsn)
    assert (shown["as_of_block"], len(shown["features"])) == (built.as_of_block, len(catalogue()))
    values = {name: value for name, value in shown["features"].items() if value is not None}
    assert {name: values[name] for name in (
        "in_fan_hour", "consolidations", "gone_within_hour_share", "out_exchange_share", "exchange_distance", "illicit_distance",
        "mixer_distance", "failed_count", "in_amount_gini", "in_neighbours_out_count_mean",
        "in_neighbours_out_count_deviation", "first_seen_age", "last_seen_gap", "active_days", "active_day_share",
    )} == {
        "in_fan_hour": 3, "consolidations": 1, "gone_within_hour_share": 1, "out_exchange_share": 1, "exchange_distance": 1,
        "illicit_distance": 1, "mixer_distance": 4, "failed_count": 0, "in_amount_gini": 0, "in_neighbours_out_count_mean": 1,
        "in_neighbours_out_count_deviation": 0, "first_seen_age": 36, "last_seen_gap": 0, "active_days": 2, "active_day_share": 1,
    }  # fmt: skip
    assert shown["features"]["in_exchange_share"] == 0
    assert shown["features"]["out_gap_mean"] is None
    assert ran("build", "--store", dsn)["described"] == 0
    assert {one["table"] for one in ran("list", "--theme", "patterns")["features"]} == {"address_pattern_features"}
    for arguments, error in (
        (("show", "0x12", "--store", dsn), BadAddress),
        (("show", "0x" + "99" * 20, "--store", dsn), StoreEmpty),
        (("list", "--theme", "pattern"), UnknownName),
        (("list", "--table", "address_feature"), UnknownName),
    ):
        assert isinstance(CliRunner().invoke(app, ["features", *arguments]).exception, error)
