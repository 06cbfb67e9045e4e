"""Wash trading: the same few owners sell a collectible or a token to each other, beside people who really trade."""

from __future__ import annotations

from demo.actors import Actor, Label, Truth
from demo.stories.economy import Economy
from demo.stories.illicit import cash_out, crook, fund, pretend
from demo.world import DAY, ETHER, HOUR, Contract, Story, World


def wash(world: World, economy: Economy) -> None:
    """Three circles sell a collectible round and round; two send a token round; one family shares a savings pot."""
    for number in range(world.scale.count(3)):
        story = f"wash_nft_{number}"
        ring = _ring(world, story, 3 + number % 2, ether=4.0, known=number < 2)
        start = ring[0].dice.uniform(0.05, 0.4) * world.span
        world.begin(_sell_round(world, economy, ring), after=start)
        for actor in ring:
            pretend(world, economy, actor, 0.4)
    for number in range(world.scale.count(3)):
        story = f"wash_token_{number}"
        ring = _ring(world, story, 3 + number, ether=1.0, known=number < 2)
        start = ring[0].dice.uniform(0.05, 0.4) * world.span
        world.begin(_send_round(world, economy, ring), after=start)
        for actor in ring:
            pretend(world, economy, actor, 0.4)
    for number in range(world.scale.count(3)):
        dice = world.dice_of(f"savings_{number}")
        family = dice.sample(economy.people, min(len(economy.people), 4))
        world.begin(_share_pot(world, economy, family), after=dice.uniform(0.05, 0.3) * world.span)


def _ring(world: World, story: str, members: int, *, ether: float, known: bool) -> list[Actor]:
    label = Label("Wash trader", "scam")
    dice = world.dice_of(story)
    return [
        crook(
            world,
            f"{story} {k}",
            story,
            "wash_trading",
            "actor",
            ether=ether * dice.uniform(0.5, 1.6),
            aged=dice.random() < 0.7,
            label=label if known and dice.random() < 0.65 else None,
        )
        for k in range(members)
    ]


def _sell_round(world: World, economy: Economy, ring: list[Actor]) -> Story:
    """Each sale goes to the next member at a higher price; in the end the last offers it to strangers."""
    dice = ring[0].dice
    for actor in ring:
        world.act(actor, economy.art, "setApprovalForAll", economy.market.address, True)
        yield dice.uniform(0.5, 9) * HOUR
    token_id = world.read(economy.art, "totalSupply")
    world.act(ring[0], economy.art, "mint", ether=0.05)
    price, owner = 0.4, 0
    for _ in range(world.scale.count(dice.randint(9, 16), least=3)):
        yield dice.expovariate(1 / 12) * HOUR + HOUR
        buyer = (owner + 1) % len(ring)
        wei = int(price * ETHER)
        if world.read(economy.art, "ownerOf", token_id) != int(ring[owner].address, 16):
            return
        world.act(ring[owner], economy.market, "offer", economy.art.address, token_id, wei)
        yield dice.uniform(0.5, 6) * HOUR
        if world.balance(ring[buyer].address) < 1.1 * wei:
            giver = ring[owner]
            world.pay(giver, ring[buyer].address, round(max(0.0, world.balance(giver.address) / ETHER * 0.8), 2))
            yield dice.uniform(0.5, 3) * HOUR
        if world.balance(ring[buyer].address) > 1.05 * wei:
            world.act(ring[buyer], economy.market, "buy", economy.art.address, token_id, wei=wei)
            owner, price = buyer, price * dice.uniform(0.95, 1.22)


def _send_round(world: World, economy: Economy, ring: list[Actor]) -> Story:
    """One holder buys a token and it goes round, nearly whole, lap after lap, sometimes through the pair."""
    dice = ring[0].dice
    deadline = int(world.end)
    first = ring[0]
    world.act(
        first,
        economy.router,
        "swapExactETHForTokens",
        economy.meme_pair.address,
        0,
        first.address,
        deadline,
        ether=0.4,
    )
    yield 3 * HOUR
    for lap in range(world.scale.count(dice.randint(4, 7), least=2)):
        for giver, taker in zip(ring, [*ring[1:], ring[0]], strict=True):
            held = world.holding(economy.meme, giver)
            if held:
                world.give(giver, economy.meme, taker.address, int(held * dice.uniform(0.9, 1.0)))
            yield dice.uniform(0.4, 12) * HOUR
        if lap % 2:
            fund(world, economy, dice.choice(ring), 0.1)
        yield dice.expovariate(1 / 20) * HOUR
    yield from cash_out(world, economy, ring[-1])


