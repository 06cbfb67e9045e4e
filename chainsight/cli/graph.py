"""Commands about the graph of addresses: graph build, graph plan."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from graph.build import build_graph, plan
from graph.plan import AUTO

graph_app = typer.Typer(no_args_is_help=True, help="Who gave to whom, measured.")
app.add_typer(graph_app, name="graph")


@graph_app.callback()
def graph() -> None:
    """Who gave to whom, measured."""


EngineOption = Annotated[
    str,
    typer.Option("--engine", help="auto: what memory allows; local: in memory; spark: GraphFrames, also on a cluster."),
]


@graph_app.command()
def build(
    engine: EngineOption = AUTO,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Measure every address: degrees, ranks, components, communities, cores, triangles, cycles, proximity to labels.

    Example: chainsight graph build --engine local
    """
    with opened_store(store) as opened, output.watching() as progress:
        summary = build_graph(opened, chain_id=chosen_chain(opened, chain_id), engine=engine, progress=progress)
    if output.wants_json(json):
        output.emit(asdict(summary))
    else:
        output.emit_rows([{"figure": name, "value": value} for name, value in asdict(summary).items()])


@graph_app.command("plan")
def plan_build(
    engine: EngineOption = AUTO,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Say what graph build would do: which engine, why, and how much memory is expected.

    Example: chainsight graph plan
    """
    with opened_store(store) as opened:
        planned = plan(opened, chain_id=chosen_chain(opened, chain_id), engine=engine)
    if output.wants_json(json):
        output.emit(asdict(planned))
    else:
        output.emit_rows([{"figure": name, "value": value} for name, value in asdict(planned).items()])
