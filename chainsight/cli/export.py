"""`chainsight export`: a table, a view or the rows of one SELECT as a file for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store
from sql.export import export as write


@app.command()
def export(
    source: Annotated[str, typer.Argument(metavar="TABLE|SQL", help="A table, a view, or one SELECT.")],
    format: Annotated[str, typer.Option("--format", help="parquet.")] = "parquet",
    out: Annotated[
        Path | None, typer.Option("--out", help="File or folder.", show_default="TABLE.parquet here")
    ] = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Write rows to a file. Addresses and hashes become 0x text, 256-bit integers decimal text, times are UTC.

    Example: chainsight export scores --format parquet --out scores.parquet
    """
    with opened_store(store) as opened, output.watching() as progress:
        done = write(opened, source, form=format, path=out, progress=progress)
    if output.wants_json(json):
        output.emit({"path": str(done.path), "format": done.form, "rows": done.rows, "bytes": done.size})
    else:
        output.say(f"{done.rows:,} rows, {done.size:,} bytes: {done.path}")
