"""Honest business that looks like something else: payroll, shops, donations, rent in parts, a desk, bots, games."""

from __future__ import annotations

from demo.actors import Actor, Label, Truth
from demo.stories.economy import USD, Economy
from demo.stories.exchange import deposit_address
from demo.stories.illicit import cash_out
from demo.stories.users import typical_ether
from demo.world import DAY, ETHER, HOUR, Contract, Story, World


def _firm(world: World, name: str, note: str, *, ether: float, known: float = 0.6) -> Actor:
    dice = world.dice_of(name)
    label = Label(f"Business: {note}", "licit") if dice.random() < known else None
    return world.join(name, Truth("business", name, note=note), ether=ether, aged=True, label=label)


def employ(world: World, economy: Economy) -> None:
    """Firms that pay many on one day: one by one, or through Disperse."""
    for number in range(world.scale.count(4)):
        firm = _firm(world, f"payroll_{number}", "payroll", ether=3)
        dice = firm.dice
        staff = dice.sample(economy.people, min(len(economy.people), world.scale.count(dice.randint(9, 24), least=3)))
        world.begin(_pay_wages(world, economy, firm, staff), after=dice.uniform(0.03, 0.2) * world.span)


def _pay_wages(world: World, economy: Economy, firm: Actor, staff: list[Actor]) -> Story:
    dice = firm.dice
    wages = [round(dice.lognormvariate(7.6, 0.35)) * USD for _ in staff]
    by_contract = dice.random() < 0.5
    while True:
        economy.north.withdraw(firm.address, sum(wages) / USD * 1.01, "usd")
        yield 12 * HOUR
        if by_contract:
            world.act(firm, economy.usd, "approve", economy.disperse.address, sum(wages))
            yield 2 * HOUR
            people = [person.address for person in staff]
            world.act(firm, economy.disperse, "disperseToken", economy.usd.address, people, wages)
        else:
            for person, wage in zip(staff, wages, strict=True):
                world.give(firm, economy.usd, person.address, wage)
        yield 7 * DAY


def sell(world: World, economy: Economy) -> None:
    """Shops and charities that many pay, and that move what they got to an exchange."""
    for number in range(world.scale.count(6)):
        kind = "charity" if number % 3 == 2 else "shop"
        shop = _firm(world, f"{kind}_{number}", kind, ether=0.3)
        world.begin(_serve(world, economy, shop), after=shop.dice.uniform(0, 0.1) * world.span)
        world.begin(_bank(world, economy, shop), after=4 * DAY)


def _serve(world: World, economy: Economy, shop: Actor) -> Story:
    dice = shop.dice
    while True:
        price = int(dice.lognormvariate(3.9, 0.9)) * USD
        for customer in dice.sample(economy.people, min(len(economy.people), 6)):
            if dice.random() < 0.7 and world.holding(economy.usd, customer) > price:
                world.give(customer, economy.usd, shop.address, price)
                break
            if world.balance(customer.address) > ETHER // 8 and dice.random() < 0.4:
                world.pay(customer, shop.address, min(0.1, typical_ether(world, dice)))
                break
        yield dice.expovariate(1 / 9) * HOUR


def _bank(world: World, economy: Economy, shop: Actor) -> Story:
    while True:
        yield from cash_out(world, economy, shop, keep=0.1)
        yield world.pause(shop, 5 * DAY)


def trade_over_the_counter(world: World, economy: Economy) -> None:
    """Desks that take a client's coins and pass nearly all on, and people who pay a large bill in even parts."""
    for number in range(world.scale.count(3)):
        desk = _firm(world, f"otc_desk_{number}", "OTC desk", ether=25)
        world.begin(_broker(world, economy, desk), after=desk.dice.uniform(0.02, 0.1) * world.span)
    dice = world.dice_of("instalments")
    for number in range(world.scale.count(7)):
        landlord = _firm(world, f"landlord_{number}", "landlord", ether=0.5, known=0.3)
        tenant = dice.choice(economy.people)
        world.begin(_pay_in_parts(world, economy, tenant, landlord), after=dice.uniform(0.05, 0.4) * world.span)
        world.begin(_bank(world, economy, landlord), after=0.5 * world.span)


def _broker(world: World, economy: Economy, desk: Actor) -> Story:
    dice = desk.dice
    while True:
        client = dice.choice(economy.people)
        ether = round(dice.uniform(0.4, 0.8) * world.balance(client.address) / ETHER, 2)
        if ether > 0.3 and world.pay(client, desk.address, ether):
            yield dice.uniform(0.5, 2) * HOUR
            economy.north.withdraw(client.address, round(ether * 1_885, 2), "usd")
            to = deposit_address(world, economy.north, desk)
            world.send(desk, to, int(ether * 0.995 * ETHER), gas=60_000)
        yield world.pause(desk, 1.1 * DAY)


