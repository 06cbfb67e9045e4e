"""Values for the parameters of a question: what a person or a program gives becomes what ClickHouse takes, or is refused."""

from __future__ import annotations

import datetime as dt
import math
import re

from chainsight.addresses import parse_address, show_hex
from chainsight.categories import CATEGORIES
from chainsight.errors import BadAddress, UnknownName, UsageError
from sql.store import Parameter

_INTEGER = re.compile(r"(U?)Int(8|16|32|64|128|256)")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_MOST_TEXT = 1_000


def checked(name: str, kind: str, value: object) -> Parameter:
    """The value as ClickHouse takes it; raises `UsageError` that names the parameter and what it wants.

    `kind` is ClickHouse's type. Texts whose names end in `address` or `_hash` are that, `category` is a category of ours; whole
    numbers may have underscores between their digits.
    """
    if integer := _INTEGER.fullmatch(kind):
        return _whole(name, value, signed=not integer[1], bits=int(integer[2]))
    if kind in {"Float32", "Float64"}:
        return _number(name, value)
    if kind == "Date":
        return _day(name, value)
    if kind == "String":
        return _text(name, value)
    raise ValueError(f"no parameter of a question may be of type {kind}")


def _whole(name: str, value: object, *, signed: bool, bits: int) -> int:
    lowest, highest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    text = str(value).strip()
    number = int(text) if re.fullmatch(r"[+-]?\d{1,80}(_\d+)*", text) and not isinstance(value, bool) else None
    if number is None or not lowest <= number <= highest:
        raise _wants(name, f"a whole number from {lowest} to {highest}", value)
    return number


def _number(name: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise _wants(name, "a number", value)
    return number


def _day(name: str, value: object) -> str:
    day = value.date() if isinstance(value, dt.datetime) else value
    try:
        return (day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day).strip())).isoformat()
    except ValueError:
        raise _wants(name, "a day as YYYY-MM-DD (UTC)", value) from None


def _text(name: str, value: object) -> str:
    text = show_hex(value) if isinstance(value, bytes) else str(value).strip()
    if text is None or len(text) > _MOST_TEXT or "\0" in text:
        raise _wants(name, f"a text of at most {_MOST_TEXT} characters", value)
    if name == "address" or name.endswith("_address"):
        try:
            return str(show_hex(parse_address(text)))
        except BadAddress:
            raise _wants(name, "an address, 0x followed by 40 hexadecimal digits", value) from None
    if name.endswith("_hash") and not _HASH.fullmatch(text):
        raise _wants(name, "a hash, 0x followed by 64 hexadecimal digits", value)
    if name == "category" and text not in CATEGORIES:
        raise UnknownName("category", text, CATEGORIES)
    return text


def _wants(name: str, wish: str, value: object) -> UsageError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return UsageError(f"The parameter {name} wants {wish}, not {shown}.", next_step="Nothing was asked.")
