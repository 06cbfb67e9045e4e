"""Through a mixer, by a stated rule: what one party paid in is likely among the payments of its kind that came out later.

A mixer gives everybody's money back in equal pieces so that nobody can say whose is whose, and neither can this. The rule only
says among how few payments it must be: those of the same asset, within a week after it was paid in, of 90 % to 100 % of its
amount (relayers keep a part). If they are at most 50, each gets an equal share of the parcel; if none or more, the trace stops
there. It is a set of suspects and no accusation, so it is done only when `--through mixer` asks for it. A pool with more
transfers than the hub cap stops it.
"""

from __future__ import annotations

from graph.tracing.ledgers import Book
from graph.tracing.pages import FEE_RANK

CROSSED_CATEGORIES = ("mixer",)
_SECONDS, _LEAST, _LEAST_OF, _MOST_PAYMENTS = 7 * 86_400, 90, 100, 50


def crossings(book: Book, place: int, direction: str) -> list[int]:
    """Positions in a mixer's history of what may be the other half of the movement at `place`; none if the rule fails."""
    movements, entries = book.history.movements, book.all_entries
    begun, size = entries[place].seconds, abs(movements[place])
    forwards = direction == "out"
    found = []
    for other in range(place + 1, len(movements)) if forwards else range(place - 1, -1, -1):
        if abs(entries[other].seconds - begun) > _SECONDS:
            break
        large, small = (size, abs(movements[other])) if forwards else (abs(movements[other]), size)
        is_other_half = (movements[other] < 0) == forwards and entries[other].key.rank != FEE_RANK
        apart = entries[other].key[:2] != entries[place].key[:2]
        if is_other_half and apart and small <= large and small * _LEAST_OF >= large * _LEAST:
            found.append(other)
            if len(found) > _MOST_PAYMENTS:
                return []
    return found
