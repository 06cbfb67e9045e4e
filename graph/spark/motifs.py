"""Triangles and returns on Spark: a graph in parts that overlap just enough, each counted whole by the local kernels.

Triangles: vertices fall into groups by number; every three groups get the edges among them, and count the triangles
with one corner in each (Suri, Vassilvitskii 2011). Returns: time falls into slices; each gets the transfers that begin
in it and those of the window after. Nothing is found twice, and no part needs another.
"""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812  (the name every Spark program uses)

from graph.engine import RETURN_SECONDS
from graph.local.neighbours import Ints, whole_neighbours
from graph.local.returns import LENGTHS, count_returns
from graph.local.triangles import CYCLES_3, SHORTCUTS, TRIANGLES, count_triangles
from graph.spark.blocks import grouped, renumbered

_EDGES_A_GROUP = 2_000_000
_TRIANGLES = "id long, triangles long, cycles_3 long, shortcuts long"
_RETURNS = "id long, " + ", ".join(f"returns_{length} long" for length in LENGTHS)


def triangles(edges: DataFrame, edge_count: int) -> DataFrame:
    """Columns id, triangles, cycles_3, shortcuts of the vertices on any."""
    groups = 1 + int(math.sqrt(edge_count / _EDGES_A_GROUP))
    a, b = F.col("src") % groups, F.col("dst") % groups
    third = edges.select(
        "src", "dst", a.alias("a"), b.alias("b"), F.explode(F.sequence(F.lit(0), F.lit(groups - 1))).alias("c")
    )
    low, high = F.least("a", "b", "c"), F.greatest("a", "b", "c")
    middle = F.col("a") + F.col("b") + F.col("c") - low - high
    placed = third.select("src", "dst", ((low * groups + middle) * groups + high).cast("long").alias("three"))
    count = groups * (groups + 1) * (groups + 2) // 6

    def answer(three: int, table: pa.Table) -> pa.Table:
        names, src, dst = renumbered(table)
        wanted = (three // groups**2, three // groups % groups, three % groups)
        found = count_triangles(whole_neighbours(src, dst, len(names)), names % groups, wanted)
        return _rows(names, found, {"triangles": TRIANGLES, "cycles_3": CYCLES_3, "shortcuts": SHORTCUTS})

    return _summed(grouped(placed, "three", count, answer, _TRIANGLES))


def returns(transfers: DataFrame, hubs: DataFrame, slices: int) -> DataFrame:
    """Columns id, returns_2, returns_3, returns_4 of the vertices with any; `hubs` has a column hub."""
    for end in ("src", "dst"):
        transfers = transfers.join(F.broadcast(hubs), F.col(end) == F.col("hub"), "left_anti")
    transfers = transfers.persist()
    bounds = _slices(transfers, slices)
    starts, ends = (F.array(*(F.lit(bound).cast("long") for bound in part)) for part in (bounds[:-1], bounds[1:]))
    numbers = F.sequence(F.lit(0), F.lit(len(bounds) - 2))
    mine = F.filter(numbers, lambda n: (F.col("time") >= starts[n]) & (F.col("time") < ends[n] + RETURN_SECONDS))
    placed = transfers.select("src", "dst", "time", F.explode(mine).alias("slice"))

    def answer(number: int, table: pa.Table) -> pa.Table:
        table = table.sort_by("time")
        names, src, dst = renumbered(table)
        time = table.column("time").to_numpy()
        found = count_returns(src, dst, time, len(names), first=bounds[number], stop=bounds[number + 1])
        return _rows(names, found, {f"returns_{length}": column for column, length in enumerate(LENGTHS)})

    return _summed(grouped(placed, "slice", len(bounds) - 1, answer, _RETURNS))


def _slices(transfers: DataFrame, slices: int) -> list[int]:
    """Bounds of slices of time with about equally many transfers, none much shorter than the window."""
    span = transfers.agg(F.min("time"), F.max("time")).first()
    if span is None or span[0] is None:
        return [0, 1]
    first, last = int(span[0]), int(span[1])
    count = max(1, min(slices, (last - first) // RETURN_SECONDS))
    inner = transfers.approxQuantile("time", [k / count for k in range(1, count)], 0.01) if count > 1 else []
    return sorted({first, *(int(bound) for bound in inner), last + 1})


def _rows(names: Ints, found: Ints, columns: dict[str, int]) -> pa.Table:
    some = np.flatnonzero(found.any(axis=1))
    return pa.table({"id": names[some]} | {name: found[some, column] for name, column in columns.items()})


def _summed(parts: DataFrame) -> DataFrame:
    return parts.groupBy("id").agg(*(F.sum(name).alias(name) for name in parts.columns if name != "id"))
