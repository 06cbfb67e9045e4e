"""How fast wallets are answered: `chainsight bench serving --data DIR`, DIR being account histories.

A model is trained on the labelled accounts of the folder. `one_*` is a whole answer about one wallet of the store, in
milliseconds: what the model reads of it (kept with its prediction), model, certainty, contributions and reasons; `anew_*` is the
same where nothing was kept: features of all tables and words are read. `silent_*` is wallets with too few moves for an answer.
`batch_*` is wallets judged a second once their features and words are there: members, mean, probability, interval and answer;
`batch_with_words_*` reads their words, too. Half of the wallets asked for are labelled ones, whose histories are long; all but
the silent have as many moves as the evidence floor asks, and none is asked for twice. Beside it: the same features read table by
table, and LightGBM's own trees, grown on the same labels and features as one model without words, in a batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.accounts import CHAIN, accounts_store
from chainsight.settings import settings
from models.features.build import build_features
from models.features.catalogue import describe_address
from models.features.matrix import ALL_GROUPS, as_addresses, read_features
from models.labelled import labelled_rows
from models.predict import predict
from models.serving import WalletScorer
from models.train import train_wallets
from models.wallets.model import moves_of
from models.wallets.trees import WalletTrees
from sql.store import Store

_ONE_BY_ONE, _SLOW = 300, 100
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
    labelled = labelled_rows(store, matrix, chain_id=CHAIN)
    enough = moves_of(matrix.values, matrix.names) >= scorer.evidence_floor
    places = wallets_to_ask(labelled.rows, enough, _ONE_BY_ONE + 1, np.random.default_rng(0))
    first, *asked = as_addresses(matrix.addresses[places])
    scorer.answer(store, first)  # compiles and warms up
    one = _milliseconds(asked, lambda address: scorer.answer(store, address))
    anew = _milliseconds(asked[:_SLOW], lambda address: scorer.answer_anew(store, address))
    silent_ones = np.flatnonzero(~enough)
    few = np.random.default_rng(2).choice(silent_ones, min(_SLOW, len(silent_ones)), replace=False)
    silent = _milliseconds(as_addresses(matrix.addresses[few]), lambda address: scorer.answer(store, address))
    naive = _milliseconds(asked[:50], lambda address: describe_address(store, address, chain_id=CHAIN))
    known = np.flatnonzero(enough)
    batch = np.random.default_rng(1).choice(known, min(_BATCH, len(known)), replace=False)
    addresses = as_addresses(matrix.addresses[batch])
    rows = scorer.rows_of(matrix, batch)
    began = time.perf_counter()
    words = scorer.words(store, addresses, to_block=matrix.as_of_block)
    scorer.score(rows, words)
    with_words = len(batch) / (time.perf_counter() - began)
    whole = _a_second(len(batch), lambda: scorer.score(rows, words))
    flat = WalletTrees().fit(scorer.rows_of(matrix, labelled.rows), labelled.labels, names=scorer.names)
    figures = {
        **_quantiles("one", one),
        **_quantiles("anew", anew),
        **_quantiles("silent", silent),
        "batch_wallets_per_second": whole,
        "batch_with_words_per_second": with_words,
        "load_seconds": loaded,
        "wallets": float(len(matrix.addresses)),
        "features": float(len(scorer.names)),
        "words_heard": float(len(words.word)),
    }
    beside = {
        "features table by table": _quantiles("one", naive),
        "one model, no words": {"batch_wallets_per_second": _a_second(len(batch), lambda: flat.scores(rows))},
    }
    return figures, beside


def wallets_to_ask(
    labelled: np.ndarray, enough: np.ndarray, count: int, draw: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Places of up to `count` different wallets with enough moves, half of them labelled, in an order of chance.

    `labelled` are places, `enough` is one mark a wallet.
    """
    known = np.intersect1d(labelled, np.flatnonzero(enough))
    others = np.setdiff1d(np.flatnonzero(enough), known)
    half = min(count // 2, len(known))
    chosen = np.concatenate(
        [draw.choice(known, half, replace=False), draw.choice(others, min(count - half, len(others)), replace=False)]
    )
    return draw.permutation(chosen)


def _quantiles(name: str, taken: Sequence[float]) -> dict[str, float]:
    """NaN where nobody was asked."""
    shares = {"p50": 0.5, "p95": 0.95}
    return {
        f"{name}_{key}_ms": float(np.quantile(taken, share)) if taken else float("nan") for key, share in shares.items()
    }


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
