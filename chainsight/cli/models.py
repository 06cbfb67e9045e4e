"""Commands of the models: train wallets, train flows, predict.

What they need is imported when they run: the help of all commands should not wait for LightGBM and torch.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store

if TYPE_CHECKING:
    from models.train import TrainSummary

train_app = typer.Typer(no_args_is_help=True, help="Learn from what the store holds.")
app.add_typer(train_app, name="train")
SeedOption = Annotated[int, typer.Option(help="Seed; the same seed and data give the same model.")]


@train_app.command("wallets")
def train_wallets(
    seed: SeedOption = 0,
    encoder: Annotated[bool, typer.Option(help="Train the graph encoder beside the trees.")] = True,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Bring the features up to date and train the wallet model on labelled accounts; it stands in the registry afterwards.

    Example: chainsight train wallets
    """
    from models.features.build import update_features
    from models.train import train_wallets as train_wallet_model

    with opened_store(store) as opened, output.watching() as progress:
        chain = chosen_chain(opened, chain_id)
        update_features(opened, chain_id=chain, progress=progress)
        summary = train_wallet_model(opened, chain_id=chain, seed=seed, encoder=encoder, progress=progress)
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


def _tell(summary: TrainSummary, *, json: bool) -> None:
    if output.wants_json(json):
        output.emit(asdict(summary))
    else:
        output.say(str(summary))
