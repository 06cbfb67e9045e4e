from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chainsight.categories import CATEGORIES
from risk.policy import ACTIONS, GRADES, STANDARD, Policy
from tests.risk.oracle import Channels, grade_of, score_of

share = st.floats(0, 1)
channels = st.builds(
    Channels,
    listed=st.booleans(),
    label=share,
    exposures=st.lists(share, max_size=4).map(tuple),
    typologies=st.lists(share, max_size=3).map(tuple),
    probability=st.none() | share,
    anomaly=share,
    is_service=st.booleans(),
)


@given(channels, share)
def test_more_of_any_evidence_never_lowers_the_score(known: Channels, more: float) -> None:
    before = score_of(known)
    graver = [
        replace(known, listed=True),
        replace(known, label=max(known.label, more)),
        replace(known, exposures=(*known.exposures, more)),
        replace(known, typologies=(*known.typologies, more)),
        replace(known, anomaly=max(known.anomaly, more)),
        replace(known, probability=max(known.probability or 0.0, more)),
    ]
    assert all(score_of(other) >= before for other in graver)
    assert 0 <= before <= 100


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_higher_score_never_has_a_lower_grade(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert GRADES.index(grade_of(low)) <= GRADES.index(grade_of(high))


@given(share, share)
def test_a_model_alone_never_reaches_severe_and_an_unusual_look_alone_never_counts(
    probability: float, anomaly: float
) -> None:
    assert grade_of(score_of(Channels(probability=probability))) != "Severe"
    assert score_of(Channels(anomaly=anomaly)) == 0


def test_only_a_list_gives_a_hundred() -> None:
    everything = Channels(label=1.0, exposures=(1.0,), typologies=(1.0,), probability=1.0, anomaly=1.0)
    assert score_of(everything) == STANDARD.score_cap_unlisted
    assert score_of(Channels(listed=True)) == 100


def test_every_illicit_category_weighs_something_and_every_weight_is_a_category() -> None:
    illicit = {name for name, category in CATEGORIES.items() if category.is_illicit}
    assert illicit <= set(STANDARD.label_weight) <= set(CATEGORIES)
    assert {key.split("|")[0] for key in STANDARD.exposure_weight} == set(STANDARD.label_weight)


def test_every_action_has_a_duration_and_a_change_of_any_figure_changes_the_digest() -> None:
    assert set(STANDARD.action.values()) == set(STANDARD.valid_days) < set(ACTIONS)
    assert Policy().digest == STANDARD.digest
    assert replace(STANDARD, hub_degree=101).digest != STANDARD.digest


def test_grades_begin_at_their_bounds() -> None:
    assert [grade_of(score) for score in (24.9, 25.0, 100.0)] == ["Low", "Medium", "Severe"]
