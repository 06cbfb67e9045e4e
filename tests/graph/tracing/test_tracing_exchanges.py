"""Money that changes its form on the way: swaps, wraps, refunds, junk beside them."""

from __future__ import annotations

import pytest

from graph.tracing.pages import NATIVE, Asset
from sql.store import Store
from tests.fixtures.traces import Play, ends, follow, mark_as_spam
from tests.fixtures.worlds import ETH, ZERO, World, who


def test_a_swap_in_one_transaction_turns_the_money_into_what_was_got_for_it(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.label("exchange", "exchange")
        world.send("issuer", "pool", 9_000)
        place = world.sign(who("thief"), who("pool"))
        world.move(place, who("thief"), who("pool"), 3 * ETH)
        world.move(place, who("pool"), who("thief"), 9_000 * 10**6, token_address=who("USDT"))
        world.send("thief", "mule", 6_000)
        world.send("mule", "exchange", 6_000)

    chain = play(story)
    found = follow(store, chain, "thief")
    assert ends(found, "thief", "exchange") == {("thief", "held"): 1, ("exchange", "service"): 2}
    amounts = {end.address: parcel.amount for end, parcel in found.assets[0].trace.ends.items()}
    assert amounts == {who("thief"): 3_000 * 10**6, who("exchange"): 6_000 * 10**6}
    steps = next(path for path in found.assets[0].paths if path.end.reason == "service").steps
    assert [(step.is_exchange, step.asset) for step in steps] == [
        (True, Asset(who("USDT"), 0)), (False, Asset(who("USDT"), 0)), (False, Asset(who("USDT"), 0))
    ]  # fmt: skip
    back = follow(store, chain, "exchange", token="0x" + who("USDT").hex(), direction="in")
    # The thief's coins came from nowhere that the chain shows.
    assert {
        (end.address, end.reason, end.asset): parcel.amount for end, parcel in back.assets[0].trace.ends.items()
    } == {(who("thief"), "unexplained", NATIVE): 2 * ETH}


def test_junk_that_is_dropped_beside_a_payment_or_a_swap_takes_none_of_the_money(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.label("exchange", "exchange")
        world.pay("thief", "mule", 8)
        place = world.sign(who("mule"), who("splitter"), method=b"abcd")
        world.move(place, who("mule"), who("cash-out"), 3 * ETH)
        world.move(place, who("junk mint"), who("mule"), 1, token_address=who("JUNK"))
        place = world.sign(who("mule"), who("pool"), method=b"abcd")
        world.move(place, who("mule"), who("pool"), 5 * ETH)
        world.move(place, who("pool"), who("mule"), 9_000, token_address=who("USDT"))
        world.move(place, who("junk mint"), who("mule"), 1, token_address=who("JUNK"))
        world.pay("cash-out", "exchange", 3)

    chain = play(story)
    for policy in ("haircut", "fifo"):
        found = follow(store, chain, "thief", policy=policy)
        assert ends(found, "mule", "exchange") == {("exchange", "service"): 3, ("mule", "held"): 5}
        assert {end.asset.token for end in found.assets[0].trace.ends} == {ZERO, who("USDT")}
    back = follow(store, chain, "exchange", direction="in")
    assert ends(back, "thief") == {("thief", "unexplained"): 3}


def test_two_gains_share_by_their_prices_and_marked_spam_is_none(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        place = world.sign(who("thief"), who("pool"), method=b"abcd")
        world.move(place, who("thief"), who("pool"), 4 * ETH)
        world.move(place, who("pool"), who("thief"), 300, token_address=who("DAI"))
        world.move(place, who("pool"), who("thief"), 50, token_address=who("GOLD"))
        world.move(place, who("pool"), who("thief"), 7, token_address=who("SPAM"))

    chain = play(story)
    for token, price in (("DAI", 1), ("GOLD", 2)):
        store.command(
            "INSERT INTO tokens (chain_id, token_address, decimals, symbol, version)"
            " VALUES ({chain:UInt64}, unhex({token:String}), 0, '', 1)", chain=chain, token=who(token).hex(),
        )  # fmt: skip
        store.command(
            "INSERT INTO prices (chain_id, token_address, quote, priced_at, price, bucket_seconds, max_age_seconds, source,"
            " version) VALUES ({chain:UInt64}, unhex({token:String}), 'USD', '2023-12-31 00:00:00', {price:Float64}, 0,"
            " 864000, 'test', 1)", chain=chain, token=who(token).hex(), price=price,
        )  # fmt: skip
    mark_as_spam(store, chain, "SPAM")
    found = follow(store, chain, "thief").assets[0].trace
    assert {end.asset.token: (parcel.worth, parcel.amount) for end, parcel in found.ends.items()} == {
        who("DAI"): (3 * ETH, 300), who("GOLD"): (ETH, 50)
    }  # fmt: skip


def test_wrapping_is_a_swap_and_buying_a_collectible_is_not(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        place = world.sign(who("thief"), who("weth"))
        world.move(place, who("thief"), who("weth"), 5 * ETH)
        world.move(place, ZERO, who("thief"), 5 * ETH, token_address=who("weth"), kind="wrap")
        place = world.sign(who("thief"), who("market"))
        world.move(place, who("thief"), who("artist"), 2 * ETH)
        world.move(place, who("artist"), who("thief"), 1, token_address=who("art"), token_id=7, kind="erc721")

    assert ends(follow(store, play(story), "thief"), "thief", "artist") == {("thief", "held"): 5, ("artist", "held"): 2}


@pytest.mark.parametrize("is_router", [True, False])
def test_a_refund_goes_on_as_what_it_was_and_only_the_rest_was_swapped(
    store: Store, play: Play, is_router: bool
) -> None:
    def story(world: World) -> None:
        world.pay("victim", "thief", 100)
        paid, pool = (who("router") if is_router else who("pool")), who("pool")
        place = world.sign(who("thief"), paid, method=b"abcd")
        world.move(place, who("thief"), paid, 100 * ETH)
        if is_router:
            world.move(place, paid, pool, ETH, kind="internal")
        world.move(place, pool, who("thief"), 2_000, token_address=who("USDT"))
        world.move(place, paid, who("thief"), 99 * ETH, kind="internal")
        world.pay("thief", "accomplice", 99)

    chain = play(story)
    for policy in ("haircut", "fifo", "lifo", "tiho"):
        found = follow(store, chain, "victim", policy=policy)
        amounts = {(end.address, end.asset): parcel.amount for end, parcel in found.assets[0].trace.ends.items()}
        assert ends(found, "thief", "accomplice") == {("thief", "held"): 1, ("accomplice", "held"): 99}
        assert amounts == {(who("thief"), Asset(who("USDT"), 0)): 2_000, (who("accomplice"), NATIVE): 99 * ETH}
    # Where the trace begins, what came back has returned: it set out once more with the next payment.
    back = follow(store, chain, "thief")
    assert ends(back, "thief", "accomplice") == {
        ("thief", "returned"): 99,
        ("thief", "held"): 1,
        ("accomplice", "held"): 99,
    }
    assert all(path.steps for path in back.assets[0].paths)
    # Backwards a hundredth of what the pool had got is what it gave tokens for, whichever part it gave back.
    accomplices = follow(store, chain, "accomplice", direction="in")
    assert ends(accomplices, "victim")["victim", "unexplained"] == (99 if is_router else 98.01)
