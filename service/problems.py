"""Everything the service refuses, as RFC 9457 problem documents; each kind has a section in the reference page."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chainsight.errors import BadAddress, ChainsightError, StoreError, UsageError

REFERENCE_PATH = "/docs/reference/problems.md"
MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProblemKind:
    """One kind of refusal: what `type` points at."""

    slug: str
    status: int
    title: str
    remedy: str
    """What to do about it, for the reference page."""

    @property
    def type_uri(self) -> str:
        """Where the kind is described: a page of the repository, which the service serves too."""
        return f"{REFERENCE_PATH}#{self.slug}"


KEY_MISSING = ProblemKind(
    "key-missing",
    401,
    "No API key",
    "Send `Authorization: Bearer KEY` or `X-API-Key: KEY`; `chainsight keys create --scope risk` makes one.",
)
KEY_REFUSED = ProblemKind(
    "key-refused",
    401,
    "API key refused",
    "The key is unknown, expired or was revoked. Ask for a new one; `chainsight keys list` shows which hold.",
)
SCOPE_REFUSED = ProblemKind(
    "scope-refused",
    403,
    "Key of another scope",
    "Use a key of one of the scopes that the answer names, or of scope admin.",
)
TOO_MANY = ProblemKind(
    "too-many-requests",
    429,
    "Too many requests",
    "Wait as many seconds as `Retry-After` says; `RateLimit` tells what is left before that.",
)
NEVER_SEEN = ProblemKind(
    "never-seen",
    404,
    "Address never seen",
    "The address did nothing on that chain up to the block named, and no list has it. That is no clean bill.",
)
CHAIN_UNKNOWN = ProblemKind(
    "chain-unknown",
    404,
    "Chain not published",
    "Use one of the chains the answer lists, or publish that chain: `chainsight run`, then `chainsight publish`.",
)
CHAIN_NOT_NAMED = ProblemKind(
    "chain-not-named", 400, "Several chains, none named", "Add `?chain_id=` with one of the chains the answer lists."
)
NOTHING_PUBLISHED = ProblemKind(
    "nothing-published",
    503,
    "Nothing published yet",
    "Stop the service and run `chainsight demo`, or `chainsight run` on your own blocks.",
)
PUBLICATION_PRUNED = ProblemKind(
    "publication-pruned",
    410,
    "Publication no longer kept",
    "Pages belong to one publication and its rows were removed. Start again without a cursor.",
)
CURSOR_REFUSED = ProblemKind(
    "cursor-refused",
    400,
    "Cursor refused",
    "Cursors are opaque: use the one from `next_cursor` or the `Link` header unchanged, with the filters it was made with.",
)
BAD_REQUEST = ProblemKind("bad-request", 400, "Request not understood", "Do what `detail` says.")
INVALID = ProblemKind(
    "invalid", 422, "Invalid value", "`errors` names each wrong value, where it stands and what is expected there."
)
NO_SUCH_PATH = ProblemKind("no-such-path", 404, "No such path", "`/docs` and `/openapi.json` list the paths.")
METHOD_REFUSED = ProblemKind(
    "method-refused", 405, "Method not allowed", "Use one of the methods in the `Allow` header."
)
REFUSED = ProblemKind("refused", 400, "Request refused", "Do what `detail` says.")
STORE_FAILED = ProblemKind(
    "store-failed",
    503,
    "The store did not answer",
    "Try again; if it stays so, read the service's log and run `chainsight doctor`.",
)
INTERNAL = ProblemKind(
    "internal",
    500,
    "The service failed",
    "This is a defect: report it with the time and path; the service's log has the traceback.",
)

KINDS = (
    KEY_MISSING, KEY_REFUSED, SCOPE_REFUSED, TOO_MANY, NEVER_SEEN, CHAIN_UNKNOWN, CHAIN_NOT_NAMED, NOTHING_PUBLISHED,
    PUBLICATION_PRUNED, CURSOR_REFUSED, BAD_REQUEST, INVALID, NO_SUCH_PATH, METHOD_REFUSED, REFUSED, STORE_FAILED, INTERNAL,
)  # fmt: skip


class Problem(Exception):
    """Raised anywhere below a request; becomes its answer."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        super().__init__(detail)


def problem_document(problem: Problem, instance: str) -> dict[str, Any]:
    """The five members of RFC 9457, section 3.1, and the kind's own beside them."""
    return {
        "type": problem.kind.type_uri,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": instance,
        **problem.extra,
    }


def handle_problems(app: FastAPI) -> None:
    """Make every refusal and failure of `app` a problem document."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(ChainsightError, _answer_our_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_failure)


def reference_page() -> str:
    """docs/reference/problems.md, written from the kinds."""
    lines = [
        "# Problems",
        "",
        "Whatever the service refuses, it answers with `application/problem+json` (RFC 9457): `type` (a section of this",
        "page), `title`, `status`, `detail` (what happened, to which address or value), `instance` (the path that was",
        "asked), and further members named below.",
        "",
    ]
    for kind in KINDS:
        phrase = HTTPStatus(kind.status).phrase
        lines += [f"## {kind.slug}", "", f"{kind.title} ({kind.status} {phrase}).", "", kind.remedy, ""]
    return "\n".join(lines)


def _respond(request: Request, problem: Problem) -> JSONResponse:
    document = problem_document(problem, request.url.path)
    return JSONResponse(document, problem.kind.status, headers=problem.headers, media_type=MEDIA_TYPE)


def _answer_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return _respond(request, error)


def _answer_our_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, BadAddress):
        return _respond(request, Problem(INVALID, str(error)))
    if isinstance(error, UsageError):
        return _respond(request, Problem(BAD_REQUEST, str(error)))
    _log.error("%s %s: %s", request.method, request.url.path, error)  # statements and hosts stay on this side
    if isinstance(error, StoreError):
        return _respond(request, Problem(STORE_FAILED, "The store could not answer this request; nothing was changed."))
    return _respond(request, Problem(INTERNAL, "The request could not be answered; the service's log says why."))


def _answer_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = [{"where": ".".join(map(str, item["loc"])), "expected": item["msg"]} for item in error.errors()]
    detail = "; ".join(f"{item['where']}: {item['expected']}" for item in wrong) + "."
    return _respond(request, Problem(INVALID, detail, extra={"errors": wrong}))


def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = error.headers
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _respond(request, Problem(NO_SUCH_PATH, f"There is no {request.url.path} here.", headers=headers))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not possible on {request.url.path}."
        return _respond(request, Problem(METHOD_REFUSED, detail, headers=headers))
    kind = ProblemKind(REFUSED.slug, error.status_code, REFUSED.title, REFUSED.remedy)
    return _respond(request, Problem(kind, str(error.detail), headers=headers))


def _answer_failure(request: Request, error: Exception) -> JSONResponse:
    # Starlette raises the exception again after this answer, so the server logs the traceback.
    return _respond(request, Problem(INTERNAL, "The request could not be answered; the service's log says why."))
