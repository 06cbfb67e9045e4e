"""How far back the store knows every block."""

from __future__ import annotations

from sql.files import load
from sql.store import Store


def covered_from(store: Store, *, chain_id: int, before: int) -> int:
    """The first block from which on every block up to `before` (not in it) is committed; `before` itself when none is."""
    first = before
    for row in store.query(load("queries/covered_from"), chain_id=chain_id, before=before).to_pylist():
        if row["to_block"] + 1 < first:
            break
        first = min(first, row["from_block"])
    return first
