"""Flows as a picture: columns of places, ribbons as wide as what went between them; the layout is computed here.

Places stand in the column that is given for them, the largest on top but moved, in a few sweeps, to the height of those they are
joined with, so that ribbons cross little (the barycentre heuristic of Sugiyama 1981). vl-convert draws the result, a Vega
specification of rectangles, paths and text that needs no network.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import vl_convert

from chainsight.errors import UsageError
from chainsight.plots import as_page, require_form

_WIDTH_A_COLUMN, _BAR, _HEIGHT, _GAP = 190, 12, 520, 10
_SWEEPS = 6
_LONGEST_NAME = 26
_SCALE = 2.0
# Okabe and Ito's colours by kind of place; told apart by colour-blind people too.
_COLOURS = {
    "start": "#000000", "wallet": "#0072B2", "service": "#009E73", "illicit": "#D55E00", "mixer": "#CC79A7",
    "open": "#E69F00", "rest": "#999999",
}  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """A place: its column from the left, what is written beside it, and a kind that gives it its colour."""

    name: str
    column: int
    kind: str = "wallet"


@dataclass(frozen=True)
class Ribbon:
    """What went from one place to another, by their positions in the list of places; a share of the whole."""

    giver: int
    receiver: int
    size: float


@dataclass(frozen=True)
class _Box:
    x: float
    top: float
    height: float


def save_sankey(spots: Sequence[Spot], ribbons: Sequence[Ribbon], path: Path, *, title: str, subtitle: str) -> Path:
    """Draw to .png, .svg or .html; raises `UsageError` for another ending and where there is nothing to draw."""
    form = require_form(path)
    if not ribbons:
        raise UsageError("There is nothing to draw: no money went anywhere.", next_step="Ask for a wider trace.")
    drawn = json.dumps(specification(spots, ribbons, title=title, subtitle=subtitle))
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "png":
        path.write_bytes(vl_convert.vega_to_png(drawn, scale=_SCALE))
    elif form == "svg":
        path.write_text(vl_convert.vega_to_svg(drawn), encoding="utf-8")
    else:
        path.write_text(as_page(partial(vl_convert.vega_to_html, bundle=True), drawn), encoding="utf-8")
    return path


def specification(spots: Sequence[Spot], ribbons: Sequence[Ribbon], *, title: str, subtitle: str) -> dict[str, Any]:
    """The picture as a Vega specification with every position in it."""
    boxes = layout(spots, ribbons)
    bars = [
        {"x": box.x, "y": box.top, "h": max(box.height, 1.0), "name": _short(spot.name), "colour": _COLOURS[spot.kind]}
        for spot, box in zip(spots, boxes, strict=True)
    ]
    columns = max(spot.column for spot in spots) + 1
    kinds = [kind for kind in _COLOURS if any(spot.kind == kind for spot in spots)]
    colours = {"name": "kinds", "type": "ordinal", "domain": kinds, "range": [_COLOURS[kind] for kind in kinds]}
    return {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "width": columns * _WIDTH_A_COLUMN,
        "height": _HEIGHT,
        "padding": 16,
        "background": "white",
        "title": {"text": title, "subtitle": subtitle, "anchor": "start", "subtitleColor": "#666666", "offset": 16},
        "scales": [colours],
        "legends": [{"fill": "kinds", "orient": "bottom", "direction": "horizontal", "symbolType": "square", "offset": 16}],
        "data": [{"name": "ribbons", "values": _paths(spots, ribbons, boxes)}, {"name": "bars", "values": bars}],
        "marks": [
            _mark("path", "ribbons", path={"field": "path"}, fill={"field": "colour"}, fillOpacity={"value": 0.35}),
            _mark(
                "rect", "bars", x={"field": "x"}, y={"field": "y"}, width={"value": _BAR}, height={"field": "h"},
                fill={"field": "colour"},
            ),
            _mark(
                "text", "bars", x={"field": "x", "offset": _BAR + 4}, y={"signal": "datum.y + datum.h / 2"},
                text={"field": "name"}, baseline={"value": "middle"}, fontSize={"value": 10}, fill={"value": "#222222"},
            ),
        ],
    }  # fmt: skip


def layout(spots: Sequence[Spot], ribbons: Sequence[Ribbon]) -> list[_Box]:
    """Where each place stands; its height is the larger of what came and what went."""
    sizes = [max(_sum(ribbons, "receiver", place), _sum(ribbons, "giver", place)) for place in range(len(spots))]
    columns: dict[int, list[int]] = defaultdict(list)
    for place in sorted(range(len(spots)), key=lambda place: -sizes[place]):
        columns[spots[place].column].append(place)
    unit = min(
        (_HEIGHT - _GAP * (len(places) - 1)) / max(sum(sizes[place] for place in places), 1e-9)
        for places in columns.values()
    )
    tops = _stack(columns, sizes, unit)
    for sweep in range(_SWEEPS):
        for column in sorted(columns, reverse=bool(sweep % 2)):
            columns[column].sort(key=lambda place: _pull(place, ribbons, tops, sizes, unit))
            tops = _stack(columns, sizes, unit)
    return [_Box(spot.column * _WIDTH_A_COLUMN, tops[place], sizes[place] * unit) for place, spot in enumerate(spots)]


def _stack(columns: dict[int, list[int]], sizes: Sequence[float], unit: float) -> dict[int, float]:
    tops = {}
    for places in columns.values():
        height = sum(sizes[place] * unit for place in places) + _GAP * (len(places) - 1)
        top = (_HEIGHT - height) / 2
        for place in places:
            tops[place] = top
            top += sizes[place] * unit + _GAP
    return tops


def _pull(place: int, ribbons: Sequence[Ribbon], tops: dict[int, float], sizes: Sequence[float], unit: float) -> float:
    """Mean height of those it is joined with, by the width of the ribbons."""
    joined = [
        (r.giver if r.receiver == place else r.receiver, r.size) for r in ribbons if place in (r.giver, r.receiver)
    ]
    weight = sum(size for _, size in joined)
    if not weight:
        return tops[place]
    return sum((tops[other] + sizes[other] * unit / 2) * size for other, size in joined) / weight


def _paths(spots: Sequence[Spot], ribbons: Sequence[Ribbon], boxes: Sequence[_Box]) -> list[dict[str, Any]]:
    """Ribbons as closed curves, stacked at either end in the order of the other end."""
    total = max(_sum(ribbons, side, place) for side in ("giver", "receiver") for place in range(len(spots)))
    unit = max(box.height for box in boxes) / total
    starts, stops = [box.top for box in boxes], [box.top for box in boxes]
    begins: dict[int, float] = {}
    for number in sorted(range(len(ribbons)), key=lambda n: (ribbons[n].giver, boxes[ribbons[n].receiver].top)):
        begins[number] = starts[ribbons[number].giver]
        starts[ribbons[number].giver] += ribbons[number].size * unit
    drawn = []
    for number in sorted(range(len(ribbons)), key=lambda n: (ribbons[n].receiver, boxes[ribbons[n].giver].top)):
        ribbon = ribbons[number]
        height = max(ribbon.size * unit, 0.5)
        x0, x1 = boxes[ribbon.giver].x + _BAR, boxes[ribbon.receiver].x
        y0, y1 = begins[number], stops[ribbon.receiver]
        stops[ribbon.receiver] += ribbon.size * unit
        middle = (x0 + x1) / 2
        path = (
            f"M{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}L{x1:.1f},{y1 + height:.1f}"
            f"C{middle:.1f},{y1 + height:.1f} {middle:.1f},{y0 + height:.1f} {x0:.1f},{y0 + height:.1f}Z"
        )
        drawn.append({"path": path, "colour": _COLOURS[spots[ribbon.receiver].kind]})
    return drawn


def _mark(kind: str, data: str, **encode: Any) -> dict[str, Any]:
    return {"type": kind, "from": {"data": data}, "encode": {"enter": encode}}


def _sum(ribbons: Sequence[Ribbon], side: str, place: int) -> float:
    return sum(ribbon.size for ribbon in ribbons if getattr(ribbon, side) == place)


def _short(text: str) -> str:
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return shown if len(shown) <= _LONGEST_NAME else shown[: _LONGEST_NAME - 1] + "…"
