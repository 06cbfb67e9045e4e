"""Segments as they stand on a day: the centres in force, what they are called, and what a day's addresses make of them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graph.segments.fit import (
    OUTSIDE,
    Assignment,
    Scale,
    assign,
    find_centres,
    match,
    newborn,
    radii_of,
    scale_of,
    scaled,
)
from graph.segments.names import name_segment, sentences
from graph.segments.traits import Matrix, measured

_EPOCH = dt.date(1970, 1, 1)
_MOST_A_DAY = 1_000
"""More than a day can found."""


@dataclass(frozen=True)
class Known:
    """A segment that there was before: its number, name, sentence and centre (after the traits' transforms)."""

    segment_id: int
    segment: str
    about: str
    centre: Matrix
    radius: float = math.inf


@dataclass(frozen=True)
class Model:
    """Centres in force; the first place is the first of `segments`."""

    fit_day: dt.date
    scale: Scale
    segments: tuple[Known, ...]

    @property
    def centres(self) -> Matrix:
        """[segments, traits] in spreads from the middle."""
        return in_spreads([known.centre for known in self.segments], self.scale)


@dataclass(frozen=True)
class Taken:
    """What a new segment of a day may not be called."""

    day: dt.date
    before: tuple[Known, ...]
    """Every segment there was before the day, in force or not."""
    later: frozenset[str]
    """Names of segments that later days founded: they were looked at first."""

    @property
    def first_number(self) -> int:
        """Numbers are of the day that founds a segment, so days can be looked at in any order."""
        return (self.day - _EPOCH).days * _MOST_A_DAY + 1


@dataclass(frozen=True)
class Day:
    """What a day's addresses make of a model; arrays [rows]."""

    model: Model
    rows: Matrix
    """[rows, traits] in spreads from the middle."""
    assigned: Assignment
    is_outsider: np.ndarray


@dataclass(frozen=True)
class Portrait:
    """What the members of one segment are like, beside all others; arrays [traits]."""

    medians: Matrix
    differences: Matrix
    distinguishes: tuple[str, ...]
    centre_shift: float
    outsider_count: int
    address_count: int


def fit_day(values: Matrix, taken: Taken, *, in_force: Sequence[Known] = ()) -> Day:
    """New centres for the addresses of the day of `taken`; those that continue one in force keep its number and name.

    `values` are [addresses, traits] in the traits' own units.
    """
    scale = scale_of(measured(values))
    rows = scaled(measured(values), scale)
    if not len(rows):
        return Day(
            Model(taken.day, scale, ()),
            rows,
            Assignment(np.zeros(0, np.int64), np.zeros(0), np.zeros(0)),
            np.zeros(0, bool),
        )
    centres = find_centres(rows)
    assigned = assign(rows, centres)
    matched = match(centres, in_spreads([known.centre for known in in_force], scale))
    radii = radii_of(assigned, centres)
    segments = [
        replace(in_force[place], centre=in_units(centre, scale), radius=float(radius)) if place >= 0 else None
        for centre, radius, place in zip(centres, radii, matched.tolist(), strict=True)
    ]
    model = Model(taken.day, scale, _named(values, rows, centres, assigned, segments, taken, scale, radii))
    return Day(model, rows, assigned, assigned.distances > OUTSIDE * radii[assigned.places])


def follow_day(values: Matrix, model: Model, taken: Taken) -> Day:
    """A day's addresses against centres that stand; what is like none of them, and much of it, becomes a new segment."""
    rows = scaled(measured(values), model.scale)
    radii = np.array([known.radius for known in model.segments])
    assigned = assign(rows, model.centres)
    is_outsider = assigned.distances > OUTSIDE * radii[assigned.places]
    born = newborn(rows, is_outsider)
    if not len(born):
        return Day(model, rows, assigned, is_outsider)
    centres = np.vstack([model.centres, born])
    assigned = assign(rows, centres)
    radii = np.concatenate([radii, radii_of(assigned, centres)[len(radii) :]])
    segments = [*model.segments, *[None] * len(born)]
    grown = replace(model, segments=_named(values, rows, centres, assigned, segments, taken, model.scale, radii))
    return Day(grown, rows, assigned, assigned.distances > OUTSIDE * radii[assigned.places])


def portraits(values: Matrix, day: Day) -> list[Portrait]:
    """One for each segment of the day's model; `values` are the rows in the traits' own units."""
    everybody = _medians(values)
    centres = day.model.centres
    found = []
    for place in range(len(centres)):
        members = day.assigned.places == place
        medians, differences = _medians(values[members]), _differences(day.rows, members)
        shift = float(np.linalg.norm(day.rows[members].mean(axis=0) - centres[place])) if members.any() else 0.0
        found.append(
            Portrait(
                medians, differences, tuple(sentences(medians, everybody, differences)), shift,
                int(day.is_outsider[members].sum()), int(members.sum()),
            )
        )  # fmt: skip
    return found


def in_spreads(centres: Sequence[Matrix], scale: Scale) -> Matrix:
    """Centres [segments, traits] as distances from the middle."""
    if not len(centres):
        return np.empty((0, len(scale.middle)))
    return (np.vstack(list(centres)) - scale.middle) / scale.spread


def in_units(centre: Matrix, scale: Scale) -> Matrix:
    """A centre as it is stored: after the traits' transforms, whatever the scale."""
    return np.asarray(centre * scale.spread + scale.middle)


def _named(
    values: Matrix, rows: Matrix, centres: Matrix, assigned: Assignment, segments: Sequence[Known | None],
    taken: Taken, scale: Scale, radii: Matrix,
) -> tuple[Known, ...]:  # fmt: skip
    """The segments with numbers and names for those that have none yet, the largest first."""
    held: Mapping[str, Known] = {known.segment: known for known in (*taken.before, *filter(None, segments))}
    used = {name: in_spreads([known.centre], scale)[0] for name, known in held.items() if len(known.centre)}
    following = taken.first_number
    found = list(segments)
    sizes = np.bincount(assigned.places, minlength=len(centres))
    for place in np.argsort(-sizes, kind="stable").tolist():
        if found[place] is not None:
            continue
        members = assigned.places == place
        name, about = name_segment(_medians(values[members]), _differences(rows, members), centres[place], used)
        used[name] = centres[place]
        if name in taken.later:
            name = f"{name}-{taken.day}"
        found[place] = Known(following, name, about, in_units(centres[place], scale), float(radii[place]))
        following += 1
    return tuple(known for known in found if known is not None)


def _medians(values: Matrix) -> Matrix:
    """Median of each column; NaN where it is undefined for most rows."""
    known = ~np.isnan(values)
    return np.array(
        [
            np.median(column[ok]) if 2 * ok.sum() >= max(len(ok), 1) else math.nan
            for column, ok in zip(values.T, known.T, strict=True)
        ]
    )


def _differences(rows: Matrix, members: np.ndarray) -> Matrix:
    if members.all() or not members.any():
        return np.zeros(rows.shape[1])
    return np.asarray(rows[members].mean(axis=0) - rows[~members].mean(axis=0))
