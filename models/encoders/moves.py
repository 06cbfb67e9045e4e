"""The graph as files for the encoder: moves as Parquet, what each address does as one array.

The parent writes them from the store; the child that has torch reads them and never meets the store.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from models.features.matrix import FeatureMatrix
from sql.chain_parameters import chain_parameters
from sql.files import load
from sql.store import Store

# What a node brings along: a short description of its own behaviour, filled with 0 where undefined.
NODE_FEATURES = (
    "in_count", "out_count", "in_counterparties", "out_counterparties", "lifetime", "gap_median", "gap_mean", "out_share",
    "burstiness", "turn_share", "moves_per_day", "first_is_out", "in_amount_median", "out_amount_median", "in_amount_max",
    "out_amount_max", "kept_share", "delay_median", "within_hour_share", "in_round_share", "out_round_share",
    "out_call_share", "out_selectors", "in_call_share", "in_empty_share", "out_empty_share", "active_days", "token_count",
    "tokens", "token_out_share", "in_top_share", "out_top_share",
)  # fmt: skip


def write_graph(store: Store, matrix: FeatureMatrix, folder: Path, *, chain_id: int) -> None:
    """Write moves.parquet, nodes.npy (address_id × features, float32) and numbers.json (address to number)."""
    folder.mkdir(parents=True, exist_ok=True)
    stablecoins = chain_parameters(chain_id)["stablecoins"]
    store.copy_out(
        load("queries/graph_moves"),
        folder / "moves.parquet",
        chain_id=chain_id,
        to_block=matrix.as_of_block,
        stablecoins=stablecoins,
    )
    listed = store.query(load("queries/address_numbers"), chain_id=chain_id)
    numbers = listed.column("address_id").to_numpy().astype(np.int64)
    addresses = listed.column("address").to_pylist()
    nodes = np.zeros((int(numbers.max()) + 1, len(NODE_FEATURES)), dtype=np.float32)
    rows = matrix.rows_of([bytes.fromhex(address) for address in addresses])
    columns = [matrix.names.index(name) for name in NODE_FEATURES]
    known = rows >= 0
    nodes[numbers[known]] = np.nan_to_num(matrix.values[rows[known]][:, columns])
    np.save(folder / "nodes.npy", nodes)
    (folder / "numbers.json").write_text(
        json.dumps(dict(zip(addresses, numbers.tolist(), strict=True))), encoding="utf-8"
    )
