"""The child process of the ablation: `python -m bench.ablation_columns FOLDER` trains what needs torch, one part after the other.

FOLDER/accounts.npz     address (hex), labels
FOLDER/histories.npz    who (place among the accounts), and the arrays of `Histories`
FOLDER/graph/           moves and node features, see models/encoders/moves.py
FOLDER/columns.npz      what it writes: one number an account and part, NaN where it has nothing to say
FOLDER/about.json       seconds of each part, and what few labels come to

Everything learns on the fit part alone; an eighth of that tells when to stop. What is told of an account to learn from comes from
a model that has not seen it. It never opens the store.
"""

from __future__ import annotations

import copy
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import average_precision_score

from bench.plain_layers import PLAIN, PlainLayers
from chainsight.child import ChildProgress
from chainsight.settings import settings
from models.encoders.autoencoder import structure_anomalies
from models.encoders.checkpoints import Plan, learn
from models.encoders.lessons import Judgements
from models.encoders.payments import Payments, read_payments
from models.encoders.training import encode, load_encoder, pretrained_encoder, train_encoder
from models.sequences.crossfit import cross_fitted_odds
from models.sequences.encoder import EncoderShape, tokenize
from models.sequences.finetuning import Finetuning
from models.sequences.history import Histories
from models.sequences.pretraining import Pretraining, pretrain
from models.splits import Split, folds_by_hash, split_by_hash
from models.structure import PLAN as STRUCTURE

TUNING = Plan(fan_out=(8, 4), batch=256, epochs=10, patience=3)
PRETRAINING = Plan(fan_out=(8, 4), batch=512, epochs=4, batches=40, patience=2)
FEW, DRAWS = 100, 3
_FEW_PLAN = Plan(fan_out=(8, 4), batch=32, epochs=20, patience=6)
_SEQUENCE_FOLDS, _STOPPING_PARTS = 3, 8


@dataclass(frozen=True)
class Task:
    """What is to be learnt, and where it lies."""

    folder: Path
    addresses: tuple[bytes, ...]
    labels: np.ndarray
    split: Split
    """Fit, what tells when to stop, and everybody else as test."""
    payments: Payments
    ids: np.ndarray
    """Numbers in the graph; -1 for accounts without a payment."""


def read_task(folder: Path) -> Task:
    """What the parent wrote."""
    accounts = np.load(folder / "accounts.npz")
    addresses = tuple(bytes.fromhex(text) for text in accounts["addresses"].tolist())
    learnt = split_by_hash(addresses).fit
    stops = learnt & (folds_by_hash(addresses, _STOPPING_PARTS) == 0)
    listed = json.loads((folder / "graph/numbers.json").read_text(encoding="utf-8"))
    ids = np.array([listed.get(address.hex(), -1) for address in addresses], dtype=np.int64)
    split = Split(fit=learnt & ~stops, validation=stops, test=~learnt)
    return Task(folder, addresses, accounts["labels"], split, read_payments(folder / "graph"), ids)


def sequence(task: Task) -> np.ndarray:
    """Log-odds of the sequence encoder; it was pretrained on the histories of the fit part alone."""
    stored = np.load(task.folder / "histories.npz")
    histories = Histories(stored["amounts"], stored["directions"], stored["gaps"], stored["offsets"])
    who, learnt = stored["who"], split_by_hash(task.addresses).fit
    threads = settings().training_threads
    encoder = pretrain(
        histories.take(learnt[who]), task.folder / "sequence", how=Pretraining(epochs=4, threads=threads),
        progress=ChildProgress(),
    )  # fmt: skip
    found = np.full(len(task.addresses), np.nan)
    found[who] = cross_fitted_odds(
        encoder, tokenize(histories, EncoderShape()), task.labels[who], folds_by_hash(task.addresses, _SEQUENCE_FOLDS)[who],
        learnt[who], how=Finetuning(epochs=5, threads=threads), progress=ChildProgress(),
    )  # fmt: skip
    return found


def multigraph(task: Task) -> np.ndarray:
    """Log-odds of the multigraph encoder, pretrained on the payments alone."""
    found = train_encoder(
        task.folder / "graph", task.addresses, task.labels, task.split, out=task.folder / "encoder", plan=TUNING,
        pretraining=PRETRAINING, progress=ChildProgress(),
    )  # fmt: skip
    return found.log_odds


