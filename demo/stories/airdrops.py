"""Airdrops: one funder's many wallets that claim and hand over, and the many who claim for themselves."""

from __future__ import annotations

from demo.actors import Actor, Label, Truth
from demo.stories.economy import Economy
from demo.stories.illicit import cash_out, crook
from demo.stories.users import trade
from demo.world import DAY, ETHER, HOUR, Contract, Story, World


def give_away(world: World, economy: Economy) -> None:
    """A legitimate airdrop of GOV: organic claimants and three sybil farms ask for it."""
    project = world.join("airdrop project", Truth("deployer", "airdrop"), ether=20, aged=True)
    world.begin(_prepare(world, economy, project), after=0.12 * world.span)


def _prepare(world: World, economy: Economy, project: Actor) -> Story:
    project.careless = 0.0
    deadline = int(world.now + 0.6 * world.span)
    contract = world.deploy(
        project,
        "airdrop",
        economy.gov.address,
        120 * ETHER,
        deadline,
        truth=Truth("airdrop", "airdrop", note="legitimate"),
        label=Label("GOV airdrop", "airdrop"),
    )
    world.give(economy.founder, economy.gov, contract.address, 400 * 120 * ETHER)
    yield 4 * HOUR
    dice = world.dice_of("airdrop")
    people = dice.sample(economy.people, min(len(economy.people), world.scale.count(170, least=4)))
    for person in people:
        world.begin(_claim(world, economy, person, contract), after=dice.random() ** 2 * 0.65 * world.span)
    for number in range(world.scale.count(3)):
        _start_farm(world, economy, contract, number)


def _claim(world: World, economy: Economy, person: Actor, contract: Contract) -> Story:
    """Claim once, a few try twice or too late; some sell, some bring it together with another wallet of theirs."""
    dice = person.dice
    world.act(person, contract, "claim")
    yield world.pause(person, 2 * DAY)
    if dice.random() < 0.07:
        world.act(person, contract, "claim")
    if dice.random() < 0.5:
        trade(world, economy, person)
    elif dice.random() < 0.2:
        held = world.holding(economy.gov, person)
        if held:
            world.give(person, economy.gov, dice.choice(economy.people).address, held)


def _start_farm(world: World, economy: Economy, contract: Contract, number: int) -> None:
    story = f"sybil_{number}"
    dice = world.dice_of(story)
    known = number < 2
    label = Label("Airdrop sybil", "abuse")
    funder = crook(world, f"{story} funder", story, "airdrop_sybil", "funder", label=label if number == 0 else None)
    exchange = economy.north if number % 2 else economy.harbour
    wallets = [
        crook(
            world,
            f"{story} wallet {k}",
            story,
            "airdrop_sybil",
            "actor",
            label=label if known and dice.random() < 0.65 else None,
        )
        for k in range(world.scale.count(dice.randint(15, 24), least=4))
    ]
    exchange.withdraw(funder.address, round(len(wallets) * 0.055 + 0.3, 3))
    collector = funder if number == 1 else crook(world, f"{story} collector", story, "airdrop_sybil", "collector")
    world.begin(_farm(world, economy, funder, wallets, collector, contract), after=dice.uniform(6, 60) * HOUR)


def _farm(
    world: World, economy: Economy, funder: Actor, wallets: list[Actor], collector: Actor, contract: Contract
) -> Story:
    """Fund the wallets by hand or through Disperse; each then goes its own way for a few days."""
    dice = funder.dice
    amounts = [round(dice.uniform(0.028, 0.055), 4) for _ in wallets]
    if dice.random() < 0.5:
        to = [wallet.address for wallet in wallets]
        units = [int(amount * ETHER) for amount in amounts]
        world.act(funder, economy.disperse, "disperseEther", to, units, wei=sum(units))
    else:
        for wallet, amount in zip(wallets, amounts, strict=True):
            world.pay(funder, wallet.address, amount)
            if dice.random() < 0.3:
                yield dice.uniform(0.3, 5) * HOUR
    for wallet in wallets:
        world.begin(_work(world, economy, wallet, collector, contract), after=dice.expovariate(1 / 30) * HOUR + HOUR)
    yield 9 * DAY
    yield from cash_out(world, economy, collector)


def _work(world: World, economy: Economy, wallet: Actor, collector: Actor, contract: Contract) -> Story:
    dice = wallet.dice
    if dice.random() < 0.35:  # look alive
        world.act(wallet, economy.weth, "deposit", ether=round(dice.uniform(0.001, 0.004), 4))
        yield dice.uniform(2, 40) * HOUR
    world.act(wallet, contract, "claim")
    yield dice.expovariate(1 / 26) * HOUR + HOUR
    held = world.holding(economy.gov, wallet)
    if held:
        world.give(wallet, economy.gov, collector.address, held)
    yield dice.uniform(1, 40) * HOUR
    if dice.random() < 0.5:
        world.sweep(wallet, collector.address)
