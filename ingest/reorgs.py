"""Has the chain changed its mind? Pure judgements over a window of the newest blocks' hashes and parents.

A reorganisation is said only when a block does not follow ours and the source, asked again, has other hashes at our heights.
Neither a gap (it is filled before anything is judged), nor the same block delivered twice, nor two blocks of one number of
which one follows ours, nor a stray block of a branch that lost, is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from chainsight.errors import DeepReorg

WINDOW_BLOCKS = 1_024
"""Ethereum finalizes within 64 to 95 blocks; other chains' windows of doubt are longer, none is this long."""

AskHashes = Callable[[int, int], Mapping[int, str]]
"""(first, last) -> hash by number, as the source has them now; numbers it does not have are left out."""


@dataclass(frozen=True)
class Link:
    """What ties a block to the one before it. Hashes as `0x…`, lower case."""

    number: int
    block_hash: str
    parent_hash: str


@dataclass(frozen=True)
class Window:
    """The newest blocks of the store, without gaps, ascending; empty for a store without blocks."""

    links: tuple[Link, ...] = ()
    limit: int = WINDOW_BLOCKS

    @property
    def tip(self) -> Link | None:
        """The highest block."""
        return self.links[-1] if self.links else None

    def hash_at(self, number: int) -> str | None:
        """Our hash at a height, None outside of the window."""
        place = number - self.links[0].number if self.links else -1
        return self.links[place].block_hash if 0 <= place < len(self.links) else None

    def extended(self, links: Iterable[Link]) -> Window:
        """With blocks added on top; the oldest fall out."""
        return Window((*self.links, *links)[-self.limit :], self.limit)

    def cut(self, number: int) -> Window:
        """Without the blocks above `number`."""
        return Window(tuple(link for link in self.links if link.number <= number), self.limit)


@dataclass(frozen=True)
class Verdict:
    """What offered blocks mean for a window."""

    follows: tuple[Link, ...] = ()
    """The blocks that follow our tip one by one: these can be stored."""
    gap: tuple[int, int] | None = None
    """First and last number that have to be read before more can be said."""
    contradicts: int | None = None
    """Height of the first block that cannot stand on ours: ask the source who is right."""


def judge(window: Window, offered: Iterable[Link]) -> Verdict:
    """What blocks in any order, some perhaps twice, some perhaps of lost branches, mean for what we hold.

    >>> ours = Window((Link(7, "0xa7", "0xa6"),))
    >>> judge(ours, [Link(8, "0xb8", "0xa7"), Link(8, "0xb8", "0xa7"), Link(7, "0xa7", "0xa6")]).follows
    (Link(number=8, block_hash='0xb8', parent_hash='0xa7'),)
    >>> judge(ours, [Link(10, "0xb10", "0xb9")]).gap, judge(ours, [Link(8, "0xc8", "0xc7")]).contradicts
    ((8, 9), 8)
    """
    by_number: dict[int, list[Link]] = {}
    for link in offered:
        known = by_number.setdefault(link.number, [])
        if link not in known:
            known.append(link)
    follows: list[Link] = []
    tip = window.tip
    for number in sorted(by_number):
        if tip is not None and number <= tip.number:
            ours = window.hash_at(number)
            if ours is not None and all(link.block_hash != ours for link in by_number[number]):
                return Verdict(tuple(follows), contradicts=number)
            continue
        if tip is not None and number > tip.number + 1:
            return Verdict(tuple(follows), gap=(tip.number + 1, number - 1))
        fitting = [link for link in by_number[number] if tip is None or link.parent_hash == tip.block_hash]
        if not fitting:
            return Verdict(tuple(follows), contradicts=number)
        tip = fitting[0]
        follows.append(tip)
    return Verdict(tuple(follows))


def find_ancestor(window: Window, ask: AskHashes, *, chain_id: int, head: int, finalized: int) -> int:
    """The highest block of the window that the source still has at its height: what is above it has left the chain.

    `head` is the source's newest block. The source is asked backwards in batches that double, from the lower of both heads.
    The answer is one below the window where the store itself begins there and nothing of it was final. Raises `DeepReorg`
    when not even the finalized block, or the oldest one of a full window, is there any more.
    """
    tip = window.tip
    assert tip is not None, "an empty store has nothing to lose"
    lowest = max(window.links[0].number, min(finalized, tip.number))
    last, size = min(tip.number, head), 1
    while last >= lowest:
        first = max(last - size + 1, lowest)
        theirs = ask(first, last)
        for number in range(last, first - 1, -1):
            if theirs.get(number) == window.hash_at(number):
                return number
        last, size = first - 1, size * 2
    if lowest > finalized and len(window.links) < window.limit:
        return lowest - 1
    raise DeepReorg(chain_id, lowest, is_final=lowest <= finalized)
