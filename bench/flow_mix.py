"""Real theft flows hidden in a real background: what the trace benchmark follows.

A flow is a published, verified list of payments (NAME.csv with NAME_sources.csv and NAME_terminals.csv) in US dollars; the
background is the folder accounts, in wei. Both become whole micro-dollars, rounded down, the background at 1,600 dollars a
coin. A flow keeps its order and its pauses and is moved in time so that it begins when half of the background has happened.

Flows are published without anything else that their addresses did. So each address of a flow but the sources is given the life
of an account of the background, drawn with a seed: its payments before, between and after those of the flow are real ones.
Terminals get the lives of the busiest accounts, the others those of ordinary accounts with whole histories. What is missing all
the same: tokens, labels, and the whole lives of those whom the background knows only by their dealings with its accounts.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from chainsight.errors import UsageError
from sql.files import load
from sql.migrate import migrate
from sql.store import Store

MICRO_USD = 10**6
_USD_A_COIN, _WEI_A_COIN = 1_600, 10**18
_BEGINS_AFTER = 0.5
_BLOCK_SECONDS = 13
_FLOW_INDEX = 1_000_000
"""Positions in a block from which on transactions are the flow's."""
_LEAST_LIFE, _MOST_LIFE, _BUSIEST = 4, 2_000, 200


@dataclass(frozen=True)
class Payments:
    """Payments in the order of the chain; addresses as rows of `names`."""

    giver: NDArray[np.int64]
    receiver: NDArray[np.int64]
    block: NDArray[np.int64]
    index: NDArray[np.int64]
    seconds: NDArray[np.int64]
    amount: NDArray[np.int64]
    """Micro-dollars."""

    def __len__(self) -> int:
        return len(self.giver)


@dataclass(frozen=True)
class Background:
    """Account histories."""

    payments: Payments
    names: NDArray[np.void]
    whole: NDArray[np.int64]
    """Accounts with whole histories."""


@dataclass(frozen=True)
class HiddenFlow:
    """One flow in the background, all addresses as in the store."""

    name: str
    payments: Payments
    names: NDArray[np.void]
    sources: list[bytes]
    terminals: frozenset[bytes]
    """Listed terminals with a payment in the data."""
    listed_terminals: int
    members: frozenset[bytes]
    """Every address of the flow."""


class _Lives:
    """Accounts of the background in an order drawn with a seed, each given away once."""

    def __init__(self, background: Background, seed: int) -> None:
        payments, size = background.payments, len(background.names)
        count = np.bincount(payments.giver, minlength=size) + np.bincount(payments.receiver, minlength=size)
        random = np.random.default_rng(seed)
        whole = background.whole
        ordinary = whole[(count[whole] >= _LEAST_LIFE) & (count[whole] <= _MOST_LIFE)]
        busiest = np.argsort(-count)[:_BUSIEST]
        self._names = background.names
        self._drawn = {True: iter(random.permutation(busiest)), False: iter(random.permutation(ordinary))}

    def next(self, *, is_busy: bool) -> bytes:
        """The address of the next account, of the busiest or of ordinary ones."""
        return bytes(self._names[next(self._drawn[is_busy])].tobytes())


