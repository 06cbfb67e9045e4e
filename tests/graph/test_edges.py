"""The two transforms behind the graph: numbers for addresses, transfers added up into edges."""

from __future__ import annotations

from sql.files import load
from sql.store import Store
from sql.transform import in_order
from tests.fixtures.worlds import ETH, ZERO, World, who

CHAIN = 5


def derive(store: Store, to_block: int, version: int) -> None:
    for statement in in_order([load("transforms/address_edges"), load("transforms/addresses")]):
        store.command(statement, chain_id=CHAIN, to_block=to_block, version=version)


def numbers(store: Store) -> dict[bytes, int]:
    found = store.query("SELECT address, address_id FROM addresses WHERE chain_id = 5")
    return dict(zip(found.column("address").to_pylist(), found.column("address_id").to_pylist(), strict=True))


def edges(store: Store, columns: str) -> list[tuple]:
    found = store.query(f"SELECT {columns} FROM address_edges WHERE chain_id = 5 ORDER BY from_id, to_id")
    return list(zip(*found.to_pydict().values(), strict=True))


def test_an_address_keeps_its_number_and_new_ones_get_the_next(store):
    world = World(CHAIN)
    world.pay("ann", "bob", 1)
    world.pay("bob", "cid", 1)
    world.pay("cid", "dan", 1)
    world.pour(store)
    derive(store, to_block=2, version=1)
    early = numbers(store)
    assert sorted(early.values()) == [0, 1, 2]
    assert early[who("cid")] == 2  # by first block, ann and bob by their bytes
    derive(store, to_block=3, version=2)
    assert numbers(store) == early | {who("dan"): 3}
    derive(store, to_block=3, version=3)
    assert numbers(store) == early | {who("dan"): 3}
    assert store.query("SELECT max(version) AS v FROM addresses").to_pylist() == [{"v": 2}]


def test_transfers_of_a_pair_are_one_edge_and_fees_and_mints_are_none(store):
    world = World(CHAIN)
    world.pay("ann", "bob", 1.5)
    world.pay("ann", "bob", 2)
    world.send("ann", "bob", 7, token="USDT")
    world.send("ann", "bob", 7, token="DAI")
    world.pay("bob", "bob", 1)
    place = world.sign(who("ann"), who("bob"))
    world.move(place, who("ann"), who("miner"), 21_000, kind="fee")
    world.move(place, ZERO, who("ann"), 10**6, token_address=who("USDT"))
    world.pour(store)
    derive(store, to_block=world.block, version=1)
    figures = "from_id, to_id, transfer_count, toString(native_amount), token_transfer_count, token_count"
    once = edges(store, figures)
    ids = numbers(store)
    ann, bob = ids[who("ann")], ids[who("bob")]
    assert who("miner") in ids
    assert ZERO not in ids
    assert sorted(once) == sorted([(ann, bob, 4, str(35 * ETH // 10), 2, 2), (bob, bob, 1, str(ETH), 0, 0)])
    derive(store, to_block=world.block, version=2)
    assert edges(store, figures) == once


def test_an_edge_whose_transfers_were_withdrawn_is_withdrawn(store):
    world = World(CHAIN)
    world.pay("ann", "bob", 1)
    world.pay("bob", "cid", 1)
    world.pour(store)
    derive(store, to_block=2, version=1)
    assert len(edges(store, "from_id, to_id")) == 2
    store.command(
        "INSERT INTO transfers SELECT * REPLACE (2 AS version, 1 AS is_deleted) FROM transfers WHERE block_number = 2"
    )
    derive(store, to_block=2, version=2)
    assert edges(store, "first_block, last_block, transfer_count") == [(1, 1, 1)]
