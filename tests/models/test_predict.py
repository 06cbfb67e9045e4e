"""Predictions where nobody was labelled: everybody gets an anomaly, nobody a probability."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from chainsight.progress import Progress
from models import registry, structure, train
from models.predict import predict
from models.train import train_wallets
from sql.store import Store
from tests.fixtures.wallet_world import CHAIN, CROOKED, HONEST, a_wallet, label_wallets, write_wallets


def test_the_hash_of_data_knows_words_and_first_appearances(tmp_path: Path) -> None:
    account = {"address": ["aa", "ab"], "label": [0, 1], "first_seen": [5, 6], "move_count": [2.0, 3.0]}
    spoken = {"address": ["aa"], "family": ["token"], "word": ["<a"]}
    worlds = [(account, spoken), (account, {**spoken, "word": ["<b"]}), ({**account, "first_seen": [5, 7]}, spoken)]
    found = []
    for labelled, words in (*worlds, worlds[0]):
        pd.DataFrame(labelled).to_parquet(tmp_path / "labelled.parquet")
        pd.DataFrame(words).to_parquet(tmp_path / "words.parquet")
        found.append(train._hash_of(tmp_path))
    assert len(set(found)) == 3
    assert found[0] == found[3]


class Notes(Progress):
    """Keeps what is noted."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def step(self, done: int, total: int | None, what: str) -> None:
        """Nobody watches."""

    def note(self, text: str) -> None:
        """Kept."""
        self.notes.append(text)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = registry.settings().model_copy(update={"home": tmp_path / "home"})
    monkeypatch.setattr(registry, "settings", lambda: home)
    monkeypatch.setattr(train, "settings", lambda: home)


def test_without_labels_everybody_gets_an_anomaly_and_nobody_a_probability(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wallets(store)
    assert "only the anomaly score speaks" in str(train_wallets(store, chain_id=CHAIN))
    # Fifty of one class teach nothing either.
    label_wallets(store, {a_wallet(1, number): "licit" for number in range(HONEST)})
    said = train_wallets(store, chain_id=CHAIN)
    assert (said.model_id, said.said.split(";")[0]) == ("", "0 illicit and 40 licit accounts with a history")
    summary = predict(store, chain_id=CHAIN)
    rows = store.query(
        "SELECT probability, toString(model_answer) AS answer, toString(abstained) AS abstained, anomaly FROM wallet_predictions"
    ).to_pylist()
    assert len(rows) == summary.addresses == HONEST + CROOKED * 5 + 1
    assert {(row["probability"], row["answer"], row["abstained"]) for row in rows} == {(None, "", "no model")}
    assert all(0 <= row["anomaly"] <= 1 for row in rows)
    assert max(row["anomaly"] for row in rows) > 0.9

    # A channel whose process dies is missing, and the others are there as before.
    home, told = train.settings(), Notes()
    monkeypatch.setattr(structure, "settings", lambda: home)
    monkeypatch.setattr(structure, "FEWEST_ADDRESSES", 1)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert predict(store, chain_id=CHAIN, progress=told).addresses == len(rows)
    assert told.notes[0].startswith(
        "No anomaly of structure: The job models.encoders.structure_job ended with exit code 1"
    )
    after = store.query(
        "SELECT count() AS n, countIf(structure_anomaly IS NOT NULL) AS told FROM wallet_predictions"
    ).to_pylist()
    assert after == [{"n": len(rows), "told": 0}]
    assert [path.name for path in home.exchange_dir.iterdir()] == ["structure.log"]
