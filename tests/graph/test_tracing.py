"""Money is followed through small worlds: by value and time, through swaps, up to services, forwards and back."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsight.errors import StoreEmpty, UnknownName, UsageError
from graph.tracing.actors import Actors
from graph.tracing.answer import TraceAnswer, follow_money, moment
from graph.tracing.flow_graph import Question, Trace
from graph.tracing.ledgers import NATIVE, Asset, Ledger, Page
from graph.tracing.policies import CONSERVING_POLICIES
from graph.tracing.push import trace
from graph.tracing.transactions import Transactions
from sql.chain_parameters import chain_parameters
from sql.files import load
from sql.store import Store
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import ETH, START, ZERO, World, who

Play = Callable[[Callable[[World], None]], int]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all worlds, each a chain of its own."""
    opened = new_store(f"{tmp_path_factory.mktemp('tracing')}/store")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def play(store: Store) -> Play:
    """Play a world and derive what tracing reads; returns its chain id."""
    numbers = itertools.count(9_000)

    def played(story: Callable[[World], None]) -> int:
        world = World(next(numbers))
        story(world)
        world.pour(store)
        bounds = {"chain_id": world.chain_id, "from_block": 0, "to_block": world.block, "version": 2 * 10**18}
        known: dict[str, Any] = {**bounds, **chain_parameters(world.chain_id)}
        for name in ("address_transfers", "address_daily_flows", "address_actors"):
            statement = load(f"transforms/{name}")
            store.command(statement, **{key: known[key] for key in statement.parameters})
        return world.chain_id

    return played


def follow(store: Store, chain_id: int, *sources: str, token: str = "native", **more: Any) -> TraceAnswer:
    return follow_money(store, Question(chain_id, tuple(map(who, sources)), **more), token=token)


def ends(answer: TraceAnswer, *names: str) -> dict[tuple[str, str], float]:
    """Coins by name and reason."""
    known = {who(name): name for name in names} | {ZERO: "nobody"}
    found: dict[tuple[str, str], float] = {}
    for end, parcel in answer.assets[0].trace.ends.items():
        key = (known.get(end.address, "?"), end.reason)
        found[key] = found.get(key, 0) + parcel.worth / ETH
    return found


def mark_as_spam(store: Store, chain_id: int, token: str) -> None:
    store.command(
        "INSERT INTO token_marks (chain_id, token_address, is_spam, version)"
        " VALUES ({chain:UInt64}, unhex({token:String}), 1, 1)", chain=chain_id, token=who(token).hex(),
    )  # fmt: skip


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


def test_hubs_overflowing_amounts_and_addresses_that_end_in_zeros_do_no_harm(store: Store, play: Play) -> None:
    padded = who("a mule")[:18] + b"\0\0"

    def story(world: World) -> None:
        world.move(world.sign(who("thief"), padded), who("thief"), padded, 2**255)
        world.move(world.sign(who("thief"), padded), who("thief"), padded, 4 * ETH)
        world.move(world.sign(padded, who("busy")), padded, who("busy"), 4 * ETH)
        for _ in range(12):
            world.pay("busy", "anybody", 0.1)

    chain = play(story)
    assert ends(follow(store, chain, "thief", hub_cap=10), "busy") == {("busy", "hub"): 4}
    with pytest.raises(UsageError, match=r"more than 10 transfers.*--hub-cap"):
        follow(store, chain, "busy", hub_cap=10)
    with pytest.raises(StoreEmpty, match="gave away the native coin"):
        follow(store, chain, "nobody ever", hub_cap=10)
    # As of block 10, in which 7 of its payments had happened, nobody was busy.
    assert ends(follow(store, chain, "thief", hub_cap=10, until_block=10), "busy", "anybody") == {
        ("busy", "held"): pytest.approx(3.3), ("anybody", "held"): pytest.approx(0.7)
    }  # fmt: skip


