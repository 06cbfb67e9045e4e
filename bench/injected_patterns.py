"""One generator for each behaviour: a story with new wallets in the middle and real ones at the edges.

Sizes, amounts and gaps are drawn anew for every story; the generators were written from the papers that the detectors name, and
not from what the detectors ask. `STORIES` says which variants make sense: nobody can delay a sandwich.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.injections import HOUR, STABLE, VARIANTS, Cast, Move, Step, Story, Swap, pay

_TRANSFER_FROM = b"\x23\xb8\x72\xdd"


def _fan_in(cast: Cast) -> Story:
    gatherer, beyond, givers = cast.new(), cast.new(), cast.people(12, 20)
    sums = [cast.about(1.5, 0.6) for _ in givers]
    steps = [pay(cast.rng.uniform(0, 20), giver, gatherer, units) for giver, units in zip(givers, sums, strict=True)]
    return Story([*steps, pay(26, gatherer, beyond, sum(sums) * 0.97)], frozenset({gatherer}))


def _fan_out(cast: Cast) -> Story:
    spreader, fresh = cast.new(), cast.some_new(12, 20)
    steps = [pay(cast.rng.uniform(3, 20), spreader, wallet, cast.about(1, 0.4)) for wallet in fresh]
    total = sum(step.moves[0].amount for step in steps) / 10**18
    return Story([pay(0, cast.somebody(), spreader, total * 1.01), *steps], frozenset({spreader}))


def _gather_scatter(cast: Cast) -> Story:
    switch, givers, receivers = cast.new(), cast.people(10, 16), cast.people(10, 16)
    steps = [pay(cast.rng.uniform(0, 18), giver, switch, cast.about(2, 0.5)) for giver in givers]
    share = sum(step.moves[0].amount for step in steps) / 10**18 * 0.96 / len(receivers)
    steps += [pay(cast.rng.uniform(22, 40), switch, receiver, share) for receiver in receivers]
    return Story(steps, frozenset({switch}))


def _scatter_gather(cast: Cast) -> Story:
    launderer, end, between = cast.new(), cast.new(), cast.some_new(6, 12)
    steps = [pay(0, cast.somebody(), launderer, 3.1 * len(between))]
    for wallet in between:
        units = cast.about(2.5)
        steps += [
            pay(cast.rng.uniform(3, 12), launderer, wallet, units),
            pay(cast.rng.uniform(16, 40), wallet, end, units * 0.99),
        ]
    return Story(steps, frozenset({launderer, end, *between}))


def _peel_chain(cast: Cast) -> Story:
    hops = cast.some_new(6, 12)
    left = cast.about(80)
    steps = [pay(0, cast.somebody(), hops[0], left)]
    for place, hop in enumerate(hops[:-1]):
        peel = left * cast.rng.uniform(0.04, 0.15)
        hour = 5 + 6 * place
        left -= peel * 1.002
        steps += [pay(hour, hop, cast.somebody(), peel), pay(hour + 1, hop, hops[place + 1], left)]
    return Story(steps, frozenset(hops[:-1]))


def _layering(cast: Cast) -> Story:
    hops = cast.some_new(4, 6)
    left = cast.about(40)
    steps = [pay(0, cast.somebody(), hops[0], left)]
    for place, hop in enumerate(hops):
        left *= cast.rng.uniform(0.98, 0.998)
        steps.append(pay(6 * (place + 1), hop, hops[place + 1] if place + 1 < len(hops) else cast.somebody(), left))
    return Story(steps, frozenset(hops))


def _structuring(cast: Cast) -> Story:
    boss, mules = cast.new(), cast.some_new(2, 4)
    steps = [
        pay(
            float(cast.rng.uniform(0, 40)),
            mules[int(cast.rng.integers(len(mules)))],
            boss,
            float(cast.rng.uniform(8_600, 9_950)),
            STABLE,
        )
        for _ in range(int(cast.rng.integers(8, 14)))
    ]
    return Story(steps, frozenset({boss, *(step.signer for step in steps)}))


def _round_trip(cast: Cast) -> Story:
    wallets = cast.some_new(3, 5)
    left = cast.about(30)
    steps = [pay(0, cast.somebody(), wallets[0], left * 1.3)]
    for place, wallet in enumerate(wallets):
        left *= cast.rng.uniform(0.97, 0.999)
        steps.append(pay(6 + 8 * place, wallet, wallets[(place + 1) % len(wallets)], left))
    return Story(steps, frozenset(wallets))


def _wash_trading(cast: Cast) -> Story:
    token, wallets = cast.rng.bytes(20), cast.some_new(2, 4)
    steps = []
    hour = 0.0
    for _ in range(5):
        for place, wallet in enumerate(wallets):
            hour += float(cast.rng.uniform(2, 6))
            steps.append(pay(hour, wallet, wallets[(place + 1) % len(wallets)], cast.about(1_000, 0.02), token))
    return Story(steps, frozenset(wallets))


def _rapid_pass_through(cast: Cast) -> Story:
    mule = cast.new()
    steps = []
    for place in range(int(cast.rng.integers(4, 8))):
        units = cast.about(3)
        steps += [
            pay(24 * place, cast.somebody(), mule, units),
            pay(24 * place + 0.3, mule, cast.somebody(), units * 0.99),
        ]
    return Story(steps, frozenset({mule}))


def _dormant_then_active(cast: Cast) -> Story:
    sleeper = cast.new()
    asleep = 24 * float(cast.rng.uniform(400, 700))
    steps = [pay(0, cast.somebody(), sleeper, 50), pay(30, sleeper, cast.somebody(), 1)]
    steps += [pay(asleep + 5 * place, sleeper, cast.new(), 16) for place in range(3)]
    return Story(steps, frozenset({sleeper}))


def _mixer_use(cast: Cast) -> Story:
    hider, ghost, mixer = cast.new(), cast.new(), cast.place("mixer")
    steps = [pay(0, cast.somebody(), hider, 21), pay(4, hider, mixer, 10), pay(9, hider, mixer, 10)]
    return Story([*steps, pay(40, mixer, ghost, 9.9)], frozenset({hider, ghost}))


def _darknet_exposure(cast: Cast) -> Story:
    buyer, vendor, market = cast.new(), cast.new(), cast.place("darknet")
    steps = [pay(0, cast.somebody(), buyer, 2.2), pay(5, buyer, market, 2)]
    return Story(
        [*steps, pay(30, market, vendor, 1.9), pay(50, vendor, cast.somebody(), 1)], frozenset({buyer, vendor})
    )


def _bridge_hopping(cast: Cast) -> Story:
    hopper, doors = cast.new(), (cast.place("bridge"), cast.place("bridge", 1))
    steps = []
    for turn in range(int(cast.rng.integers(3, 6))):
        units = cast.about(10)
        steps += [
            pay(20 * turn, doors[turn % 2], hopper, units),
            pay(20 * turn + 2, hopper, doors[1 - turn % 2], units * 0.99),
        ]
    return Story(steps, frozenset({hopper}))


def _cash_out_ring(cast: Cast) -> Story:
    boss, mules, hot = cast.new(), cast.some_new(6, 12), cast.place("hot_wallet")
    steps = [pay(0, cast.somebody(), boss, 6.6 * len(mules))]
    for mule in mules:
        units, deposit = cast.about(5, 0.2), cast.new()
        hour = float(cast.rng.uniform(4, 20))
        steps += [pay(hour, boss, mule, units), pay(hour + 12, mule, deposit, units * 0.98)]
        steps.append(pay(hour + 20, deposit, hot, units * 0.979, fixed=True))
    return Story(steps, frozenset({boss, *mules}))


def _deposit_address(cast: Cast) -> Story:
    deposit, hot = cast.new(), cast.place("hot_wallet")
    steps = []
    for place in range(int(cast.rng.integers(2, 5))):
        units = cast.about(4)
        steps += [pay(50 * place, cast.somebody(), deposit, units), pay(50 * place + 2, deposit, hot, units * 0.995)]
    return Story(steps, frozenset({deposit}))


def _airdrop_sybil(cast: Cast) -> Story:
    funder, collector, wallets = cast.new(), cast.new(), cast.some_new(7, 14)
    drop, token = cast.rng.bytes(20), cast.rng.bytes(20)
    steps = [pay(0, cast.somebody(), funder, 0.12 * len(wallets))]
    for wallet in wallets:
        hour = float(cast.rng.uniform(3, 20))
        claim = Move(drop, wallet, 50 * 10**6, token, "erc20")
        steps += [
            pay(hour, funder, wallet, 0.1),
            Step((hour + 24) * HOUR, wallet, drop, (claim,), b"\x4e\x71\xd9\x2d", 90_000),
            pay(hour + 30, wallet, collector, 50, token),
        ]
    return Story(steps, frozenset({funder, collector, *wallets}))


def _ponzi(cast: Cast) -> Story:
    scheme, investors = cast.new(), cast.people(24, 40)
    steps = []
    for place, investor in enumerate(investors):
        steps.append(pay(5 * place, investor, scheme, cast.about(1.5, 0.1)))
        if place >= 2 and place % 2 == 0:
            steps.append(pay(5 * place + 2, scheme, investors[place // 2 - 1], 2.2))
    return Story(steps, frozenset({scheme}))


def _fund_raising(cast: Cast) -> Story:
    collector, paymaster, investors = cast.new(), cast.new(), cast.people(20, 40)
    steps = [pay(6 * place, investor, collector, 2.0) for place, investor in enumerate(investors)]
    early = investors[: len(investors) // 3]
    half = 3 * len(investors)
    steps.append(pay(half, collector, paymaster, 1.2 * len(early)))
    steps += [
        pay(half + 3 + place, paymaster, investor, 1.1) for place, investor in enumerate(early[: len(early) // 2])
    ]
    steps.append(pay(6 * len(investors), collector, paymaster, 1.6 * len(early)))
    steps += [pay(6 * len(investors) + 4 + place, paymaster, investor, 1.5) for place, investor in enumerate(early)]
    return Story(steps, frozenset({collector, paymaster}))


def _address_poisoning(cast: Cast) -> Story:
    victim, friend, poisoner = cast.new(), cast.new(), cast.new()
    copy = friend[:2] + cast.rng.bytes(16) + friend[18:]
    empty = Move(victim, copy, 0, STABLE, "erc20")
    steps = [pay(0, cast.somebody(), victim, 5_000, STABLE), pay(5, victim, friend, 900, STABLE)]
    steps.append(Step(7 * HOUR, poisoner, STABLE, (empty,), _TRANSFER_FROM, 60_000))
    return Story(steps, frozenset({copy, poisoner}))


def _drainer(cast: Cast) -> Story:
    thief, stash, owners = cast.new(), cast.new(), cast.some_new(4, 9)
    steps = []
    for owner in owners:
        hour, units = float(cast.rng.uniform(0, 60)), cast.about(700, 0.8)
        taken = Move(owner, stash, round(units * 10**6), STABLE, "erc20")
        steps += [
            pay(hour, cast.somebody(), owner, units, STABLE, fixed=True),
            Step((hour + 3) * HOUR, owner, STABLE, (), b"\x09\x5e\xa7\xb3", 46_000, (owner, thief, STABLE)),
            Step((hour + 4) * HOUR, thief, STABLE, (taken,), _TRANSFER_FROM, 70_000),
        ]
    return Story(steps, frozenset({thief, stash}))


def _trade(
    at: float, trader: bytes, pool: bytes, sender: bytes, gave: tuple[bytes, int], got: tuple[bytes, int]
) -> Step:
    moves = (Move(trader, pool, gave[1], gave[0], "erc20"), Move(pool, trader, got[1], got[0], "erc20"))
    return Step(at, trader, sender, moves, b"\x38\xed\x17\x39", 130_000, swap=Swap(pool, sender, *gave, *got))


def _mev(cast: Cast) -> Story:
    bot, contract, pool, router, gem = (
        cast.new(),
        cast.new(),
        cast.rng.bytes(20),
        cast.rng.bytes(20),
        cast.rng.bytes(20),
    )
    steps = []
    for place in range(int(cast.rng.integers(2, 6))):
        at, size = 30 * HOUR * place, int(cast.about(10**9))
        steps += [
            _trade(at, bot, pool, contract, (STABLE, size), (gem, size)),
            _trade(at, cast.new(), pool, router, (STABLE, size * 3), (gem, size * 2)),
            _trade(at, bot, pool, contract, (gem, size), (STABLE, size + size // 50)),
        ]
    return Story(steps, frozenset({bot, contract}))


def _pump_and_rug(cast: Cast) -> Story:
    maker, pool, router, coin = cast.new(), cast.rng.bytes(20), cast.rng.bytes(20), cast.new()
    put_in = Move(maker, pool, 20_000 * 10**6, STABLE, "erc20"), Move(maker, pool, 10**15, coin, "erc20")
    steps = [Step(0, maker, router, put_in, b"\xe8\xe3\x37\x00", 200_000)]
    money = 20_000 * 10**6
    for place, buyer in enumerate(cast.some_new(14, 30)):
        size = int(cast.about(2_500 * 10**6))
        money += size
        steps.append(_trade((2 + place) * HOUR, buyer, pool, router, (STABLE, size), (coin, 10**12 * (50 - place))))
    out = Move(pool, maker, int(money * 0.97), STABLE, "erc20"), Move(pool, maker, 10**14, coin, "erc20")
    steps.append(Step(60 * HOUR, maker, router, out, b"\xba\xa2\xab\xde", 200_000))
    return Story(steps, frozenset({maker, coin}))


_ALL, _FIXED = VARIANTS, ("plain", "delay", "dust")
STORIES: dict[str, tuple[Callable[[Cast], Story], tuple[str, ...]]] = {
    "fan_in": (_fan_in, _ALL),
    "fan_out": (_fan_out, _ALL),
    "gather_scatter": (_gather_scatter, _ALL),
    "scatter_gather": (_scatter_gather, _ALL),
    "peel_chain": (_peel_chain, _ALL),
    "layering": (_layering, _ALL),
    "structuring": (_structuring, _ALL),
    "round_trip": (_round_trip, _ALL),
    "wash_trading": (_wash_trading, _ALL),
    "rapid_pass_through": (_rapid_pass_through, _ALL),
    "dormant_then_active": (_dormant_then_active, ("plain", "split", "hop", "dust")),
    "mixer_use": (_mixer_use, _ALL),
    "darknet_exposure": (_darknet_exposure, _ALL),
    "bridge_hopping": (_bridge_hopping, _ALL),
    "cash_out_ring": (_cash_out_ring, _ALL),
    "deposit_address": (_deposit_address, _ALL),
    "airdrop_sybil": (_airdrop_sybil, _ALL),
    "ponzi": (_ponzi, _ALL),
    "fund_raising": (_fund_raising, _ALL),
    "address_poisoning": (_address_poisoning, _FIXED),
    "drainer": (_drainer, _FIXED),
    "mev": (_mev, ("plain",)),
    "pump_and_rug": (_pump_and_rug, _FIXED),
}
"""By detector: its generator, and the variants that make sense."""
