"""Trades of pools: which tokens moved, at what price, and what stays unknown and says why."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from sql.files import load
from sql.store import Store
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import ZERO, World, who

V2 = bytes.fromhex("d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822")
V3 = bytes.fromhex("c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67")
ETHER, DOLLAR = 10**18, 10**6
_CHAINS = itertools.count(1001)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all: each test has a chain of its own."""
    opened = new_store(f"{tmp_path_factory.mktemp('swaps')}/store")
    yield opened
    opened.close()


class Exchange:
    """Pools on a chain of their own: what moves, then what the pool says of it, in the order of the logs."""

    def __init__(self) -> None:
        self.world = World(chain_id=next(_CHAINS))
        self.place: dict[str, Any] = {}
        self.log = 0

    def begin(self, trader: str) -> None:
        """A new transaction."""
        self.place, self.log = self.world.sign(who(trader), who("router"), method=b"swap"), 0

    def move(self, giver: str, receiver: str, token: str, amount: int, **more: Any) -> None:
        self.world.move(
            self.place, who(giver), who(receiver), amount, token_address=who(token), **{"position": self.log, **more}
        )
        self.log += 1

    def swap(self, pool: str, *words: int, form: bytes = V2, topics: int = 3) -> None:
        data = b"".join((word % 2**256).to_bytes(32, "big") for word in words)
        said = [form, bytes(12) + who("router"), bytes(12) + who("buyer")][:topics]
        self.world.logs.append(
            {**self.place, "log_index": self.log, "address": who(pool), "topics": said, "data": data}
        )
        self.log += 1

    def derived(self, store: Store) -> list[dict[str, Any]]:
        """The swaps in order, with names for addresses that a test speaks of."""
        self.world.pour(store)
        statement = load("transforms/dex_swaps")
        bounds: dict[str, Any] = {
            "chain_id": self.world.chain_id, "from_block": 0, "to_block": 99, "version": 1,
            "stablecoins": ["0x" + who("USDC").hex()], "wrapped_natives": ["0x" + who("WETH").hex()],
        }  # fmt: skip
        for _ in range(2):  # once more changes nothing
            store.command(statement, **bounds)
        found = store.query(
            "SELECT pool, CAST(form AS String) AS form, trader, token_in, toString(amount_in) AS amount_in, token_out,"
            " toString(amount_out) AS amount_out, numeraire, CAST(tokens_by AS String) AS tokens_by,"
            " CAST(doubt AS String) AS doubt, in_is_token0 FROM dex_swaps WHERE chain_id = {chain_id:UInt64}"
            " ORDER BY block_number, log_index",
            chain_id=self.world.chain_id,
        ).to_pylist()
        names = {who(name): name for name in ("pool", "other pool", "WETH", "USDC", "MEME", "ann", "bob")} | {
            None: None
        }
        return [
            {name: names.get(value, value) if name != "form" else value for name, value in row.items()} for row in found
        ]


def test_a_pool_that_takes_ether_and_gives_dollars_has_both_tokens_and_a_price(store: Store) -> None:
    exchange = Exchange()
    exchange.begin("ann")
    exchange.move("ann", "pool", "WETH", 2 * ETHER)
    exchange.move("pool", "buyer", "USDC", 3_800 * DOLLAR)
    exchange.swap("pool", 0, 2 * ETHER, 3_800 * DOLLAR, 0)
    exchange.begin("bob")
    exchange.move("pool", "buyer", "WETH", ETHER)
    exchange.move("bob", "pool", "USDC", 1_905 * DOLLAR)
    exchange.swap("pool", 1_905 * DOLLAR, -ETHER, 2**96, 77, -200_000, form=V3)
    for symbol, decimals in (("WETH", 18), ("USDC", 6)):
        exchange.world.tokens.append(
            {"chain_id": exchange.world.chain_id, "token_address": who(symbol), "symbol": symbol, "decimals": decimals}
        )

    swaps = exchange.derived(store)

    common = {"pool": "pool", "numeraire": "USDC", "tokens_by": "amounts", "doubt": ""}
    assert swaps == [
        {
            **common, "form": "uniswap_v2", "trader": "ann", "token_in": "WETH", "amount_in": str(2 * ETHER),
            "token_out": "USDC", "amount_out": str(3_800 * DOLLAR), "in_is_token0": 0,
        },
        {
            **common, "form": "uniswap_v3", "trader": "bob", "token_in": "USDC", "amount_in": str(1_905 * DOLLAR),
            "token_out": "WETH", "amount_out": str(ETHER), "in_is_token0": 1,
        },
    ]  # fmt: skip
    ask = (
        "SELECT symbol_in, units_in, price, usd_value FROM dex_trades WHERE chain_id = {c:UInt64} ORDER BY block_number"
    )
    trades = store.query(ask, c=exchange.world.chain_id).to_pylist()
    assert [(trade["symbol_in"], trade["units_in"], trade["price"]) for trade in trades] == [
        ("WETH", 2.0, 1_900.0), ("USDC", 1_905.0, 1_905.0),
    ]  # fmt: skip
    assert {trade["usd_value"] for trade in trades} == {None}

    # Ether has a price from the first block's time on, for 10 seconds: the second block comes 12 later.
    store.command(
        "INSERT INTO prices (chain_id, token_address, quote, priced_at, price, max_age_seconds, version)"
        " SELECT chain_id, token_in, 'USD', block_timestamp, 2000, 10, 1 FROM dex_swaps"
        " WHERE chain_id = {c:UInt64} AND form = 'uniswap_v2'",
        c=exchange.world.chain_id,
    )
    assert [trade["usd_value"] for trade in store.query(ask, c=exchange.world.chain_id).to_pylist()] == [4_000.0, None]
    exact = store.query(
        "SELECT toString(sqrt_price_x96) AS root, toString(liquidity) AS liquidity, tick FROM dex_swaps"
        " WHERE chain_id = {c:UInt64} AND form = 'uniswap_v3'",
        c=exchange.world.chain_id,
    )
    assert exact.to_pylist() == [{"root": str(2**96), "liquidity": "77", "tick": -200_000}]


