"""What the counterparties of an address do, and theirs: their own features put together, each direction for itself.

One layer is parameter-free aggregation over neighbours, two layers are the same over what the first gave, as in XGBGraph of
GADBench (Tang et al. 2023, arXiv 2306.12251): mean, largest, standard deviation, and the mean weighted with the native
coins that moved.
A hub is seen through its `MOST_NEIGHBOURS` busiest pairs on each side.

What was put together, 1.6 kB an address, stands in files that are gone with the process, not in memory: the system keeps as much
of them there as it likes. Rows go into the store `_ROWS_AT_ONCE` at a time.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from chainsight.settings import settings
from models.features.graph import FeatureGraph, Floats, Integers, write_rows
from models.features.matrix import Matrix
from sql.files import load
from sql.store import Store

MOST_NEIGHBOURS = 2_000
_ROWS_AT_ONCE = 50_000
NEIGHBOUR_TABLES = (
    "address_neighbour_features",
    "address_neighbour_spread_features",
    "address_second_neighbour_features",
    "address_second_neighbour_spread_features",
)


@dataclass(frozen=True)
class Behaviour:
    """Own features that neighbours are told about, by number of the address; NaN without."""

    names: tuple[str, ...]
    values: Matrix
    """size × names."""
    is_known: npt.NDArray[np.bool_]
    as_of: Integers
    """Highest block with something of the address."""


@dataclass(frozen=True)
class _Layer:
    """One aggregation in one direction, size × names each; NaN where no neighbour says anything."""

    mean: Matrix
    most: Matrix
    deviation: Matrix
    weighted: Matrix


@dataclass(frozen=True)
class _Side:
    """Who is heard by whom in one direction."""

    hears: sparse.csr_matrix
    """size × size, 1 where the column is a neighbour of the row."""
    coins: sparse.csr_matrix

    def layer(self, values: Matrix, most: Matrix, weighted: Matrix) -> _Layer:
        """Aggregate three arrays of the neighbours: for mean and deviation, for the largest, for the weighted mean."""
        mean, largest, deviation, balance = (_room(values.shape) for _ in range(4))
        for column in range(values.shape[1]):
            told, known = _filled(values[:, column])
            heavy, weighs = _filled(weighted[:, column])
            with np.errstate(invalid="ignore", divide="ignore"):
                count = self.hears @ known
                middle = (self.hears @ told) / count
                spread = (self.hears @ told**2) / count - middle**2
                mean[:, column], deviation[:, column] = middle, np.sqrt(np.maximum(spread, 0.0))
                balance[:, column] = (self.coins @ heavy) / (self.coins @ weighs)
            largest[:, column] = _largest(self.hears, most[:, column])
        return _Layer(mean, largest, deviation, balance)


def _room(shape: tuple[int, int]) -> Matrix:
    """An array in a file without a name, each column in one piece."""
    if 0 in shape:
        return np.empty(shape, np.float32)
    exchange = settings().exchange_dir
    exchange.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=exchange) as file:
        return np.memmap(file, np.float32, "w+", shape=shape, order="F")


def _filled(values: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Values with 0 for what is undefined, and 1 where they are defined."""
    known = np.isfinite(values)
    return np.where(known, values, 0.0).astype(np.float64), known.astype(np.float64)


def read_behaviour(store: Store, graph: FeatureGraph, *, chain_id: int) -> Behaviour:
    """Own features as they stand in the tables now."""
    rows = store.query(load("feature_graph/behaviour"), chain_id=chain_id)
    names = tuple(name for name in rows.column_names if name not in ("id", "as_of_block"))
    places = rows.column("id").to_numpy()
    values = np.full((graph.size, len(names)), np.nan, np.float32)
    for column, name in enumerate(names):
        values[places, column] = rows.column(name).to_numpy()
    is_known, as_of = np.zeros(graph.size, np.bool_), np.zeros(graph.size, np.int64)
    is_known[places], as_of[places] = True, rows.column("as_of_block").to_numpy()
    return Behaviour(names, values, is_known, as_of)


