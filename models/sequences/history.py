"""A wallet's own transactions in order of time: how much, which way, how long after the one before.

Many histories lie end to end in flat arrays, as chain and files give them; whatever reads histories (descriptors, encoder)
sees this type alone, wherever they came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chainsight.errors import DataCheckError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
IN, OUT = 0, 1


@dataclass(frozen=True)
class Histories:
    """Histories end to end; the one numbered i is offsets[i]:offsets[i + 1] of the other arrays."""

    amounts: Floats
    """Whole units of the native coin, never negative; zero for a mere call."""
    directions: npt.NDArray[np.int8]
    """0 received, 1 sent."""
    gaps: Floats
    """Seconds since the transaction before; zero for the first of a history."""
    offsets: Ints
    """One more than there are histories; the first is 0."""

    def __post_init__(self) -> None:
        """Refuse what no chain holds; raises `DataCheckError` with the number of the first history that is wrong."""
        size = len(self.amounts)
        if len(self.directions) != size or len(self.gaps) != size or self.offsets[0] != 0 or self.offsets[-1] != size:
            raise DataCheckError("The arrays of the histories have different lengths.", next_step="Build them again.")
        self._refuse(np.isfinite(self.amounts) & (self.amounts >= 0), "an amount that is negative or no number")
        self._refuse(np.isfinite(self.gaps) & (self.gaps >= 0), "a gap that is negative or no number")
        self._refuse((self.directions == IN) | (self.directions == OUT), "a direction that is neither 0 nor 1")
        empty = np.flatnonzero(np.diff(self.offsets) <= 0)
        if len(empty):
            raise DataCheckError(f"History {empty[0]} has no transaction.", next_step="Leave it out.")

    def __len__(self) -> int:
        """How many histories."""
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """Transactions of each history."""
        return np.diff(self.offsets)

    @property
    def owner(self) -> Ints:
        """The number of the history that each transaction belongs to."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def place(self) -> Ints:
        """The place of each transaction in its history, from 0."""
        return np.arange(len(self.amounts)) - np.repeat(self.offsets[:-1], self.lengths)

    @property
    def times(self) -> Floats:
        """Seconds since the first transaction of the same history."""
        clock = np.cumsum(self.gaps)
        return clock - np.repeat(clock[self.offsets[:-1]], self.lengths)

    def take(self, chosen: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Histories:
        """Some of the histories, in the order asked for."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        lengths = self.lengths[numbers]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[numbers] - offsets[:-1], lengths)
        return Histories(self.amounts[rows], self.directions[rows], self.gaps[rows], offsets)

    def first(self, most: int) -> Histories:
        """The first `most` transactions of each history."""
        return self._where(self.place < most)

    def last(self, most: int) -> Histories:
        """The last `most` transactions of each history; the first of them keeps no gap."""
        return self._where(self.place >= np.repeat(self.lengths, self.lengths) - most)

    def _where(self, kept: npt.NDArray[np.bool_]) -> Histories:
        lengths = np.bincount(self.owner[kept], minlength=len(self))
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        gaps = self.gaps[kept]
        gaps[offsets[:-1]] = 0.0
        return Histories(self.amounts[kept], self.directions[kept], gaps, offsets)

    def _refuse(self, fine: npt.NDArray[np.bool_], what: str) -> None:
        if not fine.all():
            row = int(np.argmin(fine))
            number = int(np.searchsorted(self.offsets, row, side="right")) - 1
            raise DataCheckError(
                f"History {number} has {what} (its transaction {row - int(self.offsets[number])}).",
                next_step="Mend or leave out that history; nothing was read from the others.",
            )


def join(parts: Sequence[Histories]) -> Histories:
    """Several sets of histories as one, in their order."""
    ends = np.cumsum([0, *(len(part.amounts) for part in parts)])
    offsets = np.concatenate([[0], *(part.offsets[1:] + end for part, end in zip(parts, ends, strict=False))])
    return Histories(
        np.concatenate([part.amounts for part in parts]),
        np.concatenate([part.directions for part in parts]),
        np.concatenate([part.gaps for part in parts]),
        offsets.astype(np.int64),
    )
