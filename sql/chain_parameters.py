"""What statements may ask of a chain's settings and of the taxonomy: the same for every transform, whoever runs it."""

from __future__ import annotations

from chainsight.categories import ASPECTS, HUB_NEIGHBOURS
from chainsight.chains import chain_settings, label_chains
from sql.store import Parameter


def chain_parameters(chain_id: int) -> dict[str, Parameter]:
    """What a statement may ask for, by name.

    {wrapped_natives}, {stablecoins} (0x… each), {chain_names} as labels write them, {categories} with their {aspects},
    {hub_neighbours}.
    """
    chain = chain_settings(chain_id)
    return {
        "wrapped_natives": list(chain.wrapped_natives),
        "stablecoins": list(chain.stablecoins),
        "chain_names": label_chains(chain_id),
        "categories": list(ASPECTS),
        "aspects": list(ASPECTS.values()),
        "hub_neighbours": HUB_NEIGHBOURS,
    }
