"""Which money left with which payment: the accounting rules of tracing, on the history of one asset at one address.

Money in an account has no serial numbers, so every answer to "where did it go" rests on a convention. Here each convention is a
*matching* of what came in (lots) to what went out, of the whole history, tainted or not. A tainted parcel that arrived with one
event is split over the later events it is matched with. Backwards (what was this payment made of?) is the same matching read
the other way: the history in reverse, begun with what was left at its end.

    haircut   every payment takes from all lots in proportion to what is there (Möser et al. 2014)
    fifo      what came first leaves first (Clayton's case of 1816; TaintChain, Anderson et al. 2018)
    lifo      what came last leaves first
    tiho      taint in, highest out: traced money leaves with the largest later payments (Tironsakkul et al. 2019), here as far
              as it can still have been there
    poison    whoever was paid once taints all later payments whole; an upper bound, it multiplies money
    ttr       time- and redirect-aware personalised PageRank (TRacer, arXiv 2201.05757): a score of nearness, not an amount

"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Protocol

from chainsight.errors import UnknownName
from graph.tracing.highest_out import HighestOut
from graph.tracing.lots import NOTHING, History, Parcel, Spread, share_out

# TRacer's constants, alpha 0.15 and beta 0.8, as hundredths: what stays at a node, what goes the way that is asked, and back.
_STAYS, _ONWARD, _BACK = 15, 68, 17


class Matching(Protocol):
    """One policy on one sequence of movements that begins with `opening`; may remember what it gave before."""

    def split(self, arrivals: Mapping[int, Parcel]) -> Spread:
        """Parts of parcels that arrived with the movements at these positions, by position of later movements."""
        ...


class Haircut:
    """In proportion: a payment of p from a balance of b takes p/b of every parcel that is there."""

    def __init__(self, movements: Sequence[int], opening: int) -> None:
        self._movements = movements
        self._balances = list(accumulate(movements, initial=opening))

    def split(self, arrivals: Mapping[int, Parcel]) -> Spread:
        """See `Matching.split`."""
        parts: dict[int, Parcel] = {}
        amount = worth = 0
        last = max(arrivals)
        movements, balances = self._movements, self._balances
        for place in range(min(arrivals), len(movements)):
            movement = movements[place]
            if movement > 0:
                if place in arrivals:
                    amount += arrivals[place].amount
                    worth += arrivals[place].worth
            elif movement < 0 and worth:
                balance = balances[place]
                taken = Parcel(amount * -movement // balance, worth * -movement // balance)
                if taken.worth:
                    parts[place] = taken
                    amount -= taken.amount
                    worth -= taken.worth
            elif not worth and place > last:
                break
        return Spread(parts, Parcel(amount, worth))


class Queue:
    """Lot by lot: each payment takes the oldest (fifo) or the newest (lifo) lots whole; within a lot, in proportion."""

    def __init__(self, movements: Sequence[int], opening: int, *, end: int) -> None:
        self._movements = movements
        self._matched: dict[int, list[tuple[int, int]]] = defaultdict(list)
        lots: deque[list[int]] = deque([[-1, opening]] if opening else [])
        drop = lots.pop if end else lots.popleft
        for place, movement in enumerate(movements):
            if movement > 0:
                lots.append([place, movement])
                continue
            needed = -movement
            while needed:
                lot = lots[end]
                taken = min(lot[1], needed)
                self._matched[lot[0]].append((place, taken))
                needed -= taken
                lot[1] -= taken
                if not lot[1]:
                    drop()

    def split(self, arrivals: Mapping[int, Parcel]) -> Spread:
        """See `Matching.split`."""
        parts: dict[int, Parcel] = {}
        held = NOTHING
        for place, parcel in arrivals.items():
            shares = self._matched.get(place, ())
            left = share_out(parcel, self._movements[place], shares, parts)
            held = held.plus(left)
        return Spread(parts, held)


class Poison:
    """From the first traced arrival on, every payment is tainted whole, once."""

    def __init__(self, movements: Sequence[int], opening: int) -> None:
        self._movements = movements
        self._clean_until = len(movements)

    def split(self, arrivals: Mapping[int, Parcel]) -> Spread:
        """See `Matching.split`; payments that were tainted before are not tainted again."""
        start = min(arrivals)
        parcel = arrivals[start]
        parts = {
            place: Parcel(-self._movements[place], parcel.worth * -self._movements[place] // max(parcel.amount, 1))
            for place in range(start + 1, self._clean_until)
            if self._movements[place] < 0
        }
        self._clean_until = min(self._clean_until, start)
        gathered = Parcel(sum(p.amount for p in arrivals.values()), sum(p.worth for p in arrivals.values()))
        return Spread(parts, NOTHING if parts else gathered)


class Redirected:
    """TRacer's push with weights, times and redirects (TTRRedirect; Wu et al. 2023), one step for all parcels at an address.

    A part stays, most of the rest follows later payments, a little goes back to earlier givers; payments share by size. What
    finds no payment that way goes back to the residual in TRacer and is pushed anew, for ever; here it is shared at once as that
    ends: between staying and the other way. Where else it differs: TRacer pushes the largest residual first and stops below an
    epsilon, here all above the least share go in rounds; a push is linear, so the order matters only to what is cut off. TRacer
    sends the first push both ways, a trace begins the way that is asked. Transfers of the same second are told apart by their
    order. A swap hands on within the address, where TRacer jumps to who got the other token, so a part stays once more.

    One pass does for any number of parcels: of all that is on its way, a payment takes its part of the payments from there on.
    """

    def __init__(self, movements: Sequence[int], opening: int) -> None:
        paid = [max(-movement, 0) for movement in movements]
        self._paid = paid
        self._received = [max(movement, 0) for movement in movements]
        self._to_pay = list(accumulate(reversed(paid)))[::-1]
        self._received_before = list(accumulate(self._received))

    def split(self, arrivals: Mapping[int, Parcel]) -> Spread:
        """See `Matching.split`; parts stand at later payments and at earlier receipts."""
        onward, back, held = {}, {}, NOTHING
        for place, parcel in arrivals.items():
            ahead = _ONWARD if place + 1 < len(self._paid) and self._to_pay[place + 1] else 0
            behind = _BACK if place and self._received_before[place - 1] else 0
            shares: dict[int, Parcel] = {}
            held = held.plus(share_out(parcel, _STAYS + ahead + behind, [(1, ahead), (-1, behind)], shares))
            onward[place], back[place] = shares.get(1, NOTHING), shares.get(-1, NOTHING)
        parts: dict[int, Parcel] = {}
        later = range(min(arrivals), len(self._paid))
        earlier = range(max(arrivals), -1, -1)
        held = held.plus(_drop(onward, later, self._paid, self._to_pay, parts))
        return Spread(parts, held.plus(_drop(back, earlier, self._received, self._received_before, parts)))


def _drop(
    loaded: Mapping[int, Parcel], way: range, sizes: Sequence[int], ahead: Sequence[int], parts: dict[int, Parcel]
) -> Parcel:
    """Carry parcels along a way from where each is loaded, leaving at each later stop its size's part of what is ahead."""
    carried = NOTHING
    for place in way:
        if carried.worth and sizes[place]:
            taken = carried.part(sizes[place], ahead[place])
            carried = carried.minus(taken)
            if taken.worth:
                parts[place] = taken.plus(parts[place]) if place in parts else taken
            elif taken.amount:
                carried = carried.plus(taken)
        if place in loaded:
            carried = carried.plus(loaded[place])
    return carried


