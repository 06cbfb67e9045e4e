"""What learning from a list is worth where nobody is known to be licit: `chainsight bench hidden_labels [--data DIR]`.

On real account histories whose labels are all known. The fifth that a hash of the address picks is judged by its true labels and
teaches nothing; among the other accounts all but a part of the illicit ones are hidden among the licit, and nobody is said to be
licit. Rows: hidden ones learnt as licit (naive); those weighted by the probability of being hidden (Elkan and Noto, KDD 2008,
section 3: here an unlabelled account is drawn as illicit with that weight, anew for each set of trees); bagging, which is what
`chainsight train wallets` does; and all labels known. Each chooses its threshold by what it may know. `hidden` is the share of
illicit among the unlabelled, `frequency` that of the listed among the illicit, beside the truth and the estimate by means.
Where the list holds only the illicit accounts that were seen first, the listed are not as all are, and what rests on that is off.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.accounts import CHAIN, histories_store
from chainsight.errors import UsageError
from chainsight.settings import settings
from models.certainty.calibration import fit_calibration
from models.certainty.conformal import ILLICIT
from models.certainty.unlabelled import UNLIKE_LISTED, fit_certainty_of_listed, mean_frequency
from models.evaluate import calibration_error, choose_threshold, measure
from models.features.build import build_features
from models.features.matrix import OWN_GROUPS, read_features
from models.labelled import first_seen_of, labelled_rows
from models.predictor import Labels, Matrix, Scores
from models.splits import folds_by_hash, split_by_hash
from models.wallets.ensemble import FOLDS, Ensemble, Heard, cross_fit, hear
from models.wallets.job import RECIPES, Recipe, Task
from models.wallets.trees import WalletTrees
from models.wallets.unlabelled import BAGS
from models.wallets.unlabelled_job import fit
from models.wallets.words import read_words

SEEDS = (0, 1, 2)
HIDDEN = (0.7, 0.9)
_OF_AN_ERA = 0.7
_KEYS = ("average_precision", "f1")


@dataclass(frozen=True)
class Draw:
    """One way to hide labels."""

    learn: Task
    """With true labels."""
    listed: Labels
    """1 for those of the illicit that are listed."""
    heard: Heard
    judged: Task
    told: tuple[np.ndarray, ...]


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Every way to learn, for each share hidden, over the seeds."""
    if test is not None:
        raise UsageError("Hidden labels have no second folder.", next_step="Leave out --test.")
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    task = read(folder)
    return {"name": "hidden_labels", **compare(task), "data": folder.name, "seconds": time.monotonic() - started}


def read(folder: Path) -> Task:
    """Labelled accounts of a folder, what they do and what they say."""
    with histories_store(folder) as store:
        build_features(store, chain_id=CHAIN)
        matrix = read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)
        labelled = labelled_rows(store, matrix, chain_id=CHAIN)
        until = matrix.as_of_block
        return Task(
            addresses=labelled.addresses,
            labels=labelled.labels,
            first_seen=first_seen_of(store, labelled.addresses, chain_id=CHAIN, to_block=until),
            rows=matrix.values[labelled.rows],
            names=matrix.names,
            reach=(len(matrix.names),),
            words=read_words(store, labelled.addresses, chain_id=CHAIN, to_block=until),
            seed=0,
        )


