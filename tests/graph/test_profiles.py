"""A clerk who pays small sums on weekday mornings, and the day it does something else: the profile says what and shows where."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from chainsight.behaviour_pages import profile_page
from chainsight.cli import app, commands
from chainsight.errors import BadAddress, StoreEmpty, UsageError
from graph.profiles.profile import Profile, read_profile
from sql.derive import derive
from sql.store import Store, open_store
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import ETH, START, World, who

CHAIN = 9
DAYS = 40
HEIST = START.date() + dt.timedelta(days=DAYS)
USUAL = HEIST - dt.timedelta(days=1)


def go_to(world: World, day: int, hour: float) -> None:
    """Let time pass until then."""
    world.block = max(world.block, round((day * 24 + hour) * 300))


def collect(world: World) -> None:
    """A collector gets two pictures and sells one, holds coins of different fineness, and pays for a call."""
    for number in (7, 8):
        picture = world.sign(who("artist"), who("collector"), method=b"\x42\x84\x2e\x0e")
        world.move(
            picture, who("artist"), who("collector"), 1, token_address=who("PICTURES"), kind="erc721", token_id=number
        )
    sold = world.sign(who("collector"), who("buyer"), method=b"\x42\x84\x2e\x0e")
    world.move(sold, who("collector"), who("buyer"), 1, token_address=who("PICTURES"), kind="erc721", token_id=7)
    world.send("artist", "collector", 100, "CENTS")
    world.send("artist", "collector", 1, "FAKE")
    fine = world.sign(who("artist"), who("FINE"), method=b"\xa9\x05\x9c\xbb")
    world.move(fine, who("artist"), who("collector"), ETH, token_address=who("FINE"))
    world.move(
        world.sign(who("collector"), who("market"), method=b"\x01\x02\x03\x04"), who("collector"), who("market"), ETH
    )
    world.transactions[-1]["value"] = ETH
    known: tuple[tuple[str, str, int, str, str], ...] = (
        ("CENTS", "CNT", 6, "a list", ""), ("FINE", "FIN", 18, "contract", ""), ("FAKE", "CNТ", 6, "contract", "CNT"),
    )  # fmt: skip
    for name, symbol, decimals, source, imitates in known:
        what = {"symbol": symbol, "decimals": decimals, "source": source, "imitates": imitates}
        world.tokens.append({"chain_id": CHAIN, "token_address": who(name), **what})


def play() -> World:
    """Forty days of habit, one day without it, and one after."""
    world = World(CHAIN)
    world.label("shop", "exchange")
    collect(world)
    go_to(world, 0, 1)
    world.pay("mint", "clerk", 100)
    for day in range(DAYS):
        go_to(world, day, 9)
        for number in range(2):
            world.pay("clerk", ("shop", "baker")[number], 0.5 + 0.01 * (day % 7))
        go_to(world, day, 15)
        world.pay("mint", "clerk", 1)
    go_to(world, DAYS, 3)
    for _ in range(5):
        world.pay("clerk", "stranger", 19.4)
    for _ in range(30):
        world.send("spammer", "clerk", 0, "SPAM")
    go_to(world, DAYS + 1, 9)
    world.pay("clerk", "baker", 0.5)
    return world


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The clerk's world, derived."""
    path = f"chdb://{tmp_path_factory.mktemp('profiles')}/store"
    store = new_store(path.removeprefix("chdb://"))
    world = play()
    world.transactions = [{"value": 0, **row} for row in world.transactions]
    world.pour(store)
    store.command(
        "INSERT INTO prices (chain_id, token_address, quote, priced_at, price, max_age_seconds, version) "
        f"SELECT {CHAIN}, unhex(arrayJoin(['{who('CENTS').hex()}', '{who('FINE').hex()}'])), 'USD', '2024-01-01', 2, 9e6, 1"
    )
    derive(store, chain_id=CHAIN)
    store.close()
    return path


@pytest.fixture
def store(dsn: str) -> Iterator[Store]:
    """That store, open."""
    opened = open_store(dsn)
    yield opened
    opened.close()


def departures(profile: Profile) -> dict[str, str]:
    """Sentence by kind."""
    return {one.kind: one.sentence for one in profile.departures}


def test_habits_say_when_with_whom_and_how_much(store: Store) -> None:
    found = read_profile(store, who("clerk"), chain_id=CHAIN, day=USUAL)
    habits = found.habits
    assert habits.hours.shares[9] == 1
    assert str(habits.hours.rhythm) == "every day, like clockwork"
    assert habits.hours.rest is not None
    assert habits.hours.rest.share == 0
    assert {one.key for one in habits.counterparties} == {who("mint"), who("shop"), who("baker")}
    (given,) = [one for one in habits.amounts if one.direction == "out"]
    assert (given.payments, given.median) == (78, 53 * 10**16)
    assert found.names[who("shop")][0].category == "exchange"
    (coins,) = found.holdings
    kept = 140 * 10**18 - sum(2 * (50 + day % 7) * 10**16 for day in range(DAYS))
    assert abs(coins.amount - kept) < 10**6  # the world rounds its coins
    assert coins.last_changed.date() == USUAL
    assert departures(found) == {}


