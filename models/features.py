"""What each address does, as numbers: built in ClickHouse, read back as one matrix.

Everything here is free of the era: counts, amounts, gaps, counterparties, method ids, token use; never an absolute
time, a block number, a fee, a nonce. Each group of columns is a table of its own (`address_*_features`) whose columns
say what they are; only addresses that have any of it have a row, the rest is NaN. `own_groups()` are an address's
behaviour, `NEIGHBOUR_GROUP` is what its counterparties do.

The rows up to `to_block` count, nothing later. `life_seconds` keeps the first part of each address's life only, for the
question how early a model can tell.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chainsight.progress import SILENT, Progress
from sql.as_of import read_as_of
from sql.files import load, load_folder
from sql.store import Parameter, Store
from sql.transform import built_table

Matrix = npt.NDArray[np.float32]

OWN_GROUPS = (
    "address_features",
    "address_amount_features",
    "address_call_features",
    "address_counterparty_features",
    "address_token_features",
    "address_token_holding_features",
)
NEIGHBOUR_GROUP = "address_neighbour_features"
ALL_GROUPS = (*OWN_GROUPS, NEIGHBOUR_GROUP)
WHOLE_LIFE = 2**32 - 1
_ROW_COLUMNS = frozenset({"chain_id", "address", "as_of_block", "computed_at", "version", "is_deleted"})


@dataclass(frozen=True)
class FeatureSummary:
    """What was built."""

    chain_id: int
    as_of_block: int
    addresses: int
    columns: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.columns} features of {self.addresses:,} addresses"


@dataclass(frozen=True)
class FeatureMatrix:
    """One row an address, in the order of their bytes; NaN where a feature is undefined."""

    addresses: npt.NDArray[np.bytes_]
    """20 bytes each, dtype S20 would cut trailing zeros: kept as void V20."""
    names: tuple[str, ...]
    values: Matrix
    as_of_block: int

    def rows_of(self, wanted: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """Row numbers of addresses, -1 for those without features."""
        sought = as_keys(wanted)
        if not len(self.addresses):
            return np.full(len(sought), -1, np.int64)
        places = np.minimum(np.searchsorted(self.addresses, sought), len(self.addresses) - 1)
        return np.where(self.addresses[places] == sought, places, -1).astype(np.int64)


def as_keys(addresses: Sequence[bytes]) -> npt.NDArray[np.bytes_]:
    """Addresses as sortable 40-digit hex: numpy's own byte strings drop trailing zeros."""
    return np.array([bytes(address).hex().encode() for address in addresses], dtype="S40")


def build_features(
    store: Store,
    *,
    chain_id: int,
    to_block: int | None = None,
    life_seconds: int = WHOLE_LIFE,
    progress: Progress = SILENT,
) -> FeatureSummary:
    """Recompute all feature tables of a chain; rows of addresses that are gone are withdrawn.

    `to_block` defaults to the watermark. Raises `StoreEmpty` when nothing was ingested.
    """
    started = time.monotonic()
    as_of = read_as_of(store, chain_id).block_number if to_block is None else to_block
    known: dict[str, Parameter] = {
        "chain_id": chain_id,
        "to_block": as_of,
        "life_seconds": life_seconds,
        "version": time.time_ns(),
    }
    working = load_folder("feature_tables")
    steps = load_folder("features")
    for table in working:
        store.command(f"DROP TABLE IF EXISTS {table.name.split('/')[1]}")
        store.command(table)
    for done, step in enumerate(steps):
        progress.step(done, len(steps), step.name)
        store.command(step, **{name: known[name] for name in step.parameters})
        if (table_name := built_table(step)) in ALL_GROUPS:
            _withdraw_older(store, table_name, chain_id, known["version"])
    for table in working:
        store.command(f"DROP TABLE IF EXISTS {table.name.split('/')[1]}")
    progress.step(len(steps), len(steps), "features")
    counted = store.query(load("queries/featured_addresses"), chain_id=chain_id).to_pylist()[0]
    return FeatureSummary(
        chain_id=chain_id,
        as_of_block=as_of,
        addresses=int(counted["addresses"]),
        columns=sum(len(feature_names(store, group)) for group in ALL_GROUPS),
        seconds=time.monotonic() - started,
    )


def feature_names(store: Store, group: str) -> list[str]:
    """The feature columns of one table, in its order."""
    described = store.query(f"DESCRIBE TABLE {group}").column("name").to_pylist()
    return [str(name) for name in described if str(name) not in _ROW_COLUMNS]


def describe_features(store: Store, groups: Sequence[str] = ALL_GROUPS) -> dict[str, str]:
    """What each feature means and its unit, from the comments of the columns."""
    found: dict[str, str] = {}
    for group in groups:
        for row in store.query(f"DESCRIBE TABLE {group}").to_pylist():
            if row["name"] not in _ROW_COLUMNS:
                found[str(row["name"])] = str(row["comment"])
    return found


def read_features(store: Store, *, chain_id: int, groups: Sequence[str] = OWN_GROUPS) -> FeatureMatrix:
    """All addresses of a chain with their features, side by side from the group tables.

    float32, addresses × columns: 538,000 × 300 take 650 MB.
    """
    listed = store.query(load("queries/featured_address_list"), chain_id=chain_id)
    keys = np.sort(_hex_column(listed, "address"))
    names = [(group, name) for group in groups for name in feature_names(store, group)]
    values = np.full((len(keys), len(names)), np.nan, dtype=np.float32)
    as_of = 0
    at = 0
    for group in groups:
        columns = [name for of, name in names if of == group]
        listing = ", ".join(columns)
        rows = store.query(
            f"SELECT lower(hex(address)) AS address, as_of_block, {listing} FROM {group} WHERE chain_id = {{chain_id:UInt64}}",
            chain_id=chain_id,
        )
        places = np.searchsorted(keys, _hex_column(rows, "address"))
        for offset, name in enumerate(columns):
            values[places, at + offset] = rows.column(name).to_numpy()
        if rows.num_rows:
            as_of = max(as_of, int(rows.column("as_of_block")[0].as_py()))
        at += len(columns)
    # A share of nothing can come out infinite; a tree has no use for that and a logistic regression breaks on it.
    values[~np.isfinite(values)] = np.nan
    return FeatureMatrix(addresses=keys, names=tuple(name for _, name in names), values=values, as_of_block=as_of)


def _hex_column(table: pa.Table, name: str) -> npt.NDArray[np.bytes_]:
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False)).astype("S40")


def _withdraw_older(store: Store, table: str, chain_id: int, version: Parameter) -> None:
    store.command(
        f"INSERT INTO {table} (chain_id, address, version, is_deleted) SELECT chain_id, address, {{version:UInt64}}, 1 "
        f"FROM {table} WHERE chain_id = {{chain_id:UInt64}} AND version < {{version:UInt64}}",
        chain_id=chain_id,
        version=version,
    )
