"""Across a bridge, by a stated rule: where what was paid into one may have come out on another chain.

A bridge pays the same address on the other side, as a rule, and keeps a part. So what counts is what the payer received on
another chain of the store from nobody (minted there) or from an address that labels call a bridge, within a day after it paid, of
90 % to 100 % of one payment. Tokens of two chains have nothing in common but how people call them, so the amount alone is
compared, as it stands in smallest units. Nothing is looked at that came after the time of the last block of the trace. Such
arrivals are told as continuations and not followed by themselves: each is the beginning of a trace on the chain where it came
out. Backwards nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.tracing.flow_graph import Flow, Trace
from graph.tracing.ledgers import Ledgers
from sql.as_of import known_chains
from sql.files import load
from sql.store import Store

_SECONDS, _LEAST, _LEAST_OF = 86_400, 90, 100


@dataclass(frozen=True)
class Continuation:
    """A payment into a bridge and what may be its other end."""

    bridge: bytes
    paid_block: int
    """On the chain of the trace."""
    paid_amount: int
    chain_id: int
    address: bytes
    block: int
    """On the other chain, as are the chain id and what follows."""
    token: bytes
    amount: int


@dataclass(frozen=True)
class _Payment:
    payer: bytes
    bridge: bytes
    block: int
    seconds: int
    amount: int


def continuations(store: Store, traces: Iterable[Trace], ledgers: Ledgers) -> list[Continuation]:
    """Arrivals on other chains of the store for all payments into bridges that traces ended at."""
    others = [chain for chain in known_chains(store) if chain != ledgers.chain_id]
    payments = [payment for trace in traces for payment in _into_bridges(trace, ledgers)]
    if not others or not payments:
        return []
    until = store.query(load("tracing/time_of_block"), chain_id=ledgers.chain_id, block_number=ledgers.until_block)
    last = max(until.column("seconds").to_pylist(), default=0)
    arrived = store.query(
        load("tracing/bridged"),
        chains=others,
        addresses=sorted({payment.payer for payment in payments}),
        from_seconds=min(payment.seconds for payment in payments),
        to_seconds=min(max(payment.seconds for payment in payments) + _SECONDS, last),
    ).to_pylist()
    found = []
    for payment in payments:
        for row in arrived:
            amount = int.from_bytes(row["amount"], "little")
            is_its = row["address"] == payment.payer and 0 <= row["seconds"] - payment.seconds <= _SECONDS
            if is_its and amount <= payment.amount and amount * _LEAST_OF >= payment.amount * _LEAST:
                found.append(
                    Continuation(
                        payment.bridge, payment.block, payment.amount, row["chain_id"], payment.payer, row["block_number"],
                        row["token_address"], amount,
                    )
                )  # fmt: skip
    return found


def _into_bridges(trace: Trace, ledgers: Ledgers) -> Sequence[_Payment]:
    if trace.question.direction != "out":
        return []
    bridges = {end.address for end in trace.ends if end.category == "bridge"}
    return [payment for flow in trace.flows if flow.receiver in bridges for payment in _payments(flow, ledgers)]


def _payments(flow: Flow, ledgers: Ledgers) -> Iterable[_Payment]:
    """The transfers of a flow, with the whole amounts that were paid."""
    ledger = ledgers[flow.giver]
    book = ledger.book(flow.asset) if ledger else None
    if ledger is None or book is None:
        return
    for entry, movement in zip(book.all_entries, book.history.movements, strict=True):
        if entry.key[:2] in flow.transactions and entry.counterparty == flow.receiver:
            yield _Payment(flow.giver, flow.receiver, entry.key.block, entry.seconds, abs(movement))
