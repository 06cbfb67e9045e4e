"""API keys over HTTP and in the store."""

import datetime as dt
import hashlib

import pytest

from chainsight.errors import UnknownName, UsageError
from service import keys
from service.keys import create_key, list_keys, recognise, revoke_key
from tests.service.published_world import MIXER_USER

SCORE = f"/v1/addresses/{MIXER_USER}/score"
ADVICE = "/v1/recommendations"


@pytest.fixture
def anonymous(client):
    del client.headers["X-API-Key"]
    return client


def ask(client, key, path=SCORE):
    return client.get(path, headers={"X-API-Key": key})


def refusal(answer):
    return answer.status_code, answer.json()["type"].split("#")[1], answer.headers.get("www-authenticate")


def test_a_key_opens_as_bearer_token_and_as_header(world, anonymous):
    key, _ = create_key(world, scope="risk")
    assert anonymous.get(SCORE, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert ask(anonymous, key).status_code == 200


def test_without_a_key_there_is_a_challenge(anonymous):
    assert refusal(anonymous.get(SCORE)) == (401, "key-missing", "Bearer")
    assert refusal(anonymous.get(SCORE, headers={"Authorization": "Basic YTpi"})) == (401, "key-missing", "Bearer")


def test_a_wrong_key_is_refused_even_with_a_right_prefix(world, anonymous):
    key, _ = create_key(world, scope="risk")
    last = "A" if key[-1] != "A" else "B"
    for wrong in (key[:-1] + last, key[:-1], key + "A", key.upper(), "chs_00000000_" + "A" * 32, "x", "ä"):
        answer = anonymous.get(SCORE, headers={"X-API-Key": wrong.encode("latin-1")})
        assert refusal(answer) == (401, "key-refused", "Bearer")
        assert wrong not in answer.text or wrong == "x"


def test_an_expired_key_is_refused_and_says_that_it_expired(world, anonymous, monkeypatch):
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
    monkeypatch.setattr(keys, "_now", lambda: long_ago)
    key, record = create_key(world, scope="risk", days=1)
    answer = ask(anonymous, key)
    assert refusal(answer) == (401, "key-refused", "Bearer")
    assert answer.json()["detail"] == f"The API key {record.prefix} is expired."


def test_a_revoked_key_is_refused_at_once_and_stays_listed(world, anonymous):
    key, record = create_key(world, scope="risk", note="desk")
    assert ask(anonymous, key).status_code == 200
    revoked = revoke_key(world, record.prefix)
    assert refusal(ask(anonymous, key)) == (401, "key-refused", "Bearer")
    assert revoke_key(world, record.prefix).revoked_at == revoked.revoked_at
    listed = {known.prefix: known for known in list_keys(world)}[record.prefix]
    assert (listed.note, listed.scope, listed.state(dt.datetime.now(dt.UTC))) == ("desk", "risk", "revoked")


@pytest.mark.parametrize(
    ("scope", "score", "advice"),
    [("risk", 200, 200), ("analyst", 200, 200), ("feed", 403, 200), ("admin", 200, 200)],
)
def test_a_key_opens_what_its_scope_says(world, anonymous, scope, score, advice):
    key, _ = create_key(world, scope=scope)
    assert (ask(anonymous, key).status_code, ask(anonymous, key, ADVICE).status_code) == (score, advice)


def test_a_refusal_for_scope_names_the_scopes_that_open(world, anonymous):
    key, record = create_key(world, scope="feed")
    answer = ask(anonymous, key).json()
    assert answer["detail"] == f"The API key {record.prefix} is of scope feed; this path wants risk or analyst."
    assert answer["scopes"] == ["risk", "analyst", "admin"]


def test_the_store_holds_the_hash_and_not_the_key(world):
    key, record = create_key(world, scope="risk")
    assert key.startswith(record.prefix + "_")
    row = world.query("SELECT * FROM api_keys WHERE prefix = {prefix:String}", prefix=record.prefix).to_pylist()[0]
    assert row["key_hash"] == hashlib.sha256(key.encode()).digest()
    assert key not in str(row)


def test_a_key_comes_back_as_it_was_made(world):
    key, record = create_key(world, scope="analyst", note="Zoë", days=30)
    assert recognise(world, key) == record
    assert record.expires_at - record.created_at == dt.timedelta(days=30)


def test_keys_differ(world):
    assert len({create_key(world, scope="risk")[0] for _ in range(5)}) == 5


def test_scopes_days_and_prefixes_that_cannot_be_are_refused(world):
    with pytest.raises(UnknownName, match="Did you mean risk"):
        create_key(world, scope="risky")
    with pytest.raises(UsageError, match="--days"):
        create_key(world, scope="risk", days=-1)
    with pytest.raises(UnknownName, match="no API key 'chs_nothing'"):
        revoke_key(world, "chs_nothing")