def _pay_in_parts(world: World, economy: Economy, tenant: Actor, landlord: Actor) -> Story:
    """A bill paid in parts of the same size, some of which are just below 10,000 by chance: no structuring."""
    dice = tenant.dice
    part = dice.choice((3_500, 4_800, 7_500, 9_500, 9_900, 12_000))
    parts = dice.randint(2, 4)
    economy.north.withdraw(tenant.address, part * parts * 1.02, "usd")
    yield 14 * HOUR
    for _ in range(parts):
        if world.holding(economy.usd, tenant) >= part * USD:
            world.give(tenant, economy.usd, landlord.address, part * USD)
        yield dice.uniform(1, 6) * DAY


def change_wallets(world: World, economy: Economy) -> None:
    """People who take a fresh wallet after every payment or two, out of caution: chains that hide nothing."""
    dice = world.dice_of("fresh wallets")
    for number in range(world.scale.count(16)):
        person = dice.choice(economy.wealthy if economy.wealthy and number % 2 else economy.people)
        world.begin(_move_house(world, economy, person, number), after=dice.uniform(0.05, 0.6) * world.span)


def _move_house(world: World, economy: Economy, person: Actor, number: int) -> Story:
    dice = world.dice_of(f"fresh wallets {number}")
    holder = person
    for step in range(dice.randint(2, 5)):
        truth = Truth("user", "fresh_wallets", note=f"same owner as {person.address}")
        known = Label("known user", "licit") if dice.random() < 0.25 else None
        following = world.join(f"fresh wallet {number} {step}", truth, label=known)
        for _ in range(dice.choice((0, 1, 1, 2))):
            part = world.balance(holder.address) / ETHER * dice.uniform(0.03, 0.25)
            world.pay(holder, dice.choice(economy.people).address, round(part, 4))
            yield world.pause(holder, 0.4 * DAY)
        world.sweep(holder, following.address, keep=dice.choice((0.0, 0.0, 0.005)))
        holder = following
        yield world.pause(holder, 1.3 * DAY)
    if dice.random() < 0.5:
        yield from cash_out(world, economy, holder)


def use_smart_accounts(world: World, economy: Economy) -> None:
    """Some people let their account run shared code and pay several friends in one transaction (EIP-7702)."""
    dice = world.dice_of("smart accounts")
    maker = world.join("wallet maker", Truth("deployer", "smart_accounts"), ether=2, aged=True)
    truth = Truth("wallet_app", "smart_accounts", note="code of smart accounts")
    code = world.deploy(maker, "account", truth=truth, label=Label("Smart account code", "wallet_app"))
    for person in dice.sample(economy.people, min(len(economy.people), world.scale.count(24, least=2))):
        world.begin(_batch_payments(world, economy, person, code), after=dice.uniform(0.05, 0.9) * world.span)


