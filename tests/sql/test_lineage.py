"""The dictionary tells of every table and column, and where each comes from; the picture is the SQL's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sql.lineage import LAYERS, Builder, builders, layer, lineage, mermaid, table_migrations
from sql.store import Store

TABLES = Path(__file__).parents[2] / "docs/reference/tables.md"


def test_what_a_table_is_made_of_is_read_through_temporary_tables_and_never_from_itself() -> None:
    found = [
        Builder("a", "edges", frozenset({"transfers", "edges"}), ""),
        Builder("b", "worked", frozenset({"transfers", "labels"}), ""),
        Builder("c", "scores", frozenset({"worked", "edges"}), ""),
    ]
    assert lineage(["edges", "labels", "scores", "transfers"], found) == {
        "edges": frozenset({"transfers"}),
        "labels": frozenset(),
        "scores": frozenset({"edges", "labels", "transfers"}),
        "transfers": frozenset(),
    }


def test_the_sql_says_what_the_known_tables_are_made_of() -> None:
    made_of = lineage(table_migrations(), builders())
    assert made_of["transfers"] == {"blocks", "logs", "tokens", "traces", "transactions", "withdrawals"}
    assert made_of["address_transfers"] == {"transfers"}
    assert made_of["address_edges"] == {"addresses", "transfers"}
    assert made_of["scores"] == {"score_rows", "publications"}
    assert {"labels", "transfers"} <= made_of["typology_findings"]
    assert made_of["blocks"] == frozenset()


def test_nothing_is_made_of_what_is_made_of_it() -> None:
    made_of = lineage(table_migrations(), builders())
    layers = {table: layer(migration) for table, migration in table_migrations().items()}
    order = {name: place for place, name in enumerate(dict.fromkeys(name for _, name, _ in LAYERS))}
    seen: set[str] = set()

    def follow(table: str, path: tuple[str, ...]) -> None:
        assert table not in path, " -> ".join((*path, table))
        if table not in seen:
            for source in made_of[table]:
                follow(source, (*path, table))
            seen.add(table)

    # Two pairs are written in turns: Bitcoin's audit and blocks, exposures and the labels that they become.
    turns = {"bitcoin_audit", "bitcoin_blocks", "bitcoin_inputs", "bitcoin_outputs", "exposure_rows", "risk_label_rows"}
    for table in made_of.keys() - turns:
        if layers[table] not in {"bitcoin", "publications"}:
            follow(table, ())
    assert order.keys() == set(layers.values())


def test_the_picture_has_every_table_that_is_made_of_others_in_the_box_of_its_layer() -> None:
    drawn = mermaid(
        {"transfers": frozenset({"logs"}), "logs": frozenset(), "runs": frozenset({"logs"}), "labels": frozenset()},
        {"transfers": "decoded", "logs": "raw", "runs": "record", "labels": "knowledge"},
    )
    assert drawn.splitlines() == [
        "flowchart LR",
        "    subgraph layer_raw[raw]",
        "        logs",
        "    end",
        "    subgraph layer_decoded[decoded]",
        "        transfers",
        "    end",
        "    logs --> transfers",
    ]


def test_the_dictionary_has_every_table_and_every_column_under_it(store: Store) -> None:
    if not TABLES.is_file():
        pytest.fail("run: make docs")
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", TABLES.read_text(encoding="utf-8"), re.M | re.S))
    columns = store.query(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() ORDER BY table, position"
    ).to_pylist()
    missing = [
        f"{row['table']}.{row['name']}"
        for row in columns
        if f"\n| {row['name']} |" not in sections.get(row["table"], "")
    ]
    assert missing == [], "run: make docs"


def test_every_view_has_a_comment_and_so_has_every_column_of_it(store: Store) -> None:
    silent = store.query(
        "SELECT t.name AS name, countIf(c.comment = '') AS columns FROM system.tables AS t"
        " INNER JOIN system.columns AS c ON c.table = t.name AND c.database = t.database"
        " WHERE t.database = currentDatabase() AND t.engine = 'View'"
        " GROUP BY t.name, t.comment HAVING columns > 0 OR t.comment = '' ORDER BY name"
    ).to_pylist()
    assert silent == []
