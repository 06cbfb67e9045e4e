"""Train the models of a chain from its tables, in processes of their own, and put them into the registry."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from chainsight.categories import CATEGORIES
from chainsight.chains import label_chains
from chainsight.child import run_child
from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from models.card import wallet_card
from models.features.matrix import (
    ALL_GROUPS,
    FAR_GROUPS,
    NEAR_GROUPS,
    OWN_GROUPS,
    FeatureMatrix,
    feature_names,
    read_features,
)
from models.flows.training import train_flows as train_ranker
from models.predictor import Matrix, Scores
from models.registry import TrainedModel, code_commit, keep_model, register_model
from models.wallets.model import WalletModel
from models.wallets.peers import compare
from models.wallets.words import Words, words_table
from models.whatif.canary import FutureCanary, future_canary
from models.workplaces import content_digest, workplace
from sql.files import load
from sql.store import Store

FEWEST_POSITIVES = 20
ILLICIT = ",".join(sorted(name for name, category in CATEGORIES.items() if category.is_illicit))


@dataclass(frozen=True)
class TrainSummary:
    """What training came to."""

    kind: str
    model_id: str
    """Empty when nothing was trained."""
    said: str
    metrics: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.model_id or 'no model'}: {self.said}"


@dataclass(frozen=True)
class Labelled:
    """Accounts with a judgement and features."""

    addresses: tuple[bytes, ...]
    labels: np.ndarray[Any, np.dtype[np.int64]]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    """Their rows in the feature matrix."""
    in_conflict: int
    """Accounts left out because sources call them both licit and illicit."""
    without_moves: int
    """Accounts left out because nothing was seen of them."""

    @property
    def left_out(self) -> str:
        """How many were left out and why, as the end of a sentence."""
        reasons = ((self.in_conflict, "labels in conflict"), (self.without_moves, "no move"))
        said = [f"{count} with {reason}" for count, reason in reasons if count]
        return f"; left out: {', '.join(said)}" if said else ""


def train_wallets(
    store: Store, *, chain_id: int, seed: int = 0, encoder: bool = True, progress: Progress = SILENT
) -> TrainSummary:
    """Train the wallet model and its anomaly companion; without enough labels say so and train nothing.

    Needs `build_features`. Accounts without a single move are left out: nearly all of those are labelled illicit, and
    a model would learn that emptiness is guilt. A training that was killed goes on when it is repeated with the same data,
    code and seed. Raises `FutureKnown`, and registers nothing, where the canary sings.
    """
    matrix = read_features(store, chain_id=chain_id, groups=ALL_GROUPS)
    labelled = labelled_rows(store, matrix, chain_id=chain_id)
    positives = int(labelled.labels.sum())
    if min(positives, len(labelled.labels) - positives) < FEWEST_POSITIVES:
        said = (
            f"{positives} illicit and {len(labelled.labels) - positives} licit accounts with a history; "
            f"{FEWEST_POSITIVES} of each are needed, so only the anomaly score speaks{labelled.left_out}"
        )
        return TrainSummary("wallets", "", said, {})
    started = time.monotonic()
    write = partial(_write_task, store, matrix, labelled, chain_id=chain_id, seed=seed, encoder=encoder)
    with workplace(settings().exchange_dir, "wallets", chain_id=chain_id, prepare=write) as place:
        if place.found:
            progress.note(f"This training was stopped before its end and goes on with {', '.join(place.found)}.")
        arguments, log = [str(place.folder)], place.folder / "wallets.log"
        run_child("models.wallets.job", arguments, log=log, progress=progress, holding=(place.lock,))
        model, metrics = _registered(
            store, matrix, labelled, place.folder, chain_id=chain_id, seed=seed, started=started
        )
    figures = metrics["figures"][metrics["shipped"]]
    said = (
        f"{metrics['shipped']} model, F1 {figures['f1']:.3f} ({figures['f1_low']:.3f}–{figures['f1_high']:.3f}), "
        f"average precision {figures['average_precision']:.3f} ({metrics['protocol']}; "
        f"{metrics['positives']} illicit of {metrics['accounts']}{labelled.left_out}); "
        f"{FutureCanary(**metrics['future_canary'])}"
    )
    return TrainSummary("wallets", model.model_id, said, metrics)


def _registered(
    store: Store, matrix: FeatureMatrix, labelled: Labelled, folder: Path, *, chain_id: int, seed: int, started: float
) -> tuple[TrainedModel, dict[str, Any]]:
    """Put what the child learnt into the registry, unless it knows the future; returns its metrics, too."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    metrics |= {"in_conflict": labelled.in_conflict, "without_moves": labelled.without_moves}
    canary = _canary(store, WalletModel.load(folder / "out"), chain_id=chain_id, seed=seed)
    metrics["future_canary"] = asdict(canary)
    trees = json.loads((folder / "out/member_0/trees.json").read_text(encoding="utf-8"))
    read = json.loads((folder / "out/wallet_model.json").read_text(encoding="utf-8"))
    compare(matrix, read["names"]).save(folder / "out")
    about = {
        "chain_id": chain_id,
        "as_of_block": matrix.as_of_block,
        "data_hash": _hash_of(folder),
        "features": read["names"],
        "code_commit": code_commit(),
        "parameters": trees["parameters"],
        "threshold": metrics["threshold"],
        "metrics": metrics,
        "seconds": time.monotonic() - started,
    }
    model = keep_model(folder / "out", kind="wallets", about=about, card=wallet_card(about))
    register_model(store, model, chain_id=chain_id)
    return model, metrics


