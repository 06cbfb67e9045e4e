"""A session in which temporary tables stand in front of the store's own: every statement reads and writes them, unchanged.

ClickHouse looks for a name that says no database among the session's temporary tables first. So the very same SQL files
answer "what if these rows were other ones?" while a build runs beside it, and nothing of it is left when the session closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sql.store import Store


@contextmanager
def shadowed(store: Store, tables: Sequence[str]) -> Iterator[Store]:
    """A session where these tables have the same columns and no rows.

    They are kept in memory and know neither versions nor withdrawals: a row that is written twice is there twice.
    """
    session = store.session()
    try:
        for table in tables:
            session.command(f"CREATE TEMPORARY TABLE {table} ENGINE = Memory AS {table}")
        yield session
    finally:
        session.close()


def emptied(session: Store, tables: Sequence[str]) -> None:
    """Take the rows out of temporary tables; a session that has lost them refuses, and the store's own are never touched."""
    for table in tables:
        session.command(f"TRUNCATE TEMPORARY TABLE {table}")
