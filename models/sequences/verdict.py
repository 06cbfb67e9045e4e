"""Which voices are heard and where the line is drawn: both learned inside the rows at hand, never on those that are judged.

Inside, every member is cross-fitted over repeated folds. The combination (a mean of ranks) with the best mean of AUC and F1
there is taken, and its threshold is the median of those that many halves of these scores would choose: one threshold of one
pass moves F1 by points. Then every member learns from all rows at hand, and its scores are ranked among its cross-fitted ones,
so the threshold means the same for a row that comes alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from chainsight.errors import DataCheckError
from models.evaluate import choose_threshold, f1_at
from models.sequences.finetuning import Finetuning, finetune, judge_all
from models.sequences.history import Floats, Ints
from models.sequences.members import (
    ENCODED_TREES,
    EXTRA_TREES,
    MEMBERS,
    TREES,
    TUNED,
    VARIED_TREES,
    WORDS,
    Material,
    Member,
)

INNER_FOLDS, INNER_REPEATS = 3, 2
FEWEST_OF_A_CLASS = 10
_HALVES = 40
COMBINATIONS: tuple[tuple[str, ...], ...] = (
    (ENCODED_TREES, TUNED),
    (ENCODED_TREES, VARIED_TREES),
    (VARIED_TREES, EXTRA_TREES),
    (VARIED_TREES, TUNED),
    (TREES, VARIED_TREES, EXTRA_TREES),
    (ENCODED_TREES, VARIED_TREES, EXTRA_TREES, WORDS),
    (ENCODED_TREES, VARIED_TREES, EXTRA_TREES, TUNED),
)
"""Beside each member alone."""


@dataclass(frozen=True)
class Heard:
    """One member: log-odds of the rows at hand when they were not learned from, by repeat, and of the judged rows."""

    inside: Floats
    """Repeats × rows."""
    judged: Floats


@dataclass(frozen=True)
class Verdict:
    """What came out for the judged rows of one set."""

    scores: Floats
    """Mean rank among the rows at hand, 0 to 1."""
    threshold: float
    chosen: tuple[str, ...]
    inner_f1: dict[tuple[str, ...], float]


def folds(labels: Ints, kinds: Ints, groups: Ints, count: int, seed: int) -> Ints:
    """A fold number a row: stratified by set and label, groups whole. Raises `DataCheckError` when a class is too small."""
    for kind in np.unique(kinds):
        sizes = np.bincount(labels[kinds == kind], minlength=2)
        if sizes.min() < FEWEST_OF_A_CLASS:
            raise DataCheckError(
                f"Set {kind} has {sizes[1]} positive and {sizes[0]} negative histories, too few to learn from.",
                next_step=f"Give at least {FEWEST_OF_A_CLASS} of each.",
            )
    number = np.zeros(len(labels), dtype=np.int64)
    cut = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    for fold, (_, held) in enumerate(cut.split(labels, 2 * kinds + labels, groups)):
        number[held] = fold
    return number


def inner_folds(material: Material, fit: Ints, seed: int) -> list[Ints]:
    """Fold numbers of the rows at hand, once a repeat; the same for all sets and members."""
    labels, kinds, groups = material.labels[fit], material.kinds[fit], material.groups[fit]
    return [folds(labels, kinds, groups, INNER_FOLDS, 1_000 * seed + repeat) for repeat in range(INNER_REPEATS)]


def hear(
    material: Material,
    fit: Ints,
    judged: Ints,
    kind: int,
    cuts: list[Ints],
    seed: int,
    members: Mapping[str, Member] = MEMBERS,
) -> dict[str, Heard]:
    """Members that learn from one set at a time; those of `judged` that are of this set."""
    own = np.flatnonzero(material.kinds[fit] == kind)
    asked = judged[material.kinds[judged] == kind]
    heard: dict[str, Heard] = {}
    for name, member in members.items():
        if name == ENCODED_TREES and not material.summaries.shape[1]:
            continue
        inside = np.zeros((len(cuts), len(own)))
        for repeat, cut in enumerate(cuts):
            for fold in range(INNER_FOLDS):
                held = cut[own] == fold
                inside[repeat, held] = member(material, fit[own[~held]], fit[own[held]], seed)
        heard[name] = Heard(inside, member(material, fit[own], asked, seed))
    return heard


def hear_tuned(
    material: Material, fit: Ints, judged: Ints, cut: Ints, seed: int, how: Finetuning | None = None
) -> dict[int, Heard]:
    """The tuned encoder by set, cross-fitted once: it is the dearest."""
    if material.encoder is None or material.tokens is None:
        return {}
    how = how or Finetuning()
    inside = np.zeros(len(fit))
    for fold in range(INNER_FOLDS):
        held = cut == fold
        judge = finetune(
            material.encoder, material.tokens, material.labels, material.kinds, fit[~held], how=how, seed=seed
        )
        inside[held] = judge_all(judge, material.tokens, material.kinds, fit[held])[1]
    judge = finetune(material.encoder, material.tokens, material.labels, material.kinds, fit, how=how, seed=seed)
    odds = judge_all(judge, material.tokens, material.kinds, judged)[1]
    return {
        int(kind): Heard(inside[None, material.kinds[fit] == kind], odds[material.kinds[judged] == kind])
        for kind in np.unique(material.kinds[fit])
    }


def decide(heard: dict[str, Heard], labels: Ints, seed: int) -> Verdict:
    """Take the best combination and its threshold; `labels` are those of the rows at hand of this set."""
    ranked = {name: _ranked(member) for name, member in heard.items()}
    found: dict[tuple[str, ...], float] = {}
    best, chosen = -1.0, tuple(heard)[:1]
    for combination in [(name,) for name in heard] + [
        several for several in COMBINATIONS if set(several) <= set(heard)
    ]:
        inside = [_mean([ranked[name].inside for name in combination], repeat) for repeat in range(INNER_REPEATS)]
        f1 = float(np.mean([_halved_f1(labels, scores, seed) for scores in inside]))
        auc = float(np.mean([roc_auc_score(labels, scores) for scores in inside]))
        found[combination] = f1
        if f1 + auc > best:
            best, chosen = f1 + auc, combination
    inside = [_mean([ranked[name].inside for name in chosen], repeat) for repeat in range(INNER_REPEATS)]
    lines = [line for scores in inside for line in _thresholds(labels, scores, seed)]
    scores = np.mean([ranked[name].judged for name in chosen], axis=0)
    return Verdict(scores, float(np.median(lines)), chosen, found)


def _ranked(member: Heard) -> Heard:
    """Scores as shares of the cross-fitted ones that lie below, ties in the middle."""
    inside = np.stack([_share_below(scores, scores) for scores in member.inside])
    judged = np.mean([_share_below(scores, member.judged) for scores in member.inside], axis=0)
    return Heard(inside, judged)


def _share_below(known: Floats, scores: Floats) -> Floats:
    ordered = np.sort(known)
    below = np.searchsorted(ordered, scores, side="left") + np.searchsorted(ordered, scores, side="right")
    return np.asarray(below / (2 * len(known)))


def _mean(inside: list[Floats], repeat: int) -> Floats:
    return np.asarray(np.mean([scores[min(repeat, len(scores) - 1)] for scores in inside], axis=0))


def _thresholds(labels: Ints, scores: Floats, seed: int) -> list[float]:
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(_HALVES):
        half = draw.permutation(len(labels))[: len(labels) // 2]
        found.append(choose_threshold(labels[half], scores[half]))
    return found


def _halved_f1(labels: Ints, scores: Floats, seed: int) -> float:
    """F1 of one half at the threshold that the other would choose, over many halves."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(_HALVES):
        order = draw.permutation(len(labels))
        one, other = order[: len(labels) // 2], order[len(labels) // 2 :]
        found.append(f1_at(labels[other], scores[other], choose_threshold(labels[one], scores[one])))
    return float(np.mean(found))
