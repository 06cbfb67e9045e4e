"""A local anvil node: found, started, spoken to, stopped. The demo's story and the tests play on it.

anvil comes from npm (`npm ci` puts it under node_modules/); CHAINSIGHT_ANVIL names another binary.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chainsight.errors import MissingComponent, NodeRefused

CHAIN_ID = 31337
_ROOT = Path(__file__).resolve().parent.parent
_PLACES = ("anvil-linux-amd64", "anvil-linux-arm64", "anvil-darwin-arm64", "anvil-darwin-amd64")
_START_SECONDS = 20.0


def find_anvil() -> Path:
    """The anvil binary: CHAINSIGHT_ANVIL, else the one npm put under node_modules; `MissingComponent` if none."""
    named = os.environ.get("CHAINSIGHT_ANVIL")
    scope = _ROOT / "node_modules" / "@foundry-rs"
    for path in [Path(named)] if named else [scope / place / "bin" / "anvil" for place in _PLACES]:
        if path.is_file():
            return path
    raise MissingComponent(
        f"There is no anvil at {named or scope}.",
        next_step="Run `npm ci` in the repository, or set CHAINSIGHT_ANVIL to the path of an anvil binary.",
    )


class Node:
    """JSON-RPC over one kept connection; batches are one request."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._next_id = 0

    def call(self, method: str, *params: Any) -> Any:
        """The result of one request; `NodeRefused` with the node's own words if it answers an error."""
        return self.batch([(method, params)])[0]

    def batch(self, requests: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The results of several requests, in their order; raises `NodeRefused` for the first error."""
        if not requests:
            return []
        calls = []
        for method, params in requests:
            self._next_id += 1
            calls.append({"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": list(params)})
        self._connection.request("POST", "/", json.dumps(calls), {"Content-Type": "application/json"})
        answers = json.loads(self._connection.getresponse().read())
        by_id = {answer.get("id"): answer for answer in answers}
        results = []
        for call in calls:
            answer = by_id.get(call["id"], {"error": {"message": "no answer"}})
            if "error" in answer:
                raise NodeRefused(
                    f"The node at {self.url} refused {call['method']}: {answer['error'].get('message')}.",
                    next_step="Check the request's parameters against the node's version.",
                )
            results.append(answer["result"])
        return results

    def close(self) -> None:
        """Close the connection; the node goes on."""
        self._connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_anvil(*arguments: str) -> Iterator[Node]:
    """A fresh anvil on a free port, with `arguments` on its command line, ended when the block ends.

    with running_anvil("--no-mining") as node:
        assert node.call("eth_chainId") == "0x7a69"
    """
    port = _free_port()
    command = [str(find_anvil()), "--port", str(port), "--chain-id", str(CHAIN_ID), "--silent", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    node = Node(port)
    try:
        _wait_until_it_answers(node, process)
        yield node
    finally:
        node.close()
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _wait_until_it_answers(node: Node, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            node.call("eth_chainId")
            return
        except (OSError, http.client.HTTPException):
            node.close()
        if process.poll() is not None or time.monotonic() > deadline:
            said = (
                process.stderr.read().decode(errors="replace").strip()
                if process.poll() is not None and process.stderr
                else ""
            )
            raise NodeRefused(
                f"anvil did not start: {said or 'no answer in 20 seconds'}.",
                next_step="Start it by hand with the same arguments to see why.",
            )
        time.sleep(0.05)
