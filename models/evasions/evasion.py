"""What every evasion is: another course of the same business, and its price to whoever would have to go through with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.evasions.history import COIN, History

DAY = 86_400


@dataclass(frozen=True)
class Prices:
    """What makes one number out of a cost, in coins. They order evasions; other prices order them otherwise."""

    transaction: float = 0.001
    """21,000 gas at 50 gwei."""
    address: float = 0.002
    """A key to keep and a balance to leave in it."""
    day: float = 0.01
    """Of waiting: an account may be named, frozen or robbed before the money is out."""
    yearly: float = 0.2
    """What capital that is locked would have brought elsewhere."""


PRICES = Prices()


@dataclass(frozen=True)
class Cost:
    """What an evasion takes beyond what the wallet did anyway."""

    transactions: int = 0
    """Further ones, whoever signs them."""
    addresses: int = 0
    """Further ones to control."""
    days: float = 0.0
    """For which the business lasts longer."""
    locked: float = 0.0
    """Coins times days of waiting; tokens are left out, they have no price here."""
    spent: int = 0
    """Smallest units of the coin that are given away."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.transactions + other.transactions,
            self.addresses + other.addresses,
            self.days + other.days,
            self.locked + other.locked,
            self.spent + other.spent,
        )

    def in_coins(self, prices: Prices = PRICES) -> float:
        """One number to rank by: fees, addresses, waiting, interest on what is locked, and what is given away."""
        return (
            self.transactions * prices.transaction
            + self.addresses * prices.address
            + self.days * prices.day
            + self.locked * prices.yearly / 365
            + self.spent / COIN
        )


@dataclass(frozen=True)
class Evaded:
    """What would stand in the chain instead, and what it took."""

    histories: tuple[History, ...]
    """Usually of one wallet; of several where the business was divided. All of them must escape."""
    cost: Cost


class Evasion(Protocol):
    """One way to look otherwise, of one strength.

    It changes nothing but what it says: money in and out of the wallet stays what it was, what is paid away is in the cost; the
    wallet's own acts keep their order; nothing happens before its first move, unless the evasion is about just that.
    """

    @property
    def name(self) -> str:
        """The same for all strengths."""
        ...

    @property
    def strength(self) -> str:
        """In words, such as `4 parts within 24 h`."""
        ...

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """The same history and the same draws give the same answer."""
        ...


@dataclass(frozen=True)
class Together:
    """Several evasions, one after the other."""

    evasions: Sequence[Evasion]
    name: str = "all together"

    @property
    def strength(self) -> str:
        """Those of its parts."""
        return "; ".join(one.strength for one in self.evasions)

    def apply(self, history: History, draw: np.random.Generator) -> Evaded:
        """See `Evasion.apply`."""
        done = Evaded((history,), Cost())
        for one in self.evasions:
            each = [one.apply(part, draw) for part in done.histories]
            cost = sum((part.cost for part in each), done.cost)
            done = Evaded(tuple(made for part in each for made in part.histories), cost)
        return done


def days_later(before: History, after: History) -> float:
    """By how many days a history ends later than it did."""
    return max(0, after.last_at - before.last_at) / DAY
