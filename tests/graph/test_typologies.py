"""One small world per detector: what it must report, and a near miss that it must not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chainsight.errors import StoreEmpty, UnknownName
from graph.typologies.findings import DETECTORS, detector, find_typologies
from graph.workings import KNOWN_AND_MOVED, WORKING_PARAMETERS, prepare_workings
from sql.as_of import read_as_of
from sql.files import Statement, load
from sql.migrate import migrate
from sql.store import Store, open_store
from tests.fixtures.typologies import crowds, frauds, paths, services, trades
from tests.fixtures.worlds import World, who

EXPECTED: dict[Callable[[World], None], dict[str, set[str]]] = {
    play: found for family in (services, paths, crowds, frauds, trades) for play, found in family.EXPECTED.items()
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, dict[str, int]]]:
    """One store with a chain per detector; the chain ids by name."""
    store = open_store(f"chdb://{tmp_path_factory.mktemp('typologies')}/store")
    migrate(store)
    chains = {}
    for number, play in enumerate(EXPECTED):
        world = World(chain_id=1_000 + number)
        for token in ("USDT", "DROP"):
            world.tokens.append(
                {
                    "chain_id": world.chain_id,
                    "token_address": who(token),
                    "symbol": token,
                    "decimals": 6,
                    "source": "test",
                    "imitates": "",
                }
            )
        play(world)
        world.pour(store)
        chains[play.__name__] = world.chain_id
    yield store, chains
    store.close()


def findings(store: Store, chain_id: int) -> list[dict[str, Any]]:
    """What stands in the table for a chain."""
    return store.query(
        "SELECT address, CAST(typology AS String) AS typology, CAST(role AS String) AS role, strength, sentence,"
        " evidence FROM typology_findings WHERE chain_id = {chain_id:UInt64} ORDER BY typology, role, address",
        chain_id=chain_id,
    ).to_pylist()


def named(role: str, names: set[str]) -> set[tuple[str, bytes]]:
    """Role and address of each name; look-alikes are built from two."""
    friend = who("friend")
    return {
        (role, friend[:2] + who(name)[2:18] + friend[18:] if name.endswith("copy") else who(name)) for name in names
    }


@pytest.mark.parametrize("play", EXPECTED, ids=lambda play: play.__name__)
def test_the_pattern_is_found_and_the_near_miss_is_not(play: Callable[[World], None], worlds: Any) -> None:
    store, chains = worlds
    chain_id = chains[play.__name__]

    summary = find_typologies(store, chain_id=chain_id, detectors=[detector(play.__name__)])

    rows = findings(store, chain_id)
    expected = set().union(*(named(role, names) for role, names in EXPECTED[play].items()))
    assert {(row["role"], row["address"]) for row in rows} == expected
    assert summary.findings == {play.__name__: len({address for _, address in expected})}
    for row in rows:
        assert row["typology"] == play.__name__
        assert 0 < row["strength"] <= 1
        assert row["sentence"].endswith(".")
        assert any(letter.isdigit() for letter in row["sentence"])
        assert 1 <= len(row["evidence"]) <= 30


def test_of_a_trade_that_is_marked_only_what_pools_and_traders_exchange_is_hidden(worlds: Any) -> None:
    store, chains = worlds
    prepare_workings(store, read_as_of(store, chains["mev"]), KNOWN_AND_MOVED)
    seen = store.query("SELECT from_address, to_address FROM moves").to_pylist()
    ways = {(row["from_address"], row["to_address"]) for row in seen}
    assert (who("arbitrageur"), who("accomplice")) in ways
    assert (who("tourist"), who("pool")) in ways
    hidden = {("bot", "pool"), ("arbitrageur", "pool"), ("arbitrageur", "other pool")}
    assert not ways & {(who(one), who(other)) for pair in hidden for one, other in (pair, pair[::-1])}


def test_an_exchange_may_empty_its_deposit_addresses_into_several_wallets(worlds: Any) -> None:
    store, _ = worlds
    world = World(chain_id=2_004)
    for name in ("north 1", "north 2", "south"):
        world.label(name, "hot_wallet")
    ways = (("rotated", "north 1"), ("rotated", "north 2"), ("torn", "north 1"), ("torn", "south"))
    for name, wallet in ways:  # near miss: one that pays two exchanges is nobody's
        for _ in range(3):
            world.pay("customer", name, 1)
            world.pay(name, wallet, 1)
    for _ in range(3):
        world.pay("customer", "both", 1)
        world.pay("both", "north 1", 1)
        world.send("customer", "both", 50)
        world.send("both", "north 2", 50)
    world.pour(store)
    store.command(
        "INSERT INTO address_actors (chain_id, address, aspect, valid_from, valid_to, category, actor, version)"
        " SELECT 2004, substring(address, 1, 20), 'service', '1970-01-01', '2106-01-01', category, splitByChar(' ', label)[1], 1"
        " FROM labels WHERE label LIKE 'north%' OR label = 'south'"
    )
    prepare_workings(store, read_as_of(store, 2_004))

    found = store.query("SELECT address, hot_wallet, forwards FROM deposit_addresses").to_pylist()
    assert {row["address"]: row["forwards"] for row in found} == {who("both"): 6, who("rotated"): 6}
    assert {row["hot_wallet"] for row in found} <= {who("north 1"), who("north 2")}
    doors = set(store.query("SELECT address FROM exchange_doors").column("address").to_pylist())
    assert doors >= {who("both"), who("rotated")}
    assert who("torn") not in doors


def test_an_address_with_thousands_of_turns_and_fees_takes_little_memory(worlds: Any) -> None:
    store, chains = worlds
    prepare_workings(store, read_as_of(store, chains["deposit_address"]), KNOWN_AND_MOVED)
    payment = (
        "INSERT INTO moves (block_number, block_timestamp, transaction_index, from_address, to_address, token_address, units)"
        " SELECT 3 * number + {at:UInt64}, toDateTime('2024-02-01') + 36 * number + 12 * {at:UInt64}, 0,"
        " unhex({giver:String}), unhex({receiver:String}), unhex({token:String}), 1 FROM numbers(6000)"
    )
    ways = [("hot", "busy", bytes(20)), ("customer", "busy", who("USDT")), ("busy", "hot", who("USDT"))]
    for at, (giver, receiver, token) in enumerate(ways):
        store.command(payment, at=at, giver=who(giver).hex(), receiver=who(receiver).hex(), token=token.hex())
    turns = load("workings/exchange_turns")
    limited = Statement(turns.name, turns.text + "\nSETTINGS max_memory_usage = 150000000", turns.purpose, turns.header)
    given = {**WORKING_PARAMETERS, "chain_id": chains["deposit_address"], "as_of_block": 2**60}
    store.command(limited, **{name: given[name] for name in turns.parameters})

    (found,) = store.query(
        "SELECT count() AS turns, countIf(is_paid_for) AS paid_for FROM exchange_turns"
        f" WHERE address = unhex('{who('busy').hex()}') AND token_address != unhex(repeat('00', 20))"
    ).to_pylist()
    assert found == {"turns": 6_000, "paid_for": 6_000}


def test_an_order_settled_for_a_token_that_has_no_price_is_no_theft(worlds: Any) -> None:
    store, _ = worlds
    world = World(chain_id=2_005)
    coin = {"chain_id": world.chain_id, "decimals": 6, "source": "test", "imitates": ""}
    world.tokens += [{**coin, "token_address": who(token), "symbol": token} for token in ("USDT", "MEME")]
    for number in range(4):
        for owner, spender in ((f"trader {number}", "settler"), (f"owner {number}", "thief")):
            world.send("issuer", owner, 500)
            world.approve(owner, spender)
            place = world.send(owner, "maker" if spender == "settler" else "stash", 500, signer=spender)
            if spender == "settler":
                world.move(place, who("maker"), who(owner), 10**12, token_address=who("MEME"))
    world.pour(store)
    store.command(
        "INSERT INTO prices (chain_id, token_address, quote, priced_at, price, bucket_seconds, max_age_seconds, source, version)"
        f" VALUES (2005, unhex('{who('USDT').hex()}'), 'USD', '2023-12-31 00:00:00', 1, 0, 864000, 'test', 1)"
    )

    find_typologies(store, chain_id=2_005, detectors=[detector("drainer")])

    expected = {("actor", who("thief")), ("collector", who("stash"))} | {
        ("victim", who(f"owner {number}")) for number in range(4)
    }
    assert {(row["role"], row["address"]) for row in findings(store, 2_005)} == expected


def test_every_detector_has_a_world_here() -> None:
    assert {play.__name__ for play in EXPECTED} == {entry.name for entry in DETECTORS}


def test_a_second_run_changes_nothing_and_a_finding_that_no_longer_holds_is_withdrawn(worlds: Any) -> None:
    store, _ = worlds
    world = World(chain_id=2_000)
    crowds.scatter_gather(world)
    world.pour(store)
    chosen = [detector(name) for name in ("scatter_gather", "layering", "fan_out")]
    find_typologies(store, chain_id=2_000, detectors=chosen)
    first = findings(store, 2_000)

    again = find_typologies(store, chain_id=2_000, detectors=chosen)
    assert (findings(store, 2_000), again.withdrawn) == (first, 0)

    store.command(
        "INSERT INTO transfers SELECT * REPLACE (2 AS version, 1 AS is_deleted) FROM transfers WHERE chain_id = 2000"
    )
    gone = find_typologies(store, chain_id=2_000, detectors=chosen)
    assert first
    assert findings(store, 2_000) == []
    assert gone.withdrawn == len(first)


def test_nothing_after_the_watermark_is_seen(worlds: Any) -> None:
    store, _ = worlds
    world = World(chain_id=2_001)
    crowds.scatter_gather(world)
    world.block = 9  # the batch was committed only up to here
    world.pour(store)

    chosen = [detector("scatter_gather")]
    assert find_typologies(store, chain_id=2_001, detectors=chosen).findings == {"scatter_gather": 0}


def test_an_empty_chain_is_named_and_an_unknown_detector_gets_near_ones(worlds: Any) -> None:
    store, _ = worlds
    with pytest.raises(StoreEmpty, match="chain 77"):
        find_typologies(store, chain_id=77)
    with pytest.raises(UnknownName, match="peel_chain"):
        detector("peelchain")


def test_no_path_is_followed_through_a_hub_and_the_run_says_how_many_there_are(
    worlds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = worlds
    monkeypatch.setitem(WORKING_PARAMETERS, "hub_counterparties", 4)
    world = World(chain_id=2_002)
    paths.layering(world)
    for number in range(3):
        world.pay(f"fan {number}", "layer 2", 0.01)  # with its giver and receiver, five counterparties
    world.pour(store)

    summary = find_typologies(store, chain_id=2_002, detectors=[detector("layering")])

    run = store.query(
        "SELECT hub_count, address_count, parameters FROM typology_runs WHERE chain_id = 2002"
    ).to_pylist()[0]
    assert (summary.hubs, summary.findings) == (1, {"layering": 0})
    assert (run["hub_count"], run["address_count"]) == (1, 0)
    assert json.loads(run["parameters"])["hub_counterparties"] == 4


def test_amounts_no_token_has_and_payments_to_oneself_are_no_moves(worlds: Any) -> None:
    store, _ = worlds
    world = World(chain_id=2_003)
    paths.layering(world)
    for hop in range(4):
        world.pay(f"layer {hop}", f"layer {hop}", 500)
        place = world.sign(who("spammer"), who("FAKE"), gas=60_000)
        world.move(place, who("spammer"), who(f"layer {hop}"), 2**256 - 1, token_address=who("FAKE"))
    world.pour(store)

    assert find_typologies(store, chain_id=2_003, detectors=[detector("layering")]).findings == {"layering": 4}
