"""All evasions at all strengths against a model that does not change: what it still sees, and what the cheapest way out costs.

Wallets that the model finds are made to do the same business otherwise and judged again. A wallet has escaped when its score is
under the threshold; where it became several, when all of theirs are. The model, its threshold and its training stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chainsight.errors import UsageError
from models.evasions.crowd import Crowd
from models.evasions.evasion import PRICES, Evasion, Prices, Together
from models.evasions.history import History
from models.evasions.noise import BorrowPast, MimicExchange, WashWithDust
from models.evasions.payments import AddHops, SplitAmounts, Wait
from models.evasions.wallets import ChangeWallets

Floats = npt.NDArray[np.float64]
Judge = Callable[[Sequence[History]], Floats]
"""Scores histories, in their order; higher is more illicit, NaN where too little is known to say."""


@dataclass(frozen=True)
class Trial:
    """One evasion at one strength, tried by every wallet that was found."""

    evasion: str
    strength: str
    escaped: npt.NDArray[np.bool_]
    """One a wallet."""
    costs: Floats
    """Coins, one a wallet, escaped or not."""

    @property
    def still_found(self) -> float:
        """The share of the wallets found to begin with that still is: no recall, which counts those never found too."""
        return 1 - float(self.escaped.mean())

    @property
    def median_cost(self) -> float:
        """Coins that it takes the middle wallet."""
        return float(np.median(self.costs))


@dataclass(frozen=True)
class SuiteResult:
    """What every trial came to."""

    trials: tuple[Trial, ...]

    @property
    def wallets(self) -> int:
        """How many were found to begin with."""
        return len(self.trials[0].escaped)

    def cheapest(self) -> tuple[Floats, npt.NDArray[np.int64]]:
        """For each wallet what its cheapest way out costs, and by which trial; infinite and -1 where none works."""
        costs = np.stack([np.where(trial.escaped, trial.costs, np.inf) for trial in self.trials])
        least = costs.min(axis=0)
        return least, np.where(np.isfinite(least), costs.argmin(axis=0), -1)

    @property
    def caught_always(self) -> float:
        """The share of the wallets that no evasion of the suite frees."""
        return float(np.isinf(self.cheapest()[0]).mean())


def every_evasion(crowd: Crowd) -> tuple[Evasion, ...]:
    """The suite: each evasion from its weakest to its strongest, and several of them at once."""
    return (
        *(SplitAmounts(parts, hours) for parts, hours in ((2, 6), (4, 24), (10, 72))),
        *(Wait(hours) for hours in (6, 48, 336)),
        *(AddHops(hops, share) for hops, share in ((1, 0.25), (1, 0.5), (2, 1.0))),
        *(WashWithDust(crowd, per_move) for per_move in (0.5, 2, 8)),
        *(MimicExchange(per_move) for per_move in (0.5, 2, 8)),
        *(BorrowPast(crowd, moves) for moves in (10, 30, 100)),
        *(ChangeWallets(wallets) for wallets in (2, 4, 10)),
        Together((SplitAmounts(4, 24), Wait(48), AddHops(1, 1.0), WashWithDust(crowd, 2))),
    )


def run_suite(
    histories: Sequence[History],
    evasions: Sequence[Evasion],
    judge: Judge,
    threshold: float,
    *,
    seed: int = 0,
    prices: Prices = PRICES,
) -> SuiteResult:
    """Try each evasion on each of these wallets, all of which the judge finds; draws depend on seed, evasion and wallet only.

    Raises `UsageError` without a wallet or an evasion, and for a wallet that the judge does not find: it has nothing to escape.
    """
    if not histories or not evasions:
        raise UsageError(
            f"{len(histories)} wallets and {len(evasions)} evasions make no suite.",
            next_step="Give wallets that the model finds, and evasions such as every_evasion(crowd).",
        )
    found = judge(histories) >= threshold
    if not found.all():
        missed = histories[int(np.argmin(found))].address.hex()
        raise UsageError(
            f"{int((~found).sum())} of {len(histories)} wallets are not found to begin with, 0x{missed} for one.",
            next_step="Give only wallets whose score reaches the threshold.",
        )
    return SuiteResult(tuple(_tried(histories, one, judge, threshold, seed, prices) for one in evasions))


def _tried(
    histories: Sequence[History], evasion: Evasion, judge: Judge, threshold: float, seed: int, prices: Prices
) -> Trial:
    done = [evasion.apply(one, _draw(seed, evasion, one)) for one in histories]
    whose = np.repeat(np.arange(len(done)), [len(one.histories) for one in done])
    scores = judge([history for one in done for history in one.histories])
    # A score that is none (nothing is known of such a wallet) accuses nobody.
    found = np.bincount(whose, weights=scores >= threshold, minlength=len(done)) > 0
    return Trial(evasion.name, evasion.strength, ~found, np.array([one.cost.in_coins(prices) for one in done]))


def _draw(seed: int, evasion: Evasion, history: History) -> np.random.Generator:
    named = f"{evasion.name}|{evasion.strength}".encode() + history.address
    return np.random.default_rng([seed, int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big")])
