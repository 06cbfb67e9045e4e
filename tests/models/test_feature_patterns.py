"""Shapes of payments and nearness, held against slow and plain counting on random small graphs."""

from __future__ import annotations

import math
from collections import defaultdict

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.features.exposures import exposure_features
from models.features.graph import FeatureGraph
from models.features.neighbours import Behaviour, _side
from models.features.patterns import DAY, HOUR, WEEK, pattern_features

PEOPLE = 7
Move = tuple[int, int, int, float]
_MOVES = st.lists(
    st.tuples(
        st.integers(0, PEOPLE - 1), st.integers(1, PEOPLE - 1), st.sampled_from([0, 9, 300, 5_000, 60_000]),
        st.sampled_from([0.0, 1.0, 0.9, 0.7, 3.0]),
    ),
    min_size=1,
    max_size=40,
)  # fmt: skip


def graph_of(moves: list[tuple[int, int, int, float]]) -> tuple[FeatureGraph, list[Move]]:
    """(giver, distance to the receiver, seconds since the move before, coins; 0 for tokens) as arrays and as a list in time."""
    at, told = 0, []
    for giver, distance, later, coins in moves:
        at += later
        told.append((giver, (giver + distance) % PEOPLE, at, coins))
    giver, receiver, moved_at, coins = (np.array(column) for column in zip(*told, strict=True))
    addresses = {number: bytes([number]) * 20 for number in range(PEOPLE)}
    count = len(told)
    graph = FeatureGraph(
        addresses, giver.astype(np.int64), receiver.astype(np.int64), moved_at.astype(np.int64), np.arange(count),
        coins.astype(np.float64), np.ones(count, np.bool_),
    )  # fmt: skip
    return graph, told


@settings(max_examples=60, deadline=None)
@given(_MOVES)
def test_patterns_are_what_counting_one_by_one_finds(moves: list[tuple[int, int, int, float]]) -> None:
    graph, told = graph_of(moves)
    found = pattern_features(graph)
    for who in range(PEOPLE):
        came = [(at, giver) for giver, receiver, at, _ in told if receiver == who]
        went = [(at, receiver) for giver, receiver, at, _ in told if giver == who]
        for side, ends in (("in", came), ("out", went)):
            for name, window in (("hour", HOUR), ("day", DAY), ("week", WEEK)):
                fans = [len({end for at, end in ends if start <= at <= start + window}) for start, _ in ends]
                assert same(found[f"{side}_fan_{name}"][who], max(fans, default=math.nan))
        expected: dict[str, float] = defaultdict(float)
        for place, (giver, receiver, at, _) in enumerate(told):
            if giver != who:
                continue
            later = told[place + 1 :]
            expected["returns_within_day"] += any((g, r) == (receiver, who) and t <= at + DAY for g, r, t, _ in later)
            expected["cycles_within_day"] += sum(
                any((g2, r2) == (third, who) and then < t2 <= at + DAY for g2, r2, t2, _ in told)
                for g, third, then, _ in told
                if g == receiver and third not in (who, receiver) and at < then <= at + DAY
            )
        paths = {
            (end, between)
            for giver, between, at, _ in told
            for g, end, then, _ in told
            if giver == who and g == between and end != who and at < then <= at + WEEK
        }
        ways: dict[int, int] = defaultdict(int)
        for end, _ in paths:
            ways[end] += 1
        expected["scatter_gathers"] = sum(number >= 3 for number in ways.values())
        for name in ("returns_within_day", "cycles_within_day", "scatter_gathers"):
            assert same(found[name][who], expected[name] if went else math.nan), name
        assert same(found["gather_scatters"][who], gather_scatters(told, who) if came else math.nan)
        assert same(found["gone_within_hour_share"][who], gone_within_hour(told, who))


def gather_scatters(told: list[Move], who: int) -> int:
    """Window by window: three givers first, then three receivers, within a day of its first payment."""
    mine = [(at, giver, receiver) for giver, receiver, at, _ in told if who in (giver, receiver)]
    count = first = 0
    while first < len(mine):
        givers, receivers, after = set(), set(), first
        while after < len(mine) and mine[after][0] - mine[first][0] <= DAY and len(receivers) < 3:
            _, giver, receiver = mine[after]
            if giver != who:
                givers.add(giver)
            elif len(givers) >= 3:
                receivers.add(receiver)
            after += 1
        count += len(receivers) == 3
        first = after if len(receivers) == 3 else first + 1
    return count


