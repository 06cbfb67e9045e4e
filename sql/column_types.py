"""ClickHouse's types as it writes them, taken apart: what answers, rows and exported files must agree on."""

from __future__ import annotations

import re

BYTES_COLUMNS = frozenset({"input", "method_id", "data", "extra_data"})
"""Columns of type String that hold bytes, not text: always shown as 0x text, also where the bytes happen to be letters."""

MOST_DECIMAL_DIGITS = 38
"""Of decimals that every library takes; pandas, Polars and Parquet's readers differ about wider ones."""

_WRAPPED = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)", re.DOTALL)
_DECIMAL = re.compile(r"Decimal\((\d+), \d+\)")
_WIDE = re.compile(r"\bU?Int(?:128|256)\b")
_OWN_FORMS = re.compile(r"\b(?:Enum8|Enum16)\(|\b(?:UUID|IPv4|IPv6)\b")
_MEMBER = re.compile(r"'((?:[^'\\]|\\.)*)' = (-?\d+)", re.DOTALL)


def plain(kind: str) -> str:
    """The type inside of Nullable and LowCardinality.

    >>> plain("LowCardinality(Nullable(String))")
    'String'
    """
    while wrapped := _WRAPPED.fullmatch(kind):
        kind = wrapped[1]
    return kind


def inside(kind: str) -> str:
    """What stands in the parentheses of a type."""
    return kind[kind.index("(") + 1 : -1]


def arguments(text: str) -> list[str]:
    """Split at the commas that stand outside of parentheses and quotes.

    >>> arguments("a Array(Tuple(b String, c UInt8)), `d, e` Enum8('x,' = 1)")
    ['a Array(Tuple(b String, c UInt8))', "`d, e` Enum8('x,' = 1)"]
    """
    parts, depth = [""], 0
    for token in re.findall(r"`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'|.", text, re.DOTALL):
        depth += (token == "(") - (token == ")")
        if token == "," and not depth:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def label(part: str) -> tuple[str, str]:
    """Name and type of a tuple's element; without a name the first is empty.

    >>> label("a Array(Tuple(b String))"), label("FixedString(3)"), label("`x y` UInt8")
    (('a', 'Array(Tuple(b String))'), ('', 'FixedString(3)'), ('`x y`', 'UInt8'))
    """
    found = re.fullmatch(r"(`(?:[^`\\]|\\.)*`|\w+)\s+(.+)", part, re.DOTALL)
    return (found[1], found[2]) if found else ("", part)


def members(kind: str) -> dict[int, str]:
    r"""The texts of an Enum by their numbers.

    >>> members(r"Enum8('a' = 1, 'it\'s' = -2)")
    {1: 'a', -2: "it's"}
    """
    return {int(number): re.sub(r"\\(.)", r"\1", text) for text, number in _MEMBER.findall(kind)}


def holds_wide_numbers(kind: str) -> bool:
    """Whether there are numbers in it that not every library takes: they are decimal text in rows and files."""
    digits = (int(found) for found in _DECIMAL.findall(kind))
    return _WIDE.search(kind) is not None or any(count > MOST_DECIMAL_DIGITS for count in digits)


def holds_own_forms(kind: str) -> bool:
    """Whether there are values in it that Arrow gives as numbers or bytes, and people know as text."""
    return _OWN_FORMS.search(kind) is not None
