"""How fast wallets are answered: `chainsight bench serving --data DIR`, DIR being account histories.

A model is trained on the labelled accounts of the folder. `one_*` is a whole answer about one wallet of the store, in
milliseconds: what the model reads of it (kept with its prediction), model, certainty, contributions and reasons. `batch_*` is
wallets judged a second once their features and words are there: members, mean, probability, interval and answer. Half of the
wallets asked for are labelled ones, whose histories are long; all have as many moves as the evidence floor asks. Beside it: the
same features read table by table, and one flat LightGBM without words in a batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.accounts import CHAIN, accounts_store
from chainsight.settings import settings
from models.features.build import build_features
from models.features.catalogue import describe_address
from models.features.matrix import ALL_GROUPS, FeatureMatrix, read_features
from models.predict import predict
from models.serving import WalletScorer
from models.train import labelled_rows, train_wallets
from models.wallets.model import moves_of
from sql.store import Store

_ONE_BY_ONE = 300
_BATCH = 100_000
_REPEATS = 3


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Train on `data`, then time answers about its wallets; `test` plays no part."""
    del test
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    with accounts_store(folder) as store:
        build_features(store, chain_id=CHAIN)
        train_wallets(store, chain_id=CHAIN, encoder=False)
        predict(store, chain_id=CHAIN)
        figures, baselines = measure_serving(store)
    return {
        "name": "serving",
        "data": f"{folder.name}: {int(figures['wallets']):,} wallets",
        "figures": figures,
        "baselines": baselines,
        "seconds": time.monotonic() - started,
    }


def measure_serving(store: Store) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Figures and baselines of a store with features and an active model."""
    began = time.perf_counter()
    scorer = WalletScorer.active(store, chain_id=CHAIN)
    loaded = time.perf_counter() - began
    matrix = read_features(store, chain_id=CHAIN, groups=ALL_GROUPS)
    asked = _asked(store, scorer, matrix)
    scorer.answer(store, asked[0])  # the first one compiles and warms up
    one = _milliseconds(asked, lambda address: scorer.answer(store, address))
    naive = _milliseconds(asked[:50], lambda address: describe_address(store, address, chain_id=CHAIN))
    known = np.flatnonzero(moves_of(matrix.values, matrix.names) >= scorer.evidence_floor)
    batch = np.random.default_rng(1).choice(known, min(_BATCH, len(known)), replace=False)
    addresses = [bytes.fromhex(key.decode()) for key in matrix.addresses[batch]]
    rows, words = scorer.rows_of(matrix, batch), scorer.words(store, addresses, to_block=matrix.as_of_block)
    whole = _a_second(len(batch), lambda: scorer.score(rows, words))
    flat = scorer.model.members[0]
    wide = np.full((len(batch), len(flat.names)), np.nan, np.float32)
    wide[:, : rows.shape[1]] = rows
    figures = {
        "one_p50_ms": float(np.quantile(one, 0.5)),
        "one_p95_ms": float(np.quantile(one, 0.95)),
        "batch_wallets_per_second": whole,
        "load_seconds": loaded,
        "wallets": float(len(matrix.addresses)),
        "features": float(len(scorer.names)),
        "words_heard": float(len(words.word)),
    }
    beside = {
        "features table by table": {
            "one_p50_ms": float(np.quantile(naive, 0.5)),
            "one_p95_ms": float(np.quantile(naive, 0.95)),
        },
        "one member, no words": {"batch_wallets_per_second": _a_second(len(batch), lambda: flat.scores(wide))},
    }
    return figures, beside


def _asked(store: Store, scorer: WalletScorer, matrix: FeatureMatrix) -> list[bytes]:
    draw = np.random.default_rng(0)
    labelled = labelled_rows(store, matrix, chain_id=CHAIN)
    enough = np.flatnonzero(moves_of(matrix.values, matrix.names) >= scorer.evidence_floor)
    half = _ONE_BY_ONE // 2
    places = np.concatenate([draw.choice(labelled.rows, half), draw.choice(enough, half)])
    return [bytes.fromhex(key.decode()) for key in matrix.addresses[draw.permutation(places)]]


def _milliseconds(addresses: Sequence[bytes], ask: Callable[[bytes], object]) -> list[float]:
    found = []
    for address in addresses:
        began = time.perf_counter()
        ask(address)
        found.append(1000 * (time.perf_counter() - began))
    return found


def _a_second(count: int, work: Callable[[], object]) -> float:
    best = min(_timed(work) for _ in range(_REPEATS))
    return count / best


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
