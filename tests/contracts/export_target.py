"""What every kind of export target must do: inherit from ExportTargetContract and say which `form` it is.

The store is one for the whole module; every test makes a table of its own in it. What was exported is read back by readers that
share no code with the writers (tests/fixtures/lake_readers.py).
"""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import TargetRefused, UnknownName, UsageError
from sql.answers import answer
from sql.export import ExportRequest, ExportSummary, export, preview
from sql.store import Store
from tests.fixtures.lake_readers import READERS, Row

LARGEST = 2**256 - 1
HOSTILE = "../../etc/passwd"
_NAMES = itertools.count()


class Facts:
    """A table whose rows lie in blocks, as transfers do: key, version, tombstones; and its export."""

    def __init__(
        self, store: Store, form: str, folder: Path, *, columns: str = "note String", partition_by: str = ""
    ) -> None:
        self.store = store
        self.form = form
        self.table = f"facts_{next(_NAMES)}"
        self.path = folder / self.table
        self.partition_by = partition_by
        store.command(
            f"CREATE TABLE {self.table} (chain_id UInt64 COMMENT 'Which chain', block_number UInt64, {columns},"
            " version UInt64, is_deleted UInt8 DEFAULT 0)"
            " ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY (chain_id, block_number)"
        )

    def put(self, *rows: str, columns: str = "chain_id, block_number, note, version") -> None:
        self.store.command(f"INSERT INTO {self.table} ({columns}) VALUES {', '.join(rows)}")

    def withdraw(self, *blocks: int) -> None:
        """As sql/withdraw does it: the same key, the version after the one that is there."""
        listed = ", ".join(map(str, blocks))
        self.store.command(
            f"INSERT INTO {self.table} (chain_id, block_number, version, is_deleted)"
            f" SELECT chain_id, block_number, version + 1, 1 FROM {self.table} WHERE block_number IN ({listed})"
        )

    def export(self, *, incremental: bool = True, path: Path | None = None) -> ExportSummary:
        return export(
            self.store, self.table, form=self.form, path=path or self.path, partition_by=self.partition_by,
            incremental=incremental,
        )  # fmt: skip

    def read(self, path: Path | None = None) -> list[Row]:
        return in_order(READERS[self.form](path or self.path))

    def stored(self) -> list[Row]:
        return in_order(as_exported(self.store, f"SELECT * FROM {self.table}"))


def as_exported(store: Store, question: str) -> list[Row]:
    """The store's own rows, with integers of 256 bits as the text that stands in files."""
    found = answer(store, question, limit=0)
    kinds = dict(zip(found.columns, found.types, strict=True))
    return [
        {
            name: str(value) if "Int256" in kinds[name] and value is not None else value
            for name, value in zip(found.columns, row, strict=True)
        }
        for row in found.rows
    ]


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(
        ({name: row[name] for name in sorted(row)} for row in rows), key=lambda row: (row["block_number"], str(row))
    )


