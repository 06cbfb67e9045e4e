"""What an exported column looks like to its readers, whatever the store uses inside.

| in the store | in a file | in Delta and Iceberg |
|---|---|---|
| FixedString, bytes in String | 0x text | 0x text |
| String | text; as 0x text where it is not UTF-8 | the same |
| (U)Int128, (U)Int256, Decimal256 | decimal text: no format holds them all exactly | the same |
| UInt8 … UInt64 | unsigned integers | int up to 16 bits, long above; from 2^63 on they are refused |
| DateTime, DateTime64 | UTC times, at least milliseconds | UTC times in microseconds |
| Enum, UUID, IPv4, IPv6 | text | text |
| Array of scalars | list | list |
| Tuple, Map, Array of them | JSON text, with the same rules inside | the same |

0x text is what explorers, SQL engines and spreadsheets join on. Cast decimal text as the question allows: DECIMAL(38, 0) in most
engines holds all real amounts, a float loses digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

from sql.column_types import BYTES_COLUMNS, MOST_DECIMAL_DIGITS, arguments, inside, label

_TIME = re.compile(r"DateTime(?:64\((?P<digits>\d)(?:,.*)?\)|\(.*\))?")
_DECIMAL = re.compile(r"Decimal\((?P<precision>\d+), (?P<scale>\d+)\)")
_MILLISECONDS, _MICROSECONDS, _NANOSECONDS = 3, 6, 9

_SCALARS: dict[str, pa.DataType] = {
    "String": pa.string(),
    "Bool": pa.bool_(),
    "Date": pa.date32(),
    "Date32": pa.date32(),
    "Float32": pa.float32(),
    "Float64": pa.float64(),
    **{f"Int{bits}": getattr(pa, f"int{bits}")() for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": getattr(pa, f"uint{bits}")() for bits in (8, 16, 32, 64)},
}
_SIGNED = {
    **dict.fromkeys((pa.int8(), pa.int16(), pa.uint8(), pa.uint16()), pa.int32()),
    **dict.fromkeys((pa.uint32(), pa.uint64()), pa.int64()),
}


@dataclass(frozen=True)
class Column:
    """One column of what is exported."""

    name: str
    kind: str
    """ClickHouse's type."""
    comment: str = ""

    @property
    def shown(self) -> str:
        """The SQL expression of its readable value, without a name."""
        return _readable(self.kind, quoted(self.name), self.name, 0)[0]

    @property
    def field(self) -> pa.Field:
        """Name, Arrow type and whether NULL may occur, with the comment."""
        readable = _readable(self.kind, quoted(self.name), self.name, 0)[1]
        inner, is_nullable = _unwrapped(readable)
        metadata = {"comment": self.comment} if self.comment else None
        return pa.field(self.name, _arrow(inner), nullable=is_nullable, metadata=metadata)


def quoted(name: str) -> str:
    """A name as SQL takes it whatever it holds."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def lake_field(field: pa.Field) -> pa.Field:
    """The field as Delta and Iceberg have it: signed integers, microseconds, NULL allowed, the comment as `doc` too."""
    comment = (field.metadata or {}).get(b"comment")
    metadata = {b"comment": comment, b"doc": comment} if comment else None
    return pa.field(field.name, _lake_type(field.type), nullable=True, metadata=metadata)


def same_type(one: pa.DataType, other: pa.DataType) -> bool:
    """Whether two types hold the same values; readers of a format may give text and lists as their large forms."""
    return _small(one) == _small(other)


def _lake_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.list_(_lake_type(kind.value_type))
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", "UTC")
    return _SIGNED.get(kind, kind)


def _small(kind: pa.DataType) -> str:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list<{_small(kind.value_type)}>"
    if pa.types.is_timestamp(kind):
        return f"{kind.unit} {kind.tz and 'UTC'}"
    return str(kind).removeprefix("large_").removesuffix("_view")


def _readable(kind: str, value: str, name: str, depth: int) -> tuple[str, str]:
    """SQL of a readable value and the type it has; `value` is SQL, `name` the column's, `depth` counts lambdas."""
    if kind.startswith("LowCardinality("):
        return _readable(inside(kind), value, name, depth)
    if kind.startswith("Nullable("):
        sql, inner = _readable(inside(kind), value, name, depth)
        return sql, f"Nullable({inner})"
    if (
        kind.startswith(("Tuple(", "Map(", "Array(Tuple(", "Array(Map(", "Array(Array(", "JSON", "Object("))
        and not depth
    ):
        return f"toJSONString({_nested(kind, value, name, 1)[0]})", "String"
    if kind.startswith(("Tuple(", "Map(", "Array(")):
        return _nested(kind, value, name, depth + 1)
    return _scalar(kind, value, name)


