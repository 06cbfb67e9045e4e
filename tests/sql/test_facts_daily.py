"""Daily facts of a world small enough to be counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sql.check import check
from sql.derive import derive
from sql.store import Store
from tests.fixtures import handmade
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import ETH, ZERO, World, who

CHAIN = 77
NAMES = {who(name): name for name in ("a", "b", "c", "d")} | {ZERO: "coins", who("USDT"): "USDT"}


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """On the first day a pays b and itself, b gives c dollars; on the second b pays back, pays d, and c's dollars grow."""
    store = new_store(f"{tmp_path_factory.mktemp('two_days')}/store")

    def pour(world: World) -> World:
        for transaction in world.transactions:
            in_block = [move for move in world.transfers if move["block_number"] == transaction["block_number"]]
            transaction["value"] = sum(move["amount"] for move in in_block if move["kind"] == "native")
        world.pour(store)
        assert derive(store, chain_id=CHAIN).failures == ()
        return World(chain_id=CHAIN, block=world.block, first_block=world.block + 1)

    # Three batches, derived one by one: the last one meets a day that has begun, and days before it that stay.
    world = World(chain_id=CHAIN)
    world.pay("a", "b", 3)
    world.pay("a", "a", 1)
    world.send("b", "c", 50)
    world = pour(world)
    world.wait(24)
    world.pay("b", "a", 1)
    world = pour(world)
    world.pay("b", "d", 2)
    mint = world.sign(who("c"), who("USDT"))
    world.move(mint, ZERO, who("c"), 7, token_address=who("USDT"))
    burn = world.sign(who("c"), who("USDT"))
    world.move(burn, who("c"), ZERO, 9, token_address=who("USDT"))
    world.move(burn, who("c"), who("d"), 2**255, token_address=who("USDT"))
    pour(world)
    yield store
    store.close()


def rows(store: Store, table: str, columns: str, chain_id: int = CHAIN) -> list[tuple[Any, ...]]:
    """Some columns, wide integers as Python has them, addresses by name."""
    asked = f"SELECT toString(day) AS on_day, {columns} FROM {table} WHERE chain_id = {chain_id} ORDER BY day"
    found = store.query(asked).to_pylist()
    return [tuple(_plain(value) for value in row.values()) for row in found]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return NAMES.get(value) or int.from_bytes(value, "little")
    return value


def test_flows_of_an_address_are_what_came_in_and_went_out_that_day(two_days: Store) -> None:
    columns = (
        "address, token_address, in_count, out_count, in_amount, out_amount, in_counterparty_count, out_counterparty_count,"
        " left_out_count"
    )
    flows = rows(two_days, "address_daily_flows", columns)
    first, second = "2024-01-01", "2024-01-02"
    assert set(flows) == {
        (first, "a", "coins", 1, 2, ETH, 4 * ETH, 0, 1, 0),
        (first, "b", "coins", 1, 0, 3 * ETH, 0, 1, 0, 0),
        (first, "b", "USDT", 0, 1, 0, 50_000_000, 0, 1, 0),
        (first, "c", "USDT", 1, 0, 50_000_000, 0, 1, 0, 0),
        (second, "a", "coins", 1, 0, ETH, 0, 1, 0, 0),
        (second, "b", "coins", 0, 2, 0, 3 * ETH, 0, 2, 0),
        (second, "d", "coins", 1, 0, 2 * ETH, 0, 1, 0, 0),
        (second, "c", "USDT", 1, 2, 7, 9, 0, 1, 1),
        (second, "d", "USDT", 1, 0, 0, 0, 1, 0, 1),
    }
    assert len(flows) == 9


def test_flows_of_a_token_say_what_moved_was_made_and_was_destroyed_among_how_many(two_days: Store) -> None:
    columns = (
        "token_address, transfer_count, transfer_amount, largest_amount, giver_count, receiver_count, active_holder_count,"
        " mint_count, mint_amount, burn_count, burn_amount, left_out_count"
    )
    assert set(rows(two_days, "token_daily_flows", columns)) == {
        ("2024-01-01", "coins", 2, 4 * ETH, 3 * ETH, 1, 2, 2, 0, 0, 0, 0, 0),
        ("2024-01-01", "USDT", 1, 50_000_000, 50_000_000, 1, 1, 2, 0, 0, 0, 0, 0),
        ("2024-01-02", "coins", 2, 3 * ETH, 2 * ETH, 1, 2, 3, 0, 0, 0, 0, 0),
        ("2024-01-02", "USDT", 1, 0, 0, 1, 2, 2, 1, 7, 1, 9, 1),
    }


