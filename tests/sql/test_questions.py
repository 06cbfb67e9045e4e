"""What analysts ask, and what their tools ask when they connect and browse, passes the guard and is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainsight.settings import Settings
from sql.answers import answer
from sql.guard import require_question
from sql.guard_names import HIDDEN_COLUMNS
from sql.store import Store
from tests.fixtures.stores import new_store

QUESTIONS = Path(__file__).parent / "questions"
TOOLS = sorted(path.stem for path in QUESTIONS.glob("*.sql"))
_TRANSFERS = """
    INSERT INTO transfers (chain_id, block_number, block_timestamp, transaction_hash, kind, position, from_address, to_address,
        amount, version)
    SELECT 1, number, toDateTime('2024-01-01 00:00:00', 'UTC') + number * 12, leftPad(toString(number), 32, '0'),
        ['native', 'erc20', 'fee'][number % 3 + 1], 0, leftPad(toString(number % 7), 20, 'f'),
        leftPad(toString(number % 5), 20, 't'),
        number, 1
    FROM numbers(60)
"""
_BLOCKS = """
    INSERT INTO blocks (chain_id, block_number, block_timestamp, gas_used, gas_limit, version)
    SELECT 1, number, toDateTime('2024-01-01 00:00:00', 'UTC') + number * 12, 1000 + number, 30000000, 1 FROM numbers(60)
"""


def questions_of(tool: str) -> list[str]:
    """The paragraphs of a file that are no comments."""
    paragraphs = (QUESTIONS / f"{tool}.sql").read_text(encoding="utf-8").split("\n\n")
    return [paragraph.strip() for paragraph in paragraphs if paragraph.strip() and not paragraph.startswith("--")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with sixty blocks and as many transfers; the questions change nothing."""
    opened = new_store(f"{tmp_path_factory.mktemp('questions')}/store")
    opened.command(_BLOCKS)
    opened.command(_TRANSFERS)
    yield opened
    opened.close()


@pytest.mark.parametrize(("tool", "question"), [(tool, question) for tool in TOOLS for question in questions_of(tool)])
def test_a_question_of_theirs_passes_and_is_answered(tool: str, question: str, store: Store) -> None:
    assert answer(store, question, limit=10).columns


def test_there_are_enough_of_them() -> None:
    assert len(questions_of("analysts")) >= 60
    assert {"dbeaver", "grafana", "superset", "python"} < set(TOOLS)


@pytest.mark.parametrize("table", HIDDEN_COLUMNS)
def test_a_star_over_the_engines_tables_tells_no_paths(table: str, store: Store) -> None:
    found = answer(store, f"SELECT *, t.* FROM system.{table} AS t", limit=1)
    assert found.columns
    assert not set(HIDDEN_COLUMNS[table]) & set(found.columns)


def test_the_name_of_the_server_is_ours_and_not_the_machines(store: Store) -> None:
    assert answer(store, "SELECT displayName() AS name, 'displayName()' AS text", limit=1).rows == [
        ["chainsight", "displayName()"]
    ]


def test_a_star_that_multiplies_or_counts_stays_as_it_is() -> None:
    sql = "SELECT count(*), 2 * count(), count() * 2 FROM system.parts"
    assert require_question(sql) == sql


@pytest.mark.parametrize("tool", ["dbeaver", "grafana", "superset", "python"])
def test_each_tool_has_a_page_that_says_what_to_type_and_names_its_statements(tool: str) -> None:
    page = (Path(__file__).parents[2] / f"docs/how-to/connect-{tool}.md").read_text(encoding="utf-8")
    for fact in ("8123", "--scope analyst", f"tests/sql/questions/{tool}.sql", "**When it does not work**"):
        assert fact in page
    for setting in re.findall(r"CHAINSIGHT_(QUERY_[A-Z_]+[A-Z])", page):
        assert setting.lower() in Settings.model_fields
    # The questions on the page are ones that may be asked.
    for question in re.findall(r'"(SELECT [^"…]+)"', page):
        assert require_question(question)
