"""Derive tables from tables: one SQL file per derived fact, run for a range of blocks.

The order follows from the SQL itself: sqlglot reads which tables a file builds and which it reads. Backfill, catch-up
and repair are the same files with other bounds; running one twice changes nothing. What has to run, and over which blocks,
is worked out in sql/changes.py; `transform` here runs everything over the blocks it is told.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from graphlib import TopologicalSorter

import sqlglot
from sqlglot import exp

from chainsight.progress import SILENT, Progress
from sql.chain_parameters import chain_parameters
from sql.files import Statement, load_folder
from sql.store import Parameter, Store


def built_table(statement: Statement) -> str:
    """The table a transform inserts into."""
    built, _ = _tables(statement.text)
    assert built, f"{statement.name} must be one INSERT INTO … SELECT"
    return built


def read_tables(statement: Statement) -> frozenset[str]:
    """The tables a transform reads, its own CTEs apart."""
    return _tables(statement.text)[1]


@cache
def _tables(text: str) -> tuple[str, frozenset[str]]:
    """The table that a statement inserts into (empty for none), and those it reads."""
    tree = sqlglot.parse_one(text, dialect="clickhouse")
    body = tree.expression if isinstance(tree, exp.Insert) else tree
    target = tree.find(exp.Table) if isinstance(tree, exp.Insert) else None
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    read = frozenset(table.name for table in body.find_all(exp.Table) if table.name and table.name not in own)
    return (target.name if target is not None else ""), read


def in_order(statements: Iterable[Statement]) -> list[Statement]:
    """Statements such that whatever one reads was built before it; ties by name, so the order is always the same."""
    by_name = {statement.name: statement for statement in statements}
    builders: dict[str, list[str]] = {}
    for name, statement in by_name.items():
        builders.setdefault(built_table(statement), []).append(name)
    needs = {
        # Sorted: the sorter takes ties in the order it is given, and a set's order changes from process to process.
        name: sorted(
            builder
            for table in read_tables(statement) - {built_table(statement)}
            for builder in builders.get(table, [])
        )
        for name, statement in sorted(by_name.items())
    }
    return [by_name[name] for name in TopologicalSorter(needs).static_order()]


def transform(store: Store, *, chain_id: int, from_block: int, to_block: int, progress: Progress = SILENT) -> list[str]:
    """Run every file of transforms/ for blocks from_block … to_block (both in it); returns their names in order.

    A file may ask for {chain_id}, {from_block}, {to_block} (= the as-of block), {version} and what
    `chain_parameters` has.
    """
    bounds: dict[str, Parameter] = {
        "chain_id": chain_id,
        "from_block": from_block,
        "to_block": to_block,
        "version": time.time_ns(),
        **chain_parameters(chain_id),
    }
    statements = in_order(load_folder("transforms"))
    for done, statement in enumerate(statements):
        progress.step(done, len(statements), statement.name)
        store.command(statement, **{name: bounds[name] for name in statement.parameters})
    progress.step(len(statements), len(statements), "transforms")
    return [statement.name for statement in statements]
