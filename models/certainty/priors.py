"""When the share of illicit accounts is not that of training: the same evidence, another base rate, if it can be told at all.

Only the odds of the classes change, the likelihoods do not: label shift. Then scores on a chain are a mix of the scores that
both classes had among accounts the model had not seen, and the mix is the new share (black-box shift estimation, Lipton, Wang,
Smola, ICML 2018, arXiv 1802.03916). That is tested before it is believed: where no mix comes near, the chain's accounts are
unlike those learnt from, and no share of them is a share of anything known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
FEWEST_ACCOUNTS = 100
"""Of fewer accounts neither a share nor a misfit can be seen."""
WIDEST = 0.5
"""An interval wider than this tells nothing worth correcting by."""
_MISFIT = 0.01
"""Probability with which chains that do fit are taken for ones that do not."""
_CONFIDENCE = 0.95
_A_CELL = 50
"""Accounts that a cell should have, so that what it says is more than chance: of the smaller class, and of the chain."""
_MOST_BINS = 6
_ENOUGH_FOR_SIZES = 1_000
_SHARES = np.sin(np.linspace(0, np.pi / 2, 1_001)) ** 2
"""Where a share is looked for: closest near 0 and 1, where shares of chains are."""


@dataclass(frozen=True)
class BaseRate:
    """The share of illicit accounts among others than those learnt from, or why it cannot be told."""

    share: float | None
    low: float | None = None
    high: float | None = None
    """Ends of the 95 % interval; None as the share."""
    unknown: str = ""
    """Why there is none; empty where there is one."""

    def __str__(self) -> str:
        if self.share is None or self.low is None or self.high is None:
            return f"the share of illicit addresses cannot be told: {self.unknown}"
        return f"{self.share:.2%} illicit, between {self.low:.2%} and {self.high:.2%}"


@dataclass(frozen=True)
class Spread:
    """How both classes are spread over cells of score and size, counted on accounts that the model had not seen."""

    scores: tuple[float, ...]
    """Inner edges of the bins of uncalibrated scores, ascending."""
    moves: tuple[float, ...]
    """The same of an account's moves: whoever is scored alike but much smaller is not alike."""
    licit: tuple[int, ...]
    """Accounts in each cell; a bin of scores after the other, sizes within."""
    illicit: tuple[int, ...]

    def count(self, scores: Floats, moves: Floats) -> npt.NDArray[np.int64]:
        """How many of some accounts are in each cell."""
        bins = np.searchsorted(self.scores, scores, side="right")
        cells = bins * (len(self.moves) + 1) + np.searchsorted(self.moves, moves, side="right")
        return np.bincount(cells, minlength=len(self.licit)).astype(np.int64)

    def without_sizes(self) -> Spread:
        """The same by score alone."""
        bins = [np.array(of).reshape(len(self.scores) + 1, -1).sum(axis=1) for of in (self.licit, self.illicit)]
        return Spread(self.scores, (), tuple(bins[0].tolist()), tuple(bins[1].tolist()))


