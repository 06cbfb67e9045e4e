"""The service over a server: many requests at a time share the one session of the store."""

from concurrent.futures import ThreadPoolExecutor

from sql.migrate import migrate
from sql.store import open_store
from tests.fixtures.doors import opened_door
from tests.service.published_world import CHAIN, MIXER_USER, publish_rows


def test_requests_at_the_same_time_are_all_answered(tmp_path, connect):
    with opened_door(tmp_path / "store") as dsn:
        store = open_store(dsn)
        try:
            migrate(store)
            publish_rows(store, chain_id=CHAIN, publication=1)
            client = connect(store)
            with ThreadPoolExecutor(8) as askers:
                answers = list(askers.map(lambda _: client.get(f"/v1/addresses/{MIXER_USER}/score"), range(24)))
        finally:
            store.close()
    assert [answer.status_code for answer in answers] == [200] * 24
    assert {answer.json()["score"] for answer in answers} == {48.5}
