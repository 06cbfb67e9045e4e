"""Every error as application/problem+json (RFC 9457): what happened, to what, what to do next; never a traceback."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chainsight.errors import ChainsightError, StoreEmpty, UsageError

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class Problem(Exception):
    """An answer that is an error. `slug` names its kind for programs, `detail` tells a person."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.headers = headers or {}
        self.errors = errors or []


def install_problems(app: FastAPI) -> None:
    """Answer every exception with a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ChainsightError, _on_chainsight)
    app.add_exception_handler(Exception, _on_unforeseen)


def _render(request: Request, problem: Problem) -> JSONResponse:
    document: dict[str, Any] = {
        "type": f"urn:chainsight:problem:{problem.slug}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
    }
    if problem.errors:
        document["errors"] = problem.errors
    return JSONResponse(document, problem.status, problem.headers, MEDIA_TYPE)


def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return _render(request, error)


def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = [
        {"location": "/".join(str(part) for part in item["loc"]), "message": str(item["msg"])}
        for item in error.errors()
    ]
    said = "; ".join(f"{item['location']}: {item['message']}" for item in found)
    return _render(
        request, Problem(422, "invalid-request", f"The request cannot be used: {said}.", errors=found)
    )


def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    detail = f"{error.detail}: {request.method} {request.url.path}. The list of paths is at /openapi.json."
    return _render(request, Problem(error.status_code, slug, detail, headers=dict(error.headers or {})))


def _on_chainsight(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, UsageError):
        return _render(request, Problem(422, "invalid-request", str(error)))
    if isinstance(error, StoreEmpty):
        return _render(request, Problem(503, "nothing-published", str(error), headers={"Retry-After": "60"}))
    _log.error("%s %s: %s", request.method, request.url.path, error)
    return _render(request, Problem(500, "internal-error", "The store could not answer. The log says why."))


def _on_unforeseen(request: Request, error: Exception) -> JSONResponse:
    _log.exception("%s %s", request.method, request.url.path, exc_info=error)
    return _render(
        request, Problem(500, "internal-error", "Something unforeseen happened here. The log says what.")
    )
