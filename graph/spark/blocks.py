"""The rounds of graph.local.rounds on Spark: blocks of adjacency in the executors' memory, vectors sent out anew each round.

A round is one short job: the driver broadcasts the vectors, every block answers for its own vertices, the driver puts
the answers together. Executors need the Python environment of this project; the driver needs some tens of bytes a
vertex. Measured beside GraphX and Pregel on joined tables in bench/RESULTS.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812  (the name every Spark program uses)
from pyspark.storagelevel import StorageLevel

from graph.local.engine import positions
from graph.local.neighbours import GIVES, TAKES, Ints, Neighbours, block_of_neighbours
from graph.local.rounds import Blocks, BlocksHere, Kernel

_BLOCK = "first long, starts binary, givers_stop binary, ends binary, kinds binary"


class SparkBlocks:
    """`Blocks` on executors."""

    def __init__(self, blocks: Any, vertex_count: int) -> None:
        self._blocks = blocks
        self.vertex_count = vertex_count

    def each(self, kernel: Kernel, *vectors: Any) -> list[Any]:
        """See `Blocks.each`."""
        shared = self._blocks.context.broadcast(vectors)
        try:
            answers = self._blocks.map(lambda block: (block.first, kernel(block, *shared.value))).collect()
        finally:
            shared.destroy()
        return [answer for _, answer in sorted(answers, key=lambda answer: int(answer[0]))]


def spark_blocks(edges: DataFrame, ids: Ints, half_edges: Ints, count: int, *, checkpoint: bool) -> Blocks:
    """Cut a graph into at most `count` blocks of about equally many edges and keep them on the executors.

    `edges` has columns src, dst: names; `ids` are all names, ascending; `half_edges` says how many edges each has.
    """
    before = np.cumsum(half_edges)
    if not len(ids) or before[-1] == 0:
        nothing = np.zeros(0, dtype=np.int64)
        return BlocksHere([block_of_neighbours(0, len(ids), nothing, nothing, nothing.astype(np.uint8))])
    inner = np.searchsorted(before, np.arange(1, count) * (before[-1] / count)) + 1
    bounds = [0, *sorted({int(place) for place in inner if before[place - 1] < before[-1]}), len(ids)]
    named = edges.sparkSession.sparkContext.broadcast((ids, bounds))
    firsts = F.array(*(F.lit(int(ids[place])) for place in bounds[:-1]))
    halves = _half("src", "dst", TAKES, edges).unionAll(_half("dst", "src", GIVES, edges))
    placed = halves.withColumn("block", F.size(F.filter(firsts, lambda first: first <= F.col("owner"))) - 1)
    packed = placed.repartitionByRange(len(bounds) - 1, "block").mapInArrow(
        lambda rows: _pack(rows, *named.value), _BLOCK
    )
    blocks = packed.rdd.map(_unpack).persist(StorageLevel.MEMORY_AND_DISK)
    if checkpoint:
        blocks.checkpoint()
    found = SparkBlocks(blocks, len(ids))
    placed_count = sum(found.each(_size))
    if placed_count != len(ids):
        raise RuntimeError(f"{placed_count:,} of {len(ids):,} vertices are in blocks: an executor lost some.")
    return found


def grouped(
    rows: DataFrame, key: str, parts: int, answer: Callable[[int, pa.Table], pa.Table], schema: str
) -> DataFrame:
    """What `answer(value of key, its rows)` gives for every value of an integer column, each value's rows in one place."""

    def answers(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for value, table in _by_value(batches, key):
            yield from answer(value, table).to_batches()

    return rows.repartitionByRange(parts, key).mapInArrow(answers, schema)


def renumbered(table: pa.Table) -> tuple[Ints, Ints, Ints]:
    """(names, src, dst): the ends of these rows, counted from 0."""
    src, dst = (table.column(end).to_numpy().astype(np.int64) for end in ("src", "dst"))
    names, ends = np.unique(np.concatenate([src, dst]), return_inverse=True)
    return names, ends[: len(src)], ends[len(src) :]


def _size(block: Neighbours) -> int:
    return block.vertex_count


def _half(owner: str, end: str, kind: Any, edges: DataFrame) -> DataFrame:
    return edges.select(
        F.col(owner).alias("owner"), F.col(end).alias("end"), F.lit(int(kind)).cast("byte").alias("kind")
    )


def _by_value(batches: Iterable[pa.RecordBatch], key: str) -> Iterator[tuple[int, pa.Table]]:
    held = [batch for batch in batches if batch.num_rows]
    if not held:
        return
    table = pa.Table.from_batches(held)
    values = table.column(key).to_numpy()
    for value in np.unique(values):
        yield int(value), table.filter(pa.array(values == value))


def _pack(batches: Iterable[pa.RecordBatch], ids: Ints, bounds: list[int]) -> Iterator[pa.RecordBatch]:
    for number, table in _by_value(batches, "block"):
        owner, end = (positions(ids, table.column(name).to_numpy()) for name in ("owner", "end"))
        kind = table.column("kind").to_numpy().astype(np.uint8)
        block = block_of_neighbours(bounds[number], bounds[number + 1], owner, end, kind)
        arrays = (block.starts, block.givers_stop, block.ends, block.kinds)
        columns = [pa.array([block.first]), *(pa.array([array.tobytes()], pa.binary()) for array in arrays)]
        yield pa.record_batch(columns, names=["first", "starts", "givers_stop", "ends", "kinds"])


def _unpack(row: Any) -> Neighbours:
    return Neighbours(
        row.first,
        np.frombuffer(row.starts, dtype=np.int64),
        np.frombuffer(row.givers_stop, dtype=np.int64),
        np.frombuffer(row.ends, dtype=np.int32),
        np.frombuffer(row.kinds, dtype=np.uint8),
    )
