"""What every predictor must do, whatever is inside it: subclass, give `build`, and inherit the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from models.predictor import Predictor, TooFewLabels

NAMES = ("amount", "gap", "noise", "absent")


def easy_world(seed: int = 0, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """A fifth of the rows is far out in the first two columns; the third says nothing, the fourth is mostly missing."""
    draw = np.random.default_rng(seed)
    labels = (np.arange(rows) % 5 == 0).astype(np.int64)
    values = draw.normal(size=(rows, 4)).astype(np.float32)
    values[labels == 1, :2] += 3
    values[draw.random(rows) < 0.9, 3] = np.nan
    return values, labels


class PredictorContract:
    """Inherit and set `supervised`; `build` gives a fresh predictor."""

    supervised = True

    def build(self) -> Predictor:
        raise NotImplementedError

    def fitted(self, seed: int = 0) -> Any:
        rows, labels = easy_world()
        return self.build().fit(rows, labels, names=NAMES, seed=seed)

    def test_the_same_seed_gives_the_same_scores(self) -> None:
        rows, _ = easy_world(1)
        np.testing.assert_array_equal(self.fitted(7).predict(rows), self.fitted(7).predict(rows))

    def test_scores_lie_between_0_and_1_and_beat_a_coin(self) -> None:
        rows, labels = easy_world(2)
        scores = self.fitted().predict(rows)
        assert scores.min() >= 0
        assert scores.max() <= 1
        assert roc_auc_score(labels, scores) > 0.8

    def test_the_order_of_the_rows_plays_no_part(self) -> None:
        rows, _ = easy_world(3)
        order = np.random.default_rng(0).permutation(len(rows))
        predictor = self.fitted()
        np.testing.assert_allclose(predictor.predict(rows)[order], predictor.predict(rows[order]), rtol=1e-12)

    def test_a_saved_predictor_comes_back_equal_and_without_pickle(self, tmp_path: Path) -> None:
        rows, _ = easy_world(4)
        predictor = self.fitted()
        predictor.save(tmp_path / "kept")
        loaded = type(predictor).load(tmp_path / "kept")
        np.testing.assert_allclose(loaded.predict(rows), predictor.predict(rows), rtol=1e-9)
        assert {path.suffix for path in (tmp_path / "kept").iterdir()} <= {".txt", ".json", ".safetensors"}

    def test_a_row_without_any_feature_gets_no_score(self) -> None:
        rows, _ = easy_world(5)
        rows[0] = np.nan
        scores = self.fitted().predict(rows)
        assert np.isnan(scores[0])
        assert np.isfinite(scores[1:]).all()

    @pytest.mark.parametrize("label", [0, 1])
    def test_one_class_is_refused_by_whoever_needs_two(self, label: int) -> None:
        rows, _ = easy_world()
        labels = np.full(len(rows), label, np.int64)
        if self.supervised:
            with pytest.raises(TooFewLabels, match="each class needs"):
                self.build().fit(rows, labels, names=NAMES)
        else:
            assert np.isfinite(self.build().fit(rows, labels, names=NAMES).predict(rows)).all()
