"""One small world per detector: what it must report, and a near miss that it must not."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest

from chainsight.errors import StoreEmpty, UnknownName
from graph.typologies import DETECTORS, detector, find_typologies
from sql.migrate import migrate
from sql.store import Store, open_store

ETH = 10**18
ZERO = bytes(20)
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
APPROVAL = bytes.fromhex("8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925")


def who(name: str) -> bytes:
    """A stable address for a name."""
    return hashlib.sha256(name.encode()).digest()[:20]


@dataclass
class World:
    """Transactions, transfers and logs of a small chain of its own, one block per transaction, 12 seconds apart."""

    chain_id: int
    block: int = 0
    transactions: list[dict[str, Any]] = field(default_factory=list)
    transfers: list[dict[str, Any]] = field(default_factory=list)
    logs: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)

    def sign(self, sender: bytes, to: bytes, *, method: bytes = b"", gas: int = 21_000) -> dict[str, Any]:
        """One transaction in a block of its own; returns what its transfers and logs have in common."""
        self.block += 1
        place = {
            "chain_id": self.chain_id,
            "block_number": self.block,
            "block_timestamp": START + dt.timedelta(seconds=12 * self.block),
            "transaction_index": 0,
            "transaction_hash": hashlib.sha256(str(self.block).encode()).digest(),
        }
        self.transactions.append(
            {
                **place, "from_address": sender, "to_address": to, "success": 1, "gas_used": gas,
                "method_id": method, "input_length": len(method),
            }
        )  # fmt: skip
        return place

    def move(self, place: dict[str, Any], giver: bytes, receiver: bytes, amount: int, **more: Any) -> None:
        """One transfer inside a transaction."""
        self.transfers.append(
            {
                **place, "kind": "erc20" if "token_address" in more else "native", "position": len(self.transfers),
                "from_address": giver, "to_address": receiver, "token_address": ZERO, "token_id": 0, "amount": amount, **more,
            }
        )  # fmt: skip

    def pay(self, giver: str, receiver: str, coins: float) -> None:
        """A plain payment of coins."""
        self.move(self.sign(who(giver), who(receiver)), who(giver), who(receiver), round(coins * ETH))

    def send(
        self, giver: str, receiver: str, units: float, token: str = "USDT", *, signer: str = ""
    ) -> dict[str, Any]:
        """A token payment; `signer` is another when the token moves by transferFrom."""
        place = self.sign(who(signer or giver), who(token), method=b"\xa9\x05\x9c\xbb", gas=60_000)
        self.move(place, who(giver), who(receiver), round(units * 10**6), token_address=who(token))
        return place

    def approve(self, owner: str, spender: str, token: str = "USDT") -> None:
        """An ERC-20 approval as its log."""
        place = self.sign(who(owner), who(token), method=b"\x09\x5e\xa7\xb3", gas=46_000)
        topics = [APPROVAL, bytes(12) + who(owner), bytes(12) + who(spender)]
        self.logs.append(
            {**place, "log_index": 0, "address": who(token), "topics": topics, "data": b"\xff" * 32}
        )

    def label(self, name: str, category: str) -> None:
        """What a source says of an address."""
        self.labels.append(
            {"chain": "", "address": who(name), "category": category, "label": name, "source": "test"}
        )

    def wait(self, hours: float) -> None:
        """Let time pass."""
        self.block += round(hours * 300)

    def pour(self, store: Store) -> None:
        """Into the store, with its watermark."""
        for name, rows in (
            ("transactions", self.transactions), ("transfers", self.transfers), ("logs", self.logs),
            ("labels", self.labels), ("tokens", self.tokens),
        ):  # fmt: skip
            store.insert(name, _arrow(name, rows))
        audit = {
            "chain_id": self.chain_id,
            "from_block": 0,
            "to_block": self.block,
            "source": "test",
            "finality": "finalized",
        }
        store.insert("ingest_audit", _arrow("ingest_audit", [audit]))


_FIXED = {"address": 20, "from_address": 20, "to_address": 20, "token_address": 20, "transaction_hash": 32}
_WIDE = {"amount", "token_id"}


def _arrow(table: str, rows: list[dict[str, Any]]) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for name in rows[0] if rows else []:
        values = [row[name] for row in rows]
        if name in _WIDE:
            columns[name] = pa.array([value.to_bytes(32, "little") for value in values], pa.binary(32))
        elif name == "topics":
            columns[name] = pa.array(values, pa.list_(pa.binary(32)))
        elif name in _FIXED and table != "labels":
            columns[name] = pa.array(values, pa.binary(_FIXED[name]))
        elif name.endswith("timestamp"):
            columns[name] = pa.array(values, pa.timestamp("s", "UTC"))
        else:
            columns[name] = pa.array(values)
    if rows:
        columns["version"] = pa.array([1] * len(rows), pa.uint64())
        if table == "labels":
            columns["known_from"] = pa.array([START] * len(rows), pa.timestamp("ms", "UTC"))
    return pa.table(columns)


# --- the worlds: each function plays the pattern and its near miss -------------------------------------------------


def deposit_address(world: World) -> None:
    world.label("hot", "hot_wallet")
    for day in range(3):
        world.pay(f"customer {day}", "deposit", 2)
        world.pay("deposit", "hot", 1.98)
        world.pay(f"customer {day}", "saver", 2)
    world.pay("saver", "hot", 0.5)  # near miss: keeps most of it
    world.pay("saver", "hot", 0.5)


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
    for number in range(6):
        world.wait(30 * 24)
        world.send("tenant", "landlord", 9_500)  # near miss: once a month


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
    for number in range(12):
        world.pay(f"payer {number}", "gatherer", 1)
        world.pay(f"fan {number}", "artist", 1)
    world.pay("gatherer", "beyond", 11.9)
    world.pay("artist", "rent", 2)  # near miss: keeps the rest


def fan_out(world: World) -> None:
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


EXPECTED: dict[Callable[[World], None], dict[str, set[str]]] = {
    deposit_address: {"deposit": {"deposit"}},
    drainer: {"actor": {"thief"}, "collector": {"stash"}, "victim": {f"owner {n}" for n in range(4)}},
    mixer_use: {"depositor": {"hider"}, "recipient": {"ghost"}},
    structuring: {"collector": {"boss"}, "actor": {"smurf 0", "smurf 1"}},
    peel_chain: {"actor": {"peel 0"}, "hop": {f"peel {n}" for n in range(1, 6)}},
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
    address_poisoning: {"actor": {"poisoner"}, "lookalike": {"copy"}, "victim": {"careful"}},
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
        "SELECT address, CAST(typology AS String) AS typology, CAST(role AS String) AS role, strength, sentence, evidence"
        " FROM typology_findings WHERE chain_id = {chain_id:UInt64} ORDER BY typology, role, address",
        chain_id=chain_id,
    ).to_pylist()


def named(role: str, names: set[str]) -> set[tuple[str, bytes]]:
    """Role and address of each name; the look-alike is the one built from two."""
    copy = who("friend")[:2] + who("copy")[2:18] + who("friend")[18:]
    return {(role, copy if name == "copy" else who(name)) for name in names}


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


def test_every_detector_has_a_world_here() -> None:
    assert {play.__name__ for play in EXPECTED} == {entry.name for entry in DETECTORS}


def test_a_second_run_changes_nothing_and_a_finding_that_no_longer_holds_is_withdrawn(worlds: Any) -> None:
    store, _ = worlds
    world = World(chain_id=2_000)
    scatter_gather(world)
    world.pour(store)
    find_typologies(store, chain_id=2_000)
    first = findings(store, 2_000)

    again = find_typologies(store, chain_id=2_000)
    assert (findings(store, 2_000), again.withdrawn) == (first, 0)

    store.command(
        "INSERT INTO transfers (chain_id, block_number, transaction_index, kind, position, batch_index, version, is_deleted)"
        " SELECT chain_id, block_number, transaction_index, kind, position, batch_index, 2, 1 FROM transfers WHERE chain_id = 2000"
    )
    gone = find_typologies(store, chain_id=2_000)
    assert first
    assert findings(store, 2_000) == []
    assert gone.withdrawn == len(first)


def test_nothing_after_the_watermark_is_seen(worlds: Any) -> None:
    store, _ = worlds
    world = World(chain_id=2_001)
    scatter_gather(world)
    world.block = 9  # the batch was committed only up to here
    world.pour(store)

    assert find_typologies(store, chain_id=2_001).findings["scatter_gather"] == 0


def test_an_empty_chain_is_named_and_an_unknown_detector_gets_near_ones(worlds: Any) -> None:
    store, _ = worlds
    with pytest.raises(StoreEmpty, match="chain 77"):
        find_typologies(store, chain_id=77)
    with pytest.raises(UnknownName, match="peel_chain"):
        detector("peelchain")
