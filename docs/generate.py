"""Write docs/reference from the code: settings, tables, commands, API. `make docs` runs it; a test fails when it lags."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from chainsight.settings import Settings
from service.app import openapi_page
from service.problems import reference_page
from sql.migrate import migrate
from sql.store import Store, open_store

REFERENCE = Path(__file__).parent / "reference"
_HELP_WIDTH = "110"


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
    """One section per table: its sentence, its key, its columns."""
    tables = store.query(
        "SELECT name, comment, sorting_key, engine FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    ).to_pylist()
    lines = ["# Tables", "", "The data dictionary: every table and column of the store, from its own comments.", ""]
    for table in tables:
        kind = "view" if table["engine"] == "View" else f"key `{table['sorting_key']}`"
        lines += [
            f"## {table['name']}",
            "",
            f"{table['comment']} ({kind}).",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
        ]
        columns = store.query(
            "SELECT name, type, comment FROM system.columns "
            "WHERE database = currentDatabase() AND table = {table:String} ORDER BY position",
            table=table["name"],
        ).to_pylist()
        lines += [f"| {column['name']} | {column['type']} | {column['comment']} |" for column in columns]
        lines.append("")
    return "\n".join(lines)


def commands_page() -> str:
    """The help of every command, as it prints it."""
    lines = ["# Commands", ""]
    for command in [[], *_command_paths()]:
        lines += [f"## chainsight {' '.join(command)}".rstrip(), "", "```text", _help(command), "```", ""]
    return "\n".join(lines)


def _command_paths() -> list[list[str]]:
    import typer.main

    from chainsight.cli import app, commands

    commands.register([])
    root = typer.main.get_command(app)
    paths = []
    for name, command in sorted(root.commands.items()):  # type: ignore[attr-defined]
        children = getattr(command, "commands", {})
        paths += [[name, child] for child in sorted(children)] or [[name]]
    return paths


def _help(command: list[str]) -> str:
    # A process of its own, as wide as the page and without colours, whatever terminal this runs in.
    environment = {**os.environ, "COLUMNS": _HELP_WIDTH, "TERMINAL_WIDTH": _HELP_WIDTH, "NO_COLOR": "1", "TERM": "dumb"}
    environment = {name: value for name, value in environment.items() if not name.startswith("CHAINSIGHT_")}
    shown = subprocess.run(
        [sys.executable, "-m", "chainsight", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return "\n".join(line.rstrip() for line in shown.stdout.strip().splitlines())


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
        "commands.md": commands_page(),
        "openapi.json": openapi,
        "problems.md": reference_page(),
    }


if __name__ == "__main__":
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
