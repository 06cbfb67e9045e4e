"""One small world per detector: what it must report, and a near miss that it must not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chainsight.errors import StoreEmpty, UnknownName
from graph.typologies.findings import DETECTORS, detector, find_typologies
from graph.workings import KNOWN_AND_MOVED, WORKING_PARAMETERS, prepare_workings
from sql.as_of import read_as_of
from sql.migrate import migrate
from sql.store import Store, open_store
from tests.fixtures.worlds import ETH, START, World, who

# --- the worlds: each function plays the pattern and its near miss -------------------------------------------------


def deposit_address(world: World) -> None:
    world.label("hot", "hot_wallet")
    for day in range(3):
        world.pay(f"customer {day}", "deposit", 2)
        world.pay("deposit", "hot", 1.98)
        world.pay(f"customer {day}", "saver", 2)
    world.pay("saver", "hot", 0.5)  # near miss: keeps most of it
    world.pay("saver", "hot", 0.5)
    world.send("customer 0", "token deposit", 90)
    world.pay("hot", "token deposit", 0.01)  # for the fee
    world.send("token deposit", "hot", 90)
    world.pay("friend", "traveller", 2)
    world.pay("traveller", "hot", 1.99)  # near miss: pays an exchange once
    for _ in range(2):
        world.pay("employer", "worker", 2)
        world.wait(60)
        world.pay("worker", "hot", 1.99)  # near miss: what it got days before
    world.label("later hot", "hot_wallet", valid_from=START + dt.timedelta(days=9_000))
    for _ in range(2):
        world.pay("friend", "nobody's", 2)
        world.pay("nobody's", "later hot", 1.99)  # near miss: what is said of the receiver is not true yet


def drainer(world: World) -> None:
    for number in range(4):
        world.send("issuer", f"owner {number}", 500)
        world.approve(f"owner {number}", "thief")
        world.send(f"owner {number}", "stash", 500, signer="thief")
    for number in range(4):  # near miss: a settler that gives something back in the same transaction
        world.send("issuer", f"trader {number}", 500)
        world.approve(f"trader {number}", "settler")
        place = world.send(f"trader {number}", "maker", 500, signer="settler")
        world.move(place, who("maker"), who(f"trader {number}"), ETH, kind="internal")
    for number in range(4):
        world.send("issuer", f"saver {number}", 500)
        world.approve(f"saver {number}", "mean thief")
        place = world.send(f"saver {number}", "stash", 500, signer="mean thief")
        world.move(place, who("stash"), who(f"saver {number}"), 1, kind="internal")  # one wei is no price


def mixer_use(world: World) -> None:
    world.label("tumbler", "mixer")
    world.label("fence", "exchange")
    world.pay("hider", "tumbler", 10)
    world.pay("tumbler", "ghost", 10)
    world.pay("fence", "tumbler", 10)  # near miss: an exchange paid a customer's withdrawal there
    world.pay("hider", "friend", 1)  # near miss: one step away


def structuring(world: World) -> None:
    for number in range(6):
        world.send(f"smurf {number % 2}", "boss", 9_500 + 50 * number)
        world.send(f"client {number}", "shop", 400 * (number + 1) ** 2)  # near miss: all sizes
    for _ in range(6):
        world.wait(30 * 24)
        world.send("tenant", "landlord", 9_500)  # near miss: once a month
    for number in range(6):
        world.pay(f"backer {number}", "campaign", 0.95)  # near miss: coins without a price have no threshold


def peel_chain(world: World) -> None:
    coins = 100.0
    world.pay("thief", "peel 0", coins)
    for hop in range(6):
        world.pay(f"peel {hop}", f"cash {hop}", coins * 0.08)
        coins *= 0.92
        world.pay(f"peel {hop}", f"peel {hop + 1}", coins)
    world.pay("uncle", "family 0", 100)  # near miss: two hops only
    for hop in range(2):
        world.pay(f"family {hop}", f"child {hop}", 8)
        world.pay(f"family {hop}", f"family {hop + 1}", 92 - 8 * hop)


def wash_trading(world: World) -> None:
    for turn in range(6):
        place = world.sign(who(f"washer {turn % 2}"), who("NFT"), method=b"\x23\xb8\x72\xdd", gas=80_000)
        world.move(
            place,
            who(f"washer {turn % 2}"),
            who(f"washer {(turn + 1) % 2}"),
            1,
            token_address=who("NFT"),
            kind="erc721",
            token_id=7,
        )
    for turn in range(6):  # near miss: many trades, always a new owner
        place = world.sign(who(f"collector {turn}"), who("NFT"), method=b"\x23\xb8\x72\xdd", gas=80_000)
        world.move(
            place,
            who(f"collector {turn}"),
            who(f"collector {turn + 1}"),
            1,
            token_address=who("NFT"),
            kind="erc721",
            token_id=8,
        )
    for _ in range(4):
        for giver, receiver in (("round a", "round b"), ("round b", "round c"), ("round c", "round a")):
            world.send(giver, receiver, 100)
    for _ in range(4):  # near miss: to and fro, but most of it stays
        world.send("employer", "worker", 100)
        world.send("worker", "employer", 10)


def rapid_pass_through(world: World) -> None:
    for number in range(5):
        world.pay(f"source {number}", "mule", 3)
        world.pay("mule", f"sink {number}", 2.99)
        world.pay(f"source {number}", "slow", 3)
    for number in range(5):  # near miss: the same amounts, days later
        world.wait(72)
        world.pay("slow", f"sink {number}", 2.99)


def fan_in(world: World) -> None:
    world.pay("stranger", "gatherer", 0.0001)  # a trifle long before hides nothing, nor does one sent on the way
    world.wait(30 * 24)
    world.pay("gatherer", "stranger", 0.0001)
    for number in range(12):
        world.pay(f"payer {number}", "gatherer", 1)
        world.pay(f"fan {number}", "artist", 1)
    world.pay("gatherer", "beyond", 11.9)
    world.pay("artist", "rent", 2)  # near miss: keeps the rest


def fan_out(world: World) -> None:
    for number in range(3):
        world.pay(f"stranger {number}", "spreader", 0.0001)  # trifles long before hide nothing
    world.pay("spreader", "stranger 0", 0.0001)
    world.wait(30 * 24)
    world.pay("bank", "spreader", 12)
    world.pay("bank", "employer", 12)
    for number in range(12):
        world.pay("somebody", f"employee {number}", 0.5)
    for number in range(12):
        world.pay("spreader", f"fresh {number}", 0.95)
        world.pay("employer", f"employee {number}", 0.95)  # near miss: they had money before


def scatter_gather(world: World) -> None:
    for number in range(6):
        world.pay("launderer", f"layer {number}", 1)
        world.pay("parent", f"kid {number}", 1)
    for number in range(6):
        world.pay(f"layer {number}", "integrator", 0.98)
        world.pay(f"kid {number}", f"school {number}", 0.98)  # near miss: they pay different ones


def airdrop_sybil(world: World) -> None:
    for number in range(6):
        for crew, collector in (("sybil", "farmer"), ("honest", f"honest {number}'s vault")):
            wallet = f"{crew} {number}"
            world.pay("farmer's bank" if crew == "sybil" else f"bank {number}", wallet, 0.1)
            place = world.sign(who(wallet), who("claim"), method=b"\x4e\x71\xd9\x2d", gas=90_000)
            world.move(place, who("claim"), who(wallet), 50 * 10**6, token_address=who("DROP"))
            world.send(wallet, collector, 50, "DROP")


def ponzi(world: World) -> None:
    for number in range(24):
        world.pay(f"investor {number}", "scheme", 1)
        if number >= 2 and number % 2 == 0:
            world.pay("scheme", f"investor {number // 2 - 1}", 1.6)
        world.pay(f"saver {number}", "bank", 1)
    for number in range(24):  # near miss: everybody gets the same back
        world.pay("bank", f"saver {number}", 0.99)


def address_poisoning(world: World) -> None:
    friend, copy = who("friend"), who("friend")[:2] + who("copy")[2:18] + who("friend")[18:]
    world.send("careful", "friend", 100)
    place = world.sign(who("poisoner"), who("USDT"), method=b"\x23\xb8\x72\xdd", gas=60_000)
    world.move(place, who("careful"), copy, 0, token_address=who("USDT"))
    assert copy != friend
    place = world.sign(who("clumsy"), who("USDT"), method=b"\x23\xb8\x72\xdd", gas=60_000)
    world.move(place, who("careful"), who("stranger"), 0, token_address=who("USDT"))  # near miss: not alike
    counterfeit = {"token_address": who("FAKE"), "symbol": "USDT.", "decimals": 6, "source": "test", "imitates": "USDT"}
    world.tokens.append({"chain_id": world.chain_id, **counterfeit})
    false_copy = who("friend")[:2] + who("false copy")[2:18] + who("friend")[18:]
    place = world.sign(who("forger"), who("FAKE"), gas=60_000)
    world.move(
        place, who("careful"), false_copy, 100 * 10**6, token_address=who("FAKE")
    )  # as large as the real payment
    sent_copy = who("friend")[:2] + who("sent copy")[2:18] + who("friend")[18:]
    place = world.sign(sent_copy, who("FAKE"), gas=60_000)
    world.move(place, sent_copy, who("careful"), 100 * 10**6, token_address=who("FAKE"))
    place = world.sign(who("forger"), who("FAKE"), gas=60_000)
    world.move(place, who("friend"), who("careful"), 10**6, token_address=who("FAKE"))  # near miss: no look-alike


def mev(world: World) -> None:
    for _ in range(2):
        world.swap("bot", "pool", ("CASH", 1_000), ("GEM", 900), via="bot's contract")
        world.swap("tourist", "pool", ("CASH", 5_000), ("GEM", 4_000), index=1)
        world.swap("bot", "pool", ("GEM", 900), ("CASH", 1_100), via="bot's contract", index=2)
    place = world.sign(who("arbitrageur"), who("its contract"), gas=300_000)
    world.exchange(place, "arbitrageur", "pool", ("CASH", 500), ("GEM", 450))
    world.exchange(place, "arbitrageur", "other pool", ("GEM", 450), ("CASH", 520))
    world.move(place, who("arbitrageur"), who("accomplice"), 400, token_address=who("CASH"))
    world.swap("trader", "pool", ("CASH", 1_000), ("GEM", 900))  # near miss: nobody trades in between
    world.swap("trader", "pool", ("GEM", 900), ("CASH", 990), index=1)
    world.swap("patient", "pool", ("CASH", 1_000), ("GEM", 900))  # near miss: sells in another block
    world.swap("somebody", "pool", ("CASH", 2_000), ("GEM", 1_700), index=1)
    world.swap("patient", "pool", ("GEM", 900), ("CASH", 1_050))


def darknet_exposure(world: World) -> None:
    world.label("market", "darknet")
    world.pay("buyer", "market", 3)
    world.pay("shy buyer", "hop", 3)
    world.pay("hop", "market", 2.99)
    world.pay("market", "vendor", 5)
    world.pay("friend", "buyer", 3)  # near miss: what a buyer is paid with is not the market's
    world.pay("vendor", "grocer", 0.1)  # near miss: a vendor buys bread, and keeps most


def layering(world: World) -> None:
    world.pay("thief", "layer 0", 40)
    for hop in range(4):
        for part in (15, 25) if hop == 2 else (40,):  # in parts, too
            world.pay(f"layer {hop}", f"layer {hop + 1}", part * 0.99**hop)
        world.wait(20)
    world.pay("friend", "old 0", 40)
    for hop in range(4):  # near miss: somebody who takes a new wallet every month
        world.wait(30 * 24)
        world.pay(f"old {hop}", f"old {hop + 1}", 40 - 0.1 * (hop + 1))


def round_trip(world: World) -> None:
    world.pay("bank", "sender", 100)
    world.pay("sender", "first", 60)
    world.pay("first", "second", 30)
    world.pay("first", "second", 29)  # in two parts
    world.pay("second", "third", 58)
    world.pay("third", "sender", 57)
    world.pay("lender", "borrower", 50)  # near miss: a loan that is paid back
    world.pay("borrower", "lender", 50)
    world.pay("a", "b", 10)  # near miss: the circle closes with other money
    world.pay("b", "c", 9.9)
    world.pay("c", "a", 2)


def dormant_then_active(world: World) -> None:
    for name in ("sleeper", "regular"):
        world.pay("exchange", name, 100)
        world.pay(name, "landlord", 1)
    for _ in range(13):
        world.wait(30 * 24)
        world.pay("spammer", "sleeper", 0.001)  # what others send wakes nobody
        world.pay("regular", "landlord", 1)
    for number in range(3):
        world.pay("sleeper", f"stranger {number}", 30)
        world.pay("regular", f"new shop {number}", 30)  # near miss: never slept
    world.pay("exchange", "saver", 50)
    world.pay("saver", "child", 1)
    world.wait(500 * 24)
    world.pay("saver", "child", 24)  # near miss: pays whom it always paid
    world.pay("saver", "child", 24)


def gather_scatter(world: World) -> None:
    world.pay("stranger", "switch", 0.0001)  # a trifle long before hides nothing
    world.wait(30 * 24)
    for number in range(10):
        world.pay(f"payer {number}", "switch", 1)
        world.pay(f"member {number}", "club", 1)
    for number in range(10):
        world.pay("switch", f"receiver {number}", 0.97)
        world.pay("club", f"member {number}", 0.97)  # near miss: all get their own back


def cash_out_ring(world: World) -> None:
    world.label("hot", "hot_wallet")
    world.label("counter", "deposit")
    for number in range(6):
        world.pay("boss", f"mule {number}", 5)
        world.pay("employer", f"worker {number}", 5)
    world.pay("mule 0", "way", 4.9)
    world.pay("way", "deposit 0", 4.8)
    for number in range(1, 6):
        world.pay(f"mule {number}", f"deposit {number}" if number < 5 else "counter", 4.9)
    for number in range(5):
        world.pay(f"deposit {number}", "hot", 4.8)
        world.pay("somebody", f"deposit {number}", 1)
        world.pay(f"deposit {number}", "hot", 1)
    for number in range(6):  # near miss: most of a wage is spent elsewhere
        world.pay(f"worker {number}", f"shop {number % 2}", 3)
        world.pay(f"worker {number}", "counter", 1.9)


def bridge_hopping(world: World) -> None:
    for name in ("bridge a", "bridge b"):
        world.label(name, "bridge")
    for turn in range(3):
        world.pay("bridge a" if turn % 2 else "bridge b", "hopper", 10)
        world.pay("hopper", "bridge b" if turn % 2 else "bridge a", 9.9)
    world.pay("bridge a", "carrier 0", 20)
    world.pay("carrier 0", "carrier 1", 19.9)
    world.pay("carrier 1", "bridge b", 19.8)
    world.pay("bridge a", "settler", 10)  # near miss: comes over one bridge and stays
    world.pay("settler", "shop", 9)
    for _ in range(3):  # near miss: goes home weeks later
        world.pay("bridge a", "commuter", 10)
        world.wait(14 * 24)
        world.pay("commuter", "bridge b", 9.9)


def fund_raising(world: World) -> None:
    for number in range(20):
        world.pay(f"believer {number}", "collector", 2)
        world.pay(f"backer {number}", "campaign", 2)
    world.pay("collector", "paymaster", 26)
    world.pay("campaign", "builder", 26)
    for number in range(8):
        world.pay("paymaster", f"believer {number}", 3)
        world.pay("builder", f"supplier {number}", 3)  # near miss: spends it on what it was raised for


def pump_and_rug(world: World) -> None:
    for maker, pool, coin in (("rugger", "rug pool", "RUG"), ("builder", "good pool", "GOOD")):
        place = world.sign(who(maker), who("router"), gas=200_000)
        world.move(place, who(maker), who(pool), 10_000, token_address=who("CASH"))
        world.move(place, who(maker), who(pool), 10_000_000, token_address=who(coin))
        for number in range(12):
            world.swap(f"buyer {number}", pool, ("CASH", 2_000), (coin, 500_000 - 30_000 * number))
    place = world.sign(who("rugger"), who("router"), gas=200_000)
    world.move(place, who("rug pool"), who("rugger"), 33_000, token_address=who("CASH"))
    world.move(place, who("rug pool"), who("rugger"), 4_000_000, token_address=who("RUG"))
    place = world.sign(who("builder"), who("router"), gas=200_000)
    world.move(place, who("good pool"), who("builder"), 9_000, token_address=who("CASH"))  # near miss: takes out a part
    world.move(place, who("good pool"), who("builder"), 2_000_000, token_address=who("GOOD"))


EXPECTED: dict[Callable[[World], None], dict[str, set[str]]] = {
    deposit_address: {"deposit": {"deposit", "token deposit"}},
    drainer: {
        "actor": {"thief", "mean thief"},
        "collector": {"stash"},
        "victim": {f"{who} {n}" for n in range(4) for who in ("owner", "saver")},
    },
    mixer_use: {"depositor": {"hider"}, "recipient": {"ghost"}},
    structuring: {"collector": {"boss"}, "actor": {"smurf 0", "smurf 1"}},
    peel_chain: {"source": {"thief"}, "actor": {"peel 0"}, "hop": {f"peel {n}" for n in range(1, 6)}},
    wash_trading: {"actor": {"washer 0", "washer 1", "round a", "round b", "round c"}},
    rapid_pass_through: {"hop": {"mule"}},
    fan_in: {"collector": {"gatherer"}},
    fan_out: {"actor": {"spreader"}},
    scatter_gather: {
        "actor": {"launderer"},
        "collector": {"integrator"},
        "hop": {f"layer {n}" for n in range(6)},
    },
    airdrop_sybil: {
        "actor": {"farmer's bank"},
        "collector": {"farmer"},
        "sybil": {f"sybil {n}" for n in range(6)},
    },
    ponzi: {"actor": {"scheme"}},
    address_poisoning: {
        "actor": {"poisoner", "forger"},
        "lookalike": {"copy", "false copy", "sent copy"},
        "victim": {"careful"},
    },
    mev: {
        "sandwicher": {"bot"},
        "contract": {"bot's contract"},
        "victim": {"tourist"},
        "arbitrageur": {"arbitrageur"},
    },
    darknet_exposure: {"depositor": {"buyer", "shy buyer", "hop"}, "recipient": {"vendor"}},
    layering: {"actor": {"layer 0"}, "hop": {f"layer {n}" for n in range(1, 4)}},
    round_trip: {"actor": {"sender"}, "hop": {"first", "second", "third"}},
    dormant_then_active: {"actor": {"sleeper"}},
    gather_scatter: {"actor": {"switch"}},
    cash_out_ring: {"actor": {"boss"}, "mule": {f"mule {n}" for n in range(6)}, "hop": {"way"}},
    bridge_hopping: {"actor": {"hopper"}, "hop": {"carrier 0", "carrier 1"}},
    fund_raising: {"actor": {"collector"}, "payer": {"paymaster"}},
    pump_and_rug: {"actor": {"rugger"}, "contract": {"RUG"}, "victim": {f"buyer {n}" for n in range(12)}},
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


def test_every_detector_has_a_world_here() -> None:
    assert {play.__name__ for play in EXPECTED} == {entry.name for entry in DETECTORS}


def test_a_second_run_changes_nothing_and_a_finding_that_no_longer_holds_is_withdrawn(worlds: Any) -> None:
    store, _ = worlds
    world = World(chain_id=2_000)
    scatter_gather(world)
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
    scatter_gather(world)
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
    layering(world)
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
    layering(world)
    for hop in range(4):
        world.pay(f"layer {hop}", f"layer {hop}", 500)
        place = world.sign(who("spammer"), who("FAKE"), gas=60_000)
        world.move(place, who("spammer"), who(f"layer {hop}"), 2**256 - 1, token_address=who("FAKE"))
    world.pour(store)

    assert find_typologies(store, chain_id=2_003, detectors=[detector("layering")]).findings == {"layering": 4}
