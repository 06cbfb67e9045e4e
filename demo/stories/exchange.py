"""Exchanges: deposit addresses swept into a hot wallet, withdrawals out of it, a cold wallet behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from eth_utils.crypto import keccak

from demo.actors import Actor, Label, Truth
from demo.world import ETHER, HOUR, Contract, Story, World


@dataclass
class Exchange:
    """An exchange's wallets, its customers' deposit addresses and the withdrawals it still has to pay."""

    name: str
    hot: Actor
    cold: Actor
    dice: Random
    deposits: dict[str, Actor] = field(default_factory=dict)
    forwarders: dict[str, str] = field(default_factory=dict)
    spare_forwarders: list[str] = field(default_factory=list)
    waiting: list[tuple[str, str, int]] = field(default_factory=list)
    """(receiver, coin, smallest units); coin is `ether` or a token's name."""

    def withdraw(self, to: str, amount: float, coin: str = "ether") -> None:
        """Ask for a withdrawal to `to`; the hot wallet pays within hours."""
        units = 10**6 if coin == "usd" else ETHER
        self.waiting.append((to, coin, int(amount * units)))


def open_exchange(world: World, name: str, *, ether: float, published: bool) -> Exchange:
    """An exchange with a hot and a cold wallet."""
    story = f"exchange_{name}"
    hot = world.join(
        f"{name} hot",
        Truth("hot_wallet", story),
        ether=ether,
        aged=True,
        label=Label(f"{name}: hot wallet", "hot_wallet"),
    )
    cold = world.join(
        f"{name} cold",
        Truth("cold_wallet", story),
        ether=ether * 20,
        aged=True,
        label=Label(f"{name}: cold wallet", "exchange") if published else None,
    )
    hot.careless = cold.careless = 0.0
    exchange = Exchange(name, hot, cold, world.dice_of(story))
    world.begin(_pay_out(world, exchange), after=world.span / world.scale.blocks * 3)
    world.begin(_balance_wallets(world, exchange), after=12 * HOUR)
    return exchange


def deposit_address(world: World, exchange: Exchange, customer: Actor) -> str:
    """The address that `customer` pays into; made at first use and swept from then on."""
    if (
        exchange.spare_forwarders
        and customer.name not in exchange.forwarders
        and customer.name not in exchange.deposits
    ):
        exchange.forwarders[customer.name] = exchange.spare_forwarders.pop()
    if customer.name in exchange.forwarders:
        return exchange.forwarders[customer.name]
    if customer.name not in exchange.deposits:
        label = Label(f"{exchange.name}: deposit", "deposit") if exchange.dice.random() < 0.25 else None
        made = world.join(
            f"{exchange.name} deposit of {customer.name}",
            Truth("deposit", f"exchange_{exchange.name}", note=f"customer {customer.address}"),
            label=label,
        )
        made.careless = 0.0
        exchange.deposits[customer.name] = made
        world.begin(_sweep(world, exchange, made), after=exchange.dice.uniform(1, 12) * HOUR)
    return exchange.deposits[customer.name].address


def make_forwarders(world: World, exchange: Exchange, factory: Contract, forwarder: Contract, count: int) -> Story:
    """Create deposit addresses as contracts, in batches, and hand them out to customers."""
    code_hash = _proxy_code_hash(forwarder)
    for first in range(0, count, 20):
        salts = [keccak(f"{exchange.name} {k}".encode()) for k in range(first, min(count, first + 20))]
        if world.act(exchange.hot, factory, "create", salts):
            for salt in salts:
                address = "0x" + keccak(b"\xff" + bytes.fromhex(factory.address[2:]) + salt + code_hash)[12:].hex()
                world.cast.place(address, Truth("deposit", f"exchange_{exchange.name}", note="forwarder contract"))
                exchange.spare_forwarders.append(address)
        yield 6 * HOUR


def _proxy_code_hash(forwarder: Contract) -> bytes:
    """Hash of the creation code (EIP-1167) with which the factory makes a proxy of `forwarder`."""
    head = bytes.fromhex("602d3d8160093d39f3363d3d373d3d3d363d73")
    return keccak(head + bytes.fromhex(forwarder.address[2:]) + bytes.fromhex("5af43d82803e903d91602b57fd5bf3"))


def _sweep(world: World, exchange: Exchange, deposit: Actor) -> Story:
    """Every few hours: move what arrived on; tokens need a little ether for their fee first."""
    while True:
        tokens = [(coin, world.holding(coin, deposit)) for name, coin in world.coins.items() if name != "weth"]
        held = [(coin, amount) for coin, amount in tokens if amount]
        if held:
            if world.balance(deposit.address) < 0.012 * ETHER:
                world.pay(exchange.hot, deposit.address, 0.015)
                yield 0.5 * HOUR
            for coin, amount in held:
                world.give(deposit, coin, exchange.hot.address, amount)
            yield HOUR
        elif world.balance(deposit.address) > 0.02 * ETHER:
            world.sweep(deposit, exchange.hot.address)
        yield exchange.dice.uniform(4, 20) * HOUR


def _pay_out(world: World, exchange: Exchange) -> Story:
    """Pay the withdrawals that wait, a few at a time, less the exchange's fee."""
    while True:
        for _ in range(min(len(exchange.waiting), exchange.dice.randint(2, 6))):
            to, coin, amount = exchange.waiting.pop(0)
            if coin == "ether":
                world.send(exchange.hot, to, amount, gas=exchange.dice.choice((21_000, 90_000)))
            else:
                world.give(exchange.hot, world.coins[coin], to, amount)
        yield exchange.dice.uniform(0.1, 0.6) * HOUR


def _balance_wallets(world: World, exchange: Exchange) -> Story:
    """Keep the hot wallet between two marks: top it up from the cold one, or store what is too much."""
    start = world.balance(exchange.hot.address)
    while True:
        held = world.balance(exchange.hot.address)
        if held < start // 2:
            world.send(exchange.cold, exchange.hot.address, start // 2)
        elif held > start * 3 // 2:
            world.send(exchange.hot, exchange.cold.address, start // 2)
        yield exchange.dice.uniform(8, 30) * HOUR
