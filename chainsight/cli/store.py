"""Commands that ask the store itself: query."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT, or the path of a file that holds one.")],
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Ask the tables with SQL. Bytes are shown as 0x-hex.

    Example: chainsight query "SELECT kind, count() FROM transfers GROUP BY kind"
    """
    path = Path(sql)
    text = path.read_text(encoding="utf-8") if sql.endswith(".sql") and path.is_file() else sql
    with opened_store(store) as opened:
        found = opened.query(text)
    rows = output.rows_for_people(found)
    if output.wants_json(json):
        output.emit({"columns": found.column_names, "rows": [list(row.values()) for row in rows]})
    else:
        output.emit_rows(rows)
