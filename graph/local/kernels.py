"""One round of each iterative measure over one block of vertices, compiled; graph.local.rounds calls them round by round.

Every kernel gets the block's adjacency and vectors over all vertices of the graph as they were before the round, and
returns new values for the block's own vertices alone. So blocks need nothing of each other, wherever they are.
Integers are summed as integers, floats in the order of the neighbours: the blocks' bounds change no answer.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from graph.local.neighbours import GIVES, TAKES, Neighbours

LANES = 4
"""Vectors of ranks that one round carries side by side."""
SETTLED = -1
"""Region of a vertex whose strong component is known."""


def received(block: Neighbours, share: Any) -> Any:
    """Σ of `share` (float64 [vertices, `LANES`]) over each vertex's givers."""
    return _received(block.starts, block.givers_stop, block.ends, share)


def elected(block: Neighbours, label: Any, changed: Any) -> Any:
    """Next label of each vertex by the vote that graph.engine describes; where nobody near changed, the same again."""
    return _elected(block.first, block.starts, block.ends, block.kinds, label, changed)


def core_bound(block: Neighbours, bound: Any, changed: Any) -> Any:
    """h-index of the neighbours' bounds: the largest h such that h of them are at least h."""
    return _core_bound(block.first, block.starts, block.ends, bound, changed)


def summed(block: Neighbours, values: Any) -> Any:
    """Σ of integers over each vertex's neighbours."""
    return _summed(block.starts, block.ends, values)


def highest(block: Neighbours, values: Any) -> Any:
    """Largest of non-negative integers over each vertex's neighbours, 0 without any."""
    return _highest(block.starts, block.ends, values)


def lowest_upstream(block: Neighbours, label: Any, region: Any) -> Any:
    """Smallest label among each unsettled vertex and its givers of the same region."""
    return _lowest_upstream(block.first, block.starts, block.givers_stop, block.ends, label, region)


def reaching(block: Neighbours, reached: Any, region: Any) -> Any:
    """1 for each vertex that is reached or gives to a reached one of the same region."""
    return _reaching(block.first, block.starts, block.ends, block.kinds, reached, region)


def alive(block: Neighbours, region: Any) -> Any:
    """1 for each unsettled vertex with a giver and a taker in its region: others are on no cycle."""
    return _alive(block.first, block.starts, block.ends, block.kinds, region)


def inner_edge_count(block: Neighbours, region: Any) -> int:
    """How many edges lead from the block's vertices into their own region."""
    return int(_inner(block, region)[1].sum())


def inner_edges(block: Neighbours, region: Any) -> Any:
    """These edges as (giver, taker): int64 [edges, 2]."""
    owner, inner = _inner(block, region)
    return np.stack([owner[inner], block.ends[inner].astype(np.int64)], axis=1)


def _inner(block: Neighbours, region: Any) -> tuple[Any, Any]:
    owner = np.repeat(np.arange(block.first, block.stop), np.diff(block.starts))
    own = region[owner]
    return owner, (block.kinds & TAKES != 0) & (own == region[block.ends]) & (own != SETTLED)


@nb.njit(cache=True, nogil=True)
def _received(starts: Any, givers_stop: Any, ends: Any, share: Any) -> Any:
    out = np.empty((len(givers_stop), LANES))
    for v in range(len(givers_stop)):
        a = b = c = d = 0.0
        for k in range(starts[v], givers_stop[v]):
            giver = ends[k]
            a += share[giver, 0]
            b += share[giver, 1]
            c += share[giver, 2]
            d += share[giver, 3]
        out[v, 0], out[v, 1], out[v, 2], out[v, 3] = a, b, c, d
    return out


