"""The child process that trains wallet models: `python -m models.wallets_job FOLDER`.

FOLDER/labelled.parquet   address (40 hex digits), label, first_seen, then the features, own ones first
FOLDER/words.parquet      address, family, word: what the labelled accounts say, see models/wallets/words.py
FOLDER/job.json           {"own": [names], "neighbours": [names], "seed": int, "encoder": bool}
FOLDER/graph/             moves and node features for the encoder, see models/encoders/moves.py; absent when it is not wanted
FOLDER/out/               what it writes: the model's files and metrics.json

It never opens the store: torch and the store do not meet in one process.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from chainsight.child import ChildProgress
from models.baselines import degree_rule, isolation_forest, leak_alarm, logistic
from models.certainty.calibration import fit_calibration
from models.evaluate import Scores, choose_threshold, measure, paired_gain
from models.predictor import Labels, Matrix
from models.splits import Split, folds_by_hash, split_by_hash
from models.wallets.controls import Controls, run_controls
from models.wallets.trees import TreeParameters, WalletTrees
from models.wallets.words import NAMES, OWN, Words, WordScores, words_of

FEW_POSITIVES = 200
_FOLDS = 4
_COUNTERPARTIES = ("in_counterparties", "out_counterparties")


@dataclass(frozen=True)
class Task:
    """Labelled accounts and what is known of them."""

    addresses: tuple[bytes, ...]
    labels: Labels
    first_seen: npt.NDArray[np.int64]
    rows: Matrix
    names: tuple[str, ...]
    own: int
    """How many of the columns are an account's own behaviour; the rest are its neighbours'."""
    words: Words
    seed: int

    def hear(self, odds: Matrix) -> Task:
        """The same accounts with a column for each family of words, own behaviour beside own behaviour."""
        own, more = self.rows[:, : self.own], self.rows[:, self.own :]
        return replace(
            self,
            rows=np.hstack([own, odds[:, :OWN], more, odds[:, OWN:]]),
            names=(*self.names[: self.own], *NAMES[:OWN], *self.names[self.own :], *NAMES[OWN:]),
            own=self.own + OWN,
        )


def read_task(folder: Path) -> Task:
    """The task that the parent wrote."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    names = (*job["own"], *job["neighbours"])
    table = pd.read_parquet(folder / "labelled.parquet")
    return Task(
        addresses=tuple(bytes.fromhex(text) for text in table["address"]),
        labels=table["label"].to_numpy(np.int64),
        first_seen=table["first_seen"].to_numpy(np.int64),
        rows=table[list(names)].to_numpy(np.float32),
        names=names,
        own=len(job["own"]),
        words=words_of(pq.read_table(folder / "words.parquet"), table["address"].tolist()),
        seed=int(job["seed"]),
    )


def train(task: Task, out: Path, encoder_scores: Scores | None = None) -> dict[str, Any]:
    """Train, choose among the trees on validation, measure on the test fifth, write the winner; returns metrics."""
    if int(task.labels.sum()) < FEW_POSITIVES:
        return _train_on_few(task, out)
    split = split_by_hash(task.addresses)
    spoken = WordScores()
    behaviour = _fit(task, split, task.own)
    scores = {"behaviour": behaviour.predict(task.rows[:, : task.own])}
    task = task.hear(spoken.fit(task.words, task.labels, task.addresses, split.fit))
    candidates = {"own": _fit(task, split, task.own), "graph": _fit(task, split, task.rows.shape[1])}
    scores |= {name: model.predict(task.rows[:, : len(model.names)]) for name, model in candidates.items()}
    if encoder_scores is not None:
        scores["encoder"] = encoder_scores
        scores["blend"] = (scores["own"] + encoder_scores) / 2
    figures = {name: _measured(task, split, score) for name, score in scores.items()}
    held = split.validation
    gain, low, high = paired_gain(task.labels[held], scores["own"][held], scores["graph"][held])
    # The neighbourhood must earn its place: it costs more, and labelled accounts were collected with theirs.
    shipped = "graph" if low > 0 else "own"
    candidates[shipped].save(out)
    spoken.save(out)
    return {
        "protocol": "hash-of-address fifth, threshold from validation",
        "shipped": shipped,
        "controls": asdict(_controls(task, split)),
        "gain_of_graph": {"average_precision": gain, "low": low, "high": high},
        "threshold": figures[shipped]["threshold"],
        "figures": figures,
        "baselines": _baselines(task, split),
        "importance": candidates[shipped].importance(),
        "accounts": len(task.labels),
        "positives": int(task.labels.sum()),
    }


