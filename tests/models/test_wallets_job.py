"""What a wallet training ships: the simpler model, unless what is added proves its worth on accounts not learnt from."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from models.evaluate import paired_gain
from models.wallets.job import Task, train
from models.wallets.trees import WalletTrees
from models.wallets.words import NAMES, OWN, words_of

ACCOUNTS = 900
ADDRESSES = tuple((number * 7919).to_bytes(20, "big") for number in range(ACCOUNTS))


def a_task(*, neighbours_know: bool) -> Task:
    """A third is illicit; its own behaviour tells half of that, a word a little, its neighbours all of it or nothing."""
    draw = np.random.default_rng(2)
    labels = (np.arange(ACCOUNTS) % 3 == 0).astype(np.int64)
    own = np.stack(
        [labels + draw.normal(0, 1.0, ACCOUNTS), draw.normal(size=ACCOUNTS), draw.poisson(9, ACCOUNTS)], axis=1
    )
    near = draw.normal(labels if neighbours_know else np.zeros(ACCOUNTS), 0.3)[:, None]
    says = draw.random(ACCOUNTS) < np.where(labels == 1, 0.5, 0.1)
    said = [address.hex() for address, one in zip(ADDRESSES, says, strict=True) if one]
    words = pa.table({"address": said, "family": ["amount"] * len(said), "word": ["<5"] * len(said)})
    return Task(
        addresses=ADDRESSES,
        labels=labels,
        first_seen=draw.integers(0, 10**9, ACCOUNTS),
        rows=np.hstack([own, near]).astype(np.float32),
        names=("activity", "noise", "move_count", "neighbours"),
        own=3,
        words=words_of(words, [address.hex() for address in ADDRESSES]),
        seed=0,
    )


@pytest.mark.parametrize(("neighbours_know", "shipped"), [(True, "graph"), (False, "own")])
def test_the_neighbourhood_ships_only_where_it_gains(neighbours_know, shipped, tmp_path):
    metrics = train(a_task(neighbours_know=neighbours_know), tmp_path)
    assert metrics["shipped"] == shipped
    assert (metrics["gain_of_graph"]["low"] > 0) is neighbours_know
    assert metrics["figures"]["own"]["average_precision"] > metrics["figures"]["behaviour"]["average_precision"]
    assert {"words.json", "trees.json", "trees_0.txt"} <= {path.name for path in tmp_path.iterdir()}
    names = WalletTrees.load(tmp_path).names
    assert names[3 : 3 + OWN] == NAMES[:OWN]
    assert ("neighbours" in names) is neighbours_know
    json.dumps(metrics)


def test_a_gain_is_told_with_an_interval_that_knows_when_there_is_none():
    labels = np.arange(400) % 4 == 0
    draw = np.random.default_rng(0)
    score = labels + draw.normal(0, 1, 400)
    better = labels + draw.normal(0, 0.2, 400)
    assert paired_gain(labels.astype(np.int64), score, score) == (0.0, 0.0, 0.0)
    mean, low, high = paired_gain(labels.astype(np.int64), score, better)
    assert 0.1 < low < mean < high
    assert paired_gain(np.zeros(400, np.int64), score, better) == (0.0, 0.0, 0.0)
