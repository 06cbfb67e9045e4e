"""What wallets that the model finds could do about it: `chainsight bench evasions --data DIR`.

An ensemble learns own behaviour from all accounts but the fifth that a hash of the address picks. Of the illicit ones in that
fifth that it finds, up to `WALLETS` with at most `MOST_MOVES` moves are drawn; each tries every evasion at every strength, and
the same model judges it again. A row is the share that is still found. Means over draws of wallets; beside them the deviation
over the draws, what an evasion costs the middle wallet in coins, and the same trees without words.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.accounts import CHAIN, histories_store
from chainsight.chains import label_chains
from chainsight.settings import settings
from models.evaluate import choose_threshold
from models.evasions.crowd import read_crowd
from models.evasions.evasion import Evasion
from models.evasions.history import History
from models.evasions.suite import Floats, SuiteResult, every_evasion, run_suite
from models.evasions.tables import history_of, moves_of
from models.features.build import describe
from models.features.matrix import FURTHER_GROUPS, OWN_GROUPS, WHOLE_LIFE, read_features
from models.splits import split_by_hash
from models.train import ILLICIT, labelled_rows
from models.wallets.ensemble import Ensemble, Heard, fit_ensemble, hear
from models.wallets.words import OWN, Words, read_words
from models.whatif.engine import Rehearsal
from models.whatif.moves import read_wallet_moves
from sql.as_of import read_as_of
from sql.files import load, load_folder
from sql.shadows import shadowed
from sql.store import Parameter, Store

SEEDS = (0, 1, 2)
WALLETS = 300
MOST_MOVES = 500
_LENDERS = 100
_LAST = "whatever they do"
_FACTS = {
    "transactions": "chain_id, block_number, block_timestamp, transaction_index, transaction_hash, from_address, to_address,"
    " value, input_length, method_id, success",
    "transfers": "chain_id, block_number, block_timestamp, transaction_index, transaction_hash, kind, position, batch_index,"
    " from_address, to_address, token_address, token_id, amount",
}
"""What moves are read from."""


@dataclass(frozen=True)
class Accounts:
    """Labelled accounts by what they did."""

    until: int
    """The last block."""
    names: tuple[str, ...]
    addresses: tuple[bytes, ...]
    labels: np.ndarray
    rows: np.ndarray
    words: Words
    judged: np.ndarray
    """The fifth that nothing is learnt from."""

    @property
    def learnt(self) -> tuple[bytes, ...]:
        """Addresses of the others."""
        return tuple(address for address, one in zip(self.addresses, self.judged, strict=True) if not one)

    @property
    def moves(self) -> np.ndarray:
        """How many moves each has, of coins and of tokens."""
        columns = [self.names.index(name) for name in ("move_count", "token_count")]
        return np.asarray(np.nan_to_num(self.rows[:, columns]).sum(axis=1))


@dataclass(frozen=True)
class Model:
    """An ensemble and the threshold it chose where it learnt."""

    ensemble: Ensemble
    heard: Heard
    threshold: float
    rehearsal: Rehearsal

    def judge(self, histories: Sequence[History]) -> Floats:
        """Scores of wallets that do this."""
        told = self.rehearsal.features([moves_of(one) for one in histories])
        return self.ensemble.scores(told.values, self.heard.of(told.words))


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Train on four fifths of `data`, let wallets of the last fifth evade."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    with histories_store(folder) as store:
        accounts = read_accounts(store)
        with Rehearsal.open(store, chain_id=CHAIN, to_block=accounts.until) as rehearsal:
            return _report(store, accounts, rehearsal, folder.name) | {"seconds": time.monotonic() - started}


def read_accounts(store: Store) -> Accounts:
    """Labelled accounts with at least one move, their own features and words; nobody else is described."""
    until = read_as_of(store, CHAIN).block_number
    for table in load_folder("feature_tables"):
        store.command(table)
    labelled = store.query(load("queries/training_labels"), illicit=ILLICIT, chains=label_chains(CHAIN))
    scope = [bytes.fromhex(text) for text in labelled.column("address").to_pylist()]
    store.insert("feature_scope", pa.table({"address": pa.array(scope, pa.binary(20))}))
    bounds: dict[str, Parameter] = {"life_seconds": WHOLE_LIFE, "of_everybody": 0}
    describe(store, CHAIN, until, 1, bounds, without=FURTHER_GROUPS)
    matrix = read_features(store, chain_id=CHAIN, groups=OWN_GROUPS)
    known = labelled_rows(store, matrix, chain_id=CHAIN)
    words = read_words(store, known.addresses, chain_id=CHAIN, to_block=until)
    judged = split_by_hash(known.addresses).test
    return Accounts(until, matrix.names, known.addresses, known.labels, matrix.values[known.rows], words, judged)


def learn(accounts: Accounts, heard: Heard, rehearsal: Rehearsal, families: int) -> Model:
    """The own-behaviour ensemble of one seed, from all but the judged fifth."""
    learnt = ~accounts.judged
    labels = accounts.labels[learnt]
    ensemble = fit_ensemble(
        accounts.rows[learnt], heard, labels, accounts.learnt, names=accounts.names, families=families
    )
    return Model(ensemble, heard, choose_threshold(labels, ensemble.held), rehearsal)


def _report(store: Store, accounts: Accounts, rehearsal: Rehearsal, name: str) -> dict[str, Any]:
    heard = hear(accounts.words.take(~accounts.judged), accounts.labels[~accounts.judged], accounts.learnt)
    model = learn(accounts, heard, rehearsal, OWN)
    found = np.zeros(len(accounts.labels), np.bool_)
    told_of_words = heard.of(accounts.words.take(accounts.judged))
    scores = model.ensemble.scores(accounts.rows[accounts.judged], told_of_words)
    found[accounts.judged] = scores >= model.threshold
    illicit, small = accounts.judged & (accounts.labels == 1), accounts.moves <= MOST_MOVES
    draw = np.random.default_rng(0)
    ordinary = np.flatnonzero(~accounts.judged & (accounts.labels == 0) & small)
    evasions = every_evasion(read_crowd(_read(store, accounts, _some(ordinary, _LENDERS, draw))))
    candidates = np.array(_read(store, accounts, np.flatnonzero(found & illicit & small)), dtype=object)
    begun = time.monotonic()
    told = [_suite(model, candidates, evasions, seed) for seed in SEEDS]
    trials = time.monotonic() - begun
    wordless = _suite(learn(accounts, heard, rehearsal, 0), candidates, evasions, SEEDS[0])
    found_still, beside = figures(told, wordless)
    return {
        "name": "evasions",
        "data": f"{name}: {int(found[illicit].sum())} of {int(illicit.sum())} illicit accounts of the hash fifth are found, "
        f"{len(candidates)} of them with at most {MOST_MOVES} moves; {told[0].wallets} try in each of {len(SEEDS)} draws",
        "figures": found_still,
        "baselines": beside,
        "cheapest": cheapest(told),
        "seconds_of_trials": trials,
    }


def _suite(model: Model, candidates: np.ndarray, evasions: Sequence[Evasion], seed: int) -> SuiteResult:
    chosen = _some(candidates, WALLETS, np.random.default_rng(seed)).tolist()
    histories = [one for one, score in zip(chosen, model.judge(chosen), strict=True) if score >= model.threshold]
    return run_suite(histories, evasions, model.judge, model.threshold, seed=seed)


def _some(of_these: np.ndarray, most: int, draw: np.random.Generator) -> np.ndarray:
    places = draw.choice(len(of_these), min(most, len(of_these)), replace=False)
    return np.asarray(of_these[np.sort(places)])


def _read(store: Store, accounts: Accounts, places: np.ndarray) -> list[History]:
    """Histories of some accounts, from a session that holds nobody else's: whoever asks for one reads every block."""
    addresses = [accounts.addresses[place] for place in places]
    with shadowed(store, tuple(_FACTS)) as session:
        for table, columns in _FACTS.items():
            near = store.query(
                f"SELECT {columns} FROM {table} WHERE chain_id = {{chain_id:UInt64}} AND (from_address IN"
                " {addresses:Array(FixedString(20))} OR to_address IN {addresses:Array(FixedString(20))})",
                chain_id=CHAIN,
                addresses=addresses,
            )
            session.insert(table, near)
        return [
            history_of(read_wallet_moves(session, address, chain_id=CHAIN, to_block=accounts.until))
            for address in addresses
        ]