def _controls(task: Task, split: Split) -> Controls:
    def fit(rows: Matrix, labels: Labels) -> Scores:
        names = task.names[: rows.shape[1]]
        return WalletTrees().fit(rows[split.fit], labels[split.fit], names=names, seed=task.seed).scores(rows)

    met = [place for place, name in enumerate(task.names[: task.own]) if name in _COUNTERPARTIES]
    neighbours = np.nan_to_num(task.rows[:, met]).sum(axis=1)
    return run_controls(task.rows, task.labels, split, fit, own=task.own, neighbours=neighbours, seed=task.seed)


def _fit(task: Task, split: Split, columns: int) -> WalletTrees:
    rows = task.rows[:, :columns]
    model = WalletTrees(TreeParameters()).fit(
        rows[split.fit], task.labels[split.fit], names=task.names[:columns], seed=task.seed
    )
    return model.calibrate(rows[split.validation], task.labels[split.validation])


def _train_on_few(task: Task, out: Path) -> dict[str, Any]:
    """Few positives: every account is scored by a model that has not seen it, the shipped one has seen all."""
    folds = folds_by_hash(task.addresses, _FOLDS)
    # Neighbours' columns would outnumber the accounts several times.
    rows, names = task.rows[:, : task.own], task.names[: task.own]
    parameters = TreeParameters(rounds=150, leaves=7, fewest_in_leaf=8)
    crossed = np.full(len(task.labels), float(task.labels.mean()))
    for number in range(_FOLDS):
        inside, outside = folds != number, folds == number
        if min(task.labels[inside].sum(), (1 - task.labels[inside]).sum()) >= 5 and outside.any():
            fitted = WalletTrees(parameters).fit(rows[inside], task.labels[inside], names=names, seed=task.seed)
            crossed[outside] = fitted.scores(rows[outside])
    model = WalletTrees(parameters).fit(rows, task.labels, names=names, seed=task.seed)
    model.calibrate_scores(crossed, task.labels)
    model.save(out)
    probabilities = fit_calibration(task.labels, crossed).apply(crossed)
    threshold = choose_threshold(task.labels, probabilities)
    return {
        "protocol": f"{_FOLDS}-fold cross-fit: few labels, threshold from the same accounts, so read the interval",
        "shipped": "own",
        "threshold": threshold,
        "figures": {"own": measure(task.labels, probabilities, threshold).as_dict()},
        "baselines": {},
        "importance": model.importance(),
        "accounts": len(task.labels),
        "positives": int(task.labels.sum()),
    }


def _measured(task: Task, split: Split, scores: Scores) -> dict[str, float]:
    threshold = choose_threshold(task.labels[split.validation], scores[split.validation])
    figures = measure(task.labels[split.test], scores[split.test], threshold).as_dict()
    validation = measure(task.labels[split.validation], scores[split.validation], threshold)
    return {
        **figures,
        "validation_average_precision": validation.average_precision,
        "validation_f1": validation.f1,
    }


def _baselines(task: Task, split: Split) -> dict[str, dict[str, float]]:
    own = task.rows[:, : task.own]
    scores = {
        "first_ts alone (leak alarm)": leak_alarm(task.first_seen, split.fit, task.labels),
        "degree rule": degree_rule(own, task.names, split.fit, task.labels),
        "logistic regression": logistic(own, split.fit, task.labels),
        "isolation forest": isolation_forest(own, split.fit, task.seed),
    }
    return {name: _measured(task, split, score) for name, score in scores.items()}


def main(folder: Path) -> None:
    """Run the job in `folder`."""
    started = time.monotonic()
    said = ChildProgress()
    task = read_task(folder)
    out = folder / "out"
    out.mkdir(exist_ok=True)
    encoder = None
    if (folder / "graph").is_dir():
        from models.encoders.training import train_encoder

        split = split_by_hash(task.addresses)
        encoded = train_encoder(
            folder / "graph", task.addresses, task.labels, split, out=out, seed=task.seed, progress=said
        )
        odds = np.nan_to_num(encoded.log_odds, nan=0.0)
        held = split.validation
        scores = 1 / (1 + np.exp(-odds))
        encoder = fit_calibration(task.labels[held], scores[held]).apply(scores)
    said.step(1, 2, "trees")
    metrics = train(task, out, encoder)
    metrics["seconds"] = time.monotonic() - started
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    said.step(2, 2, "wallet model")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
