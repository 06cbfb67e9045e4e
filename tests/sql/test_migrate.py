"""Migrations are applied once, in order, and never change afterwards."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import sql.migrate
from chainsight.errors import MigrationChanged
from sql.files import Statement, load_folder
from sql.migrate import migrate, pending
from sql.store import Store, open_store


def test_a_second_run_has_nothing_to_do(store: Store) -> None:
    before = store.query("SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()")
    assert migrate(store) == []
    after = store.query("SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()")
    assert after.sort_by("name").equals(before.sort_by("name"))


def test_all_files_are_recorded_in_their_order(tmp_path: Path) -> None:
    store = open_store(f"chdb://{tmp_path}/store")
    names = migrate(store)
    files = [statement.name for statement in load_folder("migrations")]
    assert names == [name for name in files if not name.endswith("0000_migrations")]
    assert names == sorted(names)
    recorded = store.query("SELECT name FROM migrations ORDER BY name").column("name").to_pylist()
    store.close()
    assert recorded == names


def test_an_applied_migration_with_another_text_is_refused_by_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(folder: str) -> list[Statement]:
        return [
            dataclasses.replace(statement, text=statement.text + "\n-- edited")
            if statement.name == "migrations/0102_transactions"
            else statement
            for statement in load_folder(folder)
        ]

    monkeypatch.setattr(sql.migrate, "load_folder", edited)
    with pytest.raises(MigrationChanged, match="0102_transactions was applied to this store with another text"):
        migrate(store)


def test_a_process_killed_between_statement_and_record_repeats_it_harmlessly(store: Store) -> None:
    last = load_folder("migrations")[-1].name
    store.command("INSERT INTO tokens (chain_id, symbol, version) VALUES (1, 'kept', 1)")
    store.command("ALTER TABLE migrations DELETE WHERE name = {name:String} SETTINGS mutations_sync = 2", name=last)

    assert [statement.name for statement in pending(store)] == [last]
    assert migrate(store) == [last]
    assert migrate(store) == []
    assert store.query("SELECT symbol FROM tokens").to_pylist() == [{"symbol": "kept"}]
