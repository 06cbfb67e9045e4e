"""Shapes of payments around an address, in the order of time, by compiled loops over the moves of money.

After the Graph Feature Preprocessor (Blanusa et al. 2024, arXiv 2402.08593) and the laundering patterns of AMLworld
(Altman et al. 2023, arXiv 2306.16424): fans within a window, cycles, scatter-gather, gather-scatter, peel chains. Every path
follows the order of time. What is not looked at, so that nobody's history costs more than its length: payments through hubs and
what hubs gather (`graph.engine.is_hub`), more than the first `_MOST_NEXT` payments on after one, more than `_MOST_PAID`
payments of one address as the beginning of a scatter.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from models.features.graph import FeatureGraph, Floats, Integers

HOUR, DAY, WEEK = 3_600, 86_400, 604_800
_MOST_NEXT = 30
_MOST_PAID = 200
_FEWEST = 3
_PASSED_LOW, _PASSED_HIGH = 0.6, 0.98


def pattern_features(graph: FeatureGraph) -> dict[str, Floats]:
    """Columns of address_pattern_features by number; NaN where an address has no such move."""
    money = graph.money()
    size = graph.size
    by_receiver, in_starts = _grouped(money.receiver, size)
    by_giver, out_starts = _grouped(money.giver, size)
    out_to, out_at, out_coins = (a[by_giver] for a in (money.receiver, money.moved_at, money.coins))
    found: dict[str, Floats] = {}
    for name, window in (("hour", HOUR), ("day", DAY), ("week", WEEK)):
        found[f"in_fan_{name}"] = _fans(in_starts, money.giver[by_receiver], money.moved_at[by_receiver], window)
        found[f"out_fan_{name}"] = _fans(out_starts, out_to, out_at, window)
    found["returns_within_day"] = _returns(*_by_pair(money, size), size, DAY)
    paths = (money.giver, money.receiver, money.moved_at, out_starts, out_to, out_at)
    found["cycles_within_day"] = _cycles(*paths, *_by_direction(money, size), graph.is_hub, DAY)
    found["scatter_gathers"] = _scatter_gathers(out_starts, out_to, out_at, graph.is_hub, WEEK)
    found["peel_chain_hops"] = _peel_chains(*paths, money.coins, by_giver, out_coins, graph.is_hub, WEEK)
    starts, other, at, coins, is_out = _timeline(money, size)
    found["gather_scatters"] = _gather_scatters(starts, other, at, is_out, graph.is_hub, DAY)
    found["consolidations"] = _consolidations(starts, coins, is_out)
    found["gone_within_hour_share"] = _gone_within(starts, at, coins, is_out, HOUR)
    took, gave = np.diff(in_starts) > 0, np.diff(out_starts) > 0
    for name, values in found.items():
        # Of an address that never did what could make the shape, nothing is known; a share says so itself.
        if name != "gone_within_hour_share":
            values[~(took if name.startswith(("in_", "gather", "consol")) else gave)] = np.nan
    return found


def _grouped(ends: Integers, size: int) -> tuple[Integers, Integers]:
    """Moves ordered by one end, still in the order of time for each, and where each address begins."""
    order = np.argsort(ends, kind="stable")
    return order, np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=size))]).astype(np.int64)


def _by_pair(graph: FeatureGraph, size: int) -> tuple[Integers, Integers, Integers]:
    low, high = np.minimum(graph.giver, graph.receiver), np.maximum(graph.giver, graph.receiver)
    key = low * size + high
    order = np.argsort(key, kind="stable")
    return key[order], graph.giver[order], graph.moved_at[order]


def _by_direction(graph: FeatureGraph, size: int) -> tuple[Integers, Integers]:
    key = graph.giver * size + graph.receiver
    order = np.argsort(key, kind="stable")
    return key[order], graph.moved_at[order]


def _timeline(graph: FeatureGraph, size: int) -> tuple[Integers, Integers, Integers, Floats, npt.NDArray[np.bool_]]:
    """Every move from either side, by address and time: where each begins, the other side, when, coins, whether it went out."""
    count = len(graph.giver)
    whose = np.concatenate([graph.giver, graph.receiver])
    order = np.lexsort((np.tile(np.arange(count), 2), whose))
    starts = np.concatenate([[0], np.cumsum(np.bincount(whose, minlength=size))]).astype(np.int64)
    other = np.concatenate([graph.receiver, graph.giver])[order]
    return starts, other, np.tile(graph.moved_at, 2)[order], np.tile(graph.coins, 2)[order], order < count


@numba.njit(cache=True, nogil=True)
def _fans(starts: Integers, other: Integers, at: Integers, window: int) -> Floats:
    size = len(starts) - 1
    most, seen = np.zeros(size), np.zeros(size, np.int64)
    for who in range(size):
        left, different, best = starts[who], 0, 0
        for place in range(starts[who], starts[who + 1]):
            different += seen[other[place]] == 0
            seen[other[place]] += 1
            while at[place] - at[left] > window:
                seen[other[left]] -= 1
                different -= seen[other[left]] == 0
                left += 1
            best = max(best, different)
        for place in range(left, starts[who + 1]):
            seen[other[place]] = 0
        most[who] = best
    return most


@numba.njit(cache=True, nogil=True)
def _returns(key: Integers, giver: Integers, at: Integers, size: int, window: int) -> Floats:
    """From the newest move of a pair backwards, the next one in the other direction is the last one met of it."""
    count = np.zeros(size)
    first, second = -1, -1
    for place in range(len(key) - 1, -1, -1):
        if place == len(key) - 1 or key[place] != key[place + 1]:
            first, second = -1, -1
        if giver[place] == key[place] // size:
            if second >= 0 and at[second] - at[place] <= window:
                count[giver[place]] += 1
            first = place
        else:
            if first >= 0 and at[first] - at[place] <= window:
                count[giver[place]] += 1
            second = place
    return count


@numba.njit(cache=True, nogil=True)
def _after(at: Integers, begin: int, end: int, moment: int) -> int:
    """The first place in begin … end that is later than a moment."""
    while begin < end:
        middle = (begin + end) // 2
        if at[middle] > moment:
            end = middle
        else:
            begin = middle + 1
    return begin


@numba.njit(cache=True, nogil=True)
def _cycles(
    giver: Integers, receiver: Integers, moved_at: Integers, out_starts: Integers, out_to: Integers, out_at: Integers,
    keys: Integers, key_at: Integers, is_hub: npt.NDArray[np.bool_], window: int,
) -> Floats:  # fmt: skip
    size = len(is_hub)
    count = np.zeros(size)
    for move in range(len(giver)):
        one, two, until = giver[move], receiver[move], moved_at[move] + window
        if is_hub[one] or is_hub[two]:
            continue
        begin = _after(out_at, out_starts[two], out_starts[two + 1], moved_at[move])
        for place in range(begin, min(begin + _MOST_NEXT, out_starts[two + 1])):
            three = out_to[place]
            if out_at[place] > until:
                break
            if three == one or is_hub[three]:
                continue
            key = three * size + one
            home = _after(key_at, np.searchsorted(keys, key), np.searchsorted(keys, key + 1), out_at[place])
            count[one] += home < len(keys) and keys[home] == key and key_at[home] <= until
    return count


@numba.njit(cache=True, nogil=True)
def _scatter_gathers(
    out_starts: Integers, out_to: Integers, out_at: Integers, is_hub: npt.NDArray[np.bool_], window: int
) -> Floats:
    size = len(is_hub)
    count = np.zeros(size)
    reached = np.zeros(_MOST_PAID * _MOST_NEXT, np.int64)
    for who in range(size):
        found = 0
        if is_hub[who] or out_starts[who + 1] - out_starts[who] < _FEWEST:
            continue
        for paid in range(out_starts[who], min(out_starts[who] + _MOST_PAID, out_starts[who + 1])):
            between = out_to[paid]
            if is_hub[between]:
                continue
            begin = _after(out_at, out_starts[between], out_starts[between + 1], out_at[paid])
            for place in range(begin, min(begin + _MOST_NEXT, out_starts[between + 1])):
                if out_at[place] > out_at[paid] + window:
                    break
                if out_to[place] != who:
                    reached[found] = out_to[place] * size + between
                    found += 1
        ways = np.unique(reached[:found])
        run = 0
        for place in range(len(ways)):
            run = run + 1 if place > 0 and ways[place] // size == ways[place - 1] // size else 1
            count[who] += run == _FEWEST
    return count


@numba.njit(cache=True, nogil=True)
def _peel_chains(
    giver: Integers, receiver: Integers, moved_at: Integers, out_starts: Integers, out_to: Integers, out_at: Integers,
    coins: Floats, by_giver: Integers, out_coins: Floats, is_hub: npt.NDArray[np.bool_], window: int,
) -> Floats:  # fmt: skip
    """From the last move backwards, so that what a payment leads on to is known before the payment."""
    longest, hops = np.zeros(len(is_hub)), np.zeros(len(giver), np.int64)
    for move in range(len(giver) - 1, -1, -1):
        if coins[move] <= 0:
            continue
        hops[move] = 1
        best, following, then = 0.0, -1, receiver[move]
        if not is_hub[then]:
            begin = _after(out_at, out_starts[then], out_starts[then + 1], moved_at[move])
            for place in range(begin, min(begin + _MOST_NEXT, out_starts[then + 1])):
                share = out_coins[place] / coins[move]
                if out_at[place] > moved_at[move] + window:
                    break
                if _PASSED_LOW <= share <= _PASSED_HIGH and out_coins[place] > best:
                    best, following = out_coins[place], by_giver[place]
        if following >= 0:
            hops[move] += hops[following]
        longest[giver[move]] = max(longest[giver[move]], hops[move])
    return longest


@numba.njit(cache=True, nogil=True)
def _gather_scatters(
    starts: Integers, other: Integers, at: Integers, is_out: npt.NDArray[np.bool_], is_hub: npt.NDArray[np.bool_], window: int
) -> Floats:  # fmt: skip
    """Windows begin at each move in turn; one that is complete is counted, and the next begins after it.

    A window that begins at a move is complete where the `_FEWEST`th different receiver is paid after the `_FEWEST`th different
    giver paid. Both places are found for all moves of an address in one pass from its last move to its first.
    """
    size = len(starts) - 1
    count, longest = np.zeros(size), np.max(np.diff(starts)) if size else 0
    ends = np.zeros((2, longest + 2), np.int64)
    near = np.zeros((2, _FEWEST), np.int64)
    for who in range(size):
        begin, moves = starts[who], starts[who + 1] - starts[who]
        if is_hub[who] or moves < 2 * _FEWEST:
            continue
        near[:] = -1
        ends[:, moves] = ends[:, moves + 1] = moves
        for place in range(moves - 1, -1, -1):
            side = 1 if is_out[begin + place] else 0
            _remember(near[side], begin, place, other)
            for each in range(2):
                ends[each, place] = near[each, _FEWEST - 1] if near[each, _FEWEST - 1] >= 0 else moves
        first = 0
        while first < moves:
            complete = ends[1, ends[0, first] + 1]
            if complete == moves:
                break
            found = at[begin + complete] - at[begin + first] <= window
            count[who] += found
            first = complete + 1 if found else first + 1
    return count


@numba.njit(cache=True, nogil=True)
def _remember(near: Integers, begin: int, place: int, other: Integers) -> None:
    """Put a move before the nearest moves of different others, in place; what stood for the same other, or the farthest, goes."""
    slot = 0
    while slot < len(near) - 1 and near[slot] >= 0 and other[begin + near[slot]] != other[begin + place]:
        slot += 1
    while slot > 0:
        near[slot] = near[slot - 1]
        slot -= 1
    near[0] = place


@numba.njit(cache=True, nogil=True)
def _consolidations(starts: Integers, coins: Floats, is_out: npt.NDArray[np.bool_]) -> Floats:
    size = len(starts) - 1
    count = np.zeros(size)
    for who in range(size):
        pile, receipts = 0.0, 0
        for place in range(starts[who], starts[who + 1]):
            if coins[place] <= 0:
                continue
            if is_out[place]:
                count[who] += receipts >= _FEWEST and coins[place] >= 0.9 * pile
                pile, receipts = 0.0, 0
            else:
                pile += coins[place]
                receipts += 1
    return count


@numba.njit(cache=True, nogil=True)
def _gone_within(
    starts: Integers, at: Integers, coins: Floats, is_out: npt.NDArray[np.bool_], window: int
) -> Floats:  # fmt: skip
    """The share of coins received that left so soon; what came first leaves first."""
    size = len(starts) - 1
    gone, left = np.full(size, np.nan), coins.copy()
    for who in range(size):
        taken, soon, oldest = 0.0, 0.0, starts[who]
        for place in range(starts[who], starts[who + 1]):
            rest = coins[place] if is_out[place] else 0.0
            taken += 0.0 if is_out[place] else coins[place]
            while rest > 0 and oldest < place:
                if is_out[oldest] or left[oldest] <= 0:
                    oldest += 1
                    continue
                part = min(left[oldest], rest)
                soon += part if at[place] - at[oldest] <= window else 0.0
                left[oldest] -= part
                rest -= part
        if taken > 0:
            gone[who] = soon / taken
    return gone
