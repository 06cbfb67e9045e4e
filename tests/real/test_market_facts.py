"""Trades, prices, supplies and flows of recorded mainnet blocks, against the raw receipts and what is publicly known of pools."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.labels import import_labels
from ingest.prices import PricedToken, import_prices, take_at_par
from ingest.tokens import import_tokens
from sql.chain_parameters import chain_parameters
from sql.files import load
from sql.store import Store
from tests.fixtures.stores import new_store

pytestmark = pytest.mark.real_data
BLOCKS = "mainnet_17686110_17686132"
V2 = "0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822"
USDC, WETH, USDT, DAI = (
    "a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
    "dac17f958d2ee523a2206206994597c13d831ec7", "6b175474e89094c44da98b954eedeac495271d0f",
)  # fmt: skip
# (token0, token1) as everybody can look them up: the largest pools of ether and dollars.
POOLS = {
    "88e6a0c2ddd26feeb64f039a2c41296fcb3f5640": (USDC, WETH),
    "b4e16d0168e52d35cacd2c6185b44281ec28c9dc": (USDC, WETH),
    "0d4a11d5eeaac28ec3f61d100daf4d40471f1852": (WETH, USDT),
    "11b815efb8f581194ae79006d24e0d814b7697f6": (WETH, USDT),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[Store]:
    """The 23 blocks with lists of tokens, labels of exchanges and prices, and what is derived from them."""
    opened = new_store(f"{tmp_path_factory.mktemp('markets')}/store")
    ingest_blocks(opened, ArchiveSource(data_dir / "chain" / BLOCKS))
    import_tokens(opened, data_dir / "tokens" / "mainnet.json", chain_id=1)
    import_labels(opened, [data_dir / "labels" / "evm_labels.csv.gz"])
    import_prices(opened, [data_dir / "series" / "ethusdt_1h.csv.gz"], PricedToken(1, symbol="ETH"))
    take_at_par(opened, chain_id=1)
    version = int(dt.datetime.now(dt.UTC).timestamp() * 1e9)
    bounds = {"chain_id": 1, "from_block": 0, "to_block": 10**9, "version": version, **chain_parameters(1)}
    for name in ("dex_swaps", "address_actors", "entity_daily_flows", "stablecoin_daily_supply"):
        statement = load(f"transforms/{name}")
        opened.command(statement, **{name: bounds[name] for name in statement.parameters})
    yield opened
    opened.close()


def raw_logs(data_dir: Path) -> Iterator[dict[str, Any]]:
    """Every log of the recording, as the node gave it."""
    source = ArchiveSource(data_dir / "chain" / BLOCKS)
    for block in source.read(source.reach().first, source.reach().head):
        for receipt in orjson.loads(block.receipts_payload)["receipts"]:
            yield from receipt["logs"]


def signed(word: int) -> int:
    return word - 2**256 if word >= 2**255 else word


def test_trades_of_known_pools_are_what_their_receipts_say(store: Store, data_dir: Path) -> None:
    expected = []
    for log in raw_logs(data_dir):
        if log["address"][2:] not in POOLS or len(log["topics"]) != 3:
            continue
        words = [int(log["data"][2 + 64 * place :][:64], 16) for place in range((len(log["data"]) - 2) // 64)]
        if log["topics"][0] == V2:
            amounts = (words[0] - words[2], words[1] - words[3])
        elif len(words) == 5:
            amounts = (signed(words[0]), signed(words[1]))
        else:
            continue
        taken, given = (0, 1) if amounts[0] > 0 else (1, 0)
        tokens = POOLS[log["address"][2:]]
        place = (int(log["blockNumber"], 16), int(log["logIndex"], 16))
        expected.append((*place, tokens[taken], amounts[taken], tokens[given], -amounts[given]))
    found = store.query(
        "SELECT block_number, log_index, lower(hex(token_in)) AS token_in, toString(amount_in) AS amount_in,"
        " lower(hex(token_out)) AS token_out, toString(amount_out) AS amount_out FROM dex_swaps"
        " WHERE has({pools:Array(String)}, lower(hex(pool))) ORDER BY block_number, log_index",
        pools=list(POOLS),
    ).to_pylist()
    assert len(expected) == 112
    assert [(*row.values(),) for row in found] == [
        (block, log, token_in, str(amount_in), token_out, str(amount_out))
        for block, log, token_in, amount_in, token_out, amount_out in sorted(expected)
    ]


def test_tokens_that_nobody_named_are_in_the_order_that_factories_give_them(store: Store) -> None:
    counted = store.query(
        "SELECT concat(form, ' ', tokens_by) AS kind, count() AS n FROM dex_swaps GROUP BY kind ORDER BY kind"
    ).to_pydict()
    assert dict(zip(counted["kind"], counted["n"], strict=True)) == {
        "pancake_v3 amounts": 9, "pancake_v3 direction": 2, "uniswap_v2 amounts": 786, "uniswap_v2 direction": 21,
        "uniswap_v3 amounts": 357, "uniswap_v3 direction": 19,
    }  # fmt: skip
    held = "countIf(in_is_token0 = (hex(token_in) < hex(token_out)))"
    assert store.query(f"SELECT {held} AS n FROM dex_swaps").to_pylist() == [{"n": 1194}]


def test_the_price_of_a_v3_pool_is_near_what_was_paid_and_its_tick_is_the_floor_of_its_logarithm(store: Store) -> None:
    near = store.query(
        "SELECT count() AS n, max(abs(log(given / taken / root / root))) AS apart,"
        " min(log(root * root) / log(1.0001) - tick) AS least, max(log(root * root) / log(1.0001) - tick) AS most FROM ("
        " SELECT tick, toFloat64(assumeNotNull(sqrt_price_x96)) / pow(2, 96) AS root,"
        " toFloat64(if(in_is_token0, amount_out, amount_in)) AS given,"
        " toFloat64(if(in_is_token0, amount_in, amount_out)) AS taken FROM dex_swaps WHERE sqrt_price_x96 IS NOT NULL)"
    ).to_pylist()[0]
    assert near["n"] == 387
    assert near["apart"] < 0.1
    assert -1e-6 < near["least"] < near["most"] < 1 + 1e-6


def test_ether_cost_as_many_dollars_in_every_pool_as_on_the_exchange_that_hour(store: Store) -> None:
    trades = store.query(
        "SELECT count() AS n, min(price) AS least, max(price) AS most, countIf(usd_value IS NULL) AS unknown FROM dex_trades"
        " WHERE arraySort([symbol_in, symbol_out]) IN (['USDC', 'WETH'], ['USDT', 'WETH'])"
    ).to_pylist()[0]
    assert (trades["n"], trades["unknown"]) == (156, 0)
    priced = store.query(
        "SELECT min(price_usd) AS least, max(price_usd) AS most, max(price_age_seconds) AS oldest, countIf(usd_value IS NULL) AS"
        " unknown, count() AS n FROM transfers_usd WHERE kind = 'native'"
    ).to_pylist()[0]
    assert (priced["n"], priced["unknown"]) == (2007, 0)
    assert 0 <= priced["oldest"] < 3600
    # Ether rose by 3 % in the five minutes of these blocks; the price is that of the last full hour.
    assert 1 <= trades["least"] / priced["least"] < trades["most"] / priced["most"] < 1.03
    # What is not known is NULL: collectibles, and tokens of which no list says the decimals or no file the price.
    unknown = store.query(
        "SELECT countIf(kind IN ('erc721', 'erc1155') AND units IS NOT NULL) AS collectibles, countIf(usd_value = 0 AND"
        " amount > 0) AS worthless, countIf(kind = 'erc20' AND (usd_value IS NULL) = (token_address IN (SELECT token_address"
        " FROM prices))) AS wrong, countIf(kind = 'erc20' AND usd_value IS NOT NULL) AS known FROM transfers_usd"
    ).to_pylist()
    assert unknown == [{"collectibles": 0, "worthless": 0, "wrong": 0, "known": 2418}]


def test_stablecoins_minted_and_burnt_are_what_their_receipts_say(store: Store, data_dir: Path) -> None:
    supply: dict[str, list[int]] = {}
    transfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    listed = {str(token) for token in chain_parameters(1)["stablecoins"]}  # type: ignore[union-attr]
    for log in raw_logs(data_dir):
        if log["address"] in listed and log["topics"][0] == transfer and int(log["data"], 16):
            giver, receiver = (int(topic, 16) for topic in log["topics"][1:3])
            if not giver or not receiver:
                supply.setdefault(log["address"][2:], [0, 0])[bool(giver)] += int(log["data"], 16)
    found = store.query(
        "SELECT lower(hex(token_address)) AS token, toString(mint_amount) AS minted, toString(burn_amount) AS burnt"
        " FROM stablecoin_daily_supply"
    ).to_pylist()
    assert {row["token"]: [int(row["minted"]), int(row["burnt"])] for row in found} == supply
    assert len(supply) == 3
    assert supply[DAI][0] > 4_000_000 * 10**18


def test_ether_of_exchanges_in_and_out_adds_up_from_transfers_and_labels(store: Store) -> None:
    labelled = store.query(
        "SELECT hex(address) AS party, label FROM labels WHERE category IN ('exchange', 'hot_wallet') AND length(address) = 20"
    ).to_pylist()
    kraken = {row["party"] for row in labelled if row["label"].lower().startswith("kraken")}
    flows = [0, 0]
    for row in store.query(
        "SELECT hex(from_address) AS giver, hex(to_address) AS receiver, toString(amount) AS amount FROM transfers"
        " WHERE kind IN ('native', 'internal')"
    ).to_pylist():
        for place, (one, other) in enumerate(((row["receiver"], row["giver"]), (row["giver"], row["receiver"]))):
            if one in kraken and other not in kraken:
                flows[place] += int(row["amount"])
    found = store.query(
        "SELECT toString(inflow_amount) AS came_in, toString(outflow_amount) AS went_out, toString(net_amount) AS net"
        " FROM exchange_daily_flows WHERE exchange = 'kraken' AND token_address = toFixedString('', 20)"
    ).to_pylist()
    assert found == [{"came_in": str(flows[0]), "went_out": str(flows[1]), "net": str(flows[0] - flows[1])}]
    assert flows[0] > 600 * 10**18
