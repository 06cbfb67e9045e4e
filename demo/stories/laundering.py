"""Ways of hiding where money comes from: structuring, peel chains, mixers, sanctioned money two hops away."""

from __future__ import annotations

from eth_utils.crypto import keccak

from demo.actors import Actor, Label, Truth
from demo.stories.economy import USD, Economy
from demo.stories.exchange import deposit_address
from demo.stories.illicit import cash_out, crook, fund, pretend
from demo.world import DAY, ETHER, HOUR, Story, World

THRESHOLD_USD = 10_000


def structure(world: World, economy: Economy) -> None:
    """Groups of wallets that bring one beneficiary a large sum in parts just under 10,000 USD."""
    for number in range(world.scale.count(5)):
        story = f"structuring_{number}"
        dice = world.dice_of(story)
        known = number in (0, 3)
        beneficiary = crook(
            world,
            f"{story} beneficiary",
            story,
            "structuring",
            "beneficiary",
            label=Label("Money mule account", "scam") if known else None,
        )
        for k in range(world.scale.count(dice.randint(4, 7), least=2)):
            mule = crook(
                world,
                f"{story} mule {k}",
                story,
                "structuring",
                "actor",
                ether=dice.choice((0.0, 0.3, 0.8)),
                aged=dice.random() < 0.4,
                label=Label("Money mule", "scam") if known and dice.random() < 0.7 else None,
            )
            start = dice.uniform(0.05, 0.45) * world.span
            pretend(world, economy, mule, 0.35)
            world.begin(_bring_in_parts(world, economy, mule, beneficiary), after=start)
        world.begin(_spend(world, economy, beneficiary), after=0.5 * world.span)


def _bring_in_parts(world: World, economy: Economy, mule: Actor, beneficiary: Actor) -> Story:
    dice = mule.dice
    parts = dice.randint(3, 8)
    exchange = economy.north if dice.random() < 0.7 else economy.harbour
    fund(world, economy, mule, 0.08)
    exchange.withdraw(mule.address, float(parts * THRESHOLD_USD * dice.uniform(0.97, 1.1)), "usd")
    yield dice.uniform(6, 30) * HOUR
    for _ in range(parts):
        amount = int(THRESHOLD_USD * USD * (1 - dice.betavariate(1.2, 9) * 0.35))
        if dice.random() < 0.4:
            amount = round(amount, -8)
        if min(amount, world.holding(economy.usd, mule)) == amount and amount < THRESHOLD_USD * USD:
            world.give(mule, economy.usd, beneficiary.address, amount)
        if dice.random() < 0.35:  # not everything a mule does is its job
            world.pay(mule, dice.choice(economy.people).address, dice.uniform(0.003, 0.02))
        yield dice.expovariate(1 / 15) * HOUR


def _spend(world: World, economy: Economy, actor: Actor) -> Story:
    fund(world, economy, actor, 0.05)
    yield 6 * HOUR
    while True:
        yield from cash_out(world, economy, actor, keep=0.02)
        yield world.pause(actor, 4 * DAY)


def peel(world: World, economy: Economy) -> None:
    """Chains of fresh wallets: each pays a small part away and sends the rest on."""
    for number in range(world.scale.count(5)):
        story = f"peel_{number}"
        dice = world.dice_of(story)
        source = crook(
            world,
            f"{story} source",
            story,
            "peel_chain",
            "source",
            ether=dice.uniform(40, 160),
            aged=True,
            label=Label("Exploiter", "hack") if number in (0, 2, 3) else None,
        )
        world.begin(
            _peel(world, economy, source, story, known=number in (0, 2)),
            after=dice.uniform(0.05, 0.5) * world.span,
        )


def _peel(world: World, economy: Economy, source: Actor, story: str, *, known: bool) -> Story:
    dice = world.dice_of(f"{story} hops")
    holder = source
    for hop in range(world.scale.count(dice.randint(7, 12), least=4)):
        label = Label("Exploiter hop", "hack") if known and dice.random() < 0.75 else None
        following = crook(world, f"{story} hop {hop}", story, "peel_chain", "hop", label=label)
        for _ in range(dice.choice((1, 1, 1, 2))):
            part = world.balance(holder.address) / ETHER * dice.uniform(0.02, 0.13)
            world.pay(holder, _peel_target(world, economy, holder, story, hop), round(part, dice.choice((2, 3, 5))))
            yield dice.uniform(0.3, 3) * HOUR
        world.sweep(holder, following.address, keep=dice.choice((0.0, 0.0, 0.002)))
        holder = following
        yield dice.expovariate(1 / 11) * HOUR + HOUR
    yield from cash_out(world, economy, holder)


def _peel_target(world: World, economy: Economy, holder: Actor, story: str, hop: int) -> str:
    if holder.dice.random() < 0.8:
        exchange = economy.north if holder.dice.random() < 0.6 else economy.harbour
        return deposit_address(world, exchange, holder)
    receiver = crook(world, f"{story} peeled {hop} {holder.nonce}", story, "peel_chain", "collector")
    if holder.dice.random() < 0.5:
        world.begin(_after_mixer(world, economy, receiver), after=holder.dice.uniform(1, 4) * DAY)
    elif holder.dice.random() < 0.6:
        world.begin(_spend(world, economy, receiver), after=holder.dice.uniform(1, 4) * DAY)
    return receiver.address


