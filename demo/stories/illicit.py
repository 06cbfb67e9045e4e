"""What the illicit stories share: how their wallets come by fees, and how their money goes away."""

from __future__ import annotations

from random import Random

from demo.actors import Actor, Label, Truth
from demo.stories.economy import Economy
from demo.stories.exchange import deposit_address
from demo.stories.users import live
from demo.world import HOUR, Story, World


def crook(
    world: World,
    name: str,
    story: str,
    typology: str,
    part: str,
    *,
    label: Label | None = None,
    ether: float = 0.0,
    aged: bool = False,
    note: str = "",
) -> Actor:
    """An actor of an illicit story."""
    truth = Truth(f"{typology} {part}".replace("_", " "), story, typology, part, illicit=True, note=note)
    return world.join(name, truth, label=label, ether=ether, aged=aged)


def maybe_known(dice: Random, known: bool, label: Label, share: float = 0.5) -> Label | None:
    """The public knows a `share` of a known story's addresses, and none of an unknown one's."""
    return label if known and dice.random() < share else None


def pretend(world: World, economy: Economy, actor: Actor, share: float) -> None:
    """A `share` of crooks also use their wallet as ordinary people do."""
    if actor.dice.random() < share:
        exchange = economy.north if actor.dice.random() < 0.6 else economy.harbour
        kind = actor.dice.choice(("trader", "payer", "saver", "collector"))
        start = actor.dice.uniform(0, 0.4) * world.span
        world.begin(live(world, economy, actor, exchange, kind), after=start)


def fund(world: World, economy: Economy, actor: Actor, ether: float) -> None:
    """Ether for fees from an exchange, as ordinary newcomers get theirs."""
    exchange = economy.north if actor.dice.random() < 0.6 else economy.harbour
    exchange.withdraw(actor.address, round(ether * actor.dice.uniform(0.8, 1.3), 4))


def cash_out(world: World, economy: Economy, actor: Actor, *, keep: float = 0.01) -> Story:
    """Move what an actor holds to an exchange deposit address of its own: tokens first, then ether."""
    exchange = economy.north if actor.dice.random() < 0.5 else economy.harbour
    address = deposit_address(world, exchange, actor)
    for coin in (economy.usd, economy.gov):
        held = world.holding(coin, actor)
        if held:
            world.give(actor, coin, address, held)
            yield actor.dice.uniform(0.3, 4) * HOUR
    to_contract = actor.name in exchange.forwarders
    wei = int(world.balance(actor.address) - (keep + 0.012) * 10**18)
    if wei > 0:
        world.send(actor, address, wei, gas=60_000 if to_contract else 21_000)
    yield HOUR
