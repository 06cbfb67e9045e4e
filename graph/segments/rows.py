"""What a build of segments looks at, and its findings as the rows of three tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graph.segments.model import Day, Portrait
from graph.segments.names import BARELY_SEEN, BARELY_SEEN_ABOUT
from graph.segments.traits import NAMES, Behaviour

FEWEST_ACTS = 3
"""Addresses with fewer acts in the window are barely-seen by rule: they say too little to be told apart."""


@dataclass(frozen=True)
class Window:
    """What a build looks at."""

    chain_id: int
    day: dt.date
    window_days: int
    as_of_block: int
    behaviour: Behaviour

    @property
    def enough(self) -> np.ndarray:
        """Which addresses did enough to be told apart."""
        return np.asarray(self.behaviour.acts >= FEWEST_ACTS)

    @property
    def key(self) -> dict[str, int]:
        """Whose segments."""
        return {"chain_id": self.chain_id, "window_days": self.window_days}


def scale_rows(window: Window, found: Day, version: int) -> pa.Table:
    """Rows of behaviour_scales."""
    scale = found.model.scale
    own = {
        "fit_day": pa.array([window.day] * len(NAMES), pa.date32()),
        "trait": pa.array(NAMES),
        "place": pa.array(range(len(NAMES)), pa.uint16()),
        "middle": pa.array(scale.middle),
        "spread": pa.array(scale.spread),
    }
    return _with_window(own, window, version)


def address_rows(window: Window, found: Day, version: int) -> pa.Table:
    """Rows of address_segments, one an address of the window."""
    count = len(window.behaviour.addresses)
    ids, names = np.zeros(count, np.uint64), np.full(count, BARELY_SEEN, dtype=object)
    numbers = np.array([segment.segment_id for segment in found.model.segments] or [0], np.uint64)
    words = np.array([segment.segment for segment in found.model.segments] or [""], dtype=object)
    places, enough = found.assigned.places, window.enough
    distance, clearness, outsider = np.zeros(count), np.zeros(count), np.zeros(count, np.uint8)
    ids[enough], names[enough] = numbers[places], words[places]
    distance[enough], clearness[enough] = found.assigned.distances, found.assigned.clearness
    outsider[enough] = found.is_outsider
    own = {
        "address": pa.array(window.behaviour.addresses, pa.binary(20)),
        "day": pa.array(np.full(count, np.datetime64(window.day, "D"))),
        "segment_id": pa.array(ids),
        "segment": pa.array(names, pa.string()),
        "distance": pa.array(distance),
        "clearness": pa.array(clearness),
        "is_outsider": pa.array(outsider),
    }
    return _with_window(own, window, version)


def segment_rows(window: Window, found: Day, pictures: Sequence[Portrait], version: int) -> pa.Table:
    """Rows of behaviour_segments, barely-seen the last."""
    everybody = len(window.behaviour.addresses)
    rows = [
        {
            "segment_id": known.segment_id, "segment": known.segment, "about": known.about, "centre": known.centre.tolist(),
            "radius": known.radius, "address_count": picture.address_count,
            "address_share": picture.address_count / everybody, "outsider_count": picture.outsider_count,
            "centre_shift": picture.centre_shift, "medians": picture.medians.tolist(),
            "differences": picture.differences.tolist(), "distinguishes": list(picture.distinguishes),
        }
        for known, picture in zip(found.model.segments, pictures, strict=True)
    ]  # fmt: skip
    few = int((~window.enough).sum())
    rows.append(
        {
            "segment_id": 0, "segment": BARELY_SEEN, "about": BARELY_SEEN_ABOUT, "centre": [], "radius": 0.0,
            "address_count": few, "address_share": few / everybody, "outsider_count": 0, "centre_shift": 0.0,
            "medians": [], "differences": [], "distinguishes": [],
        }
    )  # fmt: skip
    lists = {
        "centre": pa.list_(pa.float64()), "medians": pa.list_(pa.float64()), "differences": pa.list_(pa.float64()),
        "distinguishes": pa.list_(pa.string()), "segment_id": pa.uint64(), "address_count": pa.uint64(),
        "outsider_count": pa.uint64(),
    }  # fmt: skip
    own = {name: pa.array([row[name] for row in rows], lists.get(name)) for name in rows[0]}
    own |= {
        "day": pa.array([window.day] * len(rows), pa.date32()),
        "fit_day": pa.array([found.model.fit_day] * len(rows), pa.date32()),
    }
    return _with_window(own, window, version)


def _with_window(own: dict[str, pa.Array], window: Window, version: int) -> pa.Table:
    count = len(next(iter(own.values())))
    same = {
        "chain_id": pa.scalar(window.chain_id, pa.uint64()),
        "window_days": pa.scalar(window.window_days, pa.uint16()),
        "as_of_block": pa.scalar(window.as_of_block, pa.uint64()),
        "version": pa.scalar(version, pa.uint64()),
    }
    return pa.table(own | {name: pa.repeat(value, count) for name, value in same.items()})
