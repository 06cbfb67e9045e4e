"""Each evasion against the contract of evasions, and what it is there to change, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainsight.errors import UsageError
from models.evasions.crowd import read_crowd
from models.evasions.evasion import DAY, Cost, Evaded, Evasion, Prices, Together
from models.evasions.history import COIN, NOBODY, History, Move, in_order
from models.evasions.noise import BorrowPast, MimicExchange, WashWithDust
from models.evasions.payments import AddHops, SplitAmounts, Wait
from models.evasions.wallets import ChangeWallets
from tests.contracts.evasion import OTHERS, START, TOKEN, WALLET, EvasionContract, a_crowd, balances, summed

COINS_IN, COINS_OUT = (NOBODY, False), (NOBODY, True)


class TestSplitAmounts(EvasionContract):
    def build(self) -> Evasion:
        return SplitAmounts(4, 24)


class TestWait(EvasionContract):
    def build(self) -> Evasion:
        return Wait(48)


class TestAddHops(EvasionContract):
    def build(self) -> Evasion:
        return AddHops(2, 0.7)


class TestWashWithDust(EvasionContract):
    def build(self) -> Evasion:
        return WashWithDust(a_crowd(), 2)

    def check_money(self, before: dict[Any, int], after: dict[Any, int], done: Evaded) -> None:
        assert after.get(COINS_OUT, 0) - before.get(COINS_OUT, 0) == done.cost.spent
        assert 0 <= after.get(COINS_IN, 0) - before.get(COINS_IN, 0) <= COIN
        assert {key: after[key] for key in before if key[0] == TOKEN} == {
            key: amount for key, amount in before.items() if key[0] == TOKEN
        }


class TestMimicExchange(EvasionContract):
    def build(self) -> Evasion:
        return MimicExchange(2)

    def check_money(self, before: dict[Any, int], after: dict[Any, int], done: Evaded) -> None:
        more = {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)}
        assert set(more) == {COINS_IN, COINS_OUT}
        assert more[COINS_IN] == more[COINS_OUT] > 0


class TestBorrowPast(EvasionContract):
    may_begin_earlier = True

    def build(self) -> Evasion:
        return BorrowPast(a_crowd(), 10)

    def check_money(self, before: dict[Any, int], after: dict[Any, int], done: Evaded) -> None:
        assert all(after[key] >= amount for key, amount in before.items())

    def deepest(self, history: History, done: Evaded) -> int:
        lent = max(-min(balances(life)) for life in a_crowd().lives)
        return min(0, *balances(history)) - 2 * lent


class TestChangeWallets(EvasionContract):
    def build(self) -> Evasion:
        return ChangeWallets(3)

    def check_money(self, before: dict[Any, int], after: dict[Any, int], done: Evaded) -> None:
        handed = after.get(COINS_OUT, 0) - before.get(COINS_OUT, 0)
        assert handed == after.get(COINS_IN, 0) - before.get(COINS_IN, 0) >= 0


class TestTogether(EvasionContract):
    def build(self) -> Evasion:
        return Together((SplitAmounts(2, 6), Wait(6), AddHops(1, 1.0)))


def a_phisher() -> History:
    """Three round receipts, each passed on within ten minutes to the same address."""
    moves = []
    for number in range(3):
        moves.append(Move(START + number * DAY, number * 2, 0, 0, False, OTHERS[number], 2 * COIN))
        moves.append(Move(START + number * DAY + 600, number * 2 + 1, 0, 0, True, OTHERS[4], 2 * COIN))
    return History(WALLET, in_order(moves))


def applied(evasion: Evasion) -> Evaded:
    return evasion.apply(a_phisher(), np.random.default_rng(0))


def test_parts_of_a_payment_are_not_round_and_a_receipt_is_whole_before_it_is_passed_on() -> None:
    done = applied(SplitAmounts(4, 24))
    (made,) = done.histories
    assert len(made.moves) == 24
    assert all(move.amount % 10**6 for move in made.moves)
    for number in range(3):
        begin = START + number * DAY
        received = [m.amount for m in made.moves if not m.is_out and begin <= m.at <= begin + 600]
        assert sum(received) == 2 * COIN
    assert done.cost.transactions == 18
    assert 0 < done.cost.days <= 1


def test_waiting_moves_acts_behind_receipts_and_leaves_receipts_where_they_are() -> None:
    done = applied(Wait(10))
    (made,) = done.histories
    assert [m.at for m in made.moves if not m.is_out] == [START, START + DAY, START + 2 * DAY]
    held = [m.at - START - number * DAY for number, m in enumerate(m for m in made.moves if m.is_out)]
    assert all(5 * 3_600 <= wait <= 15 * 3_600 for wait in held)
    assert len(set(held)) == 3
    assert done.cost.locked == pytest.approx(sum(2 * (wait - 600) / DAY for wait in held))


def test_with_all_payments_through_hops_nobody_is_met_twice() -> None:
    done = applied(AddHops(3, 1.0))
    whom = [move.counterparty for move in done.histories[0].moves]
    assert len(set(whom)) == 6
    assert not set(whom) & set(OTHERS)
    assert (done.cost.addresses, done.cost.transactions) == (18, 18)


def test_dust_meets_only_those_whom_the_crowd_meets_and_is_told_in_the_price() -> None:
    crowd = a_crowd()
    done = applied(WashWithDust(crowd, 8))
    added = [m for m in done.histories[0].moves if m.counterparty not in OTHERS]
    assert {m.counterparty for m in added} <= {*crowd.counterparties, *crowd.tokens}
    assert {m.token for m in added} == {NOBODY, *crowd.tokens}
    assert done.cost.spent == sum(m.amount for m in added if m.is_out and m.is_native) < COIN // 10


def test_an_exchange_has_customers_at_all_hours_and_pays_out_in_batches() -> None:
    (made,) = applied(MimicExchange(20)).histories
    added = [m for m in made.moves if m.counterparty not in OTHERS]
    assert len({m.counterparty for m in added}) == len(added) == 240
    assert len({m.at // 3_600 % 24 for m in added if not m.is_out}) > 20
    assert len({m.block for m in added if m.is_out}) <= 21


def test_a_borrowed_past_ends_before_the_business_begins() -> None:
    done = applied(BorrowPast(a_crowd(), 10))
    moves = done.histories[0].moves
    assert [m.at for m in moves[10:]] == [m.at for m in a_phisher().moves]
    assert moves[9].at <= START - DAY
    assert done.cost.days == pytest.approx((START - moves[0].at) / DAY)


def test_a_change_of_wallets_hands_over_what_is_left() -> None:
    moves = a_phisher().moves[:5]  # the last receipt before the change stays in hand
    done = ChangeWallets(2).apply(History(WALLET, moves), np.random.default_rng(0))
    first, second = done.histories
    assert (first.moves[-1].counterparty, second.moves[0].counterparty) == (second.address, WALLET)
    assert first.moves[-1].amount == second.moves[0].amount == 2 * COIN
    assert summed(done)[COINS_IN] == 8 * COIN
    assert done.cost == Cost(transactions=1, addresses=1)


def test_a_price_adds_up_fees_addresses_days_interest_and_gifts() -> None:
    cost = Cost(transactions=10, addresses=2, days=3, locked=365, spent=COIN) + Cost(transactions=10)
    assert cost.in_coins(Prices(transaction=0.01, address=0.1, day=1, yearly=0.5)) == pytest.approx(
        0.2 + 0.2 + 3 + 0.5 + 1
    )


def test_a_crowd_that_shows_nothing_to_copy_is_refused() -> None:
    with pytest.raises(UsageError, match="0 tokens"):
        read_crowd([a_phisher()])
