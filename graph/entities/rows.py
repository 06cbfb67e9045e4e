"""A build of the entities as rows of its tables: entities, who belongs to them, the links and what changed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from graph.entities.clusters import NOBODY, Ints, Knowledge, Outcome
from graph.entities.history import EntityChange, compare
from sql.files import load
from sql.store import Store

ALARM_SIZE = 500
"""Addresses from which an entity raises the alarm of a super-cluster, unless labels name an owner of many addresses."""
OWNS_MANY = frozenset({"exchange", "deposit", "hot_wallet", "service", "wallet_app", "gambling"})
"""Categories whose owners give addresses to their customers; no other label explains hundreds of them."""
STILL = 2**64 - 1
Row = dict[str, Any]
_HOLDS = (Outcome.MERGED, Outcome.KNOWN)
_REFUSED = (Outcome.REFUSED_OWNER, Outcome.REFUSED_CONDUCT, Outcome.REFUSED_SIZE)
_OBJECTIONS = {
    Outcome.REFUSED_OWNER: "Labels name different owners: {} and {}.",
    Outcome.REFUSED_CONDUCT: "Labels find one side clean and the other illicit.",
    Outcome.REFUSED_SIZE: "The entity would be larger than soft evidence may make one.",
}


@dataclass(frozen=True)
class Names:
    """Addresses by position, the oldest on the chain first, and what labels say of them."""

    addresses: Sequence[bytes]
    places: Mapping[bytes, int]
    owners: Sequence[str]
    """Names of owners, by the numbers in `knowledge`."""
    categories: Mapping[int, str]
    """Category of the label that names an owner, by position."""
    knowledge: Knowledge


@dataclass(frozen=True)
class Decided:
    """Links in the order in which they were taken and what became of each; the group of each address."""

    links: pa.Table
    left: Ints
    right: Ints
    outcomes: Ints
    group: Ints
    """Position of the first address of the group, for each address."""


def entity_id(address: bytes) -> str:
    """Name of the entity whose oldest address this is."""
    return "0x" + address.hex()


def entity_rows(decided: Decided, names: Names) -> pa.Table:
    """One row for each group of two or more, the largest first; columns of `entities` without those all rows share."""
    sizes = np.bincount(decided.group, minlength=len(names.addresses))
    found = np.flatnonzero(sizes >= 2)
    roots: list[int] = found[np.lexsort((found, -sizes[found]))].tolist()
    is_hard = decided.links.column("is_hard").to_numpy()
    holds = np.isin(decided.outcomes, _HOLDS)
    refused = np.isin(decided.outcomes, _REFUSED)
    ends = decided.group[decided.left], decided.group[decided.right]
    count = len(names.addresses)
    hard = np.bincount(ends[0][holds & is_hard], minlength=count)
    soft = np.bincount(ends[0][holds & ~is_hard], minlength=count)
    crossing = refused & (ends[0] != ends[1])
    objections = np.bincount(ends[0][refused], minlength=count) + np.bincount(ends[1][crossing], minlength=count)
    weakest = np.ones(count)
    merged = decided.outcomes == Outcome.MERGED
    np.minimum.at(weakest, ends[0][merged], decided.links.column("probability").to_numpy()[merged])
    owner = _owner_of_groups(decided, names)
    category = {int(decided.group[place]): name for place, name in sorted(names.categories.items(), reverse=True)}
    owners = [names.owners[owner[root]] if owner[root] >= 0 else "" for root in roots]
    kinds = _main_heuristics(decided, holds)
    named = [category.get(root, "") if o else "" for root, o in zip(roots, owners, strict=True)]
    alarms = [alarm(int(sizes[r]), name, kinds.get(r, ""), count) for r, name in zip(roots, named, strict=True)]
    return pa.table(
        {
            "entity_id": [entity_id(names.addresses[root]) for root in roots],
            "owner": pa.array(owners, pa.string()),
            "category": pa.array(named, pa.string()),
            "address_count": pa.array(sizes[roots], pa.uint64()),
            "hard_link_count": pa.array(hard[roots], pa.uint64()),
            "soft_link_count": pa.array(soft[roots], pa.uint64()),
            "refused_link_count": pa.array(objections[roots], pa.uint64()),
            "weakest_probability": weakest[roots],
            "alarm": pa.array(alarms, pa.string()),
        }
    )


def _owner_of_groups(decided: Decided, names: Names) -> Ints:
    """Number of the owner whom labels name, by position of a group's first address; -1 for none."""
    owner = np.full(len(names.addresses), NOBODY, dtype=np.int64)
    np.maximum.at(owner, decided.group, names.knowledge.owners)
    return owner


def _main_heuristics(decided: Decided, holds: np.ndarray) -> dict[int, str]:
    """By group, the heuristic with most of the links that hold it."""
    names = decided.links.column("heuristic").to_pylist()
    counts: dict[int, Counter[str]] = {}
    for at in np.flatnonzero(holds).tolist():
        counts.setdefault(int(decided.group[decided.left[at]]), Counter())[names[at]] += 1
    return {root: counter.most_common(1)[0][0] for root, counter in counts.items()}


def alarm(size: int, category: str, heuristic: str, addresses: int) -> str:
    """Why an entity of so many of all addresses may be several owners'; empty where it is small or its label explains it.

    `category` is that of the label that names its owner, `heuristic` what most of its links come from.
    """
    if size < ALARM_SIZE or category in OWNS_MANY:
        return ""
    owner = f"an owner whose label ({category}) does not explain so many" if category else "no owner that labels name"
    return (
        f"{size:,} addresses ({100 * size / addresses:.1f} % of all) have {owner}; "
        f"most of them are held together by {heuristic}: an unlabelled service may stand among them."
    )


