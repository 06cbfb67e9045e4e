"""Fixtures strategy: one store a module, filled by `published_world`; its rows are put in by hand, so bodies are exact.

Tests of one module share it: a test that changes what is published does so on a chain of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.keys import create_key
from sql.store import Store, open_store
from tests.fixtures.doors import opened_door
from tests.fixtures.stores import new_store
from tests.service.published_world import CHAIN, publish_rows


@dataclass(frozen=True)
class ClickHouseDoor:
    """The ClickHouse door of a service in a process of its own, and keys that open it or do not."""

    dsn: str
    url: str
    port: int
    admin: str
    analyst: str
    risk: str


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseDoor]:
    """One for all tests: each makes tables of its own names. `scores` holds a publication of chain 1."""
    with opened_door(tmp_path_factory.mktemp("clickhouse") / "store") as dsn:
        store = open_store(dsn)
        publish_rows(store, chain_id=CHAIN, publication=1)
        keys = {scope: create_key(store, scope=scope)[0] for scope in ("analyst", "risk")}
        store.close()
        parts = urlsplit(dsn)
        assert parts.port
        assert parts.password
        yield ClickHouseDoor(dsn, f"http://127.0.0.1:{parts.port}/", parts.port, parts.password, **keys)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with one publication of chain 1."""
    opened = new_store(f"{tmp_path_factory.mktemp('world')}/store")
    publish_rows(opened, chain_id=CHAIN, publication=1)
    yield opened
    opened.close()


@pytest.fixture
def client(world: Store) -> TestClient:
    """A client whose key is of scope risk; a test may send another one with a request."""
    return client_of(world)


def client_of(store: Store, **options: object) -> TestClient:
    """A client of a service over `store`, with a key of scope risk."""
    opened = TestClient(create_app(store, **options), raise_server_exceptions=False)
    opened.headers["X-API-Key"] = create_key(store, scope="risk")[0]
    return opened


@pytest.fixture
def connect():
    """`client_of`, for tests with a store or limits of their own."""
    return client_of
