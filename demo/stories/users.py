"""Ordinary people with habits: they buy on an exchange, pay each other, trade, collect, save, and make mistakes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from demo.actors import Actor, Label, Truth
from demo.stories.economy import MAX, USD, Economy
from demo.stories.exchange import Exchange, deposit_address
from demo.world import DAY, ETHER, HOUR, Contract, Story, World


def populate(world: World, economy: Economy) -> None:
    """About 500 people; three in four had a wallet and some ether before the story begins."""
    dice = world.dice_of("users")
    kinds = ("trader", "payer", "saver", "collector")
    for number in range(world.scale.count(500, least=12)):
        kind = dice.choices(kinds, (4, 4, 3, 2))[0]
        aged = dice.random() < 0.75
        ether = dice.lognormvariate(0.3, 1.1) if aged else 0.0
        wealthy = aged and (dice.random() < 0.06 or number < 3)
        ether = dice.uniform(15, 150) if wealthy else ether
        known = Label("known user", "licit") if dice.random() < 0.3 else None
        person = world.join(f"user {number}", Truth("user", "users", note=kind), ether=ether, aged=aged, label=known)
        economy.people.append(person)
        if wealthy:
            economy.wealthy.append(person)
        if dice.random() < 0.35 or number < 4:
            economy.gullible.append(person)
        exchange = economy.north if dice.random() < 0.72 else economy.harbour
        start = dice.uniform(0, 0.5 * DAY) if aged else dice.random() ** 1.3 * world.span * 0.8
        world.begin(live(world, economy, person, exchange, kind), after=start)


def live(world: World, economy: Economy, person: Actor, exchange: Exchange, kind: str) -> Story:
    """One person's wallet until the story ends or the wallet falls asleep."""
    dice = person.dice
    pace = dice.lognormvariate(0.0, 0.7) * {"trader": 1.2, "payer": 1.6, "saver": 4.0, "collector": 1.9}[kind] * DAY
    friends = dice.sample(economy.people, min(len(economy.people), dice.randint(1, 5)))
    if world.balance(person.address) < 0.05 * ETHER:
        exchange.withdraw(person.address, dice.lognormvariate(-0.4, 1.0) + 0.03)
        yield 2 * HOUR
    yield world.pause(person, pace * 0.7)
    while dice.random() > 0.015:
        _do_something(world, economy, person, exchange, kind, friends)
        yield world.pause(person, pace)


def _do_something(
    world: World, economy: Economy, person: Actor, exchange: Exchange, kind: str, friends: list[Actor]
) -> None:
    dice = person.dice
    if world.balance(person.address) < 0.03 * ETHER:
        exchange.withdraw(person.address, dice.lognormvariate(-0.6, 0.9) + 0.05)
        return
    weights = {
        "trader": (5, 1, 1.4, 1.0, 0.1),
        "payer": (0.7, 5, 0.8, 1.0, 0.2),
        "saver": (0.6, 1, 1.5, 2.0, 0.1),
        "collector": (1, 1, 0.7, 0.8, 5),
    }[kind]
    habits: tuple[Callable[[], object], ...] = (
        lambda: trade(world, economy, person),
        lambda: _pay(world, economy, person, dice.choice(friends)),
        lambda: _cash_out(world, economy, person, exchange),
        lambda: _buy_more(world, economy, person, exchange),
        lambda: collect(world, economy, person),
    )
    dice.choices(habits, weights)[0]()


def trade(world: World, economy: Economy, person: Actor) -> bool:
    """Swap ether for a token or back; stale quotes fail as they do on the real chain."""
    dice = person.dice
    pair, token = dice.choices(economy.pairs_of(), (5, 3, 0.7, 2))[0]
    deadline = int(world.now + world.span)
    held = world.holding(token, person)
    if held and dice.random() < 0.55:
        if world.read(token, "allowance", person.address, economy.router.address) < held:
            return world.act(person, token, "approve", economy.router.address, MAX if dice.random() < 0.7 else held * 3)
        amount = held if dice.random() < 0.4 else int(held * dice.uniform(0.1, 0.9))
        least = _quote(world, pair, amount, from_weth=False, dice=dice)
        return world.act(
            person,
            economy.router,
            "swapExactTokensForETH",
            pair.address,
            token.address,
            amount,
            least,
            person.address,
            deadline,
        )
    wei = int(min(world.balance(person.address) * 0.4, typical_ether(world, dice) * ETHER))
    least = _quote(world, pair, wei, from_weth=True, dice=dice)
    return world.act(
        person,
        economy.router,
        "swapExactETHForTokens",
        pair.address,
        least,
        person.address,
        deadline,
        wei=wei,
    )


