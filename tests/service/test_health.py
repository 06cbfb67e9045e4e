"""/livez, /readyz, and a store in which nothing is published."""

from tests.fixtures.publishing import commit_blocks
from tests.service.published_world import CHAIN, MIXER_USER, publish_rows


def test_a_store_without_publication_is_alive_and_not_ready_and_says_what_to_run(store, connect):
    client = connect(store)
    assert client.get("/livez").json() == {"status": "alive"}
    for path in ("/readyz", f"/v1/addresses/{MIXER_USER}/score", "/v1/recommendations"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["title"]) == (503, "Nothing published yet")
        assert "chainsight run" in answer.json()["detail"]


def test_readiness_tells_block_age_and_what_is_ingested_but_not_published(store, connect):
    commit_blocks(store, to_block=1007)
    commit_blocks(store, to_block=5, chain_id=10)
    client = connect(store)
    assert [chain["publication"] for chain in client.get("/readyz").json()["chains"]] == [None, None]
    publish_rows(store, chain_id=CHAIN, publication=4)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    first, second = answer.json()["chains"]
    assert first.pop("age_seconds") > 0
    assert first == {
        "chain_id": CHAIN,
        "publication": 4,
        "as_of": {
            "block_number": 1000,
            "block_hash": "0x" + "ab" * 32,
            "timestamp": "2026-01-01T00:00:00Z",
            "finality": "finalized",
        },
        "published_at": "2026-01-01T00:10:00Z",
        "ingested_block": 1007,
        "blocks_behind": 7,
    }
    assert (second["chain_id"], second["ingested_block"], second["publication"]) == (10, 5, None)
