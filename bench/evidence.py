"""Whether explanations say what scores rest on: `chainsight bench evidence --data DIR`.

The model of own behaviour and words learns from all accounts but the fifth that a hash of the address picks. Of the illicit
ones there that it finds, `WALLETS` with `FEWEST_MOVES` to `MOST_MOVES` moves are drawn and explained as `chainsight explain`
does. `gain` is how much more log-odds fall without that evidence than without as many random other transactions (column
random), nearly built in; `gain_over_largest` than without as many of the largest amounts. `beaten` is the share of random draws
that do less, `draws_dropped` of those that left too few moves. Sets are the fewest transactions found without which a wallet is
not elevated: an upper bound.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bench.accounts import CHAIN, derived_store
from chainsight.settings import settings
from models.features.build import build_features
from models.features.matrix import OWN_GROUPS, FeatureMatrix, read_features
from models.labelled import Labelled, first_seen_of, labelled_rows
from models.registry import TrainedModel
from models.serving import WalletScorer
from models.splits import split_by_hash
from models.wallets.job import RECIPES, Task, ship
from models.wallets.model import moves_of
from models.wallets.peers import compare
from models.wallets.words import read_words
from models.whatif.engine import Rehearsal
from models.whatif.evidence import Explanation, explain_wallet
from models.whatif.faithfulness import measure_faithfulness
from models.whatif.moves import read_wallet_moves
from sql.store import Store

WALLETS = 40
FEWEST_MOVES, MOST_MOVES = 10, 300
_BATCH, _BATCH_MOVES = 64, 200


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Train on four fifths of `data`, explain wallets of the last fifth."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    with derived_store(folder) as store, tempfile.TemporaryDirectory(prefix="chainsight-evidence-") as files:
        build_features(store, chain_id=CHAIN)
        matrix = read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)
        labelled = labelled_rows(store, matrix, chain_id=CHAIN)
        scorer = learn(store, matrix, labelled, Path(files))
        report = measure(store, scorer, matrix, labelled)
    return {"name": "evidence", "data": folder.name, **report, "seconds": time.monotonic() - started}


def learn(store: Store, matrix: FeatureMatrix, labelled: Labelled, folder: Path) -> WalletScorer:
    """The shipped kind of model, learnt from all but the judged fifth, out of its files."""
    task = Task(
        addresses=labelled.addresses,
        labels=labelled.labels,
        first_seen=first_seen_of(store, labelled.addresses, chain_id=CHAIN, to_block=matrix.as_of_block),
        rows=matrix.values[labelled.rows],
        names=matrix.names,
        reach=(len(matrix.names),),
        words=read_words(store, labelled.addresses, chain_id=CHAIN, to_block=matrix.as_of_block),
        seed=0,
    )
    model, _ = ship(task.take(~split_by_hash(labelled.addresses).test), RECIPES["own"])
    model.save(folder)
    compare(matrix, matrix.names).save(folder)
    return WalletScorer(TrainedModel("bench", "wallets", folder, {}), chain_id=CHAIN)


def measure(store: Store, scorer: WalletScorer, matrix: FeatureMatrix, labelled: Labelled) -> dict[str, Any]:
    """Wallets that the model finds explained, what explanations are worth, and their sets."""
    found = elevated(store, scorer, matrix, labelled)
    started = time.monotonic()
    explained = [explain_wallet(store, scorer, address) for address in found]
    searched = time.monotonic() - started
    faith = asdict(measure_faithfulness(store, scorer, explained))
    figures = {
        **{name: float(value) for name, value in faith.items() if name not in ("drop_random", "drop_largest")},
        **of_sets(explained),
        "seconds_of_an_explanation": searched / max(len(found), 1),
        "seconds_of_64_variants": seconds_of_a_batch(store, found, matrix.as_of_block),
    }
    random = {"drop_evidence": faith["drop_random"], "beaten": 0.5}
    largest = {"drop_evidence": faith["drop_largest"]}
    return {"figures": figures, "baselines": {"random": random, "largest": largest}}


def elevated(store: Store, scorer: WalletScorer, matrix: FeatureMatrix, labelled: Labelled) -> list[bytes]:
    """Illicit wallets of the judged fifth that are found, the same draw every time."""
    moves = moves_of(matrix.values[labelled.rows], matrix.names)
    fits = split_by_hash(labelled.addresses).test & (labelled.labels == 1)
    fits &= (moves >= FEWEST_MOVES) & (moves <= MOST_MOVES)
    places = np.random.default_rng(0).permutation(np.flatnonzero(fits))
    addresses = [labelled.addresses[place] for place in places]
    words = scorer.words(store, addresses, to_block=matrix.as_of_block)
    said = scorer.score(scorer.rows_of(matrix, labelled.rows[places]), words, addresses).is_elevated
    return [address for address, one in zip(addresses, said, strict=True) if one][:WALLETS]


def of_sets(explained: list[Explanation]) -> dict[str, float]:
    """How often a set was found, how large it is, and what finding it takes."""
    sets = [one for one in explained if one.smallest is not None]
    sizes = [len(one.smallest.transactions) for one in sets if one.smallest is not None]
    shares = [one.smallest.transfers / one.moves_read for one in sets if one.smallest is not None]
    return {
        "sets_found": len(sets) / max(len(explained), 1),
        "set_median": float(np.median(sizes)) if sizes else float("nan"),
        "set_share_of_moves": float(np.median(shares)) if shares else float("nan"),
        "variants_tried": float(np.mean([one.variants for one in explained])) if explained else float("nan"),
    }


def seconds_of_a_batch(store: Store, addresses: list[bytes], to_block: int) -> float:
    """What 64 variants of a wallet with about 200 moves cost, best of three; NaN without a wallet."""
    moves = [read_wallet_moves(store, one, chain_id=CHAIN, to_block=to_block) for one in addresses]
    if not moves:
        return float("nan")
    chosen = min(moves, key=lambda one: abs(len(one) - _BATCH_MOVES))
    taken = []
    with Rehearsal.open(store, chain_id=CHAIN, to_block=to_block) as rehearsal:
        for _ in range(3):
            started = time.monotonic()
            rehearsal.features([chosen] * _BATCH)
            taken.append(time.monotonic() - started)
    return min(taken)
