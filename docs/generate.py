"""Write docs/reference from the code: settings, tables, commands, API. `make docs` runs it; a test fails when it lags."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from typer import Typer

from chainsight.settings import Settings
from models.features.catalogue import catalogue
from service.app import openapi_page
from service.problems import reference_page
from sql.lineage import LAYERS, builders, layer, lineage, mermaid, table_migrations
from sql.migrate import migrate
from sql.store import Store, open_store

REFERENCE = Path(__file__).parent / "reference"
_HELP_WIDTH = "110"
_HELPS = "helps"
_LINEAGE = (
    "# Lineage",
    "",
    "What each table is made of, read from the SQL by sqlglot (`sql/lineage.py`). Temporary tables are looked through;",
    "tables that only Python writes (models, measures, runs) begin a line here. Records are left out of the picture:",
    "nearly everything asks them how far the chain is known.",
    "",
)
_LINEAGE_HEAD = ("| table | layer | made of |", "|---|---|---|")
_TABLES = (
    "SELECT name, comment, sorting_key, partition_key, engine FROM system.tables"
    " WHERE database = currentDatabase() AND NOT is_temporary ORDER BY name"
)
_COLUMNS = (
    "SELECT table, name, type, comment FROM system.columns WHERE database = currentDatabase() ORDER BY table, position"
)


def settings_page() -> str:
    """One row per setting."""
    rows = [
        f"| `CHAINSIGHT_{name.upper()}` | `{field.default}` | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        ["# Settings", "", "Read from the environment.", "", "| name | default | meaning |", "|---|---|---|", *rows, ""]
    )


def tables_page(store: Store) -> str:
    """A section a layer, in it one a table: its sentence, engine and key, what builds it and what it is made of, its columns."""
    migrations, made = table_migrations(), builders()
    made_of = lineage(migrations, made)
    known = {row["name"]: row for row in store.query(_TABLES).to_pylist()}
    columns: dict[str, list[dict[str, str]]] = {}
    for column in store.query(_COLUMNS).to_pylist():
        columns.setdefault(column["table"], []).append(column)
    lines = [
        *("# Tables", "", "The data dictionary: every table and column of the store, from its own comments, by layer."),
        *("How names are made: [naming](../naming.md). What is made of what, as a picture: [lineage](lineage.md).", ""),
    ]
    purposes = {name: purpose for _, name, purpose in reversed(LAYERS) if purpose}
    for name in dict.fromkeys(name for _, name, _ in LAYERS):
        tables = sorted(table for table in known if layer(migrations[table]) == name)
        links = ", ".join(f"[{table}](#{table})" for table in tables)
        lines += [f"## Layer: {name}", "", f"{purposes[name]} {links}.", ""]
        for table in tables:
            files = sorted({one.file for one in made if one.builds == table and known[table]["engine"] != "View"})
            lines += _table_section(known[table], columns.get(table, []), files, sorted(made_of[table]))
    return "\n".join(lines)


def _table_section(
    table: dict[str, str], columns: list[dict[str, str]], files: list[str], reads: list[str]
) -> list[str]:
    kind = "A view" if table["engine"] == "View" else f"{table['engine']}, key `{table['sorting_key']}`"
    if table["partition_key"]:
        kind += f", partitions `{table['partition_key']}`"
    facts = [f"{table['comment'] or 'No comment'}. {kind}."]
    if files:
        facts.append(f"Built by {', '.join(f'`sql/{file}.sql`' for file in files)}.")
    if reads:
        facts.append(f"Made of {', '.join(f'[{read}](#{read})' for read in reads)}.")
    rows = [f"| {column['name']} | {column['type']} | {column['comment']} |" for column in columns]
    return [f"### {table['name']}", "", " ".join(facts), "", "| column | type | meaning |", "|---|---|---|", *rows, ""]


def features_page() -> str:
    """A section a table: every feature with its unit, what it says, and whether models may read it."""
    lines = [
        *(
            "# Features",
            "",
            "One row of numbers per address, by table, from the comments of the columns (`models/features/catalogue.py`).",
        ),
        *("`chainsight features show ADDRESS` shows those of one address; undefined ones are NaN in the tables.", ""),
    ]
    features = list(catalogue().values())
    for table in dict.fromkeys(feature.table for feature in features):
        chosen = [feature for feature in features if feature.table == table]
        read = "Models read them." if chosen[0].is_read_by_models else "No model reads them."
        lines += [f"## {table}", "", f"As of {chosen[0].as_of}. {read}", ""]
        lines += ["| feature | unit | meaning | carries |", "|---|---|---|---|"]
        lines += [f"| {one.name} | {one.unit} | {one.description} | {one.carries} |" for one in chosen]
        lines.append("")
    return "\n".join(lines)


def lineage_page() -> str:
    """What is made of what, drawn by Mermaid, and as a table for those whose reader draws none."""
    migrations = table_migrations()
    made_of = lineage(migrations, builders())
    layers = {table: layer(migration) for table, migration in migrations.items()}
    rows = [f"| {table} | {layers[table]} | {', '.join(sorted(reads))} |" for table, reads in made_of.items() if reads]
    return "\n".join([*_LINEAGE, "```mermaid", mermaid(made_of, layers), "```", "", *_LINEAGE_HEAD, *rows, ""])


def commands_page() -> str:
    """The help of every command, as it prints it."""
    # A process of its own, as wide as the page and without colours, whatever terminal this runs in.
    environment = {**os.environ, "COLUMNS": _HELP_WIDTH, "TERMINAL_WIDTH": _HELP_WIDTH, "NO_COLOR": "1", "TERM": "dumb"}
    environment = {name: value for name, value in environment.items() if not name.startswith("CHAINSIGHT_")}
    said = subprocess.run(
        [sys.executable, __file__, _HELPS], capture_output=True, text=True, check=True, env=environment
    )
    lines = ["# Commands", ""]
    for command, text in json.loads(said.stdout).items():
        lines += [f"## {command}", "", "```text", text, "```", ""]
    return "\n".join(lines)


def helps() -> dict[str, str]:
    """The help of every command by the command; prints nothing."""
    from typer.testing import CliRunner

    from chainsight.cli import app, commands

    commands.register([])
    runner = CliRunner()
    shown = {}
    for command in [[], *_command_paths(app)]:
        said = runner.invoke(app, [*command, "--help"], prog_name="chainsight", catch_exceptions=False).stdout
        shown[" ".join(["chainsight", *command])] = "\n".join(line.rstrip() for line in said.strip().splitlines())
    return shown


def _command_paths(app: Typer) -> list[list[str]]:
    from typer.main import get_command

    paths = []
    for name, command in sorted(get_command(app).commands.items()):  # type: ignore[attr-defined]
        children = getattr(command, "commands", {})
        paths += [[name, child] for child in sorted(children)] or [[name]]
    return paths


def pages() -> dict[str, str]:
    """File name to text, for all generated pages."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"chdb://{folder}/store")
        try:
            migrate(store)
            tables, openapi = tables_page(store), openapi_page(store)
        finally:
            store.close()
    return {
        "settings.md": settings_page(),
        "tables.md": tables,
        "features.md": features_page(),
        "lineage.md": lineage_page(),
        "commands.md": commands_page(),
        "openapi.json": openapi,
        "problems.md": reference_page(),
    }


if __name__ == "__main__":
    if sys.argv[1:] == [_HELPS]:
        print(json.dumps(helps()))
        sys.exit()
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
