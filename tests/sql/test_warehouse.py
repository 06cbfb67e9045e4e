"""What an analyst gets in Python: a store that opens, rows that every library takes, errors that help."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import chainsight
from chainsight.errors import StoreEmpty, UnknownName, UnknownStore, UsageError
from sql.export import export
from sql.warehouse import Warehouse
from tests.fixtures.stores import new_store

LARGEST = 2**256 - 1
VALUES = (
    f"SELECT toFixedString(unhex(repeat('ab', 20)), 20) AS wallet, toUInt256('{LARGEST}') AS amount, toInt256(-5) AS delta, "
    "toDateTime('2024-01-02 03:04:05', 'UTC') AS at, toDate('2024-01-02') AS day, toLowCardinality('native') AS kind, "
    f"unhex('ff00') AS odd, unhex('61') AS method_id, [toUInt256(1), toUInt256('{LARGEST}')] AS amounts, map('a', 1) AS counts, "
    "toNullable(1.5) AS share, CAST(NULL AS Nullable(UInt256)) AS nothing, toUInt64(7) AS block_number"
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A store with one transfer."""
    dsn = f"chdb://{tmp_path_factory.mktemp('warehouse')}/store"
    store = new_store(dsn.removeprefix("chdb://"))
    store.command(
        "INSERT INTO transfers (chain_id, block_number, block_timestamp, kind, from_address, to_address, amount, version)"
        " VALUES (1, 5, '2024-01-02 03:04:05', 'native', unhex(repeat('ab', 20)), unhex(repeat('cd', 20)), 2e18, 1)"
    )
    store.command(
        "INSERT INTO ingest_audit (chain_id, from_block, to_block, source, finality, version)"
        " VALUES (1, 1, 5, 'archive', 'latest', 1)"
    )
    store.close()
    with chainsight.open(dsn) as opened:
        yield opened


def test_columns_are_what_other_libraries_hold(warehouse: Warehouse) -> None:
    rows = warehouse.query(VALUES)
    expected = {
        "wallet": "0x" + "ab" * 20, "amount": str(LARGEST), "delta": "-5", "at": dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
        "day": dt.date(2024, 1, 2), "kind": "native", "odd": "0xff00", "method_id": "0x61", "amounts": ["1", str(LARGEST)],
        "counts": '{"a": 1}', "share": 1.5, "nothing": None, "block_number": 7,
    }  # fmt: skip
    table = rows.arrow()
    assert isinstance(table, pa.Table)
    assert table.to_pylist() == [expected]
    assert rows.polars().to_dicts() == [expected]
    assert rows.polars().schema["at"] == pl.Datetime("ms", "UTC") or rows.polars().schema["at"].is_temporal()
    frame = rows.pandas()
    assert (frame["amount"][0], str(frame["at"].dt.tz), frame["block_number"].dtype.kind) == (str(LARGEST), "UTC", "u")
    assert next(iter(rows))["amount"] == LARGEST
    assert len(rows) == 1


ODD = {
    "toDecimal256('12345678901234567890123456789012345678901234567.50', 3)": "12345678901234567890123456789012345678901234567.5",
    "[toDecimal256('-2.500', 3), NULL]": ["-2.5", None],
    "CAST('a' AS Enum8('a' = 1, 'b' = 2))": "a",
    "toLowCardinality(toNullable('x'))": "x",
    "toUUID('00000000-0000-0000-0000-0000000000ff')": "00000000-0000-0000-0000-0000000000ff",
    "toIPv4('1.2.3.4')": "1.2.3.4",
    "[toIPv6('::1')]": ["::1"],
    "CAST([] AS Array(UInt256))": [],
    "toDecimal64(1.5, 3)": decimal.Decimal("1.500"),
}


def test_every_type_is_the_same_for_all_libraries_and_in_exported_files(warehouse: Warehouse, tmp_path: Path) -> None:
    question = "SELECT " + ", ".join(f"{value} AS c{number}" for number, value in enumerate(ODD))
    rows = warehouse.query(question)
    expected = {f"c{number}": value for number, value in enumerate(ODD.values())}
    assert rows.arrow().to_pylist() == [expected]
    assert rows.polars().to_dicts() == [expected]
    assert rows.pandas()["c2"].tolist() == ["a"]
    export(warehouse._store, question, path=tmp_path / "odd.parquet")
    assert pq.read_table(tmp_path / "odd.parquet").to_pylist() == [expected]
    assert [field.type for field in pq.read_schema(tmp_path / "odd.parquet")] == rows.arrow().schema.types


