"""How near an address is to what sources name: distances, taint, shares of payments, company of its first giver.

What is said of the address itself is left out of its own features, so that they can stand beside its label. All the same labels
are in them: a model that is trained on labels which these features knew has seen its answers.
"""

from __future__ import annotations

import datetime as dt

import numba
import numpy as np
import numpy.typing as npt

from chainsight.categories import CATEGORIES
from graph.workings import moment
from models.features.graph import FeatureGraph, Floats, Integers
from models.features.taint import taint
from sql.files import load
from sql.store import Store

FARTHEST = 4
_EXCHANGES = frozenset({"exchange", "hot_wallet"})
Flags = npt.NDArray[np.bool_]


def read_named(store: Store, graph: FeatureGraph, *, chain_id: int) -> dict[str, Flags]:
    """By number, who is exchange, mixer, bridge, illicit, or a service of any kind but deposit addresses, at the last move."""
    last = dt.datetime.fromtimestamp(int(graph.moved_at.max(initial=0)), dt.UTC)
    rows = store.query(load("feature_graph/named"), chain_id=chain_id, as_of_time=moment(last))
    named = {what: np.zeros(graph.size, np.bool_) for what in ("exchange", "mixer", "bridge", "illicit", "service")}
    for number, category in zip(rows.column("id").to_pylist(), rows.column("category").to_pylist(), strict=True):
        named["exchange"][number] |= category in _EXCHANGES
        for what in ("mixer", "bridge"):
            named[what][number] |= category == what
        known = CATEGORIES.get(category)
        named["illicit"][number] |= known is not None and known.is_illicit
        named["service"][number] |= known is not None and known.is_service and category != "deposit"
    return named


def exposure_features(graph: FeatureGraph, named: dict[str, Flags]) -> dict[str, Floats]:
    """Columns of address_exposure_features by number; NaN where an address has no such payment."""
    found: dict[str, Floats] = {}
    starts, near = _undirected(graph)
    is_passed = ~(graph.is_hub | named["service"])
    for what in ("exchange", "mixer", "bridge", "illicit"):
        seeds = np.flatnonzero(named[what])
        found[f"{what}_distance"] = _distances(starts, near, is_passed, seeds, FARTHEST)
    found["illicit_taint"] = taint(graph, named["illicit"])
    money = graph.money()
    found["in_exchange_share"] = _share(money.receiver, named["exchange"][money.giver], graph.size)
    for what in ("exchange", "mixer", "bridge"):
        found[f"out_{what}_share"] = _share(money.giver, named[what][money.receiver], graph.size)
    found["funder_illicit_share"] = _company(money, named["illicit"], graph.size)
    return found


def _share(ends: Integers, counts: Flags, size: int) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(ends, counts, size) / np.bincount(ends, minlength=size))


def _company(money: FeatureGraph, is_illicit: Flags, size: int) -> Floats:
    """Among the others whose first payment came from the same giver, the share that is illicit."""
    receivers, first = np.unique(money.receiver, return_index=True)
    funder = money.giver[first]
    all_funded = np.bincount(funder, minlength=size)[funder]
    bad_funded = np.bincount(funder, is_illicit[receivers], size)[funder]
    found = np.full(size, np.nan)
    with np.errstate(invalid="ignore"):
        found[receivers] = (bad_funded - is_illicit[receivers]) / (all_funded - 1)
    return found


def _undirected(graph: FeatureGraph) -> tuple[Integers, Integers]:
    ends = np.concatenate([graph.pairs.giver, graph.pairs.receiver])
    others = np.concatenate([graph.pairs.receiver, graph.pairs.giver])
    starts = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=graph.size))]).astype(np.int64)
    return starts, others[np.argsort(ends, kind="stable")]


@numba.njit(cache=True, nogil=True)
def _distances(starts: Integers, near: Integers, is_passed: Flags, seeds: Integers, farthest: int) -> Floats:
    """Breadth first from all seeds at once; every address keeps its two nearest, so that a seed finds another than itself."""
    size = len(starts) - 1
    source, steps = np.full((2, size), -1, np.int64), np.full((2, size), farthest, np.int64)
    line, line_source = np.zeros(2 * size + 1, np.int64), np.zeros(2 * size + 1, np.int64)
    line_steps = np.zeros(2 * size + 1, np.int64)
    end = 0
    for seed in seeds:
        source[0, seed], steps[0, seed] = seed, 0
        line[end], line_source[end], line_steps[end] = seed, seed, 0
        end += 1
    done = 0
    while done < end:
        here, origin, far = line[done], line_source[done], line_steps[done] + 1
        done += 1
        if far >= farthest or (here != origin and not is_passed[here]):
            continue
        for place in range(starts[here], starts[here + 1]):
            there = near[place]
            slot = 0 if source[0, there] < 0 else 1
            if source[slot, there] >= 0 or source[0, there] == origin:
                continue
            source[slot, there], steps[slot, there] = origin, far
            line[end], line_source[end], line_steps[end] = there, origin, far
            end += 1
    found = np.zeros(size)
    for who in range(size):
        found[who] = steps[1, who] if source[0, who] == who else steps[0, who]
    return found
