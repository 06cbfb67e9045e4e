"""A page about why a wallet has its score: themes that add up to it, the strongest reasons, and its transactions of evidence.

One Altair chart of several panels, saved by plots.py; an .html of it is one file that needs no network. What is drawn was
computed elsewhere: the document that `explain --json` prints, and the evidence in words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import altair as alt

_Panel: TypeAlias = alt.LayerChart | alt.FacetChart
_WIDTH, _LABELS = 600, 350
_IN, _OUT, _MORE, _LESS, _SUM = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#444444"
"""Okabe and Ito's colours, told apart by colour-blind people too."""
_MOST_ASSETS = 6
_LONGEST_REASON, _LONGEST_MOVE, _LONGEST_ASSET, _A_LINE = 105, 50, 24, 150

_FEW = alt.Axis(tickCount=8)


@dataclass(frozen=True)
class ShownEvidence:
    """A transaction of evidence as it is drawn: seen from the wallet, by the largest of what it moved there."""

    moved_at: str
    """ISO 8601, in UTC."""
    is_out: bool
    asset: str
    share: float
    """Of the largest amount of this asset among the evidence, 0 to 1."""
    what: str
    """Amount and counterparty in words."""
    log_odds: float
    is_in_smallest_set: bool


def explanation_page(document: Mapping[str, Any], evidence: Sequence[ShownEvidence], *, title: str) -> alt.VConcatChart:
    """What `document` (as `explain --json` prints it, with a score) says, and its evidence; texts may be anybody's."""
    panels: list[Any] = [_themes(document), _reasons(document["reasons"])]
    said = [document["smallest_set_is"]]
    if evidence:
        panels += [_parts(evidence), _over_time(evidence)]
        said.insert(0, document["evidence_is"])
        marked = sum(one.is_in_smallest_set for one in evidence)
        if marked:
            all_of_them = len(document["smallest_set"]["transactions"])
            said.append(f"Marked with a ring: {marked} of the {all_of_them} transactions of that set.")
    about = [
        f"{document['model_answer']}: probability {document['probability']:.3f} ({document['probability_low']:.3f} to "
        f"{document['probability_high']:.3f}) as of block {document['as_of_block']:,}. Of log-odds 0 is one in two; one "
        "more makes the odds 2.7 times as high.",
        *said,
    ]
    lines = [line for text in about for line in textwrap.wrap(text, _A_LINE)]
    return (
        alt.vconcat(*panels, spacing=26)
        .properties(title=alt.Title(title, subtitle=lines, anchor="start", fontSize=15, subtitleColor="#666666", offset=14))
        .resolve_scale(color="independent", size="independent", shape="independent", x="independent", y="independent")
        .configure(background="white", padding=16)
        .configure_view(stroke=None)
        .configure_axis(gridColor="#eeeeee", domainColor="#999999", labelLimit=_LABELS, titleFontWeight="normal")
        .configure_title(anchor="start", fontSize=12)
        .configure_legend(titleFontWeight="normal")
    )  # fmt: skip


def _themes(document: Mapping[str, Any]) -> _Panel:
    """From where all wallets start to where this one stands, theme by theme."""
    rows, place = [_step("every wallet starts at", 0.0, document["base_log_odds"], _SUM)], document["base_log_odds"]
    for theme, part in sorted(document["themes"].items(), key=lambda one: -one[1]):
        rows.append(_step(theme, place, place + part, _MORE if part > 0 else _LESS))
        place += part
    rows.append(_step("this wallet", 0.0, document["log_odds"], _SUM))
    order = [row["name"] for row in rows]
    y = alt.Y("name:N", sort=order, title=None)
    ends = [value for row in rows for value in (row["from"], row["to"], document["threshold_log_odds"])]
    room = 0.12 * (max(ends) - min(ends) or 1.0)
    x = alt.X(
        "from:Q", title="log-odds", axis=_FEW, scale=alt.Scale(domain=[min(ends) - room, max(ends) + room], nice=False),
    )  # fmt: skip
    data = alt.Data(values=rows)
    bars = alt.Chart(data).mark_bar(height=11).encode(y=y, x=x, x2="to:Q", color=alt.Color("colour:N", scale=None))
    sides: tuple[tuple[Literal["left", "right"], int, str], ...] = (("left", 4, ">="), ("right", -4, "<"))
    numbers = [
        alt.Chart(data).mark_text(align=side, dx=gap, fontSize=10, color="#444444").encode(y=y, x="to:Q", text="said:N")
        .transform_filter(f"datum.to {sign} datum.from")
        for side, gap, sign in sides
    ]  # fmt: skip
    line = alt.Data(values=[{"at": document["threshold_log_odds"], "said": "elevated from here"}])
    rule = alt.Chart(line).mark_rule(strokeDash=[4, 3], color="#000000").encode(x="at:Q")
    name = alt.Chart(line).mark_text(dy=-7, fontSize=10).encode(x="at:Q", y=alt.value(0), text="said:N")
    return alt.layer(bars, *numbers, rule, name, title=alt.Title("What adds up to the score", offset=14)).properties(
        width=_WIDTH, height=alt.Step(17)
    )


