"""What every table is built by and what that reads: worked out from the SQL itself, by sqlglot.

    builders   every statement that writes a table, and every view, with the tables it reads
    lineage    table -> tables it is made of; temporary tables are looked through
    layers     in which part of the store a table stands, by the number of its migration

Detectors are SELECTs whose rows Python writes to `typology_findings`; whatever else Python alone writes (models, runs, keys) is
made of nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from sql.files import Statement, load_folder

LAYERS = (
    ("01(0|20|21)", "raw", "As the chain has it, proven on the way in."),
    ("011", "decoded", "What moved, read from the raw rows of a block."),
    ("013", "bitcoin", "Blocks of Bitcoin with what each input spends."),
    ("02", "knowledge", "What sources and authorities say, and since when this store knows it."),
    ("0320", "record", ""),
    ("0330", "knowledge", ""),
    ("0354", "record", ""),
    ("035[5-8]", "features", ""),
    ("031", "features", "One row of numbers per address, for the models."),
    ("03", "derived", "Facts, graphs and series, derived from the layers above; each can be made anew."),
    ("04", "predictions", "What models say."),
    ("05", "publications", "Scores, risk labels and recommendations as they were published."),
    ("0", "record", "What was done: batches, checks, runs, what is being written right now."),
)
"""Beginning of a migration's number, name of the layer, what it is; the first that fits counts."""

_BUILDERS = ("transforms", "features", "feature_tables", "flows", "graph", "risk", "bitcoin", "workings")
_CREATES = re.compile(r"^CREATE (TABLE|VIEW) IF NOT EXISTS (\w+)", re.MULTILINE)
_INSERTS = re.compile(r"^INSERT INTO (\w+)", re.MULTILINE)
_VIEW_BODY = re.compile(
    r"^(?:CREATE VIEW IF NOT EXISTS \w+ |\)\s*)?AS\s+((?:SELECT|WITH)\b.+?)(?:^COMMENT '.*)?\Z", re.M | re.S
)


@dataclass(frozen=True)
class Builder:
    """One statement that writes a table, or a view."""

    file: str
    """`transforms/address_edges`."""
    builds: str
    reads: frozenset[str]
    grain: str
    """One row per what, where the file says it."""


def layer(migration: str) -> str:
    """The layer of a migration's table.

    >>> layer("migrations/0110_transfers")
    'decoded'
    """
    number = migration.split("/")[-1]
    return next(name for beginning, name, _ in LAYERS if re.match(beginning, number))


def table_migrations() -> dict[str, str]:
    """Table or view to the migration that makes it."""
    found = (
        (match, migration) for migration in load_folder("migrations") for match in _CREATES.finditer(migration.text)
    )
    return {match[2]: migration.name for match, migration in found}


def builders() -> list[Builder]:
    """Everything that writes a table, by file name, then the views."""
    found = [_builder(statement) for folder in _BUILDERS for statement in load_folder(folder)]
    # Decoding reads what was staged, which is no table; two of its files are beyond sqlglot's grammar.
    found += [
        Builder(statement.name, _INSERTS.findall(statement.text)[0], frozenset(), "")
        for statement in load_folder("decode")
    ]
    found += [
        Builder(statement.name, "typology_findings", _tables(_parse(statement)), "")
        for statement in load_folder("detectors")
    ]
    views = [_view(migration) for migration in load_folder("migrations")]
    return [one for one in (*found, *views) if one is not None]


def lineage(known: Iterable[str], found: Iterable[Builder]) -> dict[str, frozenset[str]]:
    """Every known table with the known tables it is made of, itself apart; empty for those that only Python writes."""
    names = frozenset(known)
    reads: dict[str, set[str]] = {}
    for one in found:
        reads.setdefault(one.builds, set()).update(one.reads)
    return {name: frozenset(_reached(name, reads, names) - {name}) for name in sorted(names)}


def mermaid(made_of: Mapping[str, frozenset[str]], layers: Mapping[str, str]) -> str:
    """The tables that are made of tables, and those, as a Mermaid flow chart from left to right, a box a layer.

    Records are left out: nearly everything asks them how far the chain is known, which is no ingredient.
    """
    made_of = {
        table: frozenset(source for source in reads if layers[source] != "record")
        for table, reads in made_of.items()
        if layers[table] != "record"
    }
    shown = {name for name, reads in made_of.items() if reads} | {
        table for reads in made_of.values() for table in reads
    }
    lines = ["flowchart LR"]
    for name in dict.fromkeys(name for _, name, _ in LAYERS):
        members = sorted(table for table in shown if layers[table] == name)
        if members:
            lines += [f"    subgraph layer_{name}[{name}]", *(f"        {table}" for table in members), "    end"]
    lines += [f"    {source} --> {table}" for table in sorted(made_of) for source in sorted(made_of[table])]
    return "\n".join(lines)


def _reached(table: str, reads: Mapping[str, set[str]], names: frozenset[str]) -> set[str]:
    reached: set[str] = set()
    looked: set[str] = set()
    ahead = set(reads.get(table, ()))
    while ahead:
        name = ahead.pop()
        if name in names:
            reached.add(name)
        elif name not in looked:
            looked.add(name)
            ahead |= reads.get(name, set())
    return reached


def _builder(statement: Statement) -> Builder | None:
    tree = _parse(statement)
    if isinstance(tree, exp.Insert):
        target = tree.find(exp.Table)
        assert target is not None
        return Builder(statement.name, target.name, _tables(tree.expression), statement.header.get("grain", ""))
    if isinstance(tree, exp.Create) and tree.expression is not None:
        target = tree.find(exp.Table)
        assert target is not None
        return Builder(statement.name, target.name, _tables(tree.expression), "")
    return None


def _view(migration: Statement) -> Builder | None:
    created = _CREATES.search(migration.text)
    if created is None or created[1] != "VIEW":
        return None
    # sqlglot reads no view with column comments; the SELECT in it is plain.
    body = _VIEW_BODY.search(migration.text)
    assert body is not None, migration.name
    return Builder(migration.name, created[2], _tables(sqlglot.parse_one(body[1], dialect="clickhouse")), "")


def _parse(statement: Statement) -> exp.Expr:
    return sqlglot.parse_one(statement.text, dialect="clickhouse")


def _tables(tree: exp.Expr) -> frozenset[str]:
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return frozenset(
        table.name
        for table in tree.find_all(exp.Table)
        if table.name and table.name not in own and not table.db and not isinstance(table.this, exp.Func)
    )
