"""`chainsight run`: the whole pipeline once, on an archive, a node or tables."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import (
    ArchiveOption,
    BlocksOption,
    ChainOption,
    JsonOption,
    RpcOption,
    StoreOption,
    TablesOption,
    chosen_source,
    opened_store,
)
from chainsight.settings import settings
from ingest.intake import known_facts
from scheduler.pipeline import run_pipeline

EngineOption = Annotated[str, typer.Option("--engine", help="Graph engine: spark or local.")]


@app.command()
def run(
    archive: ArchiveOption = None,
    rpc: RpcOption = None,
    tables: TablesOption = None,
    blocks: BlocksOption = "",
    engine: EngineOption = "spark",
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Take blocks or tables through the whole pipeline: ingest, graph, models, scores, recommendations.

    Example: chainsight run --archive DIR
    """
    source = chosen_source(archive=archive, rpc=rpc, tables=tables, blocks=blocks, chain_id=chain_id)
    with opened_store(store) as opened, output.watching() as progress:
        reports = run_pipeline(
            opened,
            chain_id=source.chain_id,
            blocks=source.ingest,
            knowledge=known_facts(settings().data),
            engine=engine,
            progress=progress,
        )
    if output.wants_json(json):
        output.emit({"chain_id": source.chain_id, "steps": [asdict(report) for report in reports]})
    else:
        output.emit_rows([asdict(report) for report in reports], title="Done")
