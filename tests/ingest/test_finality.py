"""Finality is a column of every table of blocks and follows what the source says, without rewriting a row."""

from __future__ import annotations

from pathlib import Path

from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.finality import Heads, compact_finality, known_heads, note_heads
from sql.as_of import read_as_of
from sql.store import Store, open_store
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive
from tests.fixtures.contents import ROWS_OF_BLOCKS


def finality(store: Store, table: str = "blocks") -> dict[int, str]:
    found = store.query(f"SELECT block_number, finality FROM {table}").to_pylist()
    return {row["block_number"]: row["finality"] for row in found}


def ingested(store: Store, folder: Path, count: int) -> None:
    """Blocks of an archive, as if it had not said that all of it is final."""
    ingest_blocks(store, ArchiveSource(demo_archive(folder, count)))
    store.command("TRUNCATE TABLE chain_heads")
    store.command("TRUNCATE TABLE chain_finality")


def test_what_is_recorded_in_an_archive_is_final(tmp_path: Path, store: Store) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 12)))
    assert set(finality(store, "transactions").values()) == {"finalized"}


def test_rows_become_safe_and_final_as_the_chain_moves_on(tmp_path: Path, store: Store) -> None:
    ingested(store, tmp_path / "a", 30)
    note_heads(store, chain_id=DEMO_CHAIN_ID, latest=40, safe=20, finalized=10)
    for table in (name for name in ROWS_OF_BLOCKS if name != "quarantined_logs"):
        for block, said in finality(store, table).items():
            assert said == ("finalized" if block <= 10 else "safe" if block <= 20 else "latest"), table
    note_heads(store, chain_id=DEMO_CHAIN_ID, latest=50, safe=30, finalized=15)
    assert finality(store)[15] == "finalized"
    assert finality(store)[16] == finality(store)[30] == "safe"


def test_a_source_that_lags_behind_does_not_undo_what_was_final(store: Store) -> None:
    note_heads(store, chain_id=7, latest=40, safe=30, finalized=20)
    note_heads(store, chain_id=7, latest=35, safe=15, finalized=10)
    assert known_heads(store, chain_id=7) == Heads(latest=35, safe=20, finalized=20)
    assert known_heads(store, chain_id=8) is None


def test_a_node_that_spoke_of_blocks_nobody_has_is_forgotten_at_the_next_word_of_another(store: Store) -> None:
    note_heads(store, chain_id=7, latest=2**40, safe=2**40, finalized=2**40)
    note_heads(store, chain_id=7, latest=100, safe=60, finalized=40)
    assert known_heads(store, chain_id=7) == Heads(latest=100, safe=60, finalized=40)
    note_heads(store, chain_id=7, latest=90, safe=60, finalized=2**40)
    assert known_heads(store, chain_id=7) == Heads(latest=90, safe=90, finalized=90)


def test_finality_survives_closing_the_store_and_merging_its_files(tmp_path: Path, store: Store) -> None:
    ingested(store, tmp_path / "a", 6)
    for latest in range(4, 10):
        note_heads(store, chain_id=DEMO_CHAIN_ID, latest=latest, safe=latest - 2, finalized=latest - 4)
    before = finality(store)
    compact_finality(store)
    store.close()
    again = open_store(store.dsn)
    try:
        assert finality(again) == before
        assert set(before.values()) == {"finalized", "safe"} | ({"latest"} if before[6] == "latest" else set())
    finally:
        again.close()


def test_the_watermark_says_how_final_it_is_now(tmp_path: Path, store: Store) -> None:
    ingested(store, tmp_path / "a", 12)
    store.command("ALTER TABLE ingest_audit UPDATE finality = 'latest' WHERE 1 SETTINGS mutations_sync = 2")
    assert read_as_of(store, DEMO_CHAIN_ID).finality == "latest"
    note_heads(store, chain_id=DEMO_CHAIN_ID, latest=20, safe=12, finalized=2)
    assert read_as_of(store, DEMO_CHAIN_ID).finality == "safe"
