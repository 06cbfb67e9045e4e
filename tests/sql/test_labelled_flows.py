"""What comes in to and goes out of labelled actors, by day: by the labels known now, and anew when they change."""

from __future__ import annotations

import csv
import itertools
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import demo
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.labels import import_labels
from ingest.ranges import BlockRange
from ingest.withdraw import withdraw_blocks
from sql.chain_parameters import chain_parameters
from sql.check import check
from sql.derive import derive
from sql.files import load
from sql.store import Store
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import ETH, ZERO, World, who

LABELS = Path(demo.__file__).with_name("labels.csv")
_CHAINS = itertools.count(3001)
_OPEN = "2106-02-07 06:28:15"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all: each test has a chain of its own, and labels that speak of that chain only."""
    opened = new_store(f"{tmp_path_factory.mktemp('flows')}/store")
    yield opened
    opened.close()


def say(store: Store, world: World, name: str, category: str, label: str, **more: str) -> None:
    """One label on the world's chain; `more` replaces source, confidence, or one of the four dates."""
    said = {
        "source": "'etherscan'", "confidence": "0.8", "valid_from": "toDateTime(0, 'UTC')", "valid_to": f"'{_OPEN}'",
        "known_from": "'2024-01-01 00:00:00'", "known_to": f"'{_OPEN}'", **more,
    }  # fmt: skip
    store.command(
        f"INSERT INTO labels (chain, address, category, label, version, {', '.join(said)}) SELECT '{world.chain_id}',"
        f" unhex('{who(name).hex()}'), '{category}', '{label}', {time.time_ns()}, {', '.join(said.values())}"
    )


def flows_after(
    store: Store, world: World, table: str = "exchange", columns: str = "exchange"
) -> list[tuple[Any, ...]]:
    """Run the two transforms twice, then (day of January, columns, in, out, net) in whole coins, in order."""
    bounds = {"chain_id": world.chain_id, "from_block": 0, "to_block": world.block, **chain_parameters(world.chain_id)}
    for name in ("address_actors", "address_actors", "entity_daily_flows", "entity_daily_flows"):
        statement = load(f"transforms/{name}")
        bounds["version"] = time.time_ns()
        store.command(statement, **{name: bounds[name] for name in statement.parameters})
    assert [
        failure for failure in check(store, chain_id=world.chain_id) if failure.name.startswith(("actors", "entity"))
    ] == []
    found = store.query(
        f"SELECT toDayOfMonth(day) AS day, {columns}, toFloat64(inflow_amount) / 1e18 AS came_in,"
        f" toFloat64(outflow_amount) / 1e18 AS went_out, toFloat64(net_amount) / 1e18 AS net FROM {table}_daily_flows"
        f" WHERE chain_id = {world.chain_id} ORDER BY ALL"
    ).to_pylist()
    return [tuple(row.values()) for row in found]


def actors(store: Store, world: World) -> set[tuple[str, str, str]]:
    found = store.query(f"SELECT aspect, category, actor FROM address_actors WHERE chain_id = {world.chain_id}")
    return {tuple(row.values()) for row in found.to_pylist()}  # type: ignore[misc]


def test_customers_pay_in_and_are_paid_and_what_an_exchange_moves_between_its_wallets_is_no_flow(store: Store) -> None:
    world = World(chain_id=next(_CHAINS))
    say(store, world, "deposit", "deposit", "northgate: deposit")
    say(store, world, "hot", "hot_wallet", "Northgate Hot Wallet 3")
    say(store, world, "cold", "exchange", "Northgate 12 (cold)")
    say(store, world, "south", "exchange", "Southgate")
    world.pay("ann", "deposit", 5)
    world.pay("deposit", "hot", 4)
    world.pay("hot", "cold", 3)
    world.pay("cold", "hot", 1)
    world.pay("hot", "bob", 2)
    world.pay("south", "hot", 7)
    world.pay("ann", "bob", 9)
    place = world.sign(who("ann"), who("hot"))
    for kind, giver, receiver in (
        ("fee", "hot", "miner"),
        ("wrap", "hot", "weth"),
        ("erc721", "ann", "hot"),
        ("native", "hot", "hot"),
    ):
        world.move(place, who(giver), who(receiver), 50 * ETH, kind=kind)
    world.move(place, who("ann"), who("hot"), 60 * ETH, doubt="unlisted_wrapper")
    world.move(place, ZERO, who("hot"), 70 * ETH)  # a mint: the zero address is nobody
    world.wait(24)
    world.pay("ann", "deposit", 6)
    world.transfers = [{"doubt": "", **row} for row in world.transfers]
    world.pour(store)

    assert flows_after(store, world) == [
        (1, "northgate", 12.0, 2.0, 10.0), (1, "southgate", 0.0, 7.0, -7.0), (2, "northgate", 6.0, 0.0, 6.0),
    ]  # fmt: skip
    assert flows_after(store, world, "entity", "actor, category") == [
        (1, "northgate", "deposit", 5.0, 0.0, 5.0), (1, "northgate", "hot_wallet", 7.0, 2.0, 5.0),
        (1, "southgate", "exchange", 0.0, 7.0, -7.0), (2, "northgate", "deposit", 6.0, 0.0, 6.0),
    ]  # fmt: skip


