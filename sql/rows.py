"""The rows of an answer as other libraries take them: Arrow, pandas, Polars, a picture.

Addresses, hashes, other bytes and text that is no UTF-8 are 0x text. Integers of 128 and 256 bits are decimal text, as in
exported files: no type of pandas, Polars or Parquet holds all of them exactly, and one that depends on the values would surprise
somebody later; `astype(float)` or a decimal is the reader's choice, and columns called `quantity` in the library have made it.
Times are UTC. Iterating over the rows gives plain Python values, with integers of any width as `int`.
"""

from __future__ import annotations

import decimal
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from chainsight.wish import Wish
from sql.answers import column_shower
from sql.column_types import BYTES_COLUMNS, holds_own_forms, holds_wide_numbers, plain
from sql.export_types import Column

if TYPE_CHECKING:
    import altair
    import pandas
    import polars

_NESTED = ("Array(", "Tuple(", "Map(")
_SHOWN_ROWS = 20


@dataclass(frozen=True)
class Rows:
    """The rows of one answer."""

    raw: pa.Table = field(repr=False)
    """As the database gave them: bytes as binary, wide integers as little-endian bytes."""
    types: list[str] = field(repr=False)
    """ClickHouse's type of each column."""
    wish: Wish = field(default_factory=Wish, repr=False)
    """What a picture of them shows unless something else is asked for."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.raw.column_names)

    def showing(self, wish: Wish) -> Rows:
        """The same rows, with another wish for their picture."""
        return replace(self, wish=wish)

    def __len__(self) -> int:
        return int(self.raw.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Each row as a dictionary of plain values."""
        shows = [column_shower(*column) for column in zip(self.columns, self.types, strict=True)]
        values = [
            [None if value is None else show(value) for value in column.to_pylist()]
            for show, column in zip(shows, self.raw.columns, strict=True)
        ]
        return (dict(zip(self.columns, row, strict=True)) for row in zip(*values, strict=True))

    def arrow(self) -> pa.Table:
        """A pyarrow table."""
        return self._arrow

    def pandas(self) -> pandas.DataFrame:
        """A pandas frame; times have the zone UTC."""
        return self._arrow.to_pandas()

    def polars(self) -> polars.DataFrame:
        """A Polars frame; times have the zone UTC."""
        import polars as pl

        found = pl.from_arrow(self._arrow)
        return found if isinstance(found, pl.DataFrame) else found.to_frame()

    def plot(self, x: str = "", y: str = "", *, colour: str = "", title: str = "") -> altair.Chart:
        """An Altair chart; columns that are not named are chosen by their types (see chainsight/plots.py).

        Raises `UsageError` that says what is missing where nothing can be drawn.
        """
        from chainsight.plots import chart  # Altair takes a second to load

        known = self.wish if not (x or y or colour) else replace(self.wish, x=x, y=y, colour=colour, subtitle="")
        return chart(self._arrow, replace(known, title=title or known.title))

    def _repr_html_(self) -> str:
        """The first rows as a table, for notebooks."""
        head = self.raw.slice(0, _SHOWN_ROWS)
        return Rows(head, self.types).pandas().to_html(index=False, notebook=True)

    @cached_property
    def _arrow(self) -> pa.Table:
        columns = zip(self.columns, self.types, self.raw.columns, strict=True)
        return pa.Table.from_arrays([_shown(*column) for column in columns], names=self.columns)


def _shown(name: str, kind: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as Arrow's own types say it; by whole columns where they need no look at each value."""
    kind = plain(kind)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kind == "DateTime" or kind.startswith("DateTime("):
        return column.cast(pa.int64()).cast(pa.timestamp("s", "UTC"))
    if kind == "String" and name not in BYTES_COLUMNS and not name.endswith("address"):
        try:
            return column.cast(pa.string())
        except pa.ArrowInvalid:
            pass  # not all of it is text
    is_wide, is_nested = holds_wide_numbers(kind), kind.startswith(_NESTED)
    is_as_it_is = not is_wide and not is_nested and not holds_own_forms(kind)
    if is_as_it_is and not kind.startswith(("String", "FixedString")):
        return column
    show = column_shower(name, kind)
    values = [None if value is None else show(value) for value in column.to_pylist()]
    if "Map(" in kind:  # Arrow would make a record of it, with a field for every key there is
        return pa.chunked_array([pa.array([json.dumps(value, default=str) for value in values], pa.string())])
    texts = [_as_text(value) if is_wide else value for value in values]
    # Records are as Arrow finds them; anything else is what it is in exported files, whatever the values are.
    is_record = any(part in kind for part in ("Tuple(", "Array(Array(", "Variant(", "Dynamic", "JSON"))
    return pa.chunked_array([pa.array(texts, None if is_record else Column(name, kind).field.type)])


def _as_text(value: Any) -> Any:
    """Numbers as text, also those inside lists and records, so that a column is of one type whatever its values."""
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, decimal.Decimal):  # as the database writes it, without zeros at the end
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
