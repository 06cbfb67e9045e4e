"""Who asks, and whether they may: one dependency per route."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from service.keys import ApiKey, recognise
from service.limits import spend
from service.problems import KEY_MISSING, KEY_REFUSED, SCOPE_REFUSED, Problem
from sql.store import Store

_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="`Authorization: Bearer KEY`")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="header", description="`X-API-Key: KEY`")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def store_of(request: Request) -> Store:
    """The store this application answers from."""
    store: Store = request.app.state.store
    return store


StoreDep = Annotated[Store, Depends(store_of)]
BearerDep = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
HeaderDep = Annotated[str | None, Security(_header)]


def allow(*scopes: str) -> Callable[..., ApiKey]:
    """A dependency that lets keys of these scopes pass, and of admin; each request costs a token of the key's bucket."""

    def check(request: Request, store: StoreDep, bearer: BearerDep = None, header: HeaderDep = None) -> ApiKey:
        text = bearer.credentials if bearer else header
        if not text:
            raise Problem(KEY_MISSING, "This path wants an API key.", headers=_CHALLENGE)
        key = recognise(store, text)
        if key is None:
            raise Problem(KEY_REFUSED, "This API key is unknown.", headers=_CHALLENGE)
        state = key.state(dt.datetime.now(dt.UTC))
        if state != "valid":
            raise Problem(KEY_REFUSED, f"The API key {key.prefix} is {state}.", headers=_CHALLENGE)
        spend(request.app.state.buckets, key.prefix, request.scope["state"])
        if key.scope not in {*scopes, "admin"}:
            detail = f"The API key {key.prefix} is of scope {key.scope}; this path wants {' or '.join(scopes)}."
            raise Problem(SCOPE_REFUSED, detail, extra={"scopes": [*scopes, "admin"]})
        return key

    return check
