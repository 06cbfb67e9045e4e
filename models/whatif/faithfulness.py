"""Is the evidence what the score rests on? Without it the score must fall more than without as many other transactions.

Comprehensiveness (DeYoung et al. 2020, arXiv 1911.03429) with two paired controls: for each wallet the drop of the log-odds
without the evidence that it was explained with, the drops without random sets of as many of its other transactions, and the
drop without as many of those that move the largest amounts of the native coin.

The evidence was chosen by the scorer that measures it, so a gain over chance is nearly built in: that it is missing would be a
bug. What a gain over the largest amounts says is not built in: the list tells more than sorting payments by amount would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainsight.progress import SILENT, Progress
from models.serving import WalletScorer
from models.whatif.evidence import Explanation, searching
from models.whatif.moves import read_wallet_moves
from models.whatif.scoring import Floats
from models.whatif.search import Search
from sql.store import Store

DRAWS = 20
FEWEST_PIECES = 6
"""Of a wallet with fewer transactions every set is much of it."""
_RESAMPLES = 2_000


@dataclass(frozen=True)
class Faithfulness:
    """Means over wallets; log-odds."""

    wallets: int
    without_evidence: int
    """Of the wallets; they count with a drop of nothing, as their controls do."""
    shortened: int
    """Of the wallets: the evidence is more than half of their transactions, and only as much of its beginning was taken out."""
    taken: float
    """Transactions taken out of each."""
    drop_evidence: float
    drop_random: float
    gain: float
    """Paired difference of the two."""
    low: float
    high: float
    """95 % interval of the gain, bootstrapped over wallets."""
    beaten: float
    """Share of random draws that lower the score less than the evidence."""
    draws_dropped: float
    """Share of random draws that left too few moves for a score."""
    drop_largest: float
    """Without as many transactions of the largest amounts."""
    gain_over_largest: float
    largest_low: float
    largest_high: float
    largest_dropped: int
    """Wallets where those left too few moves for a score; they are not in the figures about the largest."""


@dataclass(frozen=True)
class _Drops:
    """Of one wallet."""

    taken: int
    evidence: float
    random: Floats
    """NaN where too few moves were left."""
    largest: float
    is_shortened: bool = False


def measure_faithfulness(
    store: Store, scorer: WalletScorer, explained: Sequence[Explanation], *, draws: int = DRAWS, seed: int = 0,
    progress: Progress = SILENT,
) -> Faithfulness:  # fmt: skip
    """Of explanations, as `explain_wallet` gives them, of wallets with a score and at least `FEWEST_PIECES` transactions.

    Figures are NaN without a wallet, and those of the random draws where none of them could be scored.
    """
    draw = np.random.default_rng(seed)
    found: list[_Drops] = []
    for place, one in enumerate(explained):
        progress.step(place, len(explained), "evidence against chance")
        if not one.has_score:
            continue
        address, until = one.answer.address, one.answer.as_of_block
        moves = read_wallet_moves(store, address, chain_id=scorer.chain_id, to_block=until, most=one.moves_read)
        with searching(store, scorer, moves, to_block=until, most_variants=draws + 2) as search:
            if search.pieces.count >= FEWEST_PIECES and np.isfinite(search.start):
                found.append(_against_chance(search, [part.place for part in one.evidence], draws, draw))
    progress.step(len(explained), len(explained), "evidence against chance")
    return _summary(found, np.random.default_rng(seed))


def _against_chance(search: Search, evidence: list[int], draws: int, draw: np.random.Generator) -> _Drops:
    """The drop without the evidence, and without other pieces: so many that as many others are left to draw from."""
    if not evidence:
        return _Drops(0, 0.0, np.zeros(draws), 0.0)
    taken = tuple(evidence[: search.pieces.count // 2])
    others = np.setdiff1d(np.arange(search.pieces.count), taken)
    chosen = [tuple(draw.choice(others, len(taken), replace=False).tolist()) for _ in range(draws)]
    largest = tuple(np.argsort(-search.pieces.weight)[: len(taken)].tolist())
    drops = search.start - search.log_odds([taken, largest, *chosen])
    return _Drops(len(taken), float(drops[0]), drops[2:], float(drops[1]), len(taken) < len(evidence))


def _summary(found: list[_Drops], draw: np.random.Generator) -> Faithfulness:
    ours = np.array([one.evidence for one in found])
    chance = np.array([_mean(one.random) for one in found])
    largest = np.array([one.largest for one in found])
    low, high = _interval(ours - chance, draw)
    largest_low, largest_high = _interval(ours - largest, draw)
    return Faithfulness(
        wallets=len(found),
        without_evidence=sum(not one.taken for one in found),
        shortened=sum(one.is_shortened for one in found),
        taken=_mean([one.taken for one in found]),
        drop_evidence=_mean(ours),
        drop_random=_mean(chance),
        gain=_mean(ours - chance),
        low=low,
        high=high,
        beaten=_mean([_beaten(one) for one in found]),
        draws_dropped=_mean([np.isnan(one.random).mean() for one in found]),
        drop_largest=_mean(largest),
        gain_over_largest=_mean(ours - largest),
        largest_low=largest_low,
        largest_high=largest_high,
        largest_dropped=int(np.isnan(largest).sum()),
    )


def _beaten(one: _Drops) -> float:
    known = one.random[np.isfinite(one.random)]
    return _mean((known < one.evidence).astype(np.float64))


def _mean(values: Sequence[float] | Floats) -> float:
    """Of those that are known; NaN without one."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")


def _interval(gains: Floats, draw: np.random.Generator) -> tuple[float, float]:
    """95 % interval of the mean of those that are known."""
    known = gains[np.isfinite(gains)]
    if not len(known):
        return float("nan"), float("nan")
    means = known[draw.integers(0, len(known), (_RESAMPLES, len(known)))].mean(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))
