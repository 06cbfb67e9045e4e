"""Cuts of the data: disjoint, complete, and the same for ever."""

from __future__ import annotations

import numpy as np

from models.splits import (
    edges_to_learn_from,
    folds_by_hash,
    place_of,
    split_by_group,
    split_by_hash,
    split_by_source,
    split_by_time,
)

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


def test_the_gap_before_a_cut_and_labels_that_came_after_it_are_in_no_part() -> None:
    seen = np.arange(5000)
    known_at = np.where(seen % 2 == 0, seen, 4000)
    split = split_by_time(ADDRESSES, seen, 3000, gap=500, known_at=known_at)
    learnt = seen[split.fit | split.validation]
    assert learnt.tolist() == list(range(0, 2500, 2))
    assert seen[split.test].min() == 3000


def test_a_year_is_judged_by_the_years_before_beside_accounts_of_a_class_that_begins_early() -> None:
    """Licit accounts all begin before 2000: a fifth of them by hash is judged beside illicit ones of the years 2000 to 2999."""
    seen, licit = np.arange(5000), np.arange(5000) % 2 == 0
    seen = np.where(licit, seen * 2 // 5, seen)
    held = licit & split_by_hash(ADDRESSES).test
    split = split_by_time(ADDRESSES, seen, 2000, until=3000, gap=100, held=held)
    np.testing.assert_array_equal(split.learnt, (seen < 1900) & ~held)
    np.testing.assert_array_equal(split.test, held | ((seen >= 2000) & (seen < 3000)))
    assert not (split.fit & split.validation).any()


def test_accounts_of_one_group_stay_together() -> None:
    groups = [number // 7 for number in range(5000)]
    split = split_by_group(ADDRESSES, groups)
    for part in (split.fit, split.validation, split.test):
        shares = np.bincount(groups, weights=part) / np.bincount(groups)
        assert set(np.unique(shares)) == {0.0, 1.0}
    np.testing.assert_array_equal(split.fit.astype(int) + split.validation + split.test, 1)
    assert abs(split.test.mean() - 0.2) < 0.05


def test_what_one_source_says_is_judged_by_what_the_others_know() -> None:
    labels = (np.arange(5000) % 3 == 0).astype(np.int64)
    from_source = np.arange(5000) % 2 == 0
    split = split_by_source(ADDRESSES, labels, from_source)
    assert not (from_source & (labels == 1) & ~split.test).any()
    assert not (~from_source & (labels == 1) & split.test).any()
    assert 0.15 < split.test[labels == 0].mean() < 0.25
    np.testing.assert_array_equal(split.fit.astype(int) + split.validation + split.test, 1)


def test_a_strictly_inductive_graph_has_no_edge_at_a_held_account_and_none_of_later() -> None:
    giver, receiver = np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3])
    held = np.array([False, False, True, False])
    learnt = edges_to_learn_from(giver, receiver, np.array([10, 10, 10, 99]), held, until=50)
    assert learnt.tolist() == [True, False, False, False]
