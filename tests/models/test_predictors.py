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
