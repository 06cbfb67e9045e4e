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

import pandas as pd
import pyarrow.parquet as pq

from chainsight.child import run_child
from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
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
from models.labelled import first_seen_of
from models.lessons import LESSONS, MORE_LABELS, Lesson, NothingToLearn, choose_lesson
from models.predictor import Matrix, Scores
from models.registry import TrainedModel, active_model, code_commit, keep_model, register_model
from models.wallets.model import WalletModel
from models.wallets.peers import compare
from models.wallets.words import Words, words_table
from models.whatif.canary import FutureCanary, future_canary
from models.workplaces import content_digest, workplace
from sql.store import Store


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


def train_wallets(
    store: Store, *, chain_id: int, seed: int = 0, encoder: bool = True, negatives: Sequence[str] = tuple(LESSONS),
    progress: Progress = SILENT,
) -> TrainSummary:  # fmt: skip
    """Train the wallet model; without enough labels say so and train nothing.

    `negatives` is what may stand beside illicit accounts, the first that the chain has enough of: `licit` ones, or `unlabelled`
    ones, of which a sample is taken (models/lessons.py). Needs `build_features`. Accounts without a single move are left out:
    nearly all of those are labelled illicit, and a model would learn that emptiness is guilt. A training that was killed goes
    on when it is repeated with the same data, code and seed; one beside unlabelled ones begins anew. Raises `FutureKnown`, and
    registers nothing, where the canary sings, and `UnknownName` for negatives that are none.
    """
    matrix = read_features(store, chain_id=chain_id, groups=ALL_GROUPS)
    try:
        lesson = choose_lesson(store, matrix, chain_id=chain_id, negatives=negatives)
    except NothingToLearn as lacking:
        return _nothing_trained(store, lacking.what, {}, chain_id=chain_id)
    started = time.monotonic()
    write = partial(_write_task, store, matrix, lesson, chain_id=chain_id, seed=seed, encoder=encoder)
    with workplace(settings().exchange_dir, "wallets", chain_id=chain_id, prepare=write) as place:
        if place.found:
            progress.note(f"This training was stopped before its end and goes on with {', '.join(place.found)}.")
        arguments, log = [str(place.folder)], place.folder / "wallets.log"
        run_child(lesson.job, arguments, log=log, progress=progress, holding=(place.lock,))
        metrics = json.loads((place.folder / "metrics.json").read_text(encoding="utf-8"))
        if refused := metrics.get("refused"):
            return _nothing_trained(store, refused, metrics, chain_id=chain_id)
        metrics |= {"in_conflict": lesson.labelled.in_conflict, "without_moves": lesson.labelled.without_moves}
        model = _registered(store, matrix, lesson, metrics, place.folder, chain_id=chain_id, seed=seed, started=started)
    said = f"{lesson.said(metrics)}{lesson.labelled.left_out}); {FutureCanary(**metrics['future_canary'])}"
    return TrainSummary("wallets", model.model_id, said, metrics)


def _nothing_trained(store: Store, why: str, metrics: dict[str, Any], *, chain_id: int) -> TrainSummary:
    """Why not, and what answers from now on."""
    before = active_model(store, kind="wallets", chain_id=chain_id)
    left = f"the model before, {before.model_id}, stays active" if before else "so only the anomaly score speaks"
    return TrainSummary("wallets", "", f"{why}; {left}. {MORE_LABELS}", metrics)


def _registered(
    store: Store, matrix: FeatureMatrix, lesson: Lesson, metrics: dict[str, Any], folder: Path, *, chain_id: int, seed: int,
    started: float,
) -> TrainedModel:  # fmt: skip
    """Put what the child learnt into the registry, unless it knows the future; `metrics` then say what was seen of that."""
    learnt = WalletModel.load(folder / "out")
    metrics["negatives"] = learnt.certainty.negatives
    canary = _canary(store, learnt, chain_id=chain_id, seed=seed)
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
    model = keep_model(folder / "out", kind="wallets", about=about, card=lesson.card(about))
    register_model(store, model, chain_id=chain_id)
    return model


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


def _write_task(
    store: Store,
    matrix: FeatureMatrix,
    lesson: Lesson,
    folder: Path,
    *,
    chain_id: int,
    seed: int,
    encoder: bool,
) -> tuple[object, ...]:
    """Write what the child learns from; returns all that its answer depends on beside the code."""
    labelled = lesson.labelled
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
    job = json.dumps({**parts, **lesson.settings, "seed": seed})
    (folder / "job.json").write_text(job, encoding="utf-8")
    if encoder and lesson.wants_encoder:
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
