"""Questions are answered in plain values; whatever is more than a question is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from chainsight.errors import StoreError, UsageError
from sql.answers import answer
from sql.guard import require_question
from sql.migrate import migrate
from sql.store import Store, open_store

PLAIN = {
    "toUInt256('115792089237316195423570985008687907853269984665640564039457584007913129639935')": 2**256 - 1,
    "toInt256(-5)": -5,
    "toInt128(-1)": -1,
    "CAST(NULL AS Nullable(UInt256))": None,
    "toFixedString(unhex(repeat('ab', 20)), 20)": "0x" + "ab" * 20,
    "unhex('a9059cbb')": "0xa9059cbb",
    "'plain text, ünïcode'": "plain text, ünïcode",
    "toDateTime('2024-01-02 03:04:05', 'UTC')": dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
    "[toUInt256(1), toUInt256(2)]": [1, 2],
    "tuple('a', toUInt256(3))": {"1": "a", "2": 3},
    "[(unhex('ff'), toUInt256(4))]": [{"1": "0xff", "2": 4}],
    "map('k', unhex('ff'))": {"k": "0xff"},
    "toLowCardinality('x')": "x",
}
REFUSED = (
    "", ";", "DROP TABLE transfers", "INSERT INTO tokens SELECT * FROM tokens", "SELECT 1; DROP TABLE transfers",
    "ALTER TABLE tokens DELETE WHERE 1", "KILL QUERY WHERE 1", "SYSTEM SHUTDOWN", "TRUNCATE TABLE tokens",
    "SELECT * FROM file('/etc/passwd')", "DESCRIBE file('/etc/passwd')", "SELECT * FROM url('http://127.0.0.1/')",
    "EXPLAIN SELECT * FROM url('http://127.0.0.1/')", "SELECT 1 INTO OUTFILE '/tmp/x'", "SET final = 0", "SELECT FROM WHERE",
    "CREATE TABLE x (a UInt8) ENGINE = Memory", "SHOW TABLES; DROP TABLE tokens", "SELECT * FROM (SELECT * FROM s3('x'))",
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all questions here: nothing in this module writes to what another test reads."""
    opened = open_store(f"chdb://{tmp_path_factory.mktemp('shared')}/store")
    migrate(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize("expression", PLAIN)
def test_values_come_out_plain(expression: str, store: Store) -> None:
    assert answer(store, f"SELECT {expression} AS value", limit=0).rows == [[PLAIN[expression]]]


def test_columns_of_bytes_are_always_hex_even_when_the_bytes_are_letters(store: Store) -> None:
    found = answer(store, "SELECT 'abcd' AS method_id, repeat('a', 20) AS address, 'bc1q' AS to_address", limit=0)
    assert found.rows == [["0x61626364", "0x" + "61" * 20, "bc1q"]]


def test_a_limit_cuts_and_says_so_and_keeps_the_order(store: Store) -> None:
    found = answer(store, "SELECT number FROM numbers(1000000) ORDER BY number DESC -- the last ones", limit=2)
    assert (found.rows, found.is_cut) == ([[999_999], [999_998]], True)
    assert not answer(store, "SELECT 1", limit=1).is_cut


@pytest.mark.parametrize("question", ["SHOW TABLES", "DESCRIBE transfers", "EXPLAIN SELECT 1", "EXPLAIN AST SELECT 1"])
def test_questions_about_tables_and_plans_are_answered(question: str, store: Store) -> None:
    assert answer(store, question, limit=0).rows


@pytest.mark.parametrize("sql", REFUSED)
def test_what_is_no_question_is_a_usage_error(sql: str) -> None:
    with pytest.raises(UsageError):
        require_question(sql)


def test_the_databases_own_words_come_through(store: Store) -> None:
    with pytest.raises(StoreError, match="nothing_like_it"):
        answer(store, "SELECT nothing_like_it FROM transfers", limit=0)
