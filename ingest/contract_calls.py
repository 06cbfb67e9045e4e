"""Questions to a node about contracts and accounts at one block, in batches, through the endpoints of ingest/rpc.py.

A contract that refuses is an answer (None); a node that does is not, and is asked again or left for another one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import TracebackType

import msgspec

from chainsight.errors import NodeLies, WrongChain
from ingest.calls import Call, read_quantity
from ingest.endpoints import Endpoints, Patience
from ingest.limiter import Limiter
from ingest.troubles import Kind, Trouble

# Bounds time and memory of what a stranger's code does inside of the node: about 1.6 MB of answer.
_GAS = hex(5_000_000)
MOST_BYTES = 4_096
"""More of what a contract answers is not kept: no text, number or array that anything asks for is longer."""
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_HEX = re.compile(r"[0-9a-fA-F]*")
# How geth, erigon, nethermind, besu, reth and anvil begin to say that the code called did not end well.
_CONTRACT_FAILED = re.compile(
    r"['\"]?(execution reverted|revert|vm execution error|evm error|out of ?gas|stack (under|over|limit)|write protection"
    r"|(bad|invalid) ?(instruction|opcode|jump|feopcode)|return ?data out of bounds|gas uint64 overflow|(execution )?halted)",
    re.IGNORECASE,
)


class ContractCalls:
    """One node or several that stand in for each other, asked as of one block."""

    def __init__(self, urls: str | Sequence[str], *, chain_id: int, block: int) -> None:
        """Nothing is sent yet. A block before the last hundred or so needs an archive node."""
        self._chain_id = chain_id
        self._endpoints = Endpoints([urls] if isinstance(urls, str) else urls, limiter=Limiter(), patience=Patience())
        self.block = block

    def read(self, questions: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """eth_call for each (contract, call data): what it returns, at most `MOST_BYTES` of it, or None where it reverts.

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
        """Asks the nodes of which chain they are. Raises `WrongChain` for one of another, and `NodeRefused`."""
        try:
            for endpoint, answers in self._endpoints.ask_each([Call("eth_chainId", ())], "eth_chainId").items():
                if (found := read_quantity(answers[0])) != self._chain_id:
                    raise WrongChain(self._chain_id, found, f"The node {endpoint.name}")
        except Trouble as trouble:
            self._endpoints.close()
            raise NodeLies(
                f"A node does not say of which chain it is: {trouble.said}.", next_step="Name another node with --rpc."
            ) from trouble
        except BaseException:
            self._endpoints.close()
            raise
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
    is_data = call.method == "eth_call"
    try:
        text = msgspec.json.decode(answer, type=str)
        if not (_is_data(text) if is_data else _QUANTITY.fullmatch(text)):
            raise ValueError
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise Trouble(Kind.BROKEN, f"no hex number in answer to {call}") from error
    return text[: 2 + 2 * MOST_BYTES]


def _is_data(text: str) -> bool:
    """Whole bytes as `0x…`."""
    return text.startswith("0x") and len(text) % 2 == 0 and _HEX.fullmatch(text, 2) is not None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
