"""Figures against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.evaluate import calibration_error, choose_threshold, f1_at, measure, recall_at_budget

LABELS = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0, 0])
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0])


def test_the_threshold_with_the_best_f1_lies_below_its_last_hit() -> None:
    # Cuts after 1, 3 and 6 accounts give F1 1/2, 2/3 and 2/3; the first best is taken.
    threshold = choose_threshold(LABELS, SCORES)
    assert threshold == pytest.approx(0.65)
    assert f1_at(LABELS, SCORES, threshold) == pytest.approx(2 / 3)


def test_recall_at_a_budget_counts_the_positives_among_the_highest() -> None:
    assert recall_at_budget(LABELS, SCORES, 0.1) == pytest.approx(1 / 3)
    assert recall_at_budget(LABELS, SCORES, 0.3) == pytest.approx(2 / 3)


def test_calibration_error_is_the_weighted_distance_of_bins() -> None:
    assert calibration_error(np.array([1, 0, 1, 1]), np.array([0.5, 0.5, 0.5, 0.5])) == pytest.approx(0.25)


def test_a_set_of_one_class_has_no_f1() -> None:
    figures = measure(np.zeros(4, int), np.array([0.1, 0.2, 0.3, 0.4]), 0.5)
    assert np.isnan(figures.f1)
    assert np.isnan(figures.auc)
    assert figures.positives == 0


def test_the_interval_holds_the_figure() -> None:
    figures = measure(LABELS, SCORES, 0.65)
    assert figures.f1_low <= figures.f1 <= figures.f1_high
    assert figures.average_precision == pytest.approx((1 + 2 / 3 + 3 / 6) / 3)
