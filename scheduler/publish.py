"""Make a new set of scores, risk labels and recommendations visible: all of them at once, or none.

Rows are written under a publication number of their own, checked, and then one row in `publications` switches every
reader over. A process that dies before that row leaves nothing visible; the next attempt takes another number and
clears what was left, on a server once nobody has written to it for an hour. Equal inputs give nothing new. Earlier
publications stay until they are pruned.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import time
from dataclasses import dataclass

from chainsight.errors import StoreEmpty, StoreError
from chainsight.progress import SILENT, Progress
from risk.assessment import Draft, assess, gather_labels
from risk.exposure import measure_exposure
from risk.policy import STANDARD, Policy
from risk.publications import Publication, newest_publication
from risk.recommendations import recommend
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

KEEP_PUBLICATIONS = 5
RENEW_AFTER = dt.timedelta(days=1)
"""Advice runs out, the shortest after a day: then the same inputs are published anew with new dates."""

ABANDONED_AFTER = dt.timedelta(hours=1)
"""On a server another process may be writing a draft; one that was not added to for so long has no writer any more."""
_DRAWN_FROM = 1000
"""On a server numbers have gaps of up to this many, so that two drafts begun at once get different ones."""


@dataclass(frozen=True)
class PublishSummary:
    """What became visible."""

    chain_id: int
    publication: int
    is_new: bool
    """False when the newest publication already says the same."""
    as_of_block: int
    score_count: int
    exposure_count: int
    risk_label_count: int
    recommendation_count: int
    seconds: float

    def __str__(self) -> str:
        """One sentence for a person."""
        if not self.is_new:
            return f"already published as number {self.publication}, as of block {self.as_of_block:,}"
        return (
            f"publication {self.publication} as of block {self.as_of_block:,}: {self.score_count:,} scores, "
            f"{self.risk_label_count:,} risk labels, {self.exposure_count:,} exposures, "
            f"{self.recommendation_count:,} recommendations"
        )


@dataclass(frozen=True)
class Inputs:
    """Everything a publication rests on, as one key."""

    content_key: str
    label_set_version: str
    model_ids: list[str]


def publish(
    store: Store,
    *,
    chain_id: int,
    policy: Policy = STANDARD,
    now: dt.datetime | None = None,
    progress: Progress = SILENT,
) -> PublishSummary:
    """Assess every address of a chain and switch readers to the result.

    `now` decides which labels and list entries hold (default: the clock). Raises `StoreEmpty` when the chain has no
    blocks or no addresses yet, and `StoreError` when somebody else published meanwhile.
    """
    started = time.monotonic()
    decided_at = now or dt.datetime.now(dt.UTC)
    draft = Draft(chain_id, _next_number(store, chain_id), policy, read_as_of(store, chain_id), decided_at)
    inputs = read_inputs(store, draft)
    newest = newest_publication(store, chain_id)
    if newest and newest.content_key == inputs.content_key and decided_at < newest.published_at + RENEW_AFTER:
        return _summary(newest, is_new=False, started=started)
    _require_addresses(store, chain_id)
    clear_abandoned(store, chain_id=chain_id)
    write_rows(store, draft, progress=progress)
    commit(store, draft, inputs)
    prune(store, chain_id=chain_id)
    written = newest_publication(store, chain_id)
    assert written is not None
    summary = _summary(written, is_new=True, started=started)
    progress.note(str(summary))
    return summary


def read_inputs(store: Store, draft: Draft) -> Inputs:
    """Fingerprints of labels, lists, findings, predictions and edges, folded into one content key."""
    statement = load("queries/publication_inputs")
    values = draft.parameters()
    row = store.query(statement, **{key: values[key] for key in statement.parameters}).to_pylist()[0]
    model_ids = sorted(row.pop("model_ids"))
    basis = {
        **row,
        "chain_id": draft.chain_id,
        "as_of_block": draft.as_of.block_number,
        "as_of_block_hash": draft.as_of.block_hash.hex(),
        "policy": draft.policy.digest,
        "model_ids": model_ids,
    }
    key = hashlib.sha256(json.dumps(basis, sort_keys=True).encode()).hexdigest()
    return Inputs(key, f"{row['labels']}-{row['list_entries']}", model_ids)


def write_rows(store: Store, draft: Draft, *, progress: Progress = SILENT) -> None:
    """All rows of a draft, invisible until `commit`."""
    gather_labels(store, draft)
    measure_exposure(store, draft, progress=progress)
    assess(store, draft, progress=progress)
    recommend(store, draft)


def commit(store: Store, draft: Draft, inputs: Inputs) -> None:
    """The last row: from here on every reader sees the draft, whole.

    Raises `StoreError` when a publication was made meanwhile or somebody else wrote under the same number.
    """
    _require_alone(store, draft)
    counts = store.query(
        load("queries/publication_counts"), chain_id=draft.chain_id, publication=draft.publication
    ).to_pylist()[0]
    statement = load("risk/publications")
    values = {
        **draft.parameters(),
        **counts,
        "content_key": inputs.content_key,
        "policy_hash": draft.policy.digest,
        "label_set_version": inputs.label_set_version,
        "model_ids": inputs.model_ids,
        "as_of_timestamp": draft.as_of.block_timestamp.strftime("%Y-%m-%d %H:%M:%S"),
        "finality": draft.as_of.finality,
        "version": time.time_ns(),
    }
    store.command(statement, **{key: values[key] for key in statement.parameters})


def clear_abandoned(store: Store, *, chain_id: int) -> int:
    """Drop rows of attempts that were never committed; returns how many attempts had left some.

    An embedded store has one owner, so whatever is not committed there has lost its writer. On a server it may still
    have one, until `ABANDONED_AFTER` has passed without a new row.
    """
    drafts = store.query(load("queries/publication_drafts"), chain_id=chain_id).to_pylist()
    patience = 0.0 if _is_embedded(store) else ABANDONED_AFTER.total_seconds()
    left = {row["publication"] for row in drafts if row["idle_seconds"] >= patience}
    abandoned = [part for part in _held(store, chain_id) if not part.committed and part.publication in left]
    for part in abandoned:
        _drop(store, part, chain_id)
    return len({part.publication for part in abandoned})


def prune(store: Store, *, chain_id: int, keep: int = KEEP_PUBLICATIONS) -> int:
    """Drop the rows of all but the newest `keep` publications; their records stay. Returns how many were pruned."""
    held = [part for part in _held(store, chain_id) if part.committed]
    kept = sorted({part.publication for part in held}, reverse=True)[:keep]
    old = [part for part in held if part.publication not in kept]
    if old:
        # Marked first: whoever follows a cursor into an old publication is told so, and never gets half of it.
        store.command(load("risk/publications_pruned"), chain_id=chain_id, below=min(kept), version=time.time_ns())
    for part in old:
        _drop(store, part, chain_id)
    return len({part.publication for part in old})


@dataclass(frozen=True)
class _Part:
    """One publication's rows in one table."""

    table: str
    publication: int
    committed: bool


