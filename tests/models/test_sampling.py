"""Neighbourhoods in time: nothing from the seed's future, nothing from another seed's tree."""

from __future__ import annotations

import numpy as np

from models.sampling import sample, timed_rows

# giver -> receiver at second: 0->1 at 10, 1->2 at 20, 2->1 at 30, 3->1 at 40, 1->4 at 50
GIVER, RECEIVER = np.array([0, 1, 2, 3, 1]), np.array([1, 2, 1, 1, 4])
MOMENT = np.array([10, 20, 30, 40, 50])
INCOMING, OUTGOING = timed_rows(RECEIVER, GIVER, MOMENT, 5), timed_rows(GIVER, RECEIVER, MOMENT, 5)


def test_only_edges_strictly_before_the_seeds_moment_are_taken() -> None:
    found = sample(INCOMING, OUTGOING, np.array([1]), np.array([40]), (10,), seed=0)
    assert sorted(found.edge.tolist()) == [0, 1, 2]
    assert sorted(found.age.tolist()) == [10.0, 20.0, 30.0]
    np.testing.assert_array_equal(found.nodes[found.source[found.is_reverse == 1]], [2])


def test_the_second_hop_obeys_the_moment_of_the_seed_too() -> None:
    found = sample(INCOMING, OUTGOING, np.array([0]), np.array([35]), (5, 5), seed=0)
    # 0 paid 1; around 1 before 35 are edges 0, 1 and 2, never 3 and 4.
    assert set(found.edge.tolist()) == {0, 1, 2}
    assert (found.age > 0).all()


def test_trees_of_two_seeds_do_not_touch() -> None:
    found = sample(INCOMING, OUTGOING, np.array([1, 1]), np.array([15, 100]), (5, 5), seed=0)
    np.testing.assert_array_equal(found.root[found.source], found.root[found.target])
    first = found.root[found.target] == 0
    assert set(found.edge[first].tolist()) == {0}
    assert set(found.edge[~first].tolist()) == {0, 1, 2, 3, 4}


def test_a_fan_out_bounds_each_side_and_a_seed_repeats_its_draw() -> None:
    giver, receiver = np.arange(1, 101), np.zeros(100, np.int64)
    incoming, outgoing = timed_rows(receiver, giver, giver, 101), timed_rows(giver, receiver, giver, 101)
    one = sample(incoming, outgoing, np.array([0]), np.array([1000]), (7,), seed=3)
    two = sample(incoming, outgoing, np.array([0]), np.array([1000]), (7,), seed=3)
    assert len(one.edge) == 7
    np.testing.assert_array_equal(one.edge, two.edge)
