"""What was got for what within one transaction, by hand: no store, only who gave what to whom."""

from __future__ import annotations

import time

from graph.tracing.exchanges import Movement, Settlement, Terms, Transaction
from tests.fixtures.worlds import ZERO, who


def moved(*rows: tuple[str, str, str, int], wraps: tuple[str, ...] = ()) -> list[Movement]:
    """(giver, receiver, token, amount); nobody is the zero address, coin the native coin, mints in `wraps` are wraps."""
    return [
        Movement(
            "wrap" if token in wraps and "nobody" in (giver, receiver) else "native" if token == "coin" else "erc20",
            address(giver), address(receiver), address(token), amount,
        )
        for giver, receiver, token, amount in rows
    ]  # fmt: skip


def address(name: str) -> bytes:
    return ZERO if name in ("nobody", "coin") else who(name)


def became(transaction: Transaction, lost: str, receiver: str) -> tuple[int, dict[str, int]] | None:
    """Terms of the thief's payment, tokens by name."""
    names = {address(name): name for name in ("coin", "WETH", "USDT", "DAI", "JUNK", "SHARE")}
    found: Terms | None = Settlement(transaction, who("thief"), address(lost)).terms(address(receiver))
    return None if found is None else (found.kept, {names[token]: share for token, share in found.gains.items()})


def test_a_token_that_falls_out_of_the_sky_takes_nothing_of_a_payment() -> None:
    rows = moved(("thief", "cash-out", "coin", 100), ("junk mint", "thief", "JUNK", 1))
    assert became(Transaction(rows), "coin", "cash-out") is None
    rows = moved(("thief", "cash-out", "coin", 100), ("nobody", "thief", "JUNK", 1))
    assert became(Transaction(rows), "coin", "cash-out") is None
    # Nor where it comes from a contract that passes the payment on and keeps nothing of it.
    rows = moved(("thief", "dealer", "coin", 100), ("dealer", "cash-out", "coin", 100), ("dealer", "thief", "JUNK", 1))
    assert became(Transaction(rows), "coin", "dealer") is None


def test_a_swap_over_a_router_and_two_pools_is_one_exchange_less_what_the_router_keeps() -> None:
    rows = moved(
        ("thief", "router", "coin", 1_000), ("nobody", "router", "WETH", 990), ("router", "pool 1", "WETH", 990),
        ("pool 1", "pool 2", "USDT", 2_000), ("pool 2", "router", "DAI", 1_999), ("router", "thief", "DAI", 1_999),
        ("junk mint", "thief", "JUNK", 5), wraps=("WETH",),
    )  # fmt: skip
    assert became(Transaction(rows), "coin", "router") == (1, {"DAI": 99})


def test_a_pool_and_a_bystander_paid_in_one_transaction_are_told_apart() -> None:
    rows = moved(("thief", "pool", "coin", 9), ("thief", "friend", "coin", 1), ("pool", "thief", "USDT", 20))
    assert became(Transaction(rows), "coin", "pool") == (0, {"USDT": 1})
    assert became(Transaction(rows), "coin", "friend") is None


def test_wraps_and_shares_that_a_contract_mints_count() -> None:
    rows = moved(("thief", "WETH", "coin", 5), ("nobody", "thief", "WETH", 5), wraps=("WETH",))
    assert became(Transaction(rows), "coin", "WETH") == (0, {"WETH": 1})
    assert became(Transaction(rows).reversed(), "WETH", "nobody") == (0, {"coin": 1})
    rows = moved(("thief", "SHARE", "USDT", 100), ("nobody", "thief", "SHARE", 97))
    assert became(Transaction(rows), "USDT", "SHARE") == (0, {"SHARE": 1})
    rows = moved(("thief", "nobody", "SHARE", 97), ("SHARE", "thief", "USDT", 100))
    assert became(Transaction(rows), "SHARE", "nobody") == (0, {"USDT": 1})


def test_several_gains_share_by_price_where_all_have_one_and_equally_where_not() -> None:
    rows = moved(("thief", "pool", "coin", 10), ("pool", "thief", "USDT", 300), ("pool", "thief", "DAI", 100))
    assert became(Transaction(rows), "coin", "pool") == (0, {"USDT": 1, "DAI": 1})
    priced = Transaction(rows, prices={who("USDT"): 1.0, who("DAI"): 1.0})
    assert became(priced, "coin", "pool") == (0, {"USDT": 3, "DAI": 1})
    # Two pools that kept different parts: by what each kept.
    rows = moved(
        ("thief", "router", "coin", 10), ("router", "pool 1", "coin", 7), ("router", "pool 2", "coin", 3),
        ("pool 1", "thief", "USDT", 300), ("pool 2", "thief", "DAI", 100),
    )  # fmt: skip
    assert became(Transaction(rows), "coin", "router") == (0, {"USDT": 7, "DAI": 3})


def test_marked_spam_is_no_gain() -> None:
    rows = moved(("thief", "pool", "coin", 10), ("pool", "thief", "USDT", 300), ("pool", "thief", "JUNK", 100))
    spam = frozenset({who("JUNK")})
    assert became(Transaction(rows, spam), "coin", "pool") == (0, {"USDT": 1})
    assert became(Transaction(rows[:1] + rows[2:], spam), "coin", "pool") is None


def test_what_came_back_of_a_payment_was_not_exchanged() -> None:
    rows = moved(
        ("thief", "router", "coin", 100), ("router", "pool", "coin", 1), ("pool", "thief", "USDT", 2),
        ("router", "thief", "coin", 99),
    )  # fmt: skip
    assert became(Transaction(rows), "coin", "router") == (0, {"coin": 99, "USDT": 1})
    rows = moved(("thief", "pool", "coin", 100), ("pool", "thief", "USDT", 2), ("pool", "thief", "coin", 99))
    assert became(Transaction(rows), "coin", "pool") == (0, {"coin": 99, "USDT": 1})
    # A loan that came before the payment is no refund of it.
    rows = moved(("lender", "thief", "coin", 99), ("thief", "pool", "coin", 100), ("pool", "thief", "USDT", 2))
    assert became(Transaction(rows), "coin", "pool") == (0, {"USDT": 1})
    rows = moved(("pool", "thief", "coin", 99), ("thief", "pool", "coin", 100), ("pool", "thief", "USDT", 2))
    assert became(Transaction(rows), "coin", "pool") == (99, {"USDT": 1})


def test_a_transaction_with_very_many_receivers_is_settled_at_once() -> None:
    count = 1_000
    rows = moved(
        ("thief", "spread", "coin", count), ("pool", "thief", "USDT", 1),
        *(("thief", f"direct {number}", "coin", 1) for number in range(count)),
        *(("spread", f"indirect {number}", "coin", 1) for number in range(count)),
    )  # fmt: skip
    begun = time.process_time()
    settlement = Settlement(Transaction(rows), who("thief"), address("coin"))
    assert not any(settlement.terms(movement.receiver) for movement in rows if movement.giver == who("thief"))
    assert time.process_time() - begun < 2
