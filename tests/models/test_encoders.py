"""The graph encoder learns from payments alone: node features here are constant, amounts on edges carry the sign."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from torch import nn

from chainsight.progress import SILENT
from models.encoders.checkpoints import Plan, learn
from models.encoders.payments import HIDDEN, read_payments
from models.encoders.training import Encoded, encode, load_encoder, train_encoder
from models.splits import split_by_hash

ACCOUNTS, OTHERS = 240, 120
PLAN = Plan(fan_out=(6, 3), batch=16, epochs=14, patience=14, rate=5e-3)
PRETRAINING = Plan(fan_out=(6, 3), batch=128, epochs=1, batches=6)


def write_world(folder: Path) -> tuple[list[bytes], np.ndarray]:
    """Half of the accounts are paid in large amounts and pass them on; the others are paid and pay little."""
    draw = np.random.default_rng(7)
    addresses = [draw.bytes(20) for _ in range(ACCOUNTS)]
    labels = (np.arange(ACCOUNTS) % 2).astype(np.int64)
    rows = []
    for account, label in enumerate(labels):
        for _ in range(6):
            other = ACCOUNTS + int(draw.integers(OTHERS))
            amount = draw.normal(6.0 if label else 2.0, 0.5)
            rows += [(other, account, amount), (account, ACCOUNTS + int(draw.integers(OTHERS)), amount)]
    moves = pd.DataFrame(rows, columns=["giver", "receiver", "log_amount"])
    moves["moment"] = draw.integers(1, 1_000_000, len(moves))
    moves["token_class"] = 0
    folder.mkdir()
    moves.sort_values("moment").to_parquet(folder / "moves.parquet")
    np.save(folder / "nodes.npy", np.ones((ACCOUNTS + OTHERS, 2), dtype=np.float32))
    (folder / "numbers.json").write_text(json.dumps({address.hex(): i for i, address in enumerate(addresses)}))
    return addresses, labels


def trained(place: Path, addresses: list[bytes], labels: np.ndarray, out: Path) -> Encoded:
    split = split_by_hash(addresses)
    return train_encoder(place / "graph", addresses, labels, split, out=out, seed=3, plan=PLAN, pretraining=PRETRAINING)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = tmp_path_factory.mktemp("encoders")
    addresses, labels = write_world(place / "graph")
    return place, addresses, labels, trained(place, addresses, labels, place / "out")


def test_it_tells_accounts_it_has_not_seen_apart_by_what_flows_through_them(world):
    _, addresses, labels, found = world
    for part in (split_by_hash(addresses).test, split_by_hash(addresses).fit):
        assert part.sum() > 30
        assert roc_auc_score(labels[part], found.log_odds[part]) > 0.95


def test_its_numbers_know_something_before_any_label_was_seen(world):
    _, addresses, labels, found = world
    split = split_by_hash(addresses)
    line = LogisticRegression(max_iter=2000).fit(found.numbers[split.fit], labels[split.fit])
    assert roc_auc_score(labels[split.test], line.decision_function(found.numbers[split.test])) > 0.95


def test_labels_of_the_test_part_change_nothing_and_the_same_seed_gives_the_same(world):
    place, addresses, labels, found = world
    other = np.where(split_by_hash(addresses).test, 1 - labels, labels)
    again = trained(place, addresses, other, place / "again")
    np.testing.assert_array_equal(again.log_odds, found.log_odds)
    np.testing.assert_array_equal(again.numbers, found.numbers)


def test_what_was_saved_answers_like_what_was_trained_for_each_wallet_whoever_else_is_asked(world):
    place, _, _, found = world
    payments = read_payments(place / "graph")
    everybody = encode(load_encoder(place / "out", "before_labels"), payments, np.arange(ACCOUNTS), PLAN, seed=3)[1]
    np.testing.assert_allclose(everybody, found.numbers, atol=1e-5)
    alone = encode(load_encoder(place / "out", "before_labels"), payments, np.array([17]), PLAN, seed=3)[1]
    np.testing.assert_allclose(alone[0], everybody[17], atol=1e-5)


def test_no_pickle_and_no_checkpoint_is_left(world):
    place, *_ = world
    files = {path.name for path in (place / "out").rglob("*") if path.is_file()}
    names = ("before_labels", "fold_0", "fold_1", "fold_2")
    assert files == {f"{name}.{kind}" for name in names for kind in ("json", "safetensors")}


def test_a_hidden_payment_keeps_its_place_in_time_and_loses_amount_and_kind_wherever_it_is_met(world):
    place, *_ = world
    payments = read_payments(place / "graph")
    open_, _ = payments.batch(np.arange(50), (6, 3), seed=1)
    hidden, found = payments.batch(np.arange(50), (6, 3), seed=1, hidden=0.3)
    chosen = hidden.edges[:, HIDDEN] == 1
    at_a_seed = hidden.pairs[1][hidden.bundle] < 50
    # Of a payment between two seeds either side may be drawn.
    assert 0.3 <= float(chosen[at_a_seed].float().mean()) < 0.6
    met_again = np.isin(found.edge, found.edge[(chosen & at_a_seed).numpy()])
    assert met_again[~at_a_seed.numpy()].any()
    np.testing.assert_array_equal(met_again, chosen.numpy())
    assert (hidden.edges[chosen][:, :5] == 0).all()
    torch.testing.assert_close(hidden.edges[chosen][:, 5:HIDDEN], open_.edges[chosen][:, 5:HIDDEN])
    torch.testing.assert_close(hidden.edges[~chosen], open_.edges[~chosen])


def test_whoever_is_killed_at_a_later_fold_learns_the_earlier_ones_once(world, tmp_path):
    place, addresses, labels, found = world

    class Killer:
        """Counts epochs, and dies at the last fold."""

        def __init__(self, is_deadly: bool) -> None:
            self.is_deadly, self.epochs = is_deadly, 0

        def step(self, done: int, total: int | None, what: str) -> None:
            self.epochs += done != total
            if self.is_deadly and what == "encoder, fold 3 of 3" and done == 2:
                raise KeyboardInterrupt

        def note(self, text: str) -> None:
            """Nobody listens."""

    def train(told: Killer) -> Encoded:
        split = split_by_hash(addresses)
        return train_encoder(
            place / "graph", addresses, labels, split, out=tmp_path, seed=3, plan=PLAN, pretraining=PRETRAINING, progress=told
        )  # fmt: skip

    with pytest.raises(KeyboardInterrupt):
        train(Killer(is_deadly=True))
    # What a killed write leaves is no checkpoint.
    (tmp_path / "fold_2/checkpoint.safetensors.new").write_bytes(b"half")
    again = Killer(is_deadly=False)
    np.testing.assert_array_equal(train(again).log_odds, found.log_odds)
    assert again.epochs == PLAN.epochs - 2


class Slope:
    """A line to fit, and a process that dies in the middle of an epoch."""

    def __init__(self, module: nn.Linear, dies_in: int | None = None) -> None:
        self.module, self.dies_in = module, dies_in

    def losses(self, epoch: int) -> Iterator[torch.Tensor]:
        if epoch == self.dies_in:
            raise KeyboardInterrupt
        for number in range(5):
            x = torch.tensor([[float(number)]])
            yield (self.module(x) - 3 * x).square().mean()

    def judge(self) -> float:
        return float((self.module.weight - 3).abs().sum())


def test_training_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(tmp_path):
    def fitted(folder: Path, *deaths: int | None) -> nn.Linear:
        for death in (*deaths, None):
            torch.manual_seed(0)
            module = nn.Linear(1, 1)
            try:
                lesson, plan = Slope(module, death), Plan(epochs=6, patience=6, rate=0.1)
                learn(module, lesson, plan, folder=folder, about={}, progress=SILENT, what="a line")
            except KeyboardInterrupt:
                assert (folder / "checkpoint.safetensors").is_file()
        return module

    whole, killed = fitted(tmp_path / "whole"), fitted(tmp_path / "killed", 2, 4)
    torch.testing.assert_close(killed.weight, whole.weight, rtol=0, atol=0)
    assert abs(float(whole.weight.detach()) - 3) < 1.5
