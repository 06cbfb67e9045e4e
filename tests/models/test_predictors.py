"""The trees and the anomaly score against the contract of predictors; calibration beside them."""

from __future__ import annotations

import numpy as np

from models.anomalies import Anomalies
from models.certainty.calibration import fit_calibration
from models.predictor import Predictor
from models.wallets.trees import TreeParameters, WalletTrees
from tests.contracts.predictor import NAMES, PredictorContract, easy_world


class TestWalletTrees(PredictorContract):
    def build(self) -> Predictor:
        return WalletTrees(TreeParameters(rounds=30, leaves=7))

    def test_contributions_add_up_to_the_log_odds(self) -> None:
        rows, _ = easy_world(6)
        trees = self.fitted()
        odds = np.log(trees.scores(rows) / (1 - trees.scores(rows)))
        np.testing.assert_allclose(trees.contributions(rows).sum(axis=1), odds, atol=1e-6)
        assert trees.names == NAMES


class TestAnomalies(PredictorContract):
    supervised = False

    def build(self) -> Predictor:
        return Anomalies()

    def test_the_answer_is_the_share_of_rows_that_are_less_unusual(self) -> None:
        rows, _ = easy_world()
        shares = np.sort(self.fitted().predict(rows))
        np.testing.assert_allclose(shares, (np.arange(len(rows)) + 0.5) / len(rows), atol=0.02)


def test_unusual_rows_are_told_while_learning_as_they_are_told_afterwards() -> None:
    rows, labels = easy_world()
    rows[3] = np.nan
    afterwards = Anomalies().fit(rows, labels, names=NAMES).predict(rows)
    np.testing.assert_array_equal(Anomalies().fit_predict(rows, names=NAMES), afterwards)
    assert np.isnan(afterwards[3])


def test_few_positives_are_calibrated_by_a_curve_and_many_by_steps() -> None:
    draw = np.random.default_rng(0)
    truth = draw.random(4000)
    labels = (draw.random(4000) < truth).astype(np.int64)
    stretched = truth**3  # a score that is too low everywhere
    few, many = fit_calibration(labels[:200], stretched[:200]), fit_calibration(labels, stretched)
    assert (few.kind, many.kind) == ("platt", "isotonic")
    assert np.abs(many.apply(stretched) - truth).mean() < 0.05
    assert np.abs(stretched - truth).mean() > 0.2
    assert (np.diff(few.apply(np.linspace(0, 1, 50))) >= 0).all()


def test_a_walked_forest_says_exactly_what_lightgbm_says_with_holes_zeros_and_in_any_order() -> None:
    rows, _ = easy_world(8)
    rows[::7], rows[1::7, 1], rows[2::7, ::2] = np.nan, np.nan, 0.0
    trees = WalletTrees(TreeParameters(rounds=40, leaves=15)).fit(*easy_world(9), names=NAMES)
    exact = trees.odds(rows)
    forest = trees.forests[0]
    np.testing.assert_array_equal(forest.odds(rows[:, :3], rows[:, 3:]), exact)
    many = np.tile(rows, (30, 1))
    np.testing.assert_array_equal(forest.odds(many, np.zeros((len(many), 0), np.float32)), np.tile(exact, 30))
    rows[0, 0], rows[1, 0] = np.inf, -np.inf
    hollow = np.where(np.isfinite(rows), rows, np.float32(np.nan))
    np.testing.assert_array_equal(forest.odds(rows[:, :3], rows[:, 3:]), trees.odds(hollow))
