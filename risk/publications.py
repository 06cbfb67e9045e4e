"""Which publication readers see: the newest one that was committed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class Publication:
    """A committed set of scores, risk labels, exposures and recommendations."""

    chain_id: int
    publication: int
    content_key: str
    policy_hash: str
    model_ids: list[str]
    label_set_version: str
    as_of_block: int
    as_of_block_hash: str
    """64 hex digits; zeros where the source does not say."""
    as_of_timestamp: dt.datetime
    finality: str
    score_count: int
    exposure_count: int
    risk_label_count: int
    recommendation_count: int
    published_at: dt.datetime


def newest_publication(store: Store, chain_id: int) -> Publication | None:
    """What readers of this chain see now, or None before the first publication."""
    return _read(store, chain_ids=[chain_id]).get(chain_id)


def numbered_publication(store: Store, chain_id: int, publication: int) -> Publication | None:
    """An earlier publication, or None when it never was or its rows were pruned."""
    return _read(store, chain_ids=[chain_id], numbers=[publication]).get(chain_id)


def newest_publications(store: Store) -> dict[int, Publication]:
    """What readers see now of every chain that has a publication, by chain id."""
    return _read(store)


def _read(store: Store, *, chain_ids: Sequence[int] = (), numbers: Sequence[int] = ()) -> dict[int, Publication]:
    found = store.query(load("queries/publications_committed"), chain_ids=list(chain_ids), numbers=list(numbers))
    return {int(row["chain_id"]): Publication(**row) for row in found.to_pylist()}
