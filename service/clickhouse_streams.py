"""One answer on its way out: held until it is sure that it begins well, then sent as fast as the client takes it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Receive, Send

from service.clickhouse_replies import Packer, answer_headers, chosen_packers, late_refusal, new_tag, pack
from service.clickhouse_requests import Ask
from sql.door import Door, Running

_PIECE = 1 << 20
_HELD_BYTES = 1 << 20
"""An answer up to this size is whole before its first byte leaves: an error in it still has its own status."""
_PATIENCE_SECONDS = 30.0  # http_send_timeout


_left_alone: set[asyncio.Task[None]] = set()
"""Changes whose clients went away; a task that nobody holds would be forgotten."""


class ClientGone(Exception):
    """Nobody reads any more; there is nothing left to say."""


@dataclass(frozen=True)
class Outgoing:
    """What the answer of one statement needs to be told."""

    ask: Ask
    form: str
    """Format of the rows; empty where there may be none."""
    query_id: str
    is_question: bool


async def send_answer(running: Running, outgoing: Outgoing, door: Door, receive: Receive, send: Send) -> None:
    """Stream the answer; raises `Refusal` when the statement failed before anything was sent.

    A client that goes away, or takes nothing for half a minute, ends a question; what changes data is finished.
    """
    watching = asyncio.create_task(_watch(receive, running.cancel if outgoing.is_question else lambda: None))
    try:
        await _Answer(running, outgoing, door, send).stream()
    except ClientGone:
        return
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        if outgoing.is_question or running.ended.is_set():
            running.close()
        else:
            _left_alone.add(task := asyncio.create_task(_drain(running)))
            task.add_done_callback(_left_alone.discard)


class _Answer:
    def __init__(self, running: Running, outgoing: Outgoing, door: Door, send: Send) -> None:
        self._running = running
        self._outgoing = outgoing
        self._door = door
        self._send = send
        self._tag = new_tag()
        self._packers: list[Packer]
        self._packers, self._packed = chosen_packers(outgoing.ask)

    async def stream(self) -> None:
        most = 1 << 62 if self._outgoing.ask.waits_for_end else _HELD_BYTES
        with tempfile.SpooledTemporaryFile(4 * _HELD_BYTES) as held:
            size = 0
            while piece := await _read(self._running.fd):
                size += len(piece)
                held.write(piece)
                if size >= most:
                    break
            if not piece:
                await self._whole(held, size)
                return
            await self._begin(None)
            await self._replay(held)
        while piece := await _read(self._running.fd):
            await self._body(piece)
        await self._end()

    async def _whole(self, held: tempfile.SpooledTemporaryFile[bytes], size: int) -> None:
        """All is there: the status, and the numbers of the summary, are true."""
        if self._running.refusal:
            raise self._running.refusal
        if size <= _HELD_BYTES:
            held.seek(0)
            body = await asyncio.to_thread(pack, self._packers, held.read(), is_last=True) if size else b""
            await self._begin(size, {"Content-Length": str(len(body))})
            await self._say({"type": "http.response.body", "body": body})
            return
        await self._begin(size)
        await self._replay(held)
        await self._end()

    async def _replay(self, held: tempfile.SpooledTemporaryFile[bytes]) -> None:
        held.seek(0)
        while piece := held.read(_PIECE):
            await self._body(piece)

    async def _begin(self, size: int | None, more: dict[str, str] | None = None) -> None:
        has_rows = self._outgoing.is_question or bool(size)
        headers = answer_headers(
            form=self._outgoing.form if has_rows else "",
            query_id=self._outgoing.query_id,
            timezone=self._door.timezone,
            told=None if size is None else self._running.told,
            tag=self._tag,
        )
        headers |= (self._packed if size != 0 else {}) | (more or {})
        await self._say({"type": "http.response.start", "status": 200, "headers": raw_headers(headers)})

    async def _body(self, piece: bytes) -> None:
        packed = await asyncio.to_thread(pack, self._packers, piece, is_last=False) if self._packers else piece
        if packed:
            await self._say({"type": "http.response.body", "body": packed, "more_body": True})

    async def _end(self) -> None:
        failed = self._running.refusal
        last = late_refusal(failed, self._door.version, self._tag) if failed else b""
        packed = await asyncio.to_thread(pack, self._packers, last, is_last=True)
        # After a failure the last chunk is never sent: the connection breaks off, and no client takes it for whole.
        await self._say({"type": "http.response.body", "body": packed, "more_body": failed is not None})

    async def _say(self, message: dict[str, object]) -> None:
        try:
            await asyncio.wait_for(self._send(message), _PATIENCE_SECONDS)
        except (TimeoutError, OSError) as error:
            raise ClientGone from error


def raw_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI wants them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _watch(receive: Receive, on_gone: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    on_gone()


async def _read(fd: int) -> bytes:
    """The next bytes of a pipe that does not block; nothing at its end."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            return os.read(fd, _PIECE)
        except BlockingIOError:
            ready = loop.create_future()
            loop.add_reader(fd, ready.set_result, None)
            try:
                await ready
            finally:
                loop.remove_reader(fd)


async def _drain(running: Running) -> None:
    """Let a change end, whoever is still there to hear of it."""
    while await _read(running.fd):
        pass
    running.close()