@nb.njit(cache=True, nogil=True)
def _elected(first: Any, starts: Any, ends: Any, kinds: Any, label: Any, changed: Any) -> Any:
    votes = np.zeros(len(label), np.int32)
    out = np.empty(len(starts) - 1, np.int32)
    for v in range(len(starts) - 1):
        own = label[first + v]
        out[v] = own
        stirred = changed[first + v]
        for k in range(starts[v], starts[v + 1]):
            if changed[ends[k]]:
                stirred = True
                break
        if not stirred:
            continue
        votes[own] = 1
        for k in range(starts[v], starts[v + 1]):
            votes[label[ends[k]]] += 2 if kinds[k] == GIVES | TAKES else 1
        best, most = own, votes[own]
        for k in range(starts[v], starts[v + 1]):
            name = label[ends[k]]
            if votes[name] > most or (votes[name] == most and name < best):
                best, most = name, votes[name]
        out[v] = best
        votes[own] = 0
        for k in range(starts[v], starts[v + 1]):
            votes[label[ends[k]]] = 0
    return out


@nb.njit(cache=True, nogil=True)
def _core_bound(first: Any, starts: Any, ends: Any, bound: Any, changed: Any) -> Any:
    counts = np.zeros(int(bound.max()) + 2 if len(bound) else 2, np.int64)
    out = np.empty(len(starts) - 1, np.int32)
    for v in range(len(starts) - 1):
        own = bound[first + v]
        out[v] = own
        supporters = 0
        stirred = False
        for k in range(starts[v], starts[v + 1]):
            supporters += bound[ends[k]] >= own
            stirred = stirred or changed[ends[k]]
        if supporters >= own or not stirred:  # bounds only fall, and own supporters keep it
            continue
        for k in range(starts[v], starts[v + 1]):
            counts[min(bound[ends[k]], own)] += 1
        h, at_least = own, counts[own]
        while at_least < h:
            h -= 1
            at_least += counts[h]
        out[v] = h
        counts[: own + 1] = 0
    return out


@nb.njit(cache=True, nogil=True)
def _summed(starts: Any, ends: Any, values: Any) -> Any:
    out = np.zeros(len(starts) - 1, np.int64)
    for v in range(len(starts) - 1):
        for k in range(starts[v], starts[v + 1]):
            out[v] += values[ends[k]]
    return out


@nb.njit(cache=True, nogil=True)
def _highest(starts: Any, ends: Any, values: Any) -> Any:
    out = np.zeros(len(starts) - 1, np.int64)
    for v in range(len(starts) - 1):
        for k in range(starts[v], starts[v + 1]):
            out[v] = max(out[v], values[ends[k]])
    return out


@nb.njit(cache=True, nogil=True)
def _lowest_upstream(first: Any, starts: Any, givers_stop: Any, ends: Any, label: Any, region: Any) -> Any:
    out = label[first : first + len(starts) - 1].copy()
    for v in range(len(starts) - 1):
        own = region[first + v]
        if own == SETTLED:
            continue
        for k in range(starts[v], givers_stop[v]):
            if region[ends[k]] == own:
                out[v] = min(out[v], label[ends[k]])
    return out


@nb.njit(cache=True, nogil=True)
def _reaching(first: Any, starts: Any, ends: Any, kinds: Any, reached: Any, region: Any) -> Any:
    out = reached[first : first + len(starts) - 1].copy()
    for v in range(len(starts) - 1):
        own = region[first + v]
        if own == SETTLED or out[v]:
            continue
        for k in range(starts[v], starts[v + 1]):
            if kinds[k] & TAKES and reached[ends[k]] and region[ends[k]] == own:
                out[v] = 1
                break
    return out


@nb.njit(cache=True, nogil=True)
def _alive(first: Any, starts: Any, ends: Any, kinds: Any, region: Any) -> Any:
    out = np.zeros(len(starts) - 1, np.uint8)
    for v in range(len(starts) - 1):
        own = region[first + v]
        if own == SETTLED:
            continue
        seen = 0
        for k in range(starts[v], starts[v + 1]):
            if region[ends[k]] == own:
                seen |= kinds[k]
        out[v] = seen == GIVES | TAKES
    return out
