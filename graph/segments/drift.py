"""Segments as answers: what there is on a day, what one is like, and how the population moved between two days.

Centres stand between fits, so a change of shares is a change of behaviour and not of the ruler. How much the whole moved is
the population stability index over segments, sum of (after - before) ln(after / before); below 0.1 it counts as steady, from
0.25 as drifted (the usual reading in credit scoring, Siddiqi 2006). It is a convention, not a test of significance.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

from scipy.special import chdtri

from chainsight.errors import StoreEmpty, UnknownName
from graph.segments.build import WINDOW_DAYS, require_days
from sql.files import load
from sql.store import Store

_STEADY, _DRIFTED = 0.1, 0.25
_MANY_OUTSIDERS = 0.05
_LEAST_SHARE = 1e-4
_MOST_MOVES = 20
_MEMBERS = 20


@dataclass(frozen=True)
class SegmentsOfDay:
    """What there was on a day."""

    chain_id: int
    window_days: int
    day: dt.date
    as_of_block: int
    segments: list[dict[str, Any]]
    """One row of behaviour_segments each, the largest first, barely-seen last."""


@dataclass(frozen=True)
class SegmentDrift:
    """How one segment changed between two days."""

    segment: str
    before_count: int
    after_count: int
    before_share: float
    after_share: float
    stability_index: float
    """Its part of the index of the whole."""
    centre_shift: float
    """On the later day: from the centre to the mean of the members, in spreads."""
    outsider_share: float
    """On the later day: members unlike anything known."""


@dataclass(frozen=True)
class Drift:
    """How a population changed between two days."""

    chain_id: int
    window_days: int
    from_day: dt.date
    to_day: dt.date
    stability_index: float
    chance_index: float
    """What the index stays below 19 times out of 20 where nothing but chance is at work."""
    verdict: str
    """steady, moving, drifted, or refitted where centres were fitted anew in between: then the ruler changed too."""
    advice: str
    stayed_share: float
    """Of the addresses of both days, those still in their segment."""
    arrived: int
    left: int
    segments: list[SegmentDrift]
    moves: list[dict[str, Any]]
    """Between different segments, by number of addresses: from_segment, to_segment, address_count, examples."""


def read_segments(
    store: Store, *, chain_id: int, window_days: int = WINDOW_DAYS, day: dt.date | None = None
) -> SegmentsOfDay:
    """The segments of a day, by default the newest looked at; raises `StoreEmpty` where that day was not."""
    days = require_days(store, chain_id=chain_id, window_days=window_days)
    chosen = day or days[-1]
    if chosen not in days:
        raise StoreEmpty(
            f"segments of chain {chain_id} for {chosen} over {window_days} days",
            f"Days there are: {_some(days)}. Or: chainsight segments build --day {chosen}.",
        )
    rows = store.query(
        load("behaviour/segments"), chain_id=chain_id, window_days=window_days, day=str(chosen)
    ).to_pylist()
    return SegmentsOfDay(chain_id, window_days, chosen, max(row["as_of_block"] for row in rows), rows)


def segment_named(of_day: SegmentsOfDay, name: str) -> dict[str, Any]:
    """The row of one segment; raises `UnknownName` with the near ones."""
    for row in of_day.segments:
        if row["segment"] == name:
            return row
    raise UnknownName("segment", name, [row["segment"] for row in of_day.segments])


def read_members(store: Store, of_day: SegmentsOfDay, segment_id: int, *, most: int = _MEMBERS) -> list[dict[str, Any]]:
    """Addresses that are most clearly of a segment: address, clearness, distance, is_outsider."""
    return store.query(
        load("behaviour/segment_members"),
        chain_id=of_day.chain_id,
        window_days=of_day.window_days,
        day=str(of_day.day),
        segment_id=segment_id,
        most=most,
    ).to_pylist()


def read_history(
    store: Store, *, chain_id: int, window_days: int = WINDOW_DAYS, segment_id: int | None = None
) -> list[dict[str, Any]]:
    """Size and drift of a segment, or of all, on every day that was looked at."""
    return store.query(
        load("behaviour/segment_history"),
        chain_id=chain_id,
        window_days=window_days,
        segment_id=-1 if segment_id is None else segment_id,
    ).to_pylist()


def read_drift(
    store: Store,
    *,
    chain_id: int,
    window_days: int = WINDOW_DAYS,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Drift:
    """From one day to another, by default the newest two; raises `StoreEmpty` where there are not two."""
    days = require_days(store, chain_id=chain_id, window_days=window_days, fewest=2)
    later = read_segments(store, chain_id=chain_id, window_days=window_days, day=until)
    earlier_days = [day for day in days if day < later.day]
    if not earlier_days and since is None:
        raise StoreEmpty(f"segments of chain {chain_id} before {later.day}", f"Days there are: {_some(days)}.")
    earlier = read_segments(store, chain_id=chain_id, window_days=window_days, day=since or earlier_days[-1])
    moves = store.query(
        load("behaviour/moves_between_segments"),
        chain_id=chain_id,
        window_days=window_days,
        from_day=str(earlier.day),
        to_day=str(later.day),
    ).to_pylist()
    return drift_of(earlier, later, moves)


def drift_of(earlier: SegmentsOfDay, later: SegmentsOfDay, moves: list[dict[str, Any]]) -> Drift:
    """Two days compared; `moves` counts addresses by segment before and after, an empty name being no segment."""
    before = {row["segment"]: row for row in earlier.segments}
    after = {row["segment"]: row for row in later.segments}
    drifts = [_drift(name, before.get(name), after.get(name)) for name in {**after, **before}]
    drifts.sort(key=lambda one: (-one.stability_index, one.segment))
    index = sum(one.stability_index for one in drifts)
    both = [move for move in moves if move["from_segment"] and move["to_segment"]]
    stayed = sum(move["address_count"] for move in both if move["from_segment"] == move["to_segment"])
    chance = _chance_index(earlier, later, len(drifts))
    fitted = max(row["fit_day"] for row in later.segments)
    refitted = fitted != max(row["fit_day"] for row in earlier.segments)
    verdict = (
        "refitted"
        if refitted
        else "steady"
        if index < max(_STEADY, chance)
        else "moving"
        if index < _DRIFTED
        else "drifted"
    )
    outsiders = sum(row["outsider_count"] for row in later.segments)
    seen = max(sum(row["address_count"] for row in later.segments if row["segment_id"]), 1)
    return Drift(
        chain_id=later.chain_id,
        window_days=later.window_days,
        from_day=earlier.day,
        to_day=later.day,
        stability_index=index,
        chance_index=chance,
        verdict=verdict,
        advice=_advice(verdict, outsiders / seen, later.day, fitted),
        stayed_share=stayed / max(sum(move["address_count"] for move in both), 1),
        arrived=sum(move["address_count"] for move in moves if not move["from_segment"]),
        left=sum(move["address_count"] for move in moves if not move["to_segment"]),
        segments=drifts,
        moves=[move for move in both if move["from_segment"] != move["to_segment"]][:_MOST_MOVES],
    )


def _drift(name: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> SegmentDrift:
    was = before["address_share"] if before else 0.0
    is_now = after["address_share"] if after else 0.0
    low, high = max(was, _LEAST_SHARE), max(is_now, _LEAST_SHARE)
    count = int(after["address_count"]) if after else 0
    return SegmentDrift(
        segment=name,
        before_count=int(before["address_count"]) if before else 0,
        after_count=count,
        before_share=was,
        after_share=is_now,
        stability_index=(high - low) * math.log(high / low),
        centre_shift=after["centre_shift"] if after else 0.0,
        outsider_share=after["outsider_count"] / max(count, 1) if after else 0.0,
    )


def _chance_index(earlier: SegmentsOfDay, later: SegmentsOfDay, segments: int) -> float:
    sizes = [sum(row["address_count"] for row in day.segments) for day in (earlier, later)]
    return float(chdtri(max(segments - 1, 1), 0.05)) * sum(1 / max(size, 1) for size in sizes)


def _advice(verdict: str, outsider_share: float, day: dt.date, fitted: dt.date) -> str:
    if verdict == "refitted":
        return f"Centres were fitted anew on {fitted}: compare days on one side of it to see how behaviour moved."
    if verdict == "drifted" or outsider_share >= _MANY_OUTSIDERS:
        return f"Fit the centres anew: chainsight segments build --day {day} --refit."
    return "Nothing to do: the segments still fit."


def _some(days: list[dt.date]) -> str:
    shown = [str(day) for day in days[-5:]]
    return ("… " if len(days) > 5 else "") + ", ".join(shown)
