"""Iterative measures as rounds: every block of vertices reads the last round's vectors and says its own next values.

Bulk-synchronous computation (Valiant 1990; Pregel, Malewicz et al. 2010) with whole vectors instead of messages. Who
runs the rounds holds a few numbers for each vertex and sends them out anew each round; edges, of which there are more,
stay where they are. Written once for both engines: in this process a round is a function call, on Spark one short job
over blocks that are kept in the executors' memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graph.engine import LABEL_ROUNDS, PAGERANK_RESET, PAGERANK_ROUNDS
from graph.local import kernels
from graph.local.neighbours import Floats, Ints, Neighbours

Kernel = Callable[..., Any]

FINISH_TOGETHER = 4_000_000
"""Edges that may be left of strong components when who runs the rounds finishes alone."""
_MOST_ROUNDS = 200
"""A chain of ten thousand addresses would take as many rounds to peel."""


class Blocks(Protocol):
    """A graph's adjacency, cut into blocks that together hold every vertex once, in order."""

    vertex_count: int

    def each(self, kernel: Kernel, *vectors: Any) -> list[Any]:
        """What `kernel(block, *vectors)` gives for every block, in order."""
        ...


class BlocksHere:
    """`Blocks` in this process."""

    def __init__(self, blocks: list[Neighbours]) -> None:
        self._blocks = blocks
        self.vertex_count = sum(block.vertex_count for block in blocks)

    def each(self, kernel: Kernel, *vectors: Any) -> list[Any]:
        """See `Blocks.each`."""
        return [kernel(block, *vectors) for block in self._blocks]


def _round(blocks: Blocks, kernel: Kernel, *vectors: Any) -> Any:
    parts = blocks.each(kernel, *vectors)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def ranks(blocks: Blocks, out_degree: Ints, seeds: list[Ints]) -> tuple[Floats, Floats]:
    """PageRank, float64 [vertices], and the proximity to each group of seeds (positions), float64 [vertices, groups].

    Side by side, because a round costs little more for four vectors than for one. Every vector sums to 1.
    """
    found = np.empty((blocks.vertex_count, 1 + len(seeds)))
    everywhere: list[Ints | None] = [None]
    starts = [*everywhere, *seeds]
    for first in range(0, len(starts), kernels.LANES):
        together = starts[first : first + kernels.LANES]
        found[:, first : first + len(together)] = _ranks(blocks, out_degree, together)[:, : len(together)]
    return found[:, 0] / (found[:, 0].sum() or 1.0), found[:, 1:]


def _ranks(blocks: Blocks, out_degree: Ints, starts: list[Ints | None]) -> Floats:
    # In place wherever it goes: on large graphs most of the time is memory.
    rank = np.zeros((blocks.vertex_count, kernels.LANES))
    for lane, members in enumerate(starts):
        rank[slice(None) if members is None else members, lane] = 1.0 if members is None else 1.0 / len(members)
    share = (1.0 / np.maximum(out_degree, 1))[:, None]
    ends_here = (out_degree == 0).astype(np.float64)
    for _ in range(PAGERANK_ROUNDS if len(rank) else 0):
        kept = ends_here @ rank
        rank *= share
        rank = _round(blocks, kernels.received, rank)
        rank *= 1.0 - PAGERANK_RESET
        for lane, members in enumerate(starts):
            if members is None:
                rank[:, lane] += PAGERANK_RESET
            else:
                rank[members, lane] += (PAGERANK_RESET + (1.0 - PAGERANK_RESET) * kept[lane]) / len(members)
    return rank


def communities(blocks: Blocks) -> Ints:
    """Label of each vertex after synchronous label propagation: a position."""
    label = np.arange(blocks.vertex_count, dtype=np.int32)
    changed = np.ones(len(label), dtype=bool)
    for _ in range(LABEL_ROUNDS):
        if not changed.any():
            break
        after = _round(blocks, kernels.elected, label, changed)
        label, changed = after, after != label
    return label.astype(np.int64)


