"""Whatever was paid, every unit of it ends somewhere once: worlds of chance, without a store."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.tracing.actors import Actors
from graph.tracing.flow_graph import Question, Trace
from graph.tracing.ledgers import Ledger
from graph.tracing.pages import Page
from graph.tracing.policies import CONSERVING_POLICIES
from graph.tracing.push import trace
from graph.tracing.transactions import Transactions


class _Rows:
    """Ledgers of payments that are given, without a store."""

    def __init__(self, payments: list[tuple[int, int, int, int]]) -> None:
        self._found: dict[bytes, Ledger] = {}
        for party in {party for giver, receiver, _, _ in payments for party in (giver, receiver)}:
            own = [(at, p) for at, p in enumerate(payments) if party in p[:2] and p[0] != p[1] and p[2]]
            columns: dict[str, Any] = {
                "block_number": np.array([at for at, _ in own], np.uint64),
                "is_in": np.array([p[1] == party for _, p in own]),
                "asset_key": np.array([p[3] for _, p in own], np.uint64),
            }
            for name in ("transaction_index", "rank", "position", "batch_index", "seconds"):
                columns[name] = np.zeros(len(own), np.uint64)
            others = b"".join(_party(p[0] if p[1] == party else p[1]) for _, p in own)
            amounts = np.frombuffer(b"".join(p[2].to_bytes(32, "little") for _, p in own), "<u8").reshape(-1, 4)
            tokens = b"".join(bytes([p[3]]) * 20 for _, p in own)
            page = Page(columns, memoryview(others), memoryview(tokens), amounts, np.zeros((len(own), 4), np.uint64))
            self._found[_party(party)] = Ledger(_party(party), page, 0, len(own))

    def read(self, addresses: Any) -> None:
        """All are known."""

    def is_hub(self, address: bytes) -> bool:
        return False

    def __getitem__(self, address: bytes) -> Ledger | None:
        return self._found.get(address)


class _Unlabelled(Actors):
    def __init__(self) -> None:
        pass

    def read(self, addresses: Any) -> None:
        """Nobody is known."""

    def at(self, address: bytes, seconds: int) -> list[Any]:
        return []


def _party(number: int) -> bytes:
    return bytes([number + 1]) * 20


PAYMENTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2**90) | st.integers(0, 9), st.integers(0, 1)),
    max_size=25,
)


@settings(max_examples=120, deadline=None)
@given(PAYMENTS, st.sampled_from(CONSERVING_POLICIES), st.sampled_from(["in", "out"]), st.integers(1, 4))
def test_whatever_is_paid_every_unit_ends_somewhere_once(payments: Any, policy: str, direction: str, hops: int) -> None:
    """The engine checks itself after every round; here the whole answer is added up from outside."""
    ledgers: Any = _Rows(payments)
    question = Question(
        1, (_party(0),), policy=policy, direction=direction, hops=hops, until_block=99, least_share=0.01
    )
    side = 0 if direction == "out" else 1
    sent = sum(p[2] for p in payments if p[side] == 0 and p[1 - side] != 0 and p[3] == 0)
    if not sent:
        return
    # Every payment is a transaction of its own, so none is looked at as a whole.
    found: Trace = trace(question, ledgers, _Unlabelled(), Transactions(None, chain_id=1))  # type: ignore[arg-type]
    assert found.total == sent == found.total_ended
    assert all(parcel.worth >= 0 for parcel in found.ends.values())
    assert max(end.hop for end in found.ends) <= hops
    assert all(flow.parcel.worth <= sent for flow in found.flows if not flow.is_exchange and flow.hop == 1)
