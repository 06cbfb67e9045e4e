"""The graph autoencoder finds who does not fit among whom it deals with, and knows no label."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from models.encoders.autoencoder import structure_anomalies
from models.encoders.checkpoints import Plan
from models.encoders.payments import Payments, read_payments
from models.encoders.structure_job import main

WALLETS, STRANGERS, SILENT = 400, 12, 5
QUICK = Plan(fan_out=(4, 2), batch=96, epochs=3, batches=20, rate=1e-2)


def write_world(folder: Path) -> np.ndarray:
    """Two towns, each with its own ways, pay among themselves; strangers have the ways of one and deal with the other."""
    draw = np.random.default_rng(3)
    town = np.arange(WALLETS) % 2
    lives_in = np.where(np.arange(WALLETS) < STRANGERS, 1 - town, town)
    rows = []
    for wallet in range(WALLETS):
        near = np.flatnonzero((lives_in == lives_in[wallet]) & (np.arange(WALLETS) != wallet))
        rows += [(wallet, other, draw.normal(3, 0.5)) for other in draw.choice(near, 6, replace=False)]
    moves = pd.DataFrame(rows, columns=["giver", "receiver", "log_amount"])
    moves["moment"], moves["token_class"] = np.arange(len(moves)), 0
    folder.mkdir(parents=True)
    moves.to_parquet(folder / "moves.parquet")
    ways = np.vstack([np.where(town[:, None] == np.arange(2), 30.0, 1.0), np.ones((SILENT, 2))])
    np.save(folder / "nodes.npy", (ways + draw.random(ways.shape)).astype(np.float32))
    return np.arange(WALLETS) < STRANGERS


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray, Payments]:
    place = tmp_path_factory.mktemp("structure")
    strange = write_world(place / "graph")
    return place, strange, read_payments(place / "graph")


def test_who_deals_with_the_wrong_people_stands_out_and_the_silent_have_no_number(world) -> None:
    place, strange, payments = world
    found = structure_anomalies(payments, place / "once", plan=QUICK, seed=1)
    assert np.isnan(found[WALLETS:]).all()
    assert roc_auc_score(strange, found[:WALLETS]) > 0.9
    assert found[:WALLETS].min() > 0
    assert found[:WALLETS].max() < 1
    np.testing.assert_array_equal(found, structure_anomalies(payments, place / "again", plan=QUICK, seed=1))
    assert not list((place / "once").iterdir())


def test_the_child_process_writes_one_number_an_address(world, capsys) -> None:
    place, *_ = world
    (place / "job.json").write_text(json.dumps({"seed": 0, "plan": asdict(QUICK)}))
    main(place)
    assert np.isfinite(np.load(place / "structure.npy")).sum() == WALLETS
    assert any("addresses" in json.loads(line)["what"] for line in capsys.readouterr().out.splitlines())
