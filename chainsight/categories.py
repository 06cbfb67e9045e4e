"""What an address can be: our concepts, how grave each is, and how the words of label sources map to them.

Conventions every stage relies on
    * `labels.category` holds one of `CATEGORIES`; the source's own word stays in `labels.source_category`.
    * `is_illicit(category)` is the positive class of wallet models; the category `licit` (label `licit`) is
      its negative class: somebody looked and found nothing. A service (exchange, dex …) is not licit by that,
      and an address without any label is unknown, not licit.
    * Severity runs from 0 (no risk) to 1 (sanctioned); it is a default that a policy may replace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from chainsight.errors import UnknownName


@dataclass(frozen=True)
class Category:
    """One concept of the taxonomy."""

    name: str
    is_illicit: bool
    """Whoever controls such an address is known or said to have done wrong with it."""
    is_service: bool
    """Many people's funds pass through it: paths and clusters should not run on across it."""
    severity: float
    """0 to 1: how much direct dealing with it matters by default."""
    meaning: str


CATEGORIES: dict[str, Category] = {
    category.name: category
    for category in (
        Category("exchange", False, True, 0.0, "Custodial exchange, or a wallet it controls"),
        Category("deposit", False, True, 0.0, "Address an exchange gave to one customer"),
        Category("hot_wallet", False, True, 0.0, "Wallet an exchange pays out from"),
        Category("dex", False, True, 0.0, "Decentralised exchange: router, pool or factory"),
        Category("bridge", False, True, 0.1, "Moves value to another chain"),
        Category("mixer", False, True, 0.8, "Breaks the link between payer and payee"),
        Category("defi", False, True, 0.0, "Lending, staking, vaults, derivatives, oracles"),
        Category("token_contract", False, True, 0.0, "Contract of a fungible token"),
        Category("nft", False, True, 0.0, "Collection or market of non-fungible tokens"),
        Category("gambling", False, True, 0.3, "Games of chance"),
        Category("miner", False, True, 0.0, "Miner, pool, block builder or validator payee"),
        Category("mev_bot", False, False, 0.1, "Trades on the order of transactions"),
        Category("airdrop", False, False, 0.1, "Collects or distributes airdrops"),
        Category("wallet_app", False, True, 0.0, "Wallet software, smart-account or payment service"),
        Category("service", False, True, 0.0, "Shop, hosting, faucet or another service with many customers"),
        Category("victim", False, False, 0.0, "Lost funds to a crime of others"),
        Category("sanctioned", True, False, 1.0, "On an official sanctions list"),
        Category("phishing", True, False, 0.9, "Takes funds by deceiving people into signing or sending"),
        Category("scam", True, False, 0.8, "Fraudulent offer: fake sale, investment fraud"),
        Category("hack", True, False, 0.9, "Exploit, theft or heist"),
        Category("ransomware", True, False, 1.0, "Receives ransoms"),
        Category("extortion", True, False, 0.9, "Receives what is paid under threats other than locked data"),
        Category("laundering", True, False, 0.9, "Conceals where illicit funds come from, as a business"),
        Category("child_abuse", True, False, 1.0, "Sells or funds material of child sexual abuse"),
        Category("darknet", True, False, 0.9, "Market for illegal goods"),
        Category("ponzi", True, False, 0.7, "Ponzi or pyramid scheme"),
        Category("terrorism", True, False, 1.0, "Finances terrorism or violent extremism"),
        Category("blacklisted", True, False, 0.8, "Frozen or blocked by a token's issuer"),
        Category("abuse", True, False, 0.7, "Reported as illicit without saying how"),
        Category("licit", False, False, 0.0, "Examined by a source and found clean"),
        Category("other", False, False, 0.0, "None of these"),
    )
}

HUB_NEIGHBOURS = 1_000
"""From so many different givers, or receivers, on an address is a hub: it ties strangers together, whatever it is."""

# Who an address can belong to: categories of different families contradict each other where `CONTRADICTIONS` says so.
# What a contract is (token, NFT, airdrop) says nothing of who is behind it, so those have no family.
FAMILIES: dict[str, str] = {
    **{entry.name: "illicit" for entry in CATEGORIES.values() if entry.is_illicit},
    **dict.fromkeys(("exchange", "deposit", "hot_wallet"), "custody"),
    **dict.fromkeys(("dex", "bridge", "defi"), "protocol"),
    **dict.fromkeys(("service", "wallet_app"), "service"),
    **{name: name for name in ("licit", "mixer", "gambling", "miner", "victim")},
}

