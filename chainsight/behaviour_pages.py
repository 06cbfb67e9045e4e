"""Pages about behaviour: what distinguishes each segment, how a population drifts, the habits of one wallet.

Each is one Altair chart of several panels, saved by plots.py; an .html of it is one file that needs no network. What is
drawn was computed elsewhere: rows come in, as the command prints them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import altair as alt

Rows: TypeAlias = Sequence[Mapping[str, Any]]

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_WIDTH = 560
_MOST_SEGMENTS_IN_TIME = 8
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def segments_page(segments: Rows, traits: Sequence[str], history: Rows, *, title: str) -> alt.VConcatChart:
    """Sizes, the map of what distinguishes each (differences in spreads), sizes over time, and the reasons in words.

    `segments` are rows as of sql/behaviour/segments.sql, `history` as of segment_history.sql.
    """
    order = [row["segment"] for row in segments]
    panels: list[Any] = [_sizes(segments, order), _map_of_traits(segments, traits, order), _reasons(segments, order)]
    if len({row["day"] for row in history}) > 1:
        panels.append(_over_time(history))
    return _page(panels, title)


def drift_page(segments: Rows, moves: Rows, history: Rows, *, title: str) -> alt.VConcatChart:
    """Shares before and after, who went where, sizes over time. Rows as `segments drift --json` prints them."""
    shares = [
        {"segment": row["segment"], "when": when, "share": row[f"{when}_share"]}
        for row in segments
        for when in ("before", "after")
    ]
    order = [row["segment"] for row in sorted(segments, key=lambda row: -row["after_share"])]
    panels: list[Any] = [
        alt.Chart(alt.Data(values=shares), title="Share of addresses").mark_bar().encode(
            y=alt.Y("segment:N", sort=order, title=None),
            yOffset=alt.YOffset("when:N", sort=["before", "after"]),
            x=alt.X("share:Q", axis=alt.Axis(format="%"), title="of all addresses of the day"),
            color=alt.Color("when:N", sort=["before", "after"], scale=alt.Scale(range=["#999999", _BLUE]), title=None),
        ).properties(width=_WIDTH, height=alt.Step(9)),
    ]  # fmt: skip
    if moves:
        panels.append(_moves(moves))
    panels.append(_over_time(history))
    return _page(panels, title)


def profile_page(profile: Mapping[str, Any], *, title: str) -> alt.VConcatChart:
    """Hours, weekdays, days, tokens and counterparties of one wallet, and where the day departs from its habit.

    `profile` is the document that `profile --json` prints.
    """
    habits = profile["habits"]
    hours = [{"hour": hour, "share": share} for hour, share in enumerate(habits["hours"]["shares"])]
    weekdays = [
        {"day": name, "share": share} for name, share in zip(_DAYS, habits["hours"]["weekday_shares"], strict=True)
    ]
    rhythm = alt.hconcat(
        _columns(hours, "hour:O", "Hours of what it does (UTC)", 360),
        _columns(weekdays, "day:O", "Weekdays", 160, sort=_DAYS),
    )
    panels: list[Any] = [rhythm]
    if profile["days"]:
        panels.append(_daily(profile["days"], str(profile["day"])))
    preferred = [
        _ranked(habits[kind], name, f"Preferred {kind}", 240)
        for kind, name in (("counterparties", "counterparty"), ("tokens", "token"))
        if habits[kind]
    ]
    if preferred:
        panels.append(alt.hconcat(*preferred).resolve_scale(y="independent"))
    panels.append(_departures(profile["departures"], str(profile["day"])))
    return _page(panels, title)


def _sizes(segments: Rows, order: list[str]) -> alt.Chart:
    rows = [{"segment": row["segment"], "addresses": row["address_count"]} for row in segments]
    return alt.Chart(alt.Data(values=rows), title="Addresses in each segment").mark_bar(color=_BLUE).encode(
        y=alt.Y("segment:N", sort=order, title=None), x=alt.X("addresses:Q", title="addresses")
    ).properties(width=_WIDTH, height=alt.Step(16))  # fmt: skip


def _map_of_traits(segments: Rows, traits: Sequence[str], order: list[str]) -> alt.Chart:
    cells = [
        {
            "segment": row["segment"], "trait": trait.replace("_", " "), "difference": difference,
            "median": None if math.isnan(median) else float(f"{median:.3g}"),
        }
        for row in segments
        for trait, difference, median in zip(traits, row["differences"], row["medians"], strict=False)
    ]  # fmt: skip
    shade = alt.Scale(scheme="blueorange", domain=[-2.5, 2.5], clamp=True)
    return alt.Chart(alt.Data(values=cells), title="What distinguishes them: mean less that of all others").mark_rect().encode(
        y=alt.Y("segment:N", sort=order, title=None),
        x=alt.X("trait:N", sort=[trait.replace("_", " ") for trait in traits], title=None, axis=alt.Axis(labelAngle=-60)),
        color=alt.Color("difference:Q", scale=shade, title="spreads"),
        tooltip=["segment:N", "trait:N", "difference:Q", "median:Q"],
    ).properties(width=_WIDTH, height=alt.Step(16))  # fmt: skip


def _reasons(segments: Rows, order: list[str]) -> alt.Chart:
    rows = [
        {"segment": row["segment"], "place": place, "text": text}
        for row in segments
        for place, text in enumerate([row["about"], *row["distinguishes"][:3]])
    ]
    return alt.Chart(alt.Data(values=rows)).mark_text(align="left", fontSize=10).encode(
        y=alt.Y("place:O", axis=None), text="text:N", x=alt.value(0),
        color=alt.condition("datum.place == 0", alt.value("#000000"), alt.value("#666666")),
    ).properties(width=_WIDTH, height=alt.Step(13)).facet(
        row=alt.Row("segment:N", sort=order, title=None, header=alt.Header(labelAngle=0, labelAlign="left")),
        spacing=4, title="In words",
    )  # fmt: skip


def _over_time(history: Rows) -> alt.Chart:
    largest: dict[str, float] = {}
    for row in history:
        largest[row["segment"]] = max(largest.get(row["segment"], 0.0), row["address_share"])
    shown = sorted(largest, key=lambda name: -largest[name])[:_MOST_SEGMENTS_IN_TIME]
    rows = [
        {"day": str(row["day"]), "segment": row["segment"], "share": row["address_share"]}
        for row in history
        if row["segment"] in shown
    ]
    return alt.Chart(alt.Data(values=rows), title=f"Over time, the {len(shown)} largest").mark_line(point=True).encode(
        x=alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%b %d")),
        y=alt.Y("share:Q", axis=alt.Axis(format="%"), title="of the day's addresses"),
        color=alt.Color("segment:N", sort=shown, title=None),
    ).properties(width=_WIDTH, height=220)  # fmt: skip


def _moves(moves: Rows) -> alt.Chart:
    rows = [{"from": row["from_segment"], "to": row["to_segment"], "addresses": row["address_count"]} for row in moves]
    return alt.Chart(alt.Data(values=rows), title="Who went where").mark_rect().encode(
        y=alt.Y("from:N", title="from"),
        x=alt.X("to:N", title="to", axis=alt.Axis(labelAngle=-60)),
        color=alt.Color("addresses:Q", scale=alt.Scale(scheme="blues")),
        tooltip=["from:N", "to:N", "addresses:Q"],
    ).properties(height=alt.Step(16))  # fmt: skip


def _columns(rows: Rows, x: str, title: str, width: int, sort: list[str] | None = None) -> alt.Chart:
    return alt.Chart(alt.Data(values=list(rows)), title=title).mark_bar(color=_BLUE).encode(
        x=alt.X(x, title=None, sort=sort or alt.Undefined, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("share:Q", axis=alt.Axis(format="%"), title=None),
    ).properties(width=width, height=140)  # fmt: skip


def _daily(days: Rows, day: str) -> alt.Chart:
    rows = [{"day": str(row["day"]), "moves": row["moves"], "is": str(row["day"]) == day} for row in days]
    return alt.Chart(alt.Data(values=rows), title=f"Moves a day; the day looked at is {day}").mark_bar().encode(
        x=alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%b %d")),
        y=alt.Y("moves:Q", title="moves"),
        color=alt.condition("datum.is", alt.value(_ORANGE), alt.value(_BLUE)),
    ).properties(width=_WIDTH, height=120)  # fmt: skip


def _ranked(rows: Rows, name: str, title: str, width: int) -> alt.Chart:
    values = [{"name": _short(str(row["name"] or row[name])), "moves": row["moves"]} for row in list(rows)[:10]]
    return alt.Chart(alt.Data(values=values), title=title).mark_bar(color=_BLUE).encode(
        y=alt.Y("name:N", sort="-x", title=None), x=alt.X("moves:Q", title="moves")
    ).properties(width=width, height=alt.Step(16))  # fmt: skip


def _departures(departures: Rows, day: str) -> alt.Chart:
    texts = [row["sentence"] for row in departures] or ["nothing: the day is as usual"]
    rows = [{"place": place, "text": text} for place, text in enumerate(texts)]
    return alt.Chart(alt.Data(values=rows), title=f"Where {day} departs from its habit").mark_text(
        align="left", fontSize=11
    ).encode(y=alt.Y("place:O", axis=None), text="text:N", x=alt.value(0)).properties(
        width=_WIDTH, height=alt.Step(16)
    )  # fmt: skip


def _page(panels: list[Any], title: str) -> alt.VConcatChart:
    return (
        alt.vconcat(*panels, title=alt.Title(title, anchor="start", fontSize=15), spacing=24)
        .resolve_scale(color="independent")
        .configure(background="white", padding=16)
        .configure_view(stroke=None)
        .configure_axis(gridColor="#eeeeee", domainColor="#999999", labelLimit=260, titleFontWeight="normal")
        .configure_title(anchor="start", fontSize=12)
    )


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:10]}…{text[-6:]}" if text.startswith("0x") else f"{text[:29]}…"
