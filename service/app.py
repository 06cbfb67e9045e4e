"""The web application: one flat list of what answers. It computes nothing; it reads what was published."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from fastapi import FastAPI

from chainsight import __version__
from service import addresses, health, recommendations
from service.problems import install_problems
from sql.store import Store

_TAGS = [
    {"name": "addresses", "description": "Ask about one address. Scope `risk` or `analyst`."},
    {"name": "recommendations", "description": "What to do about whom. Scope `risk`, `feed` or `analyst`."},
    {"name": "health", "description": "For whoever keeps the process running. No key."},
]
_ABOUT = """
Risk scores with reasons, exposures and advice for addresses of a chain, up to a block that every answer names.
Send your key as `Authorization: Bearer KEY` or `X-API-Key: KEY`; `chainsight keys create --scope risk` makes one.
Every error is `application/problem+json` (RFC 9457).
"""


def create_app(
    store: Store, *, beside: Callable[[], AbstractContextManager[object]] = nullcontext
) -> FastAPI:
    """The application over an open store; `beside` lives as long as it does (the scheduler, in `serve`)."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with beside():
            yield

    app = FastAPI(
        title="chainsight",
        version=__version__,
        description=_ABOUT,
        openapi_tags=_TAGS,
        lifespan=lifespan,
        docs_url=None,  # the usual page loads scripts from elsewhere; /openapi.json works offline
        redoc_url=None,
    )
    app.state.store = store
    install_problems(app)
    app.include_router(addresses.router)
    app.include_router(recommendations.router)
    app.include_router(health.router)
    return app
