"""What happened to entities between two builds: pure, memberships before and after in, changes out.

Blocks in a history are those up to which the builds knew the chain, not those in which the evidence stands: a build looks at
everything, and may see only now what happened long ago. An entity is named by that of its addresses which was on the chain
first. So names need no memory: while an entity only grows it keeps its name, of two that merge the older name stays, and of a
split the part with the oldest address keeps it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class EntityChange:
    """One thing that happened to one entity."""

    entity_id: str
    change: str
    """formed, grown, shrunk, merged, split, renamed or dissolved."""
    address_count: int
    other_entity_id: str = ""
    previous_address_count: int = 0
    """Of the other entity where one is named."""
    moved_count: int = 0

    @property
    def sentence(self) -> str:
        """The change for people."""
        other, moved = self.other_entity_id, f"{self.moved_count:,}"
        return {
            "formed": f"Formed of {self.address_count:,} addresses.",
            "grown": f"Grew from {self.previous_address_count:,} to {self.address_count:,} addresses.",
            "shrunk": f"Shrank from {self.previous_address_count:,} to {self.address_count:,} addresses.",
            "merged": f"Took in {moved} of the {self.previous_address_count:,} addresses of {other}.",
            "split": f"Came out of {other} with {moved} of its {self.previous_address_count:,} addresses.",
            "renamed": f"Was called {other} before an older address of it became known.",
            "dissolved": f"Its {self.previous_address_count:,} addresses have no common owner any more.",
        }[self.change]


Membership = Mapping[bytes, str]
"""Entity of each address that has one."""


def compare(before: Membership, after: Membership) -> list[EntityChange]:
    """All changes, ordered by entity and kind; none where nothing changed."""
    old_sizes, new_sizes = Counter(before.values()), Counter(after.values())
    passed = Counter((before[address], entity) for address, entity in after.items() if address in before)
    heirs: dict[str, list[tuple[str, int]]] = {}
    sources: dict[str, list[tuple[str, int]]] = {}
    for (old, new), count in passed.items():
        heirs.setdefault(old, []).append((new, count))
        sources.setdefault(new, []).append((old, count))
    changes = [
        EntityChange(old, "dissolved", 0, previous_address_count=size)
        for old, size in old_sizes.items()
        if old not in heirs
    ]
    for new, size in new_sizes.items():
        came = sources.get(new, [])
        changes += _of_one(new, size, came, {old: old_sizes[old] for old, _ in came}, heirs, new_sizes)
    return sorted(changes, key=lambda change: (change.entity_id, change.change, change.other_entity_id))


def _of_one(
    new: str,
    size: int,
    came: list[tuple[str, int]],
    old_sizes: Mapping[str, int],
    heirs: Mapping[str, list[tuple[str, int]]],
    new_sizes: Mapping[str, int],
) -> list[EntityChange]:
    """What became an entity of today."""
    if not came:
        return [EntityChange(new, "formed", size, moved_count=size)]
    found = []
    for old, count in came:
        given = EntityChange(new, "merged", size, old, old_sizes[old], count)
        if old == new:
            continue
        if old in new_sizes or len(heirs[old]) > 1:
            # The old name lives on, or its addresses went several ways: this part came out of it.
            found.append(EntityChange(new, "split", size, old, old_sizes[old], count))
        elif len(came) > 1:
            found.append(given)
        else:
            found.append(EntityChange(new, "renamed", size, old, old_sizes[old], count))
    kept = dict(came).get(new, 0)
    joined = size - sum(count for _, count in came)
    if kept and joined > 0:
        found.append(EntityChange(new, "grown", size, "", old_sizes[new], joined))
    if kept and kept < old_sizes[new]:
        found.append(EntityChange(new, "shrunk", size, "", old_sizes[new], old_sizes[new] - kept))
    return found