def read_background(folder: Path) -> Background:
    """Successful payments of more than nothing, each once; raises `UsageError` where the folder holds none."""
    files = sorted(folder.glob("normal_txs*.parquet"))
    if not files:
        raise UsageError(f"There is no normal_txs*.parquet in {folder}.", next_step="Set CHAINSIGHT_DATA.")
    table = pa.concat_tables([pq.read_table(file) for file in files])
    columns = {
        name: table.column(name).to_numpy().astype(np.int64)
        for name in ("account", "ts", "block", "tx_index", "from_id", "to_id", "is_error")
    }
    wei = table.column("value_wei").to_pylist()
    amount = np.array([int(value) * _USD_A_COIN * MICRO_USD // _WEI_A_COIN for value in wei], np.int64)
    keys = np.stack([columns[name] for name in ("block", "tx_index", "from_id", "to_id")], axis=1)
    real = (amount > 0) & (columns["is_error"] == 0) & (columns["from_id"] != columns["to_id"])
    _, first = np.unique(keys[real], axis=0, return_index=True)
    chosen = np.flatnonzero(real)[first]
    names = np.array(pq.read_table(folder / "addresses.parquet").column("address").to_pylist(), "V20")
    return Background(
        Payments(
            columns["from_id"][chosen],
            columns["to_id"][chosen],
            columns["block"][chosen],
            columns["tx_index"][chosen],
            columns["ts"][chosen],
            amount[chosen],
        ),
        names,
        np.unique(columns["account"]),
    )


def hide_all(folder: Path, background: Background, *, seed: int) -> list[HiddenFlow]:
    """Every flow of a folder, moved in time, each address with a life of its own; raises `UsageError` where there is none."""
    names = sorted(file.name.removesuffix("_sources.csv") for file in folder.glob("*_sources.csv"))
    if not names:
        raise UsageError(f"There is no NAME_sources.csv in {folder}.", next_step="Name the folder with --data.")
    lives = _Lives(background, seed)
    return [_hide(folder, name, background, lives) for name in names]


def _hide(folder: Path, name: str, background: Background, lives: _Lives) -> HiddenFlow:
    rows = sorted(_rows(folder / f"{name}.csv"), key=lambda row: (int(row["Block"]), row["Timestamp"]))
    sources, listed = (_list(folder / f"{name}_{part}.csv") for part in ("sources", "terminals"))
    addresses = list(dict.fromkeys(address for row in rows for address in (row["From"], row["To"])))
    terminals = [address for address in listed if address in set(addresses)]
    real = {
        address: bytes.fromhex(address[2:]) if address in sources else lives.next(is_busy=address in terminals)
        for address in addresses
    }
    place = {address: number for number, address in enumerate(addresses)}
    amount = np.array([int(Decimal(row["Value_in_USD"]) * MICRO_USD) for row in rows], np.int64)
    kept = amount > 0
    seconds, block = _moved([_time(row) for row in rows], [int(row["Block"]) for row in rows], background)
    return HiddenFlow(
        name,
        Payments(
            np.array([place[row["From"]] for row in rows])[kept],
            np.array([place[row["To"]] for row in rows])[kept],
            block[kept],
            _FLOW_INDEX + np.arange(len(rows))[kept],
            seconds[kept],
            amount[kept],
        ),
        np.array([real[address] for address in addresses], "V20"),
        [real[address] for address in sources if address in real],
        frozenset(real[address] for address in terminals),
        len(listed),
        frozenset(real.values()),
    )


def pour(store: Store, chain_id: int, background: Background, flows: list[HiddenFlow]) -> int:
    """All of it into a store, derived as far as tracing reads; returns the last block."""
    migrate(store)
    every = [(background.payments, background.names), *((flow.payments, flow.names) for flow in flows)]
    for payments, names in every:
        for start in range(0, len(payments), 500_000):
            store.insert("transfers", _transfers(payments, names, chain_id, slice(start, start + 500_000)))
    last = max(int(payments.block.max()) for payments, _ in every)
    for name in ("transforms/address_transfers", "transforms/address_daily_flows"):
        store.command(load(name), chain_id=chain_id, from_block=0, to_block=last, version=1)
    until = {"chain_id": chain_id, "to_block": last, "source": "bench", "finality": "finalized", "version": 1}
    store.insert("ingest_audit", pa.Table.from_pylist([until]))
    return last


def _moved(times: list[int], blocks: list[int], background: Background) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Times and blocks of a flow that begins in the middle of the background; blocks keep their distances."""
    payments = background.payments
    begin = int(len(payments) * _BEGINS_AFTER)
    first_second, first_block = int(payments.seconds[begin]), int(payments.block[begin])
    seconds = np.array(times) - min(times) + first_second
    order = np.argsort(payments.seconds, kind="stable")
    known = payments.seconds[order]
    at = np.searchsorted(known, seconds, side="right") - 1
    block = payments.block[order][at] + (seconds - known[at]) // _BLOCK_SECONDS
    return seconds, np.maximum(np.maximum.accumulate(block), first_block)


def _transfers(payments: Payments, names: NDArray[np.void], chain_id: int, rows: slice) -> pa.Table:
    count = len(payments.giver[rows])
    words = np.zeros((count, 4), "<u8")
    words[:, 0] = payments.amount[rows]
    return pa.table(
        {
            "chain_id": pa.array(np.full(count, chain_id, np.uint64)),
            "block_number": pa.array(payments.block[rows].astype(np.uint64)),
            "block_timestamp": pa.array(payments.seconds[rows], pa.timestamp("s", "UTC")),
            "transaction_index": pa.array(payments.index[rows].astype(np.uint32)),
            "kind": pa.array(["native"]).take(pa.array(np.zeros(count, np.int64))),
            "from_address": _fixed(names[payments.giver[rows]].tobytes(), 20),
            "to_address": _fixed(names[payments.receiver[rows]].tobytes(), 20),
            "amount": _fixed(words.tobytes(), 32),
            "version": pa.array(np.ones(count, np.uint64)),
        }
    )


def _fixed(data: bytes, width: int) -> pa.Array:
    return pa.Array.from_buffers(pa.binary(width), len(data) // width, [None, pa.py_buffer(data)])


def _time(row: dict[str, Any]) -> int:
    return int(dt.datetime.fromisoformat(row["Timestamp"]).replace(tzinfo=dt.UTC).timestamp())


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return [
            {**row, "From": row["From"].lower(), "To": row["To"].lower()}
            for row in csv.DictReader(text)
            if row["From"].lower() != row["To"].lower()
        ]


def _list(file: Path) -> list[str]:
    return [line.strip().lower() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
