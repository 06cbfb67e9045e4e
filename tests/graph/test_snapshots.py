"""The graph as it was at a block, of a stretch of blocks, without bait and dust."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from chainsight.errors import StoreEmpty, UnknownName, UsageError
from graph.snapshots import Snapshot, first_block_since, last_block_until, latest, take
from sql.derive import derive
from sql.store import Store
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import ETH, START, World, who

WORLD = 77


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two days: payments, a payment to oneself, dust and bait; an exchange; a token that 60 wallets got without asking.

    Another token they got four times without asking on the first day; on the second each signed for it.
    """
    world = World(chain_id=WORLD)
    world.pay("anna", "bert", 3)
    world.pay("anna", "anna", 1)
    world.send("bert", "carl", 50)
    gift = world.sign(who("thief"), who("AIR"), index=1)
    for number in range(240):
        world.move(gift, who("thief"), who(f"wallet {number % 60}"), 10**18, token_address=who("AIR"))
    world.wait(24)
    world.pay("bert", "anna", 1)
    world.pay("bert", "dora", 0.000001)
    world.send("anna", "fake", 0, signer="thief")
    world.pay("anna", "exchange", 2)
    world.label("exchange", "exchange")
    drop = world.sign(who("thief"), who("SPAM"))
    for number in range(60):
        world.move(drop, who("thief"), who(f"wallet {number}"), 10**18, token_address=who("SPAM"))
    world.move(drop, who("thief"), who("anna"), 2**255, token_address=who("SPAM"))
    for number in range(60):
        claim = world.sign(who(f"wallet {number}"), who("AIR"))
        world.move(claim, who("thief"), who(f"wallet {number}"), 10**18, token_address=who("AIR"))
    store = new_store(f"{tmp_path_factory.mktemp('snapshots')}/store")
    world.pour(store)
    derive(store, chain_id=WORLD)
    yield store
    store.close()


def named(store: Store, snapshot: Snapshot) -> dict[tuple[str, str], tuple[int, float]]:
    """Edges by the names of both ends: how many transfers, how many coins."""
    people = ("anna", "bert", "carl", "dora", "exchange", "fake", "thief", *(f"wallet {n}" for n in range(60)))
    names = {who(name): name for name in people}
    numbers = store.query(
        f"SELECT toInt64(address_id) AS id, address FROM addresses WHERE chain_id = {WORLD}"
    ).to_pylist()
    of = {row["id"]: names.get(row["address"], "?") for row in numbers}
    return {
        (of[edge["from_id"]], of[edge["to_id"]]): (
            edge["transfer_count"],
            int.from_bytes(edge["native_amount"], "little") / ETH,
        )
        for edge in snapshot.edges(store).to_pylist()
    }


def test_a_snapshot_leaves_out_dust_bait_and_spam_and_says_how_much_of_it_there_was(story: Store) -> None:
    graph = take(story, latest(story, WORLD))
    assert named(story, graph.snapshot) == {
        ("anna", "bert"): (1, 3.0), ("anna", "exchange"): (1, 2.0), ("bert", "anna"): (1, 1.0), ("bert", "carl"): (1, 0.0),
    }  # fmt: skip
    assert graph.transfers == {"edge": 4, "self_loop": 1, "dust": 1, "poisoning": 1, "doubtful": 1, "spam": 360}
    marked = {row["address"]: row for row in graph.marked.to_pylist()}
    assert [marked[who(name)]["is_service"] for name in ("exchange", "fake")] == [1, 0]
    assert marked[who("fake")]["is_bait"] == 1
    spam = story.query(
        "SELECT token_class, receiver_count, giver_count, unasked_share, spam_reasons FROM token_marks WHERE is_spam = 1"
        " ORDER BY unasked_share"
    ).to_pylist()
    dropped = {"token_class": "fungible", "receiver_count": 60, "giver_count": 1, "spam_reasons": ["dropped"]}
    assert spam == [dropped | {"unasked_share": pytest.approx(0.8)}, dropped | {"unasked_share": 1}]


def test_what_is_left_out_and_which_tokens_count_is_chosen(story: Store) -> None:
    head = latest(story, WORLD).as_of_block
    assert len(named(story, Snapshot(WORLD, head, leave_out=()))) == 4 + 2 + 60 + 1
    assert set(named(story, Snapshot(WORLD, head, token_class="native"))) == {
        ("anna", "bert"), ("anna", "exchange"), ("bert", "anna"),
    }  # fmt: skip
    without = Snapshot(WORLD, head, kinds=("native",), leave_out=("dust", "service"))
    assert set(named(story, without)) == {("anna", "bert"), ("bert", "anna")}


def test_a_snapshot_knows_nothing_later_and_nothing_earlier_than_its_stretch(story: Store) -> None:
    noon = START + dt.timedelta(hours=12)
    before = take(story, Snapshot(WORLD, last_block_until(story, WORLD, noon)))
    assert set(named(story, before.snapshot)) == {("anna", "bert"), ("bert", "carl")}
    assert before.transfers == {"edge": 2, "self_loop": 1, "spam": 240}
    assert max(before.edges.column("last_block").to_pylist()) == before.snapshot.as_of_block == 3
    after = Snapshot(WORLD, latest(story, WORLD).as_of_block - 1, since=first_block_since(story, WORLD, noon))
    # On the second day, without its last block, 59 wallets asked for a token that all of history calls dropped.
    claimed = {("thief", f"wallet {number}") for number in range(59)}
    assert set(named(story, after)) == {("bert", "anna"), ("anna", "exchange"), *claimed}


def test_what_cannot_be_asked_is_refused_with_a_hint(story: Store) -> None:
    with pytest.raises(UnknownName, match="stable"):
        Snapshot(WORLD, 5, token_class="stables")
    with pytest.raises(UnknownName, match="dust"):
        Snapshot(WORLD, 5, leave_out=("dusts",))
    with pytest.raises(UsageError, match="holds nothing"):
        Snapshot(WORLD, 5, since=6)
    with pytest.raises(UsageError, match="not known"):
        Snapshot(WORLD, 10**9).edges(story)
    with pytest.raises(StoreEmpty, match="2031"):
        first_block_since(story, WORLD, dt.datetime(2031, 1, 1, tzinfo=dt.UTC))
    assert Snapshot(WORLD, 1_000, since=900).edges(story).num_rows == 0
