"""A service over a small published chain, and a key of each scope."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from scheduler.publish import publish
from service.app import create_app
from service.auth import create_key
from sql.store import Store
from tests.fixtures.publishing import CHAIN, build_world


@pytest.fixture()
def client(store: Store) -> Iterator[TestClient]:
    """A client with a key of scope risk; other keys go into the headers of one request."""
    build_world(store)
    publish(store, chain_id=CHAIN)
    secret, _ = create_key(store, scope="risk")
    with TestClient(create_app(store), raise_server_exceptions=False) as opened:
        opened.headers["Authorization"] = f"Bearer {secret}"
        yield opened
