"""The child process that trains wallet models: `python -m models.wallets.job FOLDER`.

FOLDER/labelled.parquet   address (40 hex digits), label, first_seen, then the features, own ones first
FOLDER/words.parquet      address, family, word: what the labelled accounts say, see models/wallets/words.py
FOLDER/job.json           {"own": [names], "near": [names], "far": [names], "seed": int}
FOLDER/graph/             moves and node features for the encoder, see models/encoders/moves.py; absent when it is not wanted
FOLDER/kept/              parts that are finished, and the encoder's checkpoints: a job that was killed goes on with them
FOLDER/out/               what it writes: the model's files and metrics.json

It never opens the store: torch and the store do not meet in one process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from chainsight.child import ChildProgress, live_as_long_as_parent
from models.baselines import degree_rule, isolation_forest, leak_alarm, logistic
from models.certainty.calibration import fit_calibration, log_odds
from models.certainty.measured import measure_certainty
from models.certainty.verdicts import Certainty, fit_certainty
from models.evaluate import Scores, choose_threshold, measure, paired_gain
from models.predictor import Labels, Matrix
from models.splits import Mask, Split, folds_by_hash, split_by_hash
from models.wallets.controls import Controls, known_of_dealt, run_controls, shipped_fit
from models.wallets.ensemble import FOLDS, Ensemble, Heard, fit_ensemble, hear
from models.wallets.model import WalletModel, moves_of
from models.wallets.trees import TreeParameters
from models.wallets.words import FAMILIES, OWN, Words, no_words, words_of
from models.workplaces import KEPT, Kept

FEW = 200
"""Labels of a class below which a fifth of them would say nothing."""
NOTHING_KEPT = Kept()
_COUNTERPARTIES = ("in_counterparties", "out_counterparties")


@dataclass(frozen=True)
class Task:
    """Labelled accounts and what is known of them."""

    addresses: tuple[bytes, ...]
    labels: Labels
    first_seen: npt.NDArray[np.int64]
    rows: Matrix
    names: tuple[str, ...]
    reach: tuple[int, ...]
    """How many of the columns are an account's own behaviour, how many those and its neighbours', and so on hop by hop."""
    words: Words
    seed: int

    @property
    def moves(self) -> Scores:
        """Moves of each account: how much there is to go by."""
        return moves_of(self.rows, self.names)

    def take(self, kept: Mask) -> Task:
        """Some of the accounts."""
        return replace(
            self,
            addresses=tuple(address for address, keep in zip(self.addresses, kept, strict=True) if keep),
            labels=self.labels[kept],
            first_seen=self.first_seen[kept],
            rows=self.rows[kept],
            words=self.words.take(kept),
        )


@dataclass(frozen=True)
class Recipe:
    """What an ensemble reads and how its trees grow."""

    hops: int
    """How far from an account it looks; 0 is its own behaviour."""
    families: int
    parameters: TreeParameters = field(default_factory=TreeParameters)

    def columns(self, task: Task) -> int:
        """How many of the columns it reads."""
        return task.reach[self.hops]

    def hear(self, task: Task) -> Heard:
        """What the words say that it reads; nothing is learnt from words where it reads none."""
        return hear(task.words if self.families else no_words(len(task.labels)), task.labels, task.addresses)

    def fit(self, task: Task, heard: Heard) -> Ensemble:
        """Learn from all accounts of the task."""
        columns = self.columns(task)
        return fit_ensemble(
            task.rows[:, :columns], heard, task.labels, task.addresses, names=task.names[:columns],
            families=self.families, parameters=self.parameters, seed=task.seed,
        )  # fmt: skip


RECIPES = {
    "behaviour": Recipe(hops=0, families=0),
    "own": Recipe(hops=0, families=OWN),
    "one hop": Recipe(hops=1, families=len(FAMILIES)),
    "two hops": Recipe(hops=2, families=len(FAMILIES)),
}
"""From the simplest on: what comes later must earn its place."""
# Neighbours' columns would outnumber the accounts several times.
SMALL = Recipe(hops=0, families=0, parameters=TreeParameters(rounds=150, leaves=7, fewest_in_leaf=8))


def read_task(folder: Path) -> Task:
    """The task that the parent wrote."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    parts = [job[part] for part in ("own", "near", "far")]
    names = tuple(name for part in parts for name in part)
    table = pd.read_parquet(folder / "labelled.parquet")
    return Task(
        addresses=tuple(bytes.fromhex(text) for text in table["address"]),
        labels=table["label"].to_numpy(np.int64),
        first_seen=table["first_seen"].to_numpy(np.int64),
        rows=table[list(names)].to_numpy(np.float32),
        names=names,
        reach=tuple(accumulate(len(part) for part in parts)),
        words=words_of(pq.read_table(folder / "words.parquet"), table["address"].tolist()),
        seed=int(job["seed"]),
    )


