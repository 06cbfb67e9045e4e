"""However blocks came and went, and whenever somebody derived: the derived tables are those of a store made at once.

More examples: CHAINSIGHT_DERIVE_EXAMPLES=100 pytest tests/sql/test_derive.py
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from chainsight.cli import app
from chainsight.cli.commands import register
from chainsight.errors import UsageError
from chainsight.progress import Silent
from ingest.commit import Origin, commit_blocks
from ingest.recompute import derive_dirty, withdraw_conclusions
from ingest.tombstones import ENDLESS, ROWS_OF_BLOCKS, cut_batches, note_withdrawn, uncommitted
from ingest.withdraw import withdraw_blocks
from sql.changes import Scope, scope_of
from sql.derive import derive, plan_derive, rebuild
from sql.files import load, load_folder
from sql.store import Store
from sql.transform import built_table
from tests.fixtures.contents import visible_addresses, visible_edges
from tests.fixtures.forks import CHAIN_ID, branch
from tests.fixtures.stores import new_store

EXAMPLES = int(os.environ.get("CHAINSIGHT_DERIVE_EXAMPLES", "1"))
_LENGTH = 30
# Three or four blocks a day.
_CHAIN = branch(None, _LENGTH, seconds=25_000)
_ORIGIN = Origin("rpc", "a test", sender_sample=1_000)
_NUMBERED = ("addresses", "address_edges")
"""Their numbers depend on when an address was first seen: compared by what they stand for."""


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


def commit(store: Store, first: int, last: int) -> None:
    """Those blocks of the chain that are not in the store yet."""
    for start, end in uncommitted(store, chain_id=CHAIN_ID, first=first, last=last):
        commit_blocks(store, _CHAIN[start - 1 : end], chain_id=CHAIN_ID, origin=_ORIGIN, finality="latest")


def committed(store: Store) -> list[tuple[int, int]]:
    found = store.query("SELECT from_block, to_block FROM ingest_audit ORDER BY from_block").to_pylist()
    return [(row["from_block"], row["to_block"]) for row in found]


def derived_tables(store: Store) -> dict[str, object]:
    """Every visible row of every table that a transform builds."""
    tables = sorted({built_table(one) for one in load_folder("transforms")} - set(_NUMBERED))
    seen: dict[str, object] = {"addresses": visible_addresses(store), "address_edges": visible_edges(store)}
    for table in tables:
        shown = store.query(f"SELECT * FROM {table} LIMIT 0").column_names
        columns = ", ".join(name for name in shown if name not in ("version", "computed_at"))
        rows = store.query(f"SELECT hex(toString(tuple({columns}))) AS row FROM {table} ORDER BY row")
        seen[table] = rows.column("row").to_pylist()
    return seen


def made_at_once(ranges: list[tuple[int, int]]) -> dict[str, object]:
    with fresh_store() as store:
        for first, last in ranges:
            commit(store, first, last)
        derive(store, chain_id=CHAIN_ID)
        return derived_tables(store)


_RANGE = st.tuples(st.integers(1, _LENGTH), st.integers(0, 12)).map(lambda ends: (ends[0], min(sum(ends), _LENGTH)))
_ACTIONS = st.lists(
    st.tuples(st.sampled_from(["commit", "commit", "withdraw", "withdraw end", "derive", "derive"]), _RANGE),
    min_size=4,
    max_size=9,
)


@settings(max_examples=EXAMPLES, deadline=None, derandomize="CHAINSIGHT_DERIVE_EXAMPLES" not in os.environ,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(_ACTIONS)
# Nothing is stored where the withdrawal begins; days that knew a later block go all the same, and have to come back.
@example([("derive", (1, 1)), ("withdraw", (1, 6)), ("commit", (2, 4)), ("withdraw end", (12, 12))])
def test_in_whatever_order_blocks_come_go_and_are_derived_the_tables_are_those_of_a_fresh_store(
    actions: list[tuple[str, tuple[int, int]]],
) -> None:
    with fresh_store() as store:
        commit(store, 8, 14)
        derive(store, chain_id=CHAIN_ID)
        for what, (first, last) in actions:
            if what == "commit":
                commit(store, first, last)
            elif what.startswith("withdraw"):
                withdraw_blocks(store, chain_id=CHAIN_ID, first=first, last=None if what.endswith("end") else last)
            elif committed(store):
                assert derive(store, chain_id=CHAIN_ID).failures == ()
        commit(store, 20, 20)
        assert derive(store, chain_id=CHAIN_ID).failures == ()
        assert plan_derive(store, chain_id=CHAIN_ID)[0] == []
        ranges, seen = committed(store), derived_tables(store)
        rebuild(store, chain_id=CHAIN_ID)
        assert derived_tables(store) == seen
    assert seen == made_at_once(ranges)


class Meanwhile(Silent):
    """Has something else happen once a job has made its plan and before it writes."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self._happens: list[Callable[[], None]] = [happens]

    def step(self, done: int, total: int | None, what: str) -> None:
        while self._happens:
            self._happens.pop()()


