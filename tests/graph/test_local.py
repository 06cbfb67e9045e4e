from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graph.local
from graph.local import LocalEngine
from tests.contracts.graph_engine import Graph, GraphEngineContract, assert_equal, measure_all, write


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    return measure_all(LocalEngine(), tmp_path_factory.mktemp("graphs"))


class TestLocalEngine(GraphEngineContract):
    """The contract, on `measured` above."""


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    vertices = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=10)))
    ends = st.sampled_from(vertices)
    edges = draw(st.sets(st.tuples(ends, ends).filter(lambda edge: edge[0] != edge[1]), max_size=40))
    return vertices, sorted(edges)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("drawn")


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_any_small_graph_is_measured_as_other_means_do(folder, drawn):
    (measures,) = LocalEngine().measure([write(drawn, folder)])
    assert_equal(measures, drawn)


def test_triangles_are_the_same_however_few_wedges_are_listed_at_once(tmp_path, monkeypatch):
    dice = np.random.default_rng(3)
    pairs = np.unique(dice.integers(0, 80, (1500, 2)), axis=0)
    files = write((range(80), [tuple(pair) for pair in pairs[pairs[:, 0] != pairs[:, 1]].tolist()]), tmp_path)
    edges = graph.local.read_edges(files)
    at_once = graph.local.cycles_of_three(edges)
    monkeypatch.setattr(graph.local, "_WEDGES_AT_ONCE", 7)
    assert at_once.sum() > 1_000
    assert np.array_equal(graph.local.cycles_of_three(edges), at_once)


def test_an_edge_to_nobody_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not among the vertices"):
        LocalEngine().measure([write(([1, 2], [(1, 3)]), tmp_path)])
