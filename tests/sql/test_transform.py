"""The order of the transforms comes out of their SQL."""

from __future__ import annotations

import random

import pytest

from sql.files import Statement, load_folder
from sql.transform import built_table, in_order, read_tables


def statement(name: str, text: str) -> Statement:
    """A statement as a file would give it."""
    return Statement(name=f"transforms/{name}", text=text, purpose="", header={})


THIRD = statement("a_third", "INSERT INTO third SELECT * FROM second WHERE x IN (SELECT y FROM first)")
SECOND = statement(
    "b_second", "INSERT INTO second (x) WITH first AS (SELECT 1 AS x) SELECT x FROM first JOIN raw USING (x)"
)
FIRST_A = statement("c_first", "INSERT INTO first SELECT x FROM raw WHERE x >= {from_block:UInt64}")
FIRST_B = statement("d_first", "INSERT INTO first SELECT x FROM second")


def test_tables_built_and_read_are_found_in_the_sql_and_ctes_are_not_tables() -> None:
    assert built_table(SECOND) == "second"
    assert read_tables(SECOND) == {"raw"}
    assert read_tables(THIRD) == {"second", "first"}


def test_whatever_is_read_is_built_before_in_any_order_of_files() -> None:
    files = [THIRD, SECOND, FIRST_A, FIRST_B]
    orders = set()
    for seed in range(20):
        shuffled = random.Random(seed).sample(files, len(files))
        orders.add(tuple(found.name for found in in_order(shuffled)))
    assert len(orders) == 1
    order = orders.pop()
    assert order.index("transforms/b_second") < order.index("transforms/d_first") < order.index("transforms/a_third")
    assert order.index("transforms/c_first") < order.index("transforms/a_third")


def test_a_circle_is_refused() -> None:
    circle = [statement("x", "INSERT INTO p SELECT a FROM q"), statement("y", "INSERT INTO q SELECT a FROM p")]
    with pytest.raises(ValueError, match="cycle"):
        in_order(circle)


def test_our_own_transforms_read_raw_tables_before_derived_ones() -> None:
    files = load_folder("transforms")
    order = [found.name for found in in_order(files)]
    built = {found.name: built_table(found) for found in files}
    for place, name in enumerate(order):
        found = next(entry for entry in files if entry.name == name)
        for table in read_tables(found) - {built[name]}:
            builders = [other for other, target in built.items() if target == table]
            assert all(order.index(other) < place for other in builders), f"{name} reads {table} before it is built"
