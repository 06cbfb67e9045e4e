"""Who is behind several addresses: links of every heuristic, joined into entities, with the reason for each and what changed.

Hard links join first, in the order of the table of heuristics; then pairs that soft ones and the rest of what is known make
probable enough, the most probable first. A link that labels contradict is refused and kept with the objection. Every build looks
at everything up to the watermark, so the entities after a reorg are those of a store that never saw the lost blocks.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chainsight.categories import CATEGORIES
from chainsight.progress import SILENT, Progress
from graph.entities.clusters import NOBODY, Ints, Knowledge, Links, Outcome, cluster
from graph.entities.heuristics import HEURISTICS, SOFT, find_links, prepare, read_context
from graph.entities.rows import Decided, Names, entity_rows, write_build
from graph.entities.scores import THRESHOLD, Floats, features, probabilities
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

LARGEST_SOFT = 200
"""Addresses of the largest entity that a soft link may make."""
_MIN_CONFIDENCE = 0.5
_RANKS = {entry.name: place for place, entry in enumerate(HEURISTICS)}


@dataclass(frozen=True)
class EntitySummary:
    """What a build of the entities found."""

    chain_id: int
    as_of_block: int
    addresses: int
    """Addresses that were looked at."""
    entities: int
    """Groups of two addresses or more."""
    members: int
    largest: int
    """Addresses of the largest entity."""
    links: dict[str, int]
    """Links found, by heuristic."""
    outcomes: dict[str, int]
    """What became of them: merged, known, weak, refused_owner, refused_conduct, refused_size."""
    alarms: list[str]
    """Entities that may be super-clusters, in sentences."""
    changes: dict[str, int]
    """What happened since the last build: formed, grown, merged, split …"""
    seconds: float

    def __str__(self) -> str:
        refused = sum(count for name, count in self.outcomes.items() if name.startswith("refused"))
        return (
            f"{self.members:,} of {self.addresses:,} addresses in {self.entities:,} entities, the largest of {self.largest:,}; "
            f"{refused:,} links refused, {len(self.alarms)} alarms"
        )


def build_entities(store: Store, *, chain_id: int, progress: Progress = SILENT) -> EntitySummary:
    """Find the entities of a chain up to the watermark; write them, their links and what changed since the last build.

    The tables must be up to date (sql.derive). Raises `StoreEmpty` when the chain was never ingested. Running it
    twice changes nothing but `computed_at`.
    """
    started = time.monotonic()
    as_of = read_as_of(store, chain_id)
    as_of_block = as_of.block_number
    prepare(store, as_of)
    found = _find_all(store, chain_id=chain_id, as_of_block=as_of_block, progress=progress)
    names = _name_addresses(store, found, chain_id)
    decided = decide(found, names)
    entities = entity_rows(decided, names)
    changes = write_build(store, decided, names, entities, chain_id=chain_id, as_of_block=as_of_block)
    sizes = entities.column("address_count").to_pylist()
    return EntitySummary(
        chain_id=chain_id,
        as_of_block=as_of_block,
        addresses=len(names.addresses),
        entities=len(sizes),
        members=sum(sizes),
        largest=max(sizes, default=0),
        links=dict(Counter(found.column("heuristic").to_pylist())),
        outcomes=dict(Counter(Outcome(code).name.lower() for code in decided.outcomes.tolist())),
        alarms=[alarm for alarm in entities.column("alarm").to_pylist() if alarm],
        changes=changes,
        seconds=round(time.monotonic() - started, 2),
    )


def _find_all(store: Store, *, chain_id: int, as_of_block: int, progress: Progress) -> pa.Table:
    """Links of all heuristics with their names, whether they are hard, and the probability of each."""
    parts = []
    for done, entry in enumerate(HEURISTICS):
        progress.step(done, len(HEURISTICS), entry.title)
        part = find_links(store, entry, chain_id=chain_id, as_of_block=as_of_block)
        named = part.append_column("heuristic", pa.repeat(entry.name, part.num_rows))
        parts.append(named.append_column("is_hard", pa.repeat(entry.is_hard, part.num_rows)))
    found = pa.concat_tables(parts)
    progress.step(len(HEURISTICS), len(HEURISTICS), "entities")
    return found.append_column("probability", pa.array(_judge(store, found, chain_id, as_of_block)))


def _judge(store: Store, found: pa.Table, chain_id: int, as_of_block: int) -> Floats:
    """Probability of each link: 1 for hard ones, for soft ones that of their pair, from all that softly says so of it."""
    judged = np.ones(found.num_rows)
    soft = np.flatnonzero(~found.column("is_hard").to_numpy())
    if len(soft):
        pairs = soft_pairs(store, found.take(pa.array(soft)), chain_id=chain_id, as_of_block=as_of_block)
        judged[soft] = probabilities(pairs.features)[pairs.place]
    return judged


@dataclass(frozen=True)
class SoftPairs:
    """Pairs of addresses that soft heuristics link, ascending, and what is known of each."""

    pairs: pa.Table
    """Columns left_address, right_address."""
    features: Floats
    """Numbers of `FEATURES`; shape [pairs, len(FEATURES)]."""
    place: Ints
    """Pair of each link; shape [links]."""


def soft_pairs(store: Store, links: pa.Table, *, chain_id: int, as_of_block: int) -> SoftPairs:
    """The pairs of soft links, after `prepare`; `links` as `find_links` gives them, with their heuristic's name."""
    pairs = links.select(["left_address", "right_address"]).group_by(["left_address", "right_address"]).aggregate([])
    pairs = pairs.sort_by([("left_address", "ascending"), ("right_address", "ascending")])
    keys = _pair_keys(pairs)
    place = np.searchsorted(keys, _pair_keys(links))
    strengths = np.zeros((len(keys), len(SOFT)))
    kinds = np.array([SOFT.index(name) for name in links.column("heuristic").to_pylist()])
    np.maximum.at(strengths, (place, kinds), links.column("strength").to_numpy())
    context = read_context(store, pairs, chain_id=chain_id, as_of_block=as_of_block)
    return SoftPairs(pairs, features(strengths, context), place)


