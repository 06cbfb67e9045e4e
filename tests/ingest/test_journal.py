"""The journal of what was begun: a batch killed after any of its steps leaves nothing behind once it is mended."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import psutil
import pytest

from chainsight.errors import StoreError
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.journal import close_intent, open_intent, open_intents, recover
from ingest.ranges import BlockRange
from sql.store import ClickHouseStore, Parameter, Store
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive
from tests.fixtures.contents import visible_rows


def test_an_intent_is_open_until_it_is_closed(store: Store) -> None:
    first = open_intent(store, chain_id=7, first=1, last=9)
    second = open_intent(store, chain_id=7, first=10, last=12)
    assert [(one.intent, one.kind, one.first, one.last) for one in open_intents(store, chain_id=7)] == [
        (first, "write", 1, 9),
        (second, "write", 10, 12),
    ]
    close_intent(store, chain_id=7, intent=first)
    close_intent(store, chain_id=7, intent=first)
    assert [one.intent for one in open_intents(store, chain_id=7)] == [second]
    assert open_intents(store, chain_id=8) == []


@pytest.mark.parametrize("broken_at", ["decode/transactions", "decode/logs", "decode/blocks", "decode/audit"])
def test_rows_of_a_batch_that_broke_are_taken_back(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, broken_at: str
) -> None:
    archive = ArchiveSource(demo_archive(tmp_path / "a", 30))
    ingest_blocks(store, archive, blocks=BlockRange(1, 20))
    expected = visible_rows(store)
    run = ClickHouseStore.command

    def break_off(session: ClickHouseStore, statement: Any, **parameters: Parameter) -> None:
        if getattr(statement, "name", "") == broken_at:
            raise StoreError("the lights went out.")
        run(session, statement, **parameters)

    open_intent(store, chain_id=DEMO_CHAIN_ID, first=18, last=30)
    with monkeypatch.context() as patched:
        patched.setattr(ClickHouseStore, "command", break_off)
        with pytest.raises(StoreError, match="lights"):
            ingest_blocks(store, archive)

    assert recover(store, chain_id=DEMO_CHAIN_ID) == [BlockRange(21, 30)]
    assert visible_rows(store) == expected
    assert open_intents(store, chain_id=DEMO_CHAIN_ID) == []


def test_a_batch_that_was_committed_but_not_closed_stays(tmp_path: Path, store: Store) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 20)))
    expected = visible_rows(store)
    open_intent(store, chain_id=DEMO_CHAIN_ID, first=1, last=20)
    assert recover(store, chain_id=DEMO_CHAIN_ID) == []
    assert visible_rows(store) == expected
    assert open_intents(store, chain_id=DEMO_CHAIN_ID) == []


def test_on_a_server_what_a_living_process_is_at_is_left_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for intent, writer, age in ((1, "elsewhere|77|1.00", 5), (2, "elsewhere|77|1.00", 7200)):
        store.command(
            "INSERT INTO ingest_intents (chain_id, intent, kind, from_block, to_block, writer, opened_at, version)"
            f" SELECT 7, {intent}, 'write', 1, 2, '{writer}', now64(3) - {age}, {intent}"
        )
    mine = open_intent(store, chain_id=7, first=3, last=4)
    monkeypatch.setattr(store, "dsn", "clickhouse://somewhere:8123/chainsight")
    assert recover(store, chain_id=7) == [BlockRange(1, 2), BlockRange(3, 4)]
    assert [one.intent for one in open_intents(store, chain_id=7)] == [1]
    assert mine != 1


def test_a_living_process_of_this_machine_may_take_as_long_as_it_likes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    living = psutil.Process().parent()
    assert living is not None
    writer = f"{socket.gethostname()}|{living.pid}|{living.create_time():.2f}"
    store.command(
        "INSERT INTO ingest_intents (chain_id, intent, kind, from_block, to_block, writer, opened_at, version)"
        f" SELECT 7, 1, 'write', 1, 2, '{writer}', now64(3) - 7200, 1"
    )
    monkeypatch.setattr(store, "dsn", "clickhouse://somewhere:8123/chainsight")
    assert recover(store, chain_id=7) == []
    assert [one.intent for one in open_intents(store, chain_id=7)] == [1]