def test_what_moved_before_the_last_swap_of_a_pool_or_through_another_is_no_evidence(store: Store) -> None:
    exchange = Exchange()
    exchange.begin("ann")
    exchange.move("ann", "pool", "WETH", 50)
    exchange.move("pool", "other pool", "MEME", 700)  # on its way to the next pool
    exchange.swap("pool", 50, 0, 0, 700)
    exchange.move("other pool", "ann", "USDC", 40)
    exchange.swap("other pool", 700, 0, 0, 40)
    exchange.move("pool", "ann", "WETH", 49)
    exchange.move("ann", "pool", "MEME", 690)
    exchange.swap("pool", 0, 690, 49, 0)
    swaps = exchange.derived(store)
    assert [(swap["pool"], swap["token_in"], swap["token_out"], swap["numeraire"]) for swap in swaps] == [
        ("pool", "WETH", "MEME", "WETH"), ("other pool", "MEME", "USDC", "USDC"), ("pool", "MEME", "WETH", "WETH"),
    ]  # fmt: skip
    assert {swap["tokens_by"] for swap in swaps} == {"amounts"}


def test_a_token_that_keeps_a_fee_is_known_by_its_direction_and_the_event_says_the_amount(store: Store) -> None:
    exchange = Exchange()
    exchange.begin("ann")
    exchange.move("ann", "pool", "WETH", 50)
    exchange.move("pool", "ann", "MEME", 930)  # of 1,000, and 70 were burnt without an event
    exchange.swap("pool", 50, 0, 0, 1_000)
    exchange.begin("bob")
    exchange.move("bob", "pool", "WETH", 30)
    exchange.move("pool", "bob", "MEME", 90)  # of 100, in two parts that are events
    exchange.move("pool", "tax", "MEME", 10)
    exchange.swap("pool", 30, 0, 0, 100)
    exchange.begin("ann")
    exchange.move("ann", "pool", "WETH", 9)
    exchange.move("pool", "ann", "WETH", 4)  # a flash swap gives part of it back
    exchange.move("pool", "ann", "USDC", 7)
    exchange.swap("pool", 9, 0, 4, 7)
    swaps = exchange.derived(store)
    names = ("token_in", "amount_in", "token_out", "amount_out", "tokens_by")
    assert [tuple(swap[name] for name in names) for swap in swaps] == [
        ("WETH", "50", "MEME", "1000", "direction"),
        ("WETH", "30", "MEME", "100", "amounts"),
        ("WETH", "5", "USDC", "7", "amounts"),
    ]


def test_what_the_transfers_do_not_tell_stays_unknown_with_its_reason(store: Store) -> None:
    exchange = Exchange()
    exchange.begin("ann")
    exchange.swap("pool", 50, 0, 0, 1_000)
    exchange.begin("ann")
    exchange.move("ann", "pool", "WETH", 50)
    exchange.move("ann", "pool", "USDC", 50)
    exchange.move("pool", "ann", "MEME", 100)
    exchange.swap("pool", 50, 0, 0, 100)
    exchange.begin("ann")
    exchange.move("ann", "pool", "WETH", 50)
    exchange.move("ann", "pool", "USDC", 60)
    exchange.swap("pool", 50, 60, 0, 0)
    exchange.begin("ann")
    exchange.move("ann", "pool", "WETH", 50)
    exchange.move("pool", "ann", "MEME", 2**240)
    exchange.swap("pool", 50, 0, 0, 2**240)
    exchange.begin("ann")
    exchange.swap("pool", 50, -(2**255), 1, 1, 1, form=V3)
    exchange.begin("ann")
    exchange.move("ann", "pool", "pool", 50)  # its own shares are none of its tokens
    exchange.move("pool", "ann", "WETH", 100)
    exchange.swap("pool", 50, 0, 0, 100)

    swaps = exchange.derived(store)

    doubts = ["no_token", "several_tokens", "one_sided", "out_of_range", "out_of_range", "no_token"]
    assert [swap["doubt"] for swap in swaps] == doubts
    unknown = {name: {swap[name] for swap in swaps} for name in ("token_in", "token_out", "numeraire", "tokens_by")}
    assert unknown == {"token_in": {None}, "token_out": {None}, "numeraire": {None}, "tokens_by": {""}}


def test_events_of_another_form_are_no_swaps(store: Store) -> None:
    exchange = Exchange()
    exchange.begin("ann")
    exchange.swap("pool", 50, 0, 0)
    exchange.swap("pool", 50, 0, 0, 7, topics=2)
    exchange.swap("pool", 50, -7, 1, 1, form=V3)
    exchange.swap("pool", 50, 0, 0, 7, form=ZERO + bytes(12))
    assert exchange.derived(store) == []


def test_trades_of_a_withdrawn_block_go(store: Store) -> None:
    exchange = Exchange()
    for _ in range(3):
        exchange.begin("ann")
        exchange.swap("pool", 50, 0, 0, 1_000)
    exchange.derived(store)
    store.command(load("withdraw/dex_swaps"), chain_id=exchange.world.chain_id, first=2, last=99)
    left = store.query("SELECT block_number FROM dex_swaps WHERE chain_id = {c:UInt64}", c=exchange.world.chain_id)
    assert left.to_pylist() == [{"block_number": 1}]