def write_build(
    store: Store, decided: Decided, names: Names, entities: pa.Table, *, chain_id: int, as_of_block: int
) -> dict[str, int]:
    """Write a build; returns how many changes of each kind there were since the last one.

    Entities and links of earlier builds go, memberships that ended stay as history.
    """
    version = time.time_ns()
    same = {"chain_id": chain_id, "as_of_block": as_of_block, "version": version}
    before = {row.pop("address"): row for row in store.query(load("entities/members"), chain_id=chain_id).to_pylist()}
    after = _memberships(decided, names)
    changes = compare(
        {address: row["entity_id"] for address, row in before.items()},
        {address: row["entity_id"] for address, row in after.items()},
    )
    store.insert("entity_links", with_same(_link_rows(decided, names), same))
    store.insert("entity_member_rows", with_same(_member_rows(before, after, as_of_block), same))
    store.insert("entity_changes", with_same(_change_rows(changes), same))
    store.insert("entities", with_same(entities, same))
    for name in ("entities/withdraw_older", "entities/withdraw_older_links"):
        store.command(load(name), chain_id=chain_id, version=version)
    return dict(Counter(change.change for change in changes))


def with_same(rows: pa.Table, same: Mapping[str, Any]) -> pa.Table:
    """The rows with what all of them share; numbers are blocks and versions, of 64 bits."""
    for name, value in same.items():
        scalar = pa.scalar(value, pa.string() if isinstance(value, str) else pa.uint64())
        rows = rows.append_column(name, pa.repeat(scalar, rows.num_rows))
    return rows


def _link_rows(decided: Decided, names: Names) -> pa.Table:
    outcomes = [Outcome(code) for code in decided.outcomes.tolist()]
    owner = _owner_of_groups(decided, names)
    sides = zip(owner[decided.group[decided.left]].tolist(), owner[decided.group[decided.right]].tolist(), strict=True)
    objections = [
        _OBJECTIONS.get(outcome, "").format(*(names.owners[number] for number in both if number >= 0))
        for outcome, both in zip(outcomes, sides, strict=True)
    ]
    columns = {name: decided.links.column(name) for name in decided.links.column_names}
    columns["is_hard"] = columns["is_hard"].cast(pa.uint8())
    columns["outcome"] = pa.array([outcome.name.lower() for outcome in outcomes], pa.string())
    columns["objection"] = pa.array(objections, pa.string())
    return pa.table(columns)


def _memberships(decided: Decided, names: Names) -> dict[bytes, Row]:
    """Entity of every address that has one, with the heuristic and probability of the surest link that holds it."""
    surest = np.full(len(names.addresses), len(decided.outcomes), dtype=np.int64)
    held = np.flatnonzero(np.isin(decided.outcomes, _HOLDS))
    for side in (decided.left, decided.right):
        np.minimum.at(surest, side[held], held)
    heuristics = decided.links.column("heuristic").to_pylist()
    probability = decided.links.column("probability").to_pylist()
    sizes = np.bincount(decided.group, minlength=len(names.addresses))
    return {
        names.addresses[place]: {
            "entity_id": entity_id(names.addresses[decided.group[place]]),
            "heuristic": heuristics[surest[place]],
            "probability": probability[surest[place]],
        }
        for place in np.flatnonzero(sizes[decided.group] >= 2).tolist()
    }


def _member_rows(before: Mapping[bytes, Row], after: Mapping[bytes, Row], as_of_block: int) -> pa.Table:
    """Memberships that hold, old ones under the block they have been known since, and those that ended now."""
    rows: list[tuple[Any, ...]] = []
    for address, row in after.items():
        old = before.get(address)
        stays = old is not None and old["entity_id"] == row["entity_id"]
        since = old["since_block"] if old is not None and stays else as_of_block
        rows.append((address, since, row["entity_id"], STILL, row["heuristic"], row["probability"], 0))
    for address, old in before.items():
        gone = address not in after
        # One that began with this very block was never true as of another: nothing to remember.
        if old["since_block"] < as_of_block and (gone or after[address]["entity_id"] != old["entity_id"]):
            ended = (old["entity_id"], as_of_block, old["heuristic"], old["probability"], 0)
            rows.append((address, old["since_block"], *ended))
        elif gone:
            rows.append((address, old["since_block"], old["entity_id"], STILL, old["heuristic"], old["probability"], 1))
    return pa.table(
        {name: pa.array([row[at] for row in rows], kind) for at, (name, kind) in enumerate(_MEMBER_COLUMNS.items())}
    )


_MEMBER_COLUMNS = {
    "address": pa.binary(20),
    "since_block": pa.uint64(),
    "entity_id": pa.string(),
    "until_block": pa.uint64(),
    "heuristic": pa.string(),
    "probability": pa.float64(),
    "is_deleted": pa.uint8(),
}


def _change_rows(changes: Sequence[EntityChange]) -> pa.Table:
    rows = [{**asdict(change), "sentence": change.sentence} for change in changes]
    counts = ("address_count", "previous_address_count", "moved_count")
    names = ("entity_id", "change", "other_entity_id", "sentence", *counts)
    kinds = [(name, pa.uint64() if name in counts else pa.string()) for name in names]
    return pa.Table.from_pylist(rows, pa.schema(kinds))