def _held(store: Store, chain_id: int) -> list[_Part]:
    return [_Part(**row) for row in store.query(load("queries/publication_partitions"), chain_id=chain_id).to_pylist()]


def _drop(store: Store, part: _Part, chain_id: int) -> None:
    # The table's name comes from our own query and the numbers are integers: nothing of a user's gets in here.
    store.command(f"ALTER TABLE {part.table} DROP PARTITION ({int(chain_id)}, {int(part.publication)})")


def _next_number(store: Store, chain_id: int) -> int:
    found = store.query(load("queries/publication_next"), chain_id=chain_id)
    lowest = int(found.column("publication").to_pylist()[0])
    return lowest if _is_embedded(store) else lowest + random.randrange(_DRAWN_FROM)


def _is_embedded(store: Store) -> bool:
    return store.dsn.startswith("chdb:")


def _require_alone(store: Store, draft: Draft) -> None:
    found = store.query(
        load("queries/publication_collisions"), chain_id=draft.chain_id, publication=draft.publication
    ).to_pylist()[0]
    if found["later_publications"] or found["scored_twice"]:
        raise StoreError(
            f"While publication {draft.publication} of chain {draft.chain_id} was written, another one was made.",
            next_step="Readers see that one. Repeat chainsight publish if it should know more.",
        )


def _require_addresses(store: Store, chain_id: int) -> None:
    found = store.query("SELECT count() AS n FROM addresses WHERE chain_id = {chain_id:UInt64}", chain_id=chain_id)
    if not found.column("n").to_pylist()[0]:
        raise StoreEmpty(
            f"addresses of chain {chain_id}",
            "Derive them first: chainsight transform, then chainsight publish.",
        )


def _summary(publication: Publication, *, is_new: bool, started: float) -> PublishSummary:
    return PublishSummary(
        chain_id=publication.chain_id,
        publication=publication.publication,
        is_new=is_new,
        as_of_block=publication.as_of_block,
        score_count=publication.score_count,
        exposure_count=publication.exposure_count,
        risk_label_count=publication.risk_label_count,
        recommendation_count=publication.recommendation_count,
        seconds=round(time.monotonic() - started, 2),
    )
