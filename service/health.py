"""For whoever watches the service: is it alive, and from which blocks does it answer?"""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter

from risk.publications import Publication, newest_publications
from service.auth import StoreDep
from service.problems import NOTHING_PUBLISHED, Problem
from service.publications import NOTHING_YET, as_of
from service.schemas import ChainState, Liveness, Readiness, problem_responses
from sql.as_of import known_chains, read_as_of

router = APIRouter(tags=["health"])


@router.get("/livez", operation_id="is_alive", response_model=Liveness)
def is_alive() -> Liveness:
    """The process answers; it says nothing about data. No key is wanted."""
    return Liveness(status="alive")


@router.get("/readyz", operation_id="is_ready", response_model=Readiness, responses=problem_responses(503))
def is_ready(store: StoreDep) -> Readiness:
    """Per chain: the newest publication, its block and age, and how many ingested blocks it does not know yet."""
    newest = newest_publications(store)
    ingested = {chain_id: read_as_of(store, chain_id).block_number for chain_id in known_chains(store)}
    now = dt.datetime.now(dt.UTC)
    chains = [_state(chain, newest.get(chain), ingested.get(chain), now) for chain in sorted({*newest, *ingested})]
    if not newest:
        raise Problem(
            NOTHING_PUBLISHED,
            NOTHING_YET,
            extra={"chains": [chain.model_dump(mode="json") for chain in chains]},
        )
    return Readiness(status="ready", chains=chains)


def _state(chain_id: int, published: Publication | None, ingested: int | None, now: dt.datetime) -> ChainState:
    return ChainState(
        chain_id=chain_id,
        publication=published.publication if published else None,
        as_of=as_of(published) if published else None,
        published_at=published.published_at if published else None,
        age_seconds=round((now - published.published_at).total_seconds(), 3) if published else None,
        ingested_block=ingested,
        blocks_behind=max(0, ingested - published.as_of_block) if published and ingested is not None else None,
    )
