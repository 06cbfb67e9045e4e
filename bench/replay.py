"""A node that answers from an amplified archive: `python -m bench.replay FOLDER [METHOD TO DENY …]`, a process of its own.

JSON-RPC over HTTP/1.1 with keep-alive, single and in batches. Answers are spans of files that bench/amplify.py wrote, found
by an index and handed to the kernel (sendfile) or spliced as bytes; no body is parsed, built or compressed here, so what
a client costs is seen beside it. Prints the port, and ends when its standard input does.
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

import numpy as np
import orjson

_READ_BYTES = 1 << 18
# Shorter spans are cheaper to copy than to send by themselves.
_SENDFILE_FROM = 1 << 16
_TAGS = {"earliest": 0, "latest": -1, "pending": -1, "safe": -33, "finalized": -65}
_CHAIN_ID = 1
_UNKNOWN_METHOD, _BAD_PARAMETERS = -32601, -32602

Span = tuple[int, int, int]
"""File descriptor, start, end."""
Part = bytes | Span


class Answers:
    """What the node knows: files, and where in them each answer stands."""

    def __init__(self, folder: Path, without: frozenset[str] = frozenset()) -> None:
        """Read the index; methods in `without` are as if the node did not know them."""
        self._without = without
        with np.load(folder / "index.npz") as tables:
            index = {name: tables[name] for name in tables.files}
        self._spans: dict[str, list[list[int]]] = {}
        self._files: dict[str, int] = {}
        for stem in ("blocks", "hash_blocks", "receipts", "traces"):
            if stem in index:
                self._spans[stem] = index[stem].tolist()
                self._files[stem] = os.open(folder / f"{stem}.jsonl", os.O_RDONLY)
        self.first = int(index["number"][0])
        self.count = len(index["number"])
        self._receipts = index["receipt_spans"]
        self._begins = [0, *np.cumsum(index["transactions"]).tolist()]
        hashes = index["transaction_hash"]
        self._hashes = hashes.tobytes()
        heads = hashes[:, :8].copy().view(">u8").ravel().tolist()
        self._row_of = {head: row for row, head in enumerate(heads)}

    def answer(self, method: str, parameters: list[Any]) -> list[Part] | None:
        """The parts of a result; None for a method that is not known. Raises what a wrong parameter raises."""
        if method in self._without:
            return None
        if method == "eth_getTransactionReceipt":
            return self._receipt(parameters[0])
        if method == "eth_getBlockByNumber":
            return self._line("blocks" if parameters[1] else "hash_blocks", parameters[0])
        if method == "eth_getBlockReceipts":
            return self._list("receipts", parameters[0])
        if method == "trace_block" and "traces" in self._files:
            return self._list("traces", parameters[0])
        if method == "eth_getLogs":
            return self._logs(parameters[0])
        fixed = {
            "eth_chainId": b'"0x%x"' % _CHAIN_ID,
            "net_version": b'"%d"' % _CHAIN_ID,
            "eth_blockNumber": b'"0x%x"' % (self.first + self.count - 1),
            "web3_clientVersion": b'"chainsight-replay/1"',
            "eth_syncing": b"false",
        }
        return [fixed[method]] if method in fixed else None

    def _place(self, block: str) -> int | None:
        place = _TAGS[block] if block in _TAGS else int(block, 16) - self.first
        if place < 0 and block in _TAGS:
            place = max(0, self.count + place)
        return place if 0 <= place < self.count else None

    def _line(self, stem: str, block: str) -> list[Part]:
        place = self._place(block)
        if place is None:
            return [b"null"]
        start, end = self._spans[stem][place]
        return [(self._files[stem], start, end)]

    def _list(self, stem: str, block: str) -> list[Part]:
        """The list in a line `{"number":17686110,"receipts":[…]}`."""
        place = self._place(block)
        if place is None:
            return [b"null"]
        start, end = self._spans[stem][place]
        head = len(b'{"number":,"":') + len(str(self.first + place)) + len(stem)
        return [(self._files[stem], start + head, end - 1)]

    def _receipt(self, transaction: str) -> list[Part]:
        row = self._row_of.get(int(transaction[2:18], 16))
        if row is None or self._hashes[32 * row : 32 * row + 32] != bytes.fromhex(transaction[2:]):
            return [b"null"]
        start, end = self._receipts[row, :2].tolist()
        return [(self._files["receipts"], start, end)]

    def _logs(self, asked: dict[str, Any]) -> list[Part]:
        if asked.get("address") or any(asked.get("topics") or ()) or asked.get("blockHash"):
            raise ValueError("this node gives all logs of a range, unfiltered")
        first, last = (self._place(asked[name]) for name in ("fromBlock", "toBlock"))
        if first is None or last is None or first > last:
            return [b"[]"]
        spans = self._receipts[self._begins[first] : self._begins[last + 1], 2:]
        low, file = int(spans[0, 0]) if len(spans) else 0, self._files["receipts"]
        text = os.pread(file, int(spans[-1, 1]) - low if len(spans) else 0, low)
        return [b"[", b",".join(text[start - low : end - low] for start, end in spans.tolist() if start < end), b"]"]


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
