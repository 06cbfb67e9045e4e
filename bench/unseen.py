"""Account histories as somebody knows them who has never met the accounts that are judged, for strictly inductive benchmarks."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.splits import Mask, edges_to_learn_from

_INDEX = "addresses.parquet"


def write_unseen(folder: Path, out: Path, held: Collection[bytes], until: int) -> None:
    """Copy a folder of account histories (ingest/tables.py) without whatever touches the `held` addresses or is from `until` on.

    `until` is in seconds since 1970. A token transfer goes with the transaction that moved it, whoever gave and received.
    """
    listed = pq.read_table(folder / _INDEX).column("address").to_pylist()
    hidden = {bytes(address) for address in held}
    # A contract's creation goes to number -1, which is nobody: the last mark.
    marks = np.array([address in hidden for address in listed] + [False])
    gone: list[np.ndarray] = []
    for path in sorted(folder.glob("normal_txs*.parquet")):
        table = pq.read_table(path)
        giver, receiver, moment, name = (_integers(table, of) for of in ("from_id", "to_id", "ts", "hash8"))
        kept = edges_to_learn_from(giver, receiver, moment, marks, until)
        gone.append(name[~kept])
        pq.write_table(table.filter(pa.array(kept)), out / path.name)
    for path in sorted(folder.glob("erc20_transfers*.parquet")):
        table = pq.read_table(path)
        kept = _kept_transfers(table, {f"0x{address.hex()}" for address in hidden}, np.concatenate(gone), until)
        pq.write_table(table.filter(pa.array(kept)), out / path.name)
    for path in (folder / _INDEX, *sorted(folder.glob("labels*.csv"))):
        shutil.copy(path, out / path.name)


def _kept_transfers(table: pa.Table, held: Collection[str], gone: np.ndarray, until: int) -> Mask:
    sides = [table.column(side).to_pylist() for side in ("from", "to")]
    names, places = np.unique(np.array([str(name).lower() for side in sides for name in side]), return_inverse=True)
    giver, receiver = np.split(places.astype(np.int64), 2)
    marks = np.isin(names, list(held))
    # Transactions are known by the first eight bytes of their hashes.
    hashes = [int.from_bytes(value[:8], "big", signed=True) for value in table.column("hash").to_pylist()]
    apart = ~np.isin(np.array(hashes, dtype=np.int64), gone)
    return edges_to_learn_from(giver, receiver, _integers(table, "ts"), marks, until) & apart


def _integers(table: pa.Table, column: str) -> np.ndarray:
    return np.asarray(table.column(column).to_numpy()).astype(np.int64)
