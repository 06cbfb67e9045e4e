"""A story like demo/ (chain/, labels.csv, tokens.csv, truth.csv): its files, and a store with it and every derived table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.labels import import_labels
from sql.derive import derive
from sql.migrate import migrate
from sql.store import Store, open_store


@contextmanager
def opened(scratch: Path) -> Iterator[Store]:
    """An empty store under `scratch`, with its tables."""
    store = open_store(f"chdb://{scratch}/store")
    try:
        migrate(store)
        yield store
    finally:
        store.close()


@contextmanager
def filled(folder: Path, scratch: Path) -> Iterator[tuple[Store, int]]:
    """The store, under `scratch`, and the chain id of the story."""
    with opened(scratch) as store:
        chain_id = ingest_blocks(store, ArchiveSource(folder / "chain")).chain_id
        import_labels(store, [folder / "labels.csv"])
        _read_tokens(store, folder / "tokens.csv", chain_id)
        derive(store, chain_id=chain_id)
        yield store, chain_id


def rows_of(file: Path) -> list[dict[str, str]]:
    """Rows of a CSV file by column."""
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def address_of(text: str) -> bytes:
    """The bytes of an address written as 0x and 40 hex digits."""
    return bytes.fromhex(text.removeprefix("0x"))


def _read_tokens(store: Store, file: Path, chain_id: int) -> None:
    rows = rows_of(file) if file.is_file() else []
    if not rows:
        return
    store.insert(
        "tokens",
        pa.table(
            {
                "chain_id": pa.array([chain_id] * len(rows), pa.uint64()),
                "token_address": pa.array([address_of(row["address"]) for row in rows], pa.binary(20)),
                "symbol": [row["symbol"] for row in rows],
                "name": [row["name"] for row in rows],
                "decimals": pa.array([int(row["decimals"]) for row in rows], pa.uint8()),
                "source": ["story"] * len(rows),
                "version": pa.array([1] * len(rows), pa.uint64()),
            }
        ),
    )
