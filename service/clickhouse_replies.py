"""Answers in ClickHouse's form: headers, content types, compression on the way out, and refusals with code and status."""

from __future__ import annotations

import json
import secrets
import zlib
from typing import Protocol

import lz4.frame  # type: ignore[import-untyped]
import zstandard

from service.clickhouse_requests import Ask
from sql.door import Told
from sql.refusals import Refusal

_SERVER_NAME = "chainsight"

# ClickHouse, src/Server/HTTP/exceptionCodeToHTTPStatus.cpp; what is not named there is 500. Below: ours.
_STATUS = {
    **dict.fromkeys((192, 193, 516, 511, 497, 164), 403), 194: 401,
    **dict.fromkeys((6, 25, 26, 38, 41, 72, 427, 441, 442, 45, 376, 27, 15, 44, 8, 62, 117, 53, 168, 167, 110, 69, 36,
                     457, 40, 89, 271), 400),
    **dict.fromkeys((60, 46, 47, 50, 56, 81, 115, 61, 63, 73, 336, 78, 384), 404),
    169: 413, 307: 413, 48: 501, 209: 408, 159: 408, 76: 503, 439: 503, 411: 411, 201: 429, 202: 503,
}  # fmt: skip

_CONTENT_TYPES = {
    "json": "application/json; charset=UTF-8",
    "jsoneachrow": "application/x-ndjson; charset=UTF-8",
    "jsoncompacteachrow": "application/x-ndjson; charset=UTF-8",
    "csv": "text/csv; charset=UTF-8; header=absent",
    "csvwithnames": "text/csv; charset=UTF-8; header=present",
    "csvwithnamesandtypes": "text/csv; charset=UTF-8; header=present",
    "xml": "application/xml; charset=UTF-8",
    "markdown": "text/markdown; charset=UTF-8",
}
_TAB_SEPARATED = ("tabseparated", "tsv")
_BINARY = frozenset((
    "native", "rowbinary", "rowbinarywithnames", "rowbinarywithnamesandtypes", "rowbinarywithdefaults", "parquet",
    "arrow", "arrowstream", "orc", "avro", "msgpack", "npy", "protobuf", "capnproto", "bsoneachrow", "rawblob",
    "rowbinarywithprogress",
))  # fmt: skip


class Packer(Protocol):
    """Packs a stream of bytes; `finish` gives what is left."""

    def feed(self, plain: bytes) -> bytes:
        """The packed bytes that are ready."""
        ...

    def finish(self) -> bytes:
        """The rest."""
        ...


def status_of(refusal: Refusal) -> int:
    """The HTTP status ClickHouse gives an error of this code."""
    return _STATUS.get(refusal.code, 500)


def refusal_text(refusal: Refusal, version: str) -> str:
    """The body of a refused request."""
    return f"{refusal} (version {version})\n"


def refusal_headers(refusal: Refusal, query_id: str) -> dict[str, str]:
    """The headers of a refused request."""
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-ClickHouse-Exception-Code": str(refusal.code),
        "X-ClickHouse-Server-Display-Name": _SERVER_NAME,
        "X-ClickHouse-Query-Id": query_id,
    }
    if refusal.code == 194:  # REQUIRED_PASSWORD: a browser asks for one
        headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
    if refusal.code == 201:  # QUOTA_EXCEEDED
        headers["Retry-After"] = "10"
    return headers


def answer_headers(*, form: str, query_id: str, timezone: str, told: Told | None, tag: str) -> dict[str, str]:
    """The headers of an answer; `form` is empty where there are no rows, `told` is None while it still runs."""
    headers = {
        "Content-Type": content_type(form),
        "X-ClickHouse-Server-Display-Name": _SERVER_NAME,
        "X-ClickHouse-Query-Id": query_id,
        "X-ClickHouse-Timezone": timezone,
        "X-ClickHouse-Summary": summary(told or Told()),
        "X-ClickHouse-Exception-Tag": tag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    return headers | ({"X-ClickHouse-Format": form} if form else {})


def content_type(form: str) -> str:
    """What a format is for HTTP."""
    name = form.lower()
    if name in _CONTENT_TYPES:
        return _CONTENT_TYPES[name]
    if name in _BINARY:
        return "application/octet-stream"
    if name.startswith(_TAB_SEPARATED):
        return "text/tab-separated-values; charset=UTF-8"
    if name.startswith("json"):
        return "application/json; charset=UTF-8"
    return "text/plain; charset=UTF-8"


def summary(told: Told) -> str:
    """X-ClickHouse-Summary: numbers as text, as ClickHouse writes them."""
    said = {
        "read_rows": told.rows_read,
        "read_bytes": told.bytes_read,
        "written_rows": told.rows_written,
        "written_bytes": told.bytes_written,
        "total_rows_to_read": 0,
        "result_rows": told.result_rows,
        "result_bytes": told.result_bytes,
        "elapsed_ns": told.elapsed_ns,
    }
    return json.dumps({name: str(value) for name, value in said.items()}, separators=(",", ":"))


def new_tag() -> str:
    """What marks an error in the middle of an answer, so that no value can look like one."""
    return secrets.token_hex(8)


def late_refusal(refusal: Refusal, version: str, tag: str) -> bytes:
    """What is appended to an answer that failed after it had begun (ClickHouse, WriteBufferFromHTTPServerResponse)."""
    said = refusal_text(refusal, version)
    return f"\r\n__exception__\r\n{tag}\r\n{said}{len(said.encode())} {tag}\r\n__exception__\r\n".encode()


def chosen_packers(ask: Ask) -> tuple[list[Packer], dict[str, str]]:
    """What packs the answer, from the inside out, and the headers that say so."""
    packers: list[Packer] = [_Blocks()] if ask.is_framed_out else []
    accepted = {part.split(";")[0].strip().lower() for part in ask.accepts.split(",") if "q=0" not in part.split(";")}
    for coding, packer in (("zstd", _Zstd), ("lz4", _Lz4), ("gzip", _Gzip), ("deflate", _Deflate)):
        if coding in accepted:
            return [*packers, packer()], {"Content-Encoding": coding}
    return packers, {}


def pack(packers: list[Packer], plain: bytes, *, is_last: bool) -> bytes:
    """Send bytes through all packers."""
    for packer in packers:
        plain = packer.feed(plain) + (packer.finish() if is_last else b"")
    return plain


class _Blocks:
    def feed(self, plain: bytes) -> bytes:
        from service.clickhouse_blocks import pack_blocks  # its checksum is compiled: only who needs it pays

        return pack_blocks(plain)

    def finish(self) -> bytes:
        return b""


class _Zstd:
    def __init__(self) -> None:
        self._made = zstandard.ZstdCompressor(level=1).compressobj()

    def feed(self, plain: bytes) -> bytes:
        return self._made.compress(plain)

    def finish(self) -> bytes:
        return self._made.flush()


class _Lz4:
    def __init__(self) -> None:
        self._made = lz4.frame.LZ4FrameCompressor()

    def feed(self, plain: bytes) -> bytes:
        head = b"" if self._made.started() else bytes(self._made.begin())
        return head + bytes(self._made.compress(plain))

    def finish(self) -> bytes:
        return bytes(self._made.flush())


class _Deflate:
    _bits = zlib.MAX_WBITS

    def __init__(self) -> None:
        self._made = zlib.compressobj(3, wbits=self._bits)

    def feed(self, plain: bytes) -> bytes:
        return self._made.compress(plain)

    def finish(self) -> bytes:
        return self._made.flush()


class _Gzip(_Deflate):
    _bits = zlib.MAX_WBITS | 16
