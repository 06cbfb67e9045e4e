"""What all stories share: the coins, the pairs they trade in, the exchanges, the public contracts."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from demo.actors import Actor, Label, Truth
from demo.stories.exchange import Exchange, make_forwarders, open_exchange
from demo.world import DAY, ETHER, HOUR, Contract, Story, World

USD = 10**6
ETHER_IN_USD = 1_900
MAX = 2**256 - 1
NOTES = (0.1, 1.0, 10.0)


@dataclass
class Economy:
    """The public things of the story; every other story uses them."""

    north: Exchange
    harbour: Exchange
    founder: Actor
    weth: Contract
    usd: Contract
    gov: Contract
    meme: Contract
    usd_pair: Contract
    gov_pair: Contract
    gov_pair_2: Contract
    meme_pair: Contract
    router: Contract
    disperse: Contract
    market: Contract
    art: Contract
    items: Contract
    mixers: dict[float, Contract]
    dice: Random
    people: list[Actor] = field(default_factory=list)
    """Ordinary users, for stories that need customers or friends."""
    wealthy: list[Actor] = field(default_factory=list)
    """Those of them with much ether, whose amounts are those of thieves without being stolen."""
    gullible: list[Actor] = field(default_factory=list)
    """Those of them who fall for things; the same names stand on every fraudster's list."""

    def tokens(self) -> list[tuple[str, str, str, int]]:
        """(address, symbol, name, decimals) of every token with amounts."""
        return [
            (self.weth.address, "WETH", "Wrapped Ether", 18),
            (self.usd.address, "USDC", "USD Coin", 6),
            (self.gov.address, "GOV", "Governance", 18),
            (self.meme.address, "MEME", "Very Good Dog", 18),
        ]

    def pairs_of(self) -> list[tuple[Contract, Contract]]:
        """(pair, its token other than WETH)."""
        return [
            (self.usd_pair, self.usd),
            (self.gov_pair, self.gov),
            (self.gov_pair_2, self.gov),
            (self.meme_pair, self.meme),
        ]


def found_economy(world: World) -> Economy:
    """Deploy everything in the first block and let the founder fill the pairs in the next ones."""
    north = open_exchange(world, "northgate", ether=9_000, published=True)
    harbour = open_exchange(world, "harbour", ether=2_500, published=False)
    founder = world.join("founder", Truth("deployer", "economy"), ether=4_000, aged=True)
    founder.careless = 0.0

    def made(name: str, what: str, category: str, *arguments: object) -> Contract:
        label = Label(what, category)
        return world.deploy(founder, name, *arguments, truth=Truth(category, "economy", note=what), label=label)

    weth = made("weth", "Wrapped Ether", "token_contract")
    usd = made("token", "USDC: stable coin", "token_contract", "USD Coin", "USDC", 6, 400_000_000 * USD)
    gov = made("token", "GOV: token", "token_contract", "Governance", "GOV", 18, 50_000_000 * ETHER)
    meme = made("token", "MEME: token", "token_contract", "Very Good Dog", "MEME", 18, 10**9 * ETHER)
    usd_pair, gov_pair, gov_pair_2, meme_pair = [
        made("pair", f"DEX: pair WETH/{what}", "dex", weth.address, token.address)
        for what, token in (("USDC", usd), ("GOV", gov), ("GOV 2", gov), ("MEME", meme))
    ]
    economy = Economy(
        north,
        harbour,
        founder,
        weth,
        usd,
        gov,
        meme,
        usd_pair,
        gov_pair,
        gov_pair_2,
        meme_pair,
        router=made("router", "DEX: router", "dex", weth.address),
        disperse=made("disperse", "Disperse", "wallet_app"),
        market=made("market", "NFT market", "nft"),
        art=made("collectible", "ART: collection", "nft", "Generative Art", "ART", ETHER // 20),
        items=made("items", "Game items", "nft", ETHER // 250),
        mixers={note: made("mixer", f"Mixer: {note} ether", "mixer", int(note * ETHER)) for note in NOTES},
        dice=world.dice_of("economy"),
    )
    forwarder = made("forwarder", "harbour: forwarder", "exchange")
    factory = made("forwarders", "harbour: forwarder factory", "exchange", forwarder.address, harbour.hot.address)
    world.coins.update(weth=weth, usd=usd, gov=gov, meme=meme)
    step = world.span / world.scale.blocks
    world.begin(_fill_pairs(world, economy), after=step * 1.5)
    world.begin(make_forwarders(world, harbour, factory, forwarder, world.scale.count(60, least=4)), after=step * 2.5)
    world.begin(_provide_liquidity(world, economy), after=2 * DAY)
    return economy


def _fill_pairs(world: World, economy: Economy) -> Story:
    """Distribute the first tokens to exchanges and pairs, as issuers and market makers do."""
    founder, step = economy.founder, world.span / world.scale.blocks
    for exchange, share in ((economy.north, 10), (economy.harbour, 3)):
        world.give(founder, economy.usd, exchange.hot.address, share * 4_000_000 * USD)
        world.give(founder, economy.gov, exchange.hot.address, share * 300_000 * ETHER)
        world.give(founder, economy.meme, exchange.hot.address, share * 9_000_000 * ETHER)
    world.act(founder, economy.weth, "deposit", ether=2_600)
    yield step
    depths = (
        (900, 900 * ETHER_IN_USD * USD),
        (600, 600 * 950 * ETHER),
        (260, 260 * 958 * ETHER),
        (300, 3 * 10**7 * ETHER),
    )
    for (pair, token), (ether, tokens) in zip(economy.pairs_of(), depths, strict=True):
        world.give(founder, economy.weth, pair.address, int(ether * ETHER))
        world.give(founder, token, pair.address, tokens)
        world.act(founder, pair, "mint", founder.address)
    yield step


def _provide_liquidity(world: World, economy: Economy) -> Story:
    """The founder's treasury adds to a pair now and then, takes some out, and mints stable coin for exchanges."""
    founder = economy.founder
    while True:
        pair, token = economy.dice.choice(economy.pairs_of()[:3])
        if economy.dice.random() < 0.5:
            ether = economy.dice.randint(5, 20)
            reserve_0, reserve_1 = world.read(pair, "reserve0"), world.read(pair, "reserve1")
            world.act(founder, economy.weth, "deposit", ether=ether)
            world.give(founder, economy.weth, pair.address, ether * ETHER)
            world.give(founder, token, pair.address, ether * ETHER * reserve_1 // reserve_0)
            world.act(founder, pair, "mint", founder.address)
        elif economy.dice.random() < 0.6:
            shares = world.read(pair, "balanceOf", founder.address)
            world.act(founder, pair, "burn", shares // economy.dice.randint(30, 80), founder.address)
        else:
            amount = economy.dice.randint(2, 20) * 250_000
            world.act(founder, economy.usd, "mint", economy.north.hot.address, amount * USD)
        yield economy.dice.uniform(10, 40) * HOUR
