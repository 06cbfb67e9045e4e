"""The features of one address in one look-up: what an answer about a single wallet begins with.

Each statement costs about 10 ms of analysis, so all tables are asked in one: a row a table, its columns as one array.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainsight.errors import StoreEmpty
from models.features.catalogue import catalogue
from models.predictor import Matrix
from sql.store import Store


def read_one(store: Store, address: bytes, names: Sequence[str], *, chain_id: int) -> tuple[Matrix, int]:
    """One row of the features named, float32 with NaN where undefined, and the block they are as of.

    The names must be in the catalogue. Raises `StoreEmpty` when the address has no features.
    """
    tables: dict[str, list[str]] = {}
    for name in names:
        tables.setdefault(catalogue()[name].table, []).append(name)
    parts = [
        f"SELECT '{table}' AS part, [{', '.join(columns)}] AS told, toUInt64(0) AS to_block FROM {table} "
        "WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String})"
        for table, columns in tables.items()
    ]
    parts.append(
        "SELECT '', CAST([], 'Array(Float32)'), to_block FROM feature_marks WHERE chain_id = {chain_id:UInt64}"
    )
    found = store.query(
        " UNION ALL ".join(parts) + " SETTINGS max_threads = 1", chain_id=chain_id, address=address.hex()
    ).to_pylist()
    values = {row["part"]: row["told"] for row in found}
    if set(values) <= {""}:
        raise StoreEmpty(
            f"features of 0x{address.hex()} on chain {chain_id}",
            "Run chainsight features build; an address that never gave or received anything has none.",
        )
    row = np.full((1, len(names)), np.nan, np.float32)
    place = {name: number for number, name in enumerate(names)}
    for table, columns in tables.items():
        for name, value in zip(columns, values.get(table, ()), strict=False):
            row[0, place[name]] = value if np.isfinite(value) else np.nan
    return row, max(int(row["to_block"]) for row in found)