def _step(name: str, start: float, end: float, colour: str) -> dict[str, Any]:
    return {"name": name, "from": start, "to": end, "said": f"{end - start:+.2f}", "colour": colour}


def _reasons(reasons: Sequence[Mapping[str, Any]]) -> _Panel:
    """The strongest single features: value, place among the wallets, and part in the log-odds."""
    rows = [
        {
            "place": place, "said": _short(one["sentence"], _LONGEST_REASON), "part": one["contribution"],
            "colour": _MORE if one["contribution"] > 0 else _LESS,
        }
        for place, one in enumerate(reasons)
    ]  # fmt: skip
    most = max((abs(row["part"]) for row in rows), default=1.0)
    data, y = alt.Data(values=rows), alt.Y("place:O", axis=None)
    x = alt.X("part:Q", title="log-odds", axis=_FEW, scale=alt.Scale(domain=[-1.05 * most, 1.05 * most], nice=False))
    bars = alt.Chart(data).mark_bar(height=7, yOffset=8).encode(y=y, x=x, color=alt.Color("colour:N", scale=None))
    words = alt.Chart(data).mark_text(align="left", fontSize=11, dy=-5).encode(y=y, x=alt.value(0), text="said:N")
    return alt.layer(bars, words, title="The strongest reasons").properties(width=_WIDTH, height=alt.Step(30))


def _parts(evidence: Sequence[ShownEvidence]) -> _Panel:
    """What the score loses without each transaction, after those above it."""
    rows = [
        {**_drawn(one), "place": place, "said": f"{one.moved_at[:10]}  {_short(one.what, _LONGEST_MOVE)}"}
        for place, one in enumerate(evidence)
    ]
    data, y = alt.Data(values=rows), alt.Y("place:O", axis=None)
    bars = alt.Chart(data).mark_bar(height=9).encode(
        y=y, x=alt.X("log_odds:Q", title="log-odds that the score loses without it, after those above", axis=_FEW), color=_way(),
    )  # fmt: skip
    words = alt.Chart(data).mark_text(align="left", fontSize=11).encode(y=y, x=alt.value(-_LABELS), text="said:N")
    rings = (
        alt.Chart(data).mark_point(size=45, color="#000000", strokeWidth=1.5).encode(y=y, x=alt.value(-_LABELS - 10))
    )
    return alt.layer(
        bars, words, rings.transform_filter("datum.is_in_smallest_set"), title="Transactions that hold it up"
    ).properties(width=_WIDTH, height=alt.Step(16))  # fmt: skip


def _over_time(evidence: Sequence[ShownEvidence]) -> _Panel:
    """The same in time, an asset a row; the larger the mark, the more of the asset was moved."""
    counts: dict[str, int] = {}
    for one in evidence:
        counts[one.asset] = counts.get(one.asset, 0) + 1
    shown = sorted(counts, key=lambda asset: -counts[asset])[:_MOST_ASSETS]
    rows = [
        {**_drawn(one), "row": _short(one.asset, _LONGEST_ASSET) if one.asset in shown else "others"}
        for one in evidence
    ]
    data = alt.Data(values=rows)
    x = alt.X("moved_at:T", title=None, scale=alt.Scale(type="utc", padding=12))
    y = alt.Y("row:N", title=None)
    size = alt.Size(
        "share:Q", scale=alt.Scale(domain=[0, 1], range=[30, 400]), title="of its largest",
        legend=alt.Legend(format="%", values=[0.1, 0.5, 1.0]),
    )  # fmt: skip
    marks = alt.Chart(data).mark_point(filled=True, opacity=0.65).encode(
        x=x, y=y, size=size, color=_way(),
        shape=alt.Shape("way:N", scale=alt.Scale(domain=["in", "out"], range=["triangle-down", "triangle-up"]), title=None),
    )  # fmt: skip
    rings = alt.Chart(data).mark_point(color="#000000", strokeWidth=1.5).encode(x=x, y=y, size=size)
    return alt.layer(marks, rings.transform_filter("datum.is_in_smallest_set"), title="When they were").properties(
        width=_WIDTH, height=alt.Step(40)
    )


def _drawn(one: ShownEvidence) -> dict[str, Any]:
    return {
        "moved_at": one.moved_at, "way": "out" if one.is_out else "in", "share": one.share, "log_odds": one.log_odds,
        "is_in_smallest_set": one.is_in_smallest_set,
    }  # fmt: skip


def _way() -> alt.Color:
    return alt.Color("way:N", scale=alt.Scale(domain=["in", "out"], range=[_IN, _OUT]), title=None)


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
