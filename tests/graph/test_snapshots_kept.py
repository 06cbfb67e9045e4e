"""Kept up to date block by block, the graph is what it would be made at once.

More examples: CHAINSIGHT_DERIVE_EXAMPLES=100 pytest tests/graph/test_snapshots_kept.py
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.snapshots import Snapshot, latest
from ingest.commit import Origin, commit_blocks
from ingest.tombstones import uncommitted
from ingest.withdraw import withdraw_blocks
from sql.derive import derive, rebuild
from sql.files import load_folder
from sql.store import Store
from tests.fixtures.forks import CHAIN_ID, branch
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import ZERO

EXAMPLES = int(os.environ.get("CHAINSIGHT_DERIVE_EXAMPLES", "1"))
_LENGTH = 24
_CHAIN = branch(None, _LENGTH, seconds=25_000)
_ORIGIN = Origin("rpc", "a test", sender_sample=1_000)


@contextmanager
def fresh_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(f"{folder}/store")
        try:
            for function in load_folder("functions"):
                store.command(function)
            yield store
        finally:
            store.close()


def edges_by_hand(store: Store, snapshot: Snapshot) -> set[tuple[Any, ...]]:
    """The same edges, added up here from the transfers."""
    rows = store.query(
        "SELECT g.address_id AS giver, r.address_id AS receiver, t.block_number AS block, amount, t.token_address AS token"
        " FROM transfers AS t INNER JOIN addresses AS g ON g.address = t.from_address"
        " INNER JOIN addresses AS r ON r.address = t.to_address WHERE t.kind != 'fee' AND t.block_number"
        f" BETWEEN {snapshot.since} AND {snapshot.as_of_block}"
    ).to_pylist()
    pairs: dict[tuple[int, int], list[tuple[int, int, bytes]]] = {}
    for row in rows:
        amount = int.from_bytes(row["amount"], "little")
        is_dust = row["token"] == ZERO and amount < 10**13
        if row["giver"] != row["receiver"] and not ("dust" in snapshot.leave_out and is_dust):
            pairs.setdefault((row["giver"], row["receiver"]), []).append((row["block"], amount, row["token"]))
    return {
        (
            *pair, len(moves), sum(amount for _, amount, token in moves if token == ZERO),
            len({token for _, _, token in moves} - {ZERO}), min(moves)[0], max(moves)[0],
        )
        for pair, moves in pairs.items()
    }  # fmt: skip


def edges_of(store: Store, snapshot: Snapshot) -> set[tuple[Any, ...]]:
    columns = ("from_id", "to_id", "transfer_count", "native_amount", "token_count", "first_block", "last_block")
    return {
        tuple(int.from_bytes(v, "little") if isinstance(v, bytes) else v for v in (edge[name] for name in columns))
        for edge in snapshot.edges(store).to_pylist()
    }


_RANGE = st.tuples(st.integers(1, _LENGTH), st.integers(0, 9)).map(lambda ends: (ends[0], min(sum(ends), _LENGTH)))
_ACTIONS = st.lists(st.tuples(st.sampled_from(["commit", "commit", "withdraw"]), _RANGE), min_size=2, max_size=4)
_STRETCH = st.tuples(st.integers(0, _LENGTH), st.integers(0, _LENGTH), st.sampled_from([(), ("dust",)]))


@settings(max_examples=EXAMPLES, deadline=None, derandomize="CHAINSIGHT_DERIVE_EXAMPLES" not in os.environ,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(_ACTIONS, st.lists(_STRETCH, min_size=3, max_size=3))
def test_kept_up_to_date_block_by_block_a_snapshot_is_what_its_transfers_add_up_to(
    actions: list[tuple[str, tuple[int, int]]], stretches: list[tuple[int, int, tuple[str, ...]]]
) -> None:
    with fresh_store() as store:

        def commit(first: int, last: int) -> None:
            for start, end in uncommitted(store, chain_id=CHAIN_ID, first=first, last=last):
                commit_blocks(store, _CHAIN[start - 1 : end], chain_id=CHAIN_ID, origin=_ORIGIN, finality="latest")

        commit(5, 12)
        derive(store, chain_id=CHAIN_ID)
        for what, (first, last) in actions:
            if what == "commit":
                commit(first, last)
            else:
                withdraw_blocks(store, chain_id=CHAIN_ID, first=first, last=last)
        commit(20, 20)
        derive(store, chain_id=CHAIN_ID)
        head = latest(store, CHAIN_ID).as_of_block
        snapshots = [Snapshot(CHAIN_ID, head, leave_out=())] + [
            Snapshot(CHAIN_ID, min(max(a, b), head), since=min(a, b, head), leave_out=leave_out)
            for a, b, leave_out in stretches
        ]
        kept = [edges_of(store, snapshot) for snapshot in snapshots]
        assert kept == [edges_by_hand(store, snapshot) for snapshot in snapshots]
        rebuild(store, chain_id=CHAIN_ID)
        assert [edges_of(store, snapshot) for snapshot in snapshots] == kept
