"""One small world with every heuristic and its near miss: who is joined with whom, why, what is refused, what a reorg leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from chainsight.cli import app, commands
from chainsight.errors import BadAddress, StoreEmpty
from graph.entities.answers import read_conflicts, read_entity, read_history
from graph.entities.build import build_entities
from graph.entities.heuristics import CONTEXT, HEURISTICS, SOFT, find_links, prepare
from graph.entities.rows import ALARM_SIZE, alarm
from graph.entities.scores import THRESHOLD, features, probabilities
from ingest.recompute import withdraw_conclusions
from sql.as_of import read_as_of
from sql.store import Store
from sql.transform import transform
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import World, who

CHAIN = 5
CLAIM = b"\x4e\x71\xd9\x2d"
HOT, COLD = "north: hot wallet", "north: cold wallet"


def exchange(world: World) -> None:
    """Two wallets of one name, deposit addresses, and customers, some with two wallets; near misses in numbers."""
    world.label(HOT, "hot_wallet")
    world.label(COLD, "exchange")
    world.pay(COLD, HOT, 50)
    for customer, deposit in (("ann 1", "dep a"), ("ann 2", "dep a"), ("bob", "dep b"), ("ann 1", "keeper")):
        world.pay(HOT, customer, 5)
        world.pay(customer, deposit, 2)
    for deposit in ("dep a", "dep b"):
        world.pay(deposit, HOT, 1.99 * (2 if deposit == "dep a" else 1))
    for customer, deposit in (("ann 2", "dep a"), ("bob", "dep b")):
        world.pay(customer, deposit, 1)
        world.pay(deposit, HOT, 0.99)
    world.pay("keeper", HOT, 0.5)  # near miss: keeps most of it, so whoever pays it need not be one
    for payer in ("ann 1", "bob"):
        world.pay(payer, "flat share", 0.5)
    world.pay("flat share", HOT, 0.99)  # near miss: once gave an exchange all it had


def disagreement(world: World) -> None:
    """A deposit address that somebody clean and somebody illicit pay: labels speak against one owner."""
    world.label("saint", "licit")
    world.label("thief", "hack")
    for payer in ("saint", "thief"):
        world.pay(HOT, payer, 3)
        world.pay(payer, "dep c", 2)
    world.pay("dep c", HOT, 3.99)
    world.pay("saint", "dep c", 1)
    world.pay("dep c", HOT, 0.99)


def airdrop(world: World) -> None:
    """Five wallets claim and hand on in full to one; a fan hands his to a friend."""
    for wallet in [*(f"farm {k}" for k in range(5)), "fan"]:
        world.pay(HOT, wallet, 1)
        place = world.sign(who(wallet), who("drop"), method=CLAIM, gas=90_000)
        world.move(place, who("drop"), who(wallet), 100 * 10**6, token_address=who("GOV"))
        world.send(wallet, "friend" if wallet == "fan" else "barn", 100, token="GOV")


def moving_on(world: World) -> None:
    """A wallet gives all it has to a fresh one, which goes on; a client pays a newcomer a part."""
    world.pay(HOT, "old home", 10)
    world.pay("old home", "shop", 0.5)
    world.pay("old home", "new home", 9.4)
    world.pay("new home", "shop", 1)
    world.pay(HOT, "client", 10)
    for place in ("shop", "till", "newcomer"):
        world.pay("client", place, 2)
    world.pay("newcomer", "shop", 1)


def makers(world: World, store: Store) -> None:
    """A contract by its deployer, and contracts of a private and of a public factory."""
    for signer, made in (
        ("maker", "token"),
        ("boss", "child 1"),
        ("boss", "child 2"),
        ("eve", "pool 1"),
        ("joe", "pool 2"),
    ):
        place = world.sign(who(signer), who("factory of " + made[:4]), method=CLAIM, gas=500_000)
        world.move(place, who(signer), who(made), 10**15)
        if signer == "maker":
            world.transactions[-1]["contract_address"] = who("token")
            continue
        store.command(
            "INSERT INTO traces (chain_id, block_number, transaction_index, transaction_hash, trace_index, trace_address,"
            " trace_type, from_address, to_address, reverted, version)"
            " SELECT {c:UInt64}, {b:UInt64}, 0, unhex({h:String}), 1, [0], 'create', unhex({f:String}), unhex({t:String}), 0, 1",
            c=CHAIN, b=world.block, h=place["transaction_hash"].hex(), f=who("factory of " + made[:4]).hex(), t=who(made).hex(),
        )  # fmt: skip


def sweep(world: World) -> None:
    """Three wallets emptied into one in the same block; the gas price is set when the world is in the store."""
    for number in range(3):
        world.pay(HOT, f"pot {number}", 1)
    for number in range(3):
        world.block -= number > 0
        place = world.sign(who(f"pot {number}"), who("chest"))
        place |= {"transaction_index": number, "transaction_hash": bytes([number]) * 32}
        world.transactions[-1] |= place
        world.move(place, who(f"pot {number}"), who("chest"), 10**18 - 10**15)


def permission(world: World) -> None:
    """An owner whose tokens another account may and does move: alone, that is not enough."""
    world.send(HOT, "owner", 500)
    world.approve("owner", "helper")
    world.send("owner", "till", 100, signer="helper")


def poured(store: Store, world: World, *, chain_id: int = CHAIN) -> None:
    """Into the store, labels with a confidence, derived tables and a gas price for all."""
    for row in world.transactions:
        row.setdefault("contract_address", None)
    for label in world.labels:
        label["confidence"] = 0.9
    world.pour(store)
    store.command(
        "INSERT INTO transactions SELECT * REPLACE (toUInt256(7) AS effective_gas_price, version + 1 AS version)"
        " FROM transactions"
    )
    transform(store, chain_id=chain_id, from_block=0, to_block=world.block)


def groups(store: Store, names: dict[bytes, str]) -> set[frozenset[str]]:
    """The entities, each as the names of its members."""
    rows = store.query("SELECT entity_id, groupArray(address) AS members FROM entity_members GROUP BY entity_id")
    return {frozenset(names[address] for address in row["members"]) for row in rows.to_pylist()}


_PEOPLE = (
    "ann 1|ann 2|bob|flat share|dep a|dep b|dep c|keeper|saint|thief|barn|fan|friend|drop|GOV|old home|new home|shop|client|"
    "newcomer|maker|token|boss|child 1|child 2|eve|joe|pool 1|pool 2|chest|owner|helper|till|USDT|farm 0|farm 1|farm 2|farm 3|"
    "farm 4|pot 0|pot 1|pot 2"
)
NAMES = {who(name): name for name in (HOT, COLD, *_PEOPLE.split("|"))}
EXPECTED = {
    frozenset({HOT, COLD, "dep a", "dep b", "dep c"}),
    frozenset({"ann 1", "ann 2"}),
    frozenset({"barn", *(f"farm {k}" for k in range(5))}),
    frozenset({"old home", "new home"}),
    frozenset({"maker", "token"}),
    frozenset({"boss", "child 1", "child 2"}),
    frozenset({"chest", *(f"pot {k}" for k in range(3))}),
}


def command(*words: str) -> Result:
    """One command; what it refuses is raised."""
    commands.register(["entities"])
    return CliRunner().invoke(app, ["entities", *words], catch_exceptions=False)


def test_the_commands_build_show_and_refuse_in_words(store: Store) -> None:
    dsn = store.dsn
    world = World(CHAIN)
    exchange(world)
    disagreement(world)
    poured(store, world)
    with pytest.raises(StoreEmpty, match=r"no entities of chain 5.*chainsight entities build"):
        read_entity(store, who("bob"), chain_id=CHAIN)
    store.close()

    def said(*words: str) -> Any:
        return json.loads(command(*words, "--store", dsn, "--json").stdout)

    assert said("build")["entities"] == 2
    assert said("show", f"0x{who('ann 2').hex()}")["why"][0]["heuristic"] == "deposit_reuse"
    assert said("history", f"0x{who('ann 2').hex()}")["changes"][0]["change"] == "formed"
    assert len(said("conflicts")["conflicts"]) == 1
    with pytest.raises(StoreEmpty, match=r"no transfers of 0x.* on chain 5\. Check the address"):
        said("show", f"0x{who('nobody').hex()}")
    with pytest.raises(BadAddress):
        said("show", "ann")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, World]]:
    """The whole world in a store, its entities built."""
    store = new_store(f"{tmp_path_factory.mktemp('entities')}/store")
    world = World(CHAIN)
    makers(world, store)
    for part in (exchange, disagreement, airdrop, moving_on, sweep, permission):
        part(world)
    poured(store, world)
    build_entities(store, chain_id=CHAIN)
    yield store, world
    store.close()


def test_every_heuristic_joins_its_own_and_nobody_else(played: tuple[Store, World]) -> None:
    store, _ = played
    assert groups(store, NAMES) == EXPECTED
    found = store.query("SELECT DISTINCT CAST(heuristic AS String) AS h FROM entity_links").column("h").to_pylist()
    assert {
        "named_owner",
        "custody",
        "deposit_reuse",
        "airdrop_collection",
        "handover",
        "deployer",
        "factory",
        "sweep",
    } <= set(found)
    (entity,) = store.query("SELECT * FROM entities WHERE owner = 'north'").to_pylist()
    assert (entity["address_count"], entity["category"], entity["weakest_probability"]) == (5, "exchange", 1.0)


def test_what_labels_contradict_is_refused_and_kept_with_the_reason(played: tuple[Store, World]) -> None:
    store, _ = played
    (refused,) = read_conflicts(store, chain_id=CHAIN)
    assert {refused["left_address"], refused["right_address"]} == {
        f"0x{who(name).hex()}" for name in ("saint", "thief")
    }
    assert refused["heuristic"] == "deposit_reuse"
    assert refused["objection"] == "Labels find one side clean and the other illicit."
    assert f"Both paid the deposit address 0x{who('dep c').hex()}" in refused["sentence"]
    assert len(refused["evidence"]) == 3


def test_an_answer_leads_from_the_address_to_the_oldest_link_by_link(played: tuple[Store, World]) -> None:
    store, _ = played
    answer = read_entity(store, who("farm 3"), chain_id=CHAIN)
    assert answer.address_count == len(answer.members) == 6
    assert [link["heuristic"] for link in answer.why] == ["airdrop_collection"] * len(answer.why)
    ends = [{link["left_address"], link["right_address"]} for link in answer.why]
    assert "0x" + who("farm 3").hex() in ends[0]
    assert answer.entity_id in ends[-1]
    assert all(link["evidence"] for link in answer.why)
    alone = read_entity(store, who("owner"), chain_id=CHAIN)
    assert (alone.entity_id, alone.address_count, alone.why) == ("", 1, [])
    (weak,) = [link for link in alone.links if link["heuristic"] == "self_authorisation"]
    assert weak["outcome"] == "weak"
    assert weak["probability"] < 0.5


def test_a_second_build_changes_nothing_and_says_so(played: tuple[Store, World]) -> None:
    store, _ = played
    everything = "SELECT * EXCEPT (version, computed_at) FROM {} ORDER BY ALL"
    tables = ("entities", "entity_member_rows", "entity_links", "entity_changes")
    before = [store.query(everything.format(table)) for table in tables]
    assert build_entities(store, chain_id=CHAIN).changes == {}
    assert [store.query(everything.format(table)) for table in tables] == before


def test_a_merge_is_history_and_a_reorg_takes_it_back(played: tuple[Store, World]) -> None:
    store, world = played
    last = world.block
    later = World(CHAIN, block=last, first_block=last + 1)
    later.pay(HOT, "bob", 3)
    later.pay("bob", "dep a", 1)  # bob is Ann's third wallet
    later.pay("dep a", HOT, 0.999)
    for row in later.transactions:
        row["contract_address"] = None
    later.transfers = [{**row, "position": row["position"] + 900} for row in later.transfers]
    later.pour(store)
    transform(store, chain_id=CHAIN, from_block=last + 1, to_block=later.block)
    assert build_entities(store, chain_id=CHAIN).changes == {"grown": 1}
    told = read_history(store, who("bob"), chain_id=CHAIN)
    assert [(row["since_block"], row["until_block"]) for row in told["memberships"]] == [(later.block, None)]
    assert [row["sentence"] for row in told["changes"]] == ["Formed of 2 addresses.", "Grew from 2 to 3 addresses."]
    for table, block in (("transfers", "block_number"), ("transactions", "block_number"), ("ingest_audit", "to_block")):
        store.command(
            f"INSERT INTO {table} SELECT * REPLACE (version + 1 AS version, 1 AS is_deleted) FROM {table}"
            f" WHERE {block} > {last}"
        )
    withdraw_conclusions(store, chain_id=CHAIN, first=last + 1)
    assert groups(store, NAMES) == EXPECTED
    assert build_entities(store, chain_id=CHAIN).changes == {}
    assert groups(store, NAMES) == EXPECTED
    assert read_history(store, who("bob"), chain_id=CHAIN)["memberships"] == []


def test_where_nothing_links_anybody_there_are_no_entities_and_no_error(played: tuple[Store, World]) -> None:
    store, _ = played
    with pytest.raises(StoreEmpty, match="no blocks of chain 77"):
        build_entities(store, chain_id=77)
    world = World(77)
    world.pay("one", "one", 1)
    world.pay("one", "other", 0)
    poured(store, world, chain_id=77)
    found = build_entities(store, chain_id=77)
    assert (found.addresses, found.entities, found.links, found.changes) == (2, 0, {}, {})


_AWAKE = (
    (3, {"owl 1": 4, "owl 2": 4}),
    (7, {"lark": 4}),
    (11, {"baker": 1}),
    (12, {"baker": 9, "cook": 9}),
    (13, {"cook": 1}),
)
"""Hours of the day, and who signs how often in each: the baker's mean is 11.9, the cook's 12.1."""


@pytest.fixture(scope="module")
def habits(played: tuple[Store, World]) -> tuple[Store, World]:
    """A chain of wallets that sign at hours of their own, and of two that a boss funded with little, among junk and dust."""
    store, _ = played
    world = World(78)
    for number, later in enumerate((0.5, 1.0)):
        world.send("spammer", f"kid {number}", 9, token="JUNK")
        world.pay("stranger", f"kid {number}", 1e-15)
        world.pay("boss", f"kid {number}", 0.003)
        world.pay(f"kid {number}", "shop", 0.001)
        world.pay("bank", f"kid {number}", later)
    for _ in range(8):
        for hour, awake in _AWAKE:
            world.block = 24 * 300 * (world.block // (24 * 300)) + hour * 300
            for name, times in awake.items():
                for _ in range(times):
                    world.pay(name, "shop " + name, 0.1)
        world.block += 24 * 300
    poured(store, world, chain_id=78)
    prepare(store, read_as_of(store, 78))
    return store, world


def links_of(habits: tuple[Store, World], name: str, **parameters: int) -> list[dict[str, Any]]:
    """What one heuristic finds there."""
    store, world = habits
    entry = next(entry for entry in HEURISTICS if entry.name == name)
    chosen = replace(entry, parameters={**entry.parameters, **parameters})
    return find_links(store, chosen, chain_id=78, as_of_block=world.block).to_pylist()


def test_first_coins_are_those_that_paid_for_the_first_transaction_whatever_came_before_or_after(habits: Any) -> None:
    links = links_of(habits, "gas_funding")
    assert {(link["left_address"], link["right_address"]) for link in links} == {
        tuple(sorted((who("boss"), who(f"kid {number}")))) for number in range(2)
    }


def test_wallets_awake_at_the_same_hours_are_proposed_and_hardly_believed(habits: Any) -> None:
    links = links_of(habits, "timing_profile", neighbours=1)  # of five wallets, each with the next one round the clock
    strengths = {frozenset((link["left_address"], link["right_address"])): link["strength"] for link in links}
    assert set(strengths) == {frozenset(map(who, pair)) for pair in (("owl 1", "owl 2"), ("baker", "cook"))}
    assert strengths[frozenset((who("owl 1"), who("owl 2")))] > 0.99
    assert links_of(habits, "timing_profile") == links  # with more neighbours than wallets nobody meets himself
    strengths = np.array([[float(name == "timing_profile") for name in SOFT], [0.0] * len(SOFT), [0.5] * len(SOFT)])
    silent = strengths[2] * np.array([name != "timing_profile" for name in SOFT])
    alone, never, all_of_it, without = probabilities(
        features(np.vstack([strengths, silent]), np.zeros((4, len(CONTEXT))))
    )
    assert 0.1 < alone < 0.3 < THRESHOLD  # as measured on halves of real lives, see graph/entities/scores.py
    assert never < 0.01
    assert all_of_it / (1 - all_of_it) == pytest.approx(5.5 * without / (1 - without), rel=0.02)


def test_an_entity_that_grows_large_raises_an_alarm_unless_its_label_explains_so_many() -> None:
    assert alarm(ALARM_SIZE - 1, "", "gas_funding", 10_000) == ""
    assert [alarm(ALARM_SIZE, category, "custody", 10_000) for category in ("exchange", "service")] == ["", ""]
    assert alarm(ALARM_SIZE, "", "gas_funding", 10_000).startswith("500 addresses (5.0 % of all) have no owner")
    assert "an owner whose label (bridge) does not explain so many" in alarm(ALARM_SIZE, "bridge", "custody", 10_000)
