"""Names of segments, by what distinguishes them: plain words first, by conditions anybody can check on the medians.

An archetype is a way of behaving with conditions in the traits' own units. A segment whose members' medians meet all of
them has its name. Two segments of one archetype are told apart by the trait in
which they differ most. A segment like none is named by its two clearest traits. No label is looked at, and a name is a
description of behaviour: `exchange-like` need not be an exchange.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from graph.segments.traits import NAMES, TRAITS, Matrix

BARELY_SEEN = "barely-seen"
BARELY_SEEN_ABOUT = "too few acts in the window to say how it behaves"
_SENTENCES = 6
_CLEAR = 0.4
"""Spreads from the others below which a trait distinguishes nothing."""


@dataclass(frozen=True)
class Archetype:
    """A way of behaving that people have a word for."""

    name: str
    about: str
    at_least: Mapping[str, float]
    at_most: Mapping[str, float]

    def fits(self, medians: Mapping[str, float]) -> bool:
        """Whether medians meet every condition; an undefined one meets none."""
        return all(medians[name] >= bound for name, bound in self.at_least.items()) and all(
            medians[name] <= bound for name, bound in self.at_most.items()
        )


ARCHETYPES: tuple[Archetype, ...] = (
    # The most particular first: the first that fits is the name.
    Archetype("exchange-like", "takes in from and pays out to very many, by its own signature",
              {"givers": 50, "receivers": 50, "signed_share": 0.3}, {"mutual_share": 0.4}),
    Archetype("bot", "acts very often, around the clock, by its own signature",
              {"acts": 100, "acts_per_day": 12, "hour_spread": 4.0, "signed_share": 0.3}, {"rest_hours": 3}),
    Archetype("service-contract", "is called by many and signs nothing", {"calls_received": 10}, {"signed_share": 0.2}),
    Archetype("trader", "trades tokens again and again", {"swaps": 3, "exchange_share": 0.1}, {}),
    Archetype("forwarding-contract", "passes all that comes on to one address, without a signature of its own",
              {"top_receiver_share": 0.8, "quick_share": 0.5}, {"signed_share": 0.1, "receivers": 2}),
    Archetype("deposit", "passes nearly all that comes on to hardly anybody but one address",
              {"top_receiver_share": 0.5}, {"receivers": 3, "kept_share": 0.1}),
    Archetype("airdrop-farmer", "claims newly made tokens and passes them on", {"mint_share": 0.15, "quick_share": 0.1},
              {"kept_share": 0.5}),
    Archetype("collector", "deals in collectibles", {"collectible_share": 0.15}, {}),
    Archetype("swapper", "changes one thing for another and does little else", {"exchange_share": 0.4, "quick_share": 0.5}, {}),
    Archetype("pass-through", "gives away within the hour most of what comes", {"quick_share": 0.6}, {}),
    Archetype("gatherer", "takes in from many and gives to few", {"givers": 10}, {"receivers": 3}),
    Archetype("distributor", "gives to many what comes from few", {"receivers": 10, "out_share": 0.6}, {"givers": 4}),
    Archetype("everyday-wallet", "uses several services, by its own signature",
              {"signed_share": 0.5, "receivers": 4, "methods": 2}, {}),
    Archetype("holder", "gets more than it gives and keeps most of it", {"kept_share": 0.5}, {"out_share": 0.45}),
    Archetype("spender", "gives more often than it gets", {"out_share": 0.6, "signed_share": 0.5}, {}),
    Archetype("receiver", "gets and hardly gives", {}, {"out_share": 0.2}),
)  # fmt: skip


def name_segment(medians: Matrix, differences: Matrix, centre: Matrix, taken: Mapping[str, Matrix]) -> tuple[str, str]:
    """Name and sentence of a new segment; all arrays are [traits], `taken` holds the centres of names in use."""
    known = dict(zip(NAMES, medians.tolist(), strict=True))
    fitting = next((archetype for archetype in ARCHETYPES if archetype.fits(known)), None)
    if fitting is not None:
        stem, about = fitting.name, fitting.about
    else:
        first, second = np.argsort(-np.abs(differences), kind="stable")[:2]
        stem = f"{_word(int(first), differences)}-{_word(int(second), differences)}"
        about = f"like no archetype: {_word(int(first), differences)} and {_word(int(second), differences)}"
    if stem not in taken:
        return stem, about
    alike = [taken[name] for name in taken if name == stem or name.startswith(f"{stem}-")]
    return _told_apart(stem, about, centre, alike, taken)


def sentences(medians: Matrix, everybody: Matrix, differences: Matrix) -> list[str]:
    """What tells a segment from the others, the clearest first; arrays [traits], medians in the traits' own units."""
    said = []
    for place in np.argsort(-np.abs(differences), kind="stable")[:_SENTENCES].tolist():
        if abs(differences[place]) < _CLEAR or math.isnan(medians[place]):
            continue
        trait = TRAITS[place]
        said.append(
            f"{trait.high if differences[place] > 0 else trait.low}: {trait.name} {_short(medians[place])}, "
            f"of all {_short(everybody[place])} ({trait.about})"
        )
    return said


def _told_apart(stem: str, about: str, centre: Matrix, alike: list[Matrix], taken: Collection[str]) -> tuple[str, str]:
    apart = centre - np.mean(alike, axis=0)
    for place in np.argsort(-np.abs(apart), kind="stable").tolist():
        word = _word(place, apart)
        if f"{stem}-{word}" not in taken:
            return f"{stem}-{word}", f"{about}; among such, {word}"
    raise AssertionError("more segments of one archetype than traits")


def _word(place: int, direction: Matrix) -> str:
    return TRAITS[place].high if direction[place] > 0 else TRAITS[place].low


def _short(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
