"""From features to predictions: who gets a probability, who only an anomaly, and what stays after a repeat."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from models import registry, train
from models.features.build import build_features
from models.predict import predict
from models.train import train_wallets
from sql.store import Store
from sql.transform import transform

CHAIN = 31337
HONEST, CROOKED = 40, 40


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = registry.settings().model_copy(update={"home": tmp_path / "home"})
    monkeypatch.setattr(registry, "settings", lambda: home)
    monkeypatch.setattr(train, "settings", lambda: home)


def _address(kind: int, number: int) -> bytes:
    return bytes([kind]) + number.to_bytes(19, "big")


def _write_world(store: Store) -> None:
    """Honest accounts pay one another odd sums; crooked ones collect round sums and pass them on within a minute."""
    draw = np.random.default_rng(0)
    moves: list[tuple[bytes, bytes, int]] = []
    for number in range(HONEST):
        moves += [
            (_address(1, number), _address(1, int(draw.integers(0, HONEST))), int(draw.integers(1, 10**18)))
            for _ in range(6)
        ]
    for number in range(CROOKED):
        for victim in range(4):
            moves.append((_address(3, number * 4 + victim), _address(2, number), 10**18))
            moves.append((_address(2, number), _address(4, 0), 10**18 - 21_000 * 10**9))
    count = len(moves)
    store.insert(
        "transactions",
        pa.table(
            {
                "chain_id": pa.array([CHAIN] * count, pa.uint64()),
                "block_number": pa.array(range(1, count + 1), pa.uint64()),
                "block_timestamp": pa.array([1_700_000_000 + 60 * n for n in range(count)], pa.timestamp("s", "UTC")),
                "transaction_hash": pa.array([n.to_bytes(32, "big") for n in range(count)], pa.binary(32)),
                "from_address": pa.array([giver for giver, _, _ in moves], pa.binary(20)),
                "to_address": pa.array([receiver for _, receiver, _ in moves], pa.binary(20)),
                "value": pa.array([value.to_bytes(32, "little") for _, _, value in moves], pa.binary(32)),
                "success": pa.array([1] * count, pa.uint8()),
                "version": pa.array([1] * count, pa.uint64()),
            }
        ),
    )
    store.command(
        "INSERT INTO ingest_audit (chain_id, from_block, to_block, to_block_timestamp, source, version) "
        "SELECT {chain:UInt64}, 1, {until:UInt64}, now(), 'archive', 1",
        chain=CHAIN, until=count,
    )  # fmt: skip
    transform(store, chain_id=CHAIN, from_block=0, to_block=count)
    build_features(store, chain_id=CHAIN)


def _label(store: Store, labels: dict[bytes, str]) -> None:
    count = len(labels)
    store.insert(
        "labels",
        pa.table(
            {
                "address": pa.array(list(labels), pa.binary()),
                "category": pa.array(list(labels.values())),
                "source": pa.array(["test"] * count),
                "known_from": pa.array([dt.datetime(2020, 1, 1, tzinfo=dt.UTC)] * count, pa.timestamp("ms", "UTC")),
                "version": pa.array([1] * count, pa.uint64()),
            }
        ),
    )


def _rows(store: Store) -> list[dict]:
    return store.query(
        "SELECT substring(hex(address), 1, 2) AS kind, probability, toString(abstained) AS abstained, anomaly, "
        "length(contributions) AS reasons FROM wallet_predictions ORDER BY address"
    ).to_pylist()


def test_without_labels_everybody_gets_an_anomaly_and_nobody_a_probability(store: Store) -> None:
    _write_world(store)
    assert "only the anomaly score speaks" in str(train_wallets(store, chain_id=CHAIN))
    summary = predict(store, chain_id=CHAIN)
    rows = _rows(store)
    assert len(rows) == summary.addresses == HONEST + CROOKED * 5 + 1
    assert {(row["probability"], row["abstained"]) for row in rows} == {(None, "no model")}
    assert all(0 <= row["anomaly"] <= 1 for row in rows)
    assert max(row["anomaly"] for row in rows) > 0.9


def test_few_labels_train_a_cross_fitted_model_that_finds_the_others(store: Store) -> None:
    _write_world(store)
    labels = {_address(1, n): "licit" for n in range(30)} | {_address(2, n): "phishing" for n in range(30)}
    _label(store, labels)
    trained = train_wallets(store, chain_id=CHAIN)
    assert trained.metrics["protocol"].startswith("5-fold cross-fit")
    summary = predict(store, chain_id=CHAIN)
    rows = _rows(store)
    found = {kind: [row for row in rows if row["kind"] == kind] for kind in ("01", "02", "03")}
    assert np.mean([row["probability"] for row in found["02"]]) > 0.8
    assert np.mean([row["probability"] for row in found["01"]]) < 0.2
    assert {row["abstained"] for row in found["03"]} == {"insufficient evidence"}
    assert min(row["reasons"] for row in found["02"]) > 0
    assert summary.model_id == trained.model_id

    again = predict(store, chain_id=CHAIN)
    assert again == summary
    assert _rows(store) == rows
