"""A step of the ablation earns its place only by what it knows."""

from __future__ import annotations

import numpy as np

from bench.ablation import gains_of, judge_steps, verdict
from models.splits import split_by_hash
from models.wallets.trees import TreeParameters

ACCOUNTS = 1_200
ADDRESSES = [(number * 104_729).to_bytes(20, "big") for number in range(ACCOUNTS)]
SMALL = TreeParameters(rounds=25, leaves=7)


def test_a_column_that_knows_something_gains_and_one_of_noise_does_not() -> None:
    draw = np.random.default_rng(2)
    labels = draw.integers(0, 2, ACCOUNTS)
    columns = {
        "flat": (0.7 * labels + draw.normal(size=ACCOUNTS))[:, None],
        "noise": draw.normal(size=(ACCOUNTS, 2)),
        "encoder": (1.5 * labels + draw.normal(size=ACCOUNTS))[:, None],
    }
    split = split_by_hash(ADDRESSES)
    steps = judge_steps(columns, labels, split, parameters=SMALL, seeds=(0, 1))
    assert [step.name for step in steps] == list(columns)
    assert steps[2].figures["average_precision"] > steps[0].figures["average_precision"] + 0.1
    gains = gains_of(steps, labels, split)
    assert gains["noise"]["low"] < 0 < gains["encoder"]["low"]
    assert "did not earn" in verdict(gains["noise"])
    assert "GNN earned" in verdict(gains["encoder"])
