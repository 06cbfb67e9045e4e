"""Traces stand depth first below the calls that transactions were sent as; the first that does not is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sql.files import load
from sql.store import Store
from tests.fixtures.handmade import block, call, receipt, stage, transaction, word

SENT, CREATION = transaction(), transaction(index=1, to=None)


def creation(kind: str = "create") -> dict[str, Any]:
    return {**call(value=100), "type": kind, "transactionPosition": 1, "transactionHash": CREATION["hash"]}


def disagreement(store: Store, name: str, traces: Sequence[dict[str, Any]]) -> str:
    """The field that is named first; empty when all agree."""
    receipts = [receipt(tx) for tx in (SENT, CREATION)]
    stage(
        store,
        [block(SENT, CREATION)],
        [{"number": "0x9", "receipts": receipts}],
        [{"number": "0x9", "traces": list(traces)}],
    )
    return "".join(row["field"] for row in store.query(load(f"disagreements/{name}")).to_pylist())


@pytest.mark.parametrize(
    ("paths", "wrong"),
    [
        ([[], [0], [0, 0], [0, 1], [0, 1, 0], [1], [2]], None),
        ([[], [0], [2], [2, 5]], None),  # some nodes leave precompiled contracts away and keep the numbers
        ([[], [0], [0]], 2),
        ([[], [1], [0]], 2),
        ([[], [0, 0]], 1),
        ([[], [0], [1, 0]], 2),
        ([[], [0], [0, 0], [1, 1]], 3),
        ([[], [0], [0, 0, 0]], 2),
        ([[0], []], 0),
    ],
)
def test_a_path_is_below_or_after_the_one_before(store: Store, paths: list[list[int]], wrong: int | None) -> None:
    found = disagreement(store, "traces", [*map(call, paths), creation()])
    if wrong is None:
        assert found == ""
    else:
        assert found.startswith(f"traces[{wrong}].")


def test_only_rewards_belong_to_no_transaction(store: Store) -> None:
    reward = {
        "type": "reward", "action": {"author": "0x" + "cc" * 20, "value": "0x1"}, "blockHash": word(9), "traceAddress": [],
        "transactionHash": None, "transactionPosition": None, "result": None,
    }  # fmt: skip
    assert disagreement(store, "traces", [call(), creation(), reward]) == ""
    lost = {**call([0]), "transactionPosition": None, "transactionHash": None}
    assert disagreement(store, "traces", [call(), creation(), lost]) == "traces[2].traceAddress"


def test_a_block_with_transactions_has_traces_where_any_were_given(store: Store) -> None:
    assert disagreement(store, "traces", []) == "number of root traces"
    stage(store, [block()], [], [{"number": "0x9", "traces": []}])
    assert store.query(load("disagreements/traces")).num_rows == 0


def test_a_root_creates_where_its_transaction_names_nobody(store: Store) -> None:
    assert disagreement(store, "root_calls", [call(value=100), creation()]) == ""
    assert disagreement(store, "root_calls", [call(value=100), creation("call")]) == "traces[1].type"
    assert disagreement(store, "root_calls", [{**call(value=100), "type": "create"}, creation()]) == "traces[0].type"