def _quote(world: World, pair: Contract, amount: int, *, from_weth: bool, dice: Random) -> int:
    """The least a trader accepts: the pair's answer of the last block less a tolerance (pairs hold WETH as token0)."""
    reserve_0, reserve_1 = world.read(pair, "reserve0"), world.read(pair, "reserve1")
    held, other = (reserve_0, reserve_1) if from_weth else (reserve_1, reserve_0)
    quote = amount * 997 * other // (held * 1000 + amount * 997)
    tolerance = dice.choice((0.0, 0.001, 0.003, 0.005, 0.01, 0.05))
    return int(quote * (1 - tolerance) * (1.002 if tolerance == 0.0 and dice.random() < 0.8 else 1.0))


def typical_ether(world: World, dice: Random) -> float:
    """An amount as real transfers have it, without the largest and smallest tenth, rounded as people round."""
    ether = world.statistics.draw("plain_value_ether", dice, within=(0.1, 0.92))
    return round(ether, 2) if ether > 0.05 and dice.random() < 0.5 else ether


def _pay(world: World, economy: Economy, person: Actor, friend: Actor) -> None:
    dice = person.dice
    to = friend if dice.random() < 0.6 else dice.choice(economy.people)
    dollars = world.holding(economy.usd, person)
    if dollars > 50 * USD and dice.random() < 0.5:
        amount = min(dollars, int(dice.lognormvariate(5.3, 1.1)) * USD)
        amount = min(dollars, round(amount, -7)) if dice.random() < 0.4 else amount
        world.give(person, economy.usd, to.address, amount)
        return
    ether = min(typical_ether(world, dice), 0.7 * world.balance(person.address) / ETHER)
    world.pay(person, to.address, ether)


def _cash_out(world: World, economy: Economy, person: Actor, exchange: Exchange) -> None:
    address = deposit_address(world, exchange, person)
    dice = person.dice
    held = [(c, world.holding(c, person)) for c in (economy.usd, economy.gov, economy.meme)]
    held = [(coin, amount) for coin, amount in held if amount]
    if held and dice.random() < 0.6:
        coin, amount = dice.choice(held)
        world.give(person, coin, address, amount if dice.random() < 0.6 else amount // dice.randint(2, 5))
        return
    ether = world.balance(person.address) / ETHER * dice.uniform(0.2, 0.85)
    world.send(person, address, int(ether * ETHER), gas=60_000)


def _buy_more(world: World, economy: Economy, person: Actor, exchange: Exchange) -> None:
    dice = person.dice
    if dice.random() < 0.45:
        exchange.withdraw(person.address, float(round(dice.lognormvariate(6.2, 1.2), 2)), "usd")
    else:
        exchange.withdraw(person.address, round(dice.lognormvariate(-0.7, 1.1) + 0.02, 4))


def collect(world: World, economy: Economy, person: Actor) -> bool:
    """Mint or buy art, or buy and give game items."""
    dice = person.dice
    throw = dice.random()
    if throw < 0.3:
        return world.act(person, economy.art, "mint", ether=0.05)
    if throw < 0.55:
        amount = dice.randint(1, 5)
        return world.act(person, economy.items, "buy", dice.randrange(40), amount, wei=amount * ETHER // 250)
    if throw < 0.75:
        ids = dice.sample(range(40), dice.randint(2, 6))
        amounts = [dice.randint(1, 3) for _ in ids]
        return world.act(person, economy.items, "buyPack", ids, amounts, wei=sum(amounts) * ETHER // 250)
    friend = dice.choice(economy.people)
    owned = [k for k in range(40) if dice.random() < 0.2 and world.read(economy.items, "balanceOf", person.address, k)]
    if len(owned) == 1:
        arguments = (person.address, friend.address, owned[0], 1, b"")
        return world.act(person, economy.items, "safeTransferFrom", *arguments)
    if owned:
        batch = (person.address, friend.address, owned, [1] * len(owned), b"")
        return world.act(person, economy.items, "safeBatchTransferFrom", *batch)
    return trade(world, economy, person) if throw > 0.9 else world.act(person, economy.art, "mint", ether=0.05)
