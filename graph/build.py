"""Measure the graph of a chain's transfers: edges out of the store, an engine over them, measures back in."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chainsight.categories import CATEGORIES
from chainsight.errors import StoreEmpty
from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from graph.engine import GraphFiles, Measured, choose_engine
from graph.local.returns import LENGTHS
from graph.plan import AUTO, GraphPlan, plan_graph, require_engine
from graph.workings import moment
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

SEED_GROUPS: dict[str, str] = {
    **{entry.name: "illicit" for entry in CATEGORIES.values() if entry.is_illicit},
    **dict.fromkeys(("exchange", "deposit", "hot_wallet"), "exchange"),
    "mixer": "mixer",
}
"""Group of seeds that addresses of a category belong to; of other categories nobody asks how near they are."""
LEAST_PROXIMITY = 1e-9


@dataclass(frozen=True)
class GraphSize:
    """What the tables hold before anything is measured."""

    addresses: int
    edges: int
    """Ordered pairs of different addresses."""
    transfers: int
    """Transfers on these edges."""
    self_loops: int
    """Addresses that paid themselves; they are not edges of the measured graph."""
    as_of_block: int
    """Highest block the edges know."""
    as_of_time: dt.datetime
    """When the last of their transfers was."""


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
    strong_components: int
    """Strongly connected components of two addresses and more."""
    returns: dict[str, int]
    """Transfers that came back to their giver in rising time within three days, by the number of steps."""
    hubs: int
    """Addresses of a thousand givers or receivers and more, through which no return was followed."""
    seeds: int
    """Addresses from which proximity was measured."""
    expected_mb: int
    """Memory that was expected before."""
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.addresses:,} addresses, {self.edges:,} edges, {self.components:,} components, {self.communities:,} "
            f"communities, {self.cycles_2:,} and {self.cycles_3:,} cycles of 2 and 3, by the {self.engine} engine"
        )


def plan(store: Store, *, chain_id: int, engine: str = AUTO) -> GraphPlan:
    """What a build would do, without doing it; raises `StoreEmpty` without edges, `UnknownName` for an engine that is none."""
    require_engine(engine)
    size = read_size(store, chain_id)
    return plan_graph(size.addresses, size.edges, size.transfers, engine=engine)


def build_graph(store: Store, *, chain_id: int, engine: str = AUTO, progress: Progress = SILENT) -> GraphSummary:
    """Measure every address of a chain's graph and replace its rows in address_measures and address_proximity.

    `engine` is spark, local, or auto, which lets graph.plan choose; what is planned is said before it starts.
    The tables addresses, address_edges and address_actors must be up to date (sql.derive). A second run writes the same rows
    again. Raises `StoreEmpty` without edges, `UnknownName` for an engine that is not one, `MissingComponent` without
    Java or the GraphFrames JAR, `ChildFailed` when Spark ends badly; the earlier measures then stay as they were.
    """
    started = time.monotonic()
    require_engine(engine)
    size = read_size(store, chain_id)
    planned = plan_graph(size.addresses, size.edges, size.transfers, engine=engine)
    progress.note(f"graph: {planned}")
    exchange = settings().exchange_dir
    exchange.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="edges-", dir=exchange) as folder:
        files = write_files(store, chain_id, Path(folder), size)
        (found,) = choose_engine(planned.engine).measure([files], progress=progress)
        vertices = pq.read_table(files.vertices)
        seeds = pc.count_distinct(pq.read_table(files.seeds).column("id")).as_py()
    progress.step(0, None, "measures into the store")
    _write(store, found, vertices, chain_id=chain_id, engine=planned.engine, as_of_block=size.as_of_block)
    return _summary(found, size, planned, chain_id=chain_id, seeds=seeds, seconds=time.monotonic() - started)


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


def write_files(store: Store, chain_id: int, folder: Path, size: GraphSize) -> GraphFiles:
    """The graph of a chain as the files that engines read."""
    files = GraphFiles(*(folder / f"{name}.parquet" for name in ("vertices", "edges", "transfers", "seeds")))
    store.copy_out(load("graph/vertices"), files.vertices, chain_id=chain_id)
    store.copy_out(load("graph/edges"), files.edges, chain_id=chain_id)
    store.copy_out(load("graph/transfers"), files.transfers, chain_id=chain_id, as_of_block=size.as_of_block)
    categories, groups = list(SEED_GROUPS), list(SEED_GROUPS.values())
    seeds, at = load("graph/seeds"), moment(size.as_of_time)
    store.copy_out(seeds, files.seeds, chain_id=chain_id, as_of_time=at, categories=categories, groups=groups)
    return files


def _write(store: Store, found: Measured, vertices: pa.Table, *, chain_id: int, engine: str, as_of_block: int) -> None:
    """Rows of this run in, rows of earlier ones out; the vertices ascend by id, as the measures do."""
    version = time.time_ns()
    same = {
        "chain_id": pa.scalar(chain_id, pa.uint64()),
        "engine": pa.scalar(engine),
        "as_of_block": pa.scalar(as_of_block, pa.uint64()),
        "version": pa.scalar(version, pa.uint64()),
    }
    near = found.proximity.filter(pc.greater_equal(found.proximity.column("proximity"), LEAST_PROXIMITY))
    at = pc.index_in(near.column("id"), vertices.column("id").combine_chunks().cast(pa.int64()))
    addresses = vertices.column("address").cast(pa.binary(20))
    store.insert("address_measures", _rows(found.vertices, addresses, same))
    store.insert("address_proximity", _rows(near, addresses.take(at), same))
    for name in ("graph/withdraw_measures", "graph/withdraw_proximity"):
        store.command(load(name), chain_id=chain_id, version=version)


def _rows(found: pa.Table, addresses: pa.ChunkedArray, same: dict[str, pa.Scalar]) -> pa.Table:
    """Rows of a table by address_id: what an engine says, whose it is, and what is the same for all."""
    columns = {"address_id" if name == "id" else name: _unsigned(found.column(name)) for name in found.column_names}
    columns["address"] = addresses
    return pa.table(columns | {name: pa.repeat(value, found.num_rows) for name, value in same.items()})


def _unsigned(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.uint64()) if pa.types.is_integer(column.type) else column


def _summary(
    found: Measured, size: GraphSize, planned: GraphPlan, *, chain_id: int, seeds: int, seconds: float
) -> GraphSummary:
    measures = found.vertices
    sizes = np.unique(measures.column("component").to_numpy(), return_counts=True)[1]
    strong = np.unique(measures.column("strong_component").to_numpy(), return_counts=True)[1]
    returns = {str(length): pc.sum(measures.column(f"returns_{length}")).as_py() for length in LENGTHS}
    return GraphSummary(
        chain_id=chain_id,
        engine=planned.engine,
        as_of_block=size.as_of_block,
        addresses=measures.num_rows,
        edges=size.edges,
        self_loops=size.self_loops,
        components=len(sizes),
        largest_component=int(sizes.max()),
        communities=pc.count_distinct(measures.column("community")).as_py(),
        cycles_2=pc.sum(measures.column("cycles_2")).as_py() // 2,
        cycles_3=pc.sum(measures.column("cycles_3")).as_py() // 3,
        strong_components=int((strong > 1).sum()),
        returns=returns,
        hubs=found.hubs,
        seeds=seeds,
        expected_mb=planned.expected_mb,
        seconds=round(seconds, 2),
    )
