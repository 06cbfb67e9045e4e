"""Fixtures strategy: every test that needs tables gets a real embedded store of its own, migrated, in its tmp_path.

chDB lets one path be open in one process at a time, so a test asks for one `store` and closes it before it opens
another. Blocks come from the bundled demo recording or are built in the test; real public data are read from
CHAINSIGHT_DATA, and only tests marked `real_data` may ask for them. Where there are none, those tests are skipped by
name on a stranger's machine and fail in CI, where nothing that matters is skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainsight.settings import settings
from sql.store import Store
from tests.fixtures.stores import new_store

_LONGEST_FIRST = (
    "story/test_demo.py",
    "graph/test_spark.py",
    "story/test_demo_on_a_server.py",
    "sql/test_derive.py",
    "ingest/test_reorgs.py",
    "ingest/test_interrupted.py",
    "graph/test_build.py",
)
"""Files of a minute and more: begun last, one worker would wait for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; a worker gets whole files in this order (`--no-loadscope-reorder`)."""
    folder = Path(__file__).parent
    places = {str(folder / name): place for place, name in enumerate(_LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(str(item.path), len(places)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Public data are either there, or their absence is said."""
    if item.get_closest_marker("real_data") is None or settings().data.is_dir():
        return
    message = f"needs the public data sets in {settings().data} (CHAINSIGHT_DATA); see docs/how-to/public-data.md"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty embedded store with all tables."""
    opened = new_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of public data; only for tests marked `real_data`."""
    return settings().data
