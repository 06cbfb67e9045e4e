"""What a model must beat, and the one thing it must not be: a clock.

`leak_alarm` learns from the first timestamp alone. Where it does well the labels are confounded with the era, and every
feature that knows the era would look good: the figure stands beside each benchmark as a warning, never as a result.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from chainsight.errors import UnknownName
from models.predictor import Labels, Matrix, Scores, TooFewLabels
from models.wallets.trees import TreeParameters, WalletTrees

_ALARM = TreeParameters(rounds=100, leaves=15)


def leak_alarm(first_seen: npt.NDArray[np.int64], fit_on: npt.NDArray[np.bool_], labels: Labels) -> Scores:
    """Scores of all accounts from the time they were first seen and nothing else."""
    rows = first_seen.astype(np.float32)[:, None]
    return WalletTrees(_ALARM).fit(rows[fit_on], labels[fit_on], names=("first_seen",)).scores(rows)


def degree_rule(rows: Matrix, names: Sequence[str], fit_on: npt.NDArray[np.bool_], labels: Labels) -> Scores:
    """The number of moves alone, in the direction that does better on the accounts to fit, as a share of ranks.

    Raises `UnknownName` where no column is `move_count`, `TooFewLabels` where a class is missing.
    """
    if "move_count" not in names:
        raise UnknownName("feature", "move_count", names)
    _both_classes(labels[fit_on])
    moves = np.nan_to_num(rows[:, list(names).index("move_count")])
    sign = 1 if moves[fit_on & (labels == 1)].mean() >= moves[fit_on & (labels == 0)].mean() else -1
    order = np.argsort(np.argsort(sign * moves, kind="stable"), kind="stable")
    return np.asarray((order + 0.5) / len(order), dtype=np.float64)


def logistic(rows: Matrix, fit_on: npt.NDArray[np.bool_], labels: Labels) -> Scores:
    """Logistic regression on signed logarithms, scaled; missing values as zero. Raises `TooFewLabels` for one class."""
    _both_classes(labels[fit_on])
    prepared = squeeze(rows)
    scaler = StandardScaler().fit(prepared[fit_on])
    model = LogisticRegression(C=0.1, max_iter=400).fit(scaler.transform(prepared[fit_on]), labels[fit_on])
    return np.asarray(model.predict_proba(scaler.transform(prepared))[:, 1], dtype=np.float64)


def isolation_forest(rows: Matrix, fit_on: npt.NDArray[np.bool_], seed: int = 0) -> Scores:
    """Isolation forest (Liu et al. 2008) on the same features, without labels; higher is more unusual.

    Raises `TooFewLabels` without an account to fit.
    """
    if not fit_on.any():
        raise TooFewLabels(0, 0, 1)
    prepared = squeeze(rows)
    forest = IsolationForest(n_estimators=100, random_state=seed).fit(prepared[fit_on])
    return np.asarray(-forest.score_samples(prepared), dtype=np.float64)


def squeeze(rows: Matrix) -> Matrix:
    """sign(x) log(1 + |x|), and 0 where undefined: for models that are not trees."""
    filled = np.nan_to_num(rows, nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(np.sign(filled) * np.log1p(np.abs(filled)), dtype=np.float32)


def _both_classes(labels: Labels) -> None:
    positives = int(labels.sum())
    if not 0 < positives < len(labels):
        raise TooFewLabels(positives, len(labels) - positives, 1)
