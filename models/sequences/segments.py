"""Statistics of many short series that lie end to end, all at once: no loop over wallets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.sequences.history import Floats, Ints

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
Mask = npt.NDArray[np.bool_]


class Segments:
    """Chosen rows of series end to end; every answer is one number a series, NaN where it has no chosen row."""

    def __init__(self, owner: Ints, count: int, chosen: Mask | None = None) -> None:
        self.chosen = np.ones(len(owner), dtype=np.bool_) if chosen is None else chosen
        self.owner = owner[self.chosen]
        self.count = count
        self.sizes = np.bincount(self.owner, minlength=count)
        self._starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)

    def sum(self, values: Floats) -> Floats:
        """Sums; 0 where there is nothing to add."""
        return np.bincount(self.owner, values[self.chosen], minlength=self.count).astype(np.float64)

    def mean(self, values: Floats) -> Floats:
        """Means."""
        return self._or_nan(self.sum(values) / np.maximum(self.sizes, 1))

    def maximum(self, values: Floats) -> Floats:
        """Largest values."""
        found = np.full(self.count, -np.inf)
        np.maximum.at(found, self.owner, values[self.chosen])
        return self._or_nan(found)

    def minimum(self, values: Floats) -> Floats:
        """Smallest values."""
        return -self.maximum(-values)

    def deviation(self, values: Floats) -> Floats:
        """Standard deviations (of all, not of a sample)."""
        centre = np.nan_to_num(self.mean(values))
        inside = np.zeros(len(values))
        inside[self.chosen] = values[self.chosen] - centre[self.owner]
        return np.sqrt(self.mean(inside**2))

    def quantiles(self, values: Floats) -> list[Floats]:
        """One array for each of QUANTILES, the nearest value there is."""
        inside = values[self.chosen]
        ordered = inside[np.lexsort((inside, self.owner))]
        last = np.maximum(self.sizes - 1, 0)
        places = [self._starts + np.round(share * last).astype(np.int64) for share in QUANTILES]
        if not len(ordered):
            return [np.full(self.count, np.nan) for _ in places]
        return [self._or_nan(ordered[np.minimum(place, len(ordered) - 1)]) for place in places]

    def distinct(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        """How many different values, the share of the most frequent one, and that value."""
        inside = values[self.chosen]
        order = np.lexsort((inside, self.owner))
        holder, held = self.owner[order], inside[order]
        begins = np.flatnonzero(np.append(True, (holder[1:] != holder[:-1]) | (held[1:] != held[:-1]))[: len(held)])
        times = np.diff(np.append(begins, len(held)))
        holder, held = holder[begins], held[begins]
        number = np.bincount(holder, minlength=self.count).astype(np.float64)
        # The most frequent last, the larger of equals: assignment keeps the last.
        ranked = np.lexsort((held, times, holder))
        share, most = np.full(self.count, np.nan), np.full(self.count, np.nan)
        share[holder[ranked]] = times[ranked]
        most[holder[ranked]] = held[ranked]
        return self._or_nan(number), share / np.maximum(self.sizes, 1), most

    def at(self, values: Floats, place: int) -> Floats:
        """The value at a place of each series, from the end when negative."""
        found = np.full(self.count, np.nan)
        has = self.sizes > (place if place >= 0 else -place - 1)
        rows = self._starts + (place if place >= 0 else self.sizes + place)
        found[has] = values[self.chosen][rows[has]]
        return found

    def spread(self, values: Floats, name: str) -> dict[str, Floats]:
        """Mean, deviation, smallest, largest and quantiles under names that begin with `name`."""
        found = {
            f"{name}_mean": self.mean(values),
            f"{name}_deviation": self.deviation(values),
            f"{name}_least": self.minimum(values),
            f"{name}_most": self.maximum(values),
        }
        for share, column in zip(QUANTILES, self.quantiles(values), strict=True):
            found[f"{name}_q{round(100 * share)}"] = column
        return found

    def _or_nan(self, values: Floats) -> Floats:
        return np.where(self.sizes > 0, values, np.nan)
