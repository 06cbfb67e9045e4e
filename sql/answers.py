"""A reader's question answered in plain values: integers of any width as integers, bytes as 0x text, times as times."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from sql.column_types import BYTES_COLUMNS, arguments, inside, label, members, plain
from sql.guard import is_select, require_question
from sql.reader import home_of, reading
from sql.store import Parameter, Store

_NONE: Mapping[str, Parameter] = MappingProxyType({})
_ADDRESS_BYTES = 20
_WIDE = re.compile(r"^(U?)Int(128|256)$")
_PRINTABLE = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")


def _ipv6(value: bytes) -> str:
    address = ipaddress.IPv6Address(value)
    return f"::ffff:{address.ipv4_mapped}" if address.ipv4_mapped else str(address)


_OWN_FORMS: Mapping[str, Callable[[Any], str]] = {
    "UUID": str,
    "IPv4": lambda value: str(ipaddress.IPv4Address(value)),
    "IPv6": _ipv6,
}


@dataclass(frozen=True)
class Answer:
    """What a question brought."""

    columns: list[str]
    types: list[str]
    """ClickHouse's own, where the question is a SELECT; empty otherwise."""
    rows: list[list[Any]]
    is_cut: bool
    """There are more rows than were asked for."""


def answer(store: Store, question: str, *, limit: int, parameters: Mapping[str, Parameter] = _NONE) -> Answer:
    """Ask one SELECT, WITH, SHOW, DESCRIBE or EXPLAIN; at most `limit` rows of a SELECT come back (0: all).

    `parameters` are the values of its `{name:Type}`.

    Raises `UsageError` for anything that does more than ask, `UnknownName` with near names, `QuestionStopped` where it costs
    more than it may, `StoreError` with the database's own words otherwise.
    """
    text = require_question(question, home_of(store))
    if not is_select(text):
        return _told(told(store, text, parameters=parameters))
    found, types = fetched(store, text, limit=limit + 1 if limit else 0, parameters=parameters)
    return answer_of(found, types, limit=limit)


def answer_of(found: pa.Table, types: list[str], *, limit: int) -> Answer:
    """The first `limit` rows (0: all) of what the database gave, in plain values."""
    all_rows, found = found.num_rows, found.slice(0, limit) if limit else found
    shows = [column_shower(*column) for column in zip(found.column_names, types, strict=True)]
    columns = [
        [None if value is None else show(value) for value in column.to_pylist()]
        for show, column in zip(shows, found.columns, strict=True)
    ]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Answer(found.column_names, types, rows, is_cut=all_rows > len(rows))


def fetched(
    store: Store, select: str, *, limit: int, parameters: Mapping[str, Parameter]
) -> tuple[pa.Table, list[str]]:
    """The rows of a SELECT that passed the guard as the database gives them, text as binary, and its types of the columns."""
    with reading(store) as reader:
        described = reader.query(f"DESCRIBE ({select}\n)", **parameters)
        cut = f"LIMIT {limit}" if limit else ""
        found = reader.query(f"SELECT * FROM ({select}\n) {cut}", **parameters)
    return found, [kind.decode() for kind in described["type"].to_pylist()]


def told(store: Store, question: str, *, parameters: Mapping[str, Parameter]) -> pa.Table:
    """What SHOW, DESCRIBE, EXISTS or EXPLAIN, which passed the guard, say; text as binary."""
    if not question.upper().startswith("EXPLAIN"):
        with reading(store) as reader:
            return reader.query(question, **parameters)
    # The format that is asked for would be explained with it, and the form that is not needs the lesser readonly. What it
    # explains may read no more than any question: the guard knows every name in it.
    with reading(store, {"readonly": 2}) as reader:
        return reader.query(f"SELECT * FROM ({question}\n)", **parameters)


def _told(found: pa.Table) -> Answer:
    columns = [
        [_text_or_hex(value) if isinstance(value, bytes) else value for value in column.to_pylist()]
        for column in found.columns
    ]
    return Answer(found.column_names, [], [list(row) for row in zip(*columns, strict=True)], is_cut=False)


def column_shower(name: str, kind: str) -> Callable[[Any], Any]:
    """How a value of a column is shown, by its name and ClickHouse's type of it; not asked for NULL."""
    if kind == "String" and name in BYTES_COLUMNS:
        return _hex
    if kind == "String" and name.endswith("address"):
        return _address_or_text
    return _shower(kind)


def _shower(kind: str) -> Callable[[Any], Any]:
    """How a value of a ClickHouse type is shown; from the outside in for arrays and tuples."""
    kind = plain(kind)
    if wide := _WIDE.match(kind):
        signed = not wide[1]
        return lambda value: int.from_bytes(value, "little", signed=signed)
    if kind.startswith("Array("):
        inner = _shower(inside(kind))
        return lambda values: [None if value is None else inner(value) for value in values]
    if kind.startswith("Tuple("):
        inners = [_shower(label(part)[1]) for part in arguments(inside(kind))]
        return lambda value: dict(_show_fields(value, inners))
    if kind.startswith("Map("):
        keys, values = (_shower(part) for part in arguments(inside(kind)))
        return lambda pairs: {keys(key): None if value is None else values(value) for key, value in pairs}
    if kind.startswith("FixedString"):
        return _hex
    if kind.startswith("Enum"):
        return members(kind).__getitem__
    if kind in _OWN_FORMS:
        return _OWN_FORMS[kind]
    if kind == "DateTime" or kind.startswith("DateTime("):
        return lambda value: dt.datetime.fromtimestamp(value, dt.UTC)
    return lambda value: _text_or_hex(value) if isinstance(value, bytes) else value


def _show_fields(value: dict[str, Any], inners: list[Callable[[Any], Any]]) -> list[tuple[str, Any]]:
    return [
        (name, None if item is None else inner(item)) for (name, item), inner in zip(value.items(), inners, strict=True)
    ]


def _address_or_text(value: bytes) -> str:
    """`labels.address` and the like: 20 bytes on EVM chains, text on others."""
    return _hex(value) if len(value) == _ADDRESS_BYTES else _text_or_hex(value)


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _text_or_hex(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return _hex(value)
    return text if _PRINTABLE.fullmatch(text) else _hex(value)