def gone_within_hour(told: list[Move], who: int) -> float:
    """Coin by coin: what came first leaves first."""
    held: list[list[float]] = []
    taken = soon = 0.0
    for giver, receiver, at, coins in told:
        if receiver == who:
            held.append([at, coins])
            taken += coins
        elif giver == who:
            for coin in held:
                part = min(coin[1], coins)
                coin[1] -= part
                coins -= part
                soon += part if at - coin[0] <= HOUR else 0.0
    return soon / taken if taken else math.nan


def same(one: float, other: float) -> bool:
    return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def test_a_peel_chain_a_consolidation_and_a_gathering_are_counted_where_they_begin() -> None:
    # 0 pays 1, who passes most of it on to 2, who passes most of it on to 3.
    chain = [(0, 1, 0, 10.0), (1, 1, 60, 9.0), (1, 3, 60, 1.0), (2, 1, 60, 8.0)]
    found = pattern_features(graph_of(chain)[0])
    assert [found["peel_chain_hops"][who] for who in range(4)][:3] == [3, 2, 1]
    # 0, 1 and 2 pay 3; 3 pays all of it to 4, then a little to 5 and 6.
    gather = [(0, 3, 0, 1.0), (1, 2, 60, 1.0), (2, 1, 60, 1.0), (3, 1, 60, 2.8), (3, 2, 60, 0.1), (3, 3, 60, 0.1)]
    found = pattern_features(graph_of(gather)[0])
    assert (found["consolidations"][3], found["gather_scatters"][3]) == (1, 1)
    assert math.isnan(found["consolidations"][0])


@settings(max_examples=40, deadline=None)
@given(_MOVES, st.sets(st.integers(0, PEOPLE - 1)), st.sets(st.integers(0, PEOPLE - 1)))
def test_nearness_is_of_others_by_the_shortest_way_around_services_and_by_chance(
    moves: list[tuple[int, int, int, float]], illicit: set[int], services: set[int]
) -> None:
    graph, told = graph_of(moves)
    flags = {what: np.zeros(PEOPLE, np.bool_) for what in ("exchange", "mixer", "bridge", "illicit", "service")}
    flags["illicit"][list(illicit)] = True
    flags["service"][list(services)] = True
    found = exposure_features(graph, flags)
    ways = nx.Graph([(giver, receiver) for giver, receiver, _, _ in told])
    for who in range(PEOPLE):
        best = 4
        for other in illicit - {who}:
            passed = ways.subgraph([one for one in ways if one in (who, other) or one not in services])
            if who in passed and other in passed and nx.has_path(passed, who, other):
                best = min(best, nx.shortest_path_length(passed, who, other))
        assert found["illicit_distance"][who] == best
        if who in ways:
            assert math.isclose(found["illicit_taint"][who], tainted(told, illicit - {who}, who), abs_tol=1e-4)


def tainted(told: list[Move], illicit: set[int], who: int) -> float:
    """What networkx says when only these are illicit."""
    paid = nx.DiGraph()
    for giver, receiver, _, _ in told:
        before = paid.get_edge_data(giver, receiver, {"weight": 0})["weight"]
        paid.add_edge(giver, receiver, weight=before + 1)
    seeds = dict.fromkeys(illicit & set(paid), 1.0)
    return (
        nx.pagerank(paid, alpha=0.85, personalization=seeds, tol=1e-9, max_iter=300)[who] * len(paid) if seeds else 0.0
    )


@settings(max_examples=30, deadline=None)
@given(_MOVES, st.lists(st.one_of(st.just(math.nan), st.integers(-5, 5)), min_size=PEOPLE, max_size=PEOPLE))
def test_neighbours_are_put_together_as_by_hand(moves: list[tuple[int, int, int, float]], values: list[float]) -> None:
    graph, told = graph_of(moves)
    column = np.array(values, np.float32)[:, None]
    behaviour = Behaviour(("value",), column, np.ones(PEOPLE, np.bool_), np.zeros(PEOPLE, np.int64))
    layer = _side(graph, behaviour, incoming=True).layer(column, column, column)
    assert isinstance(layer.mean, np.memmap)  # 1.6 kB an address are not held in memory
    for who in range(PEOPLE):
        givers = {giver for giver, receiver, _, _ in told if receiver == who and not math.isnan(values[giver])}
        coins = {one: sum(c for g, r, _, c in told if (g, r) == (one, who)) for one in givers}
        heard = [float(values[one]) for one in givers]
        weight = sum(coins.values())
        expected = (np.mean(heard), max(heard), np.std(heard)) if heard else (math.nan,) * 3
        got = (layer.mean[who, 0], layer.most[who, 0], layer.deviation[who, 0])
        assert np.allclose(got, expected, atol=1e-5, equal_nan=True)
        balance = sum(values[one] * coins[one] for one in givers) / weight if weight else math.nan
        assert np.isclose(layer.weighted[who, 0], balance, atol=1e-5, equal_nan=True)
