"""Neighbourhoods in time: nothing from the seed's future, nothing from another seed's tree."""

from __future__ import annotations

import numpy as np

from models.encoders.sampling import Sample, compress

# giver -> receiver at second: 0->1 at 10, 1->2 at 20, 2->1 at 30, 3->1 at 40, 1->4 at 50, 0->1 at 60
GIVER, RECEIVER = np.array([0, 1, 2, 3, 1, 0]), np.array([1, 2, 1, 1, 4, 1])
SOURCE = compress(GIVER, RECEIVER, np.array([10, 20, 30, 40, 50, 60]), 5)


def drawn(seeds: list[int], moments: list[int], fan_out: tuple[int, ...]) -> Sample:
    return SOURCE.sample(np.array(seeds), np.array(moments), fan_out, seed=0)


def test_only_edges_strictly_before_the_seeds_moment_are_taken() -> None:
    found = drawn([1], [40], (10,))
    assert sorted(found.edge.tolist()) == [0, 1, 2]
    assert sorted(found.age.tolist()) == [10.0, 20.0, 30.0]
    np.testing.assert_array_equal(found.nodes[found.source[found.is_reverse == 1]], [2])


def test_the_second_hop_obeys_the_moment_of_the_seed_too() -> None:
    found = drawn([0], [35], (5, 5))
    # 0 paid 1; around 1 before 35 are edges 0, 1 and 2, never 3 and 4.
    assert set(found.edge.tolist()) == {0, 1, 2}
    assert (found.age > 0).all()


def test_trees_of_two_seeds_do_not_touch() -> None:
    found = drawn([1, 1], [15, 100], (5, 5))
    np.testing.assert_array_equal(found.root[found.source], found.root[found.target])
    first = found.root[found.target][found.bundle] == 0
    assert set(found.edge[first].tolist()) == {0}
    assert set(found.edge[~first].tolist()) == {0, 1, 2, 3, 4, 5}


def test_parallel_edges_share_a_child_and_payments_back_do_not() -> None:
    found = drawn([1], [100], (10,))
    bundles = {
        (int(found.nodes[found.source[number]]), int(found.is_reverse[number])): sorted(
            found.edge[found.bundle == number]
        )
        for number in range(len(found.source))
    }
    assert bundles == {(0, 0): [0, 5], (2, 0): [2], (3, 0): [3], (2, 1): [1], (4, 1): [4]}


def test_ports_number_neighbours_as_they_came_and_gaps_tell_the_time_between_edges_of_a_side() -> None:
    found = drawn([1], [100], (10,))
    about = {
        int(edge): (int(port), int(gap)) for edge, port, gap in zip(found.edge, found.port, found.gap, strict=True)
    }
    assert about == {0: (0, -1), 2: (1, 20), 3: (2, 10), 5: (0, 20), 1: (0, -1), 4: (1, 30)}


def test_a_fan_out_bounds_each_side_and_a_seed_repeats_its_draw() -> None:
    source = compress(np.arange(1, 101), np.zeros(100, np.int64), np.arange(1, 101), 101)
    one = source.sample(np.array([0]), np.array([1000]), (7,), seed=3)
    assert 3 <= len(one.edge) <= 7
    assert len(set(one.edge.tolist())) == len(one.edge)
    # Whoever else is in the batch.
    two = source.sample(np.array([5, 0]), np.array([1000, 1000]), (7,), seed=3)
    np.testing.assert_array_equal(one.edge, two.edge[two.root[two.target][two.bundle] == 1])
    other = source.sample(np.array([0]), np.array([1000]), (7,), seed=4)
    assert sorted(other.edge) != sorted(one.edge)


def test_a_node_without_edges_is_alone() -> None:
    found = drawn([3, 4], [40, 10], (3, 3))
    assert found.nodes.tolist() == [3, 4]
    assert len(found.source) == len(found.edge) == 0
