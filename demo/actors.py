"""Everybody in the story: who they are, what they did (the truth), what the public knows of them (the labels)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak


@dataclass(frozen=True)
class Truth:
    """What is true of an address and nobody on the chain is told."""

    role: str
    story: str = ""
    typology: str = ""
    part: str = ""
    illicit: bool = False
    note: str = ""


@dataclass(frozen=True)
class Label:
    """What is publicly said of an address."""

    name: str
    category: str
    source: str = "demo"


@dataclass
class Actor:
    """An address with a key, a wallet's habits and a nonce."""

    name: str
    account: LocalAccount
    truth: Truth
    dice: Random
    label: Label | None = None
    nonce: int = 0
    utc_offset: int = 0
    legacy: bool = False
    """Its wallet still signs transactions of type 0."""
    careless: float = 0.0
    """Chance that a contract call of its gets too little gas."""

    @cached_property
    def address(self) -> str:
        """`0x…` in lower case."""
        return str(self.account.address).lower()


@dataclass(frozen=True)
class Place:
    """A contract or an address without a known key."""

    address: str
    truth: Truth
    label: Label | None = None


@dataclass
class Cast:
    """The list of everybody; keys follow from the seed and the name alone."""

    seed: int
    actors: dict[str, Actor] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)

    def add(self, name: str, truth: Truth, *, label: Label | None = None, nonce: int = 0) -> Actor:
        """A new actor; the same seed and name give the same key."""
        dice = Random(f"{self.seed}/actor/{name}")
        key = keccak(f"chainsight demo {self.seed} {name}".encode())
        actor = Actor(
            name,
            Account.from_key(key),
            truth,
            dice,
            label,
            nonce=nonce,
            utc_offset=dice.choice((-8, -5, -3, 0, 1, 2, 3, 5, 8, 9)),
            legacy=dice.random() < 0.11,
            careless=dice.choice((0.0, 0.05, 0.1)),
        )
        self.actors[name] = actor
        return actor

    def place(self, address: str, truth: Truth, *, label: Label | None = None) -> Place:
        """A contract, or an address nobody in the story holds a key of."""
        place = Place(address.lower(), truth, label)
        self.places.append(place)
        return place

    def everybody(self) -> Iterator[tuple[str, Truth, Label | None]]:
        """(address, truth, label) of all, actors first."""
        for actor in self.actors.values():
            yield actor.address, actor.truth, actor.label
        for place in self.places:
            yield place.address, place.truth, place.label
