"""Histories of wallets and their description, on wallets small enough to work out by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest

from chainsight.errors import DataCheckError
from models.sequences.descriptors import decimals, describe, matrix
from models.sequences.history import Histories, join
from models.sequences.stored import read_histories
from models.sequences.variation import varied
from sql.store import Store
from tests.fixtures.histories import PASSER, SINGLE, made_up

ANNA, BERT = "a1" * 20, "b2" * 20


def test_a_wallet_that_passes_on_what_it_gets_is_described_as_one() -> None:
    found = {name: float(values[0]) for name, values in describe(PASSER).items()}
    told = {
        "moves": 5, "in_moves": 2, "out_moves": 3, "out_share": 0.6, "turn_share": 0.75, "first_run": 1, "last_run": 2,
        "out_run_most": 2, "in_runs": 2, "ways_01": 0.5, "ways_11": 0.25, "ways_00": 0, "first1_out": 0, "last1_out": 1,
        "passed_in_minute": 1 / 3, "passed_whole_in_minute": 1 / 3, "passed_in_hour": 2 / 3, "passed_in_day": 1,
        "out_distinct": 2, "out_usual_share": 2 / 3, "out_repeat_share": 1 / 3, "out_round_1": 0, "in_round_1": 1,
        "all_burst_minute": 2, "all_burst_day": 3, "out_burst_minute": 2, "emptied": 2,
    }  # fmt: skip
    assert {name: found[name] for name in told} == pytest.approx(told)
    assert found["balance_last"] == pytest.approx(0.01 / 2.5)
    assert found["out_usual"] == pytest.approx(np.log10(1 + 0.25e6))
    assert found["lifetime"] == pytest.approx(np.log10(1 + 30 + 86_400 + 3_600 + 10))


def test_a_history_is_described_the_same_alone_and_among_others() -> None:
    crowd = made_up(30, 40, 1)
    alone, names = matrix(PASSER)
    among = matrix(join([crowd, PASSER, SINGLE, crowd]))[0]
    assert alone.shape == (1, len(names))
    assert len(names) > 270
    np.testing.assert_allclose(among[30], alone[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(among[:30], among[32:], rtol=1e-3, atol=1e-3)


def test_one_transaction_and_a_hundred_thousand_are_described_in_seconds() -> None:
    single = describe(SINGLE)
    assert single["moves"][0] == 1
    assert np.isnan([single["all_gap_mean"][0], single["in_amount_mean"][0]]).all()
    size = 100_000
    draw = np.random.default_rng(0)
    long = Histories(
        draw.lognormal(0, 2, size), draw.integers(0, 2, size).astype(np.int8), np.full(size, 12.0), np.array([0, size])
    )
    begun = time.process_time()
    rows, _ = matrix(long)
    assert time.process_time() - begun < 10
    assert not np.isinf(rows).any()


def test_digits_after_the_point_are_counted_in_amounts_of_any_size() -> None:
    amounts = np.array([0.0, 5.0, 0.15, 25_533.125, 0.00046, 1.234567890123, 24_984.669646])
    assert decimals(amounts).tolist() == [0, 0, 2, 3, 5, 10, 6]


@pytest.mark.parametrize(
    ("array", "value", "said"),
    [
        ("amounts", np.nan, "an amount"),
        ("amounts", np.inf, "an amount"),
        ("amounts", -0.1, "an amount"),
        ("gaps", -1.0, "a gap"),
        ("gaps", np.nan, "a gap"),
        ("directions", 2, "a direction"),
    ],
)
def test_a_history_that_no_chain_holds_is_refused_by_number(array: str, value: float, said: str) -> None:
    good = join([SINGLE, PASSER])
    arrays = {name: getattr(good, name).copy() for name in ("amounts", "directions", "gaps", "offsets")}
    arrays[array][3] = value
    with pytest.raises(DataCheckError, match=rf"History 1 has {said}.*transaction 2"):
        Histories(**arrays)


def test_a_history_without_a_transaction_is_refused() -> None:
    with pytest.raises(DataCheckError, match="History 1 has no transaction"):
        Histories(np.ones(1), np.zeros(1, np.int8), np.zeros(1), np.array([0, 1, 1]))


def test_parts_of_histories_keep_what_belongs_to_them() -> None:
    both = join([PASSER, SINGLE])
    assert both.take(np.array([1, 0])).amounts.tolist() == [1.0, *PASSER.amounts]
    assert both.first(2).amounts.tolist() == [2.0, 1.99, 1.0]
    assert both.last(2).gaps.tolist() == [0.0, 10.0, 0.0]
    assert both.times.tolist() == [0, 30, 86_430, 90_030, 90_040, 0]


def test_variants_of_a_history_lose_moves_and_never_all() -> None:
    histories = join([made_up(50, 30, 2), SINGLE])
    for variant in varied(histories, 3):
        assert len(variant) == len(histories)
        assert len(variant.amounts) < len(histories.amounts)
        assert (variant.lengths <= histories.lengths).all()
        assert set(variant.amounts) <= set(histories.amounts)


def test_histories_come_from_the_transactions_of_a_store_as_of_a_block(store: Store) -> None:
    moves = [  # block, second, sender, receiver, ether in milli, success
        (1, 100, ANNA, BERT, 2_000, 1),
        (2, 160, BERT, ANNA, 500, 1),
        (3, 170, BERT, BERT, 100, 1),
        (4, 400, ANNA, BERT, 700, 0),
        (9, 900, ANNA, BERT, 1, 1),
    ]
    for block, second, sender, receiver, milli, success in moves:
        store.command(
            "INSERT INTO transactions (chain_id, block_number, block_timestamp, transaction_index, transaction_hash,"
            " from_address, to_address, value, success, version) SELECT 1, {block:UInt64}, toDateTime({second:UInt32}, 'UTC'),"
            " 0, toFixedString('t', 32), unhex({sender:String}), unhex({receiver:String}),"
            " toUInt256({milli:UInt64}) * 1000000000000000, {success:UInt8}, 1",
            block=block, second=second, sender=sender, receiver=receiver, milli=milli, success=success,
        )  # fmt: skip
    owners, found = read_histories(store, chain_id=1, to_block=5)
    assert found is not None
    assert [owner.hex() for owner in owners] == [ANNA, BERT]
    assert found.amounts.tolist() == pytest.approx([2.0, 0.5, 0.0, 2.0, 0.5, 0.1, 0.0])
    assert found.directions.tolist() == [1, 0, 1, 0, 1, 1, 0]
    assert found.gaps.tolist() == [0, 60, 240, 0, 60, 10, 230]
    only, first = read_histories(store, chain_id=1, to_block=9, addresses=[bytes.fromhex(BERT)], most_moves=2)
    assert first is not None
    assert len(only) == 1
    assert first.amounts.tolist() == [2.0, 0.5]
    assert read_histories(store, chain_id=7, to_block=9) == ((), None)
