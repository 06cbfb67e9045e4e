"""The suite against judges whose weak spot is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from chainsight.errors import UsageError
from models.evasions.evasion import Cost, Evaded
from models.evasions.history import COIN, History, Move, in_order
from models.evasions.payments import AddHops, SplitAmounts, Wait
from models.evasions.suite import SuiteResult, every_evasion, run_suite
from models.evasions.wallets import ChangeWallets
from tests.contracts.evasion import OTHERS, START, a_crowd


def a_collector(number: int, receipts: int) -> History:
    """So many round receipts from one address within minutes, the sum of them passed on at once."""
    moves = [
        Move(START + 60 * place, place, 0, 0, False, OTHERS[0], (place + 1) * COIN) for place in range(receipts)
    ]  # fmt: skip
    total = sum(move.amount for move in moves)
    moves.append(Move(START + 60 * receipts, receipts, 0, 0, True, OTHERS[1], total))
    return History(bytes([0xE0 + number]) * 20, in_order(moves))


WALLETS = [a_collector(number, 3 + number) for number in range(6)]


def roundness(histories: Sequence[History]) -> np.ndarray:
    """The share of payments of whole coins."""
    return np.array([np.mean([move.amount % COIN == 0 for move in one.moves]) for one in histories])


def haste(histories: Sequence[History]) -> np.ndarray:
    """1 for a wallet whose life takes less than a day; nothing is said of one with a single move."""
    return np.array([float(h.last_at - h.first_at < 86_400) if len(h.moves) > 1 else np.nan for h in histories])


def test_what_a_judge_looks_at_decides_what_frees_a_wallet_and_the_cheapest_way_is_named() -> None:
    evasions = [SplitAmounts(2, 1), SplitAmounts(4, 1), Wait(100), AddHops(1, 1.0)]
    told = run_suite(WALLETS, evasions, roundness, 0.9)
    assert [trial.still_found for trial in told.trials] == [0, 0, 1, 1]
    least, by = told.cheapest()
    assert set(by) == {0}
    np.testing.assert_array_equal(least, told.trials[0].costs)
    assert told.trials[0].median_cost < told.trials[1].median_cost
    slow = run_suite(WALLETS, evasions, haste, 0.5)
    assert [trial.still_found for trial in slow.trials] == [1, 1, 0, 1]
    assert set(slow.cheapest()[1]) == {2}


def test_wallets_that_nothing_frees_are_counted_and_cost_more_than_any_sum() -> None:
    # Who looks at the number of moves does not care whom they are with.
    told = run_suite(WALLETS, [AddHops(1, 0.5)], lambda all_of_them: np.array([len(h.moves) for h in all_of_them]), 4)
    assert told.caught_always == 1
    least, by = told.cheapest()
    assert np.isinf(least).all()
    assert set(by) == {-1}


def test_of_several_wallets_all_must_escape_and_of_one_without_a_score_nothing_is_held() -> None:
    found = run_suite(WALLETS, [ChangeWallets(2)], haste, 0.5).trials[0]
    assert found.still_found == 1
    alone = run_suite(WALLETS[:1], [ChangeWallets(4)], lambda hs: np.array([len(h.moves) - 4.0 for h in hs]), 0)
    assert alone.trials[0].escaped.all()


def test_draws_are_of_the_wallet_not_of_its_company() -> None:
    evasions = [SplitAmounts(3, 5)]
    seen: list[list[History]] = []

    def remember(histories: Sequence[History]) -> np.ndarray:
        seen.append(list(histories))
        return np.ones(len(histories))

    run_suite(WALLETS, evasions, remember, 0.5, seed=3)
    run_suite(WALLETS[::-1], evasions, remember, 0.5, seed=3)
    run_suite(WALLETS, evasions, remember, 0.5, seed=4)
    assert seen[1] == seen[3][::-1]
    assert seen[1] != seen[5]


def test_a_suite_without_wallets_or_with_one_that_is_not_found_is_refused() -> None:
    with pytest.raises(UsageError, match="0 wallets and 1 evasions"):
        run_suite([], [Wait(1)], haste, 0.5)
    quick_and_slow = [WALLETS[0], Wait(1000).apply(WALLETS[1], np.random.default_rng(0)).histories[0]]
    with pytest.raises(UsageError, match="1 of 2 wallets are not found to begin with, 0xe1e1"):
        run_suite(quick_and_slow, [Wait(1)], haste, 0.5)


def test_each_evasion_of_the_suite_costs_something_and_more_where_it_is_strongest() -> None:
    evasions = every_evasion(a_crowd())
    told: SuiteResult = run_suite(WALLETS, evasions, haste, 0.5)
    by_name: dict[str, list[float]] = {}
    for trial in told.trials:
        by_name.setdefault(trial.evasion, []).append(trial.median_cost)
    assert len(by_name) == 8
    assert all(costs[0] > 0 for costs in by_name.values())
    assert all(costs[-1] > costs[0] for name, costs in by_name.items() if name != "all together")


def test_an_evasion_that_does_nothing_frees_nobody_for_nothing() -> None:
    class Nothing:
        name, strength = "nothing", ""

        def apply(self, history: History, draw: np.random.Generator) -> Evaded:
            return Evaded((history,), Cost())

    trial = run_suite(WALLETS, [Nothing()], haste, 0.5).trials[0]
    assert (trial.still_found, trial.median_cost) == (1, 0)