# What a label speaks of. Labels compete for an address only within one aspect: a mixer that is sanctioned stays a mixer, and
# that it is a token's contract, too, says nothing against either.
ASPECTS: dict[str, str] = {
    name: {"illicit": "conduct", "licit": "conduct", "victim": "conduct", "": "kind"}.get(
        FAMILIES.get(name, ""), "service"
    )
    for name in CATEGORIES
}

# The gravest contradiction first.
CONTRADICTIONS: dict[tuple[str, str], str] = {
    ("licit", "illicit"): "found clean by some, illicit by others",
    ("victim", "illicit"): "a victim to some, illicit to others",
    ("custody", "illicit"): "an exchange's to some, illicit to others",
    ("service", "illicit"): "a service to some, illicit to others",
    ("protocol", "illicit"): "a protocol to some, illicit to others",
    ("miner", "illicit"): "a miner's to some, illicit to others",
    ("custody", "mixer"): "an exchange's to some, a mixer to others",
    ("licit", "mixer"): "found clean by some, a mixer to others",
    ("miner", "mixer"): "a miner's to some, a mixer to others",
    ("gambling", "mixer"): "gambling to some, a mixer to others",
    ("custody", "gambling"): "an exchange's to some, gambling to others",
}

# (pattern of the source's category, ours): the first that matches anywhere in the lower-cased word decides.
# Grave ones stand first, so that `phish-hack` is phishing and `ofac-sanctions-lists` is sanctioned.
_RULES: tuple[tuple[str, str], ...] = (
    (r"sanction|^ofac", "sanctioned"),
    (r"phish", "phishing"),
    (r"ransom", "ransomware"),
    (r"child_?(sexual_)?abuse|csam", "child_abuse"),
    (r"extort|blackmail", "extortion"),
    (r"launder", "laundering"),
    (r"terroris|extremis", "terrorism"),
    (r"ponzi|pyramid", "ponzi"),
    (r"heist|exploit|service_hack|^hack|hacker|malicious_contract", "hack"),
    (r"fraud(?!-proof)|^scam|blocked-scam|honeypot|fake", "scam"),
    (r"black_?list|^blocked$", "blacklisted"),
    (r"^market$|darknet", "darknet"),
    (r"mixing|^mixer|coinjoin|tornado|typhoon-(network|cash)", "mixer"),
    (r"^abuse|illicit|perpetrator|financial_crime|violence|torture|sexual_abuse", "abuse"),
    (r"^victim", "victim"),
    (r"^licit$", "licit"),
    (r"^deposit", "deposit"),
    (r"^(hot|warm).?wallet", "hot_wallet"),
    (r"^(dex|defi_dex|sushiswap|uniswap|balancer|bancor|burgerswap|bscswap|kyberswap|curve-fi|0x-protocol|1inch"
     r"|pancakeswap|quickswap|dodo|mooniswap|airswap|shapeshift|etherdelta|idex|loopring|cow-protocol|paraswap"
     r"|augmented-finance|airswap|dydx|mcdex|perpetual-protocol)$", "dex"),
    (r"bridge(?!d)|wormhole|multichain|across-protocol|hop-protocol|interoperability|synapse"
     r"|layer-?zero|stargate", "bridge"),
    (r"^(exchange|binance|huobi|bitfinex|coinbase|kraken|okx|okex|kucoin|bybit|gate-io|crypto-com|ftx|gemini|poloniex"
     r"|bittrex|bitstamp|upbit|bithumb|hitbtc|mexc|bitmart|liqui|cryptopia|yobit|cobinhood|nexo|hotbit|bitget)$",
     "exchange"),
    (r"^mev", "mev_bot"),
    (r"^(miner|mining|mining-pool|proposer-fee-recipient|block-?builder|validator)", "miner"),
    (r"airdrop|sybil", "airdrop"),
    (r"gambling|casino|lottery|betting", "gambling"),
    (r"wallet-app|wallet_service|^wallet$|authereum|gnosis-safe|argent|smart-account", "wallet_app"),
    (r"^nft|collectible|opensea|cryptokitties|cryptopunks|etheremon|looksrare|rarible|superrare|sorare", "nft"),
    (r"token|stablecoin|^meme$|^deflationary$|^currency$|binance-pegged", "token_contract"),
    (r"^defi|lending|loans|staking|yield|vault|aave|compound|maker|yearn|lido|rocket-pool|synthetix|cream-finance"
     r"|idle-finance|mstable|set-protocol|derivatives|oracle|chainlink|rari|alchemix|aura|premia|lyra|liquity|frax"
     r"|insurance|reflexer|dforce|enzyme|instadapp|badger|convex|harvest|barnbridge", "defi"),
    (r"^(service|shop|filesharing|messaging_service|search_engine|faucet|payment_processor|atm|hosting|vpn)$", "service"),
    # What a project is about, or the state of its contract, says nothing of whose funds these are.
    (r"^(genesis|user|organization|entity|item|donation|cold_wallet|ico_wallet|gray_usage|white_usage|behaviour|concept"
     r"|source|mention|forum_mention|website_mention|dark_web|contract-deployer|take-action|old-contract|deprecated"
     r"|website-down|gaming|play-to-earn|metaverse|entertainment|esports|sports|art|blockchain|finance|fintech|banking"
     r"|payments|investment|fund|asset-management|trading|dao|protocol|platform|governance|delegate|marketplace|technology"
     r"|artificial-intelligence|software|data|cloud|computing|storage|security|privacy|identity|charity|donate"
     r"|gitcoin-grants|buidlguidl-builders|decentralized-web|social-media|social-networking|communication|marketing"
     r"|advertising|news|e-commerce|retail|services-solutions|energy-sector|environment|healthcare|fitness|travel|food"
     r"|agriculture|fashion|adult|logistics|supply-chain|vehicle|research|analytics|loyalty-and-rewards|crowdfunding"
     r"|ico-wallets|launchpad|burn|layer-2|cross-chain|arbitrum|optimism|fantom|multisig|multisig-owner|factory-contract"
     r"|smart-contract|v1|v2|v3|others|tools|iot|vr|mobile|parity-bug)$", "other"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), name) for pattern, name in _RULES)

