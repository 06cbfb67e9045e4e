"""A live Bitcoin node as a source of blocks: getblockhash and getblock with verbosity 3, a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import msgspec

from chainsight.errors import BranchChanged, NodeRefused
from ingest.bitcoin_blocks import Header
from ingest.bitcoin_calls import BitcoinCalls
from ingest.bitcoin_networks import Network, network_named
from ingest.bitcoin_source import RawBitcoinBlock, SpentTransactions
from ingest.source import Reach

# Bitcoin Core answers with 4 to 16 threads (rpcthreads) and queues 16 to 64 requests (rpcworkqueue).
_AT_ONCE = 4
_HASHES_A_REQUEST = 64
_TRANSACTIONS_A_REQUEST = 32
_VERBOSITY = 3  # a node older than 23 takes it for 2: transactions without what their inputs spend
_SAFE_CONFIRMATIONS, _FINAL_CONFIRMATIONS = 6, 100

Parsed = TypeVar("Parsed")


class _ChainInfo(msgspec.Struct):
    chain: str
    blocks: int
    pruneheight: int = 0


class BitcoinNode:
    """A `BitcoinSource` over Bitcoin Core's JSON-RPC."""

    kind = "rpc"
    unresolved_reason = "not in the store, and the node did not show it"

    def __init__(self, url: str, *, pause_seconds: float = 0.25) -> None:
        """`url` is http://user:password@host:port; nothing is sent yet."""
        self._calls = BitcoinCalls(url, pause_seconds=pause_seconds)
        self.location = self._calls.location

    def network(self) -> Network | None:
        """What getblockchaininfo says; raises `UnknownName` for a network nobody here knows."""
        return network_named(self._info().chain)

    def reach(self) -> Reach:
        """First block that is not pruned, and the head with what is 6 and 100 blocks deep."""
        info = self._info()
        safe, final = (max(info.blocks + 1 - depth, 0) for depth in (_SAFE_CONFIRMATIONS, _FINAL_CONFIRMATIONS))
        return Reach(info.pruneheight, info.blocks, safe, final)

    def block_hash(self, number: int) -> str | None:
        """See `BitcoinSource.block_hash`."""
        return self._hashes(number, number)[0] if number <= self._info().blocks else None

    def read(self, first: int, last: int) -> Iterator[RawBitcoinBlock]:
        """See `BitcoinSource.read`. Blocks are fetched a few at a time and handed on in order."""
        previous: str | None = None
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="bitcoin") as pool:
            fetching: deque[Future[RawBitcoinBlock]] = deque()
            wanted = self._numbered_hashes(first, last)
            try:
                for number, block_hash in wanted:
                    fetching.append(pool.submit(self._block, number, block_hash))
                    if len(fetching) > _AT_ONCE:
                        previous = yield from self._handed_on(fetching.popleft().result(), previous)
                while fetching:
                    previous = yield from self._handed_on(fetching.popleft().result(), previous)
            finally:
                pool.shutdown(cancel_futures=True)
                self._calls.close()

    def transactions(self, wanted: Sequence[str]) -> SpentTransactions:
        """See `BitcoinSource.transactions`; a node without txindex shows only what is in its memory pool."""
        found: dict[str, bytes] = {}
        refused: dict[str, str] = {}
        for start in range(0, len(wanted), _TRANSACTIONS_A_REQUEST):
            part = wanted[start : start + _TRANSACTIONS_A_REQUEST]
            answers = self._calls.ask_many("getrawtransaction", [[transaction_id, 1] for transaction_id in part])
            for transaction_id, answer in zip(part, answers, strict=True):
                if answer.error is None and bytes(answer.result) != b"null":
                    found[transaction_id] = _on_one_line(answer.result)
                else:
                    said = answer.error.message if answer.error else "null"
                    refused[transaction_id] = f"the node says: {said.split('.')[0][:120]}"
        return SpentTransactions(found, refused)

    def close(self) -> None:
        """Let go of the connection."""
        self._calls.close()

    def _info(self) -> _ChainInfo:
        return self._parsed("getblockchaininfo", self._calls.ask("getblockchaininfo"), _ChainInfo)

    def _numbered_hashes(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        for start in range(first, last + 1, _HASHES_A_REQUEST):
            end = min(start + _HASHES_A_REQUEST - 1, last)
            yield from zip(range(start, end + 1), self._hashes(start, end), strict=True)

    def _hashes(self, first: int, last: int) -> list[str]:
        numbers = range(first, last + 1)
        answers = self._calls.ask_many("getblockhash", [[number] for number in numbers])
        for number, answer in zip(numbers, answers, strict=True):
            if answer.error is not None:
                raise NodeRefused(
                    f"The node {self.location} has no block {number}: {answer.error.message[:200]}.",
                    next_step="Ask for blocks up to its head.",
                )
        return [self._parsed("getblockhash", answer.result, str) for answer in answers]

    def _block(self, number: int, block_hash: str) -> RawBitcoinBlock:
        result = self._calls.ask("getblock", block_hash, _VERBOSITY)
        header = self._parsed(f"getblock {block_hash}", result, Header)
        if (header.hash, header.height) != (block_hash, number):
            raise NodeRefused(
                f"The node {self.location} was asked for block {number} ({block_hash}) and gave {header.height} "
                f"({header.hash}).",
                next_step="Ask another node; what was committed stays.",
            )
        return RawBitcoinBlock(
            number=number,
            block_hash=block_hash,
            previous_hash=header.previousblockhash or "00" * 32,
            where=f"{self.location} getblock {block_hash}",
            payload=_on_one_line(result),
        )

    def _handed_on(self, block: RawBitcoinBlock, previous: str | None) -> Generator[RawBitcoinBlock, None, str]:
        if previous is not None and block.previous_hash != previous:
            raise BranchChanged(
                f"The node {self.location} has block {block.number} on another branch than block {block.number - 1}.",
                next_step="It changed its mind while it was read: repeat.",
            )
        yield block
        return block.block_hash

    def _parsed(self, method: str, result: msgspec.Raw, form: type[Parsed]) -> Parsed:
        try:
            return msgspec.json.decode(result, type=form)
        except msgspec.DecodeError as error:
            raise NodeRefused(
                f"The node {self.location} answered {method} with something else ({error}).",
                next_step="Check that the URL is that of Bitcoin Core 22 or newer.",
            ) from error


def _on_one_line(result: msgspec.Raw) -> bytes:
    return bytes(result).replace(b"\n", b" ").replace(b"\r", b" ")
