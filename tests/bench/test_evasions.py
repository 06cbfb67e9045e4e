"""What the evasions benchmark calls found, and what its table says of trials whose outcome is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bench.evasions import Accounts, Model, Told, cheapest, figures
from models.certainty.verdicts import fit_certainty
from models.evasions.history import COIN, History, Move
from models.evasions.suite import SuiteResult, Trial, run_suite
from models.evasions.tables import moves_of
from models.evasions.wallets import ChangeWallets
from models.wallets.ensemble import fit_ensemble, hear
from models.wallets.trees import TreeParameters
from models.wallets.words import no_words
from models.whatif.engine import Rehearsal
from sql.store import Store

ADDRESSES = tuple(bytes([number]) * 20 for number in range(1, 101))


def a_suite(*escaped: list[int]) -> SuiteResult:
    """A weak and a strong evasion for 1 and 3 coins, and who escapes by which."""
    return SuiteResult(
        tuple(
            Trial("hide", strength, np.array(freed, np.bool_), np.full(len(freed), cost))
            for strength, cost, freed in zip(("weak", "strong"), (1.0, 3.0), escaped, strict=True)
        )
    )


def test_recall_is_what_is_still_found_of_what_was_found_at_all_and_nobody_is_freed_twice() -> None:
    told = [a_suite([1, 0, 0, 0], [1, 1, 1, 0]), a_suite([0, 0, 0, 0], [1, 1, 1, 1])]
    recall, beside = figures(Told(0.5, told), Told(0.25, [a_suite([1, 1, 0, 0], [1, 1, 1, 1])]))
    still = {"nothing": 1, "hide, weak": 0.875, "hide, strong": 0.125, "whatever they do": 0.125}
    assert beside["still_found"] == still
    assert recall == {row: share / 2 for row, share in still.items()}
    assert beside["deviation of still_found"] == {row: 0 if row == "nothing" else 0.125 for row in still}
    assert beside["median cost in coins"] == {"hide, weak": 1, "hide, strong": 3, "whatever they do": 3}
    assert list(beside["still_found without words"].values()) == [1, 0.5, 0, 0]
    assert list(beside["recall without words"].values()) == [0.25, 0.125, 0, 0]
    assert cheapest(told) == {
        "hide, weak": {"share": 0.125, "median_cost": 1},
        "hide, strong": {"share": 0.75, "median_cost": 3},
    }


def test_a_wallet_whose_parts_are_under_the_floor_of_evidence_has_escaped(store: Store) -> None:
    course = History(
        ADDRESSES[0], tuple(Move(1_000 * n, n, 0, 0, n % 2 == 0, ADDRESSES[n], n * COIN) for n in range(1, 9))
    )
    draw = np.random.default_rng(0)
    labels = (draw.random(len(ADDRESSES)) < 0.5).astype(np.int64)
    with Rehearsal.open(store, chain_id=1, to_block=100) as rehearsal:
        names = rehearsal.features([moves_of(course)]).names
        rows = draw.normal(labels[:, None], 1, (len(ADDRESSES), len(names))).astype(np.float32)
        rows[:, [names.index("move_count"), names.index("token_count")]] = np.where(np.arange(100) < 50, 1, 9)[:, None]
        words = no_words(len(ADDRESSES))
        heard = hear(words, labels, ADDRESSES)
        ensemble = fit_ensemble(
            rows, heard, labels, ADDRESSES, names=names, families=0, parameters=TreeParameters(rounds=5)
        )
        moves = np.full(len(labels), 9.0)
        # A threshold that every score reaches: whoever is not found is one of whom nothing is said.
        certainty = replace(fit_certainty(labels, ensemble.held, moves), threshold=1e-5, evidence_floor=5)
        model = Model(ensemble, heard, certainty, rehearsal)
        tried = [
            run_suite([course], [ChangeWallets(2)], one.judge, one.threshold).trials[0].still_found
            for one in (model, replace(model, certainty=replace(certainty, evidence_floor=3)))
        ]
    assert tried == [0, 1]
    accounts = Accounts(100, names, ADDRESSES, labels, rows, words, np.arange(100) % 2 == 0)
    assert np.flatnonzero(model.finds(accounts)).tolist() == list(range(50, 100, 2))
