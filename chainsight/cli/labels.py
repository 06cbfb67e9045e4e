"""Commands on what is known of addresses from outside the chain: labels, sanctions lists, lists of tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, RpcOption, StoreOption, chosen_chain, opened_store
from chainsight.errors import UsageError
from ingest.label_answers import label_conflicts, label_sources, labels_of
from ingest.labels import import_labels
from ingest.lists import import_lists
from ingest.statements import Removals
from ingest.tokens import import_tokens

labels_app = typer.Typer(no_args_is_help=True, help="What sources say about addresses.")
lists_app = typer.Typer(no_args_is_help=True, help="Sanctions lists.")
tokens_app = typer.Typer(no_args_is_help=True, help="What lists say of token contracts.")
AcceptRemovalsOption = Annotated[
    bool, typer.Option("--accept-removals", help="Take the file for whole even if much of what was known is not in it.")
]
app.add_typer(labels_app, name="labels")
AtOption = Annotated[
    dt.datetime | None, typer.Option("--at", help="What the store knew then (UTC).", show_default="now", metavar="TIME")
]
app.add_typer(lists_app, name="lists")
app.add_typer(tokens_app, name="tokens")


@labels_app.callback()
def labels() -> None:
    """What sources say about addresses."""


@labels_app.command(name="import")
def labels_import(
    files: Annotated[
        list[Path], typer.Argument(help="CSV (address,label,category,source,chain) or TagPack YAML; may be .gz.")
    ],
    accept_removals: AcceptRemovalsOption = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Record labels; a source's label that its newer file no longer has is closed, not deleted.

    Example: chainsight labels import labels.csv.gz
    """
    with opened_store(store) as opened, output.watching() as progress:
        summary = import_labels(opened, files, removals=_removals(accept_removals), progress=progress)
    output.emit_figures(asdict(summary), json=json)


@labels_app.command(name="show")
def labels_show(
    address: Annotated[str, typer.Argument(help="0x…, or the text of another chain's address.")],
    at: AtOption = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Everything sources and lists say, or said, of an address, with where they have it from.

    Example: chainsight labels show 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
    """
    with opened_store(store) as opened:
        known = labels_of(opened, address, at=at)
    if output.wants_json(json):
        output.emit(asdict(known))
        return
    brief = ("source", "category", "label", "confidence", "holds", "source_category", "uri", "file", "imported_at")
    _emit_rows([{name: row[name] for name in brief} for row in known.labels], title=f"Labels of {known.address}")
    if known.list_entries:
        _emit_rows(known.list_entries, title="On lists")


@labels_app.command(name="conflicts")
def labels_conflicts(
    most: Annotated[int, typer.Option("--limit", min=1, help="At most so many addresses.")] = 100,
    at: AtOption = None,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Addresses of which different sources say what cannot both be, the gravest contradiction first.

    Example: chainsight labels conflicts --limit 20
    """
    with opened_store(store) as opened:
        conflicts = label_conflicts(opened, most=most, at=at)
    if output.wants_json(json):
        output.emit({"conflicts": conflicts})
    else:
        _emit_rows(conflicts, title="Sources that contradict each other")


@labels_app.command(name="sources")
def labels_sources(store: StoreOption = "", json: JsonOption = False) -> None:
    """Every source of labels: the number of its last issue, how much of it holds, when it was imported last.

    Example: chainsight labels sources
    """
    with opened_store(store) as opened:
        sources = label_sources(opened)
    if output.wants_json(json):
        output.emit({"sources": sources})
    else:
        _emit_rows(sources, title="Sources of labels")


@lists_app.callback()
def lists() -> None:
    """Sanctions lists."""


@lists_app.command(name="import")
def lists_import(
    files: Annotated[list[Path], typer.Argument(help="The list as published, or one address a line; CSV or CSV.gz.")],
    kind: Annotated[str, typer.Option("--kind", help="Whose list it is: ofac.")],
    accept_removals: AcceptRemovalsOption = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Record the addresses of a sanctions list; one that a newer issue no longer has is closed, not deleted.

    Example: chainsight lists import --kind ofac sdn.csv
    """
    with opened_store(store) as opened, output.watching() as progress:
        summary = import_lists(opened, files, kind=kind, removals=_removals(accept_removals), progress=progress)
    output.emit_figures(asdict(summary), json=json)


@tokens_app.callback()
def tokens() -> None:
    """What lists say of token contracts."""


@tokens_app.command(name="import")
def tokens_import(
    file: Annotated[Path, typer.Argument(help="Token list (JSON), or CSV: address,symbol,name,decimals; may be .gz.")],
    chain_id: Annotated[int, typer.Option("--chain-id", help="Chain of tokens whose file does not say it.")] = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Record symbol, name and decimals of the tokens of a list; a newer list corrects an older one.

    Example: chainsight tokens import tokenlist.json
    """
    with opened_store(store) as opened, output.watching() as progress:
        summary = import_tokens(opened, file, chain_id=chain_id or None, progress=progress)
    output.emit_figures(asdict(summary), json=json)


@tokens_app.command(name="learn")
def tokens_learn(
    rpc: RpcOption = None,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Ask the contracts that moved tokens, and that no list names, for their name, symbol, decimals and standard.

    Example: chainsight tokens learn --rpc http://127.0.0.1:8545
    """
    if not rpc:
        raise UsageError("No node was named.", next_step="Name one with --rpc URL.")
    from ingest.metadata import learn_tokens  # web3 takes a second to import

    with opened_store(store) as opened, output.watching() as progress:
        summary = learn_tokens(opened, rpc, chain_id=chosen_chain(opened, chain_id), progress=progress)
    output.emit_figures(asdict(summary), json=json)


def _emit_rows(rows: Sequence[Mapping[str, Any]], *, title: str) -> None:
    if rows:
        output.emit_rows(rows, title=title)
    else:
        output.say(f"{title}: none.")


def _removals(accept: bool) -> Removals:
    return Removals.ACCEPT if accept else Removals.REFUSE
