"""The application: middleware, routers and problem handlers, in order."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from chainsight import __version__
from chainsight.settings import settings
from service import addresses, docs, health, problems, recommendations
from service.clickhouse import create_clickhouse_app
from service.limits import STANDARD, Buckets, RateLimit, RateLimitHeaders
from service.schemas import ProblemBody
from sql.door import Door
from sql.limits import ReaderLimits
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


class _Service(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description, with the shape of all refusals, which no route returns by itself."""
        described = super().openapi()
        described["components"]["schemas"].setdefault(ProblemBody.__name__, ProblemBody.model_json_schema())
        return described


def create_app(store: Store, *, limit: RateLimit = STANDARD, door: Door | None = None) -> FastAPI:
    """The service over a store; it reads and computes nothing. The caller opens and closes the store and the door.

    With a door, /clickhouse/ speaks ClickHouse's HTTP interface.
    """
    app = _Service(
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
    app.add_api_route(
        problems.REFERENCE_PATH, _describe_problems, include_in_schema=False, response_class=PlainTextResponse
    )
    problems.handle_problems(app)
    if door is not None:
        reader = ReaderLimits.of(settings())
        app.state.clickhouse = create_clickhouse_app(door, buckets=app.state.buckets, limits=reader)
        app.mount("/clickhouse", app.state.clickhouse)
    return app


def openapi_page(store: Store) -> str:
    """docs/reference/openapi.json: the description of the API, so that a change of it shows in a diff."""
    return json.dumps(create_app(store).openapi(), indent=2, ensure_ascii=False) + "\n"


def _describe_problems() -> PlainTextResponse:
    return PlainTextResponse(problems.reference_page(), media_type="text/markdown; charset=utf-8")
