"""Parquet folders, Delta and Iceberg pass one contract; what only one of them can do or suffer is below."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sql.migrate import migrate
from sql.store import Store, open_store
from tests.contracts.export_target import ExportTargetContract


@pytest.fixture(scope="module")
def filled_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all tests here; each makes tables of its own."""
    store = open_store(f"chdb://{tmp_path_factory.mktemp('export')}/store")
    migrate(store)
    yield store
    store.close()


class TestParquet(ExportTargetContract):
    form = "parquet"


class TestDelta(ExportTargetContract):
    form = "delta"


class TestIceberg(ExportTargetContract):
    form = "iceberg"
