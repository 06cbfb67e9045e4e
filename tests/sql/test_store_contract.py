"""Both kinds of store keep the contract: ClickHouse in this process, and a server spoken to over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sql.migrate import migrate
from sql.store import Store, open_store
from tests.contracts.store import StoreContract
from tests.fixtures.doors import opened_door


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server in a process of its own."""
    with opened_door(tmp_path_factory.mktemp("server") / "store") as dsn:
        yield dsn


class TestEmbedded(StoreContract):
    @pytest.fixture
    def contracted(self, store: Store) -> Store:
        return store


class TestServer(StoreContract):
    @pytest.fixture
    def contracted(self, dsn: str) -> Iterator[Store]:
        store = open_store(dsn)
        migrate(store)
        store.command("TRUNCATE TABLE tokens")
        yield store
        store.close()

    def test_compressed_and_plain_answers_are_the_same(self, dsn: str) -> None:
        answers = []
        for compress in ("false", "true"):
            store = open_store(f"{dsn}?compress={compress}")
            answers.append(store.query("SELECT number, repeat('x', 100) AS text FROM numbers(10000)"))
            store.close()
        assert answers[0].equals(answers[1])

    def test_temporary_tables_of_two_sessions_do_not_meet(self, dsn: str) -> None:
        one, other = open_store(dsn), open_store(dsn)
        for number, store in enumerate((one, other)):
            store.command("CREATE TEMPORARY TABLE mine (a UInt8) ENGINE = Memory")
            store.command("INSERT INTO mine SELECT {a:UInt8}", a=number)
        assert [store.query("SELECT a FROM mine").to_pylist() for store in (one, other)] == [[{"a": 0}], [{"a": 1}]]
        one.close()
        other.close()
