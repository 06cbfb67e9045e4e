"""A live node as a source of blocks: plain JSON-RPC through web3, one block after the other.

Receipts come from eth_getBlockReceipts, or one by one where the node does not know it; traces come from trace_block
where the node has it, else there are none. A block is asked for by number and its receipts and traces must name its hash
(ingest/proofs.py), so a node that changes its mind in between is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from chainsight.errors import NodeRefused
from ingest.source import RawBlock, Reach

_TIMEOUT_SECONDS = 30
# JSON-RPC 2.0: method not found. EIP-1474: method not supported, and what some nodes say of everything, which speak of
# other things, too, so that the message has to name the method.
_UNKNOWN_METHOD_CODE = -32601
_MAYBE_UNKNOWN_METHOD_CODES = {-32004, -32000}


class RpcSource:
    """A `ChainSource` over HTTP. Nothing is retried beyond what web3 does by itself."""

    kind = "rpc"

    def __init__(self, url: str) -> None:
        """Nothing is sent yet; a wrong URL shows at the first question."""
        self._provider = HTTPProvider(url, request_kwargs={"timeout": _TIMEOUT_SECONDS})
        parts = urlsplit(url)
        # Keys of hosted nodes stand in the path or before the @: neither goes into the record.
        self.location = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
        self._missing: set[str] = set()

    def chain_id(self) -> int | None:
        """What eth_chainId says."""
        return int(self._ask("eth_chainId", []), 16)

    def reach(self) -> Reach:
        """Genesis and the node's newest block."""
        return Reach(0, int(self._ask("eth_blockNumber", []), 16))

    def read(self, first: int, last: int) -> Iterator[RawBlock]:
        """See `ChainSource.read`."""
        for number in range(first, last + 1):
            block = self._ask("eth_getBlockByNumber", [hex(number), True])
            if block is None:
                raise NodeRefused(
                    f"The node {self.location} has no block {number}.", next_step="Ask for blocks up to its head."
                )
            if int(block["number"], 16) != number:
                raise NodeRefused(
                    f"The node {self.location} was asked for block {number} and gave {int(block['number'], 16)}.",
                    next_step="Ask another node; what was committed stays.",
                )
            receipts = self._receipts(block)
            traces = self._ask_optional("trace_block", [hex(number)])
            yield RawBlock(
                number=number,
                where=f"{self.location} eth_getBlockByNumber {number}",
                payload=orjson.dumps(block),
                block=block,
                receipts_payload=orjson.dumps({"number": hex(number), "receipts": receipts}),
                receipts=receipts,
                traces_payload=b"" if traces is None else orjson.dumps({"number": hex(number), "traces": traces}),
                traces=traces,
            )

    @property
    def missing(self) -> tuple[str, ...]:
        """Methods the node has said it does not know; what they would have told is not in the blocks."""
        return tuple(sorted(self._missing))

    def close(self) -> None:
        """Let go of the connections."""
        # web3 pools its sessions process-wide and closes them itself.

    def _receipts(self, block: dict[str, Any]) -> list[dict[str, Any]]:
        receipts = self._ask_optional("eth_getBlockReceipts", [block["number"]])
        if receipts is None:
            receipts = [self._ask("eth_getTransactionReceipt", [tx["hash"]]) for tx in block["transactions"]]
        if None in receipts:
            raise NodeRefused(
                f"The node {self.location} lacks receipts of block {int(block['number'], 16)}.",
                next_step="Ask a node that keeps them (an archive node, or one that has finished its sync).",
            )
        return list(receipts)

    def _ask_optional(self, method: str, parameters: list[Any]) -> Any:
        """The result, or None once the node has said that it does not know the method."""
        if method in self._missing:
            return None
        answer = self._answer(method, parameters)
        error = answer.get("error")
        if isinstance(error, dict) and _is_unknown_method(error):
            self._missing.add(method)
            return None
        return self._result(method, parameters, answer)

    def _ask(self, method: str, parameters: list[Any]) -> Any:
        return self._result(method, parameters, self._answer(method, parameters))

    def _answer(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        try:
            return dict(self._provider.make_request(RPCEndpoint(method), parameters))
        except (requests.RequestException, ValueError) as error:
            raise NodeRefused(
                f"The node {self.location} did not answer {method}: {type(error).__name__}.",
                next_step="Check the URL and whether the node runs, then repeat; what was committed stays.",
            ) from error

    def _result(self, method: str, parameters: list[Any], answer: dict[str, Any]) -> Any:
        if answer.get("error") is not None or "result" not in answer:
            said = answer.get("error")
            text = said.get("message", said) if isinstance(said, dict) else said
            raise NodeRefused(
                f"The node {self.location} refused {method} {parameters}: {str(text)[:200]}.",
                next_step="Ask for fewer or other blocks, or another node.",
            )
        return answer["result"]


def _is_unknown_method(error: dict[str, Any]) -> bool:
    code = error.get("code")
    if code == _UNKNOWN_METHOD_CODE:
        return True
    return code in _MAYBE_UNKNOWN_METHOD_CODES and "method" in str(error.get("message", "")).lower()