def fit_spread(labels: Labels, scores: Floats, moves: Floats) -> Spread:
    """Count accounts that the model had not seen; both classes weigh alike when bins are chosen."""
    smaller = min(int(labels.sum()), int((labels == 0).sum()))
    weight = np.where(labels == 1, 0.5 / max(labels.sum(), 1), 0.5 / max((labels == 0).sum(), 1))
    bins = int(np.clip(smaller // _A_CELL, 3, _MOST_BINS))
    edges = _quantiles(scores, weight, bins)
    sizes = _quantiles(moves, weight, 2) if smaller >= _ENOUGH_FOR_SIZES else ()
    empty = Spread(edges, sizes, (0,) * (len(edges) + 1) * (len(sizes) + 1), ())
    licit, illicit = (empty.count(scores[labels == label], moves[labels == label]) for label in (0, 1))
    return Spread(edges, sizes, tuple(licit.tolist()), tuple(illicit.tolist()))


def estimate_base_rate(spread: Spread, scores: Floats, moves: Floats) -> BaseRate:
    """The share of illicit ones among accounts that were not learnt from, each scored as those of the spread were.

    The mean share, every share being as likely before, by the distance between the chain's cells and a mix of both classes',
    where each cell's uncertainty is that of all three counts (minimum chi-square). The distance left over says whether any mix
    fits (1 % of chains that do are refused), how it grows with the share gives the 95 % interval. NaN scores say nothing.
    """
    known = np.isfinite(scores)
    accounts = int(known.sum())
    if accounts < _A_CELL * len(spread.licit):
        spread = spread.without_sizes()
    found = spread.count(scores[known], moves[known])
    if accounts < FEWEST_ACCOUNTS:
        return BaseRate(
            None,
            unknown=f"{accounts} wallets with evidence enough that were not learnt from, {FEWEST_ACCOUNTS} are needed",
        )
    distance = _distances(np.array(spread.licit), np.array(spread.illicit), found)
    best, freedom = int(np.argmin(distance)), len(found) - 2
    if freedom < 1 or chi2.sf(distance[best], freedom) < _MISFIT:
        return BaseRate(None, unknown=_unlike(spread, found, float(_SHARES[best])))
    inside = _SHARES[distance <= distance[best] + chi2.ppf(_CONFIDENCE, 1)]
    low, high = float(inside[0]), float(inside[-1])
    if high - low > WIDEST:
        return BaseRate(None, unknown=f"anything from {low:.0%} to {high:.0%} fits the scores of {accounts:,} wallets")
    # The mean of what is likely, not the likeliest: that is often nobody at all, which no number of wallets can show.
    likely = np.exp(-(distance - distance[best]) / 2) * np.gradient(_SHARES)
    return BaseRate(float(np.clip((likely * _SHARES).sum() / likely.sum(), low, high)), low, high)


def shift_prior(probabilities: Floats, *, learnt: float, now: float) -> Floats:
    """Probabilities under the share of illicit accounts `now`, from ones learnt under the share `learnt`.

    Raises `ValueError` for a share that is none; `learnt` is in (0, 1), `now` in [0, 1].
    """
    if not (0 < learnt < 1 and 0 <= now <= 1):
        raise ValueError(f"A share of illicit accounts lies between 0 and 1, {learnt} or {now} does not.")
    illicit = probabilities * (now / learnt)
    licit = (1 - probabilities) * ((1 - now) / (1 - learnt))
    return np.asarray(illicit / (illicit + licit), dtype=np.float64)


def _quantiles(values: Floats, weight: Floats, parts: int) -> tuple[float, ...]:
    """Inner edges of so many parts of equal weight; fewer where values repeat."""
    if not len(values):
        return ()
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    places = np.searchsorted(reached, np.arange(1, parts) / parts)
    return tuple(np.unique(values[order][np.minimum(places, len(values) - 1)]).tolist())


def _distances(licit: Labels, illicit: Labels, found: Labels) -> Floats:
    """Of each of `_SHARES` the squared distance of its mix from what was found, in units of what chance does to it."""
    one, other = _smooth(illicit), _smooth(licit)
    many, ones, others = max(found.sum(), 1), max(illicit.sum(), 1), max(licit.sum(), 1)
    share = _SHARES[:, None]
    mix = share * one + (1 - share) * other
    chance = (
        _chance(mix) / many
        + (share**2)[:, :, None] * _chance(one[None]) / ones
        + ((1 - share) ** 2)[:, :, None] * _chance(other[None]) / others
    )
    # All cells add up to one, so the last says nothing that the others did not.
    away = (found / many - share * (illicit / ones) - (1 - share) * (licit / others))[:, :-1]
    solved = np.linalg.solve(chance[:, :-1, :-1], away[:, :, None])[:, :, 0]
    return np.asarray((away * solved).sum(axis=1), dtype=np.float64)


def _smooth(counts: Labels) -> Floats:
    # Jeffreys' half an account a cell: one that was empty so far need not stay so.
    return np.asarray((counts + 0.5) / (counts.sum() + 0.5 * len(counts)), dtype=np.float64)


def _chance(shares: Floats) -> Floats:
    """Covariance of the shares of cells when one account falls into one of them; rows × cells × cells."""
    return np.asarray(shares[:, :, None] * np.eye(shares.shape[1]) - shares[:, :, None] * shares[:, None, :])


def _unlike(spread: Spread, found: Labels, share: float) -> str:
    licit, illicit = np.array(spread.licit), np.array(spread.illicit)
    mix = share * illicit / max(illicit.sum(), 1) + (1 - share) * licit / max(licit.sum(), 1)
    apart = float(np.abs(found / found.sum() - mix).sum() / 2)
    return (
        f"the chain's wallets are unlike those learnt from (no mix of both classes fits {int(found.sum()):,} of them; "
        f"the nearest leaves {math.ceil(100 * apart)} % out)"
    )
