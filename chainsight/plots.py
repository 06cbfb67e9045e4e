"""Pictures of answers: which chart fits the columns of a table, and the chart as a file.

A column of times and a number make a line, a category and a number bars, two numbers points, one number alone a histogram. Axes
say what they show and in which unit; of what no picture can hold, the largest are shown and the subtitle says so. The chart is
returned (Altair, a Vega-Lite specification) and never shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, TypeAlias

import altair as alt
import pyarrow as pa
import vl_convert

from chainsight.errors import UnknownName, UsageError
from chainsight.wish import Wish

FORMATS = ("png", "svg", "html")
_MOST_BARS = 30
_MOST_POINTS = 20_000
_MOST_SERIES = 10
_MOST_DOTS = 60
_SCALE = 2.0
_LONGEST_LABEL = 30
_LESS_THAN = "ChainsightLessThanSign"
# Okabe and Ito's colours, told apart by colour-blind people too; the first is the one of charts with one series.
_COLOURS = [
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#999999",
    "#8C564B",
    "#000000",
    "#F0E442",
]

_Row: TypeAlias = dict[str, Any]
"""What Vega-Lite gets of a row: x, y and colour, whatever the columns are called."""
_Drawing: TypeAlias = tuple[alt.Chart, str]
"""A chart, and what was left out of it."""


_BY_TYPES = Wish()


@dataclass(frozen=True)
class _Columns:
    """Columns by what can be drawn of them, in their order."""

    times: list[str]
    numbers: list[str]
    words: list[str]


def chart(table: pa.Table, wish: Wish = _BY_TYPES) -> alt.Chart:
    """The chart of a table; a column of text whose every value is a whole number counts as numbers.

    Raises `UsageError` that says what is missing where nothing can be drawn, and `UnknownName` for a column the table has not.
    """
    for name in (wish.x, wish.y, wish.colour):
        if name and name not in table.column_names:
            raise UnknownName("column", name, table.column_names)
    if not table.num_rows:
        raise UsageError("There is nothing to draw: the answer has no rows.", next_step="Ask for more of them.")
    columns = _sorted_out(table)
    if not columns.numbers:
        raise UsageError(
            f"There is nothing to draw: no column is a number, only {', '.join(table.column_names)}.",
            next_step="Add a count or a sum, as in SELECT kind, count() AS transfers FROM transfers GROUP BY kind.",
        )
    draw, named = _choice(table, columns, wish)
    rows = _rows(table, columns, named)
    if len({row.get("colour") for row in rows}) < 2:  # one series needs no legend
        named = replace(named, colour="")
    if not rows:
        raise UsageError(
            f"There is nothing to draw: {named.y} has no value in any row.", next_step="Choose another column."
        )
    return _dressed(*draw(rows, named), named)


def save(drawn: alt.TopLevelMixin, path: Path) -> Path:
    """Write a chart as .png, .svg or .html (one file that needs no network); raises `UsageError` for another ending."""
    form = require_form(path)
    specification = drawn.to_json()
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "png":
        path.write_bytes(vl_convert.vegalite_to_png(specification, scale=_SCALE))
    elif form == "svg":
        path.write_text(vl_convert.vegalite_to_svg(specification), encoding="utf-8")
    else:
        path.write_text(as_page(partial(vl_convert.vegalite_to_html, bundle=True), specification), encoding="utf-8")
    return path


def as_page(render: Callable[[str], str], specification: str) -> str:
    """HTML of a chart whose text may be anybody's: the `<` of a `</script>` in a symbol would end the script that holds it.

    It is written as a JavaScript string may have it, which is the same text to whoever draws.
    """
    return render(specification.replace("<", _LESS_THAN)).replace(_LESS_THAN, "\\u003c")


def require_form(path: Path) -> str:
    """png, svg or html, by the ending of a file; raises `UsageError` for another."""
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise UsageError(
            f"{path.name} does not say which kind of picture it is to be.",
            next_step="Let it end in .png, .svg or .html.",
        )
    return form


def _choice(table: pa.Table, columns: _Columns, wish: Wish) -> tuple[Callable[[list[_Row], Wish], _Drawing], Wish]:
    """How it is drawn, and the wish with its columns named."""
    x = wish.x or _places(table, columns, wish.y)
    y = wish.y or next((name for name in columns.numbers if name != x), columns.numbers[0])
    if y not in columns.numbers:
        raise UsageError(f"The column {y} is no number.", next_step=f"Choose one of {', '.join(columns.numbers)}.")
    named = replace(wish, x=x, y=y)
    if x in columns.times:
        return _line, replace(named, colour=wish.colour or _series(table, columns, x))
    if x in columns.words:
        return _bars, named
    return (_points, named) if x and x != y else (_histogram, replace(named, x="", colour=""))


def _places(table: pa.Table, columns: _Columns, y: str) -> str:
    """Column of the places: words that name each row once, else times, words, or one of two numbers; none for a lone number."""
    keys = [name for name in columns.words[:1] if len(table.column(name).unique()) == table.num_rows]
    numbers = [name for name in columns.numbers if name != y]
    return next(iter([*keys, *columns.times, *columns.words, *(numbers if y or len(numbers) > 1 else [])]), "")


def _series(table: pa.Table, columns: _Columns, x: str) -> str:
    """The first column of words that tells rows of the same time apart; none where there is one row a time."""
    if len(table.column(x).unique()) == table.num_rows:
        return ""
    return next((name for name in columns.words if len(table.column(name).unique()) <= _MOST_SERIES), "")


def _line(rows: list[_Row], wish: Wish) -> _Drawing:
    rows, note = _largest_series(rows)
    blank = alt.Chart(alt.Data(values=rows))
    has_line = len({row["x"] for row in rows}) > 1
    marked = blank.mark_line(point=len(rows) <= _MOST_DOTS) if has_line else blank.mark_point(filled=True, size=80)
    return marked.encode(
        x=alt.X("x", type="temporal", title=None, scale=alt.Scale(type="utc"), axis=_days(rows)),
        y=alt.Y("y", type="quantitative", title=_axis(wish.y, wish), axis=_quantities()),
        color=_colour(wish),
    ).properties(height=320), note


def _bars(rows: list[_Row], wish: Wish) -> _Drawing:
    sums = _sums(rows, "x")
    shown = sorted(sums, key=lambda name: -sums[name])[:_MOST_BARS]
    rows, note = _largest_series([row for row in rows if row["x"] in set(shown)])
    if len(sums) > len(shown):
        note = f"the {len(shown)} largest of {len(sums):,}"
    return alt.Chart(alt.Data(values=rows)).mark_bar().encode(
        y=alt.Y("x", type="nominal", sort=shown, title=None),
        x=alt.X("y", type="quantitative", title=_axis(wish.y, wish), axis=_quantities()),
        color=_colour(wish),
    ).properties(height=alt.Step(18)), note


def _points(rows: list[_Row], wish: Wish) -> _Drawing:
    note = "" if len(rows) <= _MOST_POINTS else f"the first {_MOST_POINTS:,} of {len(rows):,} rows"
    rows, fewer = _largest_series(rows[:_MOST_POINTS])
    return alt.Chart(alt.Data(values=rows)).mark_circle(size=36, opacity=0.6).encode(
        x=alt.X("x", type="quantitative", title=_axis(wish.x, wish), axis=_quantities(), scale=alt.Scale(zero=False)),
        y=alt.Y("y", type="quantitative", title=_axis(wish.y, wish), axis=_quantities()),
        color=_colour(wish),
    ).properties(height=320), note or fewer


def _histogram(rows: list[_Row], wish: Wish) -> _Drawing:
    return alt.Chart(alt.Data(values=rows)).mark_bar().encode(
        x=alt.X("y", type="quantitative", bin=alt.Bin(maxbins=30), title=_axis(wish.y, wish), axis=_quantities()),
        y=alt.Y("count()", type="quantitative", title="rows"),
        color=_colour(wish),
    ).properties(height=320), ""


def _colour(wish: Wish) -> Any:
    if not wish.colour:
        return alt.value(_COLOURS[0])
    return alt.Color("colour", type="nominal", scale=alt.Scale(range=_COLOURS), title=_readable(wish.colour))


def _largest_series(rows: list[_Row]) -> tuple[list[_Row], str]:
    """Rows of the series with the largest sums, where there are more series than colours."""
    sums = _sums(rows, "colour")
    if len(sums) <= _MOST_SERIES:
        return rows, ""
    kept = set(sorted(sums, key=lambda name: -sums[name])[:_MOST_SERIES])
    return [row for row in rows if row["colour"] in kept], f"the {_MOST_SERIES} largest of {len(sums):,} series"


def _sums(rows: list[_Row], key: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for row in rows:
        sums[row.get(key, "")] = sums.get(row.get(key, ""), 0.0) + abs(row["y"])
    return sums


def _dressed(drawn: alt.Chart, note: str, wish: Wish) -> alt.Chart:
    below = "; ".join(text for text in (wish.subtitle, note) if text)
    title = alt.Title(wish.title or _by_columns(wish), anchor="start", subtitleColor="#666666", subtitle=below)
    return (
        drawn.properties(width=640, title=title)
        .configure(background="white", padding=16)
        .configure_view(stroke=None)
        .configure_axis(gridColor="#eeeeee", domainColor="#999999", labelLimit=260, titleFontWeight="normal")
        .configure_legend(titleFontWeight="normal")
    )


def _sorted_out(table: pa.Table) -> _Columns:
    found = _Columns([], [], [])
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_temporal(column.type):
            found.times.append(name)
        elif _is_number(column):
            found.numbers.append(name)
        elif _is_text(column.type) or pa.types.is_boolean(column.type):
            found.words.append(name)
    return found


def _is_number(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if not _is_text(kind):
        return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
    values = [value for value in column.to_pylist() if value is not None]
    return bool(values) and all(value.isascii() and value.removeprefix("-").isdigit() for value in values)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _rows(table: pa.Table, columns: _Columns, wish: Wish) -> list[_Row]:
    """The rows that can be drawn: those that have a place on every axis."""
    parts = {key: name for key, name in (("x", wish.x), ("y", wish.y), ("colour", wish.colour)) if name}
    values = [
        [
            _plain(value, is_number=name in columns.numbers and key != "colour")
            for value in table.column(name).to_pylist()
        ]
        for key, name in parts.items()
    ]
    rows = [dict(zip(parts, row, strict=True)) for row in zip(*values, strict=True)]
    return [row for row in rows if row["y"] is not None and row.get("x", "") is not None]


def _plain(value: Any, *, is_number: bool) -> Any:
    """Numbers as floats, times as text in UTC, words cut to a length that leaves room for the picture."""
    if value is None:
        return None
    if is_number:
        return float(value) if isfinite(float(value)) else None
    return value.isoformat() if hasattr(value, "isoformat") else _short(str(value))


def _short(text: str) -> str:
    """Long hexadecimal without its middle, other text without its end, and a dash for none at all."""
    if not text.strip():
        return "–"
    if text.startswith("0x") and len(text) > _LONGEST_LABEL:
        return f"{text[:10]}…{text[-6:]}"
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def _axis(name: str, wish: Wish) -> str:
    unit = wish.units.get(name, "")
    return f"{_readable(name)} ({unit})" if unit else _readable(name)


def _days(rows: list[_Row]) -> Any:
    """Days as Jul 22; times as Vega-Lite writes them, which shows as much of them as there is room for."""
    has_clock = any("T" in row["x"] for row in rows)
    return alt.Undefined if has_clock else alt.Axis(format="%b %-d", labelOverlap=True)


def _by_columns(wish: Wish) -> str:
    return " by ".join(_readable(name) for name in (wish.y, wish.x, wish.colour) if name)


def _quantities() -> alt.Axis:
    """Numbers with commas while they are short, as 1.2e+21 where they are not."""
    return alt.Axis(labelExpr="abs(datum.value) < 1e12 ? datum.label : format(datum.value, '~e')")


def _readable(name: str) -> str:
    return name.replace("_", " ")
