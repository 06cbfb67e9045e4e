"""`chainsight query` as a person or a script meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chainsight.cli import app, commands
from chainsight.errors import UnknownName, UsageError

KINDS = "SELECT number % 2 = 0 AS even, count() AS n, 'x' AS text FROM numbers(5) GROUP BY even ORDER BY n"


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that the first question makes."""
    return f"chdb://{tmp_path_factory.mktemp('query')}/store"


def query(*words: str) -> Result:
    """One command; what it refuses is raised."""
    commands.register(["query"])
    return CliRunner().invoke(app, ["query", *words], catch_exceptions=False)


def test_sql_and_files_are_asked_without_naming_a_command(dsn: str, tmp_path: Path) -> None:
    (tmp_path / "kinds.sql").write_text(KINDS + ";\n")
    expected = {"columns": ["even", "n", "text"], "rows": [[0, 2, "x"], [1, 3, "x"]]}
    for words in ([KINDS], ["sql", KINDS], [str(tmp_path / "kinds.sql")], ["--limit", "0", KINDS], [KINDS, "--json"]):
        done = query(*words, "--store", dsn)
        assert json.loads(done.stdout) == expected
    cut = query("--limit", "1", KINDS, "--store", dsn)
    assert json.loads(cut.stdout)["rows"] == [[0, 2, "x"]]


def test_rows_come_as_csv_or_as_a_table_too(dsn: str) -> None:
    sql = "SELECT 'a,b' AS one, 1.5 AS two, NULL AS three, [1, 2] AS four, 'x\u202e' AS five"
    lines = query(sql, "--format", "csv", "--store", dsn).stdout.splitlines()
    assert lines == ["one,two,three,four,five", '"a,b",1.5,,"[1, 2]",x\\u202e']
    table = query(KINDS, "--format", "table", "--store", dsn)
    assert "even" in table.stdout
    assert table.stdout.count("│") > 5
    with pytest.raises(UsageError, match="contradict"):
        query(KINDS, "--format", "csv", "--json", "--store", dsn)


def test_the_library_is_listed_and_shown() -> None:
    listed = json.loads(query("list", "--tag", "risk").stdout)["questions"]
    assert "worst_scores" in [question["name"] for question in listed]
    shown = json.loads(query("show", "token_holders").stdout)
    assert {"name": "share", "unit": "", "meaning": "Part of all positive balances, 0 to 1"} in shown["columns"]
    assert shown["parameters"][0]["name"] == "chain_id"
    assert "{token_address:String}" in shown["sql"]


def test_a_question_is_run_by_its_name(dsn: str, tmp_path: Path) -> None:
    done = query("run", "label_conflicts", "--param", "most=3", "--store", dsn)
    assert json.loads(done.stdout) == {
        "columns": ["wallet", "categories", "sources", "labels", "most_confident"],
        "rows": [],
    }
    for words, said in {
        ("run", "label_conflict"): "Did you mean label_conflicts",
        ("run", "label_conflicts", "-p", "most"): "gives no parameter a value. Write --param name=value",
        ("run", "label_conflicts", "-p", "most=1", "-p", "most=2"): "most is given twice",
        ("run", "label_conflicts", "-p", "most=x"): "most wants a whole number",
        ("label_conflicts",): "Ask it with chainsight query run label_conflicts",
        ("lits",): "no command or question 'lits'. Did you mean list",
        ("nowhere.sql",): "There is no file nowhere.sql",
    }.items():
        with pytest.raises(UsageError) as refused:
            query(*words, "--store", dsn)
        assert said in str(refused.value)


def test_a_picture_is_drawn_beside_the_rows(dsn: str, tmp_path: Path) -> None:
    done = query(KINDS, "--plot", str(tmp_path / "kinds.svg"), "--store", dsn)
    assert json.loads(done.stdout)["rows"] == [[0, 2, "x"], [1, 3, "x"]]
    assert (tmp_path / "kinds.svg").read_text().startswith("<svg")
    with pytest.raises(UsageError, match="There is nothing to draw"):
        query("SELECT 'a' AS letter", "--plot", str(tmp_path / "a.png"), "--store", dsn)
    with pytest.raises(UsageError, match=r"Let it end in \.png"):
        query(KINDS, "--plot", str(tmp_path / "a.gif"), "--store", dsn)
    with pytest.raises(UnknownName, match="Did you mean"):
        query("show", "token_holder")
    assert [path.name for path in tmp_path.iterdir()] == ["kinds.svg"]


def test_sql_takes_values_for_its_parameters(dsn: str) -> None:
    sql = "SELECT {most:UInt8} + 1 AS more, {statement:String} AS word, {question:Array(UInt8)} AS numbers"
    done = query(
        sql, "--param", "most=4", "-p", "statement=it's = \\", "-p", "question=[1,2]", "--store", dsn, "--json"
    )  # fmt: skip
    assert json.loads(done.stdout)["rows"] == [[5, "it's = \\", [1, 2]]]
    with pytest.raises(UsageError, match="The parameter most has no value"):
        query("SELECT {most:UInt8}", "--store", dsn)
    with pytest.raises(UsageError, match="The parameter most is given twice"):
        query("SELECT {most:UInt8}", "-p", "most=1", "-p", "most=2", "--store", dsn)


def test_what_is_drawn_is_what_is_printed_and_was_asked_once(dsn: str, tmp_path: Path) -> None:
    sql = "SELECT number, rand() AS lot FROM numbers(3)"
    done = query(sql, "--plot", str(tmp_path / "lots.html"), "--limit", "2", "--json", "--store", dsn)
    printed = json.loads(done.stdout)["rows"]
    assert len(printed) == 2
    page = (tmp_path / "lots.html").read_text(encoding="utf-8")
    assert all(f"{lot}" in page for _, lot in printed)


def test_columns_of_one_name_are_all_shown(dsn: str) -> None:
    shown = query("SELECT number, number FROM numbers(1)", "--format", "table", "--store", dsn).stdout
    assert "number (2)" in shown
