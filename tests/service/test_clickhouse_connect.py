"""clickhouse-connect as a real client of the ClickHouse door; pandas, Arrow and Superset stand on it."""

import clickhouse_connect
import pandas as pd
import pyarrow as pa
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError


@pytest.fixture
def connect(clickhouse):
    opened = []

    def connect_one(key, **options):
        client = clickhouse_connect.get_client(
            host="127.0.0.1", port=clickhouse.port, username="me", password=key, **options
        )
        opened.append(client)
        return client

    yield connect_one
    for client in opened:
        client.close()


def test_an_analyst_asks_in_every_way_the_client_has(clickhouse, connect):
    client = connect(clickhouse.analyst)
    assert client.query("SELECT toString(grade) AS grade FROM scores ORDER BY grade").result_rows == [
        ("Low",),
        ("Medium",),
    ]
    found = client.query("SELECT {a:String} AS a, {b:Array(UInt8)} AS b", parameters={"a": "O'B\t\\\n🦄", "b": [1, 2]})
    assert found.result_rows == [("O'B\t\\\n🦄", [1, 2])]
    assert found.column_names == ("a", "b")
    assert client.query_df("SELECT number AS n FROM numbers(3)")["n"].tolist() == [0, 1, 2]
    assert client.query_arrow("SELECT number AS n FROM numbers(3)").to_pydict() == {"n": [0, 1, 2]}
    assert client.query("SELECT toLowCardinality('a') AS a, toUInt256(7) AS b, NULL AS c").result_rows == [
        ("a", 7, None)
    ]
    assert client.command("SELECT count() FROM scores") == 2
    assert client.query("SELECT address, score FROM scores LIMIT 0").column_names == ("address", "score")
    with client.query_row_block_stream("SELECT number FROM numbers(300000)") as blocks:
        assert sum(len(block) for block in blocks) == 300_000
    with pytest.raises(DatabaseError, match=r"code: 47.*UNKNOWN_IDENTIFIER"):
        client.query("SELECT nosuch FROM scores")
    with pytest.raises(DatabaseError, match=r"code: 497.*CREATE"):
        client.command("CREATE TEMPORARY TABLE t (a UInt8)")


def test_long_parameters_come_as_a_form(clickhouse, connect):
    many = [f"0x{number:040x}" for number in range(5000)]
    found = connect(clickhouse.analyst).query(
        "SELECT length({many:Array(String)}) AS n, {text:String} AS text",
        parameters={"many": many, "text": "it's\n\t🦄"},
    )
    assert found.result_rows == [(5000, "it's\n\t🦄")]


def test_an_admin_fills_a_temporary_table_of_a_session_in_every_way(clickhouse, connect):
    client = connect(clickhouse.admin)
    client.command("CREATE TEMPORARY TABLE filled (a UInt64, s String) ENGINE = Memory")
    client.insert("filled", [[1, "rows"]], column_names=["a", "s"])
    client.insert_df("filled", pd.DataFrame({"a": [2], "s": ["frame"]}))
    client.insert_arrow("filled", pa.table({"a": pa.array([3], pa.uint64()), "s": ["arrow"]}))
    client.raw_insert("filled", insert_block=b'{"a":4,"s":"raw"}\n', fmt="JSONEachRow")
    client.command("INSERT INTO filled VALUES ({a:UInt64}, 'command')", parameters={"a": 5})
    rows = [(1, "rows"), (2, "frame"), (3, "arrow"), (4, "raw"), (5, "command")]
    assert client.query("SELECT * FROM filled ORDER BY a").result_rows == rows
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        connect(clickhouse.admin).query("SELECT * FROM filled")
    assert client.query("SELECT getSetting('max_threads') AS n", settings={"max_threads": 1}).result_rows == [(1,)]


def test_a_stream_that_fails_after_it_began_raises_and_the_client_goes_on(clickhouse, connect):
    client = connect(clickhouse.admin)
    # Neither ends early nor fits into what is held back until it is sure that all went well.
    query = "SELECT number, throwIf(number = 900000) AS b FROM numbers(1000000) SETTINGS max_block_size = 10000"
    with pytest.raises((DatabaseError, StreamFailureError), match="throwIf"):
        client.query(query)
    assert client.command("SELECT 1") == 1


def test_wrong_passwords_and_compression_of_all_kinds(clickhouse, connect):
    with pytest.raises(DatabaseError, match="AUTHENTICATION_FAILED"):
        connect("wrong")
    for compress in ("lz4", "zstd", "gzip", False):
        client = connect(clickhouse.admin, compress=compress)
        client.command("CREATE TEMPORARY TABLE packed (a String) ENGINE = Memory")
        client.insert("packed", [[str(number)] for number in range(20_000)], column_names=["a"])
        assert client.query("SELECT uniqExact(a) AS n FROM packed").result_rows == [(20_000,)]
        client.close()
