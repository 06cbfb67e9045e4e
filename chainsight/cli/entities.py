"""Commands about who is behind several addresses: entities build, show, history, conflicts, bitcoin, bitcoin-show."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from chainsight.addresses import parse_address
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from graph.entities.answers import EntityAnswer, read_conflicts, read_entity, read_history
from graph.entities.bitcoin import build_bitcoin_entities, read_bitcoin_entity
from graph.entities.build import build_entities

entities_app = typer.Typer(no_args_is_help=True, help="Which addresses have one owner, and why.")
app.add_typer(entities_app, name="entities")

NetworkOption = Annotated[str, typer.Option("--network", help="mainnet, testnet, testnet4, signet or regtest.")]
AddressArgument = Annotated[str, typer.Argument(help="0x and 40 hex digits.")]


@entities_app.callback()
def entities() -> None:
    """Which addresses have one owner, and why."""


@entities_app.command()
def build(chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False) -> None:
    """Join addresses that one owner seems to control: shared deposit addresses, sweeps, first coins, deployers.

    Example: chainsight entities build
    """
    with opened_store(store) as opened, output.watching() as progress:
        summary = build_entities(opened, chain_id=chosen_chain(opened, chain_id), progress=progress)
    output.emit_figures(asdict(summary), json=json)


@entities_app.command()
def show(
    address: AddressArgument, chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False
) -> None:
    """The entity of an address: its owner if labels name one, who else belongs to it, and each reason with its transactions.

    Example: chainsight entities show 0x7e278b2c60922d57e2070584a8035b4370134763
    """
    key = parse_address(address)
    with opened_store(store) as opened:
        answer = read_entity(opened, key, chain_id=chosen_chain(opened, chain_id))
    if output.wants_json(json):
        output.emit(asdict(answer))
    else:
        _show(answer)


@entities_app.command()
def history(
    address: AddressArgument, chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False
) -> None:
    """The entities an address has belonged to, and how these formed, grew, merged and split from one build to the next.

    Blocks are those up to which the builds knew the chain, not those in which the evidence stands.

    Example: chainsight entities history 0x7e278b2c60922d57e2070584a8035b4370134763
    """
    key = parse_address(address)
    with opened_store(store) as opened:
        told = read_history(opened, key, chain_id=chosen_chain(opened, chain_id))
    if output.wants_json(json):
        output.emit(told)
        return
    output.emit_rows(told["memberships"], title=f"Entities of {told['address']}")
    output.emit_rows(_columns(told["changes"], "as_of_block", "entity_id", "change", "sentence"), title="What happened")


@entities_app.command()
def conflicts(chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False) -> None:
    """Links that were refused: labels name two owners, one side is found clean and the other illicit, or it grew too large.

    Example: chainsight entities conflicts
    """
    with opened_store(store) as opened:
        found = read_conflicts(opened, chain_id=chosen_chain(opened, chain_id))
    if output.wants_json(json):
        output.emit({"conflicts": found})
    else:
        output.emit_rows(_columns(found, "heuristic", "sentence", "objection"), title=f"{len(found):,} links refused")


@entities_app.command()
def bitcoin(network: NetworkOption = "mainnet", store: StoreOption = "", json: JsonOption = False) -> None:
    """Join Bitcoin addresses that were spent from together, coinjoins apart.

    Example: chainsight entities bitcoin --network mainnet
    """
    with opened_store(store) as opened:
        summary = build_bitcoin_entities(opened, network=network)
    output.emit_figures(asdict(summary), json=json)


@entities_app.command(name="bitcoin-show")
def bitcoin_show(
    address: Annotated[str, typer.Argument(help="A Bitcoin address as people write it.")],
    network: NetworkOption = "mainnet",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The entity of a Bitcoin address, its first members and the transactions that say so.

    Example: chainsight entities bitcoin-show 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S
    """
    with opened_store(store) as opened:
        answer = read_bitcoin_entity(opened, address, network=network)
    if output.wants_json(json):
        output.emit(answer)
        return
    members = [{"member": member} for member in answer.pop("members")]
    transactions = answer.pop("transactions")
    output.emit_figures(answer, json=False)
    output.emit_rows(members, title="Members")
    output.emit_rows(transactions, title="Transactions that spend from several addresses")


def _show(answer: EntityAnswer) -> None:
    if not answer.entity_id:
        output.emit_text(f"{answer.address} belongs to no entity: nothing sure enough links it to another address.")
    else:
        owner = f", {answer.owner} ({answer.category}) by its labels" if answer.owner else ""
        output.emit_text(
            f"{answer.address}: entity {answer.entity_id} of {answer.address_count:,} addresses{owner}, as of block "
            f"{answer.as_of_block:,}"
        )
        if answer.alarm:
            output.emit_text(f"Alarm: {answer.alarm}")
        output.emit_rows(_columns(answer.why, "heuristic", "probability", "sentence"), title="Why it belongs there")
        output.emit_rows(_columns(answer.members, "address", "heuristic", "probability"), title="Members")
    others = [link for link in answer.links if link["outcome"] not in ("merged", "known")]
    if others:
        rows = _columns(others, "heuristic", "outcome", "probability", "sentence", "objection")
        output.emit_rows(rows, title="What was not enough, or refused")


def _columns(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Some columns of rows, probabilities as people read them."""
    return [{name: round(row[name], 3) if name == "probability" else row[name] for name in names} for row in rows]
