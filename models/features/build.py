"""Describe every address: features built in ClickHouse, and in compiled loops where no single history tells.

    build_features    everything as of a block
    update_features   what changed since: the addresses that new blocks touch, those whose rows a withdrawn block took with it,
                      and both ones' neighbours; the outcome is that of a build

What is a shape in the whole graph (patterns, nearness to labels) is measured anew each time, which takes seconds. Rows of an
address say the last block that they know something of; until its next one nothing would change them.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chainsight import categories
from chainsight.progress import SILENT, Progress
from graph.engine import is_hub
from models.features import exposures, neighbours, patterns, taint
from models.features import graph as graph_arrays
from models.features.exposures import exposure_features, read_named
from models.features.graph import FeatureGraph, read_graph, write_rows
from models.features.matrix import ALL_GROUPS, FURTHER_GROUPS, WHOLE_LIFE, feature_names
from models.features.neighbours import near_to, read_behaviour, write_neighbours
from models.features.patterns import pattern_features
from sql.as_of import read_as_of
from sql.chain_parameters import chain_parameters
from sql.changes import Change, changed_ranges
from sql.files import load, load_folder
from sql.store import Parameter, Store

EVERY_GROUP = (*ALL_GROUPS, *FURTHER_GROUPS)
_WHOLE_GRAPH = ("address_pattern_features", "address_exposure_features")
_NEIGHBOURS_OF_NEIGHBOURS = 2
_SQL = ("features", "feature_graph", "feature_tables")
_COMPUTING = (categories, is_hub, exposures, graph_arrays, neighbours, patterns, taint)
"""Code that says what a feature is: where some of it changed, rows of before are no longer what a build would write."""


@dataclass(frozen=True)
class FeatureSummary:
    """What was built."""

    chain_id: int
    as_of_block: int
    addresses: int
    described: int
    """Addresses whose own behaviour was described anew."""
    columns: int
    seconds: float

    def __str__(self) -> str:
        anew = "" if self.described >= self.addresses else f", {self.described:,} of them anew"
        return f"{self.columns} features of {self.addresses:,} addresses{anew}"


def build_features(
    store: Store,
    *,
    chain_id: int,
    to_block: int | None = None,
    life_seconds: int = WHOLE_LIFE,
    progress: Progress = SILENT,
) -> FeatureSummary:
    """Recompute all feature tables of a chain; rows of addresses that are gone are withdrawn.

    The rows up to `to_block` count, nothing later; it defaults to the watermark. `life_seconds` keeps the first part of each
    address's life only, for the question how early a model can tell; there is nothing about neighbours and shapes then.
    Raises `StoreEmpty` when nothing was ingested.
    """
    started, version = time.monotonic(), time.time_ns()
    changes = _changes(store, chain_id, 0)
    is_whole = to_block is None and life_seconds == WHOLE_LIFE
    as_of = read_as_of(store, chain_id).block_number if to_block is None else to_block
    _make_room(store)
    bounds: dict[str, Parameter] = {"life_seconds": life_seconds, "of_everybody": 1}
    describe(store, chain_id, as_of, version, bounds, progress)
    if life_seconds == WHOLE_LIFE:
        graph = read_graph(store, chain_id=chain_id, to_block=as_of)
        _relate(store, graph, np.ones(graph.size, np.bool_), chain_id, as_of, version, progress)
    for table in EVERY_GROUP:
        _withdraw_older(store, table, chain_id, version)
    _clear(store)
    described = _write_mark(store, chain_id, as_of, version, changes, checksum=_checksum(chain_id) if is_whole else "")
    return _summary(store, chain_id, as_of, described, started)


def update_features(store: Store, *, chain_id: int, progress: Progress = SILENT) -> FeatureSummary:
    """Bring the feature tables up to the watermark; a build where none was made by these files, and the same rows always.

    Needs derived tables that are up to date. Raises `StoreEmpty` when nothing was ingested.
    """
    started, version = time.monotonic(), time.time_ns()
    marks = store.query(load("queries/feature_mark"), chain_id=chain_id).to_pylist()
    if not marks or marks[0]["checksum"] != _checksum(chain_id):
        return build_features(store, chain_id=chain_id, progress=progress)
    as_of = read_as_of(store, chain_id).block_number
    changes = _changes(store, chain_id, int(marks[0]["changes_version"]))
    _make_room(store)
    for first, last in changed_ranges(changes, as_of):
        store.command(load("feature_scopes/touched"), chain_id=chain_id, from_block=first, to_block=last)
    lost = any(change.is_withdrawal for change in changes)
    if lost:
        store.command(load("feature_scopes/missing"), chain_id=chain_id, to_block=as_of)
    bounds: dict[str, Parameter] = {"life_seconds": WHOLE_LIFE, "of_everybody": 0}
    describe(store, chain_id, as_of, version, bounds, progress)
    graph = read_graph(store, chain_id=chain_id, to_block=as_of)
    chosen = _flags(store.query(load("feature_scopes/chosen"), chain_id=chain_id), graph)
    described = int(chosen.sum())
    chosen = near_to(graph, chosen, _NEIGHBOURS_OF_NEIGHBOURS)
    if lost:
        chosen |= ~_flags(store.query(load("feature_scopes/complete"), chain_id=chain_id), graph)
    _relate(store, graph, chosen, chain_id, as_of, version, progress)
    for table in _WHOLE_GRAPH:
        _withdraw_older(store, table, chain_id, version)
    _clear(store)
    since = [Change(0, 0, int(marks[0]["changes_version"]))]
    _write_mark(store, chain_id, as_of, version, [*since, *changes], checksum=_checksum(chain_id), described=described)
    return _summary(store, chain_id, as_of, described, started)


def describe(
    store: Store, chain_id: int, as_of: int, version: int, bounds: Mapping[str, Parameter], progress: Progress = SILENT, *,
    without: Sequence[str] = (),
) -> None:  # fmt: skip
    """Own features, of everybody or of those in feature_scope; none of the tables in `without`."""
    known = {"chain_id": chain_id, "to_block": as_of, "version": version, **chain_parameters(chain_id), **bounds}
    steps = [step for step in load_folder("features") if step.header["builds"] not in without]
    for done, step in enumerate(steps):
        progress.step(done, len(steps) + 3, step.name)
        store.command(step, **{name: known[name] for name in step.parameters})


def _relate(
    store: Store, graph: FeatureGraph, chosen: npt.NDArray[np.bool_], chain_id: int, as_of: int, version: int, progress: Progress
) -> None:  # fmt: skip
    """What the whole graph says: shapes and nearness of everybody, neighbours of those chosen."""
    steps = len(load_folder("features"))
    known_to = np.full(graph.size, as_of)
    progress.step(steps, steps + 3, "patterns of payments")
    patterns = pattern_features(graph)
    write_rows(
        store, _WHOLE_GRAPH[0], graph, graph.present, patterns, chain_id=chain_id, as_of=known_to, version=version
    )
    progress.step(steps + 1, steps + 3, "nearness to labels")
    exposures = exposure_features(graph, read_named(store, graph, chain_id=chain_id))
    write_rows(
        store, _WHOLE_GRAPH[1], graph, graph.present, exposures, chain_id=chain_id, as_of=known_to, version=version
    )
    progress.step(steps + 2, steps + 3, "neighbours")
    behaviour = read_behaviour(store, graph, chain_id=chain_id)
    write_neighbours(store, graph, behaviour, chosen, chain_id=chain_id, version=version)
    progress.step(steps + 3, steps + 3, "features")


def _changes(store: Store, chain_id: int, since: int) -> list[Change]:
    rows = store.query(load("queries/audit_changes"), chain_id=chain_id, since=since).to_pylist()
    return [Change(**row) for row in rows]


def _checksum(chain_id: int) -> str:
    """Of whatever the rows depend on but blocks and labels: SQL files, compiled loops, and settings of the chain."""
    files = [(one.name, one.checksum) for folder in _SQL for one in load_folder(folder)]
    code = [inspect.getsource(one) for one in _COMPUTING]
    known = chain_parameters(chain_id)
    return hashlib.sha256(json.dumps([files, code, known["stablecoins"], known["hub_neighbours"]]).encode()).hexdigest()


def _flags(numbers: pa.Table, graph: FeatureGraph) -> npt.NDArray[np.bool_]:
    found = np.zeros(graph.size, np.bool_)
    ids = numbers.column("id").to_numpy()
    found[ids[ids < graph.size]] = True
    return found


def _make_room(store: Store) -> None:
    _clear(store)
    for table in load_folder("feature_tables"):
        store.command(table)


def _clear(store: Store) -> None:
    for table in load_folder("feature_tables"):
        store.command(f"DROP TABLE IF EXISTS {table.name.split('/')[1]}")


def _withdraw_older(store: Store, table: str, chain_id: int, version: Parameter) -> None:
    store.command(
        f"INSERT INTO {table} (chain_id, address, version, is_deleted) SELECT chain_id, address, {{version:UInt64}}, 1 "
        f"FROM {table} WHERE chain_id = {{chain_id:UInt64}} AND version < {{version:UInt64}}",
        chain_id=chain_id,
        version=version,
    )


def _write_mark(
    store: Store, chain_id: int, as_of: int, version: int, changes: list[Change], *, checksum: str, described: int | None = None
) -> int:  # fmt: skip
    """After the last row; returns how many addresses were described."""
    if described is None:
        described = _count(store, chain_id)
    row = {
        "chain_id": chain_id, "changes_version": max((change.version for change in changes), default=0),
        "to_block": as_of, "address_count": described, "version": version,
    }  # fmt: skip
    columns = {name: pa.array([value], pa.uint64()) for name, value in row.items()}
    store.insert("feature_marks", pa.table({**columns, "checksum": pa.array([checksum])}))
    return described


def _count(store: Store, chain_id: int) -> int:
    return int(store.query(load("queries/featured_addresses"), chain_id=chain_id).column("addresses")[0].as_py())


def _summary(store: Store, chain_id: int, as_of: int, described: int, started: float) -> FeatureSummary:
    return FeatureSummary(
        chain_id=chain_id,
        as_of_block=as_of,
        addresses=_count(store, chain_id),
        described=described,
        columns=sum(len(feature_names(store, group)) for group in EVERY_GROUP),
        seconds=time.monotonic() - started,
    )