def cores(blocks: Blocks, degree: Ints) -> Ints:
    """Core number of each vertex: the h-index of its neighbours' bounds, until no bound falls (Lü et al. 2016)."""
    bound = degree.astype(np.int32)
    changed = np.ones(len(bound), dtype=bool)
    while changed.any():
        after = _round(blocks, kernels.core_bound, bound, changed)
        bound, changed = after, after != bound
    return bound.astype(np.int64)


def around(blocks: Blocks, degree: Ints) -> dict[str, Any]:
    """Mean and maximum of the neighbours' degrees over one step and over walks of two."""
    near = _round(blocks, kernels.summed, degree)
    near_top = _round(blocks, kernels.highest, degree)
    far = _round(blocks, kernels.summed, near)
    far_top = _round(blocks, kernels.highest, near_top)
    return {
        "neighbour_degree_mean": near / np.maximum(degree, 1),
        "neighbour_degree_max": near_top,
        "two_hop_degree_mean": far / np.maximum(near, 1),
        "two_hop_degree_max": far_top,
    }


def strong_components(blocks: Blocks, finish_together: int = FINISH_TOGETHER) -> Ints:
    """Smallest vertex of each vertex's strongly connected component: a position.

    Colouring (Orzan 2004) after trimming (McLendon et al. 2005): the smallest vertex that reaches v colours v; who
    reaches back to it inside its colour is its component; colours part the rest into regions. When at most
    `finish_together` edges are left inside regions, or rounds without end threaten, the rest is solved in one place.
    """
    own = np.arange(blocks.vertex_count, dtype=np.int32)
    component, region = own.copy(), np.zeros_like(own)
    rounds = 0
    while True:
        region, trimmed = _trimmed(blocks, region)
        rounds += trimmed
        left = sum(blocks.each(kernels.inner_edge_count, region))
        if left <= finish_together or rounds > _MOST_ROUNDS:
            break
        colour, spread = _until_still(blocks, kernels.lowest_upstream, own, region)
        colour[region == kernels.SETTLED] = kernels.SETTLED
        home, returned = _until_still(blocks, kernels.reaching, (colour == own).astype(np.uint8), colour)
        found = home == 1
        component[found] = colour[found]
        region = np.where(found, np.int32(kernels.SETTLED), colour)
        rounds += spread + returned
    if left:
        _finish(np.concatenate(blocks.each(kernels.inner_edges, region)), component)
    return component.astype(np.int64)


def _trimmed(blocks: Blocks, region: Any) -> tuple[Any, int]:
    """The regions without those who are on no cycle, and how many rounds that took; it stops when few fall."""
    rounds = 0
    while True:
        rounds += 1
        fallen = (_round(blocks, kernels.alive, region) == 0) & (region != kernels.SETTLED)
        region = np.where(fallen, np.int32(kernels.SETTLED), region)
        if fallen.sum() <= len(region) // 100:
            return region, rounds


def _until_still(blocks: Blocks, kernel: Kernel, values: Any, region: Any) -> tuple[Any, int]:
    rounds = 0
    while True:
        rounds += 1
        after = _round(blocks, kernel, values, region)
        if np.array_equal(after, values):
            return after, rounds
        values = after


def _finish(edges: Ints, component: Any) -> None:
    """Name the strong components that these edges make, in place."""
    vertices, ends = np.unique(edges, return_inverse=True)
    src, dst = ends.reshape(-1, 2).T
    shape = (len(vertices), len(vertices))
    adjacency = coo_array((np.ones(len(src), dtype=np.int8), (src, dst)), shape=shape).tocsr()
    count, part = connected_components(adjacency, directed=True, connection="strong")
    smallest = np.full(count, len(component), dtype=np.int64)
    np.minimum.at(smallest, part, vertices)
    component[vertices] = smallest[part]