class ExportTargetContract:
    """Inherited by one test class per format."""

    form: str
    odd_name = "ü a%20b+c"

    def test_every_value_comes_back_as_it_is_in_the_store(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(
            filled_store, self.form, tmp_path,
            columns="amount UInt256, debt Int256, note Nullable(String), address FixedString(20), at DateTime('UTC'),"
            " exact DateTime64(6, 'UTC'), day Date, ratio Float64, tags Array(String), is_final Bool, small Int8",
        )  # fmt: skip
        facts.put(
            f"(1, 5, {LARGEST}, '-{2**255}', NULL, unhex('{'ab' * 20}'), '2024-01-02 03:04:05',"
            " '1970-01-01 00:00:00.000001', '1970-01-01', -0.5, [], true, -128, 1)",
            "(1, 6, 0, 0, '', unhex('00'), '2106-02-07 06:28:15', '2100-01-01 00:00:00', '2149-06-06', 1e300,"
            " ['', 'b,\"c'], false, 127, 2)",
            f"(1, 7, {10**38}, -1, '日本 🦄 \\n''\\\\ ‮', unhex('{'ff' * 20}'), '1970-01-01 00:00:00',"
            " '1999-12-31 23:59:59.999999', '2000-02-29', 0, ['x'], true, 0, 3)",
            columns="chain_id, block_number, amount, debt, note, address, at, exact, day, ratio, tags, is_final, small, version",
        )

        done = facts.export()

        assert (done.rows, done.rows_written) == (3, 3)
        assert facts.read() == facts.stored()
        row = facts.read()[0]
        assert (row["amount"], row["debt"], row["note"]) == (str(LARGEST), str(-(2**255)), None)
        assert row["address"] == "0x" + "ab" * 20
        assert row["exact"] == dt.datetime(1970, 1, 1, 0, 0, 0, 1, dt.UTC)

    def test_an_incremental_export_writes_what_changed_and_ends_as_a_full_one(
        self, filled_store: Store, tmp_path: Path
    ) -> None:
        facts = Facts(filled_store, self.form, tmp_path)
        facts.put(*(f"(1, {number}000000, 'first', 10)" for number in range(1, 60)))
        assert facts.export().slices_kept == 0
        before = set(_data_files(facts.path))

        assert facts.export().rows_written == 0
        assert set(_data_files(facts.path)) == before

        facts.withdraw(57_000_000, 58_000_000, 59_000_000)
        facts.put("(1, 57000000, 'other branch', 90)", "(1, 61000000, 'new', 91)", "(1, 3000000, 'late', 92)")
        done = facts.export()

        assert (done.slices_kept, done.slices_replaced, done.slices_removed) == (4, 2, 0)
        assert facts.read() == facts.stored()
        assert [row["note"] for row in facts.read() if row["block_number"] >= 56_000_000] == [
            "first",
            "other branch",
            "new",
        ]
        incremental = facts.read()
        assert facts.export(incremental=False).rows_written == len(incremental)
        assert facts.read() == incremental

    def test_a_tombstone_older_than_the_last_export_is_seen(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path)
        facts.put("(1, 1, 'stays', 10)", "(1, 2, 'goes', 20)", "(1, 40000000, 'newest', 1000)")
        facts.export()

        facts.withdraw(2)  # with version 21, far below the 1000 that was exported
        facts.export()

        assert [row["note"] for row in facts.read()] == ["stays", "newest"]

    def test_a_slice_that_lost_all_its_rows_leaves_the_target(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path)
        facts.put("(1, 1, 'stays', 10)", "(1, 40000000, 'goes', 20)")
        facts.export()

        facts.withdraw(40_000_000)
        assert facts.export().slices_removed == 1
        assert [row["note"] for row in facts.read()] == ["stays"]

        facts.withdraw(1)
        facts.export()
        assert facts.read() == []

    def test_partitions_with_hostile_values_stay_inside_the_target(self, filled_store: Store, tmp_path: Path) -> None:
        values = [HOSTILE, "a/b", "..", "", "it's", "50%", "%2F", "Ω=ß", "x y", None]
        shown = ["NULL" if value is None else "'" + value.replace("'", "''") + "'" for value in values]
        facts = Facts(filled_store, self.form, tmp_path, columns="note Nullable(String)", partition_by="note")
        facts.put(*(f"(1, {number}, {text}, {number})" for number, text in enumerate(shown)))

        facts.export()

        assert [row["note"] for row in facts.read()] == values
        outside = [path for path in tmp_path.rglob("*") if path.is_file() and facts.path not in path.parents]
        assert [path.name for path in outside] == (["iceberg.sqlite"] if self.form == "iceberg" else [])
        facts.put("(1, 0, 'moved', 99)")
        assert facts.export().rows_written == 1
        assert facts.read()[0]["note"] == "moved"

    def test_a_day_made_of_a_time_is_a_partition(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(
            filled_store, self.form, tmp_path, columns="at DateTime('UTC')", partition_by="chain_id, toDate(at) AS day"
        )
        facts.put(
            "(1, 1, '2024-01-01 23:59:59', 1)",
            "(7, 1, '2024-01-02 00:00:00', 1)",
            columns="chain_id, block_number, at, version",
        )
        facts.export()
        assert [(int(row["chain_id"]), str(row["day"])) for row in facts.read()] == [
            (1, "2024-01-01"),
            (7, "2024-01-02"),
        ]

    def test_a_new_column_appears_and_old_rows_have_null_there(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path)
        facts.put("(1, 1, 'old', 1)")
        facts.export()

        filled_store.command(f"ALTER TABLE {facts.table} ADD COLUMN extra String DEFAULT 'x'")
        facts.put("(1, 90000000, 'new', 2)")
        done = facts.export()

        assert done.new_columns == ("extra",)
        assert [(row["note"], row["extra"]) for row in facts.read()] == [("old", None), ("new", "x")]

    def test_a_removed_or_retyped_column_is_refused_and_nothing_changes(
        self, filled_store: Store, tmp_path: Path
    ) -> None:
        facts = Facts(filled_store, self.form, tmp_path, columns="note String, size UInt32")
        facts.put("(1, 1, 'old', 5, 1)", columns="chain_id, block_number, note, size, version")
        facts.export()
        before = facts.read()

        filled_store.command(f"ALTER TABLE {facts.table} MODIFY COLUMN size String")
        with pytest.raises(TargetRefused, match=r"column size .* new folder"):
            facts.export()
        filled_store.command(f"ALTER TABLE {facts.table} DROP COLUMN size")
        with pytest.raises(TargetRefused, match=r"no column size any more"):
            facts.export()
        assert facts.read() == before

    def test_an_empty_table_is_its_columns_until_rows_come(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path, partition_by="chain_id")
        facts.export()
        assert facts.read() == []

        facts.put("(1, 1, 'first', 1)")
        facts.export()
        assert [(int(row["chain_id"]), row["note"]) for row in facts.read()] == [(1, "first")]

    def test_what_is_not_an_export_is_never_touched(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path)
        (tmp_path / "file").write_text("mine")
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "thesis.txt").write_text("mine")

        for name in ("file", "folder"):
            with pytest.raises(TargetRefused, match="--out"):
                facts.export(path=tmp_path / name)

        assert (tmp_path / "file").read_text() == (tmp_path / "folder" / "thesis.txt").read_text() == "mine"
        assert [path.name for path in (tmp_path / "folder").iterdir()] == ["thesis.txt"]

    def test_a_target_of_another_table_or_partition_is_refused(self, filled_store: Store, tmp_path: Path) -> None:
        facts, others = Facts(filled_store, self.form, tmp_path), Facts(filled_store, self.form, tmp_path)
        facts.put("(1, 1, 'mine', 1)")
        facts.export()
        with pytest.raises(TargetRefused, match=f"{facts.table}.*{others.table}"):
            others.export(path=facts.path)
        facts.partition_by = "chain_id"
        with pytest.raises(TargetRefused, match="partitioned by nothing, not by chain_id"):
            facts.export()
        assert [row["note"] for row in facts.read()] == ["mine"]

    def test_a_dry_run_tells_rows_bytes_and_slices_and_writes_nothing(
        self, filled_store: Store, tmp_path: Path
    ) -> None:
        facts = Facts(filled_store, self.form, tmp_path)
        facts.put("(1, 1, 'a', 1)", "(1, 40000000, 'b', 1)")
        asked = ExportRequest(facts.table, self.form, facts.path, incremental=True)
        told = preview(filled_store, asked)
        assert (told["rows"], told["rows_to_write"], told["slices_new"]) == (2, 2, 2)
        assert list(tmp_path.iterdir()) == []

        facts.export()
        facts.put("(1, 40000000, 'c', 2)")
        told = preview(filled_store, asked)
        assert (told["rows_to_write"], told["slices_replaced"], told["slices_kept"]) == (1, 1, 1)
        assert told["parts"] == ["chain 1, blocks 40,000,000–49,999,999: 1 rows, replaced"]
        assert [row["note"] for row in facts.read()] == ["a", "b"]

    def test_mistakes_are_told_with_what_to_do(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path)
        mistakes: list[tuple[str, type[UsageError], str]] = [
            ("chain", UnknownName, "Did you mean chain_id"),
            ("toDate(version)", UsageError, "has no name"),
            ("chain_id FROM numbers(3)", UsageError, "more than columns"),
            ("chain_id; DROP TABLE x", UsageError, "cannot be read|more than"),
            ("file('/etc/passwd') AS secret", UsageError, "file"),
            ("version / 2 AS half", UsageError, "cannot be partitioned by half"),
        ]
        for partition_by, kind, words in mistakes:
            facts.partition_by = partition_by
            with pytest.raises(kind, match=words):
                facts.export()
        assert not facts.path.exists()

    def test_a_question_of_many_rows_is_exported_by_what_it_gives(self, filled_store: Store, tmp_path: Path) -> None:
        question = "SELECT number AS block_number, number % 3 AS third FROM numbers(200000)"
        done = export(filled_store, question, form=self.form, path=tmp_path / "numbers", partition_by="third")
        again = export(
            filled_store, question, form=self.form, path=tmp_path / "numbers", partition_by="third", incremental=True
        )
        rows: list[dict[str, Any]] = READERS[self.form](tmp_path / "numbers")
        assert sorted(row["block_number"] for row in rows) == list(range(200_000))
        assert (done.rows_written, again.rows_written, again.slices_kept) == (200_000, 0, 3)

    def test_rows_that_hold_null_are_written_and_their_changes_seen(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path, columns="note Nullable(String)")
        facts.put("(1, 1, 'a', 1)", "(1, 2, 'b', 1)", "(1, 40000000, NULL, 1)")
        versions = itertools.count(2)
        question = f"SELECT chain_id, block_number, note FROM {facts.table}"
        filled_store.command(f"CREATE VIEW {facts.table}_seen AS {question}")
        for name, source in (("select", question), ("view", f"{facts.table}_seen")):
            facts.put(*(f"(1, {block}, NULL, {next(versions)})" for block in (1, 2, 40_000_000)))
            for change in ("(1, 2, 'b'", "(1, 1, ''", "(1, 40000000, 'set'", "(1, 2, NULL"):
                facts.put(f"{change}, {next(versions)})")
                done = export(
                    filled_store, source, form=self.form, path=tmp_path / name, incremental=True, partition_by="chain_id"
                )  # fmt: skip
                rows = in_order(READERS[self.form](tmp_path / name))
                stored = in_order(as_exported(filled_store, question))
                assert [row["note"] for row in rows] == [row["note"] for row in stored]
                assert (done.rows, done.rows_written) == (3, 3)

    def test_a_folder_may_be_called_anything_and_lie_behind_a_link(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path, partition_by="note")
        odd = tmp_path / self.odd_name
        odd.mkdir()
        (tmp_path / "link").symlink_to(odd)
        path = tmp_path / "link" / "lake_é"
        facts.put("(1, 1, 'old', 1)", "(1, 2, 'a b', 1)")

        facts.export(path=path, incremental=False)
        facts.put("(1, 1, 'new', 2)")
        facts.export(path=path)
        facts.export(path=path, incremental=False)

        assert [row["note"] for row in facts.read(path)] == ["new", "a b"]

    def test_a_link_to_an_empty_folder_is_followed(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path)
        facts.put("(1, 1, 'a', 1)")
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")

        facts.export(path=tmp_path / "link")
        facts.export(path=tmp_path / "link", incremental=False)

        assert (tmp_path / "link").is_symlink()
        assert [row["note"] for row in facts.read(tmp_path / "real")] == ["a"]
        hidden = {item.name for item in tmp_path.iterdir() if item.name.startswith(".")}
        assert hidden == set()

    def test_two_exports_to_one_target_do_not_meet(self, filled_store: Store, tmp_path: Path) -> None:
        import fcntl

        facts = Facts(filled_store, self.form, tmp_path)
        facts.put("(1, 1, 'a', 1)")
        home = tmp_path / f".{facts.table}.exporting"
        home.mkdir()
        with (home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(UsageError, match="Another process exports"):
                facts.export()
        facts.export()
        assert [row["note"] for row in facts.read()] == ["a"]


def _data_files(path: Path) -> list[str]:
    return [str(file) for file in path.rglob("*.parquet")]
