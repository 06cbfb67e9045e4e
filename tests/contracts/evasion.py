"""What every evasion must leave as it was, whatever it does: subclass, give `build`, and inherit the tests."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models.evasions.crowd import Crowd, read_crowd
from models.evasions.evasion import Evaded, Evasion
from models.evasions.history import COIN, NOBODY, SEND_TOKENS, History, Move, in_order

WALLET = b"W" * 20
OTHERS = [bytes([number]) * 20 for number in range(1, 6)]
TOKEN = b"T" * 20
START = 1_500_000_000
FIRST_MARK = 1_000
"""Moves of a history under test carry numbers from here on in their `input_length`, which no evasion reads or alters."""


@some.composite
def histories(draw: Any) -> History:
    """Up to eight moves: payments, calls, failures, internal payments, tokens; sometimes several in a block or to itself."""
    moves: list[Move] = []
    at, block = START, 1
    for mark in range(FIRST_MARK, FIRST_MARK + draw(some.integers(1, 8))):
        if draw(some.booleans()):
            at, block = at + draw(some.integers(1, 200_000)), block + 1
        kind = draw(some.sampled_from(["transaction", "transaction", "internal", "erc20", "erc721"]))
        transaction = mark if not moves or draw(some.integers(0, 3)) else moves[-1].transaction
        is_call = kind == "transaction" and draw(some.integers(0, 3)) == 0
        moves.append(
            Move(
                at, block, transaction, mark,
                is_out=draw(some.booleans()),
                counterparty=draw(some.sampled_from([*OTHERS, WALLET, NOBODY])),
                amount=draw(some.sampled_from([0, 1, COIN // 2, 5 * COIN]) | some.integers(0, 2**200)),
                kind=kind,
                token=TOKEN if kind.startswith("erc") else NOBODY,
                success=draw(some.sampled_from([1, 1, 1, 0, 2])) if kind == "transaction" else 1,
                selector=SEND_TOKENS if is_call else b"",
                input_length=mark,
            )
        )  # fmt: skip
    return History(WALLET, in_order(moves))


@cache
def a_crowd() -> Crowd:
    """Three ordinary wallets that pay each other's friends, in coins and tokens."""
    lives = []
    for number in range(3):
        whom = [bytes([0xC0 + other]) * 20 for other in range(number, number + 3)]
        moves = [
            Move(START + 5_000 * step, step, 0, 0, bool(step % 2), whom[step % 3], COIN + step)
            if step % 4
            else Move(START + 5_000 * step, step, 0, 0, bool(step % 2), whom[0], 7, kind="erc20", token=b"U" * 20)
            for step in range(25)
        ]
        lives.append(History(bytes([0xD0 + number]) * 20, in_order(moves)))
    return read_crowd(lives)


# One property, a class for each evasion: that is the point here, not an accident.
_tried = settings(
    max_examples=15, deadline=None, database=None, suppress_health_check=[HealthCheck.differing_executors]
)


class EvasionContract:
    """Inherit and give `build`; override what an evasion is there to change."""

    may_begin_earlier = False

    def build(self) -> Evasion:
        raise NotImplementedError

    def applied(self, history: History, seed: int = 0) -> Evaded:
        return self.build().apply(history, np.random.default_rng(seed))

    def check_money(self, before: dict[Any, int], after: dict[Any, int], done: Evaded) -> None:
        """What came in and went out of each asset is what it was."""
        assert after == before

    def deepest(self, history: History, done: Evaded) -> int:
        """How far below nothing the balance of coins may fall: no further than it did, but for what is given away."""
        return min(0, *balances(history)) - done.cost.spent

    @given(history=histories(), seed=some.integers(0, 3))
    @_tried
    def test_money_is_what_it_was_and_is_never_spent_before_it_is_there(self, history: History, seed: int) -> None:
        done = self.applied(history, seed)
        self.check_money(history.totals(), summed(done), done)
        for made in done.histories:
            assert min(balances(made)) >= self.deepest(history, done)

    @given(history=histories(), seed=some.integers(0, 3))
    @_tried
    def test_all_that_was_done_is_still_done_and_in_its_order(self, history: History, seed: int) -> None:
        done = self.applied(history, seed)
        made = [move for one in done.histories for move in one.moves]
        assert sorted(marks(made)) == sorted(marks(history.moves))
        assert marks(m for m in made if m.is_out) == marks(m for m in history.moves if m.is_out)
        acting = {m.block for m in history.moves if m.is_out}
        # What comes back in the block of an act comes with it; other receipts stay in their order.
        strange = {m.input_length for m in history.moves if not m.is_out and m.block not in acting}
        assert [mark for mark in marks(made) if mark in strange] == [
            m.input_length for m in history.moves if m.input_length in strange
        ]
        assert self.may_begin_earlier or min(one.first_at for one in done.histories) >= history.first_at

    @given(history=histories())
    @_tried
    def test_every_move_has_a_place_of_its_own_on_a_chain_whose_blocks_follow_time(self, history: History) -> None:
        for made in self.applied(history).histories:
            blocks, times = [m.block for m in made.moves], [m.at for m in made.moves]
            assert blocks == sorted(blocks)
            assert times == sorted(times)
            assert len(set(zip(blocks, times, strict=True))) == len(set(blocks)), "a block has one time"
            places = [(m.block, m.transaction, m.position, m.is_native) for m in made.moves]
            assert len(set(places)) == len(places)
            assert all(m.amount >= 0 and len(m.counterparty) == 20 for m in made.moves)

    @given(history=histories())
    @_tried
    def test_the_same_draws_give_the_same_answer_at_a_price_that_is_a_number(self, history: History) -> None:
        done = self.applied(history, 5)
        assert done == self.applied(history, 5)
        assert 0 <= done.cost.in_coins() < float("inf")


def summed(done: Evaded) -> dict[Any, int]:
    """Totals of all histories together."""
    found: dict[Any, int] = {}
    for made in done.histories:
        for key, amount in made.totals().items():
            found[key] = found.get(key, 0) + amount
    return found


def balances(history: History) -> list[int]:
    """Coins after each move; what a wallet pays to itself changes nothing."""
    return list(accumulate(history.gains(move) for move in history.moves))


def marks(moves: Iterable[Move]) -> list[int]:
    """Numbers of the moves under test in the order of their first parts."""
    listed = sorted((m for m in moves if m.input_length >= FIRST_MARK), key=lambda m: m.at)
    return list(dict.fromkeys(m.input_length for m in listed))
