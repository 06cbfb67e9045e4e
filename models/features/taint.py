"""Taint: where the money of the illicit goes at chance, an address's own label left out of its own taint.

Personalised PageRank (Page et al. 1999; Haveliwala 2002) along payments, by their number, from the addresses labelled illicit
alike; what reaches an address that gave to nobody begins anew at them. Without a seed s the ranks are those of all seeds less
those of s alone, for they are linear in the seeds until they are made to sum to 1. So of each seed only two numbers are needed:
what of its own comes back to it, and how much it spreads. A local push (Andersen, Chung, Lang 2006) finds them around the seed.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from models.features.graph import FeatureGraph, Floats, Integers

_RESET = 0.15
_MOST_ROUNDS = 100
_STILL = 1e-6
"""Of what the seeds spread: less than that on its way is not followed."""
_MOST_STEPS = 300_000_000
"""Payments that the pushes of all seeds together may look at: a few seconds."""
_LEAST = 1e-9


def taint(graph: FeatureGraph, is_illicit: npt.NDArray[np.bool_]) -> Floats:
    """By number, times the addresses that moved anything: 1 is an even share. 0 without another seed than oneself.

    Exact where few seeds are in a small graph; otherwise up to what stays on an address while a push spends less than an even
    part of `_MOST_STEPS` on its seed, and comes back from there.
    """
    seeds = graph.present[is_illicit[graph.present]]
    found = np.zeros(graph.size)
    if not len(seeds):
        return found
    pairs = graph.pairs
    given = np.bincount(pairs.giver, pairs.count, graph.size)
    weight = pairs.count / given[pairs.giver]
    moving = np.bincount(seeds, minlength=graph.size) * _RESET
    for _ in range(_MOST_ROUNDS):
        found += moving
        if moving.sum() < _STILL * len(seeds):
            break
        moving = (1 - _RESET) * np.bincount(pairs.receiver, weight * moving[pairs.giver], graph.size)
    spread = np.full(graph.size, found.sum())
    starts = np.concatenate([[0], np.cumsum(np.bincount(pairs.giver, minlength=graph.size))]).astype(np.int64)
    least = max(_LEAST, len(seeds) / (_RESET * _MOST_STEPS))
    own, own_spread = _returned(starts, pairs.receiver, weight, seeds, least)
    found[seeds] -= own
    spread[seeds] -= own_spread
    found *= len(graph.present) / np.maximum(spread, _RESET)
    if len(seeds) == 1:
        found[seeds] = 0.0
    return np.maximum(found, 0.0)


@numba.njit(cache=True, nogil=True)
def _returned(
    starts: Integers, receiver: Integers, weight: Floats, seeds: Integers, least: float
) -> tuple[Floats, Floats]:
    """Of each seed: what of its own it holds, and how much it spreads, itself included, before the ranks sum to 1.

    An address passes on what waits there once that is `least` for each of its pairs; the rest stays.
    """
    size = len(starts) - 1
    own, spread = np.zeros(len(seeds)), np.zeros(len(seeds))
    waiting, in_line, is_met = np.zeros(size), np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    line, met = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for number, seed in enumerate(seeds):
        waiting[seed], line[0], met[0], is_met[seed] = 1.0, seed, seed, True
        first, queued, known = 0, 1, 1
        while queued:
            here = line[first]
            first, queued, in_line[here] = (first + 1) % size, queued - 1, False
            passed, waiting[here] = waiting[here], 0.0
            spread[number] += _RESET * passed
            own[number] += _RESET * passed if here == seed else 0.0
            for place in range(starts[here], starts[here + 1]):
                there = receiver[place]
                if not is_met[there]:
                    met[known], is_met[there] = there, True
                    known += 1
                waiting[there] += (1 - _RESET) * passed * weight[place]
                if not in_line[there] and waiting[there] >= least * max(starts[there + 1] - starts[there], 1):
                    line[(first + queued) % size], in_line[there] = there, True
                    queued += 1
        own[number] += _RESET * waiting[seed]
        for there in met[:known]:
            spread[number] += _RESET * waiting[there]
            waiting[there], is_met[there] = 0.0, False
    return own, spread
