"""Which publication answers a request, and how its block is shown."""

from __future__ import annotations

from risk.publications import Publication, newest_publications, numbered_publication
from service.problems import CHAIN_NOT_NAMED, CHAIN_UNKNOWN, NOTHING_PUBLISHED, PUBLICATION_PRUNED, Problem
from service.schemas import AsOf
from sql.store import Store

NOTHING_YET = (
    "This store has no publication yet. Stop the service, run chainsight demo, or chainsight run on your own blocks, "
    "and start it again."
)
_UNTOLD_HASH = "00" * 32


def choose_publication(store: Store, chain_id: int | None) -> Publication:
    """The newest publication of a chain, or of the only chain; raises a problem that names the chains there are."""
    newest = newest_publications(store)
    if not newest:
        raise Problem(NOTHING_PUBLISHED, NOTHING_YET)
    shown = {"chain_ids": list(newest)}
    names = ", ".join(map(str, newest))
    if chain_id is None and len(newest) > 1:
        raise Problem(CHAIN_NOT_NAMED, f"Chains {names} are published: name one with ?chain_id=.", extra=shown)
    chosen = next(iter(newest)) if chain_id is None else chain_id
    if chosen not in newest:
        raise Problem(CHAIN_UNKNOWN, f"Chain {chosen} has no publication; these have: {names}.", extra=shown)
    return newest[chosen]


def kept_publication(store: Store, chain_id: int, publication: int) -> Publication:
    """One publication whose rows are still there; raises a 410 when they were pruned."""
    found = numbered_publication(store, chain_id, publication)
    if found is None:
        detail = f"Publication {publication} of chain {chain_id} is no longer kept. Start again without a cursor."
        raise Problem(PUBLICATION_PRUNED, detail)
    return found


def as_of(publication: Publication) -> AsOf:
    """The last block a publication knows."""
    told = publication.as_of_block_hash != _UNTOLD_HASH
    return AsOf(
        block_number=publication.as_of_block,
        block_hash=f"0x{publication.as_of_block_hash}" if told else None,
        timestamp=publication.as_of_timestamp,
        finality=publication.finality,
    )
