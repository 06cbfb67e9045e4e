"""API keys: made, listed, taken back. The store knows their SHA-256 only, so a copied store opens nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, replace

import pyarrow as pa

from chainsight.errors import UnknownName, UsageError
from sql.files import load
from sql.store import Store

SCOPES = ("risk", "analyst", "feed", "admin")
_PREFIX = re.compile(r"(chs_[0-9a-f]{8})_[\w-]{32}", re.ASCII)
_SECRET_BYTES = 24  # 192 bits: nobody guesses that, so a plain hash is enough to keep it
_NOBODY = bytes(32)


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key."""

    prefix: str
    scope: str
    note: str
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None

    def state(self, now: dt.datetime) -> str:
        """`valid`, `expired` or `revoked` at a moment."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "valid"


def create_key(store: Store, *, scope: str, note: str = "", days: int = 0) -> tuple[str, ApiKey]:
    """Make a key and return its text, which cannot be had again, and its record. `days` 0 means it never expires.

    Raises `UnknownName` for a scope that does not exist and `UsageError` for negative days.
    """
    if scope not in SCOPES:
        raise UnknownName("scope", scope, SCOPES)
    if days < 0:
        raise UsageError(f"A key cannot expire {-days} days ago.", next_step="Give --days 1 or more, or 0 for never.")
    now = _now()
    prefix = f"chs_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    key = ApiKey(prefix, scope, note, now, now + dt.timedelta(days=days) if days else None, None)
    _write(store, key, _digest(text))
    return text, key


def list_keys(store: Store) -> list[ApiKey]:
    """All keys, the newest first, those that no longer work among them."""
    return [ApiKey(**row) for row in store.query(load("queries/api_key_list")).to_pylist()]


def revoke_key(store: Store, prefix: str) -> ApiKey:
    """Take a key back from now on; twice does no harm. Raises `UnknownName` with the near prefixes."""
    found = _read(store, prefix)
    if found is None:
        raise UnknownName("API key", prefix, (key.prefix for key in list_keys(store)))
    key, digest = found
    if key.revoked_at is None:
        key = replace(key, revoked_at=_now())
        _write(store, key, digest)
    return key


def recognise(store: Store, text: str) -> ApiKey | None:
    """The record of a key whose whole text is right, valid or not; None for any other text."""
    match = _PREFIX.fullmatch(text)
    found = _read(store, match[1]) if match else None
    key, digest = found or (None, _NOBODY)
    return key if hmac.compare_digest(_digest(text), digest) else None


def _read(store: Store, prefix: str) -> tuple[ApiKey, bytes] | None:
    rows = store.query(load("queries/api_key"), prefix=prefix).to_pylist()
    if not rows:
        return None
    digest = rows[0].pop("key_hash")
    return ApiKey(**rows[0]), digest


def _write(store: Store, key: ApiKey, digest: bytes) -> None:
    moment = pa.timestamp("ms", "UTC")
    rows = {
        "prefix": pa.array([key.prefix]),
        "key_hash": pa.array([digest], pa.binary(32)),
        "scope": pa.array([key.scope]),
        "note": pa.array([key.note]),
        "created_at": pa.array([key.created_at], moment),
        "expires_at": pa.array([key.expires_at], moment),
        "revoked_at": pa.array([key.revoked_at], moment),
        "version": pa.array([time.time_ns()], pa.uint64()),
    }
    store.insert("api_keys", pa.table(rows))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _now() -> dt.datetime:
    now = dt.datetime.now(dt.UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)  # what the column keeps
