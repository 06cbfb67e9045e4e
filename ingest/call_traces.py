"""What debug_traceBlockByNumber's callTracer says, in the form of trace_block, so that one decoder reads both.

The form is OpenEthereum's, as erigon, reth and nethermind give it: one flat list, each call with the path to it (traceAddress),
what kind of call it was, the value it carried and the error it ended with. callTracer gives a tree of frames a transaction and no
reward. Calls into precompiled contracts that carry no value are left out, as erigon leaves them out.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

TRACER = {"tracer": "callTracer"}
# EIP-7910 lists them: 0x01 … 0x11, and 0x100 since EIP-7951.
_PRECOMPILES = frozenset({*range(1, 0x12), 0x100})
_ERRORS = {"execution reverted": "Reverted", "out of gas": "Out of gas"}


class Frame(msgspec.Struct, rename="camel", omit_defaults=True):
    """One call as geth's callTracer reports it."""

    type: str
    from_: str = msgspec.field(name="from")
    to: str | None = None
    value: str | None = None
    gas: str = "0x0"
    gas_used: str = "0x0"
    input: str = "0x"
    output: str | None = None
    error: str | None = None
    calls: list[Frame] = []


class TracedTransaction(msgspec.Struct, rename="camel"):
    """One entry of debug_traceBlockByNumber's result."""

    result: Frame | None = None
    tx_hash: str | None = None
    error: str | None = None


_TRACED = msgspec.json.Decoder(list[TracedTransaction])
# The EVM allows 1024 calls inside of each other, each an object in a list; the parser counts both against Python's limit.
_DEPTH = 4000
_ONE_AT_A_TIME = threading.Lock()


def read_call_traces(result: bytes | msgspec.Raw) -> list[TracedTransaction]:
    """The trees of one block's transactions; raises `ValueError` for anything else."""
    with _ONE_AT_A_TIME:
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(_DEPTH)  # lowered, too, where another library has raised it: the stack ends before that
        try:
            return _TRACED.decode(result)
        except RecursionError as error:
            raise ValueError("calls inside of each other beyond what the EVM allows") from error
        finally:
            sys.setrecursionlimit(usual)


def as_block_traces(
    traced: Sequence[TracedTransaction], *, number: int, block_hash: str, transactions: Sequence[str]
) -> bytes:
    """The traces of one block as trace_block's JSON; raises `ValueError` when a transaction has none or another's."""
    if len(traced) != len(transactions):
        raise ValueError(f"traces of {len(traced)} transactions for {len(transactions)}")
    rows: list[dict[str, Any]] = []
    for position, (entry, transaction) in enumerate(zip(traced, transactions, strict=True)):
        if entry.tx_hash is not None and entry.tx_hash.lower() != transaction.lower():
            raise ValueError(f"the trace of transaction {entry.tx_hash} at the place of {transaction}")
        if entry.result is None:
            raise ValueError(f"no trace of transaction {transaction} ({entry.error})")
        for row in _flat(entry.result, ()):
            row |= {
                "blockHash": block_hash,
                "blockNumber": number,
                "transactionHash": transaction,
                "transactionPosition": position,
            }
            rows.append(row)
    return msgspec.json.encode(rows)


def _flat(top: Frame, address: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """A call and everything below it, depth first; without recursion, for a chain of calls may be 1024 deep."""
    stack = [(top, address)]
    while stack:
        frame, path = stack.pop()
        calls = [call for call in frame.calls if not _is_silent_precompile(call)]
        yield _row(frame, path, len(calls))
        stack.extend((call, (*path, place)) for place, call in reversed(list(enumerate(calls))))


def _row(frame: Frame, path: tuple[int, ...], subtraces: int) -> dict[str, Any]:
    row: dict[str, Any] = {"traceAddress": path, "subtraces": subtraces}
    if frame.error:
        row["error"] = _ERRORS.get(frame.error, frame.error)
    kind = frame.type.upper()
    value = frame.value or "0x0"
    if kind in {"SELFDESTRUCT", "SUICIDE"}:
        action = {"address": frame.from_, "refundAddress": frame.to, "balance": value}
        return row | {"type": "suicide", "action": action, "result": None}
    if kind in {"CREATE", "CREATE2"}:
        result = {"address": frame.to, "code": frame.output or "0x", "gasUsed": frame.gas_used}
        action = {"from": frame.from_, "value": value, "gas": frame.gas, "init": frame.input}
        action["creationMethod"] = kind.lower()
        return row | {"type": "create", "action": action, "result": None if frame.error else result}
    result = {"gasUsed": frame.gas_used, "output": frame.output or "0x"}
    action = {"callType": kind.lower(), "from": frame.from_, "to": frame.to, "value": value}
    action |= {"gas": frame.gas, "input": frame.input}
    return row | {"type": "call", "action": action, "result": None if frame.error else result}


def _is_silent_precompile(frame: Frame) -> bool:
    if frame.type.upper() not in {"CALL", "STATICCALL", "DELEGATECALL", "CALLCODE"} or frame.to is None:
        return False
    return int(frame.value or "0x0", 16) == 0 and int(frame.to, 16) in _PRECOMPILES
