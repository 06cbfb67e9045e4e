"""Commands that ask the store itself: query."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store
from chainsight.errors import UsageError
from sql.answers import answer

_ROWS_FOR_PEOPLE = 1_000


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT, or the path of a .sql file that holds one.")],
    limit: Annotated[
        int,
        typer.Option(
            "--limit", min=-1, help="Most rows to print; 0: all.", show_default="1000 on a terminal, else all"
        ),
    ] = -1,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Ask the tables with SQL: one SELECT, WITH, SHOW, DESCRIBE or EXPLAIN. Bytes are shown as 0x text.

    Example: chainsight query "SELECT kind, count() FROM transfers GROUP BY kind"
    """
    as_json = output.wants_json(json)
    most = limit if limit >= 0 else 0 if as_json else _ROWS_FOR_PEOPLE
    with opened_store(store) as opened:
        found = answer(opened, _read(sql), limit=most)
    if as_json:
        output.emit({"columns": found.columns, "rows": found.rows})
    else:
        output.emit_rows([dict(zip(found.columns, row, strict=True)) for row in found.rows])
    if found.is_cut:
        output.say(f"There are more rows; these are the first {most}. Give --limit 0 for all, or export them.")


def _read(sql: str) -> str:
    if not sql.endswith(".sql"):
        return sql
    path = Path(sql)
    if not path.is_file():
        raise UsageError(f"There is no file {sql}.", next_step="Give one SELECT, or the path of a file that holds one.")
    return path.read_text(encoding="utf-8")