def figures(told: list[SuiteResult], wordless: SuiteResult) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Recall by evasion and strength, and beside it deviation, cost, and recall of trees that hear no words.

    The last row is the share that no evasion frees; its cost is that of the cheapest way out, of the middle wallet that has one.
    """
    recall, deviation, cost, without = (dict[str, float]() for _ in range(4))
    for place, trial in enumerate(told[0].trials):
        row = f"{trial.evasion}, {trial.strength}"
        each = [one.trials[place] for one in told]
        recall[row] = float(np.mean([one.recall for one in each]))
        deviation[row] = float(np.std([one.recall for one in each]))
        cost[row] = float(np.mean([one.median_cost for one in each]))
        without[row] = wordless.trials[place].recall
    always = [one.caught_always for one in told]
    least = np.concatenate([one.cheapest()[0] for one in told])
    recall[_LAST], deviation[_LAST] = float(np.mean(always)), float(np.std(always))
    if np.isfinite(least).any():
        cost[_LAST] = float(np.median(least[np.isfinite(least)]))
    without[_LAST] = wordless.caught_always
    return recall, {"deviation": deviation, "median cost in coins": cost, "trees without words": without}


def cheapest(told: list[SuiteResult]) -> dict[str, dict[str, float]]:
    """For which share of wallets each evasion is the cheapest that works, and what it costs the middle one of those."""
    least = np.concatenate([one.cheapest()[0] for one in told])
    by = np.concatenate([one.cheapest()[1] for one in told])
    found: dict[str, dict[str, float]] = {}
    for place, trial in enumerate(told[0].trials):
        if (by == place).any():
            found[f"{trial.evasion}, {trial.strength}"] = {
                "share": float((by == place).mean()),
                "median_cost": float(np.median(least[by == place])),
            }
    return found
