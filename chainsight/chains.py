"""What chains are called, so that labels find the chain they speak of."""

from __future__ import annotations

_NAMES = {1: "ethereum", 10: "optimism", 56: "bsc", 137: "polygon", 8453: "base", 42161: "arbitrum"}


def label_chains(chain_id: int) -> list[str]:
    """Values of `labels.chain` that speak of this chain: its name, its number, and the empty one for any EVM chain.

    A chain without a name here plays Ethereum, as development chains do: what is said of Ethereum holds there too.

    >>> label_chains(137)
    ['', '137', 'polygon']
    """
    return ["", str(chain_id), _NAMES.get(chain_id, "ethereum")]
