"""What a user meets when a store cannot be opened: one clear line, and who is in the way."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chainsight.errors import StoreBusy, StoreError, UnknownStore
from sql.store import open_store
from tests.fixtures.doors import free_port, opened_door

_OWNER = """
import sys
from sql.store import open_store
store = open_store(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@contextmanager
def owner(dsn: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the store open until it is told to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", _OWNER, dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("dsn", ["mysql://host/db", "chdb://relative", "clickhouse://", "/plain/path", "nonsense", ""])
def test_a_dsn_nobody_can_open_is_a_usage_error_that_says_which_there_are(dsn: str) -> None:
    with pytest.raises(UnknownStore, match=r"Use chdb:///absolute/path .* or clickhouse://") as refused:
        open_store(dsn)
    assert refused.value.exit_code == 2
    assert repr(dsn) in str(refused.value)


def test_a_store_open_elsewhere_names_the_process_and_its_command(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/store"
    with owner(dsn) as process, pytest.raises(StoreBusy) as refused:
        open_store(dsn)
    said = str(refused.value)
    assert f"process {process.pid} (" in said
    assert dsn in said  # its command line
    assert "one owner at a time" in said
    assert refused.value.exit_code == 1


def test_a_store_open_twice_in_one_process_is_refused_too(tmp_path: Path) -> None:
    first = open_store(f"chdb://{tmp_path}/store")
    with pytest.raises(StoreBusy):
        open_store(f"chdb://{tmp_path}/store")
    first.close()


def test_a_killed_owner_leaves_no_lock(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/store"
    with owner(dsn) as process:
        process.kill()
        process.wait()
        store = open_store(dsn)
        assert store.query("SELECT 1 AS one").to_pylist() == [{"one": 1}]
        store.close()


def test_a_closed_store_can_be_opened_again_with_its_rows(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/store"
    for expected in (1, 2):
        store = open_store(dsn)
        store.command("CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = MergeTree ORDER BY a")
        store.command("INSERT INTO t VALUES (1)")
        assert store.query("SELECT count() AS n FROM t").to_pylist() == [{"n": expected}]
        store.close()


def test_a_server_that_does_not_answer_is_one_line_without_the_password() -> None:
    port = free_port()
    with pytest.raises(StoreError) as refused:
        open_store(f"clickhouse://analyst:hunter2@127.0.0.1:{port}/default")
    said = str(refused.value)
    assert "hunter2" not in said
    assert "\n" not in said
    assert f"127.0.0.1:{port}" in said
    assert "Check host, port" in said


def test_a_server_that_refuses_the_password_is_one_line_without_it(tmp_path: Path) -> None:
    with opened_door(tmp_path / "store") as dsn, pytest.raises(StoreError) as refused:
        open_store(re.sub(r":[^:@]*@", ":hunter2@", dsn))
    said = str(refused.value)
    assert "hunter2" not in said
    assert "\n" not in said
    assert "AUTHENTICATION_FAILED" in said