def _canary(store: Store, model: WalletModel, *, chain_id: int, seed: int) -> FutureCanary:
    """Whether anything that this model reads, or its scores, know what happens after a block; raises `FutureKnown` then."""

    def score(values: Matrix, names: tuple[str, ...], words: Words) -> Scores:
        return model.odds(values[:, [names.index(name) for name in model.names]], words)

    told = future_canary(store, chain_id=chain_id, score=score, seed=seed)
    told.require_silence()
    return told


def train_flows(store: Store, *, chain_id: int, seed: int = 0, progress: Progress = SILENT) -> TrainSummary:
    """Train the ranker of next counterparties; a chain with too few repeated payers gets none."""
    trained = train_ranker(store, chain_id=chain_id, seed=seed, progress=progress)
    if not trained.model_id:
        return TrainSummary("flows", "", trained.skipped, {})
    beside = ", ".join(f"{name} {values['mrr']:.3f}" for name, values in trained.baselines.items())
    said = f"MRR {trained.figures['mrr']:.3f} on {trained.test_questions} later payments; {beside}"
    metrics = {"figures": trained.figures, "baselines": trained.baselines}
    return TrainSummary("flows", trained.model_id, said, metrics)


def labelled_rows(store: Store, matrix: FeatureMatrix, *, chain_id: int) -> Labelled:
    """Judged accounts that have at least one move of their own, in the order of their bytes."""
    found = store.query(load("queries/training_labels"), illicit=ILLICIT, chains=label_chains(chain_id))
    addresses = [bytes.fromhex(text) for text in found.column("address").to_pylist()]
    labels = np.array(found.column("label").to_pylist(), dtype=np.int64)
    agreed = labels == np.array(found.column("lowest_label").to_pylist(), dtype=np.int64)
    rows = matrix.rows_of(addresses)
    moves = matrix.values[:, matrix.names.index("move_count")]
    moved = (rows >= 0) & (np.nan_to_num(moves[rows]) > 0) if len(matrix.addresses) else np.zeros(len(rows), np.bool_)
    kept = agreed & moved
    return Labelled(
        addresses=tuple(address for address, keep in zip(addresses, kept, strict=True) if keep),
        labels=labels[kept],
        rows=rows[kept],
        in_conflict=int((~agreed).sum()),
        without_moves=int((agreed & ~moved).sum()),
    )


def first_seen_of(store: Store, addresses: Sequence[bytes], *, chain_id: int, to_block: int) -> np.ndarray[Any, Any]:
    """Seconds since 1970 of each address's first appearance: for cuts in time and the leak alarm only."""
    found = store.query(load("queries/first_seen"), chain_id=chain_id, to_block=to_block).to_pandas()
    seen = pd.Series(found["first_seen"].to_numpy(), index=found["address"].astype(str))
    return seen.reindex([address.hex() for address in addresses]).fillna(0).to_numpy(np.int64)


def _write_task(
    store: Store,
    matrix: FeatureMatrix,
    labelled: Labelled,
    folder: Path,
    *,
    chain_id: int,
    seed: int,
    encoder: bool,
) -> tuple[object, ...]:
    """Write what the child learns from; returns all that its answer depends on beside the code."""
    table = pd.DataFrame(matrix.values[labelled.rows], columns=list(matrix.names))
    table.insert(0, "address", [address.hex() for address in labelled.addresses])
    table.insert(1, "label", labelled.labels)
    seen = first_seen_of(store, labelled.addresses, chain_id=chain_id, to_block=matrix.as_of_block)
    table.insert(2, "first_seen", seen)
    table.to_parquet(folder / "labelled.parquet", index=False)
    pq.write_table(
        words_table(store, labelled.addresses, chain_id=chain_id, to_block=matrix.as_of_block), folder / "words.parquet"
    )
    groups = {"own": OWN_GROUPS, "near": NEAR_GROUPS, "far": FAR_GROUPS}
    parts = {part: [name for one in tables for name in feature_names(store, one)] for part, tables in groups.items()}
    job = json.dumps({**parts, "seed": seed})
    (folder / "job.json").write_text(job, encoding="utf-8")
    if encoder and int(labelled.labels.sum()) >= 10 * FEWEST_POSITIVES:
        from models.encoders.moves import write_graph

        write_graph(store, matrix, folder / "graph", chain_id=chain_id)
    return _hash_of(folder), content_digest(folder / "graph"), job, settings().training_threads


def _hash_of(folder: Path) -> str:
    """Of all that the job learns from: accounts, labels, first appearances, features and words."""
    digest = hashlib.sha256()
    for name in ("labelled.parquet", "words.parquet"):
        table = pd.read_parquet(folder / name)
        digest.update("\0".join(table.columns).encode())
        for column in table:
            held = table[column].to_numpy()
            digest.update("\0".join(held).encode() if held.dtype == object else held.tobytes())
    return digest.hexdigest()
