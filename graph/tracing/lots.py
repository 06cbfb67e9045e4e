"""Parcels of traced money and the histories they move through.

Everything is an integer. A parcel has an amount in units of the asset it is in now and a worth in units of the asset that
the trace began with; both are split so that nothing is lost: each part is the difference of two rounded-down running sums.
Where more went out than had come in (data that begin late, rewards without a transfer), the lack is counted as unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

_Name = TypeVar("_Name", int, bytes)


class Parcel(NamedTuple):
    """Traced money in one place."""

    amount: int
    """Units of the asset it is in."""
    worth: int
    """Units of the asset that the trace began with."""

    def plus(self, other: Parcel) -> Parcel:
        """Both together."""
        return Parcel(self.amount + other.amount, self.worth + other.worth)

    def minus(self, other: Parcel) -> Parcel:
        """What is left without the other."""
        return Parcel(self.amount - other.amount, self.worth - other.worth)

    def part(self, share: int, of: int) -> Parcel:
        """share/of, rounded down."""
        return Parcel(self.amount * share // of, self.worth * share // of)


NOTHING = Parcel(0, 0)


class Spread(NamedTuple):
    """Where parcels went: their parts by position in the history, and what did not go on."""

    parts: dict[int, Parcel]
    held: Parcel
    """Still there at the end; backwards: there before the history begins."""
    unexplained: Parcel = NOTHING
    """Backwards: paid from something that never came in."""


@dataclass(frozen=True)
class History:
    """All movements of one asset at one address in time order: positive what came in, negative what went out."""

    movements: Sequence[int]
    covered: list[int] = field(init=False, repr=False)
    """The movements, each payment cut to what was there to pay it from."""
    closing: int = field(init=False)
    """What is left at the end."""

    def __post_init__(self) -> None:
        covered, balance = [], 0
        for movement in self.movements:
            kept = movement if movement > 0 else max(movement, -balance)
            covered.append(kept)
            balance += kept
        object.__setattr__(self, "covered", covered)
        object.__setattr__(self, "closing", balance)


def share_out(parcel: Parcel, whole: int, shares: Iterable[tuple[_Name, int]], parts: dict[_Name, Parcel]) -> Parcel:
    """Add each share/whole of a parcel to `parts`; returns what is left of it. Running sums are rounded, so nothing is lost."""
    reached, given = 0, NOTHING
    for place, share in shares:
        reached += share
        until = parcel.part(reached, whole)
        part = until.minus(given)
        given = until
        if part.worth or part.amount:
            parts[place] = part.plus(parts[place]) if place in parts else part
    return parcel.minus(given)
