"""How much one key may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.keys import create_key
from service.limits import Buckets, RateLimit
from tests.service.published_world import MIXER_USER


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_a_bucket_empties_and_fills_again_with_time():
    clock = Clock()
    buckets = Buckets(RateLimit(2, 10.0), clock)
    assert [buckets.take("a").granted for _ in range(3)] == [True, True, False]
    assert buckets.take("b").granted, "another key has its own"
    assert buckets.take("a").seconds == 5
    clock.now += 5
    assert [buckets.take("a").granted for _ in range(2)] == [True, False]
    clock.now += 1000
    assert [buckets.take("a").granted for _ in range(3)] == [True, True, False]


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 9), st.floats(0.5, 20))
def test_no_stretch_of_time_grants_more_than_the_bucket_and_what_flowed_in(gaps, requests, seconds):
    clock = Clock()
    buckets = Buckets(RateLimit(requests, seconds), clock)
    granted = 0
    for gap in gaps:
        clock.now += gap
        granted += buckets.take("a").granted
    assert granted <= requests + (clock.now - 100.0) * requests / seconds + 1e-6


@given(st.integers(1, 50), st.floats(0.5, 100))
def test_who_waits_as_told_is_answered(requests, seconds):
    clock = Clock()
    buckets = Buckets(RateLimit(requests, seconds), clock)
    while (refused := buckets.take("a")).granted:
        pass
    clock.now += refused.seconds
    assert buckets.take("a").granted


def test_answers_carry_what_is_left_and_refusals_when_to_come_back(world, connect):
    client = connect(world, limit=RateLimit(3, 60.0))
    path = f"/v1/addresses/{MIXER_USER}/score"
    answers = [client.get(path, headers={"If-None-Match": "*"} if turn == 1 else {}) for turn in range(4)]
    assert [answer.status_code for answer in answers] == [200, 304, 200, 429]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"key";q=3;w=60'}
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    other, _ = create_key(world, scope="risk")
    assert client.get(path, headers={"X-API-Key": other}).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_not_counted(world, connect, path):
    client = connect(world, limit=RateLimit(1, 60.0))
    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 200]
