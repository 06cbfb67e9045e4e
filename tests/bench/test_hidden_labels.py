"""The hidden-labels bench hides what it says, judges by the truth, and sees where the assumption of lists fails."""

from __future__ import annotations

import numpy as np
import pytest

from bench import hidden_labels
from bench.hidden_labels import by_chance, by_era, compare, truth_of
from models.splits import split_by_hash
from models.wallets.job import Recipe, Task
from models.wallets.trees import TreeParameters
from models.wallets.words import no_words

ACCOUNTS = 1000


def a_task() -> Task:
    """Half are illicit; those seen first act in one way, those seen later in another, and all unlike the licit."""
    draw = np.random.default_rng(3)
    labels = (np.arange(ACCOUNTS) % 2 == 0).astype(np.int64)
    seen = draw.integers(0, 1000, ACCOUNTS)
    early = np.where(labels == 1, np.where(seen < 500, 3.0, 0.0), 0.0)
    late = np.where(labels == 1, np.where(seen < 500, 0.0, 3.0), 0.0)
    rows = np.stack([draw.normal(early, 0.7), draw.normal(late, 0.7), np.full(ACCOUNTS, 9.0)], axis=1)
    return Task(
        addresses=tuple((number * 7919).to_bytes(20, "big") for number in range(ACCOUNTS)),
        labels=labels,
        first_seen=seen,
        rows=rows.astype(np.float32),
        names=("early", "late", "move_count"),
        reach=(3,),
        words=no_words(ACCOUNTS),
        seed=0,
    )


def test_labels_are_hidden_by_chance_or_by_era_and_nobody_who_is_judged_is_learnt_from() -> None:
    task = a_task()
    illicit = int(task.labels[~split_by_hash(task.addresses).test].sum())
    for draw in (by_chance(task, 0.7, 1), by_era(task, 0.7)):
        assert draw.listed.sum() == round(0.3 * illicit)
        assert (draw.learn.labels[draw.listed == 1] == 1).all()
        assert not set(draw.learn.addresses) & set(draw.judged.addresses)
        assert truth_of(draw)["frequency"] == pytest.approx(0.3, abs=0.01)
    hidden = (draw.learn.labels == 1) & (draw.listed == 0)
    assert draw.learn.first_seen[draw.listed == 1].max() <= draw.learn.first_seen[hidden].min()


def test_bagging_is_near_the_truth_where_lists_are_by_chance_and_blind_to_other_crime(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hidden_labels, "HIDDEN", (0.7,))
    recipe = Recipe(hops=0, families=0, parameters=TreeParameters(rounds=25, leaves=7))
    told = compare(a_task(), recipe, seeds=(0,))
    ours = told["figures"]
    assert ours["hidden"] == pytest.approx(told["truth"]["70% hidden"]["hidden"], abs=0.1)
    assert ours["average_precision"] > 0.9
    assert ours["f1"] > 0.9
    assert told["baselines"]["all labels"]["average_precision"] > 0.95
    assert ours["calibration_error"] < ours["calibration_error_uncorrected"] - 0.1
    # Illicit accounts of another era act unlike every listed one: they are answered so, and nobody suspects how many there are.
    era = told["baselines"]["bagging, all but the first 30% hidden"]
    assert era["illicit_answered_unlike_listed"] > 0.3
    assert era["hidden"] < told["truth"]["all but the first 30% hidden"]["hidden"] - 0.1
