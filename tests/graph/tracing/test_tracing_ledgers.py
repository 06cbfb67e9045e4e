"""What a trace reads of addresses: no withdrawn rows, nobody's hub made by strangers, no one's tokens lost by another."""

from __future__ import annotations

import pytest

from chainsight.errors import StoreEmpty, UsageError
from graph.tracing.ledgers import Ledgers
from graph.tracing.pages import Asset
from sql.store import Store
from tests.fixtures.traces import Play, ends, follow, mark_as_spam, withdraw
from tests.fixtures.worlds import ETH, World, who


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


def test_what_was_withdrawn_or_written_again_as_nothing_is_not_followed(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.label("exchange", "exchange")
        world.pay("thief", "mule", 5)
        world.pay("mule", "exchange", 3)
        world.pay("mule", "friend", 1)
        world.pay("mule", "shop", 1)

    chain = play(story)
    everybody = ("mule", "exchange", "friend", "shop")
    assert ends(follow(store, chain, "thief"), *everybody) == {
        ("exchange", "service"): 3, ("friend", "held"): 1, ("shop", "held"): 1
    }  # fmt: skip
    withdraw(store, chain, 2)
    for block, amount in ((3, 0), (4, 2**230)):
        store.command(
            "INSERT INTO address_transfers SELECT * REPLACE({amount:UInt256} AS amount, {amount:UInt256} >= bitShiftLeft("
            "toUInt256(1), 224) AS amount_overflow, version + 1 AS version) FROM address_transfers"
            " WHERE chain_id = {chain:UInt64} AND block_number = {block:UInt64}", chain=chain, block=block, amount=amount,
        )  # fmt: skip
    assert ends(follow(store, chain, "thief"), *everybody) == {("mule", "held"): 5}


def test_later_or_worthless_transfers_do_not_make_a_hub_of_what_was_none(store: Store, play: Play) -> None:
    def story(world: World) -> None:
        world.pay("thief", "mule", 5)
        world.pay("mule", "friend", 5)
        for _ in range(60):
            world.move(
                world.sign(who("spammer"), who("JUNK")), who("spammer"), who("mule"), 0, token_address=who("JUNK")
            )
        for _ in range(60):
            world.pay("stranger", "mule", 1)

    chain = play(story)
    for until in (2, 62):
        found = follow(store, chain, "thief", hub_cap=5, until_block=until)
        assert ends(found, "friend") == {("friend", "held"): 5}
    assert ends(follow(store, chain, "thief", hub_cap=5), "mule") == {("mule", "hub"): 5}


def test_spam_of_a_busy_address_is_left_out_there_alone_and_never_what_was_asked_about(
    store: Store, play: Play
) -> None:
    def story(world: World) -> None:
        world.send("issuer", "thief", 9, token="X")
        world.send("thief", "mule", 5, token="X")
        world.send("thief", "busy", 4, token="X")
        world.send("mule", "till", 5, token="X")
        for _ in range(3):
            world.send("spammer", "busy", 1, token="Y")
        world.send("busy", "till", 4, token="X")

    chain = play(story)
    for token in ("X", "Y"):
        mark_as_spam(store, chain, token)
    named = {who(name): name for name in ("till", "mule", "busy")}
    found = follow(store, chain, "thief", token="0x" + who("X").hex(), hub_cap=4).assets[0].trace.ends
    assert {(named[end.address], end.reason): parcel.amount for end, parcel in found.items()} == {
        ("till", "held"): 9 * 10**6
    }  # fmt: skip
    ledgers = Ledgers(store, chain_id=chain, until_block=99, hub_cap=4)
    ledgers.read(named)
    books = {named[address]: ledgers[address] and ledgers[address].book(Asset(who("X"), 0)) for address in named}
    assert {name: len(book) if book else 0 for name, book in books.items()} == {"till": 2, "mule": 2, "busy": 0}
