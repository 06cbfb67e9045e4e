"""Every .sql file is what it says: one statement, one sentence about it, and the real parser and analyser accept it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from graph.entities.heuristics import prepare as prepare_entities
from graph.typologies.findings import DETECTORS, detector
from graph.workings import prepare_workings
from ingest.statements import STAGED_LABELS
from risk.policy import STANDARD
from sql.as_of import AsOf
from sql.files import SQL_DIR, Statement, load
from sql.migrate import migrate
from sql.store import Parameter, Store, open_store
from sql.transform import built_table

ROOT = SQL_DIR.parent
FILES = sorted(path.relative_to(SQL_DIR).with_suffix("").as_posix() for path in SQL_DIR.rglob("*.sql"))
MOST_LINES = 150
_PYTHON = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("chainsight", "ingest", "sql", "graph", "models", "risk", "scheduler", "service", "bench", "demo")
    for path in (ROOT / folder).rglob("*.py")
)
_PARAMETER = re.compile(r"\{(\w+):([^}]+)\}")
# A value of each type with which a statement runs on empty tables.
_VALUES: dict[str, Parameter] = {"String": "ab" * 20, "Bool": 1, "Array(String)": ["ab"], "Array(Float64)": [1.0]}
_VALUES |= {"Array(FixedString(20))": [bytes(20)]}
_VALUES |= {"Date": "2024-01-01", "DateTime": "2024-01-01 00:00:00"}
# Temporary tables that code, not a file, makes for one batch.
_STAGED_BY_CODE = (
    STAGED_LABELS,
    "staged_entries (list_kind String, entry_id String, name String, program String, asset String, address String,"
    " source String)",
    "staged_addresses (id Int64, address String)",
    "staged_transactions (account Int64, ts Int64, block Int64, tx_index Int64, hash8 Int64, from_id Int64, to_id Int64,"
    " value_wei String, gas_price Int64, gas_used Int64, is_error Int64, method_id String, input_len Int64)",
    "staged_token_transfers (account String, block Int64, ts Int64, hash String, `from` String, `to` String,"
    " value_raw String, token String, token_symbol String, token_name String, token_decimal Int64)",
)
_BY_NAME: dict[str, Parameter] = {
    **dict.fromkeys(("at", "started_at", "as_of_timestamp", "as_of_time", "known_at"), "2024-01-01 00:00:00"),
    "as_of_block_hash": "ab" * 32,
    "policy": STANDARD.as_json(),
    "database": "default",
}
_SHORT_LISTS = {
    *("categories", "chain_ids", "chain_names", "chains", "illicit", "judged", "kinds", "leave_out", "names"),
    *("numbers", "plain_words", "service_categories", "services", "stable_symbols", "stablecoins", "tables"),
    *("token_classes", "wrapped_natives"),
}
_WHOLE_FOLDERS = (
    "library",
    "migrations",
    "transforms",
    "checks",
    "detectors",
    "features",
    "functions",
    "feature_tables",
    "variant_tables",
    "staging",
    "bench_questions",
)


def in_folders(*folders: str) -> list[str]:
    """Files of some folders."""
    return [name for name in FILES if name.split("/")[0] in folders]


def body(statement: Statement) -> str:
    """The text without its comments and string literals, for questions about words."""
    return re.sub(r"'(?:[^'\\]|\\.|'')*'", "''", re.sub(r"--[^\n]*", "", statement.text))


def values(statement: Statement) -> dict[str, Parameter]:
    """A harmless value for every parameter; a detector's own where it has one."""
    found: dict[str, Parameter] = {}
    for name, kind in _PARAMETER.findall(statement.text):
        found[name] = _BY_NAME.get(name, _VALUES.get(kind.strip(), [1] if kind.startswith("Array") else 1))
    if statement.name.startswith("detectors/"):
        own = detector(statement.name.split("/")[1]).parameters
        found |= {name: value for name, value in own.items() if name in found}
    return found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A migrated store without rows, with every function and working table there is."""
    store = open_store(f"chdb://{tmp_path_factory.mktemp('sql_files')}/store")
    migrate(store)
    for name in [
        *in_folders("functions", "staging", "feature_tables", "variant_tables"),
        *(name for name in FILES if name.startswith("bitcoin/staged_")),
    ]:
        store.command(load(name))
    for table in _STAGED_BY_CODE:
        store.command(f"CREATE TEMPORARY TABLE {table}")
    as_of = AsOf(1, 1, b"", dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "latest")
    prepare_workings(store, as_of)
    prepare_entities(store, as_of)
    store.command(load("entities/candidates"))
    yield store
    store.close()


@pytest.mark.parametrize("name", FILES)
def test_a_file_opens_with_a_sentence_and_is_short(name: str) -> None:
    lines = load(name).text.splitlines()
    assert re.fullmatch(r"-- .+", lines[0])
    first_code = next(place for place, line in enumerate(lines) if not line.startswith("--"))
    opening = " ".join(line.removeprefix("--").strip() for line in lines[:first_code])
    assert opening[0].isupper()
    assert "." in opening
    assert len(lines) <= MOST_LINES


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_one_statement_that_names_no_database(name: str) -> None:
    text = body(load(name))
    assert ";" not in text.rstrip().removesuffix(";")
    assert not re.search(r"\b(default|chainsight)\.\w+", text)
    assert not re.search(
        r"(?i)(?<!ARRAY )\b(FROM|JOIN|INTO|TABLE|VIEW)\s+(?!system\.|numbers|file|input)\w+\.\w+\s*(\(|$|\s)", text
    )


@pytest.mark.parametrize("name", FILES)
def test_a_list_of_any_length_is_asked_for_as_a_set(name: str) -> None:
    # ClickHouse turns `x IN {list}` into has(list, x); a list above 1 MiB (52,428 addresses) is then searched from its start for
    # every row, for hours. `x IN (SELECT arrayJoin({list}))` costs the same for few and is a set however many there are.
    text = body(load(name))
    assert not re.search(r"\bIN\s*\(?\s*\{\w+:Array", text)
    assert set(re.findall(r"\b(?:has|indexOf)\(\{(\w+)", text)) <= _SHORT_LISTS


@pytest.mark.parametrize("name", FILES)
def test_the_real_parser_and_analyser_accept_it(name: str, empty: Store) -> None:
    statement = load(name)
    kind = body(statement).split(None, 1)[0].upper()
    if kind in {"SELECT", "WITH"}:
        empty.query(statement, **values(statement))
    elif kind == "INSERT":
        empty.command(statement, **values(statement))
    else:
        # CREATE and ALTER ran when the store was made; here their text is parsed once more.
        empty.command(f"EXPLAIN AST {statement.text}", **values(statement))


@pytest.mark.parametrize("name", in_folders("transforms"))
def test_a_transform_builds_the_table_it_says_and_says_its_grain(name: str) -> None:
    statement = load(name)
    assert statement.header["builds"] == built_table(statement)
    assert statement.header["grain"]


@pytest.mark.parametrize("name", in_folders("transforms", "checks", "detectors", "queries"))
def test_every_table_it_reads_exists_after_migrations(name: str, empty: Store) -> None:
    tree = sqlglot.parse_one(load(name).text, dialect="clickhouse")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables = {
        table.name
        for table in tree.find_all(exp.Table)
        if table.name and not table.db and table.name not in own and not isinstance(table.this, exp.Func)
    }
    known = set(empty.query("SELECT name FROM system.tables").column("name").to_pylist())
    assert tables <= known


def test_every_table_and_every_column_has_a_comment(empty: Store) -> None:
    tables = empty.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND NOT is_temporary AND comment = ''"
    )
    columns = empty.query(
        "SELECT concat(table, '.', c.name) AS name FROM system.columns AS c"
        " INNER JOIN system.tables AS t ON t.name = c.table AND t.database = c.database"
        " WHERE c.database = currentDatabase() AND NOT t.is_temporary AND t.engine != 'View' AND c.comment = ''"
    )
    assert tables.column("name").to_pylist() == []
    assert columns.column("name").to_pylist() == []


def test_every_file_is_used_by_the_code() -> None:
    single = [name for name in FILES if name.split("/")[0] not in _WHOLE_FOLDERS]
    unused = [name for name in single if name not in _PYTHON and name.split("/")[1] not in _PYTHON]
    assert unused == []
    for folder in _WHOLE_FOLDERS:
        if in_folders(folder):
            assert folder in _PYTHON
    assert {f"detectors/{entry.name}" for entry in DETECTORS} == set(in_folders("detectors"))


def test_no_sql_file_is_left_out_of_the_package() -> None:
    packaged = [path for path in Path(SQL_DIR).rglob("*.sql") if path.suffix == ".sql"]
    assert len(packaged) == len(FILES) > 0
