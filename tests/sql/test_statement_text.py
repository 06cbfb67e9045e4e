"""What the door reads out of a statement's text before the engine does."""

import pytest

from sql.refusals import Refusal
from sql.statement_text import is_question, read_insert, verb_of, without_format


@pytest.mark.parametrize(
    ("text", "rest", "form"),
    [
        ("SELECT 1 FORMAT JSON", "SELECT 1", "JSON"),
        ("SELECT 1\n format  Native ;\n", "SELECT 1", "Native"),
        ("SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "SELECT 1 SETTINGS max_threads = 1", "JSON"),
        ("SELECT 1 SETTINGS max_threads = 1 FORMAT CSV", "SELECT 1 SETTINGS max_threads = 1", "CSV"),
        ("SELECT 1 FORMAT CSV -- end", "SELECT 1 -- end", "CSV"),
        ("SELECT 'FORMAT JSON'", "SELECT 'FORMAT JSON'", ""),
        ("SELECT 1 -- FORMAT JSON", "SELECT 1 -- FORMAT JSON", ""),
        ("SELECT format FROM t", "SELECT format FROM t", ""),
        ("SELECT (SELECT 1 AS format) AS x", "SELECT (SELECT 1 AS format) AS x", ""),
        ("SELECT ';' /* ; */", "SELECT ';' /* ; */", ""),
        ("SELECT `a;b` FROM t;;", "SELECT `a;b` FROM t", ""),
        ("", "", ""),
    ],
)
def test_a_format_clause_is_found_at_the_end_and_nowhere_else(text, rest, form):
    assert without_format(text) == (rest, form)


def test_two_statements_are_refused_with_the_code_for_syntax():
    with pytest.raises(Refusal, match=r"Code: 62.*Multi-statements are not allowed"):
        without_format("SELECT 1; DROP TABLE t")


def test_a_question_is_told_from_a_change():
    questions = [
        "select 1",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "/* a */ WITH 1 AS x SELECT x",
        "SHOW TABLES",
        "-- a\nEXPLAIN SELECT 1",
    ]
    changes = [
        "INSERT INTO t VALUES (1)",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "SET a = 1",
        "KILL QUERY WHERE 1",
        "",
    ]
    assert [is_question(text) for text in questions + changes] == [True] * len(questions) + [False] * len(changes)
    assert verb_of("((select 1))") == "SELECT"


def test_rows_begin_where_clickhouse_says_that_they_begin():
    binary = b"INSERT INTO t SETTINGS a = 1 FORMAT RowBinary\r\n\xff\xfe"
    for text, *expected, rows in (
        (b"INSERT INTO t FORMAT CSV\n1,2\n", "INSERT INTO t", "", "CSV", b"1,2\n"),
        (b"insert into t (format, b) format JSONEachRow {}", "insert into t (format, b)", "", "JSONEachRow", b"{}"),
        (binary, "INSERT INTO t", "SETTINGS a = 1", "RowBinary", b"\xff\xfe"),
        (b"INSERT INTO `FORMAT` FORMAT TSV  \n\n", "INSERT INTO `FORMAT`", "", "TSV", b"\n"),
        ("INSERT INTO ü FORMAT Native".encode(), "INSERT INTO ü", "", "Native", b""),
    ):
        insert = read_insert(text)
        assert insert is not None
        assert [insert.target, insert.settings, insert.form] == expected
        assert text[insert.rows_at :] == rows


def test_rows_that_stand_in_the_sql_itself_are_left_there():
    for inline in ("INSERT INTO t VALUES (1)", "INSERT INTO t SELECT 1", "INSERT INTO t FROM INFILE 'x' FORMAT CSV"):
        assert read_insert(inline.encode()) is None
