"""What passes the guard changes nothing and reads no file, even where nothing else forbids it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainsight.errors import ChainsightError, UsageError
from sql.guard import require_question
from sql.limits import ReaderLimits, reader_settings
from sql.store import SESSION_SETTINGS, ClickHouseStore, Store, connect
from tests.fixtures.stores import new_store

PASSED: Counter[str] = Counter()
CANARY = "canary-that-nobody-may-read"
HERE = "CANARYPATH"
WORDS = st.sampled_from((
    "SELECT", "FROM", "WHERE", "WITH", "AS", "JOIN", "ON", "USING", "IN", "NOT IN", "UNION ALL", "EXCEPT",
    "ARRAY JOIN", "PREWHERE",
    "FINAL", "SAMPLE", "LIMIT", "BY", "ORDER BY", "GROUP BY", "HAVING", "QUALIFY", "SETTINGS", "FORMAT",
    "INTO OUTFILE", "EXPLAIN",
    "EXPLAIN SYNTAX", "DESCRIBE", "DESCRIBE TABLE", "SHOW CREATE TABLE", "EXISTS", "INSERT INTO",
    "INSERT INTO FUNCTION", "DROP TABLE",
    "TRUNCATE TABLE", "ALTER TABLE", "DELETE FROM", "SET", "USE", "KILL QUERY", "SYSTEM", "APPLY", "REPLACE",
    "COLUMNS", "WINDOW",
    "OVER", "INTERPOLATE", "WITH FILL", "GLOBAL", "ANY", "LEFT", "ASOF", "CREATE TABLE", "ATTACH TABLE",
    "OPTIMIZE TABLE", "VALUES",
    "PARALLEL WITH", "DISTINCT", "ALL", "CASE WHEN", "THEN", "END", "INTERVAL 1 DAY", "RECURSIVE", "MATERIALIZED",
    "LATERAL",
))  # fmt: skip
PIECES = st.sampled_from((
    "1", "*", "a", "t", "x", "transfers", "tokens", "api_keys", "default.tokens", "system.tables", "system.processes",
    "numbers(3)",
    f"'{HERE}'", f'"{HERE}"', f"`{HERE}`", f"file('{HERE}')", f"file('{HERE}', 'LineAsString')",
     f'"file"(\'{HERE}\')',
    f"`file`('{HERE}', 'LineAsString', 'line String')", f"url('file://{HERE}')", f"executable('{HERE}', 'TSV', 'a Int8')",
    f"default.`{HERE}`", "view(SELECT 1)", "merge('.*')", "loop(tokens)", "values('a UInt8', 1)",
    "input('a UInt8')", "null('a UInt8')",
    "final = 0", "readonly = 0", "CSV", "TSV", "Null", "(", ")", "(SELECT 1)", "(SELECT * FROM tokens)", ",", ";",
    ".", "->", "=",
    "/*", "*/", "--", "#", "//", "\n", "\\", "'", '"', "`", "$$", "’", " ", "\x00", "{a:UInt8}", "{a:Identifier}",
    "x -> x", "COLUMNS('.*')",
    "count()", "sum(1)", "arrayMap(x -> x, [1])", "hostName()", "currentUser()", "sleep(0)",
    f"toString(file('{HERE}'))", "DELETE WHERE 1",
    "(a UInt8) ENGINE = Memory", "QUERY WHERE 1", "::String", "?", "[1]", "@@version", "1.5", "0x1F", "TO", "AS file",
    "OUTFILE",
))  # fmt: skip
# Questions that pass, with a hole where a table, a list or an expression stands.
TEMPLATES = st.sampled_from((
    "SELECT * FROM {}", "SELECT * FROM tokens, {}", "SELECT * FROM tokens JOIN {} ON 1", "SELECT 1 IN ({})", "SELECT 1 IN {}",
    "SELECT (1, 2) NOT IN (({}))", "SELECT {}", "SELECT toString({})", "SELECT count() FROM tokens WHERE {} IN (1)",
    "SELECT count() FROM tokens WHERE token_address IN (SELECT * FROM {})", "WITH x AS (SELECT * FROM {}) SELECT * FROM x",
    "WITH x AS (SELECT 1) SELECT * FROM {}", "WITH t AS (SELECT 1) SELECT * FROM t, (SELECT * FROM {}) AS u",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM {} WHERE n < 3) SELECT * FROM t",
    "SELECT * FROM view(SELECT * FROM {})", "EXPLAIN SELECT * FROM {}", "DESCRIBE {}", "EXISTS {}", "SHOW CREATE TABLE {}",
    "SELECT arrayMap(x -> {}, [1])", "SELECT * FROM tokens ORDER BY {}", "SELECT 1 UNION ALL SELECT * FROM {}",
    "SELECT * FROM tokens ARRAY JOIN [{}] AS y", "SELECT {} AS t, 1 IN t", "SELECT * FROM (SELECT {} AS a) AS t",
))  # fmt: skip
NAMES = st.sampled_from((
    "tokens", "transfers", "default.tokens", "system.tables", "numbers(3)", "t", "x", "Canary", "default.Canary", "`Canary`",
    "(SELECT 1)", "(SELECT * FROM Canary)", "1", "'a'", "[1, 2]", "now()", "*",
))  # fmt: skip
HOLED = st.builds(
    lambda template, piece: template.replace("{}", piece), TEMPLATES, st.one_of(NAMES, NAMES, NAMES, PIECES)
)
QUESTIONS = st.one_of(
    st.lists(st.one_of(WORDS, PIECES), min_size=1, max_size=9).map(" ".join),
    st.lists(PIECES, min_size=1, max_size=4).map(lambda pieces: "SELECT " + " ".join(pieces)),
    st.lists(st.one_of(WORDS, PIECES), min_size=1, max_size=7).map(lambda pieces: "SELECT * FROM " + " ".join(pieces)),
    st.lists(st.one_of(WORDS, PIECES), max_size=6).map(lambda pieces: "SELECT 1, * FROM numbers(2) " + " ".join(pieces)),
    st.text(max_size=40).map(lambda text: "SELECT " + text),
)  # fmt: skip


ASKED = st.booleans().flatmap(lambda is_holed: HOLED if is_holed else QUESTIONS)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with two tokens and a key."""
    opened = new_store(f"{tmp_path_factory.mktemp('fuzz')}/store")
    opened.command("INSERT INTO tokens (chain_id, token_address, version) VALUES (1, 'a', 1), (1, 'b', 1)")
    opened.command(f"INSERT INTO api_keys (prefix, note, version) VALUES ('p', '{CANARY}', 1)")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def unguarded(store: Store) -> Iterator[ClickHouseStore]:
    """A session in which all but the guard's rules is allowed; only time and memory are limited."""
    limits = reader_settings(ReaderLimits(seconds=2, memory_mb=256))
    opened = ClickHouseStore(
        store.dsn,
        connect(store.dsn, {**SESSION_SETTINGS, **limits, "allow_ddl": 1, "implicit_select": 1, "readonly": 0}),
    )
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file that tells when it is read."""
    path = tmp_path_factory.mktemp("canary") / "canary.csv"
    path.write_text(CANARY + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(path.parent)
        shutil.copy(path, "Canary")  # a word, which the engine takes for this file where it is no table
        yield path


def state_of(store: Store) -> object:
    """All that a question could change."""
    told = store.query(
        "SELECT (SELECT groupArray(tuple(name, total_rows)) FROM (SELECT name, total_rows FROM system.tables "
        "WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') ORDER BY name)) AS tables, "
        "(SELECT count() FROM system.functions) AS functions, "
        "(SELECT groupArray(name) FROM system.databases) AS databases, (SELECT sum(cityHash64(*)) FROM tokens) AS tokens"
    )
    return told.to_pylist()


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(sql=ASKED)
def test_what_passes_the_guard_changes_nothing_and_reads_no_file(
    sql: str, store: Store, unguarded: ClickHouseStore, canary: Path
) -> None:
    try:
        question = require_question(sql.replace(HERE, str(canary)))
    except UsageError:
        PASSED["refused"] += 1
        return
    PASSED["asked"] += 1
    before = state_of(store)
    told = ""
    try:
        told = (
            str(unguarded.query(question).to_pydict()) if question.upper().startswith(("SELECT", "WITH", "(")) else ""
        )
        if not told:
            with suppress(OSError):
                told = str(unguarded.query(question).to_pydict())
    except (ChainsightError, ValueError, OSError) as error:
        told = str(error)
    assert CANARY not in told, question
    assert state_of(store) == before, question
    assert sorted(path.name for path in canary.parent.iterdir()) == ["Canary", canary.name], question


def test_enough_of_them_pass_to_say_so() -> None:
    assert PASSED["asked"] >= PASSED.total() / 8, PASSED
