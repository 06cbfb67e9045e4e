"""What the tables say of an address's entity: whose it may be, who else belongs to it and why, its history, what was refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainsight.addresses import show_hex
from chainsight.errors import StoreEmpty
from graph.entities.clusters import explain
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

MOST_MEMBERS = 200
MOST_CONFLICTS = 1_000
_MOST_REASONS = 20


@dataclass(frozen=True)
class EntityAnswer:
    """An address and the entity it belongs to; an address without one stands for itself."""

    address: str
    chain_id: int
    entity_id: str
    """Empty where the address belongs to no entity of two or more."""
    as_of_block: int
    owner: str = ""
    category: str = ""
    address_count: int = 1
    hard_link_count: int = 0
    soft_link_count: int = 0
    refused_link_count: int = 0
    weakest_probability: float = 1.0
    alarm: str = ""
    computed_at: dt.datetime | None = None
    members: list[dict[str, Any]] = field(default_factory=list)
    """The first `MOST_MEMBERS`."""
    why: list[dict[str, Any]] = field(default_factory=list)
    """Links that lead from the address to the oldest of the entity, in order, each with its sentence and evidence; of the oldest
    itself, the links that others hold to it."""
    links: list[dict[str, Any]] = field(default_factory=list)
    """Every link of the address itself, weak and refused ones too."""


def read_entity(store: Store, address: bytes, *, chain_id: int) -> EntityAnswer:
    """The entity of an address, with the shortest chain of reasons.

    Raises `StoreEmpty` for an address without transfers and where no entities were built yet.
    """
    entity_id = _require_entity(store, address, chain_id)
    hex_address, key = show_hex(address) or "", address.hex()
    links = store.query(load("entities/links_of"), chain_id=chain_id, address=key, entity_id=entity_id).to_pylist()
    own = [_shown(link) for link in links if address in (link["left_address"], link["right_address"])]
    if not entity_id:
        known = read_as_of(store, chain_id).block_number
        return EntityAnswer(hex_address, chain_id, "", as_of_block=known, links=own)
    (entity,) = store.query(load("entities/entity"), chain_id=chain_id, entity_id=entity_id).to_pylist()
    found = store.query(load("entities/members_of"), chain_id=chain_id, entity_id=entity_id, most=MOST_MEMBERS)
    return EntityAnswer(
        address=hex_address,
        chain_id=chain_id,
        members=found.to_pylist(),
        why=_reasons(links, address, entity_id),
        links=own,
        **entity,
    )


def read_history(store: Store, address: bytes, *, chain_id: int) -> dict[str, Any]:
    """Every entity the address has belonged to, and what happened to these; raises as `read_entity` does."""
    _require_entity(store, address, chain_id)
    memberships = store.query(load("entities/memberships_of"), chain_id=chain_id, address=address.hex()).to_pylist()
    names = sorted({row["entity_id"] for row in memberships})
    changes = store.query(load("entities/changes_of"), chain_id=chain_id, entity_ids=names).to_pylist() if names else []
    return {"address": show_hex(address), "chain_id": chain_id, "memberships": memberships, "changes": changes}


def read_conflicts(store: Store, *, chain_id: int) -> list[dict[str, Any]]:
    """Links that labels contradict or that would have made an entity too large, the gravest `MOST_CONFLICTS`."""
    return store.query(load("entities/conflicts"), chain_id=chain_id, most=MOST_CONFLICTS).to_pylist()


def _require_entity(store: Store, address: bytes, chain_id: int) -> str:
    (found,) = store.query(load("entities/built"), chain_id=chain_id, address=address.hex()).to_pylist()
    if not found["is_known"] and not found["entity_id"]:
        raise StoreEmpty(
            f"transfers of {show_hex(address)} on chain {chain_id}",
            "Check the address and --chain-id, or ingest blocks in which it takes part.",
        )
    if not found["entity_count"]:
        raise StoreEmpty(f"entities of chain {chain_id}", "Find them first: chainsight entities build.")
    return str(found["entity_id"] or "")


def _reasons(links: list[dict[str, Any]], address: bytes, entity_id: str) -> list[dict[str, Any]]:
    """The shortest way over links that hold, from the address to the one the entity is named by; from that one, its own links."""
    holding = [link for link in links if link["outcome"] in ("merged", "known")]
    ends = sorted({link[side] for link in holding for side in ("left_address", "right_address")})
    places = {end: place for place, end in enumerate(ends)}
    founder = bytes.fromhex(entity_id[2:])
    if address == founder:
        return [_shown(link) for link in holding if address in (link["left_address"], link["right_address"])][
            :_MOST_REASONS
        ]
    if address not in places or founder not in places:
        return []
    left, right = (
        np.array([places[link[side]] for link in holding], dtype=np.int64) for side in ("left_address", "right_address")
    )
    return [_shown(holding[at]) for at in explain(left, right, places[address], places[founder])]


def _shown(link: dict[str, Any]) -> dict[str, Any]:
    """A link with its addresses as text; no third address where there is none."""
    via = link["via_address"]
    return {
        **link,
        "left_address": show_hex(link["left_address"]),
        "right_address": show_hex(link["right_address"]),
        "via_address": show_hex(via) if any(via) else None,
        "is_hard": bool(link["is_hard"]),
    }