def write_neighbours(
    store: Store,
    graph: FeatureGraph,
    behaviour: Behaviour,
    chosen: npt.NDArray[np.bool_],
    *,
    chain_id: int,
    version: int,
) -> None:
    """Rows of the four tables for those of the addresses chosen that have a neighbour with features."""
    sides = {"in": _side(graph, behaviour, incoming=True), "out": _side(graph, behaviour, incoming=False)}
    heard = {name: np.diff(side.hears.indptr) for name, side in sides.items()}
    first = {name: side.layer(*[behaviour.values] * 3) for name, side in sides.items()}
    second = {
        name: side.layer(first[name].mean, first[name].most, first[name].weighted) for name, side in sides.items()
    }
    near, far = _as_of(graph, behaviour, sides)
    ids = np.flatnonzero(chosen & ((heard["in"] > 0) | (heard["out"] > 0)))
    layers = {1: ("neighbours", first, near), 2: ("second_neighbours", second, far)}
    for table, hop, parts in (
        (NEIGHBOUR_TABLES[0], 1, ("mean", "max")), (NEIGHBOUR_TABLES[1], 1, ("deviation", "weighted")),
        (NEIGHBOUR_TABLES[2], 2, ("mean", "max")), (NEIGHBOUR_TABLES[3], 2, ("deviation", "weighted")),
    ):  # fmt: skip
        who, layer, as_of = layers[hop]
        columns: dict[str, npt.NDArray[np.generic]] = {}
        for direction in ("in", "out"):
            if table == NEIGHBOUR_TABLES[0]:
                columns[f"{direction}_{who}"] = heard[direction]
            arrays = {
                "mean": layer[direction].mean, "max": layer[direction].most,
                "deviation": layer[direction].deviation, "weighted": layer[direction].weighted,
            }  # fmt: skip
            for place, name in enumerate(behaviour.names):
                columns |= {f"{direction}_{who}_{name}_{part}": arrays[part][:, place] for part in parts}
        for first_row in range(0, len(ids), _ROWS_AT_ONCE):
            rows = ids[first_row : first_row + _ROWS_AT_ONCE]
            write_rows(store, table, graph, rows, columns, chain_id=chain_id, as_of=as_of, version=version)


def near_to(graph: FeatureGraph, chosen: npt.NDArray[np.bool_], hops: int) -> npt.NDArray[np.bool_]:
    """By number: whether an address is one of those chosen or at most so many payments away, in either direction."""
    reached = chosen.copy()
    for _ in range(hops):
        before = reached.copy()
        reached[graph.pairs.receiver[before[graph.pairs.giver]]] = True
        reached[graph.pairs.giver[before[graph.pairs.receiver]]] = True
    return reached


def _side(graph: FeatureGraph, behaviour: Behaviour, *, incoming: bool) -> _Side:
    pairs = graph.pairs
    who, other = (pairs.receiver, pairs.giver) if incoming else (pairs.giver, pairs.receiver)
    # The busiest first, as the table's comment says; the cap counts those without features, too.
    order = np.lexsort((other, -pairs.count, who))
    starts = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=graph.size))])
    rank = np.arange(len(order)) - starts[who[order]]
    kept = order[(rank < MOST_NEIGHBOURS) & behaviour.is_known[other[order]]]
    shape = (graph.size, graph.size)
    ones = np.ones(len(kept))
    return _Side(
        sparse.csr_matrix((ones, (who[kept], other[kept])), shape=shape),
        sparse.csr_matrix((pairs.coins[kept], (who[kept], other[kept])), shape=shape),
    )


def _largest(hears: sparse.csr_matrix, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The largest over the neighbours of each row."""
    found = np.full(values.shape, np.nan, values.dtype)
    rows = np.flatnonzero(np.diff(hears.indptr) > 0)
    if len(rows):
        heard = np.where(np.isfinite(values), values, -np.inf)[hears.indices]
        found[rows] = np.maximum.reduceat(heard, hears.indptr[rows])
    found[np.isinf(found)] = np.nan
    return found


def _as_of(graph: FeatureGraph, behaviour: Behaviour, sides: dict[str, _Side]) -> tuple[Integers, Integers]:
    """The highest block that a row of one hop, and of two hops, knows something of."""
    own = np.zeros(graph.size, np.int64)
    np.maximum.at(own, graph.pairs.giver, graph.pairs.last_block)
    np.maximum.at(own, graph.pairs.receiver, graph.pairs.last_block)
    near = _highest(sides, np.maximum(own, behaviour.as_of), own)
    return near, _highest(sides, near, near)


def _highest(sides: dict[str, _Side], told: Integers, own: Integers) -> Integers:
    found = own.astype(np.float64)
    for side in sides.values():
        heard = _largest(side.hears, told.astype(np.float64))
        found = np.fmax(found, heard)
    return found.astype(np.int64)
