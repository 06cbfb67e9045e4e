"""Who is behind several Bitcoin addresses: whoever spends from them in one transaction holds their keys, unless it is a coinjoin.

Common input ownership (Nakamoto 2008, section 10; Meiklejohn et al. 2013). The guard against coinjoins is that of
Goldfeder, Kalodner, Reisman and Narayanan (2018), a little wider: as many outputs of one value as half of all (JoinMarket) or 5
(Wasabi, Whirlpool), and at least as many addresses that pay for them. A payjoin looks like any payment and is not seen.
Change is not guessed.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from chainsight.categories import CATEGORIES
from chainsight.errors import StoreEmpty
from graph.entities.clusters import NOBODY, Clusters, Ints, Knowledge, Links, Outcome, cluster
from graph.entities.rows import alarm, with_same
from graph.workings import moment
from sql.files import load
from sql.store import Store

_MANY_EQUAL = 5
_MOST_SHOWN = 200
_MIN_CONFIDENCE = 0.5
_REASONS = {
    "coinjoin": "As many equal outputs as several owners who sign together would have.",
    "refused_owner": "Labels name different owners of what it would join.",
    "refused_conduct": "Labels find one side clean and the other illicit.",
}


@dataclass(frozen=True)
class BitcoinEntitySummary:
    """What a build found."""

    network: str
    as_of_block: int
    transactions: int
    """Transactions that spend from two addresses or more."""
    outcomes: dict[str, int]
    """What became of them: merged, known, coinjoin, refused_owner, refused_conduct."""
    entities: int
    members: int
    largest: int
    seconds: float


def is_coinjoin(address_count: int, output_count: int, equal_output_count: int) -> bool:
    """Whether several owners seem to sign one transaction.

    >>> is_coinjoin(3, 6, 3), is_coinjoin(5, 40, 5), is_coinjoin(2, 2, 1)
    (True, True, False)
    """
    if equal_output_count < 2 or address_count < equal_output_count:
        return False
    return equal_output_count * 2 >= output_count or equal_output_count >= _MANY_EQUAL


def build_bitcoin_entities(store: Store, *, network: str) -> BitcoinEntitySummary:
    """Find the entities of a network's committed blocks and write them, with every transaction that joins or was refused.

    Raises `StoreEmpty` where nothing of the network was ingested. Running it twice changes nothing but `computed_at`.
    """
    started = time.monotonic()
    as_of_block, as_of_time = _as_of(store, network)
    spends = store.query(load("bitcoin/entity_spends"), network=network, as_of_block=as_of_block)
    rows = spends.to_pylist()
    joint = [is_coinjoin(len(r["addresses"]), r["output_count"], r["equal_output_count"]) for r in rows]
    names = list(dict.fromkeys(address for row in rows for address in row["addresses"]))
    links, owner_of_link = _links(rows, joint, {name: place for place, name in enumerate(names)})
    said = _said(store, as_of_time)
    knowledge, owners = _knowledge(said, names)
    found = cluster(links, knowledge, largest_soft=len(names))
    outcomes = _outcomes(joint, found.outcomes, owner_of_link)
    version = time.time_ns()
    same = {"network": network, "as_of_block": as_of_block, "version": version}
    members = _member_rows(names, found, _of_groups(found, knowledge, owners), _categories(said))
    store.insert("bitcoin_entity_links", with_same(_link_rows(spends, rows, outcomes), same))
    store.insert("bitcoin_entity_members", with_same(members, same))
    for name in ("bitcoin/withdraw_older_entity_members", "bitcoin/withdraw_older_entity_links"):
        store.command(load(name), network=network, version=version)
    sizes = Counter(members.column("entity_id").to_pylist())
    return BitcoinEntitySummary(
        network=network,
        as_of_block=as_of_block,
        transactions=len(rows),
        outcomes=dict(Counter(outcomes)),
        entities=len(sizes),
        members=members.num_rows,
        largest=max(sizes.values(), default=0),
        seconds=round(time.monotonic() - started, 2),
    )


def read_bitcoin_entity(store: Store, address: str, *, network: str) -> dict[str, Any]:
    """The entity of an address, its first members and the transactions that say so; an address alone stands for itself."""
    as_of_block, _ = _as_of(store, network)
    found = store.query(load("bitcoin/entity_of"), network=network, address=address, most=_MOST_SHOWN).to_pylist()
    addresses = [row["address"] for row in found] or [address]
    links = store.query(load("bitcoin/entity_links_of"), network=network, addresses=addresses, most=_MOST_SHOWN)
    first = (
        found[0]
        if found
        else {"entity_id": "", "address_count": 1, "owner": "", "alarm": "", "as_of_block": as_of_block}
    )
    shared = {name: first[name] for name in ("entity_id", "address_count", "owner", "alarm", "as_of_block")}
    return {"network": network, "address": address, **shared, "members": addresses, "transactions": links.to_pylist()}


def _as_of(store: Store, network: str) -> tuple[int, dt.datetime]:
    """The newest committed block and its time."""
    (known,) = store.query(load("bitcoin/entity_as_of"), network=network).to_pylist()
    if not known["batch_count"]:
        raise StoreEmpty(f"blocks of Bitcoin's {network}", "Ingest some first: chainsight bitcoin ingest.")
    return int(known["as_of_block"]), known["as_of_time"]


def _links(rows: list[dict[str, Any]], joint: list[bool], places: dict[str, int]) -> tuple[Links, Ints]:
    """Neighbours in each transaction's list of addresses, and the row of each link."""
    ends: list[tuple[int, int]] = []
    of_row: list[int] = []
    for at, (row, is_joint) in enumerate(zip(rows, joint, strict=True)):
        if not is_joint:
            numbers = [places[address] for address in row["addresses"]]
            ends += pairwise(numbers)
            of_row += [at] * (len(numbers) - 1)
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return Links(pairs[:, 0], pairs[:, 1], np.ones(len(pairs), dtype=np.bool_)), np.array(of_row, dtype=np.int64)


