"""Commands that bring in what is known of addresses from outside the chain: labels, lists."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store
from ingest.labels import import_labels
from ingest.lists import import_lists
from ingest.statements import Removals

labels_app = typer.Typer(no_args_is_help=True, help="What sources say about addresses.")
lists_app = typer.Typer(no_args_is_help=True, help="Sanctions lists.")
AcceptRemovalsOption = Annotated[
    bool, typer.Option("--accept-removals", help="Take the file for whole even if much of what was known is not in it.")
]
app.add_typer(labels_app, name="labels")
app.add_typer(lists_app, name="lists")


@labels_app.callback()
def labels() -> None:
    """What sources say about addresses."""


@labels_app.command(name="import")
def labels_import(
    files: Annotated[list[Path], typer.Argument(help="CSV or CSV.gz: address,label,category,source,chain.")],
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


def _removals(accept: bool) -> Removals:
    return Removals.ACCEPT if accept else Removals.REFUSE
