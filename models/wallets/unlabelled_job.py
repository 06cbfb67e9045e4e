"""The child process that trains where nobody is known to be licit: `python -m models.wallets.unlabelled_job FOLDER`.

The folder is as models/wallets/job.py says, but a label of 0 means unlabelled, and job.json says in `wallets` how many unlabelled
wallets of the chain the sample stands for. No encoder is trained, and no part is kept for a training that goes on.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, roc_auc_score

from chainsight.child import ChildProgress, live_as_long_as_parent
from models.certainty.calibration import fit_calibration
from models.certainty.conformal import ILLICIT, REVIEW
from models.certainty.unlabelled import (
    UNLIKE_LISTED,
    Labelling,
    fit_certainty_of_listed,
    mean_frequency,
    why_it_tells_nothing,
)
from models.certainty.verdicts import INSUFFICIENT, Certainty
from models.predictor import Labels, Scores
from models.wallets.controls import FEWER_TREES, known_of_dealt
from models.wallets.ensemble import FOLDS, Ensemble, Heard, hear
from models.wallets.job import FEW, RECIPES, SMALL, Recipe, Task, choose_recipe, crossed_baselines, model_of, read_task
from models.wallets.trees import TreeParameters
from models.wallets.unlabelled import fit_bagged

TOP = 0.01
"""Of the wallets: whom somebody could look at."""
_PROTOCOL = f"{FOLDS}-fold cross-fit by hash of address: every wallet judged by the member that has not seen it"


def train_unlabelled(task: Task, out: Path, *, wallets: int, recipes: Mapping[str, Recipe] = RECIPES) -> dict[str, Any]:
    """Train, choose among the recipes by held-out scores, measure those, write the winner; returns metrics.

    Few positives get the small recipe. Where what ships would tell nothing, metrics say why under `refused`, and nothing is
    written. Raises `TooFewLabels`.
    """
    kinds = {"behaviour": SMALL} if int(task.labels.sum()) < FEW else dict(recipes)
    heard = hear(task.words, task.labels, task.addresses)
    fitted = {name: fit(task, recipe, heard) for name, recipe in kinds.items()}
    shipped, gains = choose_recipe(task.labels, {name: ensemble.held for name, ensemble in fitted.items()})
    recipe, held = kinds[shipped], fitted[shipped].held
    if reason := why_it_tells_nothing(task.labels, held):
        return {"refused": reason}
    certainty, labelling = fit_certainty_of_listed(task.labels, held, task.moves, wallets=wallets)
    model = model_of(task, recipe, heard, fitted[shipped], certainty)
    model.save(out)
    listed, threshold = int(task.labels.sum()), certainty.threshold
    return {
        "negatives": certainty.negatives,
        "protocol": _PROTOCOL,
        "shipped": shipped,
        "gains": gains,
        "figures": {name: figures_of_listed(task.labels, ensemble.held) for name, ensemble in fitted.items()},
        "baselines": {name: figures_of_listed(task.labels, scores) for name, scores in crossed_baselines(task).items()},
        "labelling": _labelling(task.labels, held, labelling, wallets),
        "threshold": threshold,
        "threshold_probability": float(certainty.probabilities(np.array([threshold]))[0][0]),
        "elevated": {name: float(np.mean(held[mask] >= threshold)) for name, mask in _kinds(task.labels).items()},
        "answers": _answers(task, held, certainty),
        "controls": _controls(task, recipe),
        "evidence_floor": certainty.evidence_floor,
        "learnt_share": certainty.learnt_share,
        "importance": model.importance(),
        "accounts": len(task.labels),
        "positives": listed,
    }  # fmt: skip


def _labelling(listed: Labels, held: Scores, found: Labelling, wallets: int) -> dict[str, float]:
    """How much is listed, of the accounts learnt from and of the whole chain."""
    count = int(listed.sum())
    return {
        **asdict(found),
        "mean_frequency": mean_frequency(listed, fit_calibration(listed, held).apply(held)),
        "prior": found.prior(count, wallets),
        "prior_at_most": found.prior_at_most(count, wallets),
        "listed_of_illicit": count / max(count + found.hidden * wallets, 1),
        "wallets": wallets,
        "sampled": len(listed) - count,
    }


def fit(task: Task, recipe: Recipe, heard: Heard, parameters: TreeParameters | None = None) -> Ensemble:
    """Bagged members of one recipe, or of other trees than its own."""
    columns = recipe.columns(task)
    return fit_bagged(
        task.rows[:, :columns], heard, task.labels, task.addresses, names=task.names[:columns], families=recipe.families,
        parameters=parameters or recipe.parameters, seed=task.seed,
    )  # fmt: skip


def figures_of_listed(listed: Labels, scores: Scores) -> dict[str, float]:
    """What can be said of scores where the unlabelled hold illicit ones, too, and nobody knows whom.

    `recall_at_1pct`: share of the listed that score higher than 99 % of the unlabelled, with a 95 % interval (Wilson). Average
    precision and area under the curve count every unlabelled wallet as wrong: both are lower bounds, if the listed are as all
    illicit ones are, among accounts of which as many are listed as here.
    """
    ours, others = scores[listed == 1], scores[listed == 0]
    found = int((ours > np.quantile(others, 1 - TOP, method="higher")).sum())
    interval = binomtest(found, len(ours)).proportion_ci(method="wilson")
    return {
        "recall_at_1pct": found / len(ours),
        "recall_at_1pct_low": float(interval.low),
        "recall_at_1pct_high": float(interval.high),
        "average_precision": float(average_precision_score(listed, scores)),
        "auc": float(roc_auc_score(listed, scores)),
    }


def _kinds(listed: Labels) -> dict[str, np.ndarray]:
    return {"listed": listed == 1, "unlabelled": listed == 0}


def _answers(task: Task, held: Scores, certainty: Certainty) -> dict[str, dict[str, float]]:
    given = certainty.answers(held, task.moves)
    names = (UNLIKE_LISTED, REVIEW, ILLICIT, INSUFFICIENT)
    return {
        kind: {name: float(np.mean(given[mask] == name)) for name in names}
        for kind, mask in _kinds(task.labels).items()
    }


def _controls(task: Task, recipe: Recipe) -> dict[str, Any]:
    """What is found where the list is of anybody: as much as knowing nothing finds, unless something leaks."""

    def held(dealt: Labels) -> Scores:
        shuffled = replace(task, labels=dealt)
        return fit(shuffled, recipe, recipe.hear(shuffled), FEWER_TREES).held

    precision, leaks = known_of_dealt(task.labels, held, seed=task.seed)
    return {"shuffled_labels": precision, "share": float(task.labels.mean()), "leaks": leaks}


def main(folder: Path) -> None:
    """Run the job in `folder`."""
    started = time.monotonic()
    said = ChildProgress()
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    out = folder / "out"
    out.mkdir(exist_ok=True)
    said.step(0, 1, "trees")
    metrics = train_unlabelled(read_task(folder), out, wallets=int(job["wallets"]))
    metrics["seconds"] = time.monotonic() - started
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    said.step(1, 1, "wallet model")


if __name__ == "__main__":
    live_as_long_as_parent()
    main(Path(sys.argv[1]))