def train(
    task: Task,
    out: Path,
    encoder_scores: Scores | None = None,
    recipes: Mapping[str, Recipe] = RECIPES,
    kept: Kept = NOTHING_KEPT,
) -> dict[str, Any]:
    """Train, choose among the recipes by held-out scores, measure on the test fifth, write the winner; returns metrics.

    What is measured has not seen the test fifth; what ships is the same recipe learnt from all accounts, its threshold and
    certainty from scores of members that had not seen the account. What measures is kept part by part, what ships is learnt
    in one go. Raises `TooFewLabels`.
    """
    is_few = min(int(task.labels.sum()), int((task.labels == 0).sum())) < FEW
    metrics = {} if is_few else kept.part("judged", lambda: _judge(task, recipes, encoder_scores, kept))
    model, held = ship(task, SMALL if is_few else recipes[metrics["shipped"]])
    model.save(out)
    if is_few:
        metrics = _judge_few(task, held, model.certainty)
    return {
        **metrics,
        "threshold": model.certainty.threshold,
        "threshold_probability": float(model.certainty.probabilities(np.array([model.certainty.threshold]))[0][0]),
        "evidence_floor": model.certainty.evidence_floor,
        "learnt_share": model.certainty.learnt_share,
        "importance": model.importance(),
        "accounts": len(task.labels),
        "positives": int(task.labels.sum()),
    }


def ship(task: Task, recipe: Recipe) -> tuple[WalletModel, Scores]:
    """A recipe learnt from all accounts, ready to be saved, and what members say of accounts they have not seen."""
    heard = recipe.hear(task)
    ensemble = recipe.fit(task, heard)
    return model_of(task, recipe, heard, ensemble, fit_certainty(task.labels, ensemble.held, task.moves)), ensemble.held


def model_of(task: Task, recipe: Recipe, heard: Heard, ensemble: Ensemble, certainty: Certainty) -> WalletModel:
    """What ships: members of a recipe, and how they are read."""
    return WalletModel(
        names=task.names[: recipe.columns(task)],
        families=recipe.families,
        spoken=heard.spoken if recipe.families else (),
        members=ensemble.members,
        certainty=certainty,
        learnt=frozenset(task.addresses),
    )


def _judge(task: Task, recipes: Mapping[str, Recipe], encoder_scores: Scores | None, kept: Kept) -> dict[str, Any]:
    """Every recipe learnt from four fifths and judged on the other, beside encoder, baselines and controls."""
    split = split_by_hash(task.addresses)
    learn, test = task.take(~split.test), task.take(split.test)
    heard = hear(learn.words, learn.labels, learn.addresses)
    told = heard.of(test.words)
    held, scores, certain, figures = {}, {}, {}, {}
    for name, recipe in recipes.items():
        both = kept.part(f"recipe {name}", partial(_held_and_scores, recipe, learn, test, heard, told))
        held[name], scores[name] = (np.array(values, np.float64) for values in both)
        certain[name] = fit_certainty(learn.labels, held[name], learn.moves)
        figures[name] = _figures(learn.labels, held[name], test.labels, scores[name], certain[name])
    shipped, gains = choose_recipe(learn.labels, held)
    if encoder_scores is not None:
        figures |= _beside_encoder(task, split, held["own"], scores["own"], encoder_scores)
    return {
        "protocol": "hash-of-address fifth; threshold and calibration from held-out scores of the other four",
        "shipped": shipped,
        "controls": kept.part("controls", lambda: asdict(_controls(task, split))),
        "gains": gains,
        "figures": figures,
        "baselines": _baselines(task, split),
        "certainty": measure_certainty(test.labels, scores[shipped], certain[shipped], test.moves, test.first_seen),
    }


def _held_and_scores(
    recipe: Recipe, learn: Task, test: Task, heard: Heard, told: Sequence[Matrix]
) -> tuple[list[float], list[float]]:
    """Of accounts learnt from, by members that had not seen them, and of the others."""
    ensemble = recipe.fit(learn, heard)
    return ensemble.held.tolist(), ensemble.scores(test.rows[:, : recipe.columns(learn)], told).tolist()


def choose_recipe(labels: Labels, held: Mapping[str, Scores]) -> tuple[str, dict[str, dict[str, Any]]]:
    """Which of the recipes ships, and what each gains in average precision on held-out scores over the one that stood before it.

    A recipe takes the place of a simpler one where the whole interval of its gain (paired bootstrap) is above zero: it costs
    more, and labelled accounts were collected with their neighbourhoods.
    """
    (shipped, *others), gains = held, {}
    for name in others:
        gain, low, high = paired_gain(labels, held[shipped], held[name])
        gains[name] = {"over": shipped, "average_precision": gain, "low": low, "high": high}
        shipped = name if low > 0 else shipped
    return shipped, gains


