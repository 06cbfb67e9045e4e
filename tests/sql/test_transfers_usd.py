"""What a transfer was worth: the last price at or before it, no older than it may be, and NULL for all that is not known."""

from __future__ import annotations

from sql.store import Store
from tests.fixtures.worlds import ETH, ZERO, World, who


def price(store: Store, token: bytes, second: int, dollars: float, *, quote: str = "USD", max_age: int = 60) -> None:
    """A price so many seconds after the world's start, 1 January 2024."""
    store.command(
        "INSERT INTO prices (chain_id, token_address, quote, priced_at, price, max_age_seconds, source, version)"
        f" SELECT 1, unhex('{token.hex()}'), '{quote}', toDateTime('2024-01-01 00:00:00', 'UTC') + {second}, {dollars},"
        f" {max_age}, 'test', 1"
    )


def test_a_transfer_is_worth_the_last_price_before_it_that_is_not_too_old_and_else_nobody_knows(store: Store) -> None:
    world = World(chain_id=1)
    for token, decimals in (("USDT", 6), ("ODD", None)):
        world.tokens.append({"chain_id": 1, "token_address": who(token), "symbol": token, "decimals": decimals})
    # Blocks are 12 seconds apart, the first at second 12.
    for coins in (1, 2, 3, 4):
        world.pay("ann", "bob", coins)
    world.wait(1)
    world.pay("ann", "bob", 5)
    place = world.sign(who("ann"), who("bob"))
    for kind, asset, amount in (
        ("erc20", who("USDT"), 2_500_000), ("erc20", who("ODD"), 7), ("erc20", who("unlisted"), 7), ("erc721", who("USDT"), 1),
        ("erc20", who("USDT"), 2**230), ("fee", ZERO, ETH),
    ):  # fmt: skip
        world.move(place, who("ann"), who("bob"), amount, kind=kind, token_address=asset)
    world.pour(store)
    price(store, ZERO, 24, 2_000)  # at the second transfer's own time
    price(store, ZERO, 37, 2_100)  # after the third
    price(store, ZERO, 37, 1_900, quote="EUR")
    price(store, ZERO, 3_658, 9_999, max_age=1)  # two seconds before the last ones
    for token in ("USDT", "ODD", "unlisted"):
        price(store, who(token), 0, 0.99, max_age=2**32 - 1)

    found = store.query(
        "SELECT units, price_usd, price_age_seconds, price_source, usd_value FROM transfers_usd ORDER BY block_number, position"
    ).to_pylist()

    unknown = {"price_usd": None, "price_age_seconds": None, "price_source": None, "usd_value": None}
    ether = {"price_source": "test"}
    assert found[:5] == [
        {"units": 1.0, **unknown},
        {"units": 2.0, **ether, "price_usd": 2_000.0, "price_age_seconds": 0, "usd_value": 4_000.0},
        {"units": 3.0, **ether, "price_usd": 2_000.0, "price_age_seconds": 12, "usd_value": 6_000.0},
        {"units": 4.0, **ether, "price_usd": 2_100.0, "price_age_seconds": 11, "usd_value": 8_400.0},
        {"units": 5.0, **unknown},
    ]
    assert [(row["units"], row["usd_value"]) for row in found[5:]] == [
        (2.5, 2.475), (None, None), (None, None), (None, None), (None, None), (1.0, None),
    ]  # fmt: skip
    store.command("SET join_use_nulls = 1")
    again = store.query("SELECT usd_value FROM transfers_usd ORDER BY block_number, position").to_pylist()
    assert again == [{"usd_value": row["usd_value"]} for row in found]


def test_a_price_that_ran_out_gives_way_to_the_newest_one_before_it_that_still_holds(store: Store) -> None:
    world = World(chain_id=1)
    for _ in range(12):
        world.pay("ann", "bob", 1)  # at seconds 12, 24 … 144
    world.pour(store)
    price(store, ZERO, 0, 1, max_age=2**32 - 1)  # at par, for ever
    price(store, ZERO, 20, 2_000, max_age=100)
    price(store, ZERO, 30, 2_100, max_age=60)
    price(store, ZERO, 48, 2_200, max_age=10)
    price(store, ZERO, 61, 2_300, max_age=10)
    price(store, who("USDT"), 0, 0.5, max_age=10)

    found = store.query("SELECT price_usd, price_age_seconds FROM transfers_usd ORDER BY block_number").to_pylist()

    assert [(row["price_usd"], row["price_age_seconds"]) for row in found] == [
        (1, 12), (2_000, 4), (2_100, 6), (2_200, 0), (2_100, 30), (2_100, 42), (2_100, 54), (2_000, 76), (2_000, 88),
        (2_000, 100), (1, 132), (1, 144),
    ]  # fmt: skip
    spans = store.query("SELECT counts_from, price FROM price_spans ORDER BY ALL").column("price").to_pylist()
    assert spans == [0.5, 1, 2_000, 2_100, 2_200, 2_100, 2_300, 2_100, 2_000, 1]
