"""Taint in, highest out: the policy of graph/tracing/policies.py under which traced money leaves with the largest payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import accumulate

from graph.tracing.lots import NOTHING, Parcel, Spread


class HighestOut:
    """Traced money leaves with the largest later payments, as far as it can still have been there.

    Of traced money no more can be left at any time than the account held: what came before the account was emptied has left with
    the payments that emptied it. Within that the largest payments are filled first, from all parcels of a split together; each
    payment then takes in proportion of the parcels that are there. What was placed is taken out of the history, so that the next
    parcels find what is left: every payment is filled once, and no balance goes below nothing.
    """

    def __init__(self, movements: Sequence[int], opening: int) -> None:
        self._left = list(movements)
        self._balances = list(accumulate(movements, initial=opening))[1:]
        self._sizes = [max(-movement, 0) for movement in movements]

    def split(self, arrivals: Mapping[int, Parcel]) -> Spread:
        """See `policies.Matching.split`; room that was filled stays filled."""
        placed = {place: min(parcel.amount, max(self._left[place], 0)) for place, parcel in arrivals.items()}
        chosen = self._choose(placed)
        parts: dict[int, Parcel] = {}
        carried = held = NOTHING
        last = max(arrivals)
        for place in range(min(arrivals), len(self._left)):
            if place in placed:
                inside = arrivals[place].part(placed[place], max(arrivals[place].amount, 1))
                held = held.plus(arrivals[place].minus(inside))
                carried = carried.plus(inside)
                self._left[place] -= inside.amount
            if taken := chosen.get(place, 0):
                parts[place] = carried.part(taken, carried.amount)
                carried = carried.minus(parts[place])
                self._left[place] += taken
            self._balances[place] -= carried.amount
            if place >= last and not carried.amount:
                break
        return Spread(parts, held.plus(carried))

    def _choose(self, placed: Mapping[int, int]) -> dict[int, int]:
        """How much leaves with each payment: in the order of time, each takes what is there, then what smaller ones had taken.

        A payment can give up what it took as far as the account had room for that to stay until now; what has no room stays
        with the largest. So after every payment no choice among the payments up to it has larger ones (an exchange argument, as
        for scheduling by deadlines). What is not taken at all counts as a payment of size 0.
        """
        chosen: dict[int, int] = {}
        regrets = _Regrets(self._sizes)
        staying, last = 0, max(placed)
        for place in range(min(placed), len(self._left)):
            staying += placed.get(place, 0)
            free = max(-self._left[place], 0)
            taken = min(staying, free)
            staying -= taken
            for smaller, amount in regrets.give_up(place, free - taken):
                chosen[smaller] -= amount
                taken += amount
            if taken:
                chosen[place] = taken
                regrets.add(place, taken)
            regrets.keep(self._balances[place] - staying)
            if place >= last and not staying and not regrets.total:
                break
        return chosen


class _Regrets:
    """What payments took and could still give up to larger ones."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = sizes
        self._amounts: dict[int, int] = {}
        self._smallest: list[tuple[int, int]] = []
        self._largest: list[tuple[int, int]] = []
        self.total = 0

    def add(self, place: int, amount: int) -> None:
        """A payment took something."""
        self._amounts[place] = amount
        self.total += amount
        heappush(self._smallest, (self._sizes[place], -place))
        heappush(self._largest, (-self._sizes[place], place))

    def give_up(self, place: int, wanted: int) -> Iterator[tuple[int, int]]:
        """What smaller payments give up to the one at a place, the smallest and latest first."""
        while wanted and self._smallest and self._smallest[0][0] < self._sizes[place]:
            given = self._lower(-self._smallest[0][1], wanted)
            if not given[1]:
                heappop(self._smallest)
                continue
            wanted -= given[1]
            yield given

    def keep(self, room: int) -> None:
        """Forget, of the largest and earliest first, what is more than there is room for."""
        while self.total > room:
            if not self._lower(self._largest[0][1], self.total - room)[1]:
                heappop(self._largest)

    def _lower(self, place: int, most: int) -> tuple[int, int]:
        amount = min(self._amounts[place], most)
        self._amounts[place] -= amount
        self.total -= amount
        return place, amount
