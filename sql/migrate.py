"""Bring a store's tables up to date: numbered files, applied once, in order, each pinned by its checksum."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from chainsight.errors import MigrationChanged
from chainsight.settings import settings
from sql.cluster import Placement, placed
from sql.files import Statement, load, load_folder
from sql.store import Store


def checksum(migration: Statement) -> str:
    """SHA-256 of the file's text."""
    return hashlib.sha256(migration.text.encode()).hexdigest()


def placement_of(store: Store) -> Placement:
    """Where this store's tables are made: on a server as the settings say, in the embedded engine nowhere else."""
    if store.dsn.startswith("chdb:"):
        return Placement()
    return Placement(settings().cluster, settings().keeper_path)


def pending(store: Store) -> list[Statement]:
    """Migrations this store has not seen, in order; raises `MigrationChanged` when an applied one was edited."""
    store.command(placed(load("migrations/0000_migrations"), placement_of(store)))
    applied = store.query("SELECT name, checksum FROM migrations").to_pydict()
    known = dict(zip(applied["name"], applied["checksum"], strict=True))
    todo = []
    for migration in load_folder("migrations"):
        if migration.name.endswith("0000_migrations"):
            continue
        if migration.name not in known:
            todo.append(migration)
        elif known[migration.name] != checksum(migration):
            raise MigrationChanged(migration.name)
    return todo


def migrate(store: Store) -> list[str]:
    """Apply what is pending and return its names.

    Each file is one `CREATE … IF NOT EXISTS` (or an ALTER that may be repeated), so a process killed between the
    statements and their record repeats them harmlessly: they are recorded together, because a hundred inserts of one
    row cost more than the hundred tables. The checksum is the file's, wherever its table is placed.
    """
    placement = placement_of(store)
    done: list[Statement] = []
    try:
        for migration in pending(store):
            store.command(placed(migration, placement))
            done.append(migration)
    finally:
        names = [migration.name for migration in done]
        store.insert("migrations", pa.table({"name": names, "checksum": [checksum(migration) for migration in done]}))
    return names
