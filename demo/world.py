"""The stage: a clock, an agenda of what everybody will do, and the node on which it becomes blocks.

A story is a generator. It sends transactions through the world and yields the seconds it waits until it goes on; what
it sent is on the chain when it wakes again.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import rlp
from eth_utils.crypto import keccak

from demo.actors import Actor, Cast, Label, Truth
from demo.artifacts import Artifact, artifact
from demo.node import CHAIN_ID, Node
from demo.statistics import Statistics

Story = Iterator[float]
ETHER = 10**18
GWEI = 10**9
HOUR = 3600.0
DAY = 86400.0
_MINERS = tuple("0x" + keccak(b"miner %d" % k)[:20].hex() for k in range(5))
_DEFAULT_GAS = 220_000
_GAS = {
    "transfer": 65_000,
    "approve": 52_000,
    "setApprovalForAll": 52_000,
    "deposit": 95_000,
    "invest": 260_000,
    "create": 2_400_000,
    "disperseEther": 3_300_000,
    "disperseToken": 3_300_000,
    "swapExactETHForTokens": 290_000,
    "swapExactTokensForETH": 270_000,
    "swapExactTokensForTokens": 270_000,
    "run": 330_000,
    "buyPack": 700_000,
    "safeBatchTransferFrom": 700_000,
}


@dataclass(frozen=True)
class Contract:
    """A deployed contract and how to speak to it."""

    address: str
    artifact: Artifact


@dataclass(frozen=True)
class Scale:
    """How long and how large the story is."""

    blocks: int = 2000
    days: float = 30.0
    size: float = 1.0
    """Multiplies the number of people and of instances of each story."""
    start: int = 1_690_000_000

    def count(self, full: int, *, least: int = 1) -> int:
        """`full` at size 1, never fewer than `least`."""
        return max(least, round(full * self.size))


@dataclass
class World:
    """What stories see of the chain, and what they do to it."""

    node: Node
    seed: int
    scale: Scale
    statistics: Statistics = field(default_factory=Statistics)

    def __post_init__(self) -> None:
        self.cast = Cast(self.seed)
        self.dice = Random(f"{self.seed}/world")
        self.now = float(self.scale.start)
        self.end = self.scale.start + self.scale.days * DAY
        self.span = self.scale.days * DAY
        self.number = 0
        self.base_fee = self._draw_base_fee(0.5)
        self.coins: dict[str, Contract] = {}
        self._agenda: list[tuple[float, int, Story]] = []
        self._order = itertools.count()
        self._outgoing: dict[str, int] = {}
        self._pending: list[str] = []
        self._genesis: list[tuple[str, list[Any]]] = []
        self._mood = 0.5
        self._delegated: set[str] = set()

    # -- people --------------------------------------------------------------------------------------------------

    def join(
        self, name: str, truth: Truth, *, label: Label | None = None, ether: float = 0.0, aged: bool = False
    ) -> Actor:
        """A new actor, with what it owned before the story began (`ether`) and, if `aged`, a past (a nonce above 0)."""
        past = Random(f"{self.seed}/past/{name}")
        nonce = int(past.lognormvariate(3.0, 1.3)) if aged else 0
        actor = self.cast.add(name, truth, label=label, nonce=nonce)
        if ether:
            wei = int(ether * ETHER) + past.randrange(10**12)
            self._genesis.append(("anvil_setBalance", [actor.address, hex(wei)]))
        if nonce:
            self._genesis.append(("anvil_setNonce", [actor.address, hex(nonce)]))
        return actor

    def mark(self, actor: Actor, story: str, typology: str, part: str) -> None:
        """Note in the truth what befell a blameless actor; the first thing stands."""
        if not actor.truth.typology:
            actor.truth = replace(actor.truth, story=story, typology=typology, part=part)

    def endow(self) -> None:
        """Give those who joined what they owned before, once."""
        requests, self._genesis = self._genesis, []
        self.node.batch(requests)

    def dice_of(self, story: str) -> Random:
        """Dice of a story's own, so that one story's throws do not change another's."""
        return Random(f"{self.seed}/story/{story}")

    # -- time ----------------------------------------------------------------------------------------------------

    def begin(self, story: Story, *, after: float = 0.0) -> None:
        """Put a story on the agenda, `after` seconds from now."""
        heapq.heappush(self._agenda, (self.now + after, next(self._order), story))

    def pause(self, actor: Actor, mean: float) -> float:
        """Seconds until somebody acts again: exponential around `mean`, seldom in their night."""
        wait = actor.dice.expovariate(1.0 / mean)
        while ((self.now + wait) / HOUR + actor.utc_offset) % 24 < 7 and actor.dice.random() < 0.8:
            wait += actor.dice.uniform(1, 5) * HOUR
        return wait

    # -- reading the chain ---------------------------------------------------------------------------------------

    def balance(self, address: str) -> int:
        """Wei at the last block, less what was sent since."""
        if self._genesis:
            self.endow()
        held = int(self.node.call("eth_getBalance", address, "latest"), 16)
        return held - self._outgoing.get(address, 0)

    def read(self, contract: Contract, function: str, *arguments: Any) -> int:
        """An integer that a contract's view returns at the last block."""
        data = "0x" + contract.artifact.call(function, *arguments).hex()
        answer = self.node.call("eth_call", {"to": contract.address, "data": data}, "latest")
        return int(answer, 16) if len(answer) > 2 else 0

    def holding(self, token: Contract, actor: Actor) -> int:
        """Tokens `actor` holds at the last block."""
        return self.read(token, "balanceOf", actor.address)

    # -- writing to the chain --------------------------------------------------------------------------------------

    def send(
        self,
        sender: Actor,
        to: str | None,
        wei: int,
        *,
        data: bytes = b"",
        gas: int = 21_000,
        fees: dict[str, Any] | None = None,
    ) -> bool:
        """Sign and submit one transaction; False, and nothing sent, if the sender cannot afford it."""
        fields = dict(fees or self._fees(sender))
        if to in self._delegated and not data:
            gas = max(gas, 60_000)  # wallets see that the receiver's account runs code
        price = fields.get("gasPrice") or fields["maxFeePerGas"]
        cost = wei + gas * price
        if cost > self.balance(sender.address):
            return False
        fields.update(nonce=sender.nonce, value=wei, gas=gas, chainId=CHAIN_ID, data=data)
        if to is not None:
            fields["to"] = bytes.fromhex(to[2:])
        raw = sender.account.sign_transaction(fields).raw_transaction
        self._pending.append("0x" + raw.hex())
        sender.nonce += 1
        self._outgoing[sender.address] = self._outgoing.get(sender.address, 0) + cost
        return True

    def pay(self, sender: Actor, to: str, ether: float) -> bool:
        """Send native coin, as a person writes an amount."""
        habit = sender.dice.choices((21_000, 21_000, 23_300, 53_000), (6, 2, 1, 0.3))[0]
        return self.send(sender, to, int(ether * ETHER), gas=habit)

    def sweep(self, sender: Actor, to: str, *, keep: float = 0.0) -> int:
        """Send all native coin but the exact fee and `keep` ether; the wei sent, 0 if there was not enough."""
        tip = int(self.statistics.draw("tip_gwei", sender.dice, within=(0.0, 0.8)) * GWEI)
        price = self.base_fee + max(1, tip)
        wei = self.balance(sender.address) - price * 21_000 - int(keep * ETHER)
        fees = (
            {"gasPrice": price} if sender.legacy else {"type": 2, "maxFeePerGas": price, "maxPriorityFeePerGas": price}
        )
        return wei if wei > 0 and self.send(sender, to, wei, fees=fees) else 0

    def act(
        self,
        sender: Actor,
        contract: Contract,
        function: str,
        *arguments: Any,
        ether: float = 0.0,
        wei: int = 0,
    ) -> bool:
        """Call a contract with a gas limit as wallets estimate it; careless senders sometimes give too little."""
        data = contract.artifact.call(function, *arguments)
        need = _GAS.get(function, _DEFAULT_GAS)
        gas = int(need * min(1.6, self.statistics.draw("gas_limit_over_used", sender.dice, within=(0.1, 0.8))))
        if sender.dice.random() < sender.careless:
            gas = max(int(need * sender.dice.uniform(0.35, 0.6)), 23_000 + 16 * len(data))
        return self.send(sender, contract.address, wei or int(ether * ETHER), data=data, gas=gas)

    def give(self, sender: Actor, token: Contract, to: str, amount: int) -> bool:
        """Transfer tokens."""
        return self.act(sender, token, "transfer", to, amount)

    def delegate(self, sender: Actor, code: Contract, data: bytes) -> bool:
        """Let the sender's own account run `code` (EIP-7702, type 4) and call it with `data` in the same transaction."""
        permit = {"chainId": CHAIN_ID, "address": bytes.fromhex(code.address[2:]), "nonce": sender.nonce + 1}
        tip = int(self.statistics.draw("tip_gwei", sender.dice, within=(0.1, 0.8)) * GWEI)
        fees = {
            "type": 4,
            "maxFeePerGas": int(self.base_fee * 1.4) + tip,
            "maxPriorityFeePerGas": tip,
            "authorizationList": [sender.account.sign_authorization(permit)],
        }
        sent = self.send(sender, sender.address, 0, data=data, gas=400_000, fees=fees)
        self._delegated.add(sender.address)
        sender.nonce += int(sent)  # the authorisation uses one nonce more
        return sent

    def deploy(
        self,
        sender: Actor,
        name: str,
        *arguments: Any,
        truth: Truth,
        label: Label | None = None,
        ether: float = 0.0,
    ) -> Contract:
        """Create a contract; its address is known at once, its code from the next block on."""
        made = artifact(name)
        address = keccak(rlp.encode([bytes.fromhex(sender.address[2:]), sender.nonce]))[12:]
        data = made.creation(*arguments)
        gas = 250_000 + 260 * len(data)
        sent = self.send(sender, None, int(ether * ETHER), data=data, gas=gas)
        if not sent:
            raise ValueError(f"{sender.name} cannot pay for creating {name}; give it more ether at the start")
        contract = Contract("0x" + address.hex(), made)
        self.cast.place(contract.address, truth, label=label)
        return contract

    def _fees(self, sender: Actor) -> dict[str, Any]:
        tip = max(1, int(self.statistics.draw("tip_gwei", sender.dice, within=(0.0, 0.9)) * GWEI))
        if sender.legacy:
            return {"gasPrice": self.base_fee + tip}
        if sender.dice.random() < 0.006:
            return {"type": 1, "gasPrice": self.base_fee + tip, "accessList": []}
        cap = self.statistics.draw("fee_cap_over_base_fee", sender.dice, within=(0.05, 0.9))
        return {"type": 2, "maxFeePerGas": int(self.base_fee * cap) + tip, "maxPriorityFeePerGas": tip}

    # -- blocks ----------------------------------------------------------------------------------------------------

    def play(self, on_block: Callable[[int, int], None]) -> None:
        """Mine all blocks of the story; `on_block(number, transactions sent)` after each."""
        per_slot = self.span / self.scale.blocks / 12.5
        self.endow()
        for _ in range(self.scale.blocks):
            self._open_block(per_slot)
            self._let_people_act()
            self._mine()
            on_block(self.number, len(self._pending))
            self._pending.clear()
            self._outgoing.clear()

    def _open_block(self, per_slot: float) -> None:
        seconds = int(self.statistics.pick("block_seconds", self.dice))
        self.now += max(1, round(seconds * per_slot * self.dice.uniform(0.8, 1.2)))
        rhythm = 0.12 * math.sin(self.now / DAY * 2 * math.pi)
        self._mood += 0.06 * (0.5 + rhythm - self._mood) + self.dice.gauss(0, 0.03)
        self.base_fee = self._draw_base_fee(min(1.0, max(0.0, self._mood)))

    def _draw_base_fee(self, place: float) -> int:
        gwei = self.statistics.draw("base_fee_gwei", Random(0), within=(place, place))
        return int(gwei * GWEI) + self.dice.randrange(10**7)

    def _let_people_act(self) -> None:
        room = 14 * self.statistics.draw("transactions_per_block_over_mean", self.dice)
        while self._agenda and self._agenda[0][0] <= self.now and len(self._pending) < room:
            due, _, story = heapq.heappop(self._agenda)
            wait = next(story, None)
            if wait is not None:
                heapq.heappush(self._agenda, (max(due, self.now - HOUR) + wait, next(self._order), story))

    def _mine(self) -> None:
        miner = self.dice.choices(_MINERS, (7, 4, 3, 2, 1))[0]
        self.number += 1
        self.node.batch([("eth_sendRawTransaction", [raw]) for raw in self._pending])
        self.node.batch(
            [
                ("anvil_setCoinbase", [miner]),
                ("anvil_setNextBlockBaseFeePerGas", [hex(self.base_fee)]),
                ("evm_setNextBlockTimestamp", [hex(int(self.now))]),
                ("evm_mine", []),
            ]
        )