def _share_pot(world: World, economy: Economy, family: list[Actor]) -> Story:
    """A savings club: members pay the month's turn-taker, so money runs in circles and nothing is wrong."""
    dice = family[0].dice
    for turn in range(world.scale.count(8, least=2)):
        taker = family[turn % len(family)]
        for giver in family:
            if giver is not taker and world.balance(giver.address) > ETHER // 3:
                world.pay(giver, taker.address, 0.2)
            yield dice.uniform(0.5, 8) * HOUR
        yield 3 * DAY


def deal_art(world: World, economy: Economy) -> None:
    """People who sell what they minted to other people."""
    dice = world.dice_of("art dealers")
    for person in dice.sample(economy.people, min(len(economy.people), world.scale.count(70, least=3))):
        world.begin(_deal(world, economy, person), after=dice.uniform(0.05, 0.8) * world.span)


def _deal(world: World, economy: Economy, person: Actor) -> Story:
    dice = person.dice
    world.act(person, economy.art, "setApprovalForAll", economy.market.address, True)
    yield world.pause(person, 0.3 * DAY)
    for _ in range(dice.randint(1, 3)):
        token_id = world.read(economy.art, "totalSupply")
        world.act(person, economy.art, "mint", ether=0.05)
        yield world.pause(person, DAY)
        if world.read(economy.art, "ownerOf", token_id) != int(person.address, 16):
            continue
        price = round(dice.lognormvariate(-2.2, 0.8) + 0.03, 3)
        world.act(person, economy.market, "offer", economy.art.address, token_id, int(price * ETHER))
        yield world.pause(person, DAY)
        buyers = dice.sample(economy.people, min(len(economy.people), 6))
        able = [buyer for buyer in buyers if world.balance(buyer.address) > 1.3 * price * ETHER]
        for buyer in able[: dice.choice((0, 1, 1, 1, 2))]:  # the second comes too late and fails
            world.act(buyer, economy.market, "buy", economy.art.address, token_id, ether=price)
        yield world.pause(person, DAY)


def lure_investors(world: World, economy: Economy) -> None:
    """Two Ponzi schemes: one as a contract, one run by hand from an ordinary wallet."""
    for number in range(world.scale.count(3)):
        story = f"ponzi_{number}"
        label = Label("Ponzi scheme", "ponzi") if number < 2 else None
        owner = crook(world, f"{story} owner", story, "ponzi", "operator", ether=0.6, aged=True, label=label)
        run = _run_contract if number != 1 else _run_by_hand
        world.begin(run(world, economy, owner, story), after=owner.dice.uniform(0.05, 0.3) * world.span)


def _run_contract(world: World, economy: Economy, owner: Actor, story: str) -> Story:
    dice = owner.dice
    truth = Truth("ponzi contract", story, "ponzi", "contract", illicit=True)
    label = Label("Ponzi contract", "ponzi") if story.endswith("0") else None
    contract: Contract = world.deploy(owner, "ponzi", truth=truth, label=label)
    yield 10 * HOUR
    investors = world.scale.count(34, least=4)
    for _ in range(investors):
        person = dice.choice(economy.gullible)
        ether = round(dice.lognormvariate(-1.6, 0.7) + 0.012, 2)
        if world.balance(person.address) > 1.4 * ether * ETHER:
            world.act(person, contract, "invest", ether=ether)
            world.mark(person, story, "ponzi", "investor")
        yield dice.expovariate(investors / (0.45 * world.span / HOUR)) * HOUR
    world.act(owner, contract, "close")
    yield 7 * HOUR
    yield from cash_out(world, economy, owner)


def _run_by_hand(world: World, economy: Economy, owner: Actor, story: str) -> Story:
    """Takes deposits, pays the early ones 110 to 130 % out of the later ones' money, then leaves with the rest."""
    dice = owner.dice
    owed: list[tuple[Actor, float]] = []
    investors = world.scale.count(40, least=4)
    for _ in range(investors):
        person = dice.choice(economy.gullible)
        ether = round(dice.lognormvariate(-1.4, 0.8) + 0.02, 2)
        if world.balance(person.address) > 1.3 * ether * ETHER:
            world.pay(person, owner.address, ether)
            world.mark(person, story, "ponzi", "investor")
            owed.append((person, ether * dice.uniform(1.1, 1.3)))
        yield dice.expovariate(investors / (0.5 * world.span / HOUR)) * HOUR
        while owed and world.balance(owner.address) > owed[0][1] * 1.6 * ETHER and dice.random() < 0.7:
            investor, due = owed.pop(0)
            world.pay(owner, investor.address, round(due, 4))
            yield dice.uniform(0.3, 2) * HOUR
    yield from cash_out(world, economy, owner)
