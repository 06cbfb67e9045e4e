"""Money that comes back: transfers that start a cycle of two to four steps in rising time (graph.engine: returns_*).

For each transfer a → b the receivers are followed forward, each later than the step before and within the window; who
gives to a in that window is marked beforehand, so that the last step is one look. A receiver is followed once, from
the earliest arrival: a later one could go nowhere more.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from graph.engine import RETURN_SECONDS
from graph.local.neighbours import Ints, starts_of

LENGTHS = (2, 3, 4)


def count_returns(src: Ints, dst: Ints, time: Ints, vertex_count: int, *, first: int, stop: int) -> Ints:
    """How many of each vertex's transfers return after 2, 3 and 4 steps: int64 [vertices, 3].

    Transfers are given without hubs, `time` ascending. Only those with first <= time < stop are counted as starts, so
    that slices of time, each with the window after it, add up to the whole.
    """
    into = _by(dst, np.arange(len(dst)), vertex_count)
    out = _by(src, np.arange(len(src)), vertex_count)
    by_pair = _by(src, into[1], vertex_count)[1]
    pairs = _pairs(out[0], by_pair, dst)
    return _counted(out, into, pairs, (dst, time, time[by_pair]), src, np.array([first, stop, RETURN_SECONDS]))


@nb.njit(cache=True, nogil=True)
def _by(key: Any, order: Any, n: Any) -> Any:
    """(starts, rows): the rows of each key in the order given."""
    starts = starts_of(key, n)
    at = starts[:-1].copy()
    rows = np.empty(len(key), np.int64)
    for row in order:
        rows[at[key[row]]] = row
        at[key[row]] += 1
    return starts, rows


@nb.njit(cache=True, nogil=True)
def _pairs(out_starts: Any, by_pair: Any, dst: Any) -> Any:
    """(starts, takers, time_starts): different takers of each vertex, and where in `by_pair` each pair's rows begin."""
    n = len(out_starts) - 1
    starts = np.zeros(n + 1, np.int64)
    takers = np.empty(len(by_pair), np.int64)
    time_starts = np.empty(len(by_pair) + 1, np.int64)
    count = 0
    for v in range(n):
        for k in range(out_starts[v], out_starts[v + 1]):
            if k == out_starts[v] or dst[by_pair[k]] != dst[by_pair[k - 1]]:
                takers[count] = dst[by_pair[k]]
                time_starts[count] = k
                count += 1
        starts[v + 1] = count
    time_starts[count] = len(by_pair)
    return starts, takers[:count].copy(), time_starts[: count + 1].copy()


@nb.njit(cache=True, nogil=True)
def _counted(out: Any, into: Any, pairs: Any, columns: Any, src: Any, bounds: Any) -> Any:
    (out_starts, out_rows), (in_starts, in_rows) = out, into
    time = columns[1]
    first, stop, window = bounds
    n = len(out_starts) - 1
    counts = np.zeros((n, 3), np.int64)
    last_gift = np.full(n, -1, np.int64)  # when each vertex last gives to a, inside a's sliding window
    most = 0
    for v in range(n):
        most = max(most, pairs[0][v + 1] - pairs[0][v])
    hops = np.empty((4, most), np.int64)
    seen = np.zeros(n + 1, np.int64)  # the last question for which each vertex was named; at n, its number
    for a in range(n):
        upto = in_starts[a]
        for k in range(out_starts[a], out_starts[a + 1]):
            begun = time[out_rows[k]]
            if begun < first or begun >= stop or in_starts[a] == in_starts[a + 1]:
                continue
            while upto < in_starts[a + 1] and time[in_rows[upto]] <= begun + window:
                last_gift[src[in_rows[upto]]] = time[in_rows[upto]]
                upto += 1
            if upto > in_starts[a] and time[in_rows[upto - 1]] > begun:
                found = _followed(out, pairs, columns, last_gift, seen, hops, a, out_rows[k], begun + window)
                for length in range(3):
                    counts[a, length] += found[length]
        for k in range(in_starts[a], upto):
            last_gift[src[in_rows[k]]] = -1
    return counts


@nb.njit(cache=True, nogil=True)
def _followed(
    out: Any, pairs: Any, columns: Any, last_gift: Any, seen: Any, hops: Any, a: Any, start: Any, end: Any
) -> Any:
    """Whether transfer `start` of vertex a is back by `end` after two, three and four steps."""
    b, begun = columns[0][start], columns[1][start]
    two = last_gift[b] > begun
    three = four = False
    for j in range(_next_hops(out, pairs, columns, b, begun, end, seen, hops[0], hops[1])):
        c, second = hops[0, j], hops[1, j]
        if c == a:
            continue
        three = three or last_gift[c] > second
        if four:
            continue
        for i in range(_next_hops(out, pairs, columns, c, second, end, seen, hops[2], hops[3])):
            d, third = hops[2, i], hops[3, i]
            if d != a and d != b and last_gift[d] > third:
                four = True
                break
    return two, three, four


@nb.njit(cache=True, nogil=True)
def _next_hops(
    out: Any, pairs: Any, columns: Any, vertex: Any, moment: Any, end: Any, seen: Any, takers: Any, times: Any
) -> Any:
    """Write to whom the vertex gave after `moment` and up to `end`, each once with the earliest time; how many.

    By its transfers in that time or by its takers, whichever are fewer: a bot that pays one contract ten thousand
    times a day must not cost the square of that.
    """
    (out_starts, out_rows), (pair_starts, pair_takers, time_starts) = out, pairs
    dst, time, pair_times = columns
    low, high = out_starts[vertex], out_starts[vertex + 1]
    while low < high:
        middle = (low + high) // 2
        if time[out_rows[middle]] <= moment:
            low = middle + 1
        else:
            high = middle
    count = 0
    few = pair_starts[vertex + 1] - pair_starts[vertex]
    far = low + 4 * few
    if far < out_starts[vertex + 1] and time[out_rows[far]] <= end:
        for p in range(pair_starts[vertex], pair_starts[vertex + 1]):
            at = np.searchsorted(pair_times[time_starts[p] : time_starts[p + 1]], moment, side="right") + time_starts[p]
            if at < time_starts[p + 1] and pair_times[at] <= end:
                takers[count], times[count] = pair_takers[p], pair_times[at]
                count += 1
        return count
    question = seen[-1] + 1
    seen[-1] = question
    for k in range(low, out_starts[vertex + 1]):
        row = out_rows[k]
        if time[row] > end:
            break
        if seen[dst[row]] != question:
            seen[dst[row]] = question
            takers[count], times[count] = dst[row], time[row]
            count += 1
    return count