def test_who_is_new_returns_or_meets_somebody_new_is_told_by_the_past(two_days: Store) -> None:
    assert rows(
        two_days, "active_addresses_daily", "active_count, giver_count, receiver_count, new_count, returning_count"
    ) == [("2024-01-01", 3, 2, 3, 3, 0), ("2024-01-02", 4, 2, 3, 1, 3)]
    met = rows(
        two_days, "address_daily_counterparties",
        "address, counterparty_count, new_counterparty_count, new_counterparty_rate",
    )  # fmt: skip
    assert set(met) == {
        ("2024-01-01", "a", 1, 1, 1.0),
        ("2024-01-01", "b", 2, 2, 1.0),
        ("2024-01-01", "c", 1, 1, 1.0),
        ("2024-01-02", "a", 1, 0, 0.0),
        ("2024-01-02", "b", 2, 1, 0.5),
        ("2024-01-02", "c", 1, 1, 1.0),
        ("2024-01-02", "d", 2, 2, 1.0),
    }


def test_points_of_series_say_the_same_by_the_hour_and_by_the_day(two_days: Store) -> None:
    found = two_days.query(
        "SELECT CAST(metric AS String) AS metric, CAST(bucket AS String) AS bucket,"
        " toString(bucket_start) AS start, value FROM metric_points WHERE dimension = '' ORDER BY ALL"
    ).to_pylist()
    points = {(row["metric"], row["bucket"], row["start"]): row["value"] for row in found}
    first, second = "2024-01-01 00:00:00", "2024-01-02 00:00:00"
    assert points["transaction_count", "hour", first] == points["transaction_count", "day", first] == 3
    assert points["transaction_count", "day", second] == 4
    assert points["native_amount", "hour", first] == 4
    assert points["active_address_count", "hour", second] == points["active_address_count", "day", second] == 4
    assert points["new_address_count", "day", second] == 1
    dollars = two_days.query(
        "SELECT CAST(metric AS String) AS metric, value FROM metric_points WHERE dimension = {token:String}"
        " AND bucket_start = '2024-01-02 00:00:00' ORDER BY metric",
        token="0x" + who("USDT").hex(),
    ).to_pylist()
    assert dollars == [
        {"metric": "token_active_holder_count", "value": 2},
        {"metric": "token_transfer_amount", "value": 0},
        {"metric": "token_transfer_count", "value": 1},
    ]


def test_a_day_without_transactions_has_blocks_and_no_gas_price(two_days: Store) -> None:
    handmade.stage(two_days, [handmade.block(gasUsed="0x0")])
    handmade.decode(two_days, chain_id=5)
    two_days.command(
        "INSERT INTO ingest_audit (chain_id, from_block, to_block, source, version) VALUES (5, 9, 9, 'rpc', 1)"
    )
    assert derive(two_days, chain_id=5).failures == ()
    columns = "block_count, transaction_count, gas_price_median"
    assert rows(two_days, "chain_daily_fees", columns, chain_id=5) == [("2023-11-14", 1, 0, None)]
    priced = two_days.query("SELECT CAST(metric AS String) AS metric FROM metric_points WHERE chain_id = 5").to_pylist()
    assert "gas_price_median" not in {row["metric"] for row in priced}


def test_fees_of_a_day_are_burnt_tipped_and_add_up_to_what_was_paid(two_days: Store) -> None:
    paid = [handmade.transaction(index=0), handmade.transaction(index=1, gasPrice="0x9")]
    handmade.ingest(two_days, *paid, gasUsed=hex(42_000))
    two_days.command(
        "INSERT INTO ingest_audit (chain_id, from_block, to_block, source, version) VALUES (1, 9, 9, 'rpc', 1)"
    )
    assert derive(two_days, chain_id=1).failures == ()
    columns = (
        "block_count, transaction_count, failed_count, gas_used, gas_limit, base_fee_lowest, base_fee_mean, base_fee_highest,"
        " gas_price_median, burnt_amount, tip_amount, blob_amount, fee_amount, payer_count"
    )
    assert rows(two_days, "chain_daily_fees", columns, chain_id=1) == [
        ("2023-11-14", 1, 2, 0, 42_000, 30_000_000, 5, 5.0, 5, 9.0, 210_000, 126_000, 0, 336_000, 1)
    ]
    assert [failure.name for failure in check(two_days, chain_id=1) if "daily" in failure.name] == []
