"""Commands of the models: train wallets, train flows, predict, models list, models card, models answer.

What they need is imported when they run: the help of all commands should not wait for LightGBM and torch.
"""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from chainsight.addresses import parse_address
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store

if TYPE_CHECKING:
    from models.train import TrainSummary

train_app = typer.Typer(no_args_is_help=True, help="Learn from what the store holds.")
app.add_typer(train_app, name="train")
models_app = typer.Typer(no_args_is_help=True, help="What was learnt, and what it says of one address.")
app.add_typer(models_app, name="models")
_KINDS = ("wallets", "flows")


class Negatives(StrEnum):
    """What stands beside illicit accounts."""

    ANY = "any"
    LICIT = "licit"
    UNLABELLED = "unlabelled"


SeedOption = Annotated[int, typer.Option(help="Seed; the same seed and data give the same model.")]


@train_app.command("wallets")
def train_wallets(
    seed: SeedOption = 0,
    encoder: Annotated[bool, typer.Option(help="Train the graph encoder beside the trees.")] = True,
    negatives: Annotated[
        Negatives,
        typer.Option(
            help="What illicit accounts are set beside: licit ones, a sample of unlabelled ones, or any: unlabelled ones where "
            "fewer than 20 are known to be licit."
        ),
    ] = Negatives.ANY,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Bring the features up to date and train the wallet model on labelled accounts; it stands in the registry afterwards.

    Where hardly anybody is known to be licit it learns from the illicit beside a sample of everybody else, says so, and never
    answers benign.

    Example: chainsight train wallets
    """
    from models.features.build import update_features
    from models.lessons import LESSONS
    from models.train import train_wallets as train_wallet_model

    with opened_store(store) as opened, output.watching() as progress:
        chain = chosen_chain(opened, chain_id)
        update_features(opened, chain_id=chain, progress=progress)
        kinds = tuple(LESSONS) if negatives is Negatives.ANY else (negatives.value,)
        summary = train_wallet_model(
            opened, chain_id=chain, seed=seed, encoder=encoder, negatives=kinds, progress=progress
        )
    _tell(summary, json=json)


@train_app.command("flows")
def train_flows(
    seed: SeedOption = 0, chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False
) -> None:
    """Train the ranker of next counterparties.

    Example: chainsight train flows
    """
    from models.train import train_flows as train_flow_ranker

    with opened_store(store) as opened, output.watching() as progress:
        summary = train_flow_ranker(opened, chain_id=chosen_chain(opened, chain_id), seed=seed, progress=progress)
    _tell(summary, json=json)


@app.command()
def predict(chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False) -> None:
    """Write probability, anomaly and reasons of every address, and whom active ones will pay next.

    Example: chainsight predict
    """
    from models.predict import predict as predict_addresses

    with opened_store(store) as opened, output.watching() as progress:
        summary = predict_addresses(opened, chain_id=chosen_chain(opened, chain_id), progress=progress)
    if output.wants_json(json):
        output.emit(asdict(summary))
    else:
        output.say(str(summary))


@models_app.command("list")
def list_models(chain_id: ChainOption = 0, store: StoreOption = "", json: JsonOption = False) -> None:
    """The models that are active on a chain.

    Example: chainsight models list
    """
    from models.registry import active_model

    with opened_store(store) as opened:
        chain = chosen_chain(opened, chain_id)
        found = [active_model(opened, kind=kind, chain_id=chain) for kind in _KINDS]
    rows = [
        {
            "model": one.model_id,
            "kind": one.kind,
            "as_of_block": one.manifest.get("as_of_block"),
            "code_commit": one.manifest.get("code_commit"),
            "data_hash": one.manifest.get("data_hash"),
        }
        for one in found
        if one is not None
    ]
    if output.wants_json(json):
        output.emit({"chain_id": chain, "models": rows})
    else:
        output.emit_rows(rows, title=f"chain {chain}")


@models_app.command("card")
def show_card(
    model_id: Annotated[
        str, typer.Argument(help="Such as wallets-3f2a91c07b5e; the active wallet model without.")
    ] = "",
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The page of a model in Markdown: what it learned from, how good and how sure it is, where it must not be used.

    Example: chainsight models card > card.md
    """
    from models.registry import CARD, open_model
    from models.serving import require_model

    if model_id:
        model = open_model(model_id)
    else:
        with opened_store(store) as opened:
            model = require_model(opened, chain_id=chosen_chain(opened, chain_id))
    if json:
        output.emit({**model.manifest, "model_id": model.model_id})
    else:
        output.emit_text((model.folder / CARD).read_text(encoding="utf-8"))


@models_app.command("answer")
def answer(
    address: Annotated[str, typer.Argument(help="0x and 40 hex digits.")],
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """What the wallet model says of one address now, and why: probability, interval, answer, contributions that add up.

    Example: chainsight models answer 0x098b716b8aaf21512996dc57eb0615e2383e2f96
    """
    from models.serving import WalletScorer, answer_as_document

    key = parse_address(address)
    with opened_store(store) as opened:
        found = WalletScorer.active(opened, chain_id=chosen_chain(opened, chain_id)).answer(opened, key)
    document = answer_as_document(found)
    if output.wants_json(json):
        output.emit(document)
        return
    themes, reasons = document.pop("themes"), document.pop("reasons")
    output.emit_rows([{"": name, " ": value} for name, value in document.items()])
    output.emit_rows(
        [{"theme": "base", "log_odds": f"{found.base_log_odds:+.3f}"}]
        + [{"theme": name, "log_odds": f"{share:+.3f}"} for name, share in themes.items()],
        title="what adds up to the log-odds",
    )
    output.emit_rows([{"because": reason["sentence"]} for reason in reasons])


def _tell(summary: TrainSummary, *, json: bool) -> None:
    if output.wants_json(json):
        output.emit(asdict(summary))
    else:
        output.say(str(summary))
