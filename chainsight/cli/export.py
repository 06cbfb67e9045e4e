"""`chainsight export`: a table, a view, a question of the library or one SELECT, as files or tables for other tools."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store
from chainsight.cli.values import ParamOption, given_values
from sql.export import ExportRequest, preview
from sql.export import export as write


@app.command()
def export(
    source: Annotated[
        str, typer.Argument(metavar="TABLE|SQL|QUESTION", help="A table, a view, a question's name, or one SELECT.")
    ],
    format: Annotated[str, typer.Option("--format", help="parquet, csv, arrow, delta or iceberg.")] = "parquet",
    out: Annotated[Path | None, typer.Option("--out", help="File or folder.", show_default="NAME.FORMAT here")] = None,
    partition_by: Annotated[
        str,
        typer.Option(
            "--partition-by", help="Columns, or expressions with names: 'chain_id, toDate(block_timestamp) AS day'."
        ),
    ] = "",
    incremental: Annotated[
        bool,
        typer.Option("--incremental", help="Write only what differs from the last export; withdrawn rows go."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written and replaced, and stop.")
    ] = False,
    catalog: Annotated[
        str, typer.Option("--catalog", help="Iceberg catalogue as a URI.", show_default="iceberg.sqlite beside it")
    ] = "",
    param: ParamOption = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Write rows for other tools: one file, or a Parquet folder, Delta or Iceberg table that later exports bring up to date.

    Addresses and hashes become 0x text, 256-bit integers decimal text, times are UTC. A target is old or new, never half.

    Example: chainsight export transfers --format delta --out lake/transfers --incremental
    """
    asked = ExportRequest(source, format, out, partition_by, incremental, catalog, given_values(param))
    with opened_store(store) as opened, output.watching() as progress:
        if dry_run:
            output.emit_figures(preview(opened, asked), json=json)
            return
        done = write(opened, **vars(asked), progress=progress)
    if output.wants_json(json):
        figures = asdict(done)
        output.emit({"path": str(done.path), "format": done.form, "rows": done.rows, "bytes": done.size} | {
            name: figures[name] for name in figures if name not in {"path", "form", "rows", "size"}
        })  # fmt: skip
    else:
        output.say(f"{done.rows:,} rows, {done.size:,} bytes: {done.path}")