def mix(world: World, economy: Economy) -> None:
    """People put notes into the mixers, some for privacy, some to launder; relayers draw them to fresh wallets."""
    dice = world.dice_of("mixer")
    relayers = [
        world.join(f"relayer {k}", Truth("relayer", "mixer"), ether=3, aged=True) for k in range(world.scale.count(2))
    ]
    private = dice.sample(economy.people, min(len(economy.people), world.scale.count(22, least=2)))
    private += [person for person in economy.wealthy if dice.random() < 0.25 and person not in private]
    launderers = [
        crook(
            world,
            f"mixer launderer {k}",
            "mixer",
            "mixer_use",
            "depositor",
            ether=dice.uniform(3, 45),
            aged=True,
            label=Label("Heist", "hack") if dice.random() < 0.5 else None,
        )
        for k in range(world.scale.count(9))
    ]
    for launderer in launderers:
        pretend(world, economy, launderer, 0.5)
    for actor in [*private, *launderers]:
        start = dice.uniform(0.03, 0.6) * world.span
        world.begin(_use_mixer(world, economy, actor, relayers, actor in launderers), after=start)


def _use_mixer(world: World, economy: Economy, actor: Actor, relayers: list[Actor], illicit: bool) -> Story:
    dice = actor.dice
    held = world.balance(actor.address) / ETHER
    affordable = [note for note in economy.mixers if note * 1.05 < held]
    if not affordable:
        return
    note = affordable[-1] if illicit else dice.choice(affordable)
    secrets = []
    for _ in range(min(int(held / note - 0.05), dice.randint(2, 7) if illicit else dice.randint(1, 2))):
        secret = dice.randbytes(32)
        if world.act(actor, economy.mixers[note], "deposit", keccak(secret), ether=note):
            secrets.append(secret)
        yield dice.uniform(0.3, 8) * HOUR
    receiver = None
    for number, secret in enumerate(secrets):
        yield dice.expovariate(1 / 60) * HOUR
        if receiver is None or dice.random() < 0.4:
            receiver = _fresh(world, actor, number, illicit)
            world.begin(_after_mixer(world, economy, receiver), after=dice.uniform(1, 4) * DAY)
        relayer = dice.choice(relayers)
        fee = int(note * dice.uniform(0.003, 0.006) * ETHER) + ETHER // 80
        world.act(relayer, economy.mixers[note], "withdraw", secret, receiver.address, relayer.address, fee)


def _fresh(world: World, actor: Actor, number: int, illicit: bool) -> Actor:
    name = f"mixed money of {actor.name} {number}"
    if illicit:
        label = Label("Heist proceeds", "hack") if world.dice_of(name).random() < 0.35 else None
        return crook(world, name, "mixer", "mixer_use", "receiver", label=label)
    return world.join(name, Truth("user", "mixer", note="mixed for privacy"))


def _after_mixer(world: World, economy: Economy, receiver: Actor) -> Story:
    """Spend like a person for a while; half of them cash out."""
    for _ in range(receiver.dice.randint(1, 4)):
        part = world.balance(receiver.address) / ETHER * receiver.dice.uniform(0.05, 0.3)
        world.pay(receiver, receiver.dice.choice(economy.people).address, part)
        yield world.pause(receiver, 1.5 * DAY)
    if receiver.dice.random() < 0.6:
        yield from cash_out(world, economy, receiver)


def sanction(world: World, economy: Economy) -> None:
    """Sanctioned wallets pay intermediaries, who pay people: money that arrives two hops away at ordinary wallets."""
    for number in range(world.scale.count(3)):
        story = f"sanctions_{number}"
        listed = crook(
            world,
            f"{story} listed",
            story,
            "sanctions",
            "sanctioned",
            ether=60 + 40 * number,
            aged=True,
            label=Label("Sanctioned party", "sanctioned"),
            note=("Lazarev Trading", "Northern Shore Procurement", "Blue Crane Exchange House")[number % 3],
        )
        hops = [crook(world, f"{story} hop {k}", story, "sanctions", "hop", ether=0.2, aged=True) for k in range(2)]
        world.begin(_trickle(world, economy, listed, hops, story), after=listed.dice.uniform(0.05, 0.2) * world.span)


def _trickle(world: World, economy: Economy, listed: Actor, hops: list[Actor], story: str) -> Story:
    dice = listed.dice
    for _ in range(world.scale.count(7, least=2)):
        hop = dice.choice(hops)
        world.pay(listed, hop.address, round(dice.uniform(2, 9), 2))
        yield dice.uniform(3, 30) * HOUR
        for _ in range(dice.randint(2, 4)):
            held = world.balance(hop.address) / ETHER
            person = dice.choice(economy.people)
            if held > 0.4:
                world.pay(hop, person.address, round(held * dice.uniform(0.1, 0.4), 3))
                world.mark(person, story, "sanctions", "exposed")
            yield dice.uniform(1, 14) * HOUR
        yield dice.expovariate(1 / 40) * HOUR
