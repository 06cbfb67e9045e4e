"""The graph encoder learns from its neighbourhood alone: node features here are constant, amounts on edges carry the sign."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from models.gnn import Graph, encode, load_encoder, train_encoder
from models.splits import split_by_hash

ACCOUNTS, OTHERS = 200, 120


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
    moves["is_token"] = 0.0
    folder.mkdir()
    moves.sort_values("moment").to_parquet(folder / "moves.parquet")
    np.save(folder / "nodes.npy", np.ones((ACCOUNTS + OTHERS, 2), dtype=np.float32))
    (folder / "numbers.json").write_text(json.dumps({address.hex(): i for i, address in enumerate(addresses)}))
    return addresses, labels


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("gnn")
    addresses, labels = write_world(place / "graph")
    scores = train_encoder(place / "graph", addresses, labels, out=place, seed=3)
    return place, addresses, labels, scores


def test_it_tells_accounts_it_has_not_seen_apart_by_what_flows_through_them(trained):
    _, addresses, labels, scores = trained
    held = split_by_hash(addresses).test
    assert 25 < held.sum() < 60
    assert roc_auc_score(labels[held], scores[held]) > 0.95


def test_its_probabilities_are_calibrated_on_validation_not_on_test(trained):
    place, addresses, labels, scores = trained
    assert ((scores >= 0) & (scores <= 1)).all()
    # Other labels on the test part must change nothing that is learned or calibrated.
    other = labels.copy()
    held = split_by_hash(addresses).test
    other[held] = 1 - other[held]
    again = place / "again"
    again.mkdir()
    np.testing.assert_array_equal(train_encoder(place / "graph", addresses, other, out=again, seed=3), scores)


def test_what_was_saved_answers_like_what_was_trained(trained):
    place, *_ = trained
    graph = Graph.read(place / "graph")
    ids = np.arange(40)
    once = encode(load_encoder(place), graph, ids, seed=5)
    np.testing.assert_array_equal(encode(load_encoder(place), graph, ids, seed=5), once)
    assert np.ptp(once) > 1.0


def test_no_pickle_is_written(trained):
    place, *_ = trained
    assert {path.name for path in place.iterdir()} >= {"encoder.safetensors", "encoder.json"}
    assert not list(place.rglob("*.pt")) + list(place.rglob("*.pkl"))
