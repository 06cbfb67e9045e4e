"""An answer becomes the picture that fits its columns, or says what is missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from chainsight.errors import UnknownName, UsageError
from chainsight.plots import chart, save
from chainsight.wish import Wish

DAYS = [dt.date(2023, 7, 1) + dt.timedelta(days=day) for day in range(4)]


BY_TYPES = Wish()


def drawn(table: pa.Table, wish: Wish = BY_TYPES) -> tuple[str, dict, list[dict]]:
    """Kind of mark, encoding and rows of the chart of a table."""
    found = chart(table, wish).to_dict()
    mark = found["mark"]
    return mark if isinstance(mark, str) else mark["type"], found["encoding"], found["data"]["values"]


def test_times_and_a_number_make_a_line_with_a_series_for_each_word() -> None:
    table = pa.table({"kind": ["fee", "native"] * 4, "day": [day for day in DAYS for _ in "ab"], "coins": range(8)})
    mark, encoding, rows = drawn(table, Wish(units={"coins": "ETH"}))
    assert (mark, encoding["x"]["type"], encoding["y"]["title"]) == ("line", "temporal", "coins (ETH)")
    assert rows[1] == {"x": "2023-07-01", "y": 1.0, "colour": "native"}


def test_a_category_and_a_number_make_bars_of_which_the_thirty_largest_are_shown() -> None:
    table = pa.table(
        {"holder": [f"0x{number:040x}" for number in range(40)], "amount": [str(10**30 * n) for n in range(40)]}
    )
    mark, encoding, rows = drawn(table)
    assert (mark, encoding["y"]["sort"][0], len(rows)) == ("bar", "0x00000000…000027", 30)
    assert chart(table).to_dict()["title"] == {
        "text": "amount by holder", "subtitle": "the 30 largest of 40", "anchor": "start", "subtitleColor": "#666666"
    }  # fmt: skip
    keyed = pa.table({"kind": ["fee", "native"], "first": DAYS[:2], "transfers": [5, 7]})
    assert drawn(keyed)[0] == "bar"


def test_two_numbers_make_points_and_one_alone_a_histogram() -> None:
    assert drawn(pa.table({"a": [1, 2], "b": [0.5, None]}))[::2] == ("circle", [{"x": 1.0, "y": 0.5}])
    mark, encoding, _ = drawn(pa.table({"score": [1.0, 2.0, float("nan")]}))
    assert (mark, encoding["x"]["title"], encoding["y"]["title"]) == ("bar", "score", "rows")


def test_what_cannot_be_drawn_says_what_is_missing() -> None:
    with pytest.raises(UsageError, match="has no rows"):
        chart(pa.table({"a": pa.array([], pa.int64())}))
    with pytest.raises(UsageError, match=r"no column is a number, only kind, when.*Add a count"):
        chart(pa.table({"kind": ["a"], "when": ["now"]}))
    with pytest.raises(UsageError, match="kind is no number"):
        chart(pa.table({"kind": ["a"], "count": [1]}), Wish(y="kind"))
    with pytest.raises(UsageError, match="count has no value in any row"):
        chart(pa.table({"count": pa.array([None], pa.int64())}))
    with pytest.raises(UnknownName, match="Did you mean count"):
        chart(pa.table({"kind": ["a"], "count": [1]}), Wish(y="cuont"))


def test_a_chart_is_saved_as_its_ending_says_and_needs_no_network(tmp_path: Path) -> None:
    picture = chart(pa.table({"kind": ["a", "b"], "count": [1, 2]}), Wish(title="Two <b>kinds</b>"))
    png, svg, html = (
        save(picture, tmp_path / "deep" / f"kinds.{form}").read_bytes() for form in ("png", "svg", "html")
    )
    assert png.startswith(b"\x89PNG")
    assert b"Two &lt;b&gt;kinds&lt;/b&gt;" in svg
    assert b"<script src=" not in html
    # A browser ends a script at the first `</script>`, be it in a text.
    assert b"Two <b>" not in html
    assert rb"Two \u003cb>kinds\u003c/b>" in html
    assert b"https://cdn" not in html.split(b'"$schema"')[0][-2_000:]
    with pytest.raises(UsageError, match=r"kinds\.pdf does not say"):
        save(picture, tmp_path / "kinds.pdf")