def test_columns_of_one_name_are_refused_as_in_exports(warehouse: Warehouse) -> None:
    with pytest.raises(UsageError, match="Two columns share a name: number, number"):
        warehouse.query("SELECT number, number FROM numbers(2)")


def test_types_of_columns_do_not_depend_on_rows(warehouse: Warehouse) -> None:
    none = warehouse.query("SELECT amount, from_address, block_timestamp FROM transfers WHERE block_number > 5").arrow()
    some = warehouse.query("SELECT amount, from_address, block_timestamp FROM transfers").arrow()
    assert none.schema.types == some.schema.types
    assert none.num_rows == 0


def test_sql_and_questions_take_parameters(warehouse: Warehouse) -> None:
    kinds = warehouse.query("SELECT count() AS n FROM transfers WHERE kind = {kind:String}", kind="native").arrow()
    mine = warehouse.query(
        "SELECT count() AS n FROM transfers WHERE from_address = unhex(substring({who:String}, 3))", who=b"\xab" * 20
    )
    named = warehouse.query("top_counterparties", address="0x" + "ab" * 20).arrow().to_pylist()
    assert kinds["n"].to_pylist() == mine.arrow()["n"].to_pylist() == [1]
    assert (named[0]["counterparty"], named[0]["sent"], named[0]["sent_amount"]) == (
        "0x" + "cd" * 20,
        2.0,
        str(2 * 10**18),
    )


def test_a_picture_is_drawn_of_any_rows(warehouse: Warehouse, tmp_path: Path) -> None:
    picture = warehouse.query("top_counterparties", address="0x" + "ab" * 20).plot()
    assert picture.to_dict()["title"]["text"] == "Whom an address deals with most"
    assert picture.to_dict()["title"]["subtitle"] == f"address 0x{'ab' * 20}, up to block 5"
    wide = warehouse.query("SELECT kind, amount FROM transfers").plot(title="Amounts").to_dict()
    assert (wide["title"]["text"], wide["data"]["values"]) == ("Amounts", [{"x": "native", "y": 2e18}])


def test_tables_describe_themselves(warehouse: Warehouse) -> None:
    tables = warehouse.tables().pandas().set_index("name")
    assert tables.loc["transfers", "rows"] == 1
    assert "transfer" in tables.loc["transfers", "meaning"]
    columns = {row["name"]: row for row in warehouse.describe("transfers")}
    assert columns["amount"]["type"] == "UInt256"
    assert columns["amount"]["meaning"].startswith("Smallest units")
    with pytest.raises(UnknownName, match="Did you mean transfers"):
        warehouse.describe("transfer")
    assert "token_holders" in warehouse.questions("tokens").pandas()["name"].tolist()
    assert [row["name"] for row in warehouse.query("SHOW TABLES")] == warehouse.tables().arrow()["name"].to_pylist()


def test_rows_show_themselves_in_a_notebook_without_being_obeyed(warehouse: Warehouse) -> None:
    shown = warehouse.query("SELECT '<script>alert(1)</script>' AS label")._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("sql", ["DROP TABLE transfers", "SELECT * FROM file('/etc/passwd')", "SELECT 1; SELECT 2", ""])
def test_whoever_opens_a_store_only_reads(sql: str, warehouse: Warehouse) -> None:
    with pytest.raises(UsageError):
        warehouse.query(sql)


def test_a_value_of_no_kind_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(UsageError, match="A dict cannot be the value of a parameter"):
        warehouse.query("SELECT {x:String}", x={})
    with pytest.raises(UnknownName, match="Did you mean top_counterparties"):
        warehouse.query("top_counterpartys")


def test_only_a_store_that_is_there_opens_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreEmpty, match="there is no folder"):
        chainsight.open(f"chdb://{tmp_path}/nowhere")
    with pytest.raises(UnknownStore):
        chainsight.open("mysql://nowhere")
    assert list(tmp_path.iterdir()) == []
