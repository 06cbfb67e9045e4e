"""Commands on prices: what files say a token cost, and stablecoins taken at par."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from chainsight.errors import UsageError
from ingest.prices import PricedToken, import_prices, list_prices, take_at_par

prices_app = typer.Typer(no_args_is_help=True, help="What tokens cost.")
app.add_typer(prices_app, name="prices")


@prices_app.callback()
def prices() -> None:
    """What tokens cost."""


@prices_app.command(name="import")
def prices_import(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="CSV with time,price or time,open,high,low,close (of candles, by opening time); may be .gz."
        ),
    ],
    symbol: Annotated[
        str, typer.Option("--symbol", help="ETH: the native coin and what wraps it; else a token that a list names.")
    ] = "",
    token: Annotated[str, typer.Option("--token", help="Contract of the token, 0x…, instead of its symbol.")] = "",
    quote: Annotated[str, typer.Option("--quote", help="Currency of the prices.")] = "USD",
    source: Annotated[str, typer.Option("--source", help="Who says so.", show_default="name of the file")] = "",
    bucket: Annotated[
        int, typer.Option("--bucket", min=0, help="Seconds of a candle.", show_default="as the file has them")
    ] = 0,
    max_age: Annotated[
        int, typer.Option("--max-age", min=0, help="Seconds a price may be used.", show_default="two candles, or a day")
    ] = 0,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Record prices of one token; a file that cannot be right is refused whole, a newer price replaces the older one.

    Example: chainsight prices import ethusdt_1h.csv.gz --symbol ETH --quote USD
    """
    if bool(symbol) == bool(token):
        raise UsageError("Prices are of one token.", next_step="Name it with --symbol ETH or with --token 0x….")
    with opened_store(store) as opened, output.watching() as progress:
        of = PricedToken(chosen_chain(opened, chain_id), symbol=symbol, token=token, quote=quote.upper())
        summary = import_prices(
            opened, files, of, source=source, bucket_seconds=bucket, max_age_seconds=max_age, progress=progress
        )
    output.emit_figures(asdict(summary), json=json)


@prices_app.command(name="par")
def prices_par(chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False) -> None:
    """Take the chain's stablecoins at one US dollar each, where no measured price stands; its source is `par`.

    Example: chainsight prices par --chain-id 1
    """
    with opened_store(store) as opened:
        count = take_at_par(opened, chain_id=chosen_chain(opened, chain_id))
    output.emit_figures({"stablecoins": count}, json=json)


@prices_app.command(name="list")
def prices_list(store: StoreOption = "", json: JsonOption = False) -> None:
    """Which tokens have prices: in what, by whom, how many, from when to when.

    Example: chainsight prices list
    """
    with opened_store(store) as opened:
        found = list_prices(opened)
    if output.wants_json(json):
        output.emit({"prices": found})
    elif found:
        output.emit_rows(found, title="Prices")
    else:
        output.say("No prices yet.")
