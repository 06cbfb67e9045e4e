"""Measure the graph of a chain's transfers: edges out of the store, an engine over them, measures back in."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chainsight.errors import StoreEmpty
from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from graph.engine import GraphFiles, choose_engine
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class GraphSize:
    """What the tables hold before anything is measured."""

    addresses: int
    edges: int
    """Ordered pairs of different addresses."""
    self_loops: int
    """Addresses that paid themselves; they are not edges of the measured graph."""
    as_of_block: int
    """Highest block the edges know."""


@dataclass(frozen=True)
class GraphSummary:
    """What one build found."""

    chain_id: int
    engine: str
    as_of_block: int
    addresses: int
    edges: int
    self_loops: int
    components: int
    largest_component: int
    """Addresses in the largest weakly connected component."""
    communities: int
    cycles_2: int
    """Pairs of addresses that gave to each other."""
    cycles_3: int
    """Directed triangles."""
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.addresses:,} addresses, {self.edges:,} edges, {self.components:,} components, {self.communities:,} "
            f"communities, {self.cycles_2:,} and {self.cycles_3:,} cycles of 2 and 3, by the {self.engine} engine"
        )


def build_graph(store: Store, *, chain_id: int, engine: str = "spark", progress: Progress = SILENT) -> GraphSummary:
    """Measure every address of a chain's graph with the engine named and replace its rows in address_measures.

    The tables addresses and address_edges must be up to date (sql.transform). A second run writes the same rows
    again. Raises `StoreEmpty` without edges, `UnknownName` for an engine that is not one, `MissingComponent` without
    Java or the GraphFrames JAR, `ChildFailed` when Spark ends badly; the earlier measures then stay as they were.
    """
    started = time.monotonic()
    chosen = choose_engine(engine)
    size = read_size(store, chain_id)
    exchange = settings().exchange_dir
    exchange.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="edges-", dir=exchange) as folder:
        files = write_files(store, chain_id, Path(folder))
        (measures,) = chosen.measure([files], progress=progress)
        addresses = pq.read_table(files.vertices).column("address")
    progress.step(0, None, "measures into the store")
    rows = _rows(measures, addresses, chain_id=chain_id, engine=engine, as_of_block=size.as_of_block)
    store.insert("address_measures", rows)
    store.command(load("graph/withdraw_measures"), chain_id=chain_id, version=rows.column("version")[0].as_py())
    return _summary(measures, size, chain_id=chain_id, engine=engine, seconds=time.monotonic() - started)


def read_size(store: Store, chain_id: int) -> GraphSize:
    """Size of the graph in the store; raises `StoreEmpty` when nothing was ingested or there is no edge to measure."""
    known = read_as_of(store, chain_id)
    (found,) = store.query(load("graph/size"), chain_id=chain_id).to_pylist()
    size = GraphSize(**(found | {"as_of_block": min(found["as_of_block"], known.block_number)}))
    if size.edges == 0:
        loops = f" (only {size.self_loops} addresses that paid themselves)" if size.self_loops else ""
        raise StoreEmpty(
            f"edges between addresses of chain {chain_id} up to block {known.block_number}{loops}",
            "Run chainsight transform first, or ingest blocks that hold transfers.",
        )
    return size


def write_files(store: Store, chain_id: int, folder: Path) -> GraphFiles:
    """The graph of a chain as the two files that engines read."""
    files = GraphFiles(folder / "vertices.parquet", folder / "edges.parquet")
    store.copy_out(load("graph/vertices"), files.vertices, chain_id=chain_id)
    store.copy_out(load("graph/edges"), files.edges, chain_id=chain_id)
    return files


def _rows(measures: pa.Table, addresses: pa.ChunkedArray, *, chain_id: int, engine: str, as_of_block: int) -> pa.Table:
    """Rows of address_measures; both inputs ascend by id and hold the same vertices."""
    count = measures.num_rows
    same = {
        "chain_id": pa.scalar(chain_id, pa.uint64()),
        "engine": pa.scalar(engine),
        "as_of_block": pa.scalar(as_of_block, pa.uint64()),
        "version": pa.scalar(time.time_ns(), pa.uint64()),
    }
    columns = {
        "address_id" if name == "id" else name: _unsigned(measures.column(name)) for name in measures.column_names
    }
    columns["address"] = addresses.cast(pa.binary(20))
    return pa.table(columns | {name: pa.repeat(value, count) for name, value in same.items()})


def _unsigned(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.uint64()) if pa.types.is_integer(column.type) else column


def _summary(measures: pa.Table, size: GraphSize, *, chain_id: int, engine: str, seconds: float) -> GraphSummary:
    sizes = np.unique(measures.column("component").to_numpy(), return_counts=True)[1]
    return GraphSummary(
        chain_id=chain_id,
        engine=engine,
        as_of_block=size.as_of_block,
        addresses=measures.num_rows,
        edges=size.edges,
        self_loops=size.self_loops,
        components=len(sizes),
        largest_component=int(sizes.max()),
        communities=pc.count_distinct(measures.column("community")).as_py(),
        cycles_2=pc.sum(measures.column("cycles_2")).as_py() // 2,
        cycles_3=pc.sum(measures.column("cycles_3")).as_py() // 3,
        seconds=round(seconds, 2),
    )
