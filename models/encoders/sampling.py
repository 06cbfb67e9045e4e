"""Neighbourhoods out of a directed multigraph in time: compressed rows sorted by (node, moment), sampled with numba.

Each seed gets a small tree of its own (disjoint batches), so that nobody sees through another seed's moment: an edge is
taken only if it is strictly earlier than its seed's moment. Edges drawn between the same two nodes in the same direction
share one child and form a bundle, so that an encoder can gather parallel edges first (MEGA-GNN, arXiv 2412.00241).
pyg-lib's loaders would do the drawing, not the bundles, and are no part of a plain install.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class TimedRows:
    """For each node the edges at it, oldest first: `begins[node]:begins[node + 1]` into the other arrays."""

    begins: Ints
    other: Ints
    moment: Ints
    edge: Ints
    """Number of the edge in the order in which it was given."""
    port: Ints
    """How many other neighbours the node had on this side before this edge's neighbour first came (Sato et al. 2019)."""
    gap: Ints
    """Seconds since the node's edge before on this side; -1 for its first."""


@dataclass(frozen=True)
class Sample:
    """A batch of disjoint trees; nodes 0 … seeds-1 are the seeds, messages run from `source` to `target`."""

    nodes: Ints
    """Number in the graph of each node of the batch; a node may stand in it many times."""
    root: Ints
    """The seed to whose tree each node belongs."""
    source: Ints
    """One entry a bundle, as `target` and `is_reverse`."""
    target: Ints
    is_reverse: Ints
    """1 where the message runs against the direction of the payment."""
    bundle: Ints
    """One entry an edge, as all below: the bundle it lies in."""
    edge: Ints
    port: Ints
    gap: Ints
    age: Floats
    """Seconds from the edge to the seed's moment."""


class NeighbourSource(Protocol):
    """Where an encoder's batches come from; pyg-lib or a GPU's own sampler may stand behind it."""

    def sample(self, seeds: Ints, moments: Ints, fan_out: Sequence[int], *, seed: int) -> Sample:
        """Up to `fan_out[hop]` edges per node, hop and direction, of those before the seed's moment; the same for a seed."""
        ...


@dataclass(frozen=True)
class CompressedNeighbours:
    """`NeighbourSource` over arrays in memory: 48 bytes an edge and direction."""

    incoming: TimedRows
    outgoing: TimedRows

    def sample(self, seeds: Ints, moments: Ints, fan_out: Sequence[int], *, seed: int) -> Sample:
        """See `NeighbourSource.sample`; drawn with replacement where there are more, all of them otherwise."""
        one, two = self.incoming, self.outgoing
        parts = _grow(
            one.begins, one.other, one.moment, one.edge, one.port, one.gap,
            two.begins, two.other, two.moment, two.edge, two.port, two.gap,
            seeds, moments, np.array(fan_out, dtype=np.int64), seed,
        )  # fmt: skip
        return Sample(*parts)


def compress(giver: Ints, receiver: Ints, moment: Ints, nodes: int) -> CompressedNeighbours:
    """Sort edges by (node, moment), for both directions; the order given decides among edges of one second."""
    return CompressedNeighbours(
        _timed_rows(receiver, giver, moment, nodes), _timed_rows(giver, receiver, moment, nodes)
    )


def _timed_rows(at: Ints, other: Ints, moment: Ints, nodes: int) -> TimedRows:
    order = np.lexsort((np.arange(len(at)), moment, at))
    begins = np.searchsorted(at[order], np.arange(nodes + 1)).astype(np.int64)
    others, moments = other[order], moment[order]
    gap = np.diff(moments, prepend=0)
    gap[begins[:-1][begins[:-1] < len(order)]] = -1
    return TimedRows(begins, others, moments, order.astype(np.int64), _ports(begins, others, nodes), gap)


@numba.njit(cache=True, nogil=True)
def _ports(begins: Any, other: Any, nodes: int) -> Any:
    port, seen_at, number = np.empty(len(other), np.int64), np.full(nodes, -1), np.zeros(nodes, np.int64)
    for node in range(nodes):
        known = 0
        for place in range(begins[node], begins[node + 1]):
            neighbour = other[place]
            if seen_at[neighbour] != node:
                seen_at[neighbour], number[neighbour] = node, known
                known += 1
            port[place] = number[neighbour]
    return port


