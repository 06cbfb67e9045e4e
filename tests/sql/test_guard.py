"""A reader's SQL: ways around the guard that were thought of, each refused with its reason, and questions that pass."""

from __future__ import annotations

import pytest

from chainsight.errors import UsageError
from sql.guard import is_select, require_question

REFUSED = {
    # Writing a file
    "SHOW TABLES INTO OUTFILE '/tmp/x'": "INTO OUTFILE is not for readers",
    "EXISTS transfers INTO OUTFILE '/tmp/x'": "INTO OUTFILE is not for readers",
    "SELECT 1 INTO/**/OUTFILE '/tmp/x'": "INTO OUTFILE is not for readers",
    "EXPLAIN SELECT 1 INTO OUTFILE '/tmp/x'": "INTO OUTFILE is not for readers",
    "DESCRIBE transfers INTO OUTFILE 'x'": "INTO OUTFILE is not for readers",
    # Hiding in comments and quotes
    "DESCRIBE TABLE file('/etc/passwd') -- SELECT 1": "This form of DESCRIBE is not known",
    "DESCRIBE TABLE file('/etc/passwd') /* SELECT 1 */": "This form of DESCRIBE is not known",
    "EXPLAIN /* SELECT 1 */ DROP TABLE transfers": "This form of EXPLAIN is not known",
    "SELECT 1 # ' \n FROM file('x') -- '": "A # stands alone",
    "SELECT $a$ ' $a$, * FROM file('x') -- '": r"A \$ stands alone",
    "SELECT ‘a’": "A ‘ stands alone",
    "SELECT 'never ends": "A ' stands alone in it, or opens what never ends",
    "SELECT 1 /* never ends": r"A /\* stands alone",
    # Reading from elsewhere
    "SELECT * FROM file('/etc/passwd')": r"file\(\) reads from outside the store",
    "SELECT file('/etc/passwd')": r"file\(\) reads from outside the store",
    "SELECT 1 IN file('/etc/passwd')": r"file\(\) reads from outside the store",
    "SELECT * FROM numbers(1) JOIN urlCluster('a', 'b') AS u ON 1": r"urlcluster\(\) reads from outside",
    "SELECT * FROM icebergS3('x')": r"icebergs3\(\) reads from outside",
    "SELECT * FROM fuzzJSON('x')": r"fuzzjson\(\) reads from outside",
    "SELECT * FROM view(SELECT * FROM remote('h', 'd', 't'))": r"remote\(\) reads from outside",
    "SELECT * FROM x.numbers(1)": r"numbers\(\) reads from outside",
    "DESCRIBE (SELECT * FROM url('http://127.0.0.1/'))": r"url\(\) reads from outside",
    "EXPLAIN PLAN SELECT * FROM url('http://127.0.0.1/')": r"url\(\) reads from outside",
    'SELECT * FROM "/etc/passwd"': "'/etc/passwd' is not the name of a table",
    "SELECT * FROM `secret.csv`": "'secret.csv' is not the name of a table",
    "SELECT * FROM 'secret.csv'": "'secret.csv' is not the name of a table",
    "SELECT 1 IN `secret.csv`": "'secret.csv' is not the name of a table",
    # Changing how the store works
    "SELECT 1 SETTINGS max_memory_usage = 0": "SETTINGS max_memory_usage = is not for readers",
    "SELECT * FROM (SELECT 1 SETTINGS final = 0)": "SETTINGS final = is not for readers",
    "SHOW TABLES SETTINGS final = 0": "SETTINGS final = is not for readers",
    "SELECT 1 FORMAT CSV": "FORMAT is not for readers",
    "SHOW TABLES FORMAT CSV": "FORMAT is not for readers",
    # More than a question
    "SHOW PROCESSLIST": "This form of SHOW is not known",
    "SHOW TABLES; DROP TABLE tokens": "These are 2 statements",
    "(SHOW TABLES)": "This form of SHOW is not known",
    "DESCRIBE (SELECT 1) UNION ALL (SELECT 2); DROP TABLE tokens": "These are 2 statements",
    "DESCRIBE (SELECT 1); DROP TABLE (tokens)": "These are 2 statements",
    "EXPLAIN SELECT 1; DROP TABLE tokens": "These are 2 statements",
    "WITH x AS (SELECT 1) INSERT INTO tokens SELECT * FROM x": "INTO is not for readers",
}
PASSED = (
    "SELECT kind, count() FROM transfers GROUP BY kind", "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
    "SELECT number FROM numbers(10)", "SELECT * FROM generateSeries(1, 3)", "SELECT * FROM generate_series(1, 3)",
    "SELECT * FROM values('a UInt8', 1, 2)", "SELECT * FROM view(SELECT 1)", "SELECT * FROM null('x UInt8')",
    "SELECT * FROM zeros(2) AS a CROSS JOIN numbers_mt(2) AS b", "SELECT 1 UNION ALL SELECT 2", "(SELECT 1)",
    "SELECT 'INTO OUTFILE', 'it''s -- no comment', 'SETTINGS a = 1', '/* # $ */'", "SELECT 1 AS format, 2 AS settings",
    "SELECT x FROM (SELECT [1, 2] AS xs) ARRAY JOIN xs AS x", "SELECT 1 IN (1, 2), 1 IN tuple(1, 2), 2 IN (SELECT 2)",
    "SELECT `a b` FROM (SELECT 1 AS `a b`)", "SELECT table FROM system.columns", "SHOW TABLES", "show databases",
    "SHOW CREATE TABLE transfers", "EXISTS transfers", "DESCRIBE transfers", "DESC TABLE transfers",
    "DESCRIBE (SELECT 1 AS a)", "DESCRIBE TABLE (SELECT 1 AS a)", "EXPLAIN SELECT 1", "EXPLAIN AST SELECT 1",
    "EXPLAIN QUERY TREE SELECT 1", "EXPLAIN PLAN header = 1, actions = 1 SELECT 1",
)  # fmt: skip


@pytest.mark.parametrize("sql", REFUSED)
def test_a_way_around_is_refused_with_its_reason(sql: str) -> None:
    with pytest.raises(UsageError, match=REFUSED[sql]):
        require_question(sql)


@pytest.mark.parametrize("sql", PASSED)
def test_questions_pass_as_they_are(sql: str) -> None:
    assert require_question(sql + " ;") == sql


def test_what_is_asked_is_the_text_without_its_comments() -> None:
    assert require_question("-- first\nSELECT 1/* one */, 2 -- last") == "SELECT 1 , 2"
    assert is_select(require_question("/* SHOW */ SELECT 1"))
    assert not is_select(require_question("-- SELECT\nSHOW TABLES"))
