"""The answer of a trace: who gave traced money to whom, where it ended, and why it was followed no further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from chainsight.categories import CATEGORIES
from graph.tracing.ledgers import HUB_CAP
from graph.tracing.lots import Parcel
from graph.tracing.pages import NATIVE, Asset

REASONS: dict[str, str] = {
    "service": "a service by its label at the time: many people's money meets there",
    "hub": "more transfers than the cap, so most likely a service that nobody labelled",
    "held": "still there at the as-of block; backwards: there before the store's history begins",
    "returned": "came back to where the trace began",
    "burnt": "sent to the zero address; backwards: minted",
    "fees": "paid for gas",
    "unexplained": "backwards: paid from something that never came in (rewards, or data that begin late)",
    "outside": "backwards: came in before --since",
    "below_share": "less than the least share by then",
    "hops": "as many hops away as were asked for",
    "budget": "more addresses than were asked for, larger ones first",
    "nearby": "ttr: the part that stays at every address it passes",
}
"""Why money was not followed further; every unit of it has exactly one."""

STOP_CATEGORIES = frozenset(name for name, category in CATEGORIES.items() if category.is_service)


@dataclass(frozen=True)
class Question:
    """What is traced, how and how far."""

    chain_id: int
    sources: tuple[bytes, ...]
    """Addresses it begins at; payments between them are left out."""
    asset: Asset = NATIVE
    policy: str = "haircut"
    direction: str = "out"
    """out: where did it go; in: where did it come from."""
    hops: int = 10
    budget: int = 1_000
    """Addresses looked at, at most."""
    least_share: float = 0.00001
    """An address is followed once it got this share of all that is traced."""
    since_block: int = 0
    until_block: int | None = None
    """Nothing later is looked at; None for all that the store knows."""
    hub_cap: int = HUB_CAP
    stop_categories: frozenset[str] = STOP_CATEGORIES
    """Labels at which it ends, if they held when the money came."""
    through: frozenset[str] = frozenset()
    """Of these, labels that it goes through by the rule of graph/tracing/crossings.py: mixer."""


@dataclass(frozen=True)
class Statement:
    """What labels say of an address for a time."""

    aspect: str
    category: str
    actor: str
    label: str
    valid_from: int
    valid_to: int
    """Seconds; the end does not belong to it."""


class End(NamedTuple):
    """Where traced money ended and why."""

    address: bytes
    asset: Asset
    reason: str
    """One of `REASONS`."""
    category: str
    """Of the service; empty where it is none."""
    actor: str
    hop: int


class Place(NamedTuple):
    """Where in a trace something is."""

    address: bytes
    asset: Asset
    hop: int
    """Hops from the beginning."""


@dataclass
class Flow:
    """Traced money from one address to another, or from one asset into another at the same address."""

    giver: bytes
    receiver: bytes
    asset: Asset
    hop: int
    """Hops from the beginning to its farther end."""
    given_asset: Asset
    """What it was before; the same as `asset` unless it was exchanged on the way."""
    parcel: Parcel
    transfer_count: int = 0
    first_seconds: int = 0
    last_seconds: int = 0
    transactions: dict[tuple[int, int], int] = field(default_factory=dict)
    """Worth by block and position of the transaction."""
    is_redirect: bool = False
    """ttr: nearness went against the direction of the trace, along this transfer the other way."""

    def add(self, parcel: Parcel, transaction: tuple[int, int], seconds: int) -> None:
        """One more transfer of the same kind."""
        self.parcel = self.parcel.plus(parcel)
        self.transfer_count += 1
        self.first_seconds = min(self.first_seconds, seconds)
        self.last_seconds = max(self.last_seconds, seconds)
        self.transactions[transaction] = self.transactions.get(transaction, 0) + parcel.worth

    @property
    def is_exchange(self) -> bool:
        """Whether the money changed its form and not its owner."""
        return self.asset != self.given_asset


@dataclass(frozen=True)
class Trace:
    """A flow graph: the worth of all ends adds up to `total` (not so under poison)."""

    question: Question
    total: int
    """All that is traced, in units of the question's asset."""
    ends: Mapping[End, Parcel]
    flows: list[Flow]
    visited: Mapping[bytes, int]
    """Addresses that got at least the least share, with all the worth that passed or ended there."""
    said: Mapping[bytes, list[Statement]]
    """What labels say of visited addresses, at the time the first traced money came."""

    def near(self, flow: Flow) -> Place:
        """The end of a flow that is nearer to the beginning; an exchange has both ends at the same hop."""
        hop = flow.hop if flow.is_exchange else flow.hop - 1
        if self._is_ahead(flow):
            return Place(flow.giver, flow.given_asset, hop)
        return Place(flow.receiver, flow.asset, hop)

    def far(self, flow: Flow) -> Place:
        """The other end."""
        if self._is_ahead(flow):
            return Place(flow.receiver, flow.asset, flow.hop)
        return Place(flow.giver, flow.given_asset, flow.hop)

    def _is_ahead(self, flow: Flow) -> bool:
        """Whether a flow leaves the nearer end as the money did."""
        return (self.question.direction == "out") != flow.is_redirect

    @property
    def total_ended(self) -> int:
        """Worth of all ends."""
        return sum(parcel.worth for parcel in self.ends.values())