def test_nobody_becomes_a_hub_by_what_strangers_send_without_giving_anything(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.pay("thief", "mule", 10)
        for _ in range(12):
            world.move(
                world.sign(who("spammer"), who("SPAM")), who("spammer"), who("mule"), 0, token_address=who("SPAM")
            )
            world.move(
                world.sign(who("spammer"), who("JUNK")), who("spammer"), who("mule"), 1, token_address=who("JUNK")
            )
        world.pay("mule", "friend", 10)

    chain = play(story)
    mark_as_spam(store, chain, "JUNK")
    assert ends(follow(store, chain, "thief", hub_cap=10), "friend") == {("friend", "held"): 10}


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
    assert moment(store, chain, "2024-01-02T12:00") == 7_202
    with pytest.raises(UsageError, match="neither a block nor a time"):
        moment(store, chain, "yesterday")
    assert moment(store, chain, "2023-12-31") is None
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


class _Rows:
    """Ledgers of payments that are given, without a store."""

    def __init__(self, payments: list[tuple[int, int, int, int]]) -> None:
        self._found: dict[bytes, Ledger] = {}
        for party in {party for giver, receiver, _, _ in payments for party in (giver, receiver)}:
            own = [(at, p) for at, p in enumerate(payments) if party in p[:2] and p[0] != p[1] and p[2]]
            columns: dict[str, Any] = {
                "block_number": np.array([at for at, _ in own], np.uint64),
                "is_in": np.array([p[1] == party for _, p in own]),
                "asset_key": np.array([p[3] for _, p in own], np.uint64),
            }
            for name in ("transaction_index", "rank", "position", "batch_index", "seconds"):
                columns[name] = np.zeros(len(own), np.uint64)
            others = b"".join(_party(p[0] if p[1] == party else p[1]) for _, p in own)
            amounts = np.frombuffer(b"".join(p[2].to_bytes(32, "little") for _, p in own), "<u8").reshape(-1, 4)
            tokens = b"".join(bytes([p[3]]) * 20 for _, p in own)
            page = Page(columns, memoryview(others), memoryview(tokens), amounts, np.zeros((len(own), 4), np.uint64))
            self._found[_party(party)] = Ledger(_party(party), page, 0, len(own))

    def read(self, addresses: Any) -> None:
        """All are known."""

    def is_hub(self, address: bytes) -> bool:
        return False

    def __getitem__(self, address: bytes) -> Ledger | None:
        return self._found.get(address)


class _Unlabelled(Actors):
    def __init__(self) -> None:
        pass

    def read(self, addresses: Any) -> None:
        """Nobody is known."""

    def at(self, address: bytes, seconds: int) -> list[Any]:
        return []


def _party(number: int) -> bytes:
    return bytes([number + 1]) * 20


PAYMENTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2**90) | st.integers(0, 9), st.integers(0, 1)),
    max_size=25,
)


@settings(max_examples=120, deadline=None)
@given(PAYMENTS, st.sampled_from(CONSERVING_POLICIES), st.sampled_from(["in", "out"]), st.integers(1, 4))
def test_whatever_is_paid_every_unit_ends_somewhere_once(payments: Any, policy: str, direction: str, hops: int) -> None:
    """The engine checks itself after every round; here the whole answer is added up from outside."""
    ledgers: Any = _Rows(payments)
    question = Question(
        1, (_party(0),), policy=policy, direction=direction, hops=hops, until_block=99, least_share=0.01
    )
    side = 0 if direction == "out" else 1
    sent = sum(p[2] for p in payments if p[side] == 0 and p[1 - side] != 0 and p[3] == 0)
    if not sent:
        return
    # Every payment is a transaction of its own, so none is looked at as a whole.
    found: Trace = trace(question, ledgers, _Unlabelled(), Transactions(None, chain_id=1))  # type: ignore[arg-type]
    assert found.total == sent == found.total_ended
    assert all(parcel.worth >= 0 for parcel in found.ends.values())
    assert max(end.hop for end in found.ends) <= hops
    assert all(flow.parcel.worth <= sent for flow in found.flows if not flow.is_exchange and flow.hop == 1)
