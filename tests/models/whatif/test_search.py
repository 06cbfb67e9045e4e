"""What a search makes of scores that only many transactions together can lower."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from models.whatif.evidence import evidence_of
from models.whatif.moves import NATIVE, TOKENS, WalletMoves, as_amounts
from models.whatif.pieces import take_apart
from models.whatif.search import Search

ANNA, SHOP = b"\xa1" * 20, b"\xb2" * 20
ENOUGH, OTHERS = 10, 12


class FallsBelowTen:
    """3 while ten payments to the shop are left and -3 below that; each that is gone adds so much first."""

    def __init__(self, each: float = 0.0) -> None:
        self.tried = 0
        self.each = each

    def log_odds(self, variants: Sequence[WalletMoves]) -> np.ndarray:
        self.tried += len(variants)
        left = np.array([one.native.column("counterparty").to_pylist().count(SHOP) for one in variants])
        return np.where(left < ENOUGH, -3.0, 3.0 - self.each * left)


def _paying(to_shop: int) -> WalletMoves:
    """Payments to the shop, and one each to some others."""
    count = to_shop + OTHERS
    rows = [
        {
            "kind": "transaction", "is_out": 1, "moved_at": 1_000 + n, "block_number": n, "transaction_index": 0,
            "counterparty": SHOP if n < to_shop else bytes([n - to_shop]) * 20, "position": 0, "success": 1,
            "transaction_hash": (n + 1).to_bytes(32, "big"), "method_id": b"", "input_length": 0, "amount": b"",
        }
        for n in range(count)
    ]  # fmt: skip
    for row, amount in zip(rows, as_amounts([1] * count).to_pylist(), strict=True):
        row["amount"] = amount
    return WalletMoves(ANNA, pa.Table.from_pylist(rows, schema=NATIVE), TOKENS.empty_table())


def _search(to_shop: int, each: float) -> Search:
    scorer, moves = FallsBelowTen(each), _paying(to_shop)
    return Search(scorer, take_apart(moves), 5_000, float(scorer.log_odds([moves])[0]))


@pytest.mark.parametrize("each", [0.0, 0.01])
def test_where_only_more_transactions_than_are_shown_carry_a_score_none_is_called_evidence(each: float) -> None:
    search = _search(150, each)
    path = search.descend(until=0.0, most=search.pieces.count, rounds=24)
    assert len(path) >= 141
    assert search.log_odds([path])[0] == -3
    assert evidence_of(search, path) == []


@pytest.mark.parametrize("each", [0.0, 0.01])
def test_payments_that_count_together_only_are_shown_together(each: float) -> None:
    search = _search(25, each)
    path = search.descend(until=0.0, most=search.pieces.count, rounds=24)
    told = evidence_of(search, path)
    assert len(told) == 25 - ENOUGH + 1
    assert sum(part for _, part in told) == pytest.approx(search.start + 3)
    assert told[-1][1] > 5
