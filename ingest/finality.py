"""Which blocks are safe and which are final: noted once per chain, visible on every row as the column `finality`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class Heads:
    """Block numbers of a chain's newest, safe and finalized block."""

    latest: int
    safe: int
    finalized: int


def note_heads(store: Store, *, chain_id: int, latest: int, safe: int, finalized: int) -> None:
    """Note where a source says the chain is; rows up to `finalized` read as finalized from now on, and stay so.

    Written in two places: `chain_heads` is the record, `chain_finality` what the columns look up. A process killed in
    between is behind by one observation until the next.
    """
    store.command(
        load("heads/observed"),
        chain_id=chain_id,
        latest=latest,
        safe=min(safe, latest),
        finalized=min(finalized, latest),
        version=time.time_ns(),
    )
    store.command(load("heads/finality"), chain_id=chain_id)


def known_heads(store: Store, *, chain_id: int) -> Heads | None:
    """What was noted last; None when no source was ever asked."""
    rows = store.query(load("heads/known"), chain_id=chain_id).to_pylist()
    return Heads(**rows[0]) if rows else None


def compact_finality(store: Store) -> None:
    """Merge the small files that many observations leave; for the start of a long run."""
    store.command(load("heads/compact"))
