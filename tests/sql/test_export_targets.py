"""Parquet folders, Delta and Iceberg pass one contract; what only one of them can do or suffer is below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chainsight.errors import UsageError
from sql.export import export
from sql.store import Store
from tests.contracts.export_target import ExportTargetContract, Facts
from tests.fixtures.stores import new_store


@pytest.fixture(scope="module")
def filled_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all tests here; each makes tables of its own."""
    store = new_store(f"{tmp_path_factory.mktemp('export')}/store")
    yield store
    store.close()


class TestParquet(ExportTargetContract):
    form = "parquet"

    def test_files_that_no_export_wrote_stay_in_the_folder(self, filled_store: Store, tmp_path: Path) -> None:
        facts = Facts(filled_store, self.form, tmp_path, partition_by="note")
        facts.put("(1, 1, 'a', 1)", "(1, 2, 'b', 1)")
        facts.export()
        strangers = [facts.path / name for name in ("README.txt", "note=a/_SUCCESS", "theirs/deep/notes.md")]
        for path in strangers:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("mine")
        (facts.path / "latest").symlink_to("note=a")

        facts.put("(1, 1, 'moved', 2)")
        facts.export()
        facts.export(incremental=False)

        assert [path.read_text() for path in strangers] == ["mine"] * 3
        assert (facts.path / "latest").readlink() == Path("note=a")
        assert [row["note"] for row in facts.read()] == ["moved", "b"]
        assert not list((facts.path / "note=a").glob("*.parquet"))


class TestDelta(ExportTargetContract):
    form = "delta"
    odd_name = "ü a b+c#50%"

    def test_a_path_that_the_library_would_read_as_another_is_refused(
        self, filled_store: Store, tmp_path: Path
    ) -> None:
        with pytest.raises(UsageError, match="%20"):
            export(filled_store, "SELECT 1 AS n", form="delta", path=tmp_path / "a%20b")
        assert list(tmp_path.iterdir()) == []


class TestIceberg(ExportTargetContract):
    form = "iceberg"
