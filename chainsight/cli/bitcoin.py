"""Commands for Bitcoin: bitcoin ingest, bitcoin audit, bitcoin labelled."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import BlocksOption, JsonOption, StoreOption, opened_store
from chainsight.errors import DataCheckError, UsageError
from ingest.bitcoin import ingest_bitcoin, plan_bitcoin
from ingest.bitcoin_archive import BitcoinArchive
from ingest.bitcoin_audit import audit_bitcoin, labelled_addresses, only_network
from ingest.bitcoin_networks import network_named
from ingest.bitcoin_node import BitcoinNode
from ingest.bitcoin_source import BitcoinSource
from ingest.ranges import parse_range

bitcoin_app = typer.Typer(no_args_is_help=True, help="Bitcoin blocks, in tables of their own.")
app.add_typer(bitcoin_app, name="bitcoin")

NetworkOption = Annotated[
    str, typer.Option("--network", help="mainnet, testnet, testnet4, signet or regtest. Default: what the node says.")
]


@bitcoin_app.callback()
def bitcoin() -> None:
    """Bitcoin blocks, in tables of their own."""


@bitcoin_app.command(name="ingest")
def bitcoin_ingest(
    rpc: Annotated[
        str,
        typer.Option(
            help="URL of Bitcoin Core: http://user:password@host:8332.",
            envvar="CHAINSIGHT_BITCOIN_RPC",
            show_envvar=True,
        ),
    ] = "",
    archive: Annotated[
        Path | None, typer.Option(help="Folder with blocks.jsonl[.zst], a result of getblock HASH 3 (or 2) a line.")
    ] = None,
    blocks: BlocksOption = "",
    network: NetworkOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read, and stop.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Read Bitcoin blocks into the store, each recomputed down to its hash; blocks of a branch the node left are withdrawn.

    What is there already is not touched, so it may be repeated at will.

    Example: chainsight bitcoin ingest --rpc http://user:password@127.0.0.1:8332 -b 840000:840100

    Example: chainsight bitcoin ingest --archive DIR --network regtest --dry-run
    """
    source = _chosen_source(rpc, archive)
    asked = network_named(network) if network else None
    try:
        with opened_store(store) as opened, output.watching() as progress:
            if dry_run:
                figures = asdict(plan_bitcoin(opened, source, blocks=parse_range(blocks), network=asked))
            else:
                figures = asdict(
                    ingest_bitcoin(opened, source, blocks=parse_range(blocks), network=asked, progress=progress)
                )
    finally:
        source.close()
    if output.wants_json(json):
        output.emit(figures)
    else:
        output.emit_rows([{"figure": name.replace("_", " "), "value": value} for name, value in figures.items()])


@bitcoin_app.command(name="audit")
def bitcoin_audit(network: NetworkOption = "", store: StoreOption = "", json: JsonOption = False) -> None:
    """Say which Bitcoin blocks the store holds, what of them was proven, what is missing, unresolved or contradictory.

    Exits with 3 where the store contradicts itself.

    Example: chainsight bitcoin audit --network mainnet
    """
    with opened_store(store) as opened:
        found = audit_bitcoin(opened, only_network(opened, network))
    if output.wants_json(json):
        output.emit(asdict(found))
    else:
        output.emit_rows([asdict(batch) for batch in found.batches], title=f"Bitcoin {found.network}")
        for gap in found.gaps:
            output.say(f"missing: blocks {gap.first:,} to {gap.last:,}")
        for reason, inputs in found.unresolved.items():
            output.say(f"unresolved: {inputs:,} inputs ({reason})")
    if found.conflicts:
        first = found.conflicts[0]
        raise DataCheckError(
            f"{len(found.conflicts)} contradictions; block {first['block_number']}: {first['problem']} "
            f"({first['transaction_or_block']}).",
            next_step="Ingest into a new --store from a node you trust, and compare.",
        )


@bitcoin_app.command(name="labelled")
def bitcoin_labelled(network: NetworkOption = "", store: StoreOption = "", json: JsonOption = False) -> None:
    """Show the Bitcoin addresses in the store of which a label speaks, with what they received and still hold.

    Example: chainsight bitcoin labelled --network mainnet
    """
    with opened_store(store) as opened:
        chosen = only_network(opened, network)
        found = labelled_addresses(opened, chosen)
    if output.wants_json(json):
        output.emit({"network": chosen.name, "addresses": found})
    else:
        output.emit_rows(found, title=f"Bitcoin {chosen.name}")


def _chosen_source(rpc: str, archive: Path | None) -> BitcoinSource:
    """The one source that was named; an archive wins over the environment's node."""
    if archive is not None:
        return BitcoinArchive(archive)
    if rpc:
        return BitcoinNode(rpc)
    raise UsageError("No source of Bitcoin blocks was named.", next_step="Give --rpc URL or --archive DIR.")