def test_the_surest_label_of_an_aspect_wins_then_the_first_source_and_a_sanctioned_mixer_stays_a_mixer(
    store: Store,
) -> None:
    world = World(chain_id=next(_CHAINS))
    say(store, world, "mixer", "mixer", "Tornado.Cash: 10 ETH")
    say(store, world, "mixer", "sanctioned", "Tornado Cash", source="'ofac'", confidence="1")
    say(store, world, "mixer", "token_contract", "TORN (TORN)", confidence="0.9")
    say(store, world, "doubtful", "exchange", "Kraken 4", confidence="0.6")
    say(store, world, "doubtful", "bridge", "Hop: Bridge 2", confidence="0.7")
    say(store, world, "even", "bridge", "Zeta", source="'b'")
    say(store, world, "even", "bridge", "Alpha", source="'a'")
    say(store, world, "nameless", "bridge", "")
    for name in ("mixer", "doubtful", "even", "nameless"):
        world.pay("ann", name, 1)
    world.pour(store)

    assert flows_after(store, world, "mixer", "mixer") == [(1, "tornado.cash", 1.0, 0.0, 1.0)]
    assert flows_after(store, world) == []
    assert [row[1] for row in flows_after(store, world, "bridge", "bridge")] == sorted(
        ["hop", "alpha", "0x" + who("nameless").hex()]
    )
    assert actors(store, world) == {
        ("service", "mixer", "tornado.cash"), ("conduct", "sanctioned", "tornado cash"), ("kind", "token_contract", "torn"),
        ("service", "bridge", "hop"), ("service", "bridge", "alpha"), ("service", "bridge", "0x" + who("nameless").hex()),
    }  # fmt: skip


def test_a_label_counts_while_it_is_true_and_as_far_as_it_is_known_now(store: Store) -> None:
    world = World(chain_id=next(_CHAINS))
    noon = "'2024-01-02 12:00:00'"
    say(store, world, "wallet", "exchange", "Old", valid_to=noon)
    say(store, world, "wallet", "exchange", "New", valid_from=noon)
    say(store, world, "wallet", "exchange", "Dropped", confidence="1", known_to="'2024-06-01 00:00:00'")
    say(store, world, "wallet", "exchange", "Not known yet", confidence="1", known_from="'2105-01-01 00:00:00'")
    world.pay("ann", "wallet", 1)
    world.wait(30)
    world.pay("ann", "wallet", 2)
    world.wait(12)
    world.pay("ann", "wallet", 4)
    world.pour(store)
    assert flows_after(store, world) == [
        (1, "old", 1.0, 0.0, 1.0),
        (2, "new", 4.0, 0.0, 4.0),
        (2, "old", 2.0, 0.0, 2.0),
    ]


def test_labels_that_change_change_the_flows_and_nothing_else_is_derived_again(store: Store, tmp_path: Path) -> None:
    world = World(chain_id=next(_CHAINS))
    world.pay("ann", "wallet", 1)
    world.pay("ann", "gone", 3)
    for transaction, transfer in zip(world.transactions, world.transfers, strict=True):
        transaction["value"] = transfer["amount"]
    world.pour(store)
    ask = f"SELECT actor, toFloat64(inflow_amount) / 1e18 AS came_in FROM entity_daily_flows WHERE chain_id = {world.chain_id}"
    first = f"0x{who('wallet').hex()},Kraken 1,exchange,book,{world.chain_id}\n"
    second = f"0x{who('gone').hex()},Kraken 2,exchange,book,{world.chain_id}\n"
    file = tmp_path / "labels.csv"
    header = "address,label,category,source,chain\n"
    file.write_text(header + first + second)
    import_labels(store, [file])
    derive(store, chain_id=world.chain_id)
    assert store.query(ask).to_pylist() == [{"actor": "kraken", "came_in": 4.0}]
    assert derive(store, chain_id=world.chain_id).runs == ()

    file.write_text(header + first.replace("Kraken", "Binance"))
    import_labels(store, [file])
    ran = {run.transform for run in derive(store, chain_id=world.chain_id).runs}

    assert store.query(ask).to_pylist() == [{"actor": "binance", "came_in": 1.0}]
    assert {"transforms/address_actors", "transforms/entity_daily_flows"} <= ran
    assert not ran & {
        "transforms/dex_swaps",
        "transforms/transfers_erc20",
        "transforms/addresses",
        "transforms/address_edges",
    }


