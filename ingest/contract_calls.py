"""Questions to a node about contracts and accounts at one block, in batches, through the endpoints of ingest/rpc.py.

A contract that refuses is an answer (None); a node that does is not, and is asked again or left for another one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import TracebackType

import msgspec

from ingest.calls import Call
from ingest.endpoints import Endpoints, Patience
from ingest.limiter import Limiter
from ingest.troubles import Kind, Trouble

# Bounds time and memory of what a stranger's code does inside of the node: about 1.6 MB of answer.
_GAS = hex(5_000_000)
# How geth, erigon, nethermind, besu, reth and anvil begin to say that the code called did not end well.
_CONTRACT_FAILED = re.compile(
    r"['\"]?(execution reverted|revert|vm execution error|evm error|out of ?gas|stack (under|over|limit)|write protection"
    r"|(bad|invalid) ?(instruction|opcode|jump|feopcode)|return ?data out of bounds|gas uint64 overflow|(execution )?halted)",
    re.IGNORECASE,
)


class ContractCalls:
    """One node or several that stand in for each other, asked as of one block."""

    def __init__(self, urls: str | Sequence[str], *, block: int) -> None:
        """Nothing is sent yet. A block before the last hundred or so needs an archive node."""
        self._endpoints = Endpoints([urls] if isinstance(urls, str) else urls, limiter=Limiter(), patience=Patience())
        self.block = block

    def read(self, questions: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """eth_call for each (contract, call data): what it returns, or None where it reverts.

        Raises `NodeRefused` or `NodeLies`, naming every node and what was wrong with it.
        """
        calls = [
            Call("eth_call", ({"to": f"0x{to.hex()}", "data": f"0x{data.hex()}", "gas": _GAS}, hex(self.block)))
            for to, data in questions
        ]
        return [None if text is None else _bytes(text) for text in self._ask(calls, "calls of contracts")]

    def balances(self, accounts: Sequence[bytes]) -> list[int]:
        """eth_getBalance of each account, in wei. Raises as `read`."""
        calls = [Call("eth_getBalance", (f"0x{account.hex()}", hex(self.block))) for account in accounts]
        found = self._ask(calls, f"balances at block {self.block}")
        return [int(text or "0x0", 16) for text in found]

    def __enter__(self) -> ContractCalls:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._endpoints.close()

    def _ask(self, calls: Sequence[Call], what: str) -> list[str | None]:
        found: dict[int, str | None] = {}
        errand = self._endpoints.errand("calls", what)
        while len(found) < len(calls):
            wanted = [place for place in range(len(calls)) if place not in found]
            with errand.turn() as turn:
                part = turn.part(wanted)
                for place, answer in zip(part, turn.ask([calls[place] for place in part]), strict=True):
                    if isinstance(answer, Trouble) and not _is_of_the_contract(answer, calls[place]):
                        turn.note(answer)
                        continue
                    found[place] = None if isinstance(answer, Trouble) else _text(answer, calls[place])
                    errand.progress()
        return [found[place] for place in range(len(calls))]


def _is_of_the_contract(trouble: Trouble, call: Call) -> bool:
    """Whether the contract refused, not the node. The words after "reverted" are the contract's, which may say anything."""
    return call.method == "eth_call" and _CONTRACT_FAILED.match(trouble.said) is not None


def _text(answer: msgspec.Raw, call: Call) -> str:
    try:
        text = msgspec.json.decode(answer, type=str)
        _bytes(text) if call.method == "eth_call" else int(text, 16)
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise Trouble(Kind.BROKEN, f"no hex number in answer to {call}") from error
    return text


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