def _pair_keys(table: pa.Table) -> np.ndarray:
    """Both addresses as one value of 40 bytes that sorts as the pair does."""
    joined = pc.binary_join_element_wise(
        table.column("left_address").cast(pa.binary()), table.column("right_address").cast(pa.binary()), b""
    )
    return np.array([key.hex() for key in joined.to_pylist()], dtype="S80")


def _name_addresses(store: Store, found: pa.Table, chain_id: int) -> Names:
    """Every address of the chain and of the links, oldest first, with what labels say of it."""
    addresses = store.query(load("entities/first_seen"), chain_id=chain_id).column("address").to_pylist()
    seen = set(addresses)
    linked = {*found.column("left_address").to_pylist(), *found.column("right_address").to_pylist()}
    addresses += sorted(linked - seen)  # contracts that nothing was ever paid to
    places = {address: place for place, address in enumerate(addresses)}
    said = store.query(
        load("entities/conduct"),
        illicit=[name for name, category in CATEGORIES.items() if category.is_illicit],
        min_confidence=_MIN_CONFIDENCE,
    ).to_pylist()
    said = [row for row in said if row["address"] in places]
    owners = sorted({row["owner"] for row in said} - {""})
    numbers = {owner: number for number, owner in enumerate(owners)} | {"": NOBODY}
    owner_of = np.full(len(addresses), NOBODY, dtype=np.int64)
    conduct = np.zeros(len(addresses), dtype=np.int64)
    for row in said:
        place = places[row["address"]]
        owner_of[place], conduct[place] = numbers[row["owner"]], row["conduct"]
    categories = {places[row["address"]]: row["category"] for row in said if row["owner"]}
    return Names(addresses, places, owners, categories, Knowledge(owner_of, conduct))


def decide(found: pa.Table, names: Names) -> Decided:
    """Which links join what: the links in the order in which they were taken, their outcomes, the group of each address."""
    ranks = np.array([_RANKS[name] for name in found.column("heuristic").to_pylist()], dtype=np.int64)
    left, right = (_positions(found.column(side), names) for side in ("left_address", "right_address"))
    is_hard = found.column("is_hard").to_numpy()
    probability = found.column("probability").to_numpy()
    order = np.lexsort((right, left, ranks, -probability, np.where(is_hard, ranks, len(HEURISTICS))))
    found = found.take(pa.array(order))
    left, right, is_hard, probability = left[order], right[order], is_hard[order], probability[order]
    tried = is_hard | (probability >= THRESHOLD)
    joined = cluster(Links(left[tried], right[tried], is_hard[tried]), names.knowledge, largest_soft=LARGEST_SOFT)
    outcomes = np.full(len(order), Outcome.WEAK, dtype=np.int64)
    outcomes[tried] = joined.outcomes
    return Decided(found, left, right, outcomes, joined.group)


def _positions(column: pa.ChunkedArray, names: Names) -> Ints:
    return np.array([names.places[address] for address in column.to_pylist()], dtype=np.int64)