_MAKERS: dict[str, Callable[[Sequence[int], int], Matching]] = {
    "haircut": Haircut,
    "fifo": lambda movements, opening: Queue(movements, opening, end=0),
    "lifo": lambda movements, opening: Queue(movements, opening, end=-1),
    "tiho": HighestOut,
    "poison": Poison,
    "ttr": Redirected,
}
POLICIES = tuple(_MAKERS)
ACCOUNTING_POLICIES = ("haircut", "fifo", "lifo", "tiho")
"""Policies whose parts add up to what arrived and are amounts of money: the range of an answer is over these."""
CONSERVING_POLICIES = (*ACCOUNTING_POLICIES, "ttr")


class Account:
    """One policy at work on one history, in one direction; ask it again as more parcels arrive."""

    def __init__(self, history: History, policy: str, direction: str) -> None:
        if policy not in _MAKERS:
            raise UnknownName("policy", policy, POLICIES)
        self._history = history
        self._backwards = direction == "in"
        # Poison and scores look at payments as they are; the others at what was there to pay them from.
        whole = policy in ("poison", "ttr")
        movements = history.movements if whole else history.covered
        if self._backwards:
            movements = [-movement for movement in reversed(movements)]
        self._movements = movements
        self._whole = whole
        self._matching = _MAKERS[policy](movements, history.closing if self._backwards else 0)

    def split(self, arrivals: Mapping[int, Parcel]) -> Spread:
        """Parts of parcels by position in the history; the parts, what is held and what is unexplained add up to the parcels.

        (Not so under poison.) Backwards, parcels stand at payments and their parts at earlier receipts.
        """
        if not self._backwards:
            return self._matching.split(arrivals)
        last = len(self._movements) - 1
        unexplained = NOTHING
        mirrored: dict[int, Parcel] = {}
        for place, parcel in arrivals.items():
            explained = parcel
            if not self._whole and self._history.movements[place] < 0:
                explained = parcel.part(self._history.covered[place], self._history.movements[place])
                unexplained = unexplained.plus(parcel.minus(explained))
            if explained.worth or explained.amount:
                mirrored[last - place] = explained
        if not mirrored:
            return Spread({}, NOTHING, unexplained)
        found = self._matching.split(mirrored)
        return Spread({last - place: part for place, part in found.parts.items()}, found.held, unexplained)
