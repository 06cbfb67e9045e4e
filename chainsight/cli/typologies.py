"""Commands about named behaviours: typologies list, run, show."""

from __future__ import annotations

import json as jsonlib
from typing import Annotated

import typer

from chainsight.addresses import parse_address, show_hex
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from graph.typologies.answers import findings_of
from graph.typologies.detectors import DETECTORS, chosen_detectors
from graph.typologies.findings import find_typologies
from graph.workings import WORKING_PARAMETERS

typologies_app = typer.Typer(
    no_args_is_help=True, help="Named suspicious behaviours: which there are, and who shows them."
)
app.add_typer(typologies_app, name="typologies")


@typologies_app.callback()
def typologies() -> None:
    """Named suspicious behaviours: which there are, and who shows them."""


@typologies_app.command(name="list")
def list_detectors(json: JsonOption = False) -> None:
    """Every detector: what it finds, how grave that is, its group in the FATF's indicators, its parameters.

    Example: chainsight typologies list
    """
    rows = [
        {
            "name": entry.name,
            "title": entry.title,
            "severity": entry.severity,
            "fatf_group": entry.fatf_group,
            "parameters": dict(entry.parameters),
            "method": entry.statement.header.get("method", ""),
        }
        for entry in DETECTORS
    ]
    if output.wants_json(json):
        output.emit({"detectors": rows, "shared_parameters": WORKING_PARAMETERS})
    else:
        output.emit_rows([row | {"parameters": _listed(row["parameters"])} for row in rows], title="Typologies")


@typologies_app.command()
def run(
    detectors: Annotated[
        list[str] | None,
        typer.Option("--detector", help="Only this one; give it again for several.", show_default="all"),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="DETECTOR.PARAMETER=VALUE", help="Look with another value: fan_in.min_givers=25."
        ),
    ] = None,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Look for the behaviours in all that is stored; findings that no longer hold are withdrawn.

    Example: chainsight typologies run --detector peel_chain --set peel_chain.min_hops=6
    """
    chosen = chosen_detectors(detectors or (), changes or ())
    with opened_store(store) as opened, output.watching() as progress:
        done = find_typologies(opened, chain_id=chosen_chain(opened, chain_id), detectors=chosen, progress=progress)
    if output.wants_json(json):
        output.emit(
            {
                "chain_id": done.chain_id,
                "as_of_block": done.as_of_block,
                "findings": done.findings,
                "withdrawn": done.withdrawn,
                "hubs": done.hubs,
                "seconds": {name: round(seconds, 3) for name, seconds in done.seconds.items()},
            }
        )
        return
    output.emit_rows(
        [
            {"typology": name, "addresses": number, "seconds": round(done.seconds[name], 2)}
            for name, number in done.findings.items()
        ],
        title=f"Up to block {done.as_of_block}",
    )
    output.say(f"{done.withdrawn} earlier findings no longer hold; no path was followed through {done.hubs} hubs.")


@typologies_app.command()
def show(
    address: Annotated[str, typer.Argument(help="0x and 40 hex digits.")],
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Which behaviours an address shows, in which part, how grave and how clear that is, and the transactions that show it.

    Example: chainsight typologies show 0x098b716b8aaf21512996dc57eb0615e2383e2f96
    """
    key = parse_address(address)
    with opened_store(store) as opened:
        known = findings_of(opened, key, chain_id=chosen_chain(opened, chain_id))
    if output.wants_json(json):
        output.emit({"address": show_hex(key), "as_of_block": known.as_of_block, "findings": known.findings})
        return
    if not known.findings:
        output.say(
            f"Up to block {known.as_of_block} none of {known.detectors} detectors found anything at {show_hex(key)}."
        )
        return
    rows = [{**row, "evidence": "\n".join(str(show_hex(one)) for one in row["evidence"])} for row in known.findings]
    output.emit_rows(rows, title=f"{show_hex(key)} up to block {known.as_of_block}")


def _listed(parameters: object) -> str:
    assert isinstance(parameters, dict)
    return "\n".join(f"{name} {jsonlib.dumps(value)}" for name, value in parameters.items())