def compare(task: Task, recipe: Recipe = RECIPES["own"], seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """Figures of bagging with most hidden first, then all others; means over the seeds and standard deviations."""
    found: dict[str, dict[str, float]] = {}
    truths: dict[str, dict[str, float]] = {}
    hidings = {f"{share:.0%} hidden": [by_chance(task, share, seed) for seed in seeds] for share in HIDDEN}
    hidings[f"all but the first {1 - _OF_AN_ERA:.0%} hidden"] = [by_era(task, _OF_AN_ERA)]
    for hiding, draws in hidings.items():
        runs = [judge_draw(draw, recipe) for draw in draws]
        for name in runs[0]:
            found[f"{name}, {hiding}"] = spread([run[name] for run in runs])
        truths[hiding] = spread([truth_of(draw) for draw in draws])
    found["all labels"] = spread([all_known(by_chance(task, 0.0, seed), recipe) for seed in seeds])
    ours = f"bagging, {HIDDEN[-1]:.0%} hidden"
    return {"figures": found.pop(ours), "baselines": found, "truth": truths}


def by_chance(task: Task, share: float, seed: int) -> Draw:
    """A share of the illicit ones hidden, whoever they are: what is assumed of lists."""
    return _hidden(replace(task, seed=seed), share, np.random.default_rng(seed).random(len(task.labels)))


def by_era(task: Task, share: float) -> Draw:
    """Only those that were seen first are listed: what lists are more like."""
    return _hidden(task, share, task.first_seen)


def _hidden(task: Task, share: float, order: np.ndarray) -> Draw:
    """All but the judged fifth, the illicit ones that come last in the order hidden."""
    test = split_by_hash(task.addresses).test
    learn, judged = task.take(~test), task.take(test)
    illicit = np.flatnonzero(learn.labels == 1)
    first = illicit[np.argsort(order[~test][illicit], kind="stable")]
    listed = np.zeros(len(learn.labels), np.int64)
    listed[first[: round((1 - share) * len(illicit))]] = 1
    heard = hear(learn.words, listed, learn.addresses)
    return Draw(learn, listed, heard, judged, heard.of(judged.words))


def truth_of(draw: Draw) -> dict[str, float]:
    """What bagging has to estimate."""
    others = draw.learn.labels[draw.listed == 0]
    return {"frequency": float(draw.listed.sum() / draw.learn.labels.sum()), "hidden": float(others.mean())}


def judge_draw(draw: Draw, recipe: Recipe) -> dict[str, dict[str, float]]:
    """Every way to learn from one draw."""
    blind = replace(draw.learn, labels=draw.listed)
    naive = recipe.fit(blind, draw.heard)
    scores = judged_by(naive, draw, recipe)
    weighted = fit_weighted(blind, recipe, draw, naive.held)
    return {
        "bagging": _bagging(blind, recipe, draw),
        "naive": _figures(draw, scores, choose_threshold(draw.listed, naive.held)),
        "Elkan-Noto weights": _figures(draw, judged_by(weighted, draw, recipe), 0.5),
    }


def all_known(draw: Draw, recipe: Recipe) -> dict[str, float]:
    """Nothing hidden: the supervised model."""
    ensemble = recipe.fit(draw.learn, draw.heard)
    return _figures(draw, judged_by(ensemble, draw, recipe), choose_threshold(draw.learn.labels, ensemble.held))


def judged_by(ensemble: Ensemble, draw: Draw, recipe: Recipe) -> Scores:
    """Scores of the judged accounts."""
    return ensemble.scores(draw.judged.rows[:, : recipe.columns(draw.judged)], draw.told)


def fit_weighted(blind: Task, recipe: Recipe, draw: Draw, held: Scores) -> Ensemble:
    """Members of trees that take an unlabelled account as illicit as often as it is likely to be hidden."""
    listed = blind.labels
    being_listed = fit_calibration(listed, held).apply(held)
    often = mean_frequency(listed, being_listed)
    weight = np.clip((1 - often) / often * being_listed / (1 - being_listed), 0, 1)
    folds = folds_by_hash(blind.addresses, FOLDS)

    def grow(read: Matrix, known: Labels, columns: tuple[str, ...], fold: int) -> WalletTrees:
        # Every account stands there as it is listed, and once more as illicit.
        rows, labels = np.vstack([read, read]), np.concatenate([known, np.ones(len(known), np.int64)])
        draws, often_taken = np.random.default_rng([blind.seed, fold]), weight[folds != fold]
        bags = [np.arange(len(known)) + len(known) * (draws.random(len(known)) < often_taken) for _ in range(BAGS)]
        trees = WalletTrees(replace(recipe.parameters, seeds=BAGS))
        return trees.fit_bags(rows, labels, bags, names=columns, seed=blind.seed * FOLDS + fold)

    columns = recipe.columns(blind)
    return cross_fit(
        blind.rows[:, :columns], draw.heard, listed, blind.addresses, names=blind.names[:columns],
        families=recipe.families, grow=grow,
    )  # fmt: skip


def _bagging(blind: Task, recipe: Recipe, draw: Draw) -> dict[str, float]:
    ensemble = fit(blind, recipe, draw.heard)
    listed, held = blind.labels, ensemble.held
    certainty, labelling = fit_certainty_of_listed(listed, held, blind.moves, wallets=int((listed == 0).sum()))
    scores = judged_by(ensemble, draw, recipe)
    truth = draw.judged.labels
    answers = certainty.answers(scores, draw.judged.moves)
    being_listed = fit_calibration(listed, held)
    return {
        **_figures(draw, scores, certainty.threshold),
        "frequency": labelling.frequency,
        "frequency_by_mean": mean_frequency(listed, being_listed.apply(held)),
        "hidden": labelling.hidden,
        "calibration_error": calibration_error(truth, certainty.probabilities(scores)[0]),
        "calibration_error_uncorrected": calibration_error(truth, being_listed.apply(scores)),
        "licit_answered_illicit": float(np.mean(answers[truth == 0] == ILLICIT)),
        "illicit_answered_illicit": float(np.mean(answers[truth == 1] == ILLICIT)),
        "illicit_answered_unlike_listed": float(np.mean(answers[truth == 1] == UNLIKE_LISTED)),
    }


def _figures(draw: Draw, scores: Scores, threshold: float) -> dict[str, float]:
    found = measure(draw.judged.labels, scores, threshold).as_dict()
    return {key: found[key] for key in _KEYS}


def spread(runs: list[dict[str, float]]) -> dict[str, float]:
    """Means, and beside them standard deviations, where there are several runs."""
    return {
        **{key: float(np.mean([run[key] for run in runs])) for key in runs[0]},
        **{
            f"{key}_deviation": float(np.std([run[key] for run in runs]))
            for key in runs[0]
            if key in (*_KEYS, "hidden") and len(runs) > 1
        },
    }
