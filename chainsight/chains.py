"""What is known of each chain, read once from chains.toml: names, native coin, finality, wrapped natives, stablecoins."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("chains.toml")


@dataclass(frozen=True)
class ChainSettings:
    """One EVM chain; the defaults are what is assumed of a chain that chains.toml does not have."""

    id: int
    name: str = ""
    """As labels write it, lower case; empty for a chain without a name here."""
    title: str = ""
    """For people."""
    aliases: tuple[str, ...] = ()
    plays: str = "ethereum"
    """The chain whose labels hold here, too, for development chains and testnets; empty on chains of their own."""
    native_symbol: str = "ETH"
    native_decimals: int = 18
    layer: int = 1
    """1, or 2 for a rollup."""
    block_seconds: float = 12.0
    safe_depth: int = 32
    """Blocks behind the head that count as safe where the node does not know the tag."""
    finalized_depth: int = 64
    wrapped_natives: tuple[str, ...] = field(default=())
    """Contracts (`0x…`, lower case) that wrap the native coin one to one."""
    stablecoins: tuple[str, ...] = field(default=())
    """Tokens (`0x…`, lower case) that stand for one US dollar; prices are counted in the first of them that was traded."""
    genesis_hash: str = ""
    """Hash of block 0 (`0x…`); empty where it is not known here."""

    @property
    def label_name(self) -> str:
        """The value of `labels.chain` that speaks of this chain."""
        return self.plays or self.name


def chain_settings(chain_id: int) -> ChainSettings:
    """What is known of a chain; for one that is not known, the defaults, under which it plays Ethereum.

    >>> chain_settings(56).native_symbol, chain_settings(987654).finalized_depth
    ('BNB', 64)
    """
    known = known_chains().get(chain_id)
    return known if known is not None else ChainSettings(chain_id, title=f"Chain {chain_id}")


@cache
def known_chains() -> dict[int, ChainSettings]:
    """All chains of chains.toml by their id."""
    return {entry["id"]: _settings(entry) for entry in _content()["chain"]}


def label_chains(chain_id: int) -> list[str]:
    """Values of `labels.chain` that speak of this chain: its name, its number, and the empty one for any EVM chain.

    A chain without a name here plays Ethereum, as development chains do: what is said of Ethereum holds there too.

    >>> label_chains(137)
    ['', '137', 'polygon']
    """
    return ["", str(chain_id), chain_settings(chain_id).label_name]


def chain_name(text: str) -> str:
    """The one name of a chain or ledger that sources write in several ways; an unknown one as it is, in lower case.

    >>> chain_name(" ETH "), chain_name("xbt"), chain_name("Solana")
    ('ethereum', 'bitcoin', 'solana')
    """
    name = text.strip().lower()
    return _names().get(name, name)


@cache
def _names() -> dict[str, str]:
    names = {alias: name for name, aliases in _content()["other_names"].items() for alias in aliases}
    return names | {alias: chain.name for chain in known_chains().values() for alias in chain.aliases}


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _settings(entry: dict[str, Any]) -> ChainSettings:
    listed = {name: tuple(entry.get(name, ())) for name in ("aliases", "wrapped_natives", "stablecoins")}
    return ChainSettings(**{"plays": "", **entry, **listed})
