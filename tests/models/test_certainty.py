"""Probabilities with an interval, answers with a guarantee, another base rate: against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from models.certainty.calibration import fit_calibration
from models.certainty.conformal import fit_conformal
from models.certainty.intervals import fit_intervals
from models.certainty.measured import measure_certainty
from models.certainty.priors import estimate_base_rate, fit_spread, shift_prior
from models.certainty.reliability import eras, evidence_floor, reliability, sizes
from models.certainty.verdicts import fit_certainty


def a_world(accounts: int, *, share: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and scores whose classes overlap."""
    draw = np.random.default_rng(seed)
    labels = (draw.random(accounts) < share).astype(np.int64)
    return labels, np.round(draw.normal(labels * 1.5, 1.0), 2)


def test_the_interval_is_what_two_isotonic_fits_with_the_account_added_say() -> None:
    labels, scores = a_world(120)
    asked = np.concatenate([scores[:15], [-9.0, 0.005, 1.2345, 9.0]])
    low, high = fit_intervals(labels, scores).apply(asked)
    for place, score in enumerate(asked):
        for added, answer in ((0, low), (1, high)):
            fit = IsotonicRegression().fit(np.append(scores, score), np.append(labels, added))
            assert answer[place] == pytest.approx(float(fit.predict([score])[0]), abs=1e-9)
    assert (low <= high).all()


def test_a_class_of_either_kind_that_is_small_is_not_memorised() -> None:
    draw = np.random.default_rng(1)
    for licit, illicit, kind in ((300, 20, "platt"), (20, 300, "platt"), (220, 220, "isotonic")):
        labels = np.repeat([0, 1], [licit, illicit])
        assert fit_calibration(labels, 1 / (1 + np.exp(-draw.normal(labels, 1.0)))).kind == kind


def test_an_interval_is_wide_where_little_is_known() -> None:
    few, many = fit_intervals(*a_world(40)), fit_intervals(*a_world(4000))
    for intervals, widest in ((few, 0.5), (many, 0.05)):
        low, high = intervals.apply(np.array([0.7]))
        assert 0 < float((high - low)[0]) < widest
    assert np.ptp(few.apply(np.array([0.7]))) > np.ptp(many.apply(np.array([0.7])))


def test_of_each_class_no_more_than_the_stated_share_is_left_out() -> None:
    missed, draws = 0.1, 400
    left_out = np.zeros(2)
    for seed in range(draws):
        labels, scores = a_world(80, seed=seed)
        answers = fit_conformal(labels[:60], scores[:60], missed=missed).answers(scores[60:])
        later = labels[60:]
        left_out += [np.mean(answers[later == 0] == "illicit"), np.mean(answers[later == 1] == "benign")]
    assert (left_out / draws < missed + 0.015).all()
    assert (left_out > 0).all()


def test_a_class_too_small_for_the_guarantee_is_never_left_out() -> None:
    labels, scores = np.array([0] * 200 + [1] * 3), np.linspace(0, 1, 203)
    answers = fit_conformal(labels, scores, missed=0.05).answers(np.array([0.0, 0.5, 1.0, np.nan]))
    assert answers.tolist() == ["review", "review", "illicit", "review"]


def test_another_base_rate_moves_the_probability_as_bayes_says() -> None:
    assert shift_prior(np.array([0.5]), learnt=0.5, now=0.01)[0] == pytest.approx(0.01)
    assert shift_prior(np.array([0.37]), learnt=0.3, now=0.3)[0] == pytest.approx(0.37)
    assert shift_prior(np.array([0.9]), learnt=0.3, now=0.0)[0] == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        shift_prior(np.array([0.5]), learnt=0.5, now=1.1)