# Where the source's category is silent, the name it gives may speak: `Fake_Phishing123`, `Binance 14`.
_LABEL_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"fake_?phishing"), "phishing"),
    (re.compile(r"exploiter|hacker\b|\bheist"), "hack"),
    (re.compile(r"ofac|sanctioned"), "sanctioned"),
    (re.compile(r"tornado\.?\s?cash"), "mixer"),
    (re.compile(r"\bscam"), "scam"),
    (re.compile(r"usdt_blacklisted"), "blacklisted"),
)

# How far a source is believed, by kind: official lists, curated sets, reports by many.
CONFIDENCE: tuple[tuple[str, float], ...] = (
    ("ofac", 1.0),
    ("graphsense", 0.8),
    ("etherscan", 0.8),
    ("evm-labels", 0.8),
    ("forta", 0.7),
    ("accounts", 0.7),
)
_DEFAULT_CONFIDENCE = 0.5
# Words that say too little: the name beside them may say more, `user` with `listed by OFAC`.
_VAGUE = frozenset({"", "other", "service"})


def category(name: str) -> Category:
    """The entry of the taxonomy; raises `UnknownName` with the near ones."""
    if name not in CATEGORIES:
        raise UnknownName("category", name, CATEGORIES)
    return CATEGORIES[name]


def is_illicit(name: str) -> bool:
    """Whether a category is of the positive class of wallet models."""
    return category(name).is_illicit


def is_service(name: str) -> bool:
    """Whether many people's funds pass through an address of this category."""
    return category(name).is_service


def severity(name: str) -> float:
    """Default severity, 0 to 1."""
    return category(name).severity


def map_category(source_category: str, label: str) -> str:
    """Our category for the words of a source: its own category first, then the name it gives, else `other`.

    >>> map_category("phish-hack", "Fake_Phishing9"), map_category("", "Tornado.Cash: Router")
    ('phishing', 'mixer')
    """
    return recognise(source_category, label)[0]


def recognise(source_category: str, label: str) -> tuple[str, bool]:
    """Our category as in `map_category`, and whether the source's word is known here; no word at all is nothing unknown.

    >>> recognise("user", ""), recognise("zorblax", "")
    (('other', True), ('other', False))
    """
    ours = _by_word(source_category.strip().lower())
    if ours not in _VAGUE:
        return ours, True
    return _by_name(label.lower()) or ours or "other", ours != "" or not source_category.strip()


@lru_cache(maxsize=65_536)
def _by_word(word: str) -> str:
    if word in CATEGORIES:
        return word
    whole = next((ours for pattern, ours in _COMPILED if pattern.search(word)), "")
    if whole or ":" not in word:
        return whole
    # Several words in one, as in `market:defi`: the gravest that is known decides.
    parts = [ours for part in word.split(":") if (ours := _by_word(part.strip()))]
    return max(parts, key=severity, default="")


@lru_cache(maxsize=65_536)
def _by_name(name: str) -> str:
    return next((ours for pattern, ours in _LABEL_RULES if pattern.search(name)), "")


def source_confidence(source: str) -> float:
    """How far a source is believed, 0 to 1, by the beginning of its name; 0.5 where nobody has judged it."""
    name = source.lower()
    return next((value for prefix, value in CONFIDENCE if name.startswith(prefix)), _DEFAULT_CONFIDENCE)
