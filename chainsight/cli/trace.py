"""Follow money: trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chainsight.addresses import parse_address, show_hex
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from chainsight.errors import UsageError
from graph.tracing.answer import TraceAnswer, follow_money
from graph.tracing.documents import to_document, to_graphml
from graph.tracing.flow_graph import Question
from graph.tracing.ledgers import HUB_CAP
from graph.tracing.windows import first_block, last_block


@app.command()
def trace(
    addresses: Annotated[
        list[str], typer.Argument(help="Where it begins: 0x and 40 hex digits; several are one owner.")
    ],
    policy: Annotated[
        str, typer.Option(help="haircut, fifo, lifo, tiho (amounts), poison (upper bound) or ttr (score of nearness).")
    ] = "haircut",
    direction: Annotated[str, typer.Option(help="out: where did it go; in: where did it come from.")] = "out",
    token: Annotated[
        str, typer.Option(help="native, a symbol that a list names, or 0x…; default: the five it moved most often.")
    ] = "",
    hops: Annotated[
        int, typer.Option(min=1, help="Addresses between the beginning and the farthest end, plus one.")
    ] = 10,
    budget: Annotated[
        int, typer.Option(min=1, help="Addresses looked at for each asset, at most; larger ones first.")
    ] = 1_000,
    min_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="An address is followed once it got this share of all.")
    ] = 0.00001,
    since: Annotated[str, typer.Option(help="Only what moved from this block, day or time on (UTC).")] = "",
    until: Annotated[str, typer.Option(help="Nothing after this block, or from this day or time on.")] = "",
    hub_cap: Annotated[
        int, typer.Option(min=1, help="Transfers from which on an address without a label counts as a hub and ends it.")
    ] = HUB_CAP,
    through: Annotated[
        list[str] | None,
        typer.Option(help="mixer: go on, in equal shares, to the payments of its kind that came out within a week."),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw a Sankey diagram: FILE.png, .svg or .html.")] = None,
    graphml: Annotated[Path | None, typer.Option(help="Write the flow graph for graph tools: FILE.graphml.")] = None,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Follow money from an address, or back to where it came from: a tree, what it met on the way, and the range over policies.

    Example: chainsight trace 0x098b716b8aaf21512996dc57eb0615e2383e2f96 --policy fifo --plot flow.svg
    """
    _check_form(plot)
    sources = tuple(dict.fromkeys(parse_address(address) for address in addresses))
    with opened_store(store) as opened, output.watching() as progress:
        chain = chosen_chain(opened, chain_id)
        question = Question(
            chain, sources, policy=policy, direction=direction, hops=hops, budget=budget, least_share=min_share,
            since_block=first_block(opened, chain, since), until_block=last_block(opened, chain, until),
            hub_cap=hub_cap, through=frozenset(through or ()),
        )  # fmt: skip
        answer = follow_money(opened, question, token=token, progress=progress)
    _write(answer, plot, graphml)
    if output.wants_json(json):
        output.emit(to_document(answer))
    else:
        _show(answer)


def _check_form(plot: Path | None) -> None:
    """Refuse a picture that cannot be drawn before a long trace begins."""
    if plot is not None:
        from chainsight.plots import require_form

        require_form(plot)


def _write(answer: TraceAnswer, plot: Path | None, graphml: Path | None) -> None:
    """The files that were asked for."""
    if graphml is not None:
        graphml.parent.mkdir(parents=True, exist_ok=True)
        graphml.write_bytes(to_graphml(answer))
        output.say(f"Wrote {graphml}.")
    if plot is not None:
        _draw(answer, plot)


def _show(answer: TraceAnswer) -> None:
    from chainsight.cli.trace_views import exposure_rows, quantity, tree_lines

    for one in answer.assets:
        question, total = one.trace.question, one.trace.total
        verb = "went" if question.direction == "out" else "came from"
        output.emit_text("\n".join(tree_lines(answer, one)))
        output.emit_rows(
            exposure_rows(one),
            title=f"where {quantity(answer, total, one.trace)} {verb}, by {question.policy}; "
            f"{len(one.trace.visited):,} addresses looked at, up to block {question.until_block:,}",
        )
    for went in answer.continuations[:20]:
        output.say(
            f"May have come out on chain {went.chain_id}: chainsight trace {show_hex(went.address)} "
            f"--chain-id {went.chain_id} --since {went.block}"
        )
    if answer.left_out:
        output.say(f"{answer.left_out} more assets moved; name one with --token.")


def _draw(answer: TraceAnswer, path: Path) -> None:
    """One picture of the asset with the most flows; drawing libraries are slow to load, so only now."""
    from chainsight.cli.trace_views import MOST_COLUMNS, quantity, sankey_parts
    from chainsight.sankey import save_sankey

    one = max(answer.assets, key=lambda asset: len(asset.trace.flows), default=None)
    if one is None:
        raise UsageError("There is nothing to draw.", next_step="Ask for a wider trace.")
    question = one.trace.question
    way = "Where money went from" if question.direction == "out" else "Where money came from to"
    named = ", ".join(str(show_hex(source)) for source in question.sources[:2])
    is_cut = any(flow.hop >= MOST_COLUMNS for flow in one.trace.flows)
    subtitle = (
        f"{quantity(answer, one.trace.total, one.trace)}, by {question.policy}, up to block {question.until_block:,}"
        + (f"; the first {MOST_COLUMNS - 1} hops of {max(flow.hop for flow in one.trace.flows)}" if is_cut else "")
    )
    save_sankey(*sankey_parts(one), path, title=f"{way} {named}", subtitle=subtitle)
    output.say(f"Drew {path}.")
