"""The application: middleware, routers and problem handlers, in order."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from chainsight import __version__
from service import addresses, docs, health, problems, recommendations
from service.limits import STANDARD, Buckets, RateLimit, RateLimitHeaders
from sql.store import Store

_DESCRIPTION = """
Risk scores, labels and recommendations for addresses, as of a block that every answer names.

Make a key with `chainsight keys create --scope risk` and send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`.
Refusals are `application/problem+json`; their `type` leads to a description.
"""
_TAGS = [
    {"name": "addresses", "description": "What is known about one address."},
    {"name": "recommendations", "description": "What to do about whom, why and until when."},
    {"name": "health", "description": "For whoever watches the service; no key."},
]


def create_app(store: Store, *, limit: RateLimit = STANDARD) -> FastAPI:
    """The service over a store; it reads and computes nothing. The caller opens and closes the store."""
    app = FastAPI(
        title="chainsight",
        version=__version__,
        summary="From blocks to risk labels and recommendations.",
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        docs_url=None,  # the usual page loads scripts from elsewhere; ours works offline
        redoc_url=None,
    )
    app.state.store = store
    app.state.buckets = Buckets(limit)
    app.add_middleware(RateLimitHeaders)
    app.include_router(addresses.router)
    app.include_router(recommendations.router)
    app.include_router(health.router)
    app.include_router(docs.router)
    app.include_router(docs.router)
    app.add_api_route(
        problems.REFERENCE_PATH, _describe_problems, include_in_schema=False, response_class=PlainTextResponse
    )
    problems.handle_problems(app)
    return app


def _describe_problems() -> PlainTextResponse:
    return PlainTextResponse(problems.reference_page(), media_type="text/markdown; charset=utf-8")
