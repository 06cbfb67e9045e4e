"""Cuts of the data: disjoint, complete, and the same for ever."""

from __future__ import annotations

import numpy as np

from models.splits import folds_by_hash, place_of, split_by_hash, split_by_time

ADDRESSES = [number.to_bytes(20, "big") for number in range(5000)]


def test_every_account_is_in_exactly_one_part_and_a_fifth_is_the_test() -> None:
    split = split_by_hash(ADDRESSES)
    np.testing.assert_array_equal(split.fit.astype(int) + split.validation + split.test, 1)
    assert abs(split.test.mean() - 0.2) < 0.02
    assert abs(split.validation.mean() - 0.16) < 0.02


def test_an_account_stays_where_it_is_when_others_come() -> None:
    few, many = split_by_hash(ADDRESSES[::7]), split_by_hash(ADDRESSES)
    np.testing.assert_array_equal(few.test, many.test[::7])
    np.testing.assert_array_equal(few.validation, many.validation[::7])
    # The number itself is part of the protocol: published figures hang on it.
    assert place_of(bytes(20)) == 869380924605162955


def test_a_cut_in_time_trains_on_nobody_seen_later() -> None:
    seen = np.arange(5000)
    split = split_by_time(ADDRESSES, seen, 3000)
    assert seen[split.fit | split.validation].max() == 2999
    assert seen[split.test].min() == 3000
    assert not (split.fit & split.validation).any()


def test_folds_cover_all_accounts() -> None:
    folds = folds_by_hash(ADDRESSES, 4)
    assert sorted(np.unique(folds)) == [0, 1, 2, 3]
