"""From a score to a probability: two short arrays, saved as JSON.

Isotonic regression where both classes are large enough, Platt's logistic curve below 200 of either (isotonic would memorise);
both are kept as points of a rising line, so a saved calibration is two arrays and needs no library to apply.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from models.evaluate import said
from models.predictor import TooFewLabels

Floats = npt.NDArray[np.float64]
ENOUGH_FOR_ISOTONIC = 200
_PLATT_POINTS = 101


@dataclass(frozen=True)
class Calibration:
    """A rising line from log-odds of a score to a probability."""

    kind: str
    at: tuple[float, ...]
    probability: tuple[float, ...]

    def apply(self, scores: Floats) -> Floats:
        """Probabilities in [0, 1], in the order of the scores; NaN for NaN."""
        return np.interp(log_odds(scores), self.at, self.probability)


def log_odds(scores: Floats) -> Floats:
    """Logit of a score, finite at both ends."""
    inside = np.clip(scores, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)


def fit_calibration(labels: npt.NDArray[np.int64], scores: Floats) -> Calibration:
    """Fit on scores that the model gave to accounts it has not seen; NaN teaches nothing.

    Raises `TooFewLabels` where a class is missing among the scored ones, and `DataCheckError` as `models.evaluate.said` does.
    """
    known = said(labels, scores)
    labels, scores = labels[known], scores[known]
    positives = int(labels.sum())
    if not 0 < positives < len(labels):
        raise TooFewLabels(positives, len(labels) - positives, 1)
    places = log_odds(scores)
    if min(positives, len(labels) - positives) < ENOUGH_FOR_ISOTONIC:
        curve = LogisticRegression(C=1.0).fit(places[:, None], labels)
        at = np.linspace(-14, 14, _PLATT_POINTS)
        return Calibration("platt", tuple(at.tolist()), tuple(curve.predict_proba(at[:, None])[:, 1].tolist()))
    # Never 0 or 1: a fold without a counter-example proves nothing about the next one.
    edge = 1 / (len(labels) + 2)
    line = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip").fit(places, labels)
    return Calibration("isotonic", tuple(line.X_thresholds_.tolist()), tuple(line.y_thresholds_.tolist()))
