"""Whatever goes wrong is a problem document."""

from pathlib import Path

import pytest

from service.problems import KINDS, MEDIA_TYPE, REFERENCE_PATH, reference_page
from tests.service.published_world import CHAIN, MIXER_USER, STRANGER

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/v1/addresses/0x12/score", 422, "invalid"),
        ("GET", f"/v1/addresses/{MIXER_USER}ff/score", 422, "invalid"),
        ("GET", f"/v1/addresses/{MIXER_USER}/score?chain_id=x", 422, "invalid"),
        ("GET", f"/v1/addresses/{MIXER_USER}/score?chain_id=0", 422, "invalid"),
        ("GET", f"/v1/addresses/{MIXER_USER}/score?chain_id={2**64}", 422, "invalid"),
        ("GET", f"/v1/addresses/{STRANGER}/score", 404, "never-seen"),
        ("GET", f"/v1/addresses/{MIXER_USER}/score?chain_id=9", 404, "chain-unknown"),
        ("GET", "/v1/recommendations?limit=0", 422, "invalid"),
        ("GET", "/v1/recommendations?limit=501", 422, "invalid"),
        ("GET", "/v1/recommendations?limit=many", 422, "invalid"),
        ("GET", "/v1/recommendations?grade=Bad", 422, "invalid"),
        ("GET", "/v1/recommendations?action=flee", 422, "invalid"),
        ("GET", "/v1/recommendations?cursor=zzz", 400, "cursor-refused"),
        ("GET", f"/v1/recommendations?cursor={'a' * 401}", 422, "invalid"),
        ("GET", "/nowhere", 404, "no-such-path"),
        ("POST", "/v1/recommendations", 405, "method-refused"),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_a_problem(client, method, path, status, slug):
    answer = client.request(method, path)
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert (body["type"], body["status"]) == (f"{REFERENCE_PATH}#{slug}", status)
    assert body["instance"] == path.split("?")[0]
    assert body["title"]
    assert body["detail"].endswith(".")
    if status == 405:
        assert answer.headers["allow"] == "GET"


def test_several_wrong_values_are_named_each(client):
    body = client.get("/v1/recommendations?limit=0&grade=Bad").json()
    assert [wrong["where"] for wrong in body["errors"]] == ["query.limit", "query.grade"]


def test_a_failing_store_is_a_problem_that_shows_no_statement(world, client, caplog):
    world.command("RENAME TABLE score_rows TO score_rows_away")
    try:
        answer = client.get(f"/v1/addresses/{MIXER_USER}/score?chain_id={CHAIN}")
    finally:
        world.command("RENAME TABLE score_rows_away TO score_rows")
    assert (answer.status_code, answer.json()["type"]) == (503, f"{REFERENCE_PATH}#store-failed")
    assert "score" not in answer.json()["detail"]
    assert "score_of_address" in caplog.text


def test_a_defect_is_a_problem_without_traceback(client):
    def fail() -> None:
        raise ZeroDivisionError("secret detail")

    client.app.add_api_route("/defect", fail)
    answer = client.get("/defect")
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert answer.json()["type"] == f"{REFERENCE_PATH}#internal"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_the_reference_page_is_what_the_code_says():
    assert (ROOT / REFERENCE_PATH.lstrip("/")).read_text() == reference_page(), "run: make docs"


def test_the_service_serves_the_page_that_type_leads_to(client):
    answer = client.get(REFERENCE_PATH)
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert [kind.slug for kind in KINDS if f"\n## {kind.slug}\n" not in answer.text] == []
