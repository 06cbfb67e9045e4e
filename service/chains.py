"""Which chain a request is about."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from chainsight.errors import StoreEmpty
from risk.publications import Publication, newest_publication, published_chains
from service.problems import Problem
from service.schemas import AsOfBlock
from sql.store import Store

ChainQuery = Annotated[
    int,
    Query(
        ge=0,
        lt=2**63,
        description="EIP-155 chain id; may be left out when one chain is published.",
        examples=[1],
    ),
]


def published(store: Store, chain_id: int) -> Publication:
    """The newest publication of a chain (0: the only one). 404 for a chain that is not published, 422 for a choice."""
    chains = published_chains(store)
    if not chains:
        raise StoreEmpty("publication yet", "Run the pipeline first: chainsight run, or chainsight publish.")
    if chain_id == 0 and len(chains) > 1:
        raise Problem(
            422,
            "chain-needed",
            f"Several chains are published; add chain_id, one of {', '.join(map(str, chains))}.",
        )
    found = newest_publication(store, chain_id or chains[0])
    if found is None:
        raise Problem(
            404,
            "chain-unknown",
            f"Chain {chain_id} is not published here; there is {', '.join(map(str, chains))}.",
        )
    return found


def as_of_block(publication: Publication) -> AsOfBlock:
    """The as-of part of an answer."""
    return AsOfBlock(
        block_number=publication.as_of_block,
        block_hash="0x" + publication.as_of_block_hash,
        block_timestamp=publication.as_of_timestamp,
        finality=publication.finality,
    )
