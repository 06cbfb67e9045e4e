"""Neighbourhoods out of a directed multigraph in time: compressed rows sorted by (node, moment), sampled with numba.

Each seed gets a small tree of its own (disjoint batches), so that nobody sees through another seed's moment: an edge is
taken only if it is strictly earlier than its seed's moment. pyg-lib would do the same; it is no part of a plain install.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TimedRows:
    """For each node the edges at it, oldest first: `begins[node]:begins[node + 1]` into the other arrays."""

    begins: Ints
    other: Ints
    moment: Ints
    edge: Ints
    """Number of the edge in the order in which it was given."""


@dataclass(frozen=True)
class Sample:
    """A batch of disjoint trees; node 0 … seeds-1 are the seeds, messages run from `source` to `target`."""

    nodes: Ints
    """Number in the graph of each node of the batch; a node may stand in it many times."""
    source: Ints
    target: Ints
    edge: Ints
    is_reverse: Ints
    """1 where the message runs against the direction of the payment."""
    age: npt.NDArray[np.float32]
    """Seconds from the edge to the seed's moment."""
    root: Ints
    """The seed to whose tree each node belongs."""


def timed_rows(at: Ints, other: Ints, moment: Ints, nodes: int) -> TimedRows:
    """Sort edges by (node, moment)."""
    order = np.lexsort((np.arange(len(at)), moment, at))
    begins = np.searchsorted(at[order], np.arange(nodes + 1)).astype(np.int64)
    return TimedRows(begins, other[order], moment[order], order.astype(np.int64))


def sample(
    incoming: TimedRows, outgoing: TimedRows, seeds: Ints, moments: Ints, fan_out: Sequence[int], *, seed: int
) -> Sample:
    """Up to `fan_out[hop]` edges per node, hop and direction, drawn with replacement from those before the seed's moment."""
    parts = _grow(
        incoming.begins, incoming.other, incoming.moment, incoming.edge,
        outgoing.begins, outgoing.other, outgoing.moment, outgoing.edge,
        seeds, moments, np.array(fan_out, dtype=np.int64), seed,
    )  # fmt: skip
    return Sample(*parts)


@numba.njit(cache=True)
def _before(moment: Any, low: int, high: int, limit: int) -> int:
    while low < high:
        middle = (low + high) // 2
        if moment[middle] < limit:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(cache=True)
def _grow(
    in_begins: Any, in_other: Any, in_moment: Any, in_edge: Any, out_begins: Any, out_other: Any, out_moment: Any,
    out_edge: Any, seeds: Any, moments: Any, fan_out: Any, seed: int,
) -> Any:  # fmt: skip
    np.random.seed(seed)
    largest, level = len(seeds), len(seeds)
    for width in fan_out:
        level *= 2 * width
        largest += level
    nodes, limit = np.empty(largest, np.int64), np.empty(largest, np.int64)
    source, target, edge = np.empty(largest, np.int64), np.empty(largest, np.int64), np.empty(largest, np.int64)
    reverse, age = np.empty(largest, np.int64), np.empty(largest, np.float32)
    root = np.empty(largest, np.int64)
    nodes[: len(seeds)], limit[: len(seeds)], root[: len(seeds)] = seeds, moments, np.arange(len(seeds))
    first, last, edges = 0, len(seeds), 0
    for width in fan_out:
        grown = last
        for place in range(first, last):
            node, until = nodes[place], limit[place]
            for direction in range(2):
                begins, moment = (in_begins, in_moment) if direction == 0 else (out_begins, out_moment)
                low = begins[node]
                count = _before(moment, low, begins[node + 1], until) - low
                for slot in range(min(width, count)):
                    pick = low + (slot if count <= width else np.random.randint(0, count))
                    nodes[grown] = in_other[pick] if direction == 0 else out_other[pick]
                    limit[grown], root[grown] = until, root[place]
                    source[edges], target[edges] = grown, place
                    edge[edges] = in_edge[pick] if direction == 0 else out_edge[pick]
                    reverse[edges], age[edges] = direction, until - moment[pick]
                    grown, edges = grown + 1, edges + 1
        first, last = last, grown
    return nodes[:last], source[:edges], target[:edges], edge[:edges], reverse[:edges], age[:edges], root[:last]
