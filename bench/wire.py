"""The replay node as a child process, and how fast a client can read from it that does nothing else."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.amplify import Amplified
from chainsight.errors import ChildFailed

_BLOCKS_A_REQUEST = 8


@dataclass(frozen=True)
class Node:
    """A replay node that runs."""

    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """What it has used so far, of user and system."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def replay_node(folder: Path, *without: str) -> Iterator[Node]:
    """A replay node in a process of its own, for as long as the block lasts; it does not know the methods in `without`.

    Raises `ChildFailed` when it ends before it listens.
    """
    command = [sys.executable, "-m", "bench.replay", str(folder.resolve()), *without]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            port = process.stdout.readline()
            if not port:
                raise ChildFailed(
                    "The replay node ended before it listened.", next_step=f"Run {' '.join(command)} to see why."
                )
            yield Node(int(port), psutil.Process(process.pid))
        finally:
            process.stdin.close()


@dataclass(frozen=True)
class Drained:
    """What a plain reader got."""

    blocks_per_s: float
    megabytes_per_s: float
    node_cores: float
    """CPU seconds of the node a second."""


def drain(node: Node, archive: Amplified, *, blocks: int, methods: tuple[str, ...]) -> Drained:
    """Ask for blocks as an extractor does and read every byte into one buffer without looking at it.

    Raises `ChildFailed` when the node closes the connection in the middle of an answer.
    """
    buffer, received = bytearray(1 << 20), 0
    used, started = node.cpu_seconds(), time.perf_counter()
    last = min(archive.last, archive.first + blocks - 1)
    with socket.create_connection(("127.0.0.1", node.port)) as client:
        for first in range(archive.first, last + 1, _BLOCKS_A_REQUEST):
            numbers = range(first, min(first + _BLOCKS_A_REQUEST, last + 1))
            client.sendall(_request(numbers, methods))
            received += _read_answer(client, buffer)
    seconds = time.perf_counter() - started
    cores = (node.cpu_seconds() - used) / seconds
    return Drained((last - archive.first + 1) / seconds, received / seconds / 1e6, cores)


def _request(numbers: range, methods: tuple[str, ...]) -> bytes:
    asked = [
        (method, [hex(number), *([True] if "ByNumber" in method else [])]) for number in numbers for method in methods
    ]
    calls = [{"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters} for method, parameters in asked]
    body = json.dumps(calls).encode()
    return b"POST / HTTP/1.1\r\nHost: replay\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def _read_answer(client: socket.socket, buffer: bytearray) -> int:
    got = _receive(client, memoryview(buffer))
    while b"\r\n\r\n" not in buffer[:got]:
        got += _receive(client, memoryview(buffer)[got:])
    head = buffer.index(b"\r\n\r\n", 0, got) + 4
    length = int(bytes(buffer[:head]).lower().split(b"content-length:")[1].split(b"\r\n")[0])
    left = head + length - got
    while left > 0:
        left -= _receive(client, memoryview(buffer))
    return head + length


def _receive(client: socket.socket, buffer: memoryview) -> int:
    got = client.recv_into(buffer)
    if not got:
        raise ChildFailed(
            "The replay node closed the connection before its answer was whole.",
            next_step="No figure of this run is worth anything: repeat it, and look for what ended the node.",
        )
    return got