def test_what_a_derivation_writes_while_its_blocks_are_withdrawn_goes_with_the_next_one() -> None:
    turn = ROWS_OF_BLOCKS.index("transfers")

    def withdraw(tables: tuple[str, ...]) -> None:
        for table in tables:
            store.command(load(f"withdraw/{table}"), chain_id=CHAIN_ID, first=21, last=ENDLESS)

    def begin() -> None:
        cut_batches(store, chain_id=CHAIN_ID, first=21, last=ENDLESS)
        withdraw_conclusions(store, chain_id=CHAIN_ID, first=21)
        store.command(load("withdraw/dirty_keys"), chain_id=CHAIN_ID, first=21, last=ENDLESS, version=1)
        withdraw(ROWS_OF_BLOCKS[:turn])

    with fresh_store() as store:
        commit(store, 1, 24)
        # Committed by a clock that was an hour ahead: what comes has to be newer all the same.
        store.command(
            "INSERT INTO ingest_audit SELECT * REPLACE (version + 3600000000000 AS version) FROM ingest_audit"
        )
        derive(store, chain_id=CHAIN_ID, progress=Meanwhile(begin))
        beyond = "SELECT count() AS n FROM balance_changes WHERE block_number > 20"
        assert store.query(beyond).to_pylist()[0]["n"] > 0
        withdraw(ROWS_OF_BLOCKS[turn:])
        derive_dirty(store, chain_id=CHAIN_ID)
        note_withdrawn(store, chain_id=CHAIN_ID, first=21, last=ENDLESS)

        assert derive(store, chain_id=CHAIN_ID).failures == ()
        assert store.query(beyond).to_pylist() == [{"n": 0}]

        fork = branch(_CHAIN[19], 6, salt=9, seconds=25_000)
        commit_blocks(store, fork, chain_id=CHAIN_ID, origin=_ORIGIN, finality="latest")
        assert derive(store, chain_id=CHAIN_ID).failures == ()
        seen = derived_tables(store)
        store.command(
            "INSERT INTO transform_marks SELECT * REPLACE ('others' AS settings, version + 1 AS version)"
            " FROM transform_marks WHERE transform = 'transforms/stablecoin_daily_supply'"
        )
        runs, _ = plan_derive(store, chain_id=CHAIN_ID)
        assert [(run.builds, run.reason) for run in runs] == [
            ("stablecoin_daily_supply", "settings of the chain changed")
        ]
        # What an older file made of the same blocks, and no file of today makes.
        store.command(
            "INSERT INTO transfers"
            " SELECT * REPLACE ('wrap' AS kind, 77 AS position, unhex(repeat('70', 20)) AS token_address)"
            " FROM (SELECT * FROM transfers WHERE kind = 'native' LIMIT 1)"
        )
        assert rebuild(store, chain_id=CHAIN_ID).failures == ()
        assert derived_tables(store) == seen


def test_transform_says_what_it_would_run_runs_it_once_and_can_be_made_to_forget(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/store"
    store = new_store(f"{tmp_path}/store")
    for function in load_folder("functions"):
        store.command(function)
    commit(store, 1, 9)
    store.close()

    register(["transform"])

    def ran(*arguments: str) -> dict[str, Any]:
        result = CliRunner().invoke(app, ["transform", *arguments, "--store", dsn, "--json"])
        assert result.exit_code == 0, result.output
        said: dict[str, Any] = json.loads(result.stdout)
        return said

    whole = {one.name for one in load_folder("transforms") if scope_of(one) is not Scope.COMMIT}
    planned = {run["transform"]: run for run in ran("--dry-run")["runs"]}
    assert planned["addresses"] == {
        "transform": "addresses", "builds": "addresses", "blocks": ["0:9"], "reason": "never ran",
    }  # fmt: skip
    assert planned["transfers_native"]["blocks"] == []
    assert set(ran()["transforms"]) == whole
    assert ran()["transforms"] == []
    assert {run["reason"] for run in ran("--dry-run", "--rebuild")["runs"]} == {"rebuild"}
    assert len(ran("--rebuild")["transforms"]) == len(load_folder("transforms"))
    assert ran("-b", "3:5")["from_block"] == 3
    refused = CliRunner().invoke(app, ["transform", "-b", "3:5", "--dry-run", "--store", dsn])
    assert isinstance(refused.exception, UsageError)
