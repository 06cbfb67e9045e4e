"""Stories of crime put into the tables of real accounts: who plays, when, and how it is varied so as not to be seen.

A story is a list of transactions (`Step`) with the addresses a detector must name. Its wallets are new; whoever pays them or is
paid by them at the edges is a real address without a label. Times are those of real blocks. Variants change every payment
that may vary: `split` sends it in three parts five minutes apart, `delay` makes everything take four times as long, `hop` sends
it over a wallet made for it, ten minutes later. `dust` leaves the story as it is: a month before, a stranger sends every wallet
to be named a trifle of each token that it will get.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from sql.store import Store

VARIANTS = ("plain", "split", "delay", "hop", "dust")
COIN = bytes(20)
STABLE = bytes.fromhex("a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48")
"""USDC on Ethereum."""
HOUR = 3_600.0
_APPROVAL = bytes.fromhex("8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925")
_PARTS, _PART_SECONDS, _HOP_SECONDS, _HOP_FEE, _DELAY = 3, 300.0, 600.0, 1e-7, 4.0
_DUST_SECONDS, _DUST = 30 * 86_400.0, 10**8
_FUNGIBLE = ("native", "erc20")
_ADDRESSES = ("address", "from_address", "to_address", "token_address", "pool", "trader", "sender", "recipient")
_WIDE = ("amount", "amount_in", "amount_out", "token_id", "value")
_FIRST_INDEX = 10_000  # beyond those of real blocks


@dataclass(frozen=True)
class Move:
    """One transfer, in smallest units."""

    giver: bytes
    receiver: bytes
    amount: int
    token: bytes = COIN
    kind: str = "native"
    token_id: int = 0


@dataclass(frozen=True)
class Swap:
    """One trade in a pool."""

    pool: bytes
    sender: bytes
    token_in: bytes
    amount_in: int
    token_out: bytes
    amount_out: int


@dataclass(frozen=True)
class Step:
    """One transaction, `at` seconds after the beginning of its story."""

    at: float
    signer: bytes
    to: bytes
    moves: tuple[Move, ...] = ()
    method: bytes = b""
    gas: int = 21_000
    approves: tuple[bytes, bytes, bytes] | None = None
    """Owner, spender and token of an approval."""
    swap: Swap | None = None
    may_vary: bool = False


@dataclass(frozen=True)
class Story:
    """What happened, and whom a detector must name for it."""

    steps: Sequence[Step]
    right: frozenset[bytes]


@dataclass(frozen=True)
class Injected:
    """What was put in: the addresses to be found, by detector and variant, and every wallet that was made."""

    right: dict[tuple[str, str], frozenset[bytes]]
    made: frozenset[bytes]


@dataclass
class Cast:
    """Who may play: new wallets, real ones for the edges, and a few labelled places."""

    rng: np.random.Generator
    real: list[bytes]
    labels: dict[tuple[str, int], bytes] = field(default_factory=dict)
    """Category and number to the address that carries such a label."""
    made: set[bytes] = field(default_factory=set)

    def new(self) -> bytes:
        """A wallet that did not exist."""
        address = self.rng.bytes(20)
        self.made.add(address)
        return address

    def some_new(self, least: int, most: int) -> list[bytes]:
        """From `least` to `most` new wallets."""
        return [self.new() for _ in range(int(self.rng.integers(least, most + 1)))]

    def somebody(self) -> bytes:
        """A real address without a label."""
        return self.real[int(self.rng.integers(len(self.real)))]

    def people(self, least: int, most: int) -> list[bytes]:
        """From `least` to `most` real addresses."""
        picked = self.rng.choice(len(self.real), size=int(self.rng.integers(least, most + 1)), replace=False)
        return [self.real[int(place)] for place in picked]

    def place(self, category: str, number: int = 0) -> bytes:
        """The address labelled so, the same for all stories."""
        return self.labels.setdefault((category, number), self.rng.bytes(20))

    def about(self, units: float, spread: float = 0.3) -> float:
        """A number near another."""
        return float(units * self.rng.uniform(1 - spread, 1 + spread))


def pay(hours: float, giver: bytes, receiver: bytes, units: float, token: bytes = COIN, *, fixed: bool = False) -> Step:
    """A payment of coins, or of a token with 6 decimals, in whole units; `fixed` where it may not be varied."""
    if token == COIN:
        return Step(hours * HOUR, giver, receiver, (Move(giver, receiver, round(units * 10**18)),), may_vary=not fixed)
    move = Move(giver, receiver, round(units * 10**6), token, "erc20")
    return Step(hours * HOUR, giver, token, (move,), b"\xa9\x05\x9c\xbb", 60_000, may_vary=not fixed)


def varied(story: Story, variant: str, cast: Cast) -> Story:
    """The same story, told so that it is harder to see."""
    if variant == "delay":
        return replace(story, steps=[replace(step, at=step.at * _DELAY) for step in story.steps])
    if variant == "dust":
        return replace(story, steps=_after_dust(story, cast))
    change = {"plain": lambda step: [step], "split": _split, "hop": lambda step: _over_a_hop(step, cast)}[variant]
    return replace(story, steps=[new for step in story.steps for new in (change(step) if step.may_vary else [step])])


def _split(step: Step) -> list[Step]:
    (move,) = step.moves
    sizes = [move.amount // _PARTS] * (_PARTS - 1)
    sizes.append(move.amount - sum(sizes))
    return [
        replace(step, at=step.at + _PART_SECONDS * place, moves=(replace(move, amount=size),))
        for place, size in enumerate(sizes)
    ]


def _over_a_hop(step: Step, cast: Cast) -> list[Step]:
    (move,) = step.moves
    hop = cast.new()
    left = move.amount - int(move.amount * _HOP_FEE)
    first = replace(step, to=hop if step.to == move.receiver else step.to, moves=(replace(move, receiver=hop),))
    second = replace(step, at=step.at + _HOP_SECONDS, signer=hop, moves=(replace(move, giver=hop, amount=left),))
    return [first, second]


def _after_dust(story: Story, cast: Cast) -> list[Step]:
    """The steps a month later; first, to each wallet to be named, a hundred-millionth of the largest sum of each token."""
    largest: dict[tuple[bytes, bytes, str], int] = {}
    for move in (move for step in story.steps for move in step.moves):
        if move.receiver in story.right and move.kind in _FUNGIBLE and move.amount:
            key = (move.receiver, move.token, move.kind)
            largest[key] = max(largest.get(key, 0), move.amount)
    dust = []
    for (wallet, token, kind), amount in largest.items():
        move = Move(cast.somebody(), wallet, max(1, amount // _DUST), token, kind)
        gas = 21_000 if kind == "native" else 60_000
        dust.append(Step(0, move.giver, wallet if kind == "native" else token, (move,), gas=gas))
    return [*dust, *(replace(step, at=step.at + _DUST_SECONDS) for step in story.steps)]


def pour(store: Store, chain_id: int, stories: Iterable[Story], cast: Cast) -> None:
    """Write stories into the raw and decoded tables of a chain, each at a random time of its history."""
    clock = store.query(
        "SELECT toUnixTimestamp(block_timestamp) AS at, max(block_number) AS block FROM transactions"
        " WHERE chain_id = {chain_id:UInt64} GROUP BY at ORDER BY at",
        chain_id=chain_id,
    )
    times, blocks = clock["at"].to_numpy().astype(float), np.maximum.accumulate(clock["block"].to_numpy())
    rows: dict[str, list[dict[str, Any]]] = {"transactions": [], "transfers": [], "logs": [], "dex_swaps": []}
    index = _FIRST_INDEX
    for story in stories:
        steps = sorted(story.steps, key=lambda step: step.at)
        lowest, highest = times[len(times) // 20], times[-1] - steps[-1].at - HOUR
        start = cast.rng.uniform(min(lowest, highest), highest)
        for step in steps:
            index += 1
            known = int(np.searchsorted(times, start + step.at))
            block = {"block_number": int(blocks[known]), "block_timestamp": int(times[known])}
            hashed = cast.rng.bytes(32)
            _write(rows, {"chain_id": chain_id, **block, "transaction_index": index, "transaction_hash": hashed}, step)
    rows["labels"] = [
        {"chain": "", "address": address, "category": category, "label": category, "source": "bench"}
        for (category, _), address in cast.labels.items()
    ]
    stable = {"chain_id": chain_id, "token_address": STABLE, "symbol": "USDC", "decimals": 6, "source": "bench"}
    rows["tokens"] = [stable]
    for table, found in rows.items():
        if found:
            store.insert(table, _arrow(table, found))


def _write(rows: dict[str, list[dict[str, Any]]], place: dict[str, Any], step: Step) -> None:
    rows["transactions"].append(
        {
            **place, "from_address": step.signer, "to_address": step.to, "success": 1, "gas_used": step.gas,
            "method_id": step.method, "input_length": len(step.method),
        }
    )  # fmt: skip
    for number, move in enumerate(step.moves):
        rows["transfers"].append(
            {
                **place, "kind": move.kind, "position": number, "from_address": move.giver, "to_address": move.receiver,
                "token_address": move.token, "token_id": move.token_id, "amount": move.amount,
            }
        )  # fmt: skip
    if step.approves is not None:
        owner, spender, token = step.approves
        topics = [_APPROVAL, bytes(12) + owner, bytes(12) + spender]
        index = place["transaction_index"]
        rows["logs"].append({**place, "log_index": index, "address": token, "topics": topics, "data": b"\xff" * 32})
    if step.swap is not None:
        swap = step.swap
        rows["dex_swaps"].append(
            {
                **place, "log_index": place["transaction_index"], "pool": swap.pool, "form": "uniswap_v2", "trader": step.signer,
                "sender": swap.sender, "recipient": step.signer, "token_in": swap.token_in, "amount_in": swap.amount_in,
                "token_out": swap.token_out, "amount_out": swap.amount_out, "in_is_token0": int(swap.token_in == STABLE),
                "numeraire": STABLE,
            }
        )  # fmt: skip


def _arrow(table: str, rows: list[dict[str, Any]]) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name in _WIDE:
            columns[name] = pa.array([value.to_bytes(32, "little") for value in values], pa.binary(32))
        elif name == "topics":
            columns[name] = pa.array(values, pa.list_(pa.binary(32)))
        elif name == "transaction_hash":
            columns[name] = pa.array(values, pa.binary(32))
        elif name == "block_timestamp":
            columns[name] = pa.array(values, pa.timestamp("s", "UTC"))
        elif (
            name in _ADDRESSES or name.startswith(("token_in", "token_out")) or name == "numeraire"
        ) and table != "labels":
            columns[name] = pa.array(values, pa.binary(20))
        else:
            columns[name] = pa.array(values)
    columns["version"] = pa.array([1] * len(rows), pa.uint64())
    if table == "labels":
        columns["known_from"] = pa.array([0] * len(rows), pa.timestamp("ms", "UTC"))
    return pa.table(columns)
