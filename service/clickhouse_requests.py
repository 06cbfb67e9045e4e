"""What a request of ClickHouse's HTTP interface says: who asks, with which parameters, settings, session and formats."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sql.refusals import Refusal

# Parameters that the HTTP interface itself understands, whether or not this door does something with them.
_OWN = frozenset((
    "query", "database", "default_format", "user", "password", "query_id", "session_id", "session_timeout",
    "session_check", "close_session", "compress", "decompress", "enable_http_compression", "http_zlib_compression_level",
    "buffer_size", "wait_end_of_query", "http_wait_end_of_query", "quota_key", "role", "stacktrace",
    "client_protocol_version", "http_response_buffer_size", "send_progress_in_http_headers",
    "http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close", "add_http_cors_header",
    "http_write_exception_in_output_format", "http_make_head_request", "network_compression_method",
))  # fmt: skip
_LONGEST_VALUE = 16 << 20
_MOST_PARAMETERS = 1000
_MOST_SESSION_SECONDS = 3600  # ClickHouse's max_session_timeout
_SESSION_SECONDS = 60  # and its default_session_timeout
_HEADER_SAFE = re.compile(r"[\x20-\x7e]{0,256}", re.ASCII)
_FORMAT = re.compile(r"[A-Za-z]\w{0,63}", re.ASCII)


@dataclass(frozen=True)
class Credentials:
    """What stands for the user: the password is the API key, the name is free."""

    user: str
    key: str


@dataclass(frozen=True)
class SessionWish:
    """The session a request wants to run in."""

    name: str
    seconds: float
    must_exist: bool


@dataclass(frozen=True)
class Ask:
    """All of a request but its body."""

    query: str
    parameters: dict[str, str]
    settings: dict[str, str]
    database: str
    default_format: str
    query_id: str
    session: SessionWish | None
    may_change: bool
    """GET only asks, as on a server: links and images of other pages must not change anything."""
    is_framed_in: bool
    """The body comes in ClickHouse's compressed blocks (decompress=1)."""
    is_framed_out: bool
    """The answer is wanted in them (compress=1)."""
    accepts: str = ""
    """Accept-Encoding where enable_http_compression=1, else nothing."""
    content_encoding: str = ""
    waits_for_end: bool = False


def read_credentials(headers: Mapping[str, str], arguments: Mapping[str, str]) -> Credentials | None:
    """User and key from where ClickHouse's clients put them; None when there are none at all.

    X-ClickHouse-User and X-ClickHouse-Key, `Authorization: Basic` or `Bearer`, `?user=&password=`, in this order.
    Raises `Refusal` 516 for a header that is none of them.
    """
    if "x-clickhouse-key" in headers or "x-clickhouse-user" in headers:
        return Credentials(headers.get("x-clickhouse-user", "default"), headers.get("x-clickhouse-key", ""))
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Credentials("", rest.strip())
    if scheme.lower() == "basic":
        try:
            user, _, key = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Refusal(516, "AUTHENTICATION_FAILED", "The Authorization header cannot be read.") from error
        return Credentials(user, key)
    if scheme:
        raise Refusal(516, "AUTHENTICATION_FAILED", f"{scheme[:20]!r} authentication is not known here; use Basic.")
    if "password" in arguments or "user" in arguments:
        return Credentials(arguments.get("user", "default"), arguments.get("password", ""))
    return None


def read_ask(method: str, arguments: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> Ask:
    """The request, checked; raises `Refusal` with ClickHouse's codes for what cannot be meant."""
    said = _bounded(arguments)
    accepts = headers.get("accept-encoding", "") if _is_on(said, "enable_http_compression") else ""
    form = said.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated"
    if not _FORMAT.fullmatch(form):
        raise Refusal(73, "UNKNOWN_FORMAT", f"Unknown format {form[:60]!r}.")
    return Ask(
        query=said.get("query", ""),
        parameters={name.removeprefix("param_"): value for name, value in said.items() if name.startswith("param_")},
        settings={name: value for name, value in said.items() if name not in _OWN and not name.startswith("param_")},
        database=said.get("database") or headers.get("x-clickhouse-database", ""),
        default_format=form,
        query_id=_safe("query_id", said.get("query_id", "")),
        session=_session(said),
        may_change=method == "POST",
        is_framed_in=_is_on(said, "decompress"),
        is_framed_out=_is_on(said, "compress"),
        accepts=accepts,
        content_encoding=headers.get("content-encoding", "").strip().lower(),
        waits_for_end=_is_on(said, "wait_end_of_query") or _is_on(said, "http_wait_end_of_query"),
    )


def _bounded(arguments: Iterable[tuple[str, str]]) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, value in arguments:
        if len(said) >= _MOST_PARAMETERS or len(value) > _LONGEST_VALUE:
            raise Refusal(
                36, "BAD_ARGUMENTS", "The address holds too many or too long parameters; send the query as the body."
            )
        said[name] = value
    return said


def _session(said: Mapping[str, str]) -> SessionWish | None:
    name = _safe("session_id", said.get("session_id", ""))
    if not name:
        return None
    wanted = said.get("session_timeout", str(_SESSION_SECONDS))
    if not re.fullmatch(r"\d{1,9}", wanted, re.ASCII) or int(wanted) > _MOST_SESSION_SECONDS:
        raise Refusal(
            374,
            "INVALID_SESSION_TIMEOUT",
            f"Invalid session timeout: {wanted[:40]!r}; it is a number of seconds up to {_MOST_SESSION_SECONDS}.",
        )
    return SessionWish(name, float(wanted), _is_on(said, "session_check"))


def _safe(what: str, value: str) -> str:
    """A text that may go into a header of the answer."""
    if not _HEADER_SAFE.fullmatch(value):
        raise Refusal(36, "BAD_ARGUMENTS", f"The {what} holds characters that no header may, or more than 256.")
    return value


def _is_on(said: Mapping[str, str], name: str) -> bool:
    return said.get(name, "0").lower() in {"1", "true"}
