"""A reader's SQL: ways around the guard that were thought of, each refused with its reason, and questions that pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainsight.errors import UsageError
from sql.files import load_folder
from sql.guard import Question, is_select, read_question, require_question
from sql.guard_names import HIDDEN_COLUMNS, SYSTEM_TABLES, TABLE_FUNCTIONS, allowed_functions, is_allowed, why_refused
from sql.store import Store, open_store

# Columns named like places that tell sizes, and who defined a function.
NO_PLACES = {("functions", "origin"), ("parts", "bytes_on_disk")}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An engine without tables of ours."""
    opened = open_store(f"chdb://{tmp_path_factory.mktemp('engine')}/store")
    for statement in load_folder("functions"):
        opened.command(statement)
    yield opened
    opened.close()


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


def ways_around() -> Iterator[tuple[str, str]]:
    """Each line of refused.txt with the reason above it."""
    reason = ""
    for line in (Path(__file__).parent / "questions" / "refused.txt").read_text(encoding="utf-8").splitlines():
        reason = line.removeprefix("# ") if line.startswith("# ") else reason
        if line and not line.startswith("# "):
            yield line, reason


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


@pytest.mark.parametrize(("sql", "reason"), list(ways_around()))
def test_another_way_around_is_refused_with_its_reason(sql: str, reason: str) -> None:
    with pytest.raises(UsageError, match=re.escape(reason)) as caught:
        require_question(sql)
    assert caught.value.next_step


@pytest.mark.parametrize("sql", PASSED)
def test_questions_pass_as_they_are(sql: str) -> None:
    assert require_question(sql + " ;") == sql


def test_what_is_asked_is_the_text_without_its_comments() -> None:
    assert require_question("-- first\nSELECT 1/* one */, 2 -- last") == "SELECT 1 , 2"
    assert is_select(require_question("/* SHOW */ SELECT 1"))
    assert not is_select(require_question("-- SELECT\nSHOW TABLES"))


def test_every_function_of_the_engine_is_allowed_or_refused_with_a_reason(engine: Store) -> None:
    names = engine.query("SELECT name FROM system.functions WHERE origin = 'System'").to_pydict()["name"]
    undecided = [name for name in names if is_allowed(name) == bool(why_refused(name))]
    assert undecided == [], "put each into allowed_functions.txt, or with a reason into REFUSED of guard_names.py"


def test_every_table_function_of_the_engine_but_those_that_only_make_rows_is_refused(engine: Store) -> None:
    names = engine.query("SELECT name FROM system.table_functions").to_pydict()["name"]
    assert len(names) > 80
    for name in names:
        if name.lower() not in TABLE_FUNCTIONS:
            with pytest.raises(UsageError, match=r"\(\) "):
                require_question(f"SELECT * FROM {name}('x')")


def test_every_column_of_the_engine_that_tells_a_path_is_hidden(engine: Store) -> None:
    columns = engine.query(
        "SELECT table, name FROM system.columns WHERE database = 'system' AND (name ILIKE '%path%' OR name ILIKE '%disk%' "
        "OR name ILIKE '%host%' OR name IN ('user', 'origin', 'source', 'ip', 'address'))"
    ).to_pylist()
    told = {(row["table"], row["name"]) for row in columns if row["table"] in SYSTEM_TABLES}
    hidden = {(table, name) for table, names in HIDDEN_COLUMNS.items() for name in names}
    assert told - hidden - NO_PLACES == set()


def test_all_that_one_can_call_by_an_allowed_name_exists(engine: Store) -> None:
    names = engine.query("SELECT lower(name) AS name FROM system.functions").to_pydict()["name"]
    assert set(allowed_functions()) - set(names) - {"untuple"} == set()


def test_a_question_may_end_with_the_format_it_wants() -> None:
    assert read_question("SELECT 1 FORMAT JSONEachRow;") == Question("SELECT 1", "JSONEachRow")
    assert read_question("SHOW TABLES FORMAT CSV") == Question("SHOW TABLES", "CSV")
    assert read_question("SELECT 1 AS format").form == ""


@pytest.mark.parametrize(
    "nested", [f"SELECT {'(' * 5000}1{')' * 5000}", f"SELECT {'NOT ' * 20_000}1", f"SELECT 1{' + 1' * 30_000}"]
)
def test_what_would_take_the_parser_apart_is_refused_in_time(nested: str) -> None:
    with pytest.raises(UsageError):
        require_question(nested)
