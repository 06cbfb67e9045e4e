"""API keys: 256 random bits, shown once; only their SHA-256 is stored. Every key has one scope."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Header, Request

from chainsight.errors import UnknownName
from service.problems import Problem
from sql.files import load
from sql.store import Store

SCOPES = ("risk", "analyst", "feed", "admin")
_PREFIX_LENGTH = 11
_KEY = re.compile(r"cs_[A-Za-z0-9_-]{43}")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="chainsight"'}


@dataclass(frozen=True)
class Key:
    """A key as the store knows it; the key itself is nowhere."""

    prefix: str
    scope: str
    note: str
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None


def create_key(
    store: Store, *, scope: str, note: str = "", lifetime: dt.timedelta | None = None
) -> tuple[str, Key]:
    """A new key, in clear text for this one time, and its record. Raises `UnknownName` for another scope."""
    if scope not in SCOPES:
        raise UnknownName("scope", scope, SCOPES)
    secret = "cs_" + secrets.token_urlsafe(32)
    created_at = dt.datetime.now(dt.UTC)
    expires_at = created_at + lifetime if lifetime else None
    store.command(
        load("queries/api_key_insert"),
        prefix=secret[:_PREFIX_LENGTH],
        key_hash=_digest(secret).hex(),
        scope=scope,
        note=note,
        created_at=_text(created_at),
        expires_at=_text(expires_at) if expires_at else "",
        version=time.time_ns(),
    )
    return secret, Key(secret[:_PREFIX_LENGTH], scope, note, created_at, expires_at, None)


def list_keys(store: Store) -> list[Key]:
    """All keys, oldest first."""
    rows = store.query(load("queries/api_keys")).to_pylist()
    return [Key(**{name: value for name, value in row.items() if name != "key_hash"}) for row in rows]


def revoke_key(store: Store, prefix: str) -> Key:
    """Take a key back from now on. Raises `UnknownName` when no key begins so."""
    known = {key.prefix: key for key in list_keys(store)}
    if prefix not in known:
        raise UnknownName("key", prefix, known)
    store.command(
        load("queries/api_key_revoke"),
        prefix=prefix,
        revoked_at=_text(dt.datetime.now(dt.UTC)),
        version=time.time_ns(),
    )
    return next(key for key in list_keys(store) if key.prefix == prefix)


def find_key(store: Store, secret: str, *, now: dt.datetime) -> Key | None:
    """The record of a key that works now; None for unknown, expired and revoked ones."""
    if not _KEY.fullmatch(secret):
        return None
    rows = store.query(load("queries/api_key_by_prefix"), prefix=secret[:_PREFIX_LENGTH]).to_pylist()
    for row in rows:
        # Compared in constant time: the answer's time tells nothing about how much of a guess was right.
        if not hmac.compare_digest(row.pop("key_hash"), _digest(secret).hex()):
            continue
        key = Key(**row)
        expired = key.expires_at is not None and key.expires_at <= now
        return None if expired or key.revoked_at is not None else key
    return None


def require(*scopes: str) -> Callable[..., Key]:
    """A FastAPI dependency: a key of one of these scopes, or 401 / 403. Admin keys may do everything."""

    def dependency(
        request: Request,
        authorization: Annotated[str, Header(description="`Bearer KEY`")] = "",
        x_api_key: Annotated[str, Header(description="The key, if not as bearer token")] = "",
    ) -> Key:
        secret = authorization.removeprefix("Bearer ").strip() if authorization else x_api_key.strip()
        if not secret:
            raise Problem(
                401,
                "key-missing",
                "This needs an API key: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`. "
                "Make one with `chainsight keys create --scope risk`.",
                headers=_CHALLENGE,
            )
        store: Any = request.app.state.store
        key = find_key(store, secret, now=dt.datetime.now(dt.UTC))
        if key is None:
            raise Problem(
                401, "key-refused", "This API key is unknown, expired or revoked.", headers=_CHALLENGE
            )
        if key.scope not in (*scopes, "admin"):
            raise Problem(
                403,
                "scope-missing",
                f"A key of scope {key.scope} may not do this; it needs {' or '.join(scopes)}.",
            )
        return key

    return dependency


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _text(time_utc: dt.datetime) -> str:
    return time_utc.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