def _batch_payments(world: World, economy: Economy, person: Actor, code: Contract) -> Story:
    for _ in range(person.dice.randint(1, 3)):
        friends = [friend.address for friend in person.dice.sample(economy.people, 3)]
        part = int(world.balance(person.address) * person.dice.uniform(0.02, 0.08))
        world.delegate(person, code, code.artifact.call("pay", friends, [part, part // 2, part // 3]))
        yield world.pause(person, 4 * DAY)


def run_bots(world: World, economy: Economy) -> None:
    """Arbitrage between two pairs: contracts that earn or revert."""
    for number in range(world.scale.count(2)):
        name = f"arbitrage_{number}"
        label = Label("MEV bot", "mev_bot") if number == 0 else None
        owner = world.join(name, Truth("mev_bot", name), ether=40, aged=True, label=label)
        owner.careless = 0.0
        world.begin(_arbitrage(world, economy, owner, label), after=owner.dice.uniform(0.01, 0.05) * world.span)


def _arbitrage(world: World, economy: Economy, owner: Actor, label: Label | None) -> Story:
    dice = owner.dice
    bot = world.deploy(
        owner,
        "arbitrage",
        economy.weth.address,
        truth=Truth("mev_bot", owner.name, note="contract"),
        label=label,
        ether=12.0,
    )
    while not world.read(economy.gov_pair_2, "reserve0"):
        yield 3 * HOUR
    pairs = (economy.gov_pair.address, economy.gov_pair_2.address)
    while True:
        prices = [
            world.read(pair, "reserve1") / world.read(pair, "reserve0")
            for pair in (economy.gov_pair, economy.gov_pair_2)
        ]
        buy_at, sell_at = pairs if prices[0] > prices[1] else pairs[::-1]
        gap = max(prices) / min(prices) - 1
        if gap > 0.0065 or dice.random() < 0.35:
            amount = int(min(8.0, max(0.3, gap * 40)) * ETHER)
            world.act(owner, bot, "run", buy_at, sell_at, economy.gov.address, amount, 0)
        yield dice.uniform(0.4, 7) * HOUR


def play_games(world: World, economy: Economy) -> None:
    """Lotteries that are destroyed after their draw, and one that pays a refusing receiver."""
    house = world.join(
        "lottery house", Truth("gambling", "lottery"), ether=5, aged=True, label=Label("Lottery", "gambling")
    )
    house.careless = 0.0
    world.begin(_hold_lotteries(world, economy, house), after=0.06 * world.span)
    clumsy = _firm(world, "refunds", "refunds to contracts", ether=2)
    world.begin(_refund(world, economy, clumsy), after=0.2 * world.span)


def _hold_lotteries(world: World, economy: Economy, house: Actor) -> Story:
    dice = house.dice
    for number in range(world.scale.count(5)):
        truth = Truth("gambling", "lottery", note=f"draw {number}, destroyed")
        contract = world.deploy(house, "lottery", truth=truth, label=Label("Lottery draw", "gambling"))
        yield 5 * HOUR
        for person in dice.sample(economy.people, min(len(economy.people), 14)):
            if world.balance(person.address) > ETHER // 10:
                world.act(person, contract, "play", ether=round(dice.uniform(0.01, 0.05), 2))
            yield dice.uniform(0.5, 9) * HOUR
        world.act(house, contract, "draw", dice.randrange(10**6))
        yield 2 * DAY


def _refund(world: World, economy: Economy, payer: Actor) -> Story:
    """Disperse to people and to a contract that refuses plain ether: an inner call fails, the rest arrives."""
    dice = payer.dice
    for _ in range(world.scale.count(9)):
        people = [person.address for person in dice.sample(economy.people, min(len(economy.people), 5))]
        people.insert(dice.randrange(5), economy.router.address)
        amounts = [int(dice.uniform(0.004, 0.02) * ETHER) for _ in people]
        world.act(payer, economy.disperse, "disperseEther", people, amounts, wei=sum(amounts))
        yield dice.uniform(1, 4) * DAY


def pass_by(world: World, economy: Economy) -> None:
    """The long tail: wallets seen once or a few times, which receive from an exchange and hold, or pay somebody once."""
    dice = world.dice_of("passers-by")
    for number in range(world.scale.count(700, least=5)):
        label = Label("known user", "licit") if dice.random() < 0.12 else None
        person = world.join(f"passer-by {number}", Truth("user", "passers-by"), label=label)
        world.begin(_pass(world, economy, person), after=dice.uniform(0.01, 0.97) * world.span)


def _pass(world: World, economy: Economy, person: Actor) -> Story:
    dice = person.dice
    exchange = economy.north if dice.random() < 0.7 else economy.harbour
    if dice.random() < 0.6:
        exchange.withdraw(person.address, typical_ether(world, dice))
    elif dice.random() < 0.5:
        exchange.withdraw(person.address, round(dice.lognormvariate(5.5, 1.2), 2), "usd")
    else:
        friend = dice.choice(economy.people)
        world.pay(
            friend,
            person.address,
            min(typical_ether(world, dice), 0.3 * world.balance(friend.address) / ETHER),
        )
    yield world.pause(person, 2 * DAY)
    for _ in range(dice.choice((0, 1, 1, 2, 2, 4))):
        throw = dice.random()
        held = world.balance(person.address)
        if throw < 0.45:
            world.pay(person, dice.choice(economy.people).address, held / ETHER * dice.uniform(0.1, 0.7))
        elif throw < 0.75 and held > ETHER // 33:
            world.sweep(person, deposit_plain(world, economy, person))
        else:
            world.act(person, economy.weth, "deposit", wei=held // 3)
        yield world.pause(person, 2 * DAY)


def deposit_plain(world: World, economy: Economy, person: Actor) -> str:
    """A deposit address with a key (plain transfers of 21,000 gas fail at forwarder contracts)."""
    return deposit_address(world, economy.north, person)
