"""Which transactions hold a score up: greedily, a batch of variants at a time, and pruned backwards.

To find the smallest set of transactions that carries a score is hard (its sizes are those of set cover), so what is found is
an upper bound: no claim that no smaller one exists. Groups are looked at beside single transactions, because of twenty
equal payments none alone moves anything. Counterfactuals by removal: Martens and Provost 2014; greedy and then pruned: Lime's
SEDC in the same paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from chainsight.progress import SILENT, Progress
from models.whatif.moves import WalletMoves
from models.whatif.pieces import Pieces
from models.whatif.scoring import BATCH, Floats

_SINGLES, _GROUPS = 48, 16
_FIRST_LOOK = 2 * BATCH
"""Transactions that are looked at one by one in the first round; of a longer history, those that move most."""
_PREFIXES = (1, 2, 3, 4, 6, 8, 12, 16)
Removed = tuple[int, ...]


class ScoresHistories(Protocol):
    """Whoever scores histories, as `models.whatif.scoring.VariantScorer` does."""

    tried: int

    def log_odds(self, variants: Sequence[WalletMoves]) -> Floats:
        """Of each; NaN where too little is left."""


@dataclass
class Search:
    """One search through the pieces of a history."""

    scorer: ScoresHistories
    pieces: Pieces
    most_variants: int
    start: float
    """Log-odds of the whole history."""
    progress: Progress = SILENT
    _last: dict[Removed, float] = field(default_factory=dict)
    """What taking a candidate out did when it was last tried, a piece."""
    _known: dict[frozenset[int], float] = field(default_factory=dict)
    _tried: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether the budget of variants is used up."""
        return self._tried >= self.most_variants

    def log_odds(self, removals: Sequence[Removed]) -> Floats:
        """Of the history without each of these; NaN where too little is left."""
        keys = [frozenset(removed) for removed in removals]
        if fresh := list(dict.fromkeys(key for key in keys if key not in self._known)):
            self._tried += len(fresh)
            self.progress.step(min(self._tried, self.most_variants), self.most_variants, "histories tried")
            told = self.scorer.log_odds([self.pieces.without(sorted(key)) for key in fresh])
            self._known |= dict(zip(fresh, told.tolist(), strict=True))
        return np.array([self._known[key] for key in keys])

    def descend(self, removed: Removed = (), *, until: float, most: int, rounds: int) -> Removed:
        """Take pieces out, those first that lower the score most, until it is under `until` or nothing helps any more.

        At most `most` pieces, after those that are out already. In the order in which they were taken.
        """
        now = float(self.log_odds([removed])[0]) if removed else self.start
        for _ in range(rounds):
            if now < until or len(removed) >= most or self.is_spent:
                break
            chosen = self._prefixes(removed, now, most)
            if not chosen:
                break
            told = self.log_odds([removed + part for part in chosen])
            under = np.flatnonzero(told < until)
            best = int(under[0]) if len(under) else int(np.nanargmin(np.where(np.isnan(told), np.inf, told)))
            if not told[best] < now:
                break
            removed, now = removed + chosen[best], float(told[best])
        return removed

    def prune(self, removed: Removed, until: float) -> Removed:
        """Put back, one after the other, whatever is not needed to stay under `until`."""
        while len(removed) > 1 and not self.is_spent:
            told = self.log_odds([_less(removed, piece) for piece in removed])
            spare = np.flatnonzero(told < until)
            if not len(spare):
                break
            # As many as can go together: halving, since two that can be spared alone may not be spared together.
            order = [removed[place] for place in spare[np.argsort(told[spare])]]
            while order and not (len(order) == 1 or self.log_odds([_less(removed, *order)])[0] < until):
                order = order[: len(order) // 2]
            removed = _less(removed, *order)
        return removed

    def _prefixes(self, removed: Removed, now: float, most: int) -> list[Removed]:
        """The best candidates, tried alone, put together: the first, the first two, the first three and so on."""
        candidates = self._candidates(set(removed))
        told = self.log_odds([removed + candidate for candidate in candidates])
        drops = {one: (now - after) / len(one) for one, after in zip(candidates, told, strict=True)}
        self._last |= {one: drop for one, drop in drops.items() if np.isfinite(drop)}
        order = sorted((one for one in candidates if drops[one] > 0), key=lambda one: (-drops[one], one))
        joined: list[Removed] = []
        taken: Removed = ()
        for one in order[: _PREFIXES[-1]]:
            fresh = tuple(piece for piece in one if piece not in taken)
            if len(removed) + len(taken) + len(fresh) <= most:
                taken += fresh
                joined.append(taken)
        return [joined[size - 1] for size in _PREFIXES if size <= len(joined)]

    def _candidates(self, removed: set[int]) -> list[Removed]:
        """Single pieces and groups worth a try: unknown ones that move much, then those that helped most the last time."""
        left = [(piece,) for piece in range(self.pieces.count) if piece not in removed]
        fresh = [one for one in left if one not in self._last]
        groups = [tuple(piece for piece in group if piece not in removed) for group in self.pieces.groups]
        groups = sorted({group for group in groups if len(group) > 1}, key=self._promise)[:_GROUPS]
        if not self._last:
            return sorted(fresh, key=lambda one: -self.pieces.weight[one[0]])[:_FIRST_LOOK] + groups
        return sorted(left, key=self._promise)[:_SINGLES] + groups

    def _promise(self, one: Removed) -> tuple[float, float, Removed]:
        """For sorting, the best first; what was never tried comes behind what helped, and before what did harm."""
        return (-self._last.get(one, 0.0), -float(np.mean(self.pieces.weight[list(one)])), one)


def _less(removed: Removed, *back: int) -> Removed:
    return tuple(piece for piece in removed if piece not in back)
