"""The moves of a chain as arrays, for the features that no single address's history tells.

All moves up to a block are held at once: 41 bytes each, 2 million take 80 MB and a hundred million 4 GB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.engine import is_hub
from sql.files import load
from sql.store import Store

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """All moves of an ordered pair of addresses, ascending by giver, then receiver."""

    giver: Integers
    receiver: Integers
    count: Integers
    coins: Floats
    last_block: Integers


@dataclass(frozen=True)
class FeatureGraph:
    """Moves between different addresses in the order of the chain; an address is its dense number."""

    addresses: Mapping[int, bytes]
    giver: Integers
    receiver: Integers
    moved_at: Integers
    """Seconds."""
    block: Integers
    coins: Floats
    """Native coins; 0 for tokens."""
    is_money: npt.NDArray[np.bool_]
    """Whether coins or fungible tokens changed hands."""

    @cached_property
    def size(self) -> int:
        """One more than the highest number."""
        return max(self.addresses, default=-1) + 1

    @cached_property
    def present(self) -> Integers:
        """Numbers of addresses with a move, ascending."""
        return np.unique(np.concatenate([self.giver, self.receiver]))

    @cached_property
    def pairs(self) -> Pairs:
        """See `Pairs`."""
        keys, place = np.unique(self.giver * self.size + self.receiver, return_inverse=True)
        last = np.zeros(len(keys), np.int64)
        np.maximum.at(last, place, self.block)
        return Pairs(
            giver=keys // max(self.size, 1),
            receiver=keys % max(self.size, 1),
            count=np.bincount(place, minlength=len(keys)).astype(np.int64),
            coins=np.bincount(place, weights=self.coins, minlength=len(keys)).astype(np.float64),
            last_block=last,
        )

    @cached_property
    def is_hub(self) -> npt.NDArray[np.bool_]:
        """By number: nothing is looked for through those."""
        givers = np.bincount(self.pairs.receiver, minlength=self.size)
        receivers = np.bincount(self.pairs.giver, minlength=self.size)
        return is_hub(givers, receivers)

    def money(self) -> FeatureGraph:
        """The same graph of money only."""
        kept = self.is_money
        columns = (self.giver, self.receiver, self.moved_at, self.block, self.coins, self.is_money)
        return FeatureGraph(self.addresses, *(column[kept] for column in columns))  # type: ignore[arg-type]


def read_graph(store: Store, *, chain_id: int, to_block: int) -> FeatureGraph:
    """The graph of a chain as of a block; `addresses` must be up to date (sql.derive)."""
    vertices = store.query(load("feature_graph/vertices"), chain_id=chain_id)
    moves = store.query(load("feature_graph/moves"), chain_id=chain_id, to_block=to_block)
    columns = {name: moves.column(name).to_numpy() for name in moves.column_names}
    columns["is_money"] = columns["is_money"].astype(np.bool_)
    ids, addresses = vertices.column("id").to_pylist(), vertices.column("address").to_pylist()
    return FeatureGraph(dict(zip(ids, addresses, strict=True)), **columns)


def write_rows(
    store: Store, table: str, graph: FeatureGraph, ids: Integers, columns: Mapping[str, npt.NDArray[Any]], *,
    chain_id: int, as_of: Integers, version: int,
) -> None:  # fmt: skip
    """Rows of a feature table for some addresses; the columns are arrays by number, infinities count as undefined."""
    count = len(ids)
    rows: dict[str, Any] = {
        "chain_id": pa.repeat(pa.scalar(chain_id, pa.uint64()), count),
        "address": pa.array([graph.addresses[number] for number in ids.tolist()], pa.binary(20)),
        "as_of_block": pa.array(as_of[ids].astype(np.uint64)),
        "version": pa.repeat(pa.scalar(version, pa.uint64()), count),
    }
    for name, values in columns.items():
        chosen = values[ids].astype(np.float32)
        rows[name] = pa.array(np.where(np.isfinite(chosen), chosen, np.nan).astype(np.float32))
    store.insert(table, pa.table(rows))
