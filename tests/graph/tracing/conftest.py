"""One store for all worlds of a file, each world a chain of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sql.store import Store
from tests.fixtures.stores import new_store
from tests.fixtures.traces import Play, player


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Open for as long as the file's tests run."""
    opened = new_store(f"{tmp_path_factory.mktemp('tracing')}/store")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def play(store: Store) -> Play:
    """Play a world and derive what tracing reads; returns its chain id."""
    return player(store)
