"""A store of account histories for a while: what the wallets, flows and evasions benchmarks begin with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.build import build_graph
from ingest.tables import ingest_tables
from sql.as_of import read_as_of
from sql.migrate import migrate
from sql.store import Store, open_store
from sql.transform import transform

CHAIN = 1


@contextmanager
def histories_store(folder: Path) -> Iterator[Store]:
    """Account histories of one folder as they were ingested, nothing derived; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chainsight-bench-") as home:
        store = open_store(f"chdb://{home}/store")
        try:
            migrate(store)
            ingest_tables(store, folder, chain_id=CHAIN)
            yield store
        finally:
            store.close()


@contextmanager
def derived_store(folder: Path) -> Iterator[Store]:
    """The same, with all that is derived of them, such as where each address's transfers are."""
    with histories_store(folder) as store:
        transform(store, chain_id=CHAIN, from_block=0, to_block=read_as_of(store, CHAIN).block_number)
        yield store


@contextmanager
def accounts_store(folder: Path) -> Iterator[Store]:
    """The same, turned into a graph."""
    with derived_store(folder) as store:
        build_graph(store, chain_id=CHAIN, engine="local")
        yield store
