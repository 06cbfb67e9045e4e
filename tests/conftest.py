"""Fixtures strategy: every test that needs tables gets a real embedded store of its own, migrated, in its tmp_path.

chDB lets one path be open in one process at a time, so a test asks for one `store` and closes it before it opens another.
Blocks come from the bundled demo recording (a few of them, cut by tests/fixtures) or are built in the test; real public
data are read from CHAINSIGHT_DATA and only tests marked `real_data` may ask for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sql.migrate import migrate
from sql.store import Store, open_store


@pytest.fixture()
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty embedded store with all tables."""
    opened = open_store(f"chdb://{tmp_path}/store")
    migrate(opened)
    yield opened
    opened.close()
