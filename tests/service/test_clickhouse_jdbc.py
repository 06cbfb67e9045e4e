"""ClickHouse's own JDBC driver, in a real JVM, against the ClickHouse door: how DBeaver, DataGrip and Java see it."""

import os

import pytest
from py4j.protocol import Py4JJavaError

from tests.fixtures.jdbc import DriverMissing, java_machine


@pytest.fixture(scope="module")
def jvm():
    try:
        with java_machine() as machine:
            yield machine
    except DriverMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def connect(jvm, clickhouse):
    opened = []

    def connect_one(key, options=""):
        properties = jvm.java.util.Properties()
        properties.setProperty("user", "dbeaver")
        properties.setProperty("password", key)
        url = f"jdbc:clickhouse://127.0.0.1:{clickhouse.port}/default{options}"
        connection = jvm.com.clickhouse.jdbc.Driver().connect(url, properties)
        opened.append(connection)
        return connection

    yield connect_one
    for connection in opened:
        connection.close()


def rows(found):
    """All rows of a ResultSet, as the texts Java gives."""
    count = found.getMetaData().getColumnCount()
    gathered = []
    while found.next():
        gathered.append([found.getString(column + 1) for column in range(count)])
    return gathered


def test_the_driver_browses_the_store_as_an_analyst(clickhouse, connect):
    connection = connect(clickhouse.analyst)
    about = connection.getMetaData()
    assert about.getDatabaseProductName() == "ClickHouse"
    assert int(about.getDatabaseProductVersion().split(".")[0]) >= 25
    assert "default" in [row[0] for row in rows(about.getSchemas())]
    tables = {row[2]: row[4] for row in rows(about.getTables(None, "default", "%", None))}
    assert tables["tokens"]  # its comment
    columns = [row[3] for row in rows(about.getColumns(None, "default", "scores", "%"))]
    assert {"address", "score", "grade", "reasons"} <= set(columns)
    assert rows(about.getPrimaryKeys(None, "default", "tokens"))


def test_the_driver_asks_with_values_and_takes_every_type(clickhouse, connect):
    connection = connect(clickhouse.analyst)
    statement = connection.createStatement()
    largest = str(2**256 - 1)
    query = f"SELECT toUInt256('{largest}') AS a, [1, 2] AS b, map('k', 1) AS c, toLowCardinality('x') AS d, NULL AS e"
    assert rows(statement.executeQuery(query)) == [[largest, "[1, 2]", "{k=1}", "x", None]]
    prepared = connection.prepareStatement("SELECT ? AS a, ? AS b")
    prepared.setString(1, "O'Brien \\ \t")
    prepared.setLong(2, 2**40)
    assert rows(prepared.executeQuery()) == [["O'Brien \\ \t", str(2**40)]]
    assert len(rows(statement.executeQuery("SELECT number, repeat('x', 200) AS s FROM numbers(3000)"))) == 3000
    statement.setMaxRows(3)
    assert len(rows(statement.executeQuery("SELECT number FROM numbers(100)"))) == 3
    with pytest.raises(Py4JJavaError, match=r"Code: 47.*UNKNOWN_IDENTIFIER"):
        statement.executeQuery("SELECT nosuch FROM scores")
    with pytest.raises(Py4JJavaError, match=r"Code: 497"):
        statement.executeUpdate("DROP TABLE scores")
    with pytest.raises(Py4JJavaError, match="AUTHENTICATION_FAILED"):
        connect("wrong").createStatement().executeQuery("SELECT 1")


@pytest.mark.parametrize(
    "options", ["", "?compress=false", "?compress=true&decompress=true", "?client.use_http_compression=true"]
)
def test_an_admin_makes_a_table_and_fills_it_in_batches(clickhouse, connect, options):
    connection = connect(clickhouse.admin, options)
    statement = connection.createStatement()
    statement.executeUpdate("CREATE OR REPLACE TABLE batches (a UInt64, s String) ENGINE = MergeTree ORDER BY a")
    prepared = connection.prepareStatement("INSERT INTO batches (a, s) VALUES (?, ?)")
    for number in range(200):
        prepared.setLong(1, number)
        prepared.setString(2, f"it's {number}")
        prepared.addBatch()
    assert len(prepared.executeBatch()) == 200
    assert rows(statement.executeQuery("SELECT count(), uniqExact(s), max(s) FROM batches")) == [
        ["200", "200", "it's 99"]
    ]