def test_a_day_unlike_the_others_is_told_with_its_transactions(store: Store) -> None:
    found = read_profile(store, who("clerk"), chain_id=CHAIN, day=HEIST)
    told = departures(found)
    assert set(told) == {"larger payment", "new receiver", "unusual hour", "busier", "emptied"}
    assert "19.4 ETH at once" in told["larger payment"]
    assert "largest 0.56 ETH" in told["larger payment"]
    assert "3:00 UTC" in told["unusual hour"]
    assert "35 moves" in told["busier"]
    paid = store.query(
        "SELECT concat('0x', lower(hex(transaction_hash))) AS paid FROM transfers WHERE to_address = unhex({to:String})",
        to=who("stranger").hex(),
    ).column("paid")
    (met,) = [one for one in found.departures if one.kind == "new receiver"]
    assert {found.hashes[place] for place in met.evidence} == set(paid.to_pylist())
    assert all(one.evidence for one in found.departures)


def test_holdings_are_what_is_left_by_worth_and_under_names_that_cannot_deceive(store: Store) -> None:
    found = read_profile(store, who("collector"), chain_id=CHAIN)
    held = [(str(found.tokens[one.token]), one.items) for one in found.holdings if one.standard != "native"]
    short = {name: f"0x{who(name).hex()[:4]}…{who(name).hex()[-4:]}" for name in ("FINE", "FAKE", "PICTURES")}
    assert held[:2] == [("CNT", 1), (f"FIN (unproven, {short['FINE']})", 1)]  # 200 USD before 2, though of fewer units
    assert set(held[2:]) == {(f"CNТ (imitates CNT, {short['FAKE']})", 1), (short["PICTURES"], 1)}
    # The paid call is its payment, not an act more.
    assert [(one.key, one.moves) for one in found.habits.counterparties if one.key == who("market")] == [
        (who("market"), 1)
    ]
    assert who("market") not in {one.key for one in found.habits.protocols}


def test_what_strangers_send_is_nobodys_habit(store: Store) -> None:
    """Thirty tokens of nothing came; they are moves, but no new counterparty, token or hour of the clerk's."""
    found = read_profile(store, who("clerk"), chain_id=CHAIN, day=HEIST)
    assert not any("SPAM" in one.sentence or who("spammer").hex() in one.sentence for one in found.departures)


def test_a_past_day_knows_nothing_of_later_ones(store: Store) -> None:
    found = read_profile(store, who("clerk"), chain_id=CHAIN, day=USUAL)
    assert found.last_seen.date() == USUAL
    assert found.days[-1][0] == USUAL
    assert who("stranger") not in {one.key for one in found.habits.counterparties}
    newest = read_profile(store, who("clerk"), chain_id=CHAIN)
    assert newest.day == HEIST + dt.timedelta(days=1)
    assert departures(newest) == {}
    assert newest.as_of_block > found.as_of_block


def test_who_was_never_seen_and_days_not_reached_are_said(store: Store) -> None:
    with pytest.raises(StoreEmpty, match="Check the address"):
        read_profile(store, who("nobody at all"), chain_id=CHAIN)
    with pytest.raises(StoreEmpty, match="up to block"):
        read_profile(store, who("stranger"), chain_id=CHAIN, day=USUAL)
    with pytest.raises(UsageError, match="Give --day"):
        read_profile(store, who("clerk"), chain_id=CHAIN, day=dt.date(2030, 1, 1))


def test_the_command_gives_one_document_which_makes_a_page(dsn: str) -> None:
    commands.register(["profile"])
    words = ["profile", "0x" + who("clerk").hex(), "--store", dsn, "--day", str(HEIST)]
    document = json.loads(CliRunner().invoke(app, words, catch_exceptions=False).stdout)
    assert document["departures"][0]["evidence"][0].startswith("0x")
    assert document["habits"]["hours"]["rhythm"]["is"] == "every day, like clockwork"
    assert document["holdings"][0]["units"] == pytest.approx(0.7, abs=0.01)
    assert document["holdings"][0]["name"] == "ETH"
    panels = profile_page(document, title="the clerk").to_dict()["vconcat"]
    assert panels[-1]["title"] == f"Where {HEIST} departs from its habit"
    with pytest.raises(BadAddress):
        CliRunner().invoke(app, ["profile", "0xnobody", "--store", dsn], catch_exceptions=False)
