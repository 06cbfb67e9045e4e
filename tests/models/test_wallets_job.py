"""What a wallet training ships: the simpler model, unless what is added proves its worth on accounts not learnt from."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from models.card import wallet_card
from models.evaluate import measure, paired_gain
from models.wallets.job import RECIPES, Recipe, Task, blended, ship, train
from models.wallets.model import WalletModel
from models.wallets.trees import TreeParameters
from models.wallets.words import NAMES, OWN, words_of
from models.workplaces import Kept

ACCOUNTS = 900
SMALL = TreeParameters(rounds=60, leaves=7)
ADDRESSES = tuple((number * 7919).to_bytes(20, "big") for number in range(ACCOUNTS))


def a_task(*, neighbours_know: bool) -> Task:
    """A third is illicit; its own behaviour tells half of that, a word a little, its neighbours all of it or nothing."""
    draw = np.random.default_rng(2)
    labels = (np.arange(ACCOUNTS) % 3 == 0).astype(np.int64)
    own = np.stack(
        [labels + draw.normal(0, 1.0, ACCOUNTS), draw.normal(size=ACCOUNTS), draw.poisson(9, ACCOUNTS)], axis=1
    )
    near = draw.normal(labels if neighbours_know else np.zeros(ACCOUNTS), 0.3)[:, None]
    far = draw.normal(size=(ACCOUNTS, 1))
    says = draw.random(ACCOUNTS) < np.where(labels == 1, 0.5, 0.1)
    said = [address.hex() for address, one in zip(ADDRESSES, says, strict=True) if one]
    words = pa.table({"address": said, "family": ["amount"] * len(said), "word": ["<5"] * len(said)})
    return Task(
        addresses=ADDRESSES,
        labels=labels,
        first_seen=draw.integers(0, 10**9, ACCOUNTS),
        rows=np.hstack([own, near, far]).astype(np.float32),
        names=("activity", "noise", "move_count", "neighbours", "theirs"),
        reach=(3, 4, 5),
        words=words_of(words, [address.hex() for address in ADDRESSES]),
        seed=0,
    )


@pytest.mark.parametrize(("neighbours_know", "shipped"), [(True, "one hop"), (False, "own")])
def test_the_neighbourhood_ships_only_where_it_gains(neighbours_know, shipped, tmp_path_factory):
    small = {name: replace(recipe, parameters=SMALL) for name, recipe in RECIPES.items()}
    tmp_path, kept = tmp_path_factory.mktemp("model"), tmp_path_factory.mktemp("kept")
    metrics = train(a_task(neighbours_know=neighbours_know), tmp_path, recipes=small, kept=Kept(kept))
    assert metrics["shipped"] == shipped
    gains = metrics["gains"]
    assert [gains[name]["over"] for name in ("own", "one hop", "two hops")] == ["behaviour", "own", shipped]
    assert [gains[name]["low"] > 0 for name in ("own", "one hop", "two hops")] == [True, neighbours_know, False]
    assert metrics["figures"]["own"]["average_precision"] > metrics["figures"]["behaviour"]["average_precision"]
    model = WalletModel.load(tmp_path)
    assert ("neighbours" in model.names) is neighbours_know
    assert "theirs" not in model.names
    assert model.families == (len(NAMES) if neighbours_know else OWN)
    assert metrics["threshold"] == model.certainty.threshold
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".txt", ".json", ".npy"}
    assert not metrics["controls"]["leaks"]
    card = wallet_card({"chain_id": 1, "as_of_block": 9, "metrics": json.loads(json.dumps(metrics))})
    # The three that the card sets side by side are of one fit, and neighbours dealt out anew are worth as much as none.
    controls = metrics["controls"]
    assert f"{controls['own']:.3f} without any and\n{controls['graph']:.3f} with the true ones, by the same fit" in card
    assert abs(controls["shuffled_edges"] - controls["own"]) < 0.1
    assert (controls["graph"] > controls["own"] + 0.1) is neighbours_know
    assert "rings" not in card.split("**Limits.**")[0]
    if neighbours_know:
        # Had it been killed before the last recipe, the others, which can be learnt no more, would not be learnt again.
        for name in ("judged", "recipe two hops"):
            (kept / f"{name}.json").unlink()
        gone = Recipe(hops=99, families=0)
        left = {name: recipe if name in ("one hop", "two hops") else gone for name, recipe in small.items()}
        assert train(a_task(neighbours_know=True), tmp_path, recipes=left, kept=Kept(kept)) == metrics


def test_an_account_that_was_learnt_from_is_answered_by_the_member_that_has_not_seen_it(tmp_path):
    """Labels are dealt out at random and every account has a column and a word of its own: there is nothing but memory."""
    task, draw = a_task(neighbours_know=False), np.random.default_rng(4)
    unique = np.arange(ACCOUNTS)[:, None].astype(np.float32)
    words = words_of(
        pa.table({name: [value for address in ADDRESSES for value in ([of(address)] * 3)] for name, of in (
            ("address", bytes.hex), ("family", lambda _: "amount"), ("word", bytes.hex))}),
        [address.hex() for address in ADDRESSES],
    )  # fmt: skip
    task = replace(
        task, labels=draw.integers(0, 2, ACCOUNTS), rows=unique, names=("move_count",), reach=(1,), words=words
    )
    task = task.take(np.arange(ACCOUNTS) < 300)
    memory = TreeParameters(rounds=80, leaves=200, fewest_in_leaf=1, feature_share=1.0, row_share=1.0, l2=0.0)
    model, held = ship(task, Recipe(hops=0, families=OWN, parameters=memory))
    model.save(tmp_path)
    again = WalletModel.load(tmp_path)
    strangers = [(1 + 7919 * number).to_bytes(20, "big") for number in range(300)]
    assert (again.only(strangers) == -1).all()
    told = again.odds(task.rows, task.words, again.only(task.addresses))
    np.testing.assert_allclose(1 / (1 + np.exp(-told)), held, atol=1e-6)
    # Known by all five it would be judged by its own label, and nearly always rightly.
    remembered = again.odds(task.rows, task.words, again.only(strangers))
    assert measure(task.labels, remembered, 0.0).auc > 0.8
    assert measure(task.labels, told, 0.0).auc < 0.6
    # What it is answered is what it is explained with.
    shares = again.shares(task.rows, task.words, again.only(task.addresses))
    np.testing.assert_allclose(shares.log_odds, told, atol=1e-5)
    np.testing.assert_allclose(shares.base, again.base(again.only(task.addresses)), atol=1e-12)
    # Words are silent only where no member knows one of them.
    silent = np.full((1, OWN), np.nan, np.float32)
    knows = np.where(np.arange(OWN) == 1, np.float32(0.8), silent)
    said = again.shares_of(task.rows[:1], (silent, knows, silent, knows, silent)).values[0, 1:]
    assert said[1] == np.float32(0.8)
    assert np.isnan(np.delete(said, 1)).all()


def test_a_blend_is_the_mean_of_log_odds_and_not_of_scores():
    found = blended(np.array([0.5, 0.001, 0.9]), np.array([0.5, 0.5, 0.9]))
    np.testing.assert_allclose(found, [0.5, 1 / (1 + np.sqrt(999)), 0.9])


def test_few_licit_accounts_are_few_labels_as_few_illicit_ones_are(tmp_path):
    task = a_task(neighbours_know=False)
    kept = (task.labels == 1) | (np.cumsum(task.labels == 0) <= 60)
    metrics = train(task.take(kept), tmp_path)
    assert (metrics["positives"], metrics["accounts"]) == (300, 360)
    assert metrics["protocol"].startswith("5-fold cross-fit")


def test_a_gain_is_told_with_an_interval_that_knows_when_there_is_none():
    labels = np.arange(400) % 4 == 0
    draw = np.random.default_rng(0)
    score = labels + draw.normal(0, 1, 400)
    better = labels + draw.normal(0, 0.2, 400)
    assert paired_gain(labels.astype(np.int64), score, score) == (0.0, 0.0, 0.0)
    mean, low, high = paired_gain(labels.astype(np.int64), score, better)
    assert 0.1 < low < mean < high
    assert paired_gain(np.zeros(400, np.int64), score, better) == (0.0, 0.0, 0.0)
