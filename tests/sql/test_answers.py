"""Questions are answered in plain values; whatever is more than a question is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from chainsight.errors import ChainsightError, StoreError, UsageError
from sql.answers import answer
from sql.guard import require_question
from sql.store import Store
from tests.fixtures.stores import new_store

PLAIN: dict[str, object] = {
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
    r"CAST('it\'s, b' AS Enum8('a' = 1, 'it\'s, b' = -2))": "it's, b",
    "[CAST('a' AS Enum16('a' = 1000))]": ["a"],
    "toNullable(toIPv4('1.2.3.4'))": "1.2.3.4",
    "[toIPv6('::1'), toIPv6('::ffff:1.2.3.4')]": ["::1", "::ffff:1.2.3.4"],
    "toUUID('00000000-0000-0000-0000-0000000000ff')": "00000000-0000-0000-0000-0000000000ff",
    "CAST(('a', toUUID('00000000-0000-0000-0000-0000000000ff')) AS Tuple(`x y` Enum8('a' = 1), u UUID))": {
        "x y": "a",
        "u": "00000000-0000-0000-0000-0000000000ff",
    },
}
REFUSED = (
    "", ";", "DROP TABLE transfers", "INSERT INTO tokens SELECT * FROM tokens", "SELECT 1; DROP TABLE transfers",
    "ALTER TABLE tokens DELETE WHERE 1", "KILL QUERY WHERE 1", "SYSTEM SHUTDOWN", "TRUNCATE TABLE tokens",
    "SELECT * FROM file('/etc/passwd')", "DESCRIBE file('/etc/passwd')", "SELECT * FROM url('http://127.0.0.1/')",
    "EXPLAIN SELECT * FROM url('http://127.0.0.1/')", "SELECT 1 INTO OUTFILE '/tmp/x'", "SET final = 0", "SELECT FROM WHERE",
    "CREATE TABLE x (a UInt8) ENGINE = Memory", "SHOW TABLES; DROP TABLE tokens", "SELECT * FROM (SELECT * FROM s3('x'))",
)  # fmt: skip


MISTAKES = {
    "SELECT amout FROM transfers": r"There is no column 'amout'\. Did you mean amount",
    "SELECT t.amout FROM transfers AS t": r"There is no column 'amout'\. Did you mean amount",
    "SELECT count() FROM (SELECT amount FROM transfers) WHERE amoun > 1": "no column 'amoun'.* amount",
    "SELECT gas_usde FROM blocks AS b JOIN transfers AS t USING (block_number)": "no column 'gas_usde'.* gas_used",
    "SELECT 1 FROM transferz": r"There is no table 'transferz'\. Did you mean transfers",
    "SELECT 1 FROM default.blokcs": r"There is no table 'blokcs'\. Did you mean blocks",
    "SELECT haxString(1)": r"There is no function 'haxString'",
    "SELECT toSartOfDay(now())": r"There is no function 'toSartOfDay'\. Did you mean toStartOfDay",
    "SELECT kind + 1 FROM transfers": "Types do not fit: Illegal types String and UInt8 of arguments of function plus",
    "SELECT amount = 'x' FROM transfers": r"Cannot convert string 'x' to type UInt256.*DESCRIBE table shows",
    "SELECT toFixedString('0xabcdef0123456789abcdef0123456789abcdef01', 20)": r"write unhex\('…'\) without 0x",
    "SELECT {a:UInt8}": "The parameter a has no value",
    "SELECT number FROM numbers(2000000)": r"brings more than a question may.*Add a LIMIT, aggregate.*chainsight export",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all questions here: nothing in this module writes to what another test reads."""
    opened = new_store(f"{tmp_path_factory.mktemp('shared')}/store")
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


def test_what_nobody_here_can_explain_comes_in_the_databases_own_words(store: Store) -> None:
    with pytest.raises(StoreError, match="Division by zero"):
        answer(store, "SELECT intDiv(1, 0)", limit=0)


@pytest.mark.parametrize("sql", MISTAKES)
def test_a_mistake_is_told_with_what_to_write_instead(sql: str, store: Store) -> None:
    with pytest.raises(ChainsightError, match=MISTAKES[sql]) as caught:
        answer(store, sql, limit=0)
    assert caught.value.next_step
    assert "\n" not in str(caught.value)


def test_a_value_of_the_wrong_type_names_its_parameter(store: Store) -> None:
    with pytest.raises(UsageError, match=r"The parameter block wants UInt64, not 'latest'\."):
        answer(store, "SELECT {block:UInt64}", limit=0, parameters={"block": "latest"})


def test_the_next_question_gets_nothing_of_one_that_failed_in_the_middle(store: Store) -> None:
    with pytest.raises(StoreError, match="non-zero"):
        store.query("SELECT number, throwIf(number = 3000000) FROM numbers(4000000)")
    assert store.query("SELECT 1 AS a").to_pydict() == {"a": [1]}
