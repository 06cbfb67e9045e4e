"""Bitcoin's networks: how each writes addresses, which block it starts with, how often its subsidy halves.

Source: Bitcoin Core, src/kernel/chainparams.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainsight.errors import UnknownName


@dataclass(frozen=True)
class Network:
    """What differs from network to network."""

    name: str
    """As tables and the command line have it."""
    core_name: str
    """As getblockchaininfo says it."""
    key_hash_prefix: int
    """First byte of a pay-to-public-key-hash address before base58."""
    script_hash_prefix: int
    """First byte of a pay-to-script-hash address before base58."""
    segwit_prefix: str
    """Human-readable part of a bech32 address."""
    genesis_hash: str
    """Hash of block 0, as people write it."""
    halving_interval: int
    """Blocks between two halvings of the subsidy."""
    height_in_coinbase_from: int
    """First block whose coinbase must begin with its height (BIP 34)."""
    segwit_from: int
    """First block whose witness commitment counts (BIP 141); miners wrote some before, without the witness it needs."""


_GENESIS_MAINNET = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
_GENESIS_TESTNET = "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"
_GENESIS_TESTNET4 = "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"
_GENESIS_SIGNET = "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"
_GENESIS_REGTEST = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"

MAINNET = Network("mainnet", "main", 0x00, 0x05, "bc", _GENESIS_MAINNET, 210_000, 227_931, 481_824)
TESTNET = Network("testnet", "test", 0x6F, 0xC4, "tb", _GENESIS_TESTNET, 210_000, 21_111, 834_624)
TESTNET4 = Network("testnet4", "testnet4", 0x6F, 0xC4, "tb", _GENESIS_TESTNET4, 210_000, 1, 1)
SIGNET = Network("signet", "signet", 0x6F, 0xC4, "tb", _GENESIS_SIGNET, 210_000, 1, 1)
REGTEST = Network("regtest", "regtest", 0x6F, 0xC4, "bcrt", _GENESIS_REGTEST, 150, 1, 0)
NETWORKS = (MAINNET, TESTNET, TESTNET4, SIGNET, REGTEST)


def network_named(name: str) -> Network:
    """The network of a name, ours or Bitcoin Core's; raises `UnknownName`.

    >>> network_named("main").name, network_named("regtest").segwit_prefix
    ('mainnet', 'bcrt')
    """
    for network in NETWORKS:
        if name in {network.name, network.core_name}:
            return network
    raise UnknownName("Bitcoin network", name, (network.name for network in NETWORKS))