def moved_between(store: Store, last: int) -> dict[tuple[str, str, str], list[int]]:
    """In and out of the demo's exchanges by (day, exchange, token): added up in Python from the transfers and labels.csv."""
    with LABELS.open() as lines:
        labelled = {row["address"]: row for row in csv.DictReader(lines)}
    owner = {
        address: row["label"].split(":")[0] for address, row in labelled.items()
        if row["category"] in {"exchange", "deposit", "hot_wallet"}
    }  # fmt: skip
    flows: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in store.query(
        "SELECT toString(toDate(block_timestamp)) AS day, concat('0x', lower(hex(from_address))) AS giver, concat('0x',"
        " lower(hex(to_address))) AS receiver, hex(token_address) AS token, toString(amount) AS amount FROM transfers WHERE"
        f" chain_id = {DEMO_CHAIN_ID} AND kind IN ('native', 'internal', 'erc20') AND block_number <= {last}"
    ).to_pylist():
        giver, receiver = owner.get(row["giver"]), owner.get(row["receiver"])
        if giver == receiver or "0x" + "00" * 20 in (row["giver"], row["receiver"]) or row["amount"] == "0":
            continue
        for place, who_moved in enumerate((receiver, giver)):
            if who_moved:
                flows[row["day"], who_moved, row["token"]][place] += int(row["amount"])
    return dict(flows)


def exchange_flows(store: Store) -> dict[tuple[str, str, str], list[int]]:
    """The same, as the store has derived it."""
    found = store.query(
        "SELECT toString(day) AS day, exchange, hex(token_address) AS token, toString(inflow_amount) AS came_in,"
        f" toString(outflow_amount) AS went_out FROM exchange_daily_flows WHERE chain_id = {DEMO_CHAIN_ID}"
    ).to_pylist()
    return {(row["day"], row["exchange"], row["token"]): [int(row["came_in"]), int(row["went_out"])] for row in found}


def everything(store: Store) -> list[str]:
    """Every row of the tables here that a user sees, whatever run wrote it."""
    tables = ("dex_swaps", "entity_daily_flows", "stablecoin_daily_supply", "address_actors")
    computed = {"entity_daily_flows", "stablecoin_daily_supply"}
    return [
        row
        for table in tables
        for row in store.query(
            f"SELECT hex(toString(tuple(* EXCEPT (version{', computed_at' if table in computed else ''})))) AS row FROM {table}"
            f" WHERE chain_id = {DEMO_CHAIN_ID} ORDER BY row"
        ).column("row").to_pylist()
    ]  # fmt: skip


def test_the_demos_flows_and_trades_are_exact_and_after_a_reorganisation_those_of_a_fresh_store(
    store: Store, tmp_path: Path
) -> None:
    archive = ArchiveSource(demo_archive(tmp_path / "a", 140))
    import_labels(store, [LABELS])
    ingest_blocks(store, archive, blocks=BlockRange(1, 100))
    derive(store, chain_id=DEMO_CHAIN_ID)
    before = everything(store)
    exact = exchange_flows(store)
    assert exact == moved_between(store, 100)
    assert {name for _, name, _ in exact} == {"northgate", "harbour"}
    # The demo's pairs hold wrapped ether first, its dollars last; the founder minted 400 million of them in the first blocks.
    sides = store.query(
        "SELECT countIf(hex(if(in_is_token0, token_in, token_out)) != 'DE6CBD8D794A2791808CD04582F5CB38F5634299') AS wrong,"
        f" countIf(tokens_by != 'amounts') AS doubtful, count() > 50 AS many FROM dex_swaps WHERE chain_id = {DEMO_CHAIN_ID}"
    ).to_pylist()
    assert sides == [{"wrong": 0, "doubtful": 0, "many": True}]
    minted = store.query(
        "SELECT toString(day) AS day, toString(mint_amount) AS minted, toString(net_amount) AS net FROM stablecoin_daily_supply"
    ).to_pylist()
    assert minted == [{"day": "2023-07-22", "minted": str(400_000_000 * 10**6), "net": str(400_000_000 * 10**6)}]

    ingest_blocks(store, archive)
    derive(store, chain_id=DEMO_CHAIN_ID)
    assert exchange_flows(store) == moved_between(store, 140)
    assert len(everything(store)) > len(before)
    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=101)
    derive(store, chain_id=DEMO_CHAIN_ID)
    assert everything(store) == before
    assert [failure.name for failure in check(store, chain_id=DEMO_CHAIN_ID)] == []
