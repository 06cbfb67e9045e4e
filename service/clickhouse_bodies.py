"""Bodies of requests: received within bounds, unpacked as they come, kept in a file once they are long."""

from __future__ import annotations

import asyncio
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import IO, Any, Protocol

import lz4.frame  # type: ignore[import-untyped]
import zstandard

from service.clickhouse_requests import Ask
from sql.refusals import Refusal

LARGEST_BODY = 4 << 30
"""Bytes of one INSERT, unpacked; they wait on disk."""
LARGEST_QUESTION = 1 << 20
"""Bytes an analyst may send."""
_IN_MEMORY = 1 << 20
_PIECE = 1 << 20
_PATIENCE_SECONDS = 30.0  # http_receive_timeout

Receive = Callable[[], Any]


class _Unpacker(Protocol):
    """Gives what is inside of bytes as they come, never more than a piece at a time."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What can be read by now."""
        ...

    def finish(self) -> None:
        """Raises when the end is missing."""
        ...


class Body:
    """The unpacked body of one request. Close it; it is a file that goes away."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self.size = 0

    def head(self, count: int) -> bytes:
        """The first bytes."""
        self.file.seek(0)
        return self.file.read(count)

    def write(self, piece: bytes, most: int) -> None:
        """Append; raises `Refusal` beyond `most` bytes in all."""
        self.size += len(piece)
        if self.size > most:
            raise Refusal(307, "TOO_MANY_BYTES", f"The body is larger than {most} bytes; send it in parts.")
        self.file.write(piece)

    def __enter__(self) -> Body:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


async def receive_body(receive: Receive, ask: Ask, body: Body, *, most: int) -> None:
    """Fill `body`; raises `Refusal` for a body that is too long, too slow, damaged, or packed in an unknown way."""
    stages = _stages(ask)
    async for piece in _pieces(receive):
        # Unpacking and the disk may take their time: other requests go on meanwhile.
        await asyncio.to_thread(_take, body, stages, piece, most)
    for stage in stages:
        stage.finish()


def _take(body: Body, stages: list[_Unpacker], piece: bytes, most: int) -> None:
    for plain in _through(stages, piece):
        body.write(plain, most)


def _through(stages: list[_Unpacker], piece: bytes) -> Iterator[bytes]:
    if not stages:
        yield piece
        return
    for plain in stages[0].feed(piece):
        yield from _through(stages[1:], plain)


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        try:
            message = await asyncio.wait_for(receive(), _PATIENCE_SECONDS)
        except TimeoutError as error:
            raise Refusal(
                209, "SOCKET_TIMEOUT", f"Timeout exceeded while reading from socket: {_PATIENCE_SECONDS:g} seconds."
            ) from error
        if message["type"] == "http.disconnect":
            raise Refusal(210, "NETWORK_ERROR", "The client went away before its request was complete.")
        if piece := message.get("body", b""):
            yield piece
        if not message.get("more_body", False):
            return


def _stages(ask: Ask) -> list[_Unpacker]:
    """From the outside in: the transfer's coding, then ClickHouse's own blocks."""
    stages: list[_Unpacker] = []
    if ask.content_encoding and ask.content_encoding != "identity":
        stages.append(_stream(ask.content_encoding))
    if ask.is_framed_in:
        from service.clickhouse_blocks import BlockReader  # its checksum is compiled: only who needs it pays

        stages.append(BlockReader())
    return stages


def _stream(coding: str) -> _Unpacker:
    if coding in {"gzip", "x-gzip", "deflate"}:
        return _Zlib(coding)
    if coding == "zstd":
        return _Zstd()
    if coding == "lz4":
        return _Lz4()
    raise Refusal(
        89,
        "UNKNOWN_COMPRESSION_METHOD",
        f"Content-Encoding {coding[:40]!r} is not known; use gzip, deflate, lz4, zstd.",
    )


class _Zlib:
    def __init__(self, coding: str) -> None:
        self._made = zlib.decompressobj(zlib.MAX_WBITS | (0 if coding == "deflate" else 16))

    def feed(self, piece: bytes) -> Iterator[bytes]:
        plain = b""
        while not self._made.eof and (piece or len(plain) == _PIECE):
            try:
                plain = self._made.decompress(piece, _PIECE)
            except zlib.error as error:
                raise _damaged(error) from error
            piece = self._made.unconsumed_tail
            if plain:
                yield plain

    def finish(self) -> None:
        if not self._made.eof:
            raise _damaged("its end is missing")


class _Zstd:
    def __init__(self) -> None:
        self._made = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj(write_size=_PIECE)
        self._has_begun = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._has_begun = True
        # A zstd stream cannot be asked for a part of its output, so it gets little at a time.
        for start in range(0, len(piece), 1024):
            try:
                if self._made.eof:
                    return
                plain = self._made.decompress(piece[start : start + 1024])
            except zstandard.ZstdError as error:
                raise _damaged(error) from error
            if plain:
                yield plain

    def finish(self) -> None:
        if self._has_begun and not self._made.eof:
            raise _damaged("its end is missing")


class _Lz4:
    def __init__(self) -> None:
        self._made = lz4.frame.LZ4FrameDecompressor()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        try:
            while (piece or not self._made.needs_input) and not self._made.eof:
                if plain := self._made.decompress(piece, max_length=_PIECE):
                    yield plain
                piece = b""
        except (RuntimeError, EOFError) as error:
            raise _damaged(error) from error

    def finish(self) -> None:
        if not self._made.eof:
            raise _damaged("its end is missing")


def _damaged(why: object) -> Refusal:
    return Refusal(271, "CANNOT_DECOMPRESS", f"The compressed body cannot be read: {why}.")
