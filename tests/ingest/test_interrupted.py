"""Killed, out of space, locked out: ingest stops clearly and goes on exactly where it was."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chainsight.errors import StoreFull
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.journal import open_intents
from sql.migrate import migrate
from sql.store import Store, open_store
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive
from tests.fixtures.contents import committed_counts, visible_rows
from tests.fixtures.stores import new_store

WAIT_SECONDS = 240


@contextmanager
def a_store(path: Path) -> Iterator[Store]:
    opened = open_store(f"chdb://{path}") if path.exists() else new_store(path)
    migrate(opened)
    try:
        yield opened
    finally:
        opened.close()


def clean_run(folder: Path, path: Path) -> tuple[dict[str, list[str]], dict[str, int]]:
    with a_store(path) as store:
        ingest_blocks(store, ArchiveSource(folder))
        return visible_rows(store), committed_counts(store)


def ingest(folder: Path, store: Path, *, largest_file: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own; `largest_file` bytes is what a full disk does to whoever writes, without one."""

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    command = ["ingest", "--archive", str(folder), "--store", f"chdb://{store}"]
    return subprocess.run(
        [sys.executable, "-m", "chainsight", *command],
        capture_output=True, text=True, timeout=WAIT_SECONDS, check=False, preexec_fn=limit,
    )  # fmt: skip


def test_killed_at_steps_it_resumes_to_what_an_undisturbed_run_gives(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "bench.soak", "6", "20", "5"],
        check=True, capture_output=True, text=True, timeout=WAIT_SECONDS, env={**os.environ, "CHAINSIGHT_HOME": str(tmp_path)},
    )  # fmt: skip
    told = json.loads(said.stdout)
    figures = told["figures"]
    assert (figures["kills"], figures["mismatches"]) == (6, 0)
    assert figures["resumes"] >= 1  # others die while they resume: that withdraws, too
    assert {"decode/logs", "decode/audit", "withdraw/intent_close", "withdraw/ingest_audit"} <= set(told["killed_at"])
    assert len(told["killed_at"]) == 6
    assert list(tmp_path.iterdir()) == []


def test_where_files_cannot_grow_it_stops_clearly_and_resumes_exactly(tmp_path: Path) -> None:
    folder = demo_archive(tmp_path / "archive", 40)
    expected = clean_run(folder, tmp_path / "clean")
    with a_store(tmp_path / "store") as store:
        # Nothing is left to merge, so that the first file that cannot grow is one that ingest writes.
        store.command("OPTIMIZE TABLE migrations FINAL")
    stopped = ingest(folder, tmp_path / "store", largest_file=4096)
    assert stopped.returncode == 1
    assert "No space is left where the store is" in " ".join(stopped.stderr.split())
    assert ingest(folder, tmp_path / "store").returncode == 0
    with a_store(tmp_path / "store") as store:
        assert (visible_rows(store), committed_counts(store)) == expected
        assert open_intents(store, chain_id=DEMO_CHAIN_ID) == []


def test_on_a_full_disk_it_stops_clearly_and_resumes_exactly_once_there_is_room(tmp_path: Path) -> None:
    folder = demo_archive(tmp_path / "archive", 400)
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here; the test above fills one by other means")
    try:
        expected = clean_run(folder, tmp_path / "clean")
        with a_store(disk / "store") as store:
            used = shutil.disk_usage(disk).used
            subprocess.run(["mount", "-o", f"remount,size={used + 1_500_000}", str(disk)], check=True)
            with pytest.raises(StoreFull, match=r"No space is left.*same command again"):
                ingest_blocks(store, ArchiveSource(folder))
            subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
            ingest_blocks(store, ArchiveSource(folder))
            assert (visible_rows(store), committed_counts(store)) == expected
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_store_that_another_process_has_open_is_left_alone_and_its_owner_is_named(tmp_path: Path) -> None:
    folder = demo_archive(tmp_path / "archive", 12)
    with a_store(tmp_path / "store") as store:
        refused = ingest(folder, tmp_path / "store")
        assert refused.returncode == 1
        assert f"is open in process {os.getpid()}" in " ".join(refused.stderr.split())
        assert "Traceback" not in refused.stderr
        assert committed_counts(store)["block_count"] == 0
    done = ingest(folder, tmp_path / "store")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["blocks"] == 12


def test_an_ingest_that_is_killed_lets_go_of_its_store(tmp_path: Path) -> None:
    held = "import sys, time; from sql.store import open_store as o; o(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", held, f"chdb://{tmp_path}/store"], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    folder = demo_archive(tmp_path / "archive", 6)
    with a_store(tmp_path / "store") as store:
        assert ingest_blocks(store, ArchiveSource(folder)).blocks == 6
