"""GET /v1/recommendations and its cursors."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from risk import policy
from service.paging import Cursor, decode, encode
from service.problems import MEDIA_TYPE, Problem
from tests.service.published_world import ACTIONS, GRADES, publish_rows, record_publication

CHAIN, COUNT = 700, 23
SHARED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", autouse=True)
def many(world):
    publish_rows(world, chain_id=CHAIN, publication=1, recommendations=COUNT)


def walk(client, path):
    """All pages, by their Link headers."""
    pages = []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        path = answer.links.get("next", {}).get("url")
    return pages


def ids(pages):
    return [item["recommendation_id"] for page in pages for item in page["items"]]


def expected(keep=lambda number: True, publication=1, count=COUNT):
    return [f"{publication}-{number + 1}" for number in range(count) if keep(number)]


def test_a_page_is_answered_whole(client):
    page = client.get(f"/v1/recommendations?chain_id={CHAIN}&limit=1").json()
    cursor = page.pop("next_cursor")
    assert decode(cursor) == Cursor(CHAIN, 1, 1)
    assert page == {
        "chain_id": CHAIN,
        "publication": 1,
        "published_at": "2026-01-01T00:10:00Z",
        "as_of": {
            "block_number": 1000,
            "block_hash": "0x" + "ab" * 32,
            "timestamp": "2026-01-01T00:00:00Z",
            "finality": "finalized",
        },
        "items": [
            {
                "recommendation_id": "1-1",
                "address": "0x" + "1".rjust(40, "0"),
                "role": "subject",
                "action": "freeze_and_report",
                "priority": 1,
                "score": 50.0,
                "grade": "Severe",
                "reasons": ["because"],
                "valid_from": "2026-01-01T00:00:00Z",
                "valid_until": "2026-01-08T00:00:00Z",
            }
        ],
    }


@SHARED
@given(limit=st.integers(1, COUNT + 2), turn=st.none() | st.integers(0, 3), by_grade=st.booleans())
def test_pages_of_any_size_and_filter_hold_every_recommendation_once(client, limit, turn, by_grade):
    path = f"/v1/recommendations?chain_id={CHAIN}&limit={limit}"
    if turn is not None:
        path += f"&grade={GRADES[turn]}" if by_grade else f"&action={ACTIONS[turn]}"
    pages = walk(client, path)
    assert ids(pages) == expected(lambda number: turn is None or number % 4 == turn)
    assert all(len(page["items"]) == limit for page in pages[:-1])
    assert pages[-1]["next_cursor"] is None


def test_pages_hold_still_while_a_new_publication_arrives(world, client):
    chain = 701
    publish_rows(world, chain_id=chain, publication=1, recommendations=9)
    first = client.get(f"/v1/recommendations?chain_id={chain}&limit=4")
    publish_rows(world, chain_id=chain, publication=2, recommendations=30)
    rest = walk(client, first.links["next"]["url"])
    assert ids([first.json(), *rest]) == expected(count=9)
    assert {page["publication"] for page in rest} == {1}
    anew = walk(client, f"/v1/recommendations?chain_id={chain}&limit=500")
    assert ids(anew) == expected(publication=2, count=30)


def test_a_cursor_of_a_pruned_publication_says_so(world, client):
    chain = 702
    publish_rows(world, chain_id=chain, publication=1)
    link = client.get(f"/v1/recommendations?chain_id={chain}&limit=4").links["next"]["url"]
    publish_rows(world, chain_id=chain, publication=2)
    record_publication(world, chain_id=chain, publication=1, rows_kept=0)
    answer = client.get(link)
    assert (answer.status_code, answer.headers["content-type"]) == (410, MEDIA_TYPE)
    assert answer.json()["detail"] == ("Publication 1 of chain 702 is no longer kept. Start again without a cursor.")


@pytest.mark.parametrize("changed", ["grade=Low", "action=block", "chain_id=1"])
def test_a_cursor_is_refused_with_other_filters_than_its_own(client, changed):
    link = client.get(f"/v1/recommendations?chain_id={CHAIN}&limit=1&grade=Severe").links["next"]["url"]
    answer = client.get(f"{link}&{changed}")
    assert (answer.status_code, answer.json()["type"]) == (400, "/docs/reference/problems.md#cursor-refused")


def test_a_cursor_may_be_sent_with_its_own_filters(client):
    link = client.get(f"/v1/recommendations?chain_id={CHAIN}&limit=1&grade=Severe").links["next"]["url"]
    assert ids([client.get(f"{link}&grade=Severe&chain_id={CHAIN}").json()]) == ["1-5"]


@SHARED
@given(text=st.text(max_size=60))
def test_a_cursor_that_was_not_made_here_is_refused_and_breaks_nothing(client, text):
    answer = client.get("/v1/recommendations", params={"cursor": text})
    assert (answer.status_code, answer.json()["title"]) == (400, "Cursor refused")


@given(
    cursor=st.builds(
        Cursor,
        st.integers(0, 2**63 - 1),
        st.integers(0, 2**63 - 1),
        st.integers(0, 2**32 - 1),
        st.sampled_from(["", *GRADES]),
        st.sampled_from(["", *ACTIONS]),
    )
)
def test_a_cursor_comes_back_as_it_went_out(cursor):
    assert decode(encode(cursor)) == cursor


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor(-1, 1, 1),
        Cursor(1, 2**63, 1),
        Cursor(1, 1, 2**32),
        Cursor(True, 1, 1),
        Cursor(1, 1, 1.5),
        Cursor(1, 1, 1, 5),
    ],
)
def test_a_forged_cursor_with_impossible_places_is_refused(cursor):
    with pytest.raises(Problem, match="not made here"):
        decode(encode(cursor))


def test_a_forged_cursor_to_a_publication_that_never_was_is_told_it_is_not_kept(client):
    assert client.get("/v1/recommendations", params={"cursor": encode(Cursor(CHAIN, 77, 0))}).status_code == 410


def test_every_grade_and_action_of_the_policy_can_be_asked_for(client):
    asked = itertools.chain(
        (f"grade={grade}" for grade in policy.GRADES),
        (f"action={action}" for action in policy.ACTIONS if action != "allow"),  # nothing is recommended then
    )
    assert {client.get(f"/v1/recommendations?chain_id={CHAIN}&{one}").status_code for one in asked} == {200}
