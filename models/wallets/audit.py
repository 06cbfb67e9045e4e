"""How much of a model's skill may be era in disguise: can the features of one class tell when its accounts began?

Where illicit and licit accounts come from different years, whatever knows the year looks like skill. Within one class it cannot
be skill, so what a family of features knows of the first day there is what it knows of the era. An audit, never a feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata, spearmanr

from chainsight.settings import settings
from models.predictor import Labels, Matrix

FOLDS = 4
FEWEST = 100
"""Smaller classes say nothing."""
_ROUNDS = 80


def era_correlation(
    rows: Matrix, first_seen: npt.NDArray[np.int64], labels: Labels, families: Mapping[str, Sequence[int]]
) -> dict[str, dict[str, float]]:
    """Spearman's rank correlation between the first day and what cross-fitted trees make of it from each family's columns.

    Per family `licit` and `illicit`, -1 to 1: near 0 the family knows nothing of the era; NaN for a class with few accounts.
    """
    return {
        family: {
            name: _known_of_era(rows[labels == label][:, list(columns)], first_seen[labels == label])
            for name, label in (("licit", 0), ("illicit", 1))
        }
        for family, columns in families.items()
    }


def _known_of_era(rows: Matrix, first_seen: npt.NDArray[np.int64]) -> float:
    if len(rows) < FEWEST or not rows.shape[1]:
        return float("nan")
    days = rankdata(first_seen) / len(first_seen)
    fold = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    told = np.empty(len(rows))
    for number in range(FOLDS):
        inside = fold != number
        trees = lgb.train(
            {
                "objective": "regression", "learning_rate": 0.1, "num_leaves": 15, "verbosity": -1, "seed": 0,
                "feature_fraction": 0.5, "deterministic": True, "num_threads": settings().training_threads,
            },
            lgb.Dataset(rows[inside], label=days[inside]),
            _ROUNDS,
        )  # fmt: skip
        told[~inside] = np.asarray(trees.predict(rows[~inside]))
    return float(spearmanr(told, days).statistic)
