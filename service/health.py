"""/livez and /readyz: without a key, for whoever keeps the process running."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from risk.publications import newest_publication
from service.schemas import ChainState, Live, Ready
from sql.as_of import known_chains, read_as_of

router = APIRouter(tags=["health"])


@router.get("/livez", operation_id="livez")
def livez() -> Live:
    """The process answers."""
    return Live(status="live")


@router.get("/readyz", operation_id="readyz", responses={503: {"model": Ready}})
def readyz(request: Request, response: Response) -> Ready:
    """Whether something is published, up to which block, and how many ingested blocks wait; 503 when nothing is."""
    store = request.app.state.store
    chains = []
    for chain_id in known_chains(store):
        ingested = read_as_of(store, chain_id).block_number
        newest = newest_publication(store, chain_id)
        chains.append(
            ChainState(
                chain_id=chain_id,
                ingested_block=ingested,
                published_block=newest.as_of_block if newest else None,
                lag_blocks=ingested - newest.as_of_block if newest else None,
                publication=newest.publication if newest else None,
                published_at=newest.published_at if newest else None,
            )
        )
    ready = any(chain.publication for chain in chains)
    if not ready:
        response.status_code = 503
    return Ready(status="ready" if ready else "nothing is published yet", chains=chains)
