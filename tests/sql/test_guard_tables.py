"""A name that is no table of the store is the path of a file for the embedded engine: none passes that it would open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chainsight.errors import UnknownName, UsageError
from sql.answers import answer
from sql.guard import require_question
from sql.guard_tables import Home, tables_of_migrations
from sql.reader import tables_of
from sql.store import Store, open_store

CANARY = "canary-that-nobody-may-read"
# The question's own name where the engine would take it for the file Notes, which lies in the working directory.
FILES = (
    "SELECT * FROM Notes",
    "SELECT 1 WHERE ('x', 'y') IN (Notes)",
    "WITH Notes AS (SELECT * FROM Notes) SELECT * FROM Notes",
    "WITH RECURSIVE Notes AS (SELECT * FROM Notes) SELECT * FROM Notes",
    "WITH RECURSIVE Notes AS (SELECT a FROM Notes UNION ALL SELECT 'x') SELECT * FROM Notes",
    "WITH a AS (SELECT * FROM Notes), Notes AS (SELECT 1) SELECT * FROM a",
    "WITH x AS (WITH Notes AS (SELECT 1) SELECT 1) SELECT * FROM Notes",
    "SELECT * FROM (WITH Notes AS (SELECT 1 AS q) SELECT 1) AS x, Notes",
    "WITH Notes AS (SELECT 1 AS q) SELECT * FROM view(SELECT * FROM Notes)",
    "WITH 1 AS Notes SELECT * FROM Notes",
    "WITH (SELECT 1) AS Notes SELECT * FROM Notes",
    "SELECT * FROM own AS Notes, Notes AS n",
    "SELECT 1 AS Notes, (SELECT 'x' IN Notes)",
    "SELECT count() FROM own WHERE note IN (SELECT a FROM Notes)",
    "SHOW CREATE TABLE Notes",
    "DESCRIBE Notes",
    "EXPLAIN SELECT * FROM Notes",
)
# The question's own name where the engine sees that it is.
OWN = {
    "SELECT note FROM own": "mine",
    "SELECT note FROM default.own": "mine",
    "WITH Notes AS (SELECT 'cte' AS q) SELECT q FROM Notes": "cte",
    "WITH Notes AS (SELECT 'cte' AS q), b AS (SELECT q FROM Notes) SELECT q FROM b": "cte",
    "WITH Notes AS (SELECT 'cte' AS q) SELECT q FROM (SELECT q FROM Notes UNION DISTINCT SELECT q FROM Notes)": "cte",
    "WITH Notes AS (SELECT 'cte' AS q) SELECT q FROM Notes UNION DISTINCT SELECT q FROM Notes": "cte",
    "SELECT * FROM (WITH Notes AS (SELECT 'cte' AS q) SELECT q FROM Notes UNION DISTINCT SELECT q FROM Notes)": "cte",
    "WITH RECURSIVE Notes AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM Notes WHERE n < 3) SELECT max(n) FROM Notes": 3,
    "WITH Notes AS (SELECT 1 AS q) SELECT 1 IN Notes AND 1 IN (Notes)": 1,
    "WITH [1, 2] AS Notes SELECT 1 IN Notes AND (SELECT 2 IN (Notes))": 1,
    "SELECT count() FROM own ARRAY JOIN [1, 2] AS Notes": 2,
    "EXISTS Notes": 0,
    "EXISTS TABLE own": 1,
    "EXISTS nothing": 0,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with one table, opened where a file lies that is called like a word."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "Notes").write_text(f"a,b\n{CANARY},1\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        opened = open_store(f"chdb://{folder}/store")
        opened.command("CREATE TABLE own (note String) ENGINE = MergeTree ORDER BY note")
        opened.command("INSERT INTO own VALUES ('mine')")
        yield opened
        opened.close()


@pytest.mark.parametrize("question", FILES)
def test_a_name_that_the_engine_would_take_for_a_file_is_no_table(question: str, store: Store) -> None:
    with pytest.raises(UnknownName, match="There is no table 'Notes'"):
        answer(store, question, limit=0)


@pytest.mark.parametrize("question", OWN)
def test_tables_of_the_store_and_names_of_the_question_itself_are_asked(question: str, store: Store) -> None:
    assert answer(store, question, limit=0).rows == [[OWN[question]]]


def test_a_file_that_somebody_else_opened_in_the_engine_stays_no_table(store: Store) -> None:
    assert CANARY in str(store.query("SELECT * FROM Notes").to_pydict())  # who runs the store may
    assert tables_of(store) == ["own"]
    with pytest.raises(UnknownName):
        answer(store, "SELECT * FROM Notes", limit=0)


def test_without_a_store_only_tables_of_our_migrations_are_known() -> None:
    assert {"transfers", "blocks", "labels", "tokens"} < tables_of_migrations()
    with pytest.raises(UnknownName, match="Did you mean transfers"):
        require_question("SELECT * FROM transfer")
    home = Home("chain", lambda: ["taken"])
    assert require_question("SELECT * FROM chain.taken, taken", home)
    with pytest.raises(UsageError, match="not in the store's database chain"):
        require_question("SELECT * FROM default.taken", home)