def scored(licit: int, illicit: int, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, scores and moves of accounts that act as their class does."""
    labels = np.repeat([0, 1], [licit, illicit])
    return labels, 1 / (1 + np.exp(-draw.normal(labels * 2, 1))), np.exp(draw.normal(2 + labels / 2, 1))


def test_the_share_on_a_chain_is_inside_its_interval_where_wallets_are_like_those_learnt_from() -> None:
    draw = np.random.default_rng(5)
    for share, rarest in ((0.01, 0.08), (0.1, 0.2), (0.5, 0.62)):
        inside = 0
        for _ in range(40):
            spread = fit_spread(*scored(900, 400, draw))
            _, scores, moves = scored(round(2000 * (1 - share)), round(2000 * share), draw)
            rate = estimate_base_rate(spread, np.append(scores, np.nan), np.append(moves, 3.0))
            if rate.share is not None:
                assert 0 <= rate.low <= rate.share <= rate.high < rarest
                inside += rate.low <= share <= rate.high
        assert inside >= 34


def test_the_share_cannot_be_told_where_no_mix_fits_or_too_little_is_known() -> None:
    draw = np.random.default_rng(6)
    labels, scores, moves = scored(4000, 2000, draw)
    spread = fit_spread(labels, scores, moves)
    # Everybody is a little suspicious: the likeliest mix would be nearly all illicit, as expectation maximisation says.
    middle = 1 / (1 + np.exp(-draw.normal(1.2, 0.3, 800)))
    # Scores are those of a mix, yet everybody is much smaller than anybody learnt from.
    _, alike, _ = scored(700, 100, draw)
    for strange in ((middle, np.full(800, 9.0)), (alike, np.full(800, 2.0))):
        rate = estimate_base_rate(spread, *strange)
        assert (rate.share, rate.low, rate.high) == (None, None, None)
        assert "unlike those learnt from" in rate.unknown
    assert "99 wallets" in estimate_base_rate(spread, alike[:99], np.full(99, 9.0)).unknown
    # A model that knows nothing tells nothing of anybody.
    blind = fit_spread(labels, draw.random(6000), np.full(6000, 9.0))
    assert "anything from" in estimate_base_rate(blind, draw.random(800), np.full(800, 9.0)).unknown


def test_reliability_is_told_by_group_and_of_groups_that_can_say_something() -> None:
    moves = np.array([1.0] * 40 + [7.0] * 40 + [5000.0] * 3)
    labels = np.array([0, 1] * 20 + [1] * 40 + [0] * 3)
    rows = reliability(labels, np.full(83, 0.5), sizes(moves))
    assert [(row.group, row.accounts, row.was, round(row.error, 6)) for row in rows] == [
        ("0-1 moves", 40, 0.5, 0.0),
        ("5-19 moves", 40, 1.0, 0.5),
    ]
    assert eras(np.array([0, 1_500_000_000])) == ["1970", "2017"]


def test_what_a_score_may_say_is_the_same_after_saving_and_silence_where_evidence_is_short(tmp_path) -> None:
    labels, scores = a_world(400)
    held = 1 / (1 + np.exp(-scores))
    certainty = fit_certainty(labels, held, np.full(400, 9.0))
    certainty.save(tmp_path)
    again = type(certainty).load(tmp_path)
    assert again == certainty
    odds, moves = np.array([-9.0, 0.7, 9.0, np.nan, 9.0]), np.array([50.0, 50.0, 50.0, 50.0, 1.0])
    said = again.judge(odds, moves)
    assert said.answer.tolist() == ["benign", "review", "illicit", "insufficient_evidence", "insufficient_evidence"]
    assert np.isnan(said.probability[3:]).all()
    assert np.isnan(said.low[3:]).all()
    assert said.is_elevated.tolist() == [False, bool(said.score[1] >= certainty.threshold), True, False, False]
    assert (said.low[:3] <= said.probability[:3]).all()
    assert (said.probability[:3] <= said.high[:3]).all()
    # Two of a class are too few for a guarantee: that cut is null in the file.
    few = fit_certainty(np.array([0] * 60 + [1] * 2), np.linspace(0.1, 0.9, 62), np.full(62, 9.0))
    few.save(tmp_path)
    assert type(few).load(tmp_path) == few
    assert '"illicit_from": null' in (tmp_path / "certainty.json").read_text()


def test_the_floor_of_evidence_is_where_small_wallets_begin_to_be_judged_rightly() -> None:
    draw = np.random.default_rng(2)
    moves = np.repeat([3.0, 9.0, 50.0], 200)
    probabilities = draw.random(600)
    honest = (draw.random(600) < probabilities).astype(np.int64)
    assert evidence_floor(honest, probabilities, moves) == 2
    # Of wallets with two to four moves half as many are illicit as it says.
    wrong = honest.copy()
    wrong[:200] = draw.random(200) < probabilities[:200] / 2
    assert evidence_floor(wrong, probabilities, moves) == 5
    # Ten wallets say nothing about that.
    assert evidence_floor(wrong[190:], probabilities[190:], moves[190:]) == 2


def test_whoever_has_too_little_evidence_neither_moves_the_cuts_nor_counts_as_answered() -> None:
    labels, scores = a_world(600)
    held, moves = 1 / (1 + np.exp(-scores)), np.full(600, 9.0)
    usual = fit_certainty(labels, held, moves)
    # A hundred accounts with one move each, all judged the wrong way round.
    more = (
        np.concatenate([labels, 1 - labels[:100]]),
        np.concatenate([held, held[:100]]),
        np.append(moves, np.ones(100)),
    )
    certainty = fit_certainty(*more)
    assert certainty.evidence_floor == 2
    assert certainty.conformal == usual.conformal
    told = measure_certainty(more[0], more[1], certainty, more[2], np.full(700, 1_600_000_000))["answers"]
    for name, label in (("licit", 0), ("illicit", 1)):
        assert told[name]["insufficient_evidence"] == pytest.approx(
            (more[0][600:] == label).sum() / (more[0] == label).sum()
        )
        assert sum(told[name].values()) == pytest.approx(1)
