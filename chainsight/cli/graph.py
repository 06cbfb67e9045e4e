"""Commands about the graph of addresses: graph build."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from graph.build import build_graph

graph_app = typer.Typer(no_args_is_help=True, help="Who gave to whom, measured.")
app.add_typer(graph_app, name="graph")


@graph_app.callback()
def graph() -> None:
    """Who gave to whom, measured."""


@graph_app.command()
def build(
    engine: Annotated[
        str, typer.Option("--engine", help="spark: GraphFrames, also on a cluster; local: in memory.")
    ] = "spark",
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Measure every address: degrees, PageRank, component, community, cycles of two and three.

    Example: chainsight graph build --engine local
    """
    with opened_store(store) as opened, output.watching() as progress:
        summary = build_graph(opened, chain_id=chosen_chain(opened, chain_id), engine=engine, progress=progress)
    if output.wants_json(json):
        output.emit(asdict(summary))
    else:
        output.emit_rows([{"figure": name, "value": value} for name, value in asdict(summary).items()])