def plain(task: Task, kind: str) -> np.ndarray:
    """Log-odds of plain layers; not cross-fitted, since they are judged alone."""
    torch.manual_seed(0)
    known = np.flatnonzero(task.ids >= 0)
    model = PlainLayers(kind, torch.from_numpy(task.payments.nodes[task.ids[known]]))
    rows = [np.flatnonzero(part & (task.ids >= 0)) for part in (task.split.fit, task.split.validation)]
    lesson = Judgements(
        model,
        task.payments,
        TUNING,
        task.ids[rows[0]],
        task.labels[rows[0]],
        task.ids[rows[1]],
        task.labels[rows[1]],
        0,
    )
    learn(model, lesson, TUNING, folder=task.folder / kind, about={"kind": kind}, progress=ChildProgress(), what=kind)
    found = np.full(len(task.ids), np.nan)
    with torch.no_grad():
        for start in range(0, len(known), TUNING.batch):
            part = known[start : start + TUNING.batch]
            batch, _ = task.payments.batch(task.ids[part], TUNING.fan_out, seed=0)
            found[part] = model(batch).numpy()
    return found


def structure(task: Task) -> np.ndarray:
    """How badly accounts fit into their graph; no label plays a part."""
    plan = Plan.of(STRUCTURE)
    threads = settings().training_threads
    told = structure_anomalies(
        task.payments, task.folder / "structure", plan=plan, threads=threads, progress=ChildProgress()
    )
    return np.where(task.ids >= 0, told[task.ids], np.nan)


def few_labels(task: Task) -> dict[str, list[float]]:
    """Average precision on validation after learning from few labels, with and without pretraining; one a draw."""
    neutral = load_encoder(task.folder / "encoder", "before_labels")
    learnt = np.flatnonzero(task.split.fit & (task.ids >= 0))
    none = replace(PRETRAINING, epochs=0)
    fresh = pretrained_encoder(task.payments, task.ids[learnt], none, task.folder / "fresh", 0, ChildProgress())
    judged = split_by_hash(task.addresses).validation & (task.ids >= 0)
    found: dict[str, list[float]] = {"pretrained": [], "from nothing": []}
    for number in range(DRAWS):
        chosen = np.random.default_rng(number).choice(learnt, FEW, replace=False)
        rows, stops = chosen[FEW // 4 :], chosen[: FEW // 4]
        for name, start in (("pretrained", neutral), ("from nothing", fresh)):
            encoder = copy.deepcopy(start)
            lesson = Judgements(
                encoder, task.payments, _FEW_PLAN, task.ids[rows], task.labels[rows], task.ids[stops], task.labels[stops], number
            )  # fmt: skip
            about = {"draw": number, "name": name}
            place = task.folder / f"few_{number}_{name.replace(' ', '_')}"
            learn(encoder, lesson, _FEW_PLAN, folder=place, about=about, progress=ChildProgress(), what="few labels")
            odds = encode(encoder, task.payments, task.ids[judged], _FEW_PLAN, seed=0)[0]
            found[name].append(float(average_precision_score(task.labels[judged], odds)))
    return found


def main(folder: Path) -> None:
    """Train every part; what an earlier, killed run has written is kept."""
    torch.set_num_threads(settings().training_threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    task, seconds = read_task(folder), {}
    parts: dict[str, Callable[[], np.ndarray]] = {
        "sequence": lambda: sequence(task),
        "structure": lambda: structure(task),
        "multigraph": lambda: multigraph(task),
        **{kind: lambda kind=kind: plain(task, kind) for kind in PLAIN},  # type: ignore[misc]
    }
    for name, part in parts.items():
        began = time.monotonic()
        if not (folder / f"column_{name}.npy").is_file():
            np.save(folder / f"column_{name}.npy", part())
        seconds[name] = time.monotonic() - began
    began = time.monotonic()
    few = few_labels(task)
    seconds["few labels"] = time.monotonic() - began
    np.savez(folder / "columns.npz", **{name: np.load(folder / f"column_{name}.npy") for name in parts})
    (folder / "about.json").write_text(json.dumps({"seconds": seconds, "few_labels": few}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
