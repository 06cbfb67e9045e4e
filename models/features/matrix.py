"""What each address does, as numbers: read back from the tables of models/features/build.py as one matrix.

Each group of columns is a table of its own (`address_*_features`) whose columns say what they are (models/features/catalogue.py
lists them); only addresses that have any of it have a row, the rest is NaN. Models read `ALL_GROUPS`; these are free of the era:
counts, amounts, gaps, counterparties, method ids, token use; never an absolute time, a block number, a fee, a nonce.
`OWN_GROUPS` are an address's behaviour, `NEAR_GROUPS` what its counterparties do, `FAR_GROUPS` what theirs do. `FURTHER_GROUPS`
are for people and for detectors: some hold gas prices and nonces, which carry the era, or labels, which carry answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sql.files import load
from sql.store import Store

Matrix = npt.NDArray[np.float32]

OWN_GROUPS = (
    "address_features",
    "address_amount_features",
    "address_call_features",
    "address_counterparty_features",
    "address_token_features",
    "address_token_holding_features",
)
NEAR_GROUPS = ("address_neighbour_features", "address_neighbour_spread_features")
FAR_GROUPS = ("address_second_neighbour_features", "address_second_neighbour_spread_features")
ALL_GROUPS = (*OWN_GROUPS, *NEAR_GROUPS, *FAR_GROUPS)
"""What models may read, from near to far."""
FURTHER_GROUPS = ("address_detail_features", "address_pattern_features", "address_exposure_features")
WHOLE_LIFE = 2**32 - 1


@dataclass(frozen=True)
class FeatureMatrix:
    """One row an address, in the order of their bytes; NaN where a feature is undefined."""

    addresses: npt.NDArray[np.bytes_]
    """40 digits of hex each, lower case, without 0x (`as_keys`)."""
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

    def values_of(self, wanted: Sequence[bytes]) -> Matrix:
        """Features of addresses, in the order asked for; NaN for those without any."""
        rows = self.rows_of(wanted)
        found = np.full((len(rows), len(self.names)), np.nan, dtype=np.float32)
        found[rows >= 0] = self.values[rows[rows >= 0]]
        return found


def as_keys(addresses: Sequence[bytes]) -> npt.NDArray[np.bytes_]:
    """Addresses as sortable 40-digit hex: numpy's own byte strings drop trailing zeros."""
    return np.array([bytes(address).hex().encode() for address in addresses], dtype="S40")


def as_addresses(keys: npt.NDArray[np.bytes_]) -> list[bytes]:
    """Back from `as_keys`."""
    return [bytes.fromhex(key.decode()) for key in keys]


def feature_names(store: Store, group: str) -> list[str]:
    """The feature columns of one table, in its order."""
    described = store.query(f"DESCRIBE TABLE {group}").to_pylist()
    return [str(row["name"]) for row in described if row["type"] == "Float32"]


def describe_features(store: Store, groups: Sequence[str] = ALL_GROUPS) -> dict[str, str]:
    """What each feature means and its unit, from the comments of the columns."""
    found: dict[str, str] = {}
    for group in groups:
        for row in store.query(f"DESCRIBE TABLE {group}").to_pylist():
            if row["type"] == "Float32":
                found[str(row["name"])] = str(row["comment"])
    return found


def read_features(store: Store, *, chain_id: int, groups: Sequence[str] = OWN_GROUPS) -> FeatureMatrix:
    """All addresses of a chain with their features, side by side from the group tables.

    float32, addresses × columns: 538,000 × 300 take 650 MB, with neighbours over two hops 1.5 GB.
    """
    listed = store.query(load("queries/featured_address_list"), chain_id=chain_id)
    keys = np.sort(_hex_column(listed, "address"))
    names = [(group, name) for group in groups for name in feature_names(store, group)]
    values = np.full((len(keys), len(names)), np.nan, dtype=np.float32)
    at = 0
    for group in groups:
        columns = [name for of, name in names if of == group]
        listing = ", ".join(columns)
        rows = store.query(
            f"SELECT lower(hex(address)) AS address, {listing} FROM {group} WHERE chain_id = {{chain_id:UInt64}}",
            chain_id=chain_id,
        )
        places = np.searchsorted(keys, _hex_column(rows, "address"))
        for offset, name in enumerate(columns):
            values[places, at + offset] = rows.column(name).to_numpy()
        at += len(columns)
    # A share of nothing can come out infinite; a tree has no use for that and a logistic regression breaks on it.
    values[~np.isfinite(values)] = np.nan
    built = store.query(load("queries/feature_mark"), chain_id=chain_id).to_pylist()
    as_of = int(built[0]["to_block"]) if built else 0
    return FeatureMatrix(addresses=keys, names=tuple(name for _, name in names), values=values, as_of_block=as_of)


def _hex_column(table: pa.Table, name: str) -> npt.NDArray[np.bytes_]:
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False)).astype("S40")
