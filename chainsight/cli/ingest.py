"""Commands that bring blocks in and derive tables from them: ingest, logs, transform."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

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
    chosen_chain,
    chosen_source,
    opened_store,
)
from chainsight.errors import UsageError
from chainsight.progress import Progress
from ingest.plan import plan_ingest
from ingest.ranges import parse_range
from sql.as_of import read_as_of
from sql.changes import Run
from sql.check import require
from sql.derive import Derived, derive, plan_derive, plan_rebuild
from sql.derive import rebuild as rebuild_tables
from sql.store import Store
from sql.transform import transform as transform_blocks


@app.command()
def ingest(
    archive: ArchiveOption = None,
    rpc: RpcOption = None,
    tables: TablesOption = None,
    blocks: BlocksOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read, judged by a few of its blocks, and stop.")
    ] = False,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Read blocks or tables into the store. What is there already is not touched, so it may be repeated at will.

    Example: chainsight ingest --archive DIR -b 17686110:17686120
    """
    source = chosen_source(archive=archive, rpc=rpc, tables=tables, blocks=blocks, chain_id=chain_id)
    if dry_run:
        planned = {"chain_id": source.chain_id, "source": "tables"}
        if source.blocks is not None:
            planned = asdict(plan_ingest(source.blocks, chain_id=source.chain_id, blocks=parse_range(blocks)))
        output.emit_figures(planned, json=json)
        return
    with opened_store(store) as opened, output.watching() as progress:
        summary = source.ingest(opened, progress)
    output.emit_figures(asdict(summary), json=json)


@app.command()
def logs(
    rpc: RpcOption = None,
    address: Annotated[list[str] | None, typer.Option(help="Contract that emitted them; may be given again.")] = None,
    topic: Annotated[
        list[str] | None, typer.Option(help="Event signature (topic 0) as 0x and 64 digits; may be given again.")
    ] = None,
    blocks: BlocksOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Search a node for the logs of a few contracts, without their blocks; they go to the table filtered_logs.

    They are held against their blocks' receipts, but not proven by roots; ingest proves whole blocks.

    Example: chainsight logs --rpc URL --address 0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2 -b 19M:19.1M
    """
    if not rpc:
        raise UsageError("No node was named.", next_step="Name one with --rpc URL.")
    from ingest.log_search import ingest_logs  # web3 takes a second to import
    from ingest.rpc import RpcSource

    asked = parse_range(blocks)
    with opened_store(store) as opened, output.watching() as progress:
        summary = ingest_logs(
            opened,
            RpcSource(rpc),
            addresses=address or (),
            topics=[topic] if topic else (),
            first=asked.first,
            last=asked.last,
            progress=progress,
        )
    output.emit_figures(asdict(summary), json=json)


@app.command()
def transform(
    blocks: BlocksOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run, over which blocks and why, and stop.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Forget what ran before, and derive everything from the first block on.")
    ] = False,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Bring the derived tables up to date with the blocks that changed, and check each; a second time finds nothing to do.

    With --blocks, every transform runs over that range, whatever ran before.

    Example: chainsight transform --dry-run
    """
    if blocks and (dry_run or rebuild):
        raise UsageError(
            "--blocks runs everything over a range; --dry-run and --rebuild are for what changed.",
            next_step="Leave one of them out.",
        )
    with opened_store(store) as opened, output.watching() as progress:
        chain = chosen_chain(opened, chain_id)
        if blocks:
            figures = _transform_range(opened, chain, blocks, progress)
        elif dry_run:
            runs, head = plan_rebuild(opened, chain_id=chain) if rebuild else plan_derive(opened, chain_id=chain)
            figures = {"chain_id": chain, "to_block": head, "runs": [_shown_run(run) for run in runs]}
        else:
            done = (rebuild_tables if rebuild else derive)(opened, chain_id=chain, progress=progress)
            require(done.failures)
            figures = _shown_derived(done)
    output.emit_figures(figures, json=json)


def _transform_range(store: Store, chain_id: int, blocks: str, progress: Progress) -> dict[str, Any]:
    asked = parse_range(blocks)
    head = read_as_of(store, chain_id).block_number
    first, last = asked.first or 0, head if asked.last is None else min(asked.last, head)
    ran = transform_blocks(store, chain_id=chain_id, from_block=first, to_block=last, progress=progress)
    return {"chain_id": chain_id, "from_block": first, "to_block": last, "transforms": ran}


def _shown_run(run: Run) -> dict[str, Any]:
    return {
        "transform": run.transform.removeprefix("transforms/"),
        "builds": run.builds,
        "blocks": [f"{first}:{last}" for first, last in run.blocks],
        "reason": run.reason if run.blocks else "written with the blocks; only its checks run",
    }


def _shown_derived(done: Derived) -> dict[str, Any]:
    return {
        "chain_id": done.chain_id,
        "to_block": done.head,
        "transforms": [run.transform for run in done.runs if run.blocks],
        "checks": done.checks,
        "seconds": done.seconds,
    }
