"""The description of the API: current, whole and with examples."""

import json
from pathlib import Path

import pytest

from service.app import openapi_page
from tests.service.published_world import MIXER_USER

ROOT = Path(__file__).parents[2]


def test_the_committed_description_is_current(world):
    assert (ROOT / "docs/reference/openapi.json").read_text() == openapi_page(world), "run: make docs"


def test_every_operation_has_a_name_a_tag_and_words(client):
    operations = [one for methods in client.app.openapi()["paths"].values() for one in methods.values()]
    assert sorted(one["operationId"] for one in operations) == [
        "is_alive",
        "is_ready",
        "list_recommendations",
        "read_address_score",
    ]
    assert all(len(one["tags"]) == 1 and one["description"] for one in operations)


def test_every_field_has_words_and_an_example(client):
    schemas = client.app.openapi()["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, said in schema["properties"].items()
        if not said.get("description") or "examples" not in said
    ]
    assert bare == []


def test_every_reference_leads_somewhere(client):
    document = client.app.openapi()
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert name in document["components"]["schemas"]


def test_the_page_for_people_loads_nothing_from_elsewhere(client):
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "/v1/addresses/{address}/score" in page.text
    assert "<script" not in page.text
    assert "https://" not in page.text


@pytest.mark.parametrize("path", ["/v1/recommendations", f"/v1/addresses/{MIXER_USER}/score", "/readyz", "/livez"])
def test_an_answer_has_exactly_the_fields_it_is_described_with(client, path):
    template = path.replace(MIXER_USER, "{address}")
    document = client.app.openapi()
    described = document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    fields = document["components"]["schemas"][described["$ref"].rsplit("/", 1)[1]]["properties"]
    assert set(client.get(path).json()) == set(fields)
