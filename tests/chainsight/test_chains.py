"""Chain settings as data: every entry is whole, and names lead to one chain."""

from __future__ import annotations

import re

from chainsight.chains import chain_name, chain_settings, known_chains, label_chains


def test_every_chain_is_stated_whole() -> None:
    for chain in known_chains().values():
        assert chain.name == chain.name.lower() != ""
        assert chain.title
        assert chain.native_symbol
        assert chain.layer in {1, 2}
        assert chain.block_seconds > 0
        assert 0 < chain.safe_depth <= chain.finalized_depth
        assert all(re.fullmatch("0x[0-9a-f]{40}", address) for address in (*chain.wrapped_natives, *chain.stablecoins))
        assert len({*chain.wrapped_natives, *chain.stablecoins}) == len(chain.wrapped_natives) + len(chain.stablecoins)
        assert re.fullmatch("(0x[0-9a-f]{64})?", chain.genesis_hash)


def test_no_name_leads_to_two_chains() -> None:
    names = [name for chain in known_chains().values() for name in (chain.name, *chain.aliases)]
    assert len(names) == len(set(names))


def test_a_testnet_hears_what_is_said_of_the_chain_it_plays() -> None:
    assert label_chains(11155111) == ["", "11155111", "ethereum"]
    assert label_chains(43114) == ["", "43114", "avalanche"]


def test_a_chain_nobody_has_heard_of_has_defaults_and_plays_ethereum() -> None:
    unknown = chain_settings(987654)
    assert (unknown.name, unknown.native_symbol, unknown.wrapped_natives) == ("", "ETH", ())
    assert label_chains(987654) == ["", "987654", "ethereum"]


def test_tickers_and_short_names_are_names_of_chains() -> None:
    found = [chain_name(text) for text in ("ETH", "usdt", " bnb", "matic", "TRX", "bitcoin", "Solana")]
    assert found == ["ethereum", "ethereum", "bsc", "polygon", "tron", "bitcoin", "solana"]
