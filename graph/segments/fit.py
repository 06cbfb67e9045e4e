"""Find ways of behaving in a matrix of traits, assign addresses to them, know new ones and old ones again. Pure numbers.

Centres come from k-means with many small clusters (Lloyd; seeds by k-means++) on a sample that keeps the extremes, merged
by Ward's criterion until a merge would lose too much: so the number of segments follows from the data. Afterwards centres
stay where they are, and days are compared against the same ones: what moves is the population, not the ruler. Addresses
unlike any centre found a segment of their own when they are many. After a new fit, centres are matched to the
earlier ones by the assignment of least distance (Kuhn 1955) and keep their names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph.segments.traits import Matrix

Places = npt.NDArray[np.int64]

MOST_SEGMENTS = 14
_FEWEST_SEGMENTS = 4
_SMALL_CLUSTERS = 48
_LOST_BY_A_MERGE = 0.015
"""Share of all variance that a merge may cost once there are few enough segments."""
_SAMPLE = 20_000
_BEYOND = 4.0
"""Spreads from the middle at which a trait is cut, so that no single one decides."""
_LEAST_SPREAD = 0.1
_MEMBERS_WITHIN_RADIUS = 0.995
_LEAST_RADIUS = 1.5
"""Spreads: a segment whose members were all alike may still breathe."""
OUTSIDE = 1.25
"""Radii beyond which a member counts as an outsider."""
_FEWEST_NEWBORN = 30
_NEWBORN_SHARE = 0.02
_ALIKE = 0.5
"""Of the distance between an earlier centre and its next one: how far a new centre may be from it and still be the same."""
_SEED = 0


@dataclass(frozen=True)
class Scale:
    """Middle and spread of each measured trait; arrays [traits]."""

    middle: Matrix
    spread: Matrix


@dataclass(frozen=True)
class Assignment:
    """Where each row belongs; arrays [rows]."""

    places: Places
    """Number of the nearest centre."""
    distances: Matrix
    clearness: Matrix
    """1 - nearest over second distance."""


def scale_of(measured: Matrix) -> Scale:
    """Median and standard deviation of each trait, without its NaNs; [rows, traits] in."""
    with np.errstate(all="ignore"):
        known = ~np.isnan(measured)
        filled = np.where(known, measured, 0.0)
        count = np.maximum(known.sum(axis=0), 1)
        mean = filled.sum(axis=0) / count
        spread = np.sqrt((np.where(known, measured - mean, 0.0) ** 2).sum(axis=0) / count)
    middle = np.array(
        [np.median(column[ok]) if ok.any() else 0.0 for column, ok in zip(measured.T, known.T, strict=True)]
    )
    return Scale(middle, np.maximum(spread, _LEAST_SPREAD))


def scaled(measured: Matrix, scale: Scale) -> Matrix:
    """Traits in spreads from the middle, cut at four; an undefined one is the middle."""
    away = (measured - scale.middle) / scale.spread
    return np.clip(np.where(np.isnan(away), 0.0, away), -_BEYOND, _BEYOND)


def find_centres(
    rows: Matrix, *, fewest: int = _FEWEST_SEGMENTS, most: int = MOST_SEGMENTS, among: Matrix | None = None
) -> Matrix:
    """Centres [segments, traits] of scaled rows, the largest first; the same rows give the same centres.

    Fewer than `fewest` only where there are fewer different rows. What a merge costs is judged by how far apart the rows
    are, or those of a larger population `among` which they are.
    """
    # scikit-learn takes a second to import: who only asks for segments need not wait for what finds them.
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    picked, weights = _sample(rows)
    small = min(_SMALL_CLUSTERS, len(np.unique(picked.round(6), axis=0)))
    with threadpool_limits(1):  # sums in another order would move centres by a hair, and addresses between them
        fitted = KMeans(small, n_init=2, random_state=_SEED).fit(picked, sample_weight=weights)
    sizes = np.bincount(fitted.labels_, weights=weights, minlength=small).astype(np.float64)
    centres = fitted.cluster_centers_
    whole = rows if among is None else among
    all_variance = float(np.sum(np.var(whole, axis=0)) * np.sum(weights) * len(whole) / len(rows))
    return _merged(centres, sizes, all_variance, fewest=fewest, most=most)


def assign(rows: Matrix, centres: Matrix) -> Assignment:
    """The nearest centre of each scaled row."""
    squares = np.maximum(
        np.sum(rows**2, axis=1)[:, None] - 2 * rows @ centres.T + np.sum(centres**2, axis=1)[None, :], 0.0
    )
    places = np.argmin(squares, axis=1)
    nearest = np.sqrt(squares[np.arange(len(rows)), places])
    if len(centres) < 2:
        return Assignment(places, nearest, np.ones(len(rows)))
    second = np.sqrt(np.partition(squares, 1, axis=1)[:, 1])
    return Assignment(places, nearest, 1 - nearest / np.maximum(second, 1e-12))


def radii_of(assigned: Assignment, centres: Matrix) -> Matrix:
    """For each centre the distance within which nearly all of its rows are, or could be: half-way to the next centre."""
    apart = np.linalg.norm(centres[:, None, :] - centres[None, :, :], axis=2)
    np.fill_diagonal(apart, math.inf)
    half_way = apart.min(axis=1) / 2
    reached = [
        float(np.quantile(found, _MEMBERS_WITHIN_RADIUS)) if len(found) else 0.0
        for found in (assigned.distances[assigned.places == place] for place in range(len(centres)))
    ]
    return np.maximum(np.maximum(reached, np.where(np.isinf(half_way), 0.0, half_way)), _LEAST_RADIUS)


def newborn(rows: Matrix, outside: npt.NDArray[np.bool_]) -> Matrix:
    """Centres of what is like nothing known [new, traits]: none while the outsiders are few."""
    strange = rows[outside]
    fewest = max(_FEWEST_NEWBORN, math.ceil(_NEWBORN_SHARE * len(rows)))
    if len(strange) < fewest:
        return np.empty((0, rows.shape[1]))
    centres = find_centres(strange, fewest=1, most=4, among=rows)
    sizes = np.bincount(assign(strange, centres).places, minlength=len(centres))
    return centres[sizes >= _FEWEST_NEWBORN]


def match(centres: Matrix, known: Matrix) -> Places:
    """For each new centre the number of the earlier one it continues, -1 for one that is new; both scaled alike."""
    from scipy.optimize import linear_sum_assignment

    matched = np.full(len(centres), -1, np.int64)
    if not len(known):
        return matched
    apart = np.linalg.norm(centres[:, None, :] - known[None, :, :], axis=2)
    among = np.linalg.norm(known[:, None, :] - known[None, :, :], axis=2)
    np.fill_diagonal(among, math.inf)
    limits = _ALIKE * among.min(axis=1) if len(known) > 1 else np.array([math.inf])
    for place, before in zip(*linear_sum_assignment(apart), strict=True):
        if apart[place, before] <= limits[before]:
            matched[place] = before
    return matched


def _sample(rows: Matrix) -> tuple[Matrix, Matrix]:
    """Every row, or evenly spaced ones and the busiest, each with the root of how many it stands for.

    The root lets rare ways of life count: with plain weights a hundred exchanges vanish among a million wallets.
    """
    if len(rows) <= _SAMPLE:
        return rows, np.ones(len(rows))
    extremes = np.argsort(-np.abs(rows).max(axis=1) - rows[:, 0], kind="stable")[: _SAMPLE // 4]
    rest = np.setdiff1d(np.arange(len(rows)), extremes)
    picked = rest[np.linspace(0, len(rest) - 1, _SAMPLE - len(extremes)).astype(np.int64)]
    weights = np.concatenate([np.ones(len(extremes)), np.full(len(picked), math.sqrt(len(rest) / len(picked)))])
    return rows[np.concatenate([extremes, picked])], weights


def _merged(centres: Matrix, sizes: Matrix, all_variance: float, *, fewest: int, most: int) -> Matrix:
    """Merge by Ward's criterion: always the pair that costs least, until what it costs is too much."""
    centres, sizes = centres.copy(), sizes.copy()
    while len(centres) > max(fewest, 1):
        squares = np.sum((centres[:, None, :] - centres[None, :, :]) ** 2, axis=2)
        costs = squares * sizes[:, None] * sizes[None, :] / np.maximum(sizes[:, None] + sizes[None, :], 1e-12)
        np.fill_diagonal(costs, math.inf)
        one, other = np.unravel_index(int(np.argmin(costs)), costs.shape)
        if len(centres) <= most and costs[one, other] > _LOST_BY_A_MERGE * all_variance:
            break
        both = sizes[one] + sizes[other]
        centres[one] = (centres[one] * sizes[one] + centres[other] * sizes[other]) / both
        sizes[one] = both
        centres, sizes = np.delete(centres, other, axis=0), np.delete(sizes, other)
    return centres[np.argsort(-sizes, kind="stable")]
