"""Damaged archives: every one is refused in one line that names file and line or block, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from chainsight.errors import ArchiveDamaged, ArchiveMissing
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from sql.store import Store
from tests.fixtures.archives import demo_archive, demo_blocks, write_archive


def refused(folder: Path, store: Store) -> str:
    with pytest.raises(ArchiveDamaged) as error:
        ingest_blocks(store, ArchiveSource(folder))
    assert error.value.exit_code == 3
    assert store.query("SELECT count() AS n FROM ingest_audit").to_pylist() == [{"n": 0}]
    assert store.query("SELECT count() AS n FROM blocks").to_pylist() == [{"n": 0}]
    return str(error.value)


def test_a_missing_folder_and_a_folder_without_blocks_are_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match=r"no folder .*nowhere"):
        ArchiveSource(tmp_path / "nowhere")
    with pytest.raises(ArchiveMissing, match=r"no blocks.jsonl"):
        ArchiveSource(tmp_path)


@pytest.mark.parametrize("stem", ["blocks", "receipts", "traces"])
def test_a_truncated_file_is_refused(tmp_path: Path, store: Store, stem: str) -> None:
    folder = demo_archive(tmp_path / "a", 8)
    file = folder / f"{stem}.jsonl.zst"
    file.write_bytes(file.read_bytes()[:-20])
    message = refused(folder, store)
    assert f"{stem}.jsonl.zst" in message
    assert "breaks off" in message


@pytest.mark.parametrize("stem", ["blocks", "receipts", "traces"])
def test_half_a_last_line_is_refused_with_its_number(tmp_path: Path, store: Store, stem: str) -> None:
    folder = demo_archive(tmp_path / "a", 8)
    packed = folder / f"{stem}.jsonl.zst"
    plain = zstandard.ZstdDecompressor().stream_reader(packed.read_bytes()).read()
    packed.unlink()
    (folder / f"{stem}.jsonl").write_bytes(plain[:-30])
    assert f"{stem}.jsonl:8 is no whole line of {stem if stem != 'blocks' else 'block'}" in refused(folder, store)


def test_a_file_that_is_no_zstd_at_all_is_refused(tmp_path: Path, store: Store) -> None:
    folder = demo_archive(tmp_path / "a", 3)
    (folder / "blocks.jsonl.zst").write_bytes(b"<html>not found</html>")
    assert "blocks.jsonl.zst breaks off or is damaged after line 0" in refused(folder, store)


def test_a_missing_and_a_doubled_block_are_refused_with_line_and_number(tmp_path: Path, store: Store) -> None:
    blocks, receipts, traces = demo_blocks(6)
    first = int(blocks[0]["number"], 16)
    gap = write_archive(tmp_path / "gap", blocks[:2] + blocks[3:], receipts, traces)
    assert f"blocks.jsonl.zst:3 holds block {first + 3}, block {first + 2} should follow" in refused(gap, store)
    doubled = write_archive(tmp_path / "doubled", [*blocks[:2], blocks[1]], receipts, traces)
    assert f"blocks.jsonl.zst:3 holds block {first + 1}, block {first + 2} should follow" in refused(doubled, store)


@pytest.mark.parametrize("stem", ["receipts", "traces"])
def test_a_block_without_its_receipts_or_traces_is_refused(tmp_path: Path, store: Store, stem: str) -> None:
    blocks, receipts, traces = demo_blocks(6)
    beside = {"receipts": receipts, "traces": traces}
    number = int(blocks[3]["number"], 16)
    del beside[stem][3]
    folder = write_archive(tmp_path / "a", blocks, beside["receipts"], beside["traces"])
    assert f"{stem}.jsonl.zst has no line for block {number}" in refused(folder, store)


@pytest.mark.parametrize("line", [{"number": "0x1"}, {"number": "zz", "transactions": []}, {"transactions": []}, []])
def test_a_line_that_is_no_block_is_refused_with_its_number(tmp_path: Path, store: Store, line: object) -> None:
    folder = write_archive(tmp_path / "a", [*demo_blocks(1)[0], line])  # type: ignore[list-item]
    assert "blocks.jsonl.zst:2 " in refused(folder, store)


def test_several_zstd_frames_and_empty_lines_read_as_one_file(tmp_path: Path, store: Store) -> None:
    blocks, _, _ = demo_blocks(4)
    parts = [write_archive(tmp_path / str(half), blocks[half : half + 2]) for half in (0, 2)]
    packed = [(part / "blocks.jsonl.zst").read_bytes() for part in parts]
    joined = tmp_path / "joined"
    joined.mkdir()
    (joined / "blocks.jsonl.zst").write_bytes(packed[0] + zstandard.ZstdCompressor().compress(b"\n") + packed[1])
    assert ingest_blocks(store, ArchiveSource(joined)).blocks == 4
