"""Is the evidence what the score rests on? Without it the score must fall more than without as many other transactions.

Comprehensiveness (DeYoung et al. 2020, arXiv 1911.03429) with a paired control: for each wallet the drop of the log-odds without
its evidence, and the drops without random sets of as many of its transactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainsight.progress import SILENT, Progress
from models.serving import WalletScorer
from models.whatif.evidence import MOST_EVIDENCE, evidence_of, searching
from models.whatif.moves import read_wallet_moves
from models.whatif.scoring import Floats
from models.whatif.search import Search
from sql.store import Store

DRAWS = 20
FEWEST_PIECES = 6
"""Of a wallet with fewer transactions every set is much of it, and random ones are often the evidence."""
_LARGEST_PART = 3
"""At most one of so many transactions is taken as evidence, so that as many others are left to draw from."""
_RESAMPLES = 2_000


@dataclass(frozen=True)
class Faithfulness:
    """Means over wallets; log-odds."""

    wallets: int
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


def measure_faithfulness(
    store: Store, scorer: WalletScorer, addresses: Sequence[bytes], *, to_block: int, draws: int = DRAWS, seed: int = 0,
    most_moves: int = 500, progress: Progress = SILENT,
) -> Faithfulness:  # fmt: skip
    """Over wallets with transactions enough; those without evidence count with a drop of nothing, as their random draws do.

    Of a wallet with more than `most_moves` moves its latest are looked at. Figures are NaN without a wallet.
    """
    draw = np.random.default_rng(seed)
    found: list[tuple[int, float, Floats]] = []
    for place, address in enumerate(addresses):
        progress.step(place, len(addresses), "evidence against chance")
        moves = read_wallet_moves(store, address, chain_id=scorer.chain_id, to_block=to_block, most=most_moves)
        with searching(store, scorer, moves, to_block=to_block, most_variants=1_000) as search:
            if search.pieces.count >= FEWEST_PIECES and np.isfinite(search.start):
                found.append(_against_chance(search, draws, draw))
    progress.step(len(addresses), len(addresses), "evidence against chance")
    return _summary(found, np.random.default_rng(seed))


def _against_chance(search: Search, draws: int, draw: np.random.Generator) -> tuple[int, float, Floats]:
    """How many pieces are the evidence, its drop, and the drops of random sets of as many."""
    evidence = evidence_of(search, most=min(MOST_EVIDENCE, search.pieces.count // _LARGEST_PART))
    count = len(evidence)
    if not count:
        return 0, 0.0, np.zeros(draws)
    chosen = [tuple(draw.choice(search.pieces.count, count, replace=False).tolist()) for _ in range(draws)]
    told = search.log_odds([tuple(piece for piece, _ in evidence), *chosen])
    drops = search.start - told
    return count, float(drops[0]), drops[1:][np.isfinite(drops[1:])]


def _summary(found: list[tuple[int, float, Floats]], draw: np.random.Generator) -> Faithfulness:
    found = [one for one in found if len(one[2])]
    if not found:
        return Faithfulness(0, *[float("nan")] * 7)
    ours = np.array([drop for _, drop, _ in found])
    chance = np.array([drops.mean() for _, _, drops in found])
    gains = ours - chance
    means = gains[draw.integers(0, len(gains), (_RESAMPLES, len(gains)))].mean(axis=1)
    return Faithfulness(
        wallets=len(found),
        taken=float(np.mean([count for count, _, _ in found])),
        drop_evidence=float(ours.mean()),
        drop_random=float(chance.mean()),
        gain=float(gains.mean()),
        low=float(np.quantile(means, 0.025)),
        high=float(np.quantile(means, 0.975)),
        beaten=float(np.mean([(drops < drop).mean() for _, drop, drops in found])),
    )
