"""A node that answers from an amplified archive: `python -m bench.replay FOLDER [METHOD TO DENY …]`, a process of its own.

JSON-RPC over HTTP/1.1 with keep-alive, single and in batches, to many clients from one loop (epoll). Answers (bench/answers.py)
are handed to the kernel as spans of files (sendfile), short ones spliced, so that the node costs little beside what it
serves. Prints the port, and ends when its standard input does.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections import deque
from pathlib import Path
from typing import Any

import orjson

from bench.answers import Answers, Part

_READ_BYTES = 1 << 18
# Shorter spans are cheaper to copy than to send by themselves.
_SENDFILE_FROM = 1 << 16
_UNKNOWN_METHOD, _BAD_PARAMETERS = -32601, -32602


class Connection:
    """One client: bytes that came and are not answered, parts that are not sent."""

    def __init__(self, sock: socket.socket, answers: Answers) -> None:
        self.socket = sock
        self._answers = answers
        self._received = b""
        self._parts: deque[Part] = deque()

    def read(self) -> bool:
        """Take what came and answer whole requests; False when the client is gone."""
        try:
            came = self.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._received = self._received + came if self._received else came
        while self._received and (asked := self._next_request()) is not None:
            self._respond(asked)
        return bool(came)

    def write(self) -> bool:
        """Send while the kernel takes it; True when everything is sent."""
        parts = self._parts
        while parts:
            part = parts[0]
            try:
                if isinstance(part, bytes):
                    sent = self.socket.send(part, socket.MSG_MORE if len(parts) > 1 else 0)
                    rest: Part = part[sent:]
                    is_done = sent == len(part)
                else:
                    file, start, end = part
                    sent = os.sendfile(self.socket.fileno(), file, start, end - start)
                    rest, is_done = (file, start + sent, end), start + sent == end
            except BlockingIOError:
                return False
            if is_done:
                parts.popleft()
            else:
                parts[0] = rest
        return True

    def _next_request(self) -> bytes | None:
        """The body of the next whole request."""
        data = self._received
        head = data.find(b"\r\n\r\n")
        if head < 0:
            return None
        fields = data[:head].lower()
        at = fields.find(b"\r\ncontent-length:")
        length = int(fields[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        end = head + 4 + length
        if len(data) < end:
            return None
        self._received = data[end:]
        return data[head + 4 : end]

    def _respond(self, body: bytes) -> None:
        try:
            asked = orjson.loads(body)
        except orjson.JSONDecodeError:
            asked = {}
        parts: list[Part] = []
        if isinstance(asked, list):
            before = b"["
            for one in asked:
                parts.append(before)
                parts += self._one(one)
                before = b","
            parts.append(b"]")
        else:
            parts += self._one(asked)
        length = sum(len(part) if isinstance(part, bytes) else part[2] - part[1] for part in parts)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % length
        self._parts += _joined([head, *parts])

    def _one(self, asked: dict[str, Any]) -> list[Part]:
        name = orjson.dumps(asked.get("id"))
        try:
            result = self._answers.answer(asked.get("method", ""), asked.get("params") or [])
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            return [_refusal(name, _BAD_PARAMETERS, f"invalid argument: {error}")]
        if result is None:
            text = f"the method {asked.get('method')} does not exist/is not available"
            return [_refusal(name, _UNKNOWN_METHOD, text)]
        return [b'{"jsonrpc":"2.0","id":%b,"result":' % name, *result, b"}"]


def serve(folder: Path, without: frozenset[str] = frozenset()) -> None:
    """Answer until standard input ends."""
    answers = Answers(folder, without)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.setblocking(False)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    poll.register(sys.stdin.fileno(), select.EPOLLIN)
    print(listener.getsockname()[1], flush=True)
    connections: dict[int, Connection] = {}
    while True:
        for file, events in poll.poll():
            if file == sys.stdin.fileno():
                return
            if file == listener.fileno():
                _accept(listener, poll, connections, answers)
                continue
            connection = connections[file]
            is_open = True
            try:
                if events & ~select.EPOLLOUT:
                    is_open = connection.read()
                is_sent = connection.write()
            except OSError:
                is_open = False
            if not is_open:
                poll.unregister(file)
                connections.pop(file).socket.close()
            elif not is_sent or events & select.EPOLLOUT:
                poll.modify(file, select.EPOLLIN if is_sent else select.EPOLLOUT)


def _accept(listener: socket.socket, poll: select.epoll, connections: dict[int, Connection], answers: Answers) -> None:
    try:
        accepted, _ = listener.accept()
    except BlockingIOError:
        return
    accepted.setblocking(False)
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connections[accepted.fileno()] = Connection(accepted, answers)
    poll.register(accepted, select.EPOLLIN)


def _joined(parts: list[Part]) -> list[Part]:
    """Short neighbours become one piece of bytes, so that few calls send them."""
    joined: list[Part] = []
    pending: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            pending.append(part)
        elif part[2] - part[1] < _SENDFILE_FROM:
            pending.append(os.pread(part[0], part[2] - part[1], part[1]))
        else:
            joined += [b"".join(pending), part] if pending else [part]
            pending = []
    return [*joined, b"".join(pending)] if pending else joined


def _refusal(name: bytes, code: int, text: str) -> bytes:
    return b'{"jsonrpc":"2.0","id":%b,"error":{"code":%d,"message":%b}}' % (name, code, orjson.dumps(text))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Path(sys.argv[1]), frozenset(sys.argv[2:]))