def _nested(kind: str, value: str, name: str, depth: int) -> tuple[str, str]:
    if kind.startswith("Array("):
        sql, inner = _readable(inside(kind), f"x{depth}", name, depth)
        return (value if sql == f"x{depth}" else f"arrayMap(x{depth} -> {sql}, {value})"), f"Array({inner})"
    if kind.startswith("Map("):
        (key, key_kind), (item, item_kind) = (
            _readable(part, f"{letter}{depth}", name, depth)
            for letter, part in zip("kv", arguments(inside(kind)), strict=True)
        )
        return (
            f"CAST(mapApply((k{depth}, v{depth}) -> ({key}, {item}), {value}), 'Map({key_kind}, {item_kind})')",
            f"Map({key_kind}, {item_kind})",
        )
    if kind.startswith("Tuple("):
        return _tuple(kind, value, name, depth)
    return value, kind


def _tuple(kind: str, value: str, name: str, depth: int) -> tuple[str, str]:
    values, kinds = [], []
    for place, part in enumerate(arguments(inside(kind)), start=1):
        label_, inner = label(part)
        sql, plain = _readable(inner, f"tupleElement({value}, {place})", name, depth)
        values.append(sql)
        kinds.append(f"{label_} {plain}".strip())
    plain = f"Tuple({', '.join(kinds)})"
    return "CAST(tuple({}), '{}')".format(", ".join(values), plain.replace("\\", "\\\\").replace("'", "\\'")), plain


def _scalar(kind: str, value: str, name: str) -> tuple[str, str]:
    as_hex = f"concat('0x', lower(hex({value})))"
    if kind.startswith("FixedString") or (kind == "String" and name in BYTES_COLUMNS):
        return as_hex, "String"
    if kind == "String":  # `labels.address` and the like: 20 bytes on EVM chains, text on others
        no_text = f"NOT isValidUTF8({value})"
        is_bytes = f"length({value}) = 20 OR {no_text}" if name.endswith("address") else no_text
        return f"if({is_bytes}, {as_hex}, {value})", "String"
    if found := _TIME.fullmatch(kind):
        digits = int(found["digits"] or 0)
        kept = next(step for step in (_MILLISECONDS, _MICROSECONDS, _NANOSECONDS) if digits <= step)
        return f"toDateTime64({value}, {kept}, 'UTC')", f"DateTime64({kept})"
    if kind == "Date":
        return f"toDate32({value})", "Date32"
    if (found := _DECIMAL.fullmatch(kind)) and int(found["precision"]) <= MOST_DECIMAL_DIGITS:
        return value, kind
    if kind in _SCALARS:
        return value, kind
    if kind == "BFloat16":
        return f"toFloat32({value})", "Float32"
    return f"toString({value})", "String"


def _arrow(kind: str) -> pa.DataType:
    if kind.startswith("Array("):
        inner, is_nullable = _unwrapped(inside(kind))
        return pa.list_(pa.field("element", _arrow(inner), nullable=is_nullable))
    if found := _TIME.fullmatch(kind):
        unit = {_MILLISECONDS: "ms", _MICROSECONDS: "us", _NANOSECONDS: "ns"}[int(found["digits"])]
        return pa.timestamp(unit, "UTC")
    if found := _DECIMAL.fullmatch(kind):
        return pa.decimal128(int(found["precision"]), int(found["scale"]))
    return _SCALARS[kind]


def _unwrapped(kind: str) -> tuple[str, bool]:
    return (inside(kind), True) if kind.startswith("Nullable(") else (kind, False)
