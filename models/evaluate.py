"""How good a score is: the same figures for every model and every baseline.

Thresholds are fixed on validation and only applied to the test; average precision and recall at a budget stand beside F1
because an F1 alone hides how rare the positives are. A score of NaN abstains: it accuses nobody, ranks last, and says no
probability that could be right or wrong.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score

from chainsight.errors import DataCheckError

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
_CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Figures:
    """Figures of one score on one set; NaN where a set has one class only."""

    f1: float
    average_precision: float
    auc: float
    recall_at_1pct: float
    brier: float
    calibration_error: float
    threshold: float
    accounts: int
    positives: int
    f1_low: float
    f1_high: float

    def as_dict(self) -> dict[str, float]:
        """For manifests and tables."""
        return {name: float(value) for name, value in asdict(self).items()}


def check_labels(labels: Labels, accounts: int) -> None:
    """Raises `DataCheckError` for labels that are neither 0 nor 1, and where there are not as many as accounts."""
    if len(labels) != accounts:
        raise DataCheckError(
            f"There are {len(labels)} labels for {accounts} accounts.",
            next_step="Give both of the same accounts, in one order.",
        )
    if strange := sorted(set(np.unique(labels).tolist()) - {0, 1}):
        raise DataCheckError(
            f"Labels are 0 for licit and 1 for illicit; there is {strange[0]}.",
            next_step="Settle labels that are in conflict, or leave those accounts out.",
        )


def said(labels: Labels, scores: Scores) -> npt.NDArray[np.bool_]:
    """Which scores do not abstain. Raises `DataCheckError` as `check_labels` does, and for an infinite score."""
    check_labels(labels, len(scores))
    if np.isinf(scores).any():
        raise DataCheckError(
            f"The score of account {int(np.argmax(np.isinf(scores)))} is infinite.",
            next_step="A model that cannot score an account says NaN.",
        )
    return ~np.isnan(scores)


def choose_threshold(labels: Labels, scores: Scores) -> float:
    """The threshold with the best F1: meant for validation, never for the test. Half-way to the next lower score.

    Without a positive, one that flags nobody. Raises `DataCheckError` where no account has a score, and as `said` does.
    """
    known = said(labels, scores)
    if not known.any():
        raise DataCheckError(
            f"None of {len(labels)} accounts has a score, so there is no threshold to choose.",
            next_step="Choose it on accounts of which something is known.",
        )
    positives, labels, scores = int(labels.sum()), labels[known], scores[known]
    if not positives:
        return float(np.nextafter(scores.max(), np.inf))
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(labels) + 1) + positives)
    last_of_tie = np.append(ranked[1:] != ranked[:-1], True)
    best = int(np.argmax(np.where(last_of_tie, f1, -1)))
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1e-9
    return float((ranked[best] + below) / 2)


def f1_at(labels: Labels, scores: Scores, threshold: float) -> float:
    """Harmonic mean of precision and recall of `score >= threshold`; 0 without any hit."""
    flagged = scores >= threshold
    hits = float(np.sum(flagged & (labels == 1)))
    return 2 * hits / max(float(flagged.sum() + labels.sum()), 1.0)


def recall_at_budget(labels: Labels, scores: Scores, share: float) -> float:
    """Share of the positives among the `share` highest scores (at least one)."""
    budget = max(1, round(share * len(scores)))
    picked = np.argsort(-scores, kind="stable")[:budget]
    return float(labels[picked].sum() / max(int(labels.sum()), 1))


def calibration_error(labels: Labels, probabilities: Scores) -> float:
    """Expected calibration error over ten bins of equal width (Naeini et al. 2015), of accounts with a probability."""
    known = said(labels, probabilities)
    labels, probabilities = labels[known], probabilities[known]
    bins = np.minimum((probabilities * _CALIBRATION_BINS).astype(int), _CALIBRATION_BINS - 1)
    total = 0.0
    for number in np.unique(bins):
        inside = bins == number
        total += float(inside.mean()) * abs(float(probabilities[inside].mean() - labels[inside].mean()))
    return total


def bootstrap_f1(
    labels: Labels, scores: Scores, threshold: float, *, draws: int = 500, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of F1 at a fixed threshold, accounts drawn with replacement."""
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, len(labels), (draws, len(labels)))
    values = [f1_at(labels[row], scores[row], threshold) for row in rows]
    return float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))


def paired_gain(
    labels: Labels, before: Scores, after: Scores, *, draws: int = 400, seed: int = 0
) -> tuple[float, float, float]:
    """What average precision gains from one score to another on the same accounts: mean, and the ends of its 95 % interval.

    Paired bootstrap (Efron and Tibshirani 1993): both scores are judged on the same draws of accounts, so that how hard the
    accounts are cancels out. All zero where a class is missing.
    """
    before, after = _ranked(labels, before), _ranked(labels, after)
    draw = np.random.default_rng(seed)
    gains = []
    for _ in range(draws):
        rows = draw.integers(0, len(labels), len(labels))
        if 0 < int(labels[rows].sum()) < len(rows):
            judged = labels[rows]
            gains.append(average_precision_score(judged, after[rows]) - average_precision_score(judged, before[rows]))
    if not gains:
        return 0.0, 0.0, 0.0
    return float(np.mean(gains)), float(np.quantile(gains, 0.025)), float(np.quantile(gains, 0.975))


def measure(labels: Labels, scores: Scores, threshold: float) -> Figures:
    """All figures of a score on one set, at a threshold that was fixed elsewhere."""
    both = 0 < int(labels.sum()) < len(labels)
    known = said(labels, scores)
    clipped = np.clip(scores[known], 0, 1)
    ranked = _ranked(labels, scores)
    low, high = bootstrap_f1(labels, scores, threshold) if both else (float("nan"), float("nan"))
    return Figures(
        f1=f1_at(labels, scores, threshold) if both else float("nan"),
        average_precision=float(average_precision_score(labels, ranked)) if both else float("nan"),
        auc=float(roc_auc_score(labels, ranked)) if both else float("nan"),
        recall_at_1pct=recall_at_budget(labels, scores, 0.01) if both else float("nan"),
        brier=float(np.mean((clipped - labels[known]) ** 2)) if known.any() else float("nan"),
        calibration_error=calibration_error(labels[known], clipped) if known.any() else float("nan"),
        threshold=threshold,
        accounts=len(labels),
        positives=int(labels.sum()),
        f1_low=low,
        f1_high=high,
    )


def _ranked(labels: Labels, scores: Scores) -> Scores:
    """The scores with those that abstain below all others."""
    known = said(labels, scores)
    return np.where(known, scores, scores[known].min(initial=0.0) - 1)
