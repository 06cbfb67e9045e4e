"""Stablecoins created and destroyed by day: from and to the zero address, and by the events that only Tether emits."""

from __future__ import annotations

from typing import Any

from sql.check import check
from sql.files import load
from sql.store import Store
from tests.fixtures.worlds import ZERO, World, who

ISSUE = bytes.fromhex("cb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a")
REDEEM = bytes.fromhex("702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44")
DESTROYED = bytes.fromhex("61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6")


def supply_after(store: Store, world: World, version: int) -> list[tuple[Any, ...]]:
    """Derive from the first block on, then (day, token, times minted, minted, times burnt, burnt, net), in order."""
    store.command(
        load("transforms/stablecoin_daily_supply"), chain_id=1, from_block=0, to_block=world.block, version=version,
        stablecoins=["0x" + who(token).hex() for token in ("USDC", "USDT")],
    )  # fmt: skip
    found = store.query(
        "SELECT toDayOfMonth(day) AS day, token_address, mint_count, toString(mint_amount) AS minted, burn_count,"
        " toString(burn_amount) AS burnt, toString(net_amount) AS net, as_of_block FROM stablecoin_daily_supply ORDER BY ALL"
    ).to_pylist()
    names = {who(token): token for token in ("USDC", "USDT")}
    return sorted((row["day"], names[row["token_address"]], *list(row.values())[2:]) for row in found)


def test_what_is_minted_and_burnt_counts_and_what_only_moves_or_is_no_stablecoin_does_not(store: Store) -> None:
    world = World(chain_id=1)

    def moved(giver: bytes, receiver: bytes, amount: int, token: str = "USDC") -> None:
        world.move(world.sign(giver, who(token)), giver, receiver, amount, token_address=who(token))

    def said(topic: bytes, *words: int, token: str = "USDT", beside: dict[str, Any] | None = None) -> None:
        place = beside or world.sign(who("owner"), who(token))
        data = b"".join(word.to_bytes(32, "big") for word in words)
        world.logs.append({**place, "log_index": 0, "address": who(token), "topics": [topic], "data": data})

    moved(ZERO, who("ann"), 500)
    moved(ZERO, who("bob"), 250)
    moved(who("ann"), ZERO, 100)
    moved(who("ann"), who("bob"), 70)
    moved(ZERO, ZERO, 9)
    moved(ZERO, who("ann"), 0)
    moved(ZERO, who("ann"), 2**230)
    moved(ZERO, who("ann"), 40, token="MEME")
    # A newer contract burns by a Transfer and says so twice; what it only says counts all the same.
    burns = world.sign(who("owner"), who("USDT"))
    world.move(burns, who("owner"), ZERO, 80, token_address=who("USDT"))
    said(REDEEM, 80, beside=burns)
    said(REDEEM, 5, beside={**burns, "transaction_index": 1})
    said(ISSUE, 1_000)
    said(ISSUE, 30, token="MEME")
    said(ISSUE, 30, 30)
    last_of_the_day = world.block
    world.wait(24)
    said(REDEEM, 600)
    said(DESTROYED, int.from_bytes(who("thief"), "big"), 45)
    world.pour(store)

    expected = [
        (1, "USDC", 2, "750", 1, "100", "650", 3),
        (1, "USDT", 1, "1000", 2, "85", "915", last_of_the_day - 2),
        (2, "USDT", 0, "0", 2, "645", "-645", world.block),
    ]
    assert supply_after(store, world, 1) == expected
    assert supply_after(store, world, 2) == expected
    assert [failure for failure in check(store, chain_id=1) if failure.name.startswith("stablecoin")] == []

    store.command(load("withdraw/stablecoin_daily_supply"), chain_id=1, first=world.block)
    store.command(load("withdraw/logs"), chain_id=1, first=world.block - 1, last=world.block)
    assert supply_after(store, world, 3) == expected[:2]
