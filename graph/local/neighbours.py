"""Who is beside whom: the adjacency that every measure reads, whole or cut into blocks of vertices.

Vertices are positions 0, 1, 2, …; a block holds the neighbours of a run of them, so that a round over the whole graph
is one call for each block, in this process or on a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
GIVES, TAKES = np.uint8(1), np.uint8(2)
"""Bits of `Neighbours.kinds`: the neighbour gives to the vertex, takes from it."""


@dataclass(frozen=True)
class Neighbours:
    """Neighbours of the vertices `first`, `first + 1`, …: those of the k-th are ends[starts[k]:starts[k + 1]].

    Givers stand first, up to givers_stop[k], so that measures that follow the money need not ask each for its kind.
    """

    first: int
    starts: Ints
    """[vertices + 1]"""
    givers_stop: Ints
    """[vertices]"""
    ends: npt.NDArray[np.int32]
    """Each neighbour once; ascending among a vertex's givers and among the rest."""
    kinds: npt.NDArray[np.uint8]
    """Beside `ends`: GIVES, TAKES or both."""

    @property
    def vertex_count(self) -> int:
        """Vertices of the block."""
        return len(self.starts) - 1

    @property
    def stop(self) -> int:
        """One past its last vertex."""
        return self.first + self.vertex_count

    def degrees(self) -> tuple[Ints, Ints, Ints]:
        """How many give to each vertex, take from it, and are its neighbours."""
        every = np.diff(self.starts)
        owner = np.repeat(np.arange(self.vertex_count), every)
        takes = np.bincount(owner[self.kinds & TAKES != 0], minlength=self.vertex_count)
        return self.givers_stop - self.starts[:-1], takes.astype(np.int64, copy=False), every


def whole_neighbours(src: Ints, dst: Ints, vertex_count: int) -> Neighbours:
    """The adjacency of a whole graph from its edges, in any order; each pair at most once, no loops."""
    _, givers, takers = _sorted_by(src, dst, vertex_count)
    give_starts, takers, givers = _sorted_by(takers, givers, vertex_count)  # equal takers: givers ascend
    take_starts, _, taken = _sorted_by(givers, takers, vertex_count)
    return Neighbours(0, *_merged(take_starts, taken, give_starts, givers))


def block_of_neighbours(first: int, stop: int, owner: Ints, end: Ints, kind: npt.NDArray[np.uint8]) -> Neighbours:
    """A block from its half-edges in any order: `end[k]` is beside vertex `owner[k]` as `kind[k]` says."""
    order = np.lexsort((end, owner))
    owner, end, kind = owner[order], end[order], kind[order]
    new = np.ones(len(owner), dtype=bool)
    new[1:] = (owner[1:] != owner[:-1]) | (end[1:] != end[:-1])
    at = np.flatnonzero(new)
    kinds = np.bitwise_or.reduceat(kind, at) if len(at) else kind
    owner, end = owner[at], end[at]
    starts = np.searchsorted(owner, np.arange(first, stop + 1)).astype(np.int64)
    givers = np.bincount(owner[kinds & GIVES != 0] - first, minlength=stop - first)
    order = np.lexsort((end, kinds & GIVES == 0, owner))
    return Neighbours(first, starts, starts[:-1] + givers, end[order].astype(np.int32), kinds[order])


def cut(neighbours: Neighbours, bounds: list[int]) -> list[Neighbours]:
    """A block as several: from each of the bounds up to the next."""
    blocks = []
    for first, stop in pairwise(bounds):
        low, high = first - neighbours.first, stop - neighbours.first
        before = neighbours.starts[low]
        part = slice(before, neighbours.starts[high])
        starts, givers_stop = neighbours.starts[low : high + 1] - before, neighbours.givers_stop[low:high] - before
        blocks.append(Neighbours(first, starts, givers_stop, neighbours.ends[part], neighbours.kinds[part]))
    return blocks


@nb.njit(cache=True, nogil=True)
def starts_of(key: Any, n: Any) -> Any:
    """Where each of `n` keys begins once rows are in the order of `key`, and where the last one ends: n + 1 numbers."""
    starts = np.zeros(n + 1, np.int64)
    for k in range(len(key)):
        starts[key[k] + 1] += 1
    for v in range(n):
        starts[v + 1] += starts[v]
    return starts


@nb.njit(cache=True, nogil=True)
def _sorted_by(key: Any, other: Any, n: Any) -> Any:
    """(starts, key, other) in rising order of `key`, equal keys in the order given: a counting sort."""
    starts = starts_of(key, n)
    at = starts[:-1].copy()
    keys = np.empty(len(key), np.int32)
    others = np.empty(len(key), np.int32)
    for k in range(len(key)):
        keys[at[key[k]]] = key[k]
        others[at[key[k]]] = other[k]
        at[key[k]] += 1
    return starts, keys, others


@nb.njit(cache=True, nogil=True)
def _merged(take_starts: Any, takes: Any, give_starts: Any, gives: Any) -> Any:
    """Rows of givers and rows of takers, both ascending, as the columns of `Neighbours`."""
    n = len(take_starts) - 1
    ends = np.empty(len(takes) + len(gives), np.int32)
    kinds = np.empty(len(takes) + len(gives), np.uint8)
    starts = np.zeros(n + 1, np.int64)
    givers_stop = np.empty(n, np.int64)
    at = 0
    for v in range(n):
        j = take_starts[v]
        for i in range(give_starts[v], give_starts[v + 1]):
            while j < take_starts[v + 1] and takes[j] < gives[i]:
                j += 1
            ends[at], kinds[at] = gives[i], GIVES
            if j < take_starts[v + 1] and takes[j] == gives[i]:
                kinds[at] = GIVES | TAKES
            at += 1
        givers_stop[v] = at
        i = give_starts[v]
        for j in range(take_starts[v], take_starts[v + 1]):
            while i < give_starts[v + 1] and gives[i] < takes[j]:
                i += 1
            if i == give_starts[v + 1] or gives[i] != takes[j]:
                ends[at], kinds[at] = takes[j], TAKES
                at += 1
        starts[v + 1] = at
    return starts, givers_stop, ends[:at].copy(), kinds[:at].copy()
