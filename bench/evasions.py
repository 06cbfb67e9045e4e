"""What wallets that the model finds could do about it: `chainsight bench evasions --data DIR`.

An ensemble learns own behaviour from all accounts but the fifth that a hash of the address picks, and says nothing of wallets
under its floor of evidence, as the model that ships. Of the illicit ones in that fifth with at most `MOST_MOVES` moves it finds
a share, the recall when nobody evades. Up to `WALLETS` of those found are drawn; each tries every evasion at every strength,
and the same model judges it again. `still_found` is the share of them that it finds then; a row is the recall that this leaves,
the one times the other. Means over draws of wallets; beside them the deviation over the draws, what an evasion costs the middle
wallet in coins, and the same of trees without words, judged on the wallets that those find.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.accounts import CHAIN, derived_store
from chainsight.chains import label_chains
from chainsight.settings import settings
from models.certainty.calibration import log_odds
from models.certainty.verdicts import Certainty, fit_certainty
from models.evasions.crowd import read_crowd
from models.evasions.evasion import Evasion
from models.evasions.history import History
from models.evasions.suite import Floats, SuiteResult, Trial, every_evasion, run_suite
from models.evasions.tables import history_of, moves_of
from models.features.build import describe
from models.features.matrix import FURTHER_GROUPS, OWN_GROUPS, WHOLE_LIFE, read_features
from models.labelled import ILLICIT, labelled_rows
from models.splits import split_by_hash
from models.wallets.ensemble import Ensemble, Heard, fit_ensemble, hear
from models.wallets.model import moves_of as count_moves
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
_FIRST, _LAST = "nothing", "whatever they do"
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
        return count_moves(self.rows, self.names)


@dataclass(frozen=True)
class Model:
    """An ensemble, and how its scores are read: what both learnt where nobody is judged."""

    ensemble: Ensemble
    heard: Heard
    certainty: Certainty
    rehearsal: Rehearsal

    @property
    def threshold(self) -> float:
        """The score from which on a wallet is found."""
        return self.certainty.threshold

    def judge(self, histories: Sequence[History]) -> Floats:
        """Scores of wallets that do this; NaN where there is too little evidence to say anything."""
        told = self.rehearsal.features([moves_of(one) for one in histories])
        return self._scores(told.values, told.words, told.moves())

    def finds(self, accounts: Accounts) -> np.ndarray:
        """Which of the accounts are found; of those learnt from none is asked."""
        asked = accounts.judged
        scores = self._scores(accounts.rows[asked], accounts.words.take(asked), accounts.moves[asked])
        found = np.zeros(len(accounts.labels), np.bool_)
        found[asked] = scores >= self.threshold
        return found

    def _scores(self, rows: np.ndarray, words: Words, moves: np.ndarray) -> Floats:
        return self.certainty.judge(log_odds(self.ensemble.scores(rows, self.heard.of(words))), moves).score


@dataclass(frozen=True)
class Told:
    """What one model made of the wallets that it finds."""

    recall: float
    """The share of illicit accounts that it finds when nobody evades."""
    suites: list[SuiteResult]
    """One a draw."""


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Train on four fifths of `data`, let wallets of the last fifth evade."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    with derived_store(folder) as store:
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
    """The own-behaviour ensemble of one seed and its certainty, from all but the judged fifth."""
    learnt = ~accounts.judged
    labels = accounts.labels[learnt]
    ensemble = fit_ensemble(
        accounts.rows[learnt], heard, labels, accounts.learnt, names=accounts.names, families=families
    )
    return Model(ensemble, heard, fit_certainty(labels, ensemble.held, accounts.moves[learnt]), rehearsal)


def _report(store: Store, accounts: Accounts, rehearsal: Rehearsal, name: str) -> dict[str, Any]:
    heard = hear(accounts.words.take(~accounts.judged), accounts.labels[~accounts.judged], accounts.learnt)
    models = [learn(accounts, heard, rehearsal, families) for families in (OWN, 0)]
    small = accounts.moves <= MOST_MOVES
    asked = accounts.judged & (accounts.labels == 1) & small
    found = [model.finds(accounts) & asked for model in models]
    draw = np.random.default_rng(0)
    ordinary = np.flatnonzero(~accounts.judged & (accounts.labels == 0) & small)
    evasions = every_evasion(read_crowd(_read(store, accounts, _some(ordinary, _LENDERS, draw))))
    places = np.flatnonzero(found[0] | found[1])
    histories = np.array(_read(store, accounts, places), dtype=object)
    begun = time.monotonic()
    told, wordless = (
        Told(
            float(by_it[asked].mean()),
            [_suite(model, histories[by_it[places]], evasions, seed) for seed in seeds],
        )
        for model, by_it, seeds in zip(models, found, (SEEDS, SEEDS[:1]), strict=True)
    )
    recall, beside = figures(told, wordless)
    return {
        "name": "evasions",
        "data": f"{name}: {int(found[0].sum())} of {int(asked.sum())} illicit accounts of the hash fifth with at most "
        f"{MOST_MOVES} moves are found; {told.suites[0].wallets} try in each of {len(SEEDS)} draws; nothing is said of accounts "
        f"with fewer than {models[0].certainty.evidence_floor} moves",
        "figures": recall,
        "baselines": beside,
        "cheapest": cheapest(told.suites),
        "seconds_of_trials": time.monotonic() - begun,
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
                "WITH asked AS (SELECT arrayJoin({addresses:Array(FixedString(20))}))"
                f" SELECT {columns} FROM {table} WHERE chain_id = {{chain_id:UInt64}}"
                " AND (from_address IN asked OR to_address IN asked)",
                chain_id=CHAIN,
                addresses=addresses,
            )
            session.insert(table, near)
        return [
            history_of(read_wallet_moves(session, address, chain_id=CHAIN, to_block=accounts.until))
            for address in addresses
        ]


def figures(told: Told, wordless: Told) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Recall by evasion and strength; beside it the share still found, its deviation, costs, and trees that hear no words.

    The first row is of nobody evading. The last row is the share that no evasion frees; its cost is that of the cheapest way out,
    of the middle wallet that has one.
    """
    each, without = [_still_found(one) for one in told.suites], [_still_found(one) for one in wordless.suites]
    still, still_without = _over_draws(np.mean, each), _over_draws(np.mean, without)
    cost = {
        _row(trial): float(np.mean([one.trials[place].median_cost for one in told.suites]))
        for place, trial in enumerate(told.suites[0].trials)
    }
    least = np.concatenate([one.cheapest()[0] for one in told.suites])
    if np.isfinite(least).any():
        cost[_LAST] = float(np.median(least[np.isfinite(least)]))
    return {row: told.recall * share for row, share in still.items()}, {
        "still_found": still,
        "deviation of still_found": _over_draws(np.std, each),
        "median cost in coins": cost,
        "recall without words": {row: wordless.recall * share for row, share in still_without.items()},
        "still_found without words": still_without,
    }


def _row(trial: Trial) -> str:
    return f"{trial.evasion}, {trial.strength}"


def _still_found(told: SuiteResult) -> dict[str, float]:
    return {_FIRST: 1.0} | {_row(trial): trial.still_found for trial in told.trials} | {_LAST: told.caught_always}


def _over_draws(what: Callable[[list[float]], np.floating[Any]], each: list[dict[str, float]]) -> dict[str, float]:
    return {row: float(what([one[row] for one in each])) for row in each[0]}


def cheapest(told: list[SuiteResult]) -> dict[str, dict[str, float]]:
    """For which share of wallets each evasion is the cheapest that works, and what it costs the middle one of those."""
    least = np.concatenate([one.cheapest()[0] for one in told])
    by = np.concatenate([one.cheapest()[1] for one in told])
    found: dict[str, dict[str, float]] = {}
    for place, trial in enumerate(told[0].trials):
        if (by == place).any():
            found[_row(trial)] = {
                "share": float((by == place).mean()),
                "median_cost": float(np.median(least[by == place])),
            }
    return found
