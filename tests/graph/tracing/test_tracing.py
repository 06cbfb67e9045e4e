"""Money is followed through small worlds: by value and time, up to services, through mixers, forwards and back."""

from __future__ import annotations

import datetime as dt

import pytest

from chainsight.errors import StoreEmpty, UnknownName, UsageError
from graph.tracing.policies import CONSERVING_POLICIES
from graph.tracing.windows import first_block, last_block
from sql.store import Store
from tests.fixtures.traces import Play, ends, follow
from tests.fixtures.worlds import ETH, START, ZERO, World, who


def layered(world: World) -> None:
    """A thief sends 10 over two mules to an exchange; one mule had 5 of its own and keeps half."""
    world.label("exchange", "exchange")
    world.label("thief", "hack")
    world.pay("grandmother", "mule 1", 5)
    world.pay("thief", "mule 1", 5)
    world.pay("thief", "mule 2", 5)
    world.pay("mule 2", "exchange", 5)
    world.pay("mule 1", "exchange", 5)
    world.pay("exchange", "somebody", 10)


def test_money_ends_at_services_and_with_those_who_keep_it(store: Store, play: Play) -> None:
    chain = play(layered)
    found = follow(store, chain, "thief")
    assert ends(found, "mule 1", "exchange") == {("exchange", "service"): 7.5, ("mule 1", "held"): 2.5}
    one = found.assets[0]
    assert (one.trace.total, found.left_out, set(one.trace.visited)) == (
        10 * ETH, 0, {who("mule 1"), who("mule 2"), who("exchange")}
    )  # fmt: skip
    met = one.exposures["service", "exchange"]
    assert (met.worth, met.direct, met.by_hop, met.actors) == (75 * ETH // 10, 0, {2: 75 * ETH // 10}, {"exchange"})
    # fifo says that grandmother's 5 left first, lifo that the thief's did.
    assert one.ranges["service", "exchange"] == (5 * ETH, 10 * ETH)
    path = next(path for path in one.paths if path.end.reason == "service")
    assert [(step.giver, step.receiver) for step in path.steps] == [
        (who("thief"), who("mule 2")), (who("mule 2"), who("exchange"))
    ]  # fmt: skip
    transaction = next(iter(path.steps[0].transactions))
    assert found.hashes[transaction] == store.query(
        "SELECT transaction_hash FROM transfers WHERE chain_id = {chain:UInt64} AND block_number = {block:UInt64}",
        chain=chain, block=transaction[0],
    ).column(0)[0].as_py()  # fmt: skip


def test_backwards_the_same_money_is_found_at_its_source(store: Store, play: Play) -> None:
    chain = play(layered)
    found = follow(store, chain, "exchange", direction="in")
    assert ends(found, "thief", "grandmother") == {("thief", "unexplained"): 7.5, ("grandmother", "unexplained"): 2.5}
    assert found.assets[0].exposures["passed", "hack"].by_hop == {2: 75 * ETH // 10}
    by_lifo = follow(store, chain, "exchange", direction="in", policy="lifo")
    assert ends(by_lifo, "thief", "grandmother") == {("thief", "unexplained"): 10}


def test_only_what_happened_later_can_carry_the_money(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.pay("mule", "early", 3)
        world.pay("thief", "mule", 4)
        world.pay("mule", "late", 4)

    chain = play(story)
    for policy in CONSERVING_POLICIES[:4]:
        assert ends(follow(store, chain, "thief", policy=policy), "late") == {("late", "held"): 4}


def test_a_label_stops_the_trace_only_while_it_holds(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.label("shop", "service")
        world.labels[-1]["valid_to"] = START + dt.timedelta(hours=24)
        world.pay("thief", "shop", 1)
        world.wait(48)
        world.pay("thief", "shop", 2)
        world.pay("shop", "supplier", 3)

    found = ends(follow(store, play(story), "thief", policy="lifo"), "shop", "supplier")
    assert found == {("shop", "service"): 1, ("supplier", "held"): 2}


def test_through_a_mixer_go_equal_shares_to_what_came_out_of_its_kind_and_only_when_asked(
    store: Store, play: Play
) -> None:
    def story(world: World) -> None:
        world.label("mixer", "mixer")
        world.pay("earlier", "mixer", 10)
        world.pay("mixer", "too early", 10)
        world.pay("thief", "mixer", 10)
        world.pay("mixer", "candidate 1", 9.5)
        world.pay("mixer", "another size", 1)
        world.pay("mixer", "candidate 2", 10)
        world.wait(8 * 24)
        world.pay("mixer", "too late", 10)

    chain = play(story)
    assert ends(follow(store, chain, "thief"), "mixer") == {("mixer", "service"): 10}
    through = follow(store, chain, "thief", through=frozenset({"mixer"}))
    assert ends(through, "candidate 1", "candidate 2") == {("candidate 1", "held"): 5, ("candidate 2", "held"): 5}
    back = follow(store, chain, "candidate 1", direction="in", through=frozenset({"mixer"}))
    assert ends(back, "thief", "earlier") == {("thief", "unexplained"): 4.75, ("earlier", "unexplained"): 4.75}
    with pytest.raises(UnknownName, match="go through a 'bridge'"):
        follow(store, chain, "thief", through=frozenset({"bridge"}))


def test_nearness_that_goes_back_is_told_along_the_transfers_as_they_were(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.pay("accomplice", "mule", 5)
        world.pay("thief", "mule", 5)
        world.pay("mule", "friend", 10)

    one = follow(store, play(story), "thief", policy="ttr").assets[0]
    flows = {(flow.giver, flow.receiver): flow for flow in one.trace.flows if flow.hop == 2}
    assert {pair: flow.is_redirect for pair, flow in flows.items()} == {
        (who("mule"), who("friend")): False, (who("accomplice"), who("mule")): True
    }  # fmt: skip
    redirect = flows[who("accomplice"), who("mule")]
    assert (one.trace.near(redirect).address, one.trace.far(redirect).address) == (who("mule"), who("accomplice"))
    path = next(path for path in one.paths if path.end.address == who("accomplice"))
    assert (path.end.reason, [(step.giver, step.receiver) for step in path.steps]) == (
        "nearby", [(who("thief"), who("mule")), (who("accomplice"), who("mule"))]
    )  # fmt: skip


def test_what_went_into_a_bridge_is_told_where_it_may_have_come_out(store: Store, play: Play) -> None:
    def here(world: World) -> None:
        world.label("bridge", "bridge")
        world.pay("thief", "bridge", 10)
        world.pay("bystander", "bridge", 10)
        world.wait(72)
        world.pay("bystander", "friend", 1)

    def there(world: World) -> None:
        world.label("bridge", "bridge")
        world.pay("friend", "thief", 9.9)
        world.pay("bridge", "thief", 5)
        world.pay("bridge", "thief", 9.9)
        world.label("later a bridge", "bridge")
        world.labels[-1]["valid_from"] = START + dt.timedelta(days=30)
        world.pay("later a bridge", "thief", 9.8)
        world.wait(48)
        world.pay("bridge", "thief", 10)

    first, second = play(here), play(there)
    (found,) = follow(store, first, "thief").continuations
    assert (found.bridge, found.paid_block, found.chain_id, found.address, found.block, found.amount) == (
        who("bridge"), 1, second, who("thief"), 3, 99 * ETH // 10
    )  # fmt: skip
    # As of block 2 it had not come out yet.
    assert follow(store, first, "thief", until_block=2).continuations == []


def test_what_burns_returns_is_too_small_or_too_far_is_accounted_for(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.pay("thief", "mule", 10)
        world.move(world.sign(who("mule"), ZERO), who("mule"), ZERO, ETH)
        world.move(world.sign(who("mule"), who("miner")), who("mule"), who("miner"), ETH // 10, kind="fee")
        world.pay("mule", "thief", 2)
        world.pay("mule", "mule", 3)
        world.pay("mule", "beggar", 0.01)
        world.pay("mule", "far", 6.89)
        world.pay("far", "farther", 6.89)

    found = follow(store, play(story), "thief", hops=2, least_share=0.01, policy="fifo")
    assert {key: round(value, 9) for key, value in ends(found, "mule", "thief", "beggar", "far").items()} == {
        ("nobody", "burnt"): 1, ("mule", "fees"): 0.1, ("thief", "returned"): 2,
        ("beggar", "below_share"): 0.01, ("far", "hops"): 6.89,
    }  # fmt: skip
    small = follow(store, play(story), "thief", budget=1, policy="fifo")
    assert ends(small, "far")[("far", "budget")] == pytest.approx(6.89)


def test_without_a_token_coins_and_fungible_tokens_of_the_window_are_traced_and_no_collectibles(
    store: Store, play: Play
) -> None:
    def story(world: World) -> None:
        world.send("thief", "shop", 1, token="OLD")
        for number in range(3):
            place = world.sign(who("thief"), who("art"))
            world.move(place, who("thief"), who("buyer"), 1, token_address=who("art"), token_id=number, kind="erc721")
        world.pay("thief", "mule", 5)
        world.send("thief", "mule", 7)
        world.send("thief", "mule", 7, token="NEW")

    chain = play(story)
    found = follow(store, chain, "thief", token="", since_block=2, until_block=6)
    assert sorted(one.trace.question.asset.token for one in found.assets) == sorted([ZERO, who("USDT")])
    assert found.left_out == 0


def test_a_window_leaves_out_what_is_before_and_after(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        for number in range(4):
            world.pay("thief", f"mule {number}", 1)
            world.wait(24)

    chain = play(story)
    found = follow(store, chain, "thief", since_block=2, until_block=14_500)
    assert ends(found, "mule 1", "mule 2") == {("mule 1", "held"): 1, ("mule 2", "held"): 1}
    noon = "2024-01-02T12:00"
    assert (first_block(store, chain, noon), last_block(store, chain, noon)) == (7_203, 7_202)
    assert (first_block(store, chain, "7000"), last_block(store, chain, "7000")) == (7_000, 7_000)
    assert (first_block(store, chain, ""), last_block(store, chain, "")) == (0, None)
    assert (first_block(store, chain, "1869-05-10"), first_block(store, chain, "9999-12-31T23:59-23:00")) == (0, 21_605)
    with pytest.raises(UsageError, match="neither a block nor a time"):
        first_block(store, chain, "yesterday")
    with pytest.raises(UsageError, match="no block of chain"):
        last_block(store, chain, "2023-12-31")
    with pytest.raises(UsageError, match=r"window is empty: it begins with block 3 and ends with block 2\. .*--until"):
        follow(store, chain, "thief", since_block=3, until_block=2)
    with pytest.raises(StoreEmpty, match="from block 0 to 0"):
        follow(store, chain, "thief", until_block=0)


def test_wrong_questions_are_answered_with_what_to_do(store: Store, play: Play) -> None:
    chain = play(layered)
    with pytest.raises(StoreEmpty, match=r"fungible tokens that 0x.* has given.*--chain-id"):
        follow(store, chain, "nobody ever", token="")
    with pytest.raises(StoreEmpty, match=r"gave away the native coin.*--direction"):
        follow(store, chain, "somebody")
    with pytest.raises(UnknownName, match="direction"):
        follow(store, chain, "thief", direction="sideways")
    with pytest.raises(UnknownName, match="token 'WIFE'"):
        follow(store, chain, "thief", token="WIFE")
