"""The command line as a person or a script meets it: a real process, its exit code, its two streams."""

import json
import subprocess
import sys

import pytest


def chainsight(*arguments, store):
    return subprocess.run(
        [sys.executable, "-m", "chainsight", *arguments, "--store", store],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def dsn(tmp_path):
    return f"chdb://{tmp_path}/store"


def test_query_prints_one_json_document_when_nobody_is_looking(dsn):
    done = chainsight("query", "SELECT 1 AS one, 'x' AS letter", store=dsn)
    assert json.loads(done.stdout) == {"columns": ["one", "letter"], "rows": [[1, "x"]]}
    assert done.returncode == 0


def test_an_unknown_dsn_is_a_usage_error_in_one_line():
    done = chainsight("query", "SELECT 1", store="mysql://nowhere")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: 'mysql://nowhere' names no store. Use chdb:///absolute/path for an embedded store or "
        "clickhouse://user:password@host:8123/database."
    ]
    assert done.stdout == ""


def test_an_unknown_command_is_a_usage_error(dsn):
    assert chainsight("nonsense", store=dsn).returncode == 2


def test_every_command_has_help_with_an_example_or_a_sentence():
    listed = subprocess.run(
        [sys.executable, "-m", "chainsight", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "query" in listed.stdout
