"""web3's HTTP provider, asked for bytes: limits in bytes and in seconds that hold whatever a node does.

A socket's timeout begins anew with every byte, and a kilobyte of gzip may unpack into a gigabyte: so a watchdog cuts connections
whose time is over, and bodies are unpacked piece by piece.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import zlib
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from web3 import HTTPProvider

from ingest.troubles import Kind, Trouble, read_status, too_large

CONNECT_SECONDS = 10.0
_POOL = 64
_READ_BYTES = 1 << 20
_ERROR_BYTES = 1 << 16
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


@dataclass
class _Watch:
    """One exchange that may not last longer than its deadline, however slowly its bytes drip."""

    deadline: float
    sock: socket.socket | None = None
    is_over: bool = False


_current = threading.local()


class _Watchdog:
    """A thread that cuts connections whose time is over: a socket's own timeout begins anew with every byte."""

    _LOOK_SECONDS = 0.2

    def __init__(self) -> None:
        self._by_id: dict[int, _Watch] = {}
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, seconds: float) -> _Watch:
        watch = _Watch(time.monotonic() + seconds)
        with self._turn:
            self._by_id[id(watch)] = watch
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="deadlines", daemon=True)
                self._thread.start()
        _current.watch = watch
        return watch

    def end(self, watch: _Watch) -> None:
        _current.watch = None
        with self._turn:
            self._by_id.pop(id(watch), None)

    def cut_all(self) -> None:
        with self._turn:
            for watch in self._by_id.values():
                self._cut(watch)

    def _look(self) -> None:
        while True:
            time.sleep(self._LOOK_SECONDS)
            now = time.monotonic()
            with self._turn:
                if not self._by_id:
                    self._thread = None
                    return
                for watch in self._by_id.values():
                    if watch.deadline < now:
                        self._cut(watch)

    @staticmethod
    def _cut(watch: _Watch) -> None:
        watch.is_over = True
        if watch.sock is not None:
            try:
                socket.socket.shutdown(watch.sock, socket.SHUT_RDWR)
            except OSError:
                watch.sock = None  # it is gone already


class _Noted:
    """Tells the watchdog which socket this thread waits for."""

    def getresponse(self) -> Any:
        watch = getattr(_current, "watch", None)
        if watch is not None:
            watch.sock = self.sock  # type: ignore[attr-defined]
            if watch.is_over:
                raise TimeoutError
        return super().getresponse()  # type: ignore[misc]


class _NotedHttp(_Noted, HTTPConnection):
    pass


class _NotedHttps(_Noted, HTTPSConnection):
    pass


class _Adapter(HTTPAdapter):
    """Connections that are kept, watched, and not retried behind our back."""

    def __init__(self) -> None:
        super().__init__(pool_connections=2, pool_maxsize=_POOL, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("_Http", (urllib3.HTTPConnectionPool,), {"ConnectionCls": _NotedHttp}),
            "https": type("_Https", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": _NotedHttps}),
        }


class HttpTransport(HTTPProvider):
    """web3's HTTP provider, asked for bytes."""

    def __init__(self, url: str) -> None:
        session = requests.Session()
        # Proxies and certificates of the environment are read once, not with each request.
        for name, value in session.merge_environment_settings(url, {}, None, None, None).items():
            setattr(session, name, value)
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter())
        super().__init__(url, session=session, exception_retry_configuration=None)
        self._session = session
        self._watchdog = _Watchdog()
        packing = "identity" if _is_near(urlsplit(url).hostname or "") else "gzip, deflate"
        self._headers = {**self.get_request_headers(), "Accept-Encoding": packing}

    def exchange(self, body: bytes, *, most_bytes: int, seconds: float) -> bytes | bytearray:
        """See `Transport.exchange`."""
        watch = self._watchdog.begin(seconds)
        try:
            return self._exchange(body, most_bytes, seconds)
        except Trouble as trouble:
            if watch.is_over:  # what the watchdog cut off looks as if the node had
                raise _too_slow(seconds) from trouble
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if watch.is_over or isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
                raise _too_slow(seconds) from error
            raise Trouble(Kind.UNREACHABLE, _reason(error)) from error
        finally:
            self._watchdog.end(watch)

    def _exchange(self, body: bytes, most_bytes: int, seconds: float) -> bytes | bytearray:
        with self._request_session_manager.get_response_from_post_request(
            self.endpoint_uri,  # type: ignore[arg-type]
            data=body,
            headers=self._headers,
            timeout=(min(CONNECT_SECONDS, seconds), seconds),
            stream=True,
            allow_redirects=False,
        ) as response:
            packing = response.headers.get("Content-Encoding", "")
            if 200 <= response.status_code < 300:
                return _unpack(_read(response.raw, most_bytes), packing, most_bytes)
            said: bytes | bytearray = b""
            with contextlib.suppress(Trouble):  # what stands beside a status need not be whole
                said = _unpack(response.raw.read(_ERROR_BYTES, decode_content=False), packing, _ERROR_BYTES)
            if refusal := read_status(response.status_code, response.headers.get("Retry-After"), bytes(said[:400])):
                raise refusal
            return said

    def close(self) -> None:
        """See `Transport.close`."""
        self._watchdog.cut_all()
        self._session.close()


def _read(raw: urllib3.HTTPResponse, most_bytes: int) -> bytes:
    """The body as it comes over the wire, not unpacked."""
    stated = raw.headers.get("Content-Length", "")
    length = int(stated) if stated.isdecimal() else None
    if length is not None and length > most_bytes:
        raise too_large(most_bytes)
    if length is not None and not raw.chunked:
        body = raw.read(length, decode_content=False) if length else b""
        if len(body) != length:
            raise Trouble(Kind.BROKEN, f"cut off after {len(body):,} of {length:,} bytes")
        return body
    pieces, size = [], 0
    for piece in raw.stream(_READ_BYTES, decode_content=False):
        pieces.append(piece)
        size += len(piece)
        if size > most_bytes:
            raise too_large(most_bytes)
    return b"".join(pieces)


def _unpack(packed: bytes, encoding: str, most_bytes: int) -> bytes | bytearray:
    """Unpack a body piece by piece, so that one that grows without end is stopped at the limit."""
    if encoding.lower() in {"", "identity"}:
        return packed
    if encoding.lower() not in {"gzip", "x-gzip", "deflate"}:
        raise Trouble(Kind.BROKEN, f"packed as {encoding[:20]!r}, which was not asked for")
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    answer = bytearray()
    rest = packed
    try:
        while rest and not unpacker.eof:
            answer += unpacker.decompress(rest, _READ_BYTES)
            rest = unpacker.unconsumed_tail
            if len(answer) > most_bytes:
                raise too_large(most_bytes)
    except zlib.error as error:
        raise Trouble(Kind.BROKEN, f"a damaged {encoding} body ({error})") from error
    if not unpacker.eof:
        raise Trouble(Kind.BROKEN, f"a {encoding} body that breaks off")
    return answer


def _reason(error: BaseException) -> str:
    """What the operating system said, below what the libraries made of it."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.strerror:
            return found.strerror.lower()
        found = found.__cause__ or found.__context__
    return "the connection broke off"


def _too_slow(seconds: float) -> Trouble:
    return Trouble(Kind.SLOW, f"no whole answer in {seconds:g} s")


def _is_near(host: str) -> bool:
    """Whether packing an answer would cost more than it saves: this machine and the one beside it."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False
