"""Links between addresses to groups of them: union-find that takes no link against what labels say, and no runaway growth.

Pure: positions and numbers in, positions and numbers out (graph/entities/build.py reads and writes the tables). Links are taken
in the order given, so the surest must come first; what a later link would join against an earlier one is refused, never
the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NOBODY = -1


class Outcome(IntEnum):
    """What became of a link."""

    MERGED = 0
    """It joined two groups."""
    KNOWN = 1
    """Surer links had joined them already."""
    REFUSED_OWNER = 2
    """Labels name different owners of the two groups."""
    REFUSED_CONDUCT = 3
    """Labels find one group clean and the other illicit."""
    REFUSED_SIZE = 4
    """A soft link that would have made a group larger than soft links may."""
    WEAK = 5
    """A soft link whose probability is below the threshold; it was not tried."""


@dataclass(frozen=True)
class Links:
    """M links between N addresses, the surest first."""

    left: Ints
    right: Ints
    """Positions of the two addresses, 0 to N - 1; shape [M]."""
    is_hard: npt.NDArray[np.bool_]
    """Enough alone; soft ones are held to `largest_soft`."""


@dataclass(frozen=True)
class Knowledge:
    """What labels say of N addresses."""

    owners: Ints
    """A number for each owner that labels name; `NOBODY` for none; shape [N]."""
    conduct: Ints
    """Bits: 1 found clean, 2 illicit, 0 nothing known; shape [N]."""


@dataclass(frozen=True)
class Clusters:
    """Who is together, and why not more."""

    group: Ints
    """Position of the group's first address, for each address; shape [N]."""
    outcomes: Ints
    """An `Outcome` for each link; shape [M]."""


def cluster(links: Links, knowledge: Knowledge, *, largest_soft: int) -> Clusters:
    """Join addresses link by link; the same input gives the same groups.

    A group never holds two owners, nor a clean and an illicit address. Soft links join no group of more than `largest_soft`
    addresses: beyond that, one wrong link would cost too much. Hard links may, and `graph/entities/build.py` raises an alarm.
    """
    group, outcomes = _join(
        links.left, links.right, links.is_hard, knowledge.owners.copy(), knowledge.conduct.copy(), largest_soft
    )
    return Clusters(group, outcomes)


@numba.njit(cache=True)
def _root(parent: Ints, at: int) -> int:
    """Path halving (Tarjan, van Leeuwen 1984)."""
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at


@numba.njit(cache=True)
def _verdict(owners: Ints, conduct: Ints, one: int, other: int, size: int, is_hard: bool, largest_soft: int) -> int:
    if owners[one] >= 0 and owners[other] >= 0 and owners[one] != owners[other]:
        return 2
    if conduct[one] | conduct[other] == 3:
        return 3
    if not is_hard and size > largest_soft:
        return 4
    return 0


@numba.njit(cache=True)
def _join(
    left: Ints, right: Ints, is_hard: npt.NDArray[np.bool_], owners: Ints, conduct: Ints, largest_soft: int
) -> tuple[Ints, Ints]:
    """Owners and conduct of a group stand at its root, the smallest position in it."""
    parent = np.arange(len(owners))
    size = np.ones(len(owners), dtype=np.int64)
    outcomes = np.zeros(len(left), dtype=np.int64)
    for at in range(len(left)):
        one, other = _root(parent, left[at]), _root(parent, right[at])
        if one == other:
            outcomes[at] = 1
            continue
        together = size[one] + size[other]
        outcomes[at] = _verdict(owners, conduct, one, other, together, is_hard[at], largest_soft)
        if outcomes[at] == 0:
            low, high = min(one, other), max(one, other)
            parent[high] = low
            size[low] = together
            owners[low] = max(owners[low], owners[high])
            conduct[low] |= conduct[high]
    for at in range(len(parent)):
        parent[at] = _root(parent, at)
    return parent, outcomes


def explain(left: Ints, right: Ints, start: int, goal: int) -> list[int]:
    """The fewest links from one address to another, as positions of the links; empty where there is no way.

    >>> explain(np.array([0, 1, 5]), np.array([1, 2, 6]), 2, 0)
    [1, 0]
    """
    ways: dict[int, list[tuple[int, int]]] = {}
    for at, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        ways.setdefault(one, []).append((other, at))
        ways.setdefault(other, []).append((one, at))
    came: dict[int, tuple[int, int]] = {start: (NOBODY, NOBODY)}
    edge = [start]
    while edge and goal not in came:
        following = []
        for here in edge:
            for there, at in ways.get(here, []):
                if there not in came:
                    came[there] = (here, at)
                    following.append(there)
        edge = following
    path: list[int] = []
    while goal in came and goal != start:
        goal, at = came[goal]
        path.append(at)
    return path[::-1]
