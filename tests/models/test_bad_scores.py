"""What figures, thresholds and certainty make of scores and labels that are none: an answer or a clear refusal."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from chainsight.errors import ChainsightError, DataCheckError, UnknownName
from models.baselines import degree_rule, isolation_forest, logistic
from models.certainty.calibration import fit_calibration
from models.certainty.conformal import fit_conformal
from models.certainty.intervals import fit_intervals
from models.certainty.priors import estimate_base_rate, fit_spread
from models.certainty.reliability import evidence_floor, sizes
from models.evaluate import calibration_error, choose_threshold, measure, paired_gain
from models.predictor import TooFewLabels
from models.splits import Split, cut_by_time
from models.wallets.controls import run_controls
from models.wallets.trees import TreeParameters, WalletTrees
from models.wallets.words import no_words, words_of

LABELS = np.array([1, 0, 1, 0, 1, 0])
SCORES = np.array([0.9, 0.8, 0.7, 0.2, np.nan, np.nan])
NOBODY = np.zeros(0), np.zeros(0, np.int64)


def test_a_score_of_nan_accuses_nobody_ranks_last_and_is_no_wrong_probability() -> None:
    figures = measure(LABELS, SCORES, 0.5)
    assert figures.f1 == pytest.approx(2 * 2 / (3 + 3))
    assert figures.brier == pytest.approx(np.mean([0.01, 0.64, 0.09, 0.04]))
    assert figures.auc == pytest.approx(5.5 / 9)  # of nine pairs, two right from the first, and half of the last
    assert (figures.accounts, figures.positives) == (6, 3)
    assert paired_gain(LABELS, SCORES, SCORES)[0] == 0
    assert calibration_error(LABELS, SCORES) == pytest.approx(calibration_error(LABELS[:4], SCORES[:4]))


def test_a_score_that_is_none_says_nothing_of_how_much_evidence_is_enough() -> None:
    draw = np.random.default_rng(0)
    moves, said = np.repeat([3.0, 10.0, 30.0, 60.0, 200.0], 400), draw.random(2000)
    labels = (draw.random(2000) < said).astype(np.int64)
    floor = evidence_floor(labels, said, moves)
    said[[0, 400, 800]] = np.nan
    assert evidence_floor(labels, said, moves) == floor == 2


def test_a_threshold_lies_between_scores_that_are_some() -> None:
    assert choose_threshold(LABELS, SCORES) == pytest.approx(0.45)
    lowest = choose_threshold(np.array([1, 1, 0]), np.array([0.4, 0.3, np.nan]))
    assert 0 < lowest < 0.3


def test_without_a_positive_the_threshold_flags_nobody() -> None:
    scores = np.array([0.2, 0.9, 1.0])
    assert not (scores >= choose_threshold(np.zeros(3, np.int64), scores)).any()


@pytest.mark.parametrize(
    ("labels", "scores", "what"),
    [
        ([0, 2], [0.1, 0.2], "Labels are 0 for licit and 1 for illicit; there is 2"),
        ([-1, 1], [0.1, 0.2], "there is -1"),
        ([0, 1], [0.1, np.inf], "account 1 is infinite"),
        ([0, 1, 1], [0.1, 0.2], "3 labels for 2 accounts"),
    ],
)
def test_labels_and_scores_that_are_none_are_refused_by_name(labels: list[int], scores: list[float], what: str) -> None:
    given = np.array(labels), np.array(scores)
    for judge in (lambda *one: measure(*one, 0.5), choose_threshold, fit_calibration, fit_conformal, fit_intervals):
        with pytest.raises(DataCheckError, match=what):
            judge(*given)


def test_nobody_to_judge_is_said_and_not_a_failure_of_numpy() -> None:
    with pytest.raises(DataCheckError, match="None of 0 accounts has a score"):
        choose_threshold(NOBODY[1], NOBODY[0])
    with pytest.raises(DataCheckError, match="None of 2 accounts has a score"):
        choose_threshold(np.array([0, 1]), np.array([np.nan, np.nan]))
    assert np.isnan(measure(NOBODY[1], NOBODY[0], 0.5).f1)
    assert cut_by_time(NOBODY[1]) == (0, 0)
    for known in ((NOBODY[1], NOBODY[0], NOBODY[0]), (np.array([0, 1]), np.array([0.1, 0.9]), np.array([9.0, 9.0]))):
        for scores in (NOBODY[0], np.full(200, np.nan), np.full(200, 0.9)):
            assert estimate_base_rate(fit_spread(*known), scores, np.full(len(scores), 9.0)).share is None


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("accounts", [3, 400])
def test_one_class_cannot_be_calibrated_whatever_its_size(label: int, accounts: int) -> None:
    labels, scores = np.full(accounts, label), np.linspace(0, 1, accounts)
    with pytest.raises(TooFewLabels, match="each class needs 1"):
        fit_calibration(labels, scores)
    # The interval of one class is wide and tells nothing false; no answer leaves out the class nobody was seen of.
    low, high = fit_intervals(labels, scores).apply(np.array([0.5, np.nan]))
    assert (low[0] == 0) if label == 0 else (high[0] == 1)
    assert np.isnan([low[1], high[1]]).all()


def test_nan_among_calibration_scores_changes_no_answer() -> None:
    draw = np.random.default_rng(0)
    labels = (draw.random(300) < 0.4).astype(np.int64)
    scores = draw.normal(labels, 1.0)
    with_nan = np.append(labels, [0, 1, 1]), np.append(scores, [np.nan] * 3)
    asked = np.array([-1.0, 0.5, 2.0, np.nan])
    for fit in (fit_conformal, fit_calibration, fit_intervals):
        assert fit(*with_nan) == fit(labels, scores)
    assert fit_conformal(*with_nan).answers(asked)[-1] == "review"
    assert np.isnan(fit_calibration(*with_nan).apply(asked)[-1])


def test_baselines_name_what_they_miss() -> None:
    rows = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    everybody, nobody = np.ones(6, np.bool_), np.zeros(6, np.bool_)
    with pytest.raises(UnknownName, match="There is no feature 'move_count'"):
        degree_rule(rows, ("moves", "b"), everybody, LABELS)
    for refused in (
        lambda: degree_rule(rows, ("move_count", "b"), everybody, np.zeros(6, np.int64)),
        lambda: logistic(rows, everybody, np.ones(6, np.int64)),
        lambda: logistic(rows, nobody, LABELS),
        lambda: isolation_forest(rows, nobody),
    ):
        with pytest.raises(TooFewLabels):
            refused()


def test_controls_without_anybody_to_judge_say_nothing_rather_than_all_is_well() -> None:
    rows = np.zeros((6, 1), np.float32)
    split = Split(np.ones(6, np.bool_), np.zeros(6, np.bool_), np.zeros(6, np.bool_))
    told = run_controls(
        rows, no_words(6), LABELS, split, lambda each, *_: [np.zeros(6) for _ in each], own=1, neighbours=np.zeros(6)
    )
    assert np.isnan([told.share, told.shuffled_labels, told.own, told.shuffled_edges]).all()
    assert not told.leaks


def test_trees_name_labels_and_rows_that_they_cannot_learn_from_or_read() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    labels = np.arange(40) % 2
    small = WalletTrees(TreeParameters(rounds=2))
    for strange in (np.where(labels == 1, 1, -1), 2 * labels, labels[:7]):
        with pytest.raises(DataCheckError):
            small.fit(rows, strange, names=("a", "b", "c"))
    with pytest.raises(DataCheckError, match="read 0 features, the rows have 3"):
        WalletTrees().predict(rows)
    with pytest.raises(DataCheckError, match="read 3 features, the rows have 2"):
        small.fit(rows, labels, names=("a", "b", "c")).predict(rows[:, :2])
    # Infinite features are values like others, a row without any gets no score.
    rows[0, 0], rows[1] = np.inf, np.nan
    assert np.isnan(small.predict(rows)).tolist() == [False, True, *[False] * 38]


def test_a_family_of_words_that_is_none_is_named_and_a_wallet_of_unknown_size_is_a_small_one() -> None:
    told = pa.table({"address": ["aa"], "family": ["tokens"], "word": [">x"]})
    with pytest.raises(UnknownName, match="no family of words 'tokens'"):
        words_of(told, ["aa"])
    assert sizes(np.array([np.nan, 1, 1e6])) == ["0-1 moves", "0-1 moves", "100+ moves"]


def test_every_refusal_says_what_to_do_next() -> None:
    for wrong in (lambda: choose_threshold(NOBODY[1], NOBODY[0]), lambda: measure(np.array([3]), np.array([0.1]), 0.5)):
        with pytest.raises(ChainsightError) as refusal:
            wrong()
        assert refusal.value.next_step
