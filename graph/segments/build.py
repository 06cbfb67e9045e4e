"""Segments of wallets by behaviour, without labels: built for a day, named for good, compared with the days before.

A day's segments rest on what every address did in the days of the window up to it, and on the segments of earlier days:
their centres stand until somebody fits them anew, so a segment means the same thing tomorrow. Of a day that is built again
only that day's rows are replaced. Nothing later than the day, or than the watermark, is read, but for the names of segments that
later days founded: a day that is looked at after them does not give those names again. Nothing reads a label.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chainsight.chains import chain_settings
from chainsight.errors import StoreEmpty, UsageError
from chainsight.progress import SILENT, Progress
from graph.segments.fit import Scale
from graph.segments.model import Day, Known, Model, Portrait, Taken, fit_day, follow_day, portraits
from graph.segments.names import BARELY_SEEN
from graph.segments.rows import Window, address_rows, scale_rows, segment_rows
from graph.segments.traits import NAMES, Matrix, behaviour_of
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

WINDOW_DAYS = 30


@dataclass(frozen=True)
class SegmentSummary:
    """What one build found."""

    chain_id: int
    day: dt.date
    window_days: int
    as_of_block: int
    fit_day: dt.date
    """Day whose addresses the centres come from."""
    addresses: int
    segments: dict[str, int]
    """Addresses by segment, the largest first."""
    born: tuple[str, ...]
    """Segments that were not known before."""
    outsiders: int
    """Addresses like no known segment."""
    seconds: float

    def __str__(self) -> str:
        named = ", ".join(f"{number:,} {name}" for name, number in list(self.segments.items())[:4])
        return f"{self.addresses:,} addresses in {len(self.segments)} segments: {named}"


def build_segments(
    store: Store,
    *,
    chain_id: int,
    day: dt.date | None = None,
    window_days: int = WINDOW_DAYS,
    progress: Progress = SILENT,
) -> SegmentSummary:
    """Put every address of a day (default: the watermark's) into the segments that are known, new ones where it takes them.

    Centres are fitted on the first day only, and again on a day that was refitted. Twice the same gives the same rows.
    Raises `StoreEmpty` when nothing was ingested or nothing moved in the window, `UsageError` for a day beyond the watermark.
    """
    return _build(store, chain_id, day, window_days, progress, _follow)


def refit_segments(
    store: Store,
    *,
    chain_id: int,
    day: dt.date | None = None,
    window_days: int = WINDOW_DAYS,
    progress: Progress = SILENT,
) -> SegmentSummary:
    """The same with centres fitted anew to this day; segments that go on keep their names. Raises as `build_segments`."""
    return _build(store, chain_id, day, window_days, progress, _fit)


def _build(
    store: Store, chain_id: int, day: dt.date | None, window_days: int, progress: Progress,
    work: Callable[[Store, Window, Matrix], Day],
) -> SegmentSummary:  # fmt: skip
    started = time.monotonic()
    progress.step(0, 3, "behaviour in the window")
    window = _look(store, chain_id, day, window_days)
    values = window.behaviour.values[window.enough]
    progress.step(1, 3, "segments")
    known = {segment.segment for segment in _taken(store, window).before}
    found = work(store, window, values)
    pictures = portraits(values, found)
    progress.step(2, 3, "segments into the store")
    version = time.time_ns()
    _write(store, window, found, pictures, version)
    named = {
        segment.segment: picture.address_count for segment, picture in zip(found.model.segments, pictures, strict=True)
    }
    return SegmentSummary(
        chain_id=chain_id,
        day=window.day,
        window_days=window_days,
        as_of_block=window.as_of_block,
        fit_day=found.model.fit_day,
        addresses=len(window.behaviour.addresses),
        segments=dict(sorted(named.items(), key=lambda item: -item[1])) | {BARELY_SEEN: int((~window.enough).sum())},
        born=tuple(name for name in named if name not in known),
        outsiders=int(found.is_outsider.sum()),
        seconds=round(time.monotonic() - started, 2),
    )


def read_days(store: Store, *, chain_id: int, window_days: int = WINDOW_DAYS) -> list[dt.date]:
    """Days that were looked at, ascending."""
    found = store.query(load("behaviour/known_days"), chain_id=chain_id, window_days=window_days)
    return [row["day"] for row in found.to_pylist()]


def require_days(store: Store, *, chain_id: int, window_days: int, fewest: int = 1) -> list[dt.date]:
    """The same; raises `StoreEmpty` where there are fewer than are needed."""
    days = read_days(store, chain_id=chain_id, window_days=window_days)
    if len(days) < fewest:
        missing = "segments" if fewest == 1 else f"segments of {fewest} different days"
        raise StoreEmpty(
            f"{missing} of chain {chain_id} over {window_days} days",
            "Find them: chainsight segments build [--day DAY].",
        )
    return days


def _fit(store: Store, window: Window, values: Matrix) -> Day:
    model = _model(store, window)
    return fit_day(values, _taken(store, window), in_force=model.segments if model else ())


def _follow(store: Store, window: Window, values: Matrix) -> Day:
    model = _model(store, window)
    if model is None or window.day in _days_of_fits(store, window):
        return _fit(store, window, values)
    return follow_day(values, model, _taken(store, window))


def _look(store: Store, chain_id: int, day: dt.date | None, window_days: int) -> Window:
    known = read_as_of(store, chain_id)
    last = known.block_timestamp.date()
    chosen = day or last
    if chosen > last:
        raise UsageError(
            f"The store knows chain {chain_id} until {last}, not until {chosen}.",
            next_step=f"Give --day {last} or earlier.",
        )
    until = dt.datetime.combine(chosen + dt.timedelta(days=1), dt.time())
    since = until - dt.timedelta(days=window_days)
    (found,) = store.query(
        load("behaviour/window"),
        chain_id=chain_id,
        as_of_block=known.block_number,
        since=f"{since:%F %T}",
        until=f"{until:%F %T}",
    ).to_pylist()
    if found["last_block"] is None:
        raise StoreEmpty(
            f"transfers of chain {chain_id} from {since:%F} to {chosen}",
            "Choose another --day, or a longer --window-days, or ingest those blocks and run chainsight transform.",
        )
    rows = store.query(
        load("behaviour/traits"), chain_id=chain_id, native_decimals=chain_settings(chain_id).native_decimals, **found
    )
    return Window(chain_id, chosen, window_days, int(found["last_block"]), behaviour_of(rows))


def _taken(store: Store, window: Window) -> Taken:
    """Every segment that other days founded, in force or not."""
    rows = store.query(load("behaviour/names"), **window.key, day=str(window.day)).to_pylist()
    before = [row for row in rows if row["is_before"] and row["segment_id"]]
    return Taken(
        window.day,
        tuple(Known(row["segment_id"], row["segment"], "", np.array(row["centre"])) for row in before),
        frozenset(row["segment"] for row in rows if not row["is_before"]),
    )


def _model(store: Store, window: Window) -> Model | None:
    """The centres in force on the day before; none where no segments were found before."""
    days = [day for day in read_days(store, **window.key) if day < window.day]
    if not days:
        return None
    rows = store.query(load("behaviour/segments"), **window.key, day=str(days[-1])).to_pylist()
    held = [row for row in rows if row["centre"]]
    if not held:
        return None
    fitted = held[0]["fit_day"]
    scales = store.query(load("behaviour/scales"), **window.key, fit_day=str(fitted)).to_pydict()
    if tuple(scales["trait"]) != NAMES:  # fitted to other traits than there are now
        return None
    segments = tuple(
        Known(row["segment_id"], row["segment"], row["about"], np.array(row["centre"]), row["radius"])
        for row in sorted(held, key=lambda row: row["segment_id"])
    )
    return Model(fitted, Scale(np.array(scales["middle"]), np.array(scales["spread"])), segments)


def _days_of_fits(store: Store, window: Window) -> set[dt.date]:
    rows = store.query(load("behaviour/known_days"), **window.key).to_pylist()
    return {row["day"] for row in rows if row["is_fit"]}


def _write(store: Store, window: Window, found: Day, pictures: Sequence[Portrait], version: int) -> None:
    """The day's rows; what an earlier build of the day left and this one did not write is withdrawn."""
    if found.model.fit_day == window.day:
        store.insert("behaviour_scales", scale_rows(window, found, version))
    store.insert("address_segments", address_rows(window, found, version))
    store.insert("behaviour_segments", segment_rows(window, found, pictures, version))
    for name in ("behaviour/older_addresses", "behaviour/older_segments"):
        store.command(load(name), **window.key, day=str(window.day), version=version)
