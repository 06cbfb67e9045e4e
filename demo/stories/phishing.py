"""Phishing rings that are sent ether by people they deceive, drainers that take what was approved, address poisoning."""

from __future__ import annotations

from random import Random

from demo.actors import Actor, Label, Truth
from demo.stories.economy import MAX, Economy
from demo.stories.illicit import cash_out, crook, fund, maybe_known, pretend
from demo.world import DAY, ETHER, HOUR, Contract, Story, World


def run_rings(world: World, economy: Economy) -> None:
    """Four rings: most of the first two is on the public lists, the third half, the fourth unknown."""
    for ring, share in (("ring_a", 0.85), ("ring_b", 0.6), ("ring_c", 0.45), ("ring_d", 0.0)):
        dice = world.dice_of(ring)
        lures = world.scale.count(dice.randint(5, 9), least=2)
        label = Label("Fake_Phishing", "phishing")
        members = [
            crook(
                world,
                f"{ring} lure {k}",
                ring,
                "phishing",
                "lure",
                label=maybe_known(dice, share > 0, label, share),
                ether=dice.choice((0, 0, 0.2)),
                aged=dice.random() < 0.3,
            )
            for k in range(lures)
        ]
        collectors = [
            crook(
                world,
                f"{ring} collector {k}",
                ring,
                "phishing",
                "collector",
                label=maybe_known(dice, share > 0, label, share),
            )
            for k in range(2)
        ]
        for lure in members:
            start = dice.uniform(0.02, 0.75) * world.span
            world.begin(_fish(world, economy, lure, dice.choice(collectors), ring, share), after=start)
            pretend(world, economy, lure, 0.2)
        for collector in collectors:
            world.begin(_collect(world, economy, collector), after=dice.uniform(0.1, 0.25) * world.span)


def _fish(world: World, economy: Economy, lure: Actor, collector: Actor, ring: str, share: float) -> Story:
    """One lure's campaign: victims come over days; the take goes on to a collector, sometimes through a throw-away hop."""
    dice = lure.dice
    victims = dice.sample(economy.gullible, min(len(economy.gullible), dice.randint(4, 15)))
    for victim in victims:
        held = world.balance(victim.address) / ETHER
        dollars = world.holding(economy.usd, victim)
        if dollars > 10**8 and dice.random() < 0.4:
            world.mark(victim, ring, "phishing", "victim")
            world.give(victim, economy.usd, lure.address, int(dollars * dice.uniform(0.3, 1.0)))
            world.begin(_forward_dollars(world, economy, lure, collector), after=dice.uniform(2, 20) * HOUR)
        elif held > 0.08:
            world.mark(victim, ring, "phishing", "victim")
            world.pay(victim, lure.address, min(held * dice.uniform(0.2, 0.9), dice.lognormvariate(-0.8, 1.0)))
        yield dice.expovariate(1 / 16) * HOUR
        if world.balance(lure.address) > dice.uniform(0.5, 2.5) * ETHER:
            yield from _pass_on(world, lure, collector, ring, share)
    yield dice.uniform(2, 30) * HOUR
    yield from _pass_on(world, lure, collector, ring, share)


def _pass_on(world: World, lure: Actor, collector: Actor, ring: str, share: float) -> Story:
    dice = lure.dice
    keep = dice.choice((0.0, 0.003, 0.02))
    if dice.random() < 0.7:
        world.sweep(lure, collector.address, keep=keep)
        return
    label = maybe_known(dice, share > 0, Label("Fake_Phishing", "phishing"), share * 0.6)
    hop = crook(world, f"{lure.name} hop {lure.nonce} {world.number}", ring, "phishing", "hop", label=label)
    if world.sweep(lure, hop.address, keep=keep):
        yield dice.uniform(0.4, 9) * HOUR
        world.sweep(hop, collector.address)


def _forward_dollars(world: World, economy: Economy, lure: Actor, collector: Actor) -> Story:
    """Tokens need ether for their fee, which a lure usually has from its victims."""
    for _ in range(3):
        held = world.holding(economy.usd, lure)
        if held and world.give(lure, economy.usd, collector.address, held):
            return
        yield lure.dice.uniform(5, 30) * HOUR


def _collect(world: World, economy: Economy, collector: Actor) -> Story:
    """Every few days the collector cashes out, or puts notes into a mixer."""
    while True:
        held = world.balance(collector.address) / ETHER
        if held > 1.2 and collector.dice.random() < 0.45:
            note = 10.0 if held > 12 else 1.0
            for _ in range(min(6, int(held / note) - (1 if held < note * 1.1 else 0))):
                commitment = collector.dice.randbytes(32)
                world.act(collector, economy.mixers[note], "deposit", commitment, ether=note)
                yield collector.dice.uniform(0.2, 5) * HOUR
        elif held > 0.3:
            yield from cash_out(world, economy, collector, keep=collector.dice.choice((0.01, 0.05)))
        yield world.pause(collector, 2.5 * DAY)


