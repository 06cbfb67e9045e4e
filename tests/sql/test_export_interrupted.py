"""Exports that are killed, find the disk full, meet a reorganisation or tables of other tools: old or new, never half."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyiceberg.catalog import load_catalog

from chainsight.errors import TargetFull, TargetRefused, UsageError
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.ranges import BlockRange
from ingest.withdraw import withdraw_blocks
from sql.export import export
from sql.store import Store
from tests.contracts.export_target import as_exported, in_order
from tests.fixtures import export_child
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive
from tests.fixtures.lake_readers import READERS

FORMS = tuple(READERS)
_CHILD_SECONDS = 60
_ROOT = Path(export_child.__file__).parents[2]


def test_a_killed_export_leaves_the_old_state_or_the_new_and_the_next_goes_on(tmp_path: Path) -> None:
    for pause in (0.07, 0.4):
        with exporting(tmp_path) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(pause)
            child.send_signal(signal.SIGKILL)
            child.wait(timeout=_CHILD_SECONDS)

        for form in FORMS:
            rows = READERS[form](tmp_path / "lake" / form)
            assert len(rows) == export_child.ROWS
            assert len({row["note"] for row in rows}) == 1


@contextmanager
def exporting(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The child at its work: every form in turn."""
    words = [sys.executable, export_child.__file__, f"chdb://{folder}/store", str(folder / "lake"), *FORMS]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as child:
        try:
            yield child
        finally:
            child.kill()


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_is_told_the_old_state_stays_and_what_was_finished_is_used(
    form: str, store: Store, tmp_path: Path
) -> None:
    target = tmp_path / "lake" / "noise"
    store.command(
        "CREATE TABLE noise (chain_id UInt64, block_number UInt64, note String, version UInt64)"
        " ENGINE = ReplacingMergeTree(version) ORDER BY (chain_id, block_number)"
    )
    store.command("INSERT INTO noise VALUES (1, 1, 'old', 1)")
    export(store, "noise", form=form, path=target, incremental=True)
    store.command("INSERT INTO noise VALUES (1, 20000000, 'a slice that fits', 2)")
    store.command("INSERT INTO noise SELECT 1, 40000000 + number, hex(sipHash128(number)), 3 FROM numbers(100000)")

    with files_of_at_most(1 << 20), pytest.raises(TargetFull, match="what was there before is whole"):
        export(store, "noise", form=form, path=target, incremental=True)

    assert [row["note"] for row in READERS[form](target)] == ["old"]
    finished = {note.with_name(json.loads(note.read_text())[0]["name"]) for note in target.parent.glob(".*/*/*.json")}
    inodes = {file.stat().st_ino for file in finished}
    assert len(inodes) == 1

    export(store, "noise", form=form, path=target, incremental=True)

    assert len(READERS[form](target)) == 100_002
    assert inodes < {file.stat().st_ino for file in target.rglob("*.parquet")}
    assert not [path.name for path in target.parent.iterdir() if path.name.startswith(".")]


def test_a_full_disk_leaves_the_old_file(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "n.parquet"
    export(store, "SELECT 1 AS n", path=target)
    before = target.read_bytes()
    with files_of_at_most(1 << 19), pytest.raises(TargetFull, match=r"n\.parquet"):
        export(store, "SELECT hex(sipHash128(number)) AS n FROM numbers(100000)", path=target)
    assert target.read_bytes() == before


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to let a file grow beyond that, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_after_a_reorganisation_the_target_is_the_store_again(store: Store, tmp_path: Path) -> None:
    archive = ArchiveSource(demo_archive(tmp_path / "a", 40))
    ingest_blocks(store, archive, blocks=BlockRange(1, 30))
    for form in FORMS:
        export(store, "transfers", form=form, path=tmp_path / "x" / form, incremental=True, partition_by="kind")

    withdraw_blocks(store, chain_id=DEMO_CHAIN_ID, first=21)
    for form in FORMS:
        export(store, "transfers", form=form, path=tmp_path / "x" / form, incremental=True, partition_by="kind")
        rows = in_order(READERS[form](tmp_path / "x" / form))
        assert rows == in_order(as_exported(store, "SELECT * FROM transfers"))
        assert max(row["block_number"] for row in rows) <= 20

    ingest_blocks(store, archive, blocks=BlockRange(21, 40))
    for form in FORMS:
        export(store, "transfers", form=form, path=tmp_path / "x" / form, incremental=True, partition_by="kind")
        rows = in_order(READERS[form](tmp_path / "x" / form))
        assert rows == in_order(as_exported(store, "SELECT * FROM transfers"))


def test_rows_beyond_the_last_committed_block_stay_at_home(store: Store, tmp_path: Path) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 10)), blocks=BlockRange(1, 10))
    store.command(f"INSERT INTO blocks (chain_id, block_number, version) VALUES ({DEMO_CHAIN_ID}, 11, 1)")
    assert export(store, "blocks", path=tmp_path / "b.parquet").rows == 10


def test_a_delta_table_of_another_tool_is_not_touched(store: Store, tmp_path: Path) -> None:
    write_deltalake(str(tmp_path / "theirs"), pa.table({"n": [1]}))
    with pytest.raises(TargetRefused, match="another tool"):
        export(store, "SELECT 1 AS n", form="delta", path=tmp_path / "theirs")
    assert [row["n"] for row in READERS["delta"](tmp_path / "theirs")] == [1]


def test_files_that_another_tool_rewrote_are_told_and_replaced_by_a_full_export(store: Store, tmp_path: Path) -> None:
    question = "SELECT number AS n, number % 2 AS half FROM numbers(10)"
    export(store, question, form="delta", path=tmp_path / "t")
    write_deltalake(str(tmp_path / "t"), DeltaTable(str(tmp_path / "t")).to_pyarrow_table(), mode="overwrite")
    with pytest.raises(TargetRefused, match="rewritten by another tool"):
        export(store, question, form="delta", path=tmp_path / "t", incremental=True)
    export(store, question, form="delta", path=tmp_path / "t")
    assert export(store, question, form="delta", path=tmp_path / "t", incremental=True).rows_written == 0


def test_an_iceberg_table_of_another_tool_is_not_touched(store: Store, tmp_path: Path) -> None:
    catalog = load_catalog("chainsight", uri=f"sqlite:///{tmp_path}/iceberg.sqlite", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("chainsight")
    theirs = catalog.create_table(
        "chainsight.theirs", pa.schema([("n", pa.int64())]), location=f"file://{tmp_path}/theirs"
    )
    theirs.append(pa.table({"n": [1]}))
    catalog.close()
    for name, reason in (("theirs", "another tool"), ("theirs.iceberg", "in another place")):
        with pytest.raises(TargetRefused, match=reason):
            export(store, "SELECT 1 AS n", form="iceberg", path=tmp_path / name)
    assert READERS["iceberg"](tmp_path / "theirs") == [{"n": 1}]


def test_a_catalogue_that_cannot_be_opened_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "iceberg.sqlite").write_text("no database " * 1000)
    for catalog in ("", "oracle://user:secret@host/x", f"sqlite:///{tmp_path}/no/such/folder/c.sqlite"):
        with pytest.raises(UsageError, match="cannot be opened") as refused:
            export(store, "SELECT 1 AS n", form="iceberg", path=tmp_path / "t", catalog=catalog)
        assert "secret" not in str(refused.value)