def _said(store: Store, as_of_time: dt.datetime) -> list[dict[str, Any]]:
    """What labels say at that time of any address: its owner and the owner's category, and conduct."""
    return store.query(
        load("bitcoin/entity_labels"),
        services=[name for name, category in CATEGORIES.items() if category.is_service],
        illicit=[name for name, category in CATEGORIES.items() if category.is_illicit],
        min_confidence=_MIN_CONFIDENCE,
        as_of_time=moment(as_of_time),
        known_at=moment(dt.datetime.now(dt.UTC)),
    ).to_pylist()


def _categories(said: list[dict[str, Any]]) -> dict[str, str]:
    """Category of each owner; of one that labels give several, the last by name."""
    return {row["owner"]: row["category"] for row in sorted(said, key=lambda row: row["category"]) if row["owner"]}


def _knowledge(said: list[dict[str, Any]], names: list[str]) -> tuple[Knowledge, list[str]]:
    by_address = {row["address"]: row for row in said}
    owners = sorted({row["owner"] for row in said} - {""})
    numbers = {owner: number for number, owner in enumerate(owners)}
    owner = np.array([numbers.get(by_address.get(n, {}).get("owner", ""), NOBODY) for n in names], dtype=np.int64)
    conduct = np.array([by_address.get(name, {}).get("conduct", 0) for name in names], dtype=np.int64)
    return Knowledge(owner, conduct), owners


def _outcomes(joint: list[bool], of_links: Ints, row_of_link: Ints) -> list[str]:
    """One word for each transaction: the gravest of its links', which the highest code is."""
    worst = np.full(len(joint), -1, dtype=np.int64)
    np.maximum.at(worst, row_of_link, np.where(of_links == Outcome.KNOWN, -1, of_links))
    words = ["known" if code < 0 else Outcome(code).name.lower() for code in worst.tolist()]
    return ["coinjoin" if is_joint else word for is_joint, word in zip(joint, words, strict=True)]


def _link_rows(spends: pa.Table, rows: list[dict[str, Any]], outcomes: list[str]) -> pa.Table:
    keys = ("block_number", "transaction_index", "transaction_id", "output_count", "equal_output_count")
    return pa.table(
        {
            **{name: spends.column(name) for name in keys},
            "address": pa.array([row["addresses"][0] for row in rows], pa.string()),
            "address_count": pa.array([len(row["addresses"]) for row in rows], pa.uint64()),
            "outcome": pa.array(outcomes, pa.string()),
            "objection": pa.array([_REASONS.get(outcome, "") for outcome in outcomes], pa.string()),
        }
    )


def _of_groups(found: Clusters, knowledge: Knowledge, owners: list[str]) -> list[str]:
    """The owner whom labels name for each group, by position of its first address; empty for none."""
    owner = np.full(len(found.group), NOBODY, dtype=np.int64)
    np.maximum.at(owner, found.group, knowledge.owners)
    return [owners[number] if number >= 0 else "" for number in owner.tolist()]


def _member_rows(names: list[str], found: Clusters, owners: list[str], categories: dict[str, str]) -> pa.Table:
    sizes = np.bincount(found.group, minlength=len(names))
    rows = []
    for place in np.flatnonzero(sizes[found.group] >= 2).tolist() if len(names) else []:
        root = int(found.group[place])
        size, owner = int(sizes[root]), owners[root]
        warning = alarm(size, categories.get(owner, ""), "common inputs", len(names))
        rows.append((names[place], names[root], size, owner, warning))
    kinds = {"address": pa.string(), "entity_id": pa.string(), "address_count": pa.uint64()}
    kinds |= {"owner": pa.string(), "alarm": pa.string()}
    return pa.table({name: pa.array([row[at] for row in rows], kind) for at, (name, kind) in enumerate(kinds.items())})