def _judge_few(task: Task, held: Scores, certainty: Certainty) -> dict[str, Any]:
    """Few of a class: a fifth of them would say nothing, so accounts are judged by the member that has not seen them."""
    return {
        "protocol": f"{FOLDS}-fold cross-fit: few labels, threshold from the same accounts, so read the interval",
        "shipped": "behaviour",
        "figures": {"behaviour": _figures(task.labels, held, task.labels, held, certainty)},
        "baselines": {name: _at_best(task.labels, scores) for name, scores in crossed_baselines(task).items()},
        "controls": _dealt_anew(task),
        "certainty": measure_certainty(task.labels, held, certainty, task.moves, task.first_seen),
    }


def crossed_baselines(task: Task) -> dict[str, Scores]:
    """Each half of the accounts judged by what the other half taught."""
    own = task.rows[:, : task.reach[0]]
    half = folds_by_hash(task.addresses, 2) == 0
    crossed = {
        "first_ts alone (leak alarm)": [leak_alarm(task.first_seen, part, task.labels) for part in (half, ~half)],
        "degree rule": [degree_rule(own, task.names, part, task.labels) for part in (half, ~half)],
    }
    return {
        **{name: np.where(half, second, first) for name, (first, second) in crossed.items()},
        "isolation forest": isolation_forest(own, np.ones(len(own), np.bool_), task.seed),
    }


def _at_best(labels: Labels, scores: Scores) -> dict[str, float]:
    return measure(labels, scores, choose_threshold(labels, scores)).as_dict()


def _dealt_anew(task: Task) -> dict[str, Any]:
    def held(dealt: Labels) -> Scores:
        shuffled = replace(task, labels=dealt)
        return SMALL.fit(shuffled, SMALL.hear(shuffled)).held

    precision, leaks = known_of_dealt(task.labels, held, seed=task.seed)
    return {"shuffled_labels_held": precision, "learnt_share": float(task.labels.mean()), "leaks": leaks}


def _figures(known: Labels, held: Scores, labels: Labels, scores: Scores, certainty: Certainty) -> dict[str, float]:
    """Of scores on accounts not learnt from; those of `held` chose the threshold."""
    probabilities = certainty.probabilities(scores)[0]
    calibrated = measure(labels, probabilities, certainty.threshold)
    validation = measure(known, held, certainty.threshold)
    return {
        **measure(labels, scores, certainty.threshold).as_dict(),
        "brier": calibrated.brier,
        "calibration_error": calibrated.calibration_error,
        "validation_average_precision": validation.average_precision,
        "validation_f1": validation.f1,
    }


def _beside_encoder(
    task: Task, split: Split, held: Scores, scores: Scores, encoder: Scores
) -> dict[str, dict[str, float]]:
    own = np.empty(len(task.labels))
    own[~split.test], own[split.test] = held, scores
    return {"encoder": _measured(task, split, encoder), "blend": _measured(task, split, blended(own, encoder))}


def blended(one: Scores, other: Scores) -> Scores:
    """Scores with the mean log-odds of both, which weigh alike however near to 0 or 1 either of them keeps."""
    return np.asarray(1 / (1 + np.exp(-(log_odds(one) + log_odds(other)) / 2)), dtype=np.float64)


def _controls(task: Task, split: Split) -> Controls:
    own = task.reach[0]
    fit = shipped_fit(task.addresses, task.names, split, own=own, seed=task.seed)
    met = [place for place, name in enumerate(task.names[:own]) if name in _COUNTERPARTIES]
    neighbours = np.nan_to_num(task.rows[:, met]).sum(axis=1)
    return run_controls(task.rows, task.words, task.labels, split, fit, own=own, neighbours=neighbours, seed=task.seed)


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
    own = task.rows[:, : task.reach[0]]
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
    said, kept = ChildProgress(), Kept(folder / KEPT)
    task = read_task(folder)
    encoder = None
    if (folder / "graph").is_dir():
        encoder = np.array(kept.part("encoder", lambda: _encoder_scores(task, folder, said)), np.float64)
    said.step(1, 2, "trees")
    metrics = train(task, folder / "out", encoder, kept=kept)
    metrics["seconds"] = time.monotonic() - started
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    said.step(2, 2, "wallet model")


def _encoder_scores(task: Task, folder: Path, said: ChildProgress) -> list[float]:
    """Calibrated scores of the graph encoder, which is measured and not shipped: its files stay out of the model's folder."""
    from models.encoders.training import train_encoder

    split = split_by_hash(task.addresses)
    encoded = train_encoder(
        folder / "graph", task.addresses, task.labels, split, out=folder / KEPT / "encoders", seed=task.seed, progress=said
    )  # fmt: skip
    scores, held = 1 / (1 + np.exp(-np.nan_to_num(encoded.log_odds, nan=0.0))), split.validation
    calibrated: list[float] = fit_calibration(task.labels[held], scores[held]).apply(scores).tolist()
    return calibrated


if __name__ == "__main__":
    live_as_long_as_parent()
    main(Path(sys.argv[1]))