def run_drainers(world: World, economy: Economy) -> None:
    """Three kits: an operator's contract, affiliates who bring victims, a collector. The last is unknown."""
    for number in range(world.scale.count(3)):
        story = f"drainer_{number}"
        dice = world.dice_of(story)
        known = number != 2
        operator = crook(
            world,
            f"{story} operator",
            story,
            "drainer",
            "operator",
            ether=0.8,
            aged=True,
            label=maybe_known(dice, known, Label("Drainer operator", "phishing"), 0.7),
        )
        collector = crook(
            world,
            f"{story} collector",
            story,
            "drainer",
            "collector",
            label=maybe_known(dice, known, Label("Drainer fees", "phishing"), 0.7),
        )
        affiliates = [
            crook(
                world,
                f"{story} affiliate {k}",
                story,
                "drainer",
                "affiliate",
                label=maybe_known(dice, known, Label("Drainer affiliate", "phishing"), 0.6),
            )
            for k in range(3)
        ]
        world.begin(
            _drain(world, economy, story, operator, [collector, *affiliates], known),
            after=dice.uniform(0.05, 0.3) * world.span,
        )


def _drain(world: World, economy: Economy, story: str, operator: Actor, takers: list[Actor], known: bool) -> Story:
    dice = operator.dice
    collector, affiliates = takers[0], takers[1:]
    contract = world.deploy(
        operator,
        "drainer",
        collector.address,
        truth=Truth("drainer_contract", story, "drainer", "contract", illicit=True),
        label=Label("Drainer contract", "phishing") if known else None,
    )
    for taker in takers:
        fund(world, economy, taker, 0.06)
        world.begin(_enjoy(world, economy, taker), after=dice.uniform(3, 8) * DAY)
    yield 8 * HOUR
    for _ in range(world.scale.count(28, least=3)):
        victim, affiliate = dice.choice(economy.gullible), dice.choice(affiliates)
        tokens = [(c, world.holding(c, victim)) for c in (economy.usd, economy.gov, economy.meme)]
        tokens = [(coin, held) for coin, held in tokens if held]
        if tokens and world.balance(victim.address) > ETHER // 50:
            coin, _ = dice.choice(tokens)
            world.mark(victim, story, "drainer", "victim")
            yield from _take(world, contract, operator, victim, coin, affiliate)
        elif world.balance(victim.address) > ETHER // 5:
            share = dice.uniform(0.2, 0.8) * world.balance(victim.address)
            world.mark(victim, story, "drainer", "victim")
            world.act(victim, contract, "claim", affiliate.address, wei=int(share))
        yield dice.expovariate(1 / (world.span / HOUR / 45)) * HOUR


def _take(world: World, contract: Contract, operator: Actor, victim: Actor, coin: Contract, affiliate: Actor) -> Story:
    """The victim signs an approval on a false page; the operator uses it, at times too late."""
    world.act(victim, coin, "approve", contract.address, MAX)
    yield operator.dice.uniform(0.3, 10) * HOUR
    held = world.holding(coin, victim)
    if held:
        world.act(operator, contract, "take", coin.address, victim.address, held, affiliate.address)
    if operator.dice.random() < 0.3:
        yield operator.dice.uniform(2, 30) * HOUR
        world.act(victim, coin, "approve", contract.address, 0)


def _enjoy(world: World, economy: Economy, taker: Actor) -> Story:
    while True:
        yield from cash_out(world, economy, taker, keep=0.03)
        yield world.pause(taker, 4 * DAY)


def run_poisoners(world: World, economy: Economy) -> None:
    """Poisoners write zero-value transfers to look-alikes into people's histories; some people then pay the look-alike."""
    for number in range(world.scale.count(3)):
        story = f"poisoning_{number}"
        poisoner = crook(
            world,
            f"{story} poisoner",
            story,
            "address_poisoning",
            "actor",
            label=Label("Address poisoner", "phishing") if number < 2 else None,
        )
        world.begin(_poison(world, economy, poisoner, story), after=poisoner.dice.uniform(0.1, 0.4) * world.span)


def _poison(world: World, economy: Economy, poisoner: Actor, story: str) -> Story:
    dice = poisoner.dice
    fund(world, economy, poisoner, 0.9)
    yield 5 * HOUR
    for _ in range(world.scale.count(13, least=3)):
        victim, friend = dice.choice(economy.gullible), dice.choice(economy.people)
        alike = _look_alike(friend.address, dice)
        world.act(poisoner, economy.usd, "transferFrom", victim.address, alike, 0)
        yield dice.uniform(4, 40) * HOUR
        dollars = world.holding(economy.usd, victim)
        fooled = dollars > 10**7 and dice.random() < 0.3
        if fooled:
            world.give(victim, economy.usd, alike, dollars // dice.randint(1, 6))
            world.mark(victim, story, "address_poisoning", "victim")
        note = f"resembles {friend.address}" + ("; was paid" if fooled else "")
        truth = Truth("look_alike", story, "address_poisoning", "look-alike", illicit=fooled, note=note)
        world.cast.place(alike, truth)
        yield dice.expovariate(1 / 14) * HOUR


def _look_alike(address: str, dice: Random) -> str:
    """An address with the first four and last four digits of another."""
    return address[:6] + dice.randbytes(16).hex() + address[-4:]