@numba.njit(cache=True, nogil=True)
def _before(moment: Any, low: int, high: int, limit: int) -> int:
    while low < high:
        middle = (low + high) // 2
        if moment[middle] < limit:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(cache=True, nogil=True)
def _mixed(one: Any, two: int) -> Any:
    """A number out of two, as in SplitMix64 (Steele et al. 2014): a node's draw must not depend on who else is in its batch."""
    mixed = one + np.uint64(two + 1) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def _draw(low: int, count: int, width: int, key: Any, picks: Any) -> int:
    """Places of up to `width` edges, ascending, each once; returns how many."""
    if count <= width:
        for slot in range(count):
            picks[slot] = low + slot
        return count
    for slot in range(width):
        picks[slot] = low + np.int64(_mixed(key, slot) % np.uint64(count))
    picks[:width].sort()
    found = 1
    for slot in range(1, width):
        if picks[slot] != picks[found - 1]:
            picks[found] = picks[slot]
            found += 1
    return found


@numba.njit(cache=True, nogil=True)
def _grow(
    in_begins: Any, in_other: Any, in_moment: Any, in_edge: Any, in_port: Any, in_gap: Any, out_begins: Any, out_other: Any,
    out_moment: Any, out_edge: Any, out_port: Any, out_gap: Any, seeds: Any, moments: Any, fan_out: Any, seed: int,
) -> Any:  # fmt: skip
    largest, level = len(seeds), len(seeds)
    for width in fan_out:
        level *= 2 * width
        largest += level
    nodes, limit, root = np.empty(largest, np.int64), np.empty(largest, np.int64), np.empty(largest, np.int64)
    source, target, reverse = np.empty(largest, np.int64), np.empty(largest, np.int64), np.empty(largest, np.int64)
    bundle, edge, port = np.empty(largest, np.int64), np.empty(largest, np.int64), np.empty(largest, np.int64)
    gap, age, key = np.empty(largest, np.int64), np.empty(largest, np.float32), np.empty(largest, np.uint64)
    nodes[: len(seeds)], limit[: len(seeds)], root[: len(seeds)] = seeds, moments, np.arange(len(seeds))
    for place in range(len(seeds)):
        key[place] = _mixed(_mixed(np.uint64(seed), seeds[place]), moments[place])
    picks = np.empty(fan_out.max() if len(fan_out) else 1, np.int64)
    first, last, bundles, edges = 0, len(seeds), 0, 0
    for width in fan_out:
        grown = last
        for place in range(first, last):
            node, until = nodes[place], limit[place]
            for direction in range(2):
                begins, moment = (in_begins, in_moment) if direction == 0 else (out_begins, out_moment)
                other, ports = (in_other, in_port) if direction == 0 else (out_other, out_port)
                numbers, gaps = (in_edge, in_gap) if direction == 0 else (out_edge, out_gap)
                low = begins[node]
                known = _before(moment, low, begins[node + 1], until) - low
                drawn = _draw(low, known, width, _mixed(key[place], direction), picks)
                opened = bundles
                for slot in range(drawn):
                    pick = picks[slot]
                    found = opened
                    while found < bundles and nodes[source[found]] != other[pick]:
                        found += 1
                    if found == bundles:
                        nodes[grown], limit[grown], root[grown] = other[pick], until, root[place]
                        key[grown] = _mixed(key[place], 2 * other[pick] + direction)
                        source[bundles], target[bundles], reverse[bundles] = grown, place, direction
                        grown, bundles = grown + 1, bundles + 1
                    bundle[edges], edge[edges], port[edges] = found, numbers[pick], ports[pick]
                    gap[edges], age[edges] = gaps[pick], until - moment[pick]
                    edges += 1
        first, last = last, grown
    return (
        nodes[:last], root[:last], source[:bundles], target[:bundles], reverse[:bundles], bundle[:edges], edge[:edges],
        port[:edges], gap[:edges], age[:edges],
    )  # fmt: skip
