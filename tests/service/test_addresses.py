"""GET /v1/addresses/{address}/score."""

from service.problems import MEDIA_TYPE
from tests.service.published_world import BLOCK_HASH, CHAIN, MIXER_USER, QUIET, REASON, STRANGER, publish_rows

AS_OF = {"block_number": 1000, "block_hash": BLOCK_HASH, "timestamp": "2026-01-01T00:00:00Z", "finality": "finalized"}


def score_path(address, query=f"?chain_id={CHAIN}"):
    return f"/v1/addresses/{address}/score{query}"


def test_a_score_is_answered_whole(client):
    answer = client.get(score_path(MIXER_USER))
    assert answer.status_code == 200
    assert answer.json() == {
        "address": MIXER_USER,
        "chain_id": 1,
        "score": 48.5,
        "grade": "Medium",
        "evidence": "sufficient",
        "is_service": False,
        "category": "",
        "probability": 0.25,
        "probability_low": 0.1875,
        "probability_high": 0.75,
        "model_answer": "review",
        "base_rate_probability": 0.09375,
        "anomaly": 0.875,
        "structure_anomaly": 0.6875,
        "channels": {
            "list": 0.0,
            "label": 0.0,
            "exposure": 0.375,
            "typology": 0.0,
            "supervised": 0.125,
            "anomaly": 0.0625,
        },
        "reasons": [REASON],
        "exposures": [
            {
                "category": "mixer",
                "direction": "in",
                "hops": 1,
                "counterparties": 1,
                "native_amount": "12345678901234567890123",
                "token_transfer_count": 0,
                "share": 0.625,
                "example_address": "0x" + "33" * 20,
                "example_name": "Tornado.Cash: 10 ETH",
                "example_source": "etherscan",
                "via_address": None,
                "weight": 0.375,
            }
        ],
        "risk_labels": [
            {
                "channel": "exposure",
                "risk_label": "exposure_mixer",
                "weight": 0.375,
                "name": "",
                "source": "etherscan",
                "sentence": REASON,
            }
        ],
        "recommended_action": "allow",
        "valid_until": None,
        "model_id": "wallets-test",
        "as_of": AS_OF,
        "publication": 1,
        "published_at": "2026-01-01T00:10:00Z",
    }


def test_an_address_no_model_looked_at_has_null_and_not_zero(client):
    answer = client.get(score_path(QUIET)).json()
    assert (answer["probability"], answer["anomaly"], answer["evidence"]) == (None, None, "insufficient")


def test_upper_case_and_checksummed_addresses_are_the_same_address(client):
    assert client.get(score_path("0X" + "AB" * 20)).status_code == 404
    assert client.get(score_path("0X" + "11" * 20)).json()["address"] == MIXER_USER


def test_an_address_never_seen_is_told_up_to_which_block(client):
    answer = client.get(score_path(STRANGER))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json() == {
        "type": "/docs/reference/problems.md#never-seen",
        "title": "Address never seen",
        "status": 404,
        "detail": f"{STRANGER} was never seen on chain 1 up to block 1000, and no list has it.",
        "instance": f"/v1/addresses/{STRANGER}/score",
        "chain_id": 1,
        "as_of": AS_OF,
    }


def test_an_answer_already_held_is_not_sent_again_until_something_new_is_published(world, client):
    chain = 501
    publish_rows(world, chain_id=chain, publication=1)
    path = score_path(MIXER_USER, f"?chain_id={chain}")
    etag = client.get(path).headers["etag"]
    for held in (etag, f'"other", W/{etag}', "*"):
        again = client.get(path, headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(score_path(QUIET, f"?chain_id={chain}"), headers={"If-None-Match": etag}).status_code == 200
    publish_rows(world, chain_id=chain, publication=2)
    fresh = client.get(path, headers={"If-None-Match": etag})
    assert (fresh.status_code, fresh.json()["publication"]) == (200, 2)
    assert fresh.headers["etag"] != etag


def test_with_several_chains_one_must_be_named(world, client):
    publish_rows(world, chain_id=502, publication=1)
    answer = client.get(score_path(MIXER_USER, ""))
    assert (answer.status_code, answer.json()["type"]) == (400, "/docs/reference/problems.md#chain-not-named")
    assert {1, 502} <= set(answer.json()["chain_ids"])
    assert client.get(score_path(MIXER_USER, "?chain_id=502")).json()["chain_id"] == 502


def test_a_chain_without_publication_is_refused_with_those_there_are(client):
    answer = client.get(score_path(MIXER_USER, "?chain_id=56"))
    assert (answer.status_code, answer.json()["type"]) == (404, "/docs/reference/problems.md#chain-unknown")
    assert 1 in answer.json()["chain_ids"]
