"""Commands about what addresses do, as numbers: features build, list, show."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from chainsight.addresses import parse_address, show_hex
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from chainsight.errors import UnknownName
from models.features.build import build_features, update_features
from models.features.catalogue import PLAN, catalogue, describe_address, features_of

features_app = typer.Typer(no_args_is_help=True, help="What each address does, as numbers.")
app.add_typer(features_app, name="features")


@features_app.callback()
def features() -> None:
    """What each address does, as numbers."""


@features_app.command()
def build(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Describe every address anew, touched or not.")] = False,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Describe the addresses that new blocks touched, and all of them the first time.

    Example: chainsight features build
    """
    work = build_features if rebuild else update_features
    with opened_store(store) as opened, output.watching() as progress:
        summary = work(opened, chain_id=chosen_chain(opened, chain_id), progress=progress)
    output.emit_figures(asdict(summary), json=json)


@features_app.command("list")
def list_features(
    table: Annotated[list[str] | None, typer.Option("--table", help="Only of this table; give several.")] = None,
    theme: Annotated[str, typer.Option("--theme", help=f"Only of the plan's: {', '.join(PLAN)}.")] = "",
    json: JsonOption = False,
) -> None:
    """Every feature: its unit, what it says, whether models read it, and whether it carries the era or labels.

    Example: chainsight features list --theme patterns
    """
    chosen = features_of(table or ())
    if theme:
        chosen = [feature for feature in chosen if feature.name in _names_of(theme)]
    if output.wants_json(json):
        output.emit({"features": [asdict(feature) for feature in chosen]})
    else:
        shown = ("name", "unit", "description", "is_read_by_models", "carries")
        output.emit_rows([{name: asdict(feature)[name] for name in shown} for feature in chosen])


@features_app.command()
def show(
    address: Annotated[str, typer.Argument(help="0x and 40 hex digits.")],
    theme: Annotated[str, typer.Option("--theme", help=f"Only of the plan's: {', '.join(PLAN)}.")] = "",
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The features of one address with their meaning; empty where one is undefined.

    Example: chainsight features show 0x7e278b2c60922d57e2070584a8035b4370134763 --theme value
    """
    key = parse_address(address)
    with opened_store(store) as opened:
        found = describe_address(opened, key, chain_id=chosen_chain(opened, chain_id))
    names = _names_of(theme) if theme else tuple(found.values)
    values = {name: found.values[name] for name in names}
    if output.wants_json(json):
        output.emit({"address": show_hex(key), "as_of_block": found.as_of_block, "features": values})
        return
    known = catalogue()
    rows = [
        {"feature": name, "value": value, "unit": known[name].unit, "meaning": known[name].description}
        for name, value in values.items()
        if value is not None
    ]
    output.emit_rows(rows, title=f"{show_hex(key)} as of block {found.as_of_block:,}")


def _names_of(theme: str) -> tuple[str, ...]:
    if theme not in PLAN:
        raise UnknownName("theme of features", theme, PLAN)
    return PLAN[theme]
