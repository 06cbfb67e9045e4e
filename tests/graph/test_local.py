from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.local import rounds
from graph.local.engine import LocalEngine, read_graph
from graph.local.neighbours import block_of_neighbours, cut, whole_neighbours
from graph.local.returns import count_returns
from graph.local.rounds import BlocksHere
from graph.local.triangles import count_triangles
from tests.contracts.graph_engine import DAY, HUBS, Graph, GraphEngineContract, assert_equal, measure_all, write


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    return measure_all(LocalEngine(), tmp_path_factory.mktemp("graphs"))


class TestLocalEngine(GraphEngineContract):
    """The contract, on `measured` above."""


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    vertices = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=10)))
    ends = st.sampled_from(vertices)
    moments = st.integers(0, 8).map(lambda half_days: half_days * DAY // 2)
    transfers = st.tuples(ends, ends, moments).filter(lambda transfer: transfer[0] != transfer[1])
    seeds = draw(st.dictionaries(st.sampled_from("abcdef"), st.sets(ends, min_size=1), max_size=5))
    return Graph(vertices, draw(st.lists(transfers, max_size=40)), seeds)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("drawn")


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_any_small_graph_is_measured_as_other_means_do(folder, drawn):
    (found,) = LocalEngine().measure([write(drawn, folder)])
    assert_equal(found, drawn)


@settings(max_examples=60, deadline=None)
@given(graphs(), st.lists(st.integers(0, 10), max_size=3))
def test_blocks_and_slices_of_a_graph_add_up_to_the_whole(folder, drawn, cuts):
    graph = read_graph(write(drawn, folder))
    n = len(graph.ids)
    whole = whole_neighbours(graph.src, graph.dst, n)
    blocks = BlocksHere(cut(whole, sorted({0, n, *(min(place, n) for place in cuts)})))
    here = BlocksHere([whole])
    _, out_degree, degree = whole.degrees()
    seeds = list(graph.seeds.values())
    for parted, together in zip(
        rounds.ranks(blocks, out_degree, seeds), rounds.ranks(here, out_degree, seeds), strict=True
    ):
        assert np.array_equal(parted, together)
    assert np.array_equal(rounds.communities(blocks), rounds.communities(here))
    assert np.array_equal(rounds.cores(blocks, degree), rounds.cores(here, degree))
    assert np.array_equal(rounds.strong_components(blocks, 0), rounds.strong_components(here))
    bounds = sorted({0, 5 * DAY, *(place * DAY // 2 for place in cuts)})
    slices = [count_returns(*graph.moves, n, first=first, stop=stop) for first, stop in pairwise(bounds)]
    assert np.array_equal(sum(slices), count_returns(*graph.moves, n, first=0, stop=5 * DAY))


def test_triangles_of_every_three_groups_add_up_to_all(tmp_path):
    graph = read_graph(write(HUBS, tmp_path))
    n = len(graph.ids)
    whole = whole_neighbours(graph.src, graph.dst, n)
    groups = np.arange(n) % 3
    parts = [count_triangles(whole, groups, (a, b, c)) for a in range(3) for b in range(a, 3) for c in range(b, 3)]
    everything = count_triangles(whole, np.zeros(n, dtype=np.int64), (0, 0, 0))
    assert everything[:, 0].sum() > 1_000
    assert np.array_equal(sum(parts), everything)


def test_half_edges_in_any_order_make_the_same_block(tmp_path):
    graph = read_graph(write(HUBS, tmp_path))
    whole = whole_neighbours(graph.src, graph.dst, len(graph.ids))
    (_, wanted, _) = cut(whole, [0, 20, 90, len(graph.ids)])
    owner, end = np.concatenate([graph.src, graph.dst]), np.concatenate([graph.dst, graph.src])
    kind = np.repeat(np.array([2, 1], dtype=np.uint8), len(graph.src))
    mine = np.random.default_rng(1).permutation(np.flatnonzero((owner >= 20) & (owner < 90)))
    block = block_of_neighbours(20, 90, owner[mine], end[mine], kind[mine])
    for name in ("first", "starts", "givers_stop", "ends", "kinds"):
        assert np.array_equal(getattr(block, name), getattr(wanted, name)), name


def test_a_bot_that_plays_ping_pong_all_day_takes_no_time(tmp_path):
    rounds_played = 30_000
    moments = np.repeat(np.arange(rounds_played), 2) * 2 + np.tile([0, 1], rounds_played)
    src = np.tile([0, 1], rounds_played)
    found = count_returns(src, 1 - src, moments, 2, first=0, stop=int(moments[-1]) + 1)
    assert found.tolist() == [[rounds_played, 0, 0], [rounds_played - 1, 0, 0]]


def test_an_edge_to_nobody_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not among the vertices"):
        LocalEngine().measure([write(Graph([1, 2], [(1, 3, 0)]), tmp_path)])
