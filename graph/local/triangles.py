"""Triangles and what they are made of: listed once each, from the corner of lowest (degree, id).

Every edge points from its lower to its higher end; a vertex then has few neighbours above it (at most the square root
of twice the edges), and a triangle is two neighbours above that are neighbours (Chiba, Nishizeki 1985; Latapy 2008).
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from graph.local.neighbours import GIVES, TAKES, Ints, Neighbours

TRIANGLES, CYCLES_3, SHORTCUTS = 0, 1, 2
"""Columns of what `count_triangles` gives."""


def count_triangles(graph: Neighbours, group: Ints, wanted: tuple[int, int, int]) -> Ints:
    """Triangles, directed ones among them, and feed-forward motifs on them, through each vertex: int64 [vertices, 3].

    Only triangles are counted whose corners' groups are `wanted`, ascending: a part of a graph may hold more.
    """
    degree = np.diff(graph.starts)
    height = np.empty(graph.vertex_count, dtype=np.int32)
    height[np.argsort(degree, kind="stable")[::-1]] = np.arange(graph.vertex_count, dtype=np.int32)
    return _counted(*_upwards(graph.starts, graph.ends, graph.kinds, height), group, np.array(wanted))


def cycles_of_two(graph: Neighbours) -> Ints:
    """How many neighbours of each vertex both give to it and take from it."""
    owner = np.repeat(np.arange(graph.vertex_count), np.diff(graph.starts))
    return np.bincount(owner[graph.kinds == GIVES | TAKES], minlength=graph.vertex_count)


@nb.njit(cache=True, nogil=True)
def _upwards(starts: Any, ends: Any, kinds: Any, height: Any) -> Any:
    """Of each vertex the neighbours above it; height 0 is the highest, so that hubs lie close together in `mark`."""
    n = len(starts) - 1
    up_starts = np.zeros(n + 1, np.int64)
    for v in range(n):
        above = 0
        for k in range(starts[v], starts[v + 1]):
            above += height[ends[k]] < height[v]
        up_starts[v + 1] = up_starts[v] + above
    up_ends = np.empty(up_starts[n], np.int32)
    up_kinds = np.empty(up_starts[n], np.uint8)
    at = 0
    for v in range(n):
        for k in range(starts[v], starts[v + 1]):
            if height[ends[k]] < height[v]:
                up_ends[at], up_kinds[at] = ends[k], kinds[k]
                at += 1
    return up_starts, up_ends, up_kinds, height


@nb.njit(cache=True, nogil=True)
def _counted(starts: Any, ends: Any, kinds: Any, height: Any, group: Any, wanted: Any) -> Any:
    n = len(starts) - 1
    mark = np.zeros(n, np.uint8)
    out = np.zeros((n, 3), np.int64)
    for u in range(n):
        if starts[u + 1] - starts[u] < 2:
            continue
        for k in range(starts[u], starts[u + 1]):
            mark[height[ends[k]]] = kinds[k]
        for k in range(starts[u], starts[u + 1]):
            v, uv = ends[k], kinds[k]
            for j in range(starts[v], starts[v + 1]):
                w = ends[j]
                uw = mark[height[w]]
                if uw and _is_wanted(group[u], group[v], group[w], wanted):
                    rings, shortcuts = _motifs(uv, kinds[j], uw)
                    for corner in (u, np.int64(v), np.int64(w)):
                        out[corner, 0] += 1
                        out[corner, 1] += rings
                        out[corner, 2] += shortcuts
        for k in range(starts[u], starts[u + 1]):
            mark[height[ends[k]]] = 0
    return out


@nb.njit(cache=True, nogil=True)
def _is_wanted(a: Any, b: Any, c: Any, wanted: Any) -> Any:
    low, high = min(a, b, c), max(a, b, c)
    return low == wanted[0] and high == wanted[2] and a + b + c - low - high == wanted[1]


@nb.njit(cache=True, nogil=True)
def _motifs(uv: Any, vw: Any, uw: Any) -> Any:
    """(directed cycles, feed-forward orders) of a triangle whose pairs are of these kinds, seen from the first."""
    out_uv, in_uv = int(uv & TAKES != 0), int(uv & GIVES != 0)
    out_vw, in_vw = int(vw & TAKES != 0), int(vw & GIVES != 0)
    out_uw, in_uw = int(uw & TAKES != 0), int(uw & GIVES != 0)
    rings = out_uv * out_vw * in_uw + in_uv * in_vw * out_uw
    from_u = out_uv * out_uw * (out_vw + in_vw)
    from_v = in_uv * out_vw * (out_uw + in_uw)
    from_w = in_uw * in_vw * (out_uv + in_uv)
    return rings, from_u + from_v + from_w
