"""What must come out as nothing: controls that run with every training of a wallet model.

shuffled_labels   trees that learn from labels dealt out anew must know nothing of the true ones: their average precision
                  is about the share of illicit accounts, or else the split or the features leak
shuffled_edges    with neighbourhoods dealt out anew among accounts with as many neighbours, whatever the model with neighbours
                  had over own behaviour must be gone; what stays was no knowledge of the graph (arXiv 2604.19514 saw it stay)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.evaluate import measure
from models.predictor import Labels, Matrix, Scores
from models.splits import Split

Fit = Callable[[Matrix, Labels], Scores]
"""Learns from the fit part of rows and labels, and scores all rows."""
_ALARM = 3.0
"""Standard deviations of an average precision by chance, from which on a control rings."""
_BANDS = 10


@dataclass(frozen=True)
class Controls:
    """Average precisions on the test part; NaN where it has one class only, and then nothing leaks as far as can be seen."""

    share: float
    """Of illicit accounts: what knowing nothing gives."""
    shuffled_labels: float
    leaks: bool
    """Whether trees on shuffled labels know more than chance explains."""
    shuffled_edges: float
    """NaN where there are no columns of neighbours."""


def run_controls(
    rows: Matrix, labels: Labels, split: Split, fit: Fit, *, own: int, neighbours: np.ndarray, seed: int = 0
) -> Controls:
    """Run them; `own` columns come first, `neighbours` is how many counterparties each account has."""
    draw = np.random.default_rng(seed)
    dealt = labels.copy()
    learnt = np.flatnonzero(split.fit | split.validation)
    dealt[learnt] = draw.permutation(labels[learnt])
    told = _precision(labels, fit(rows[:, :own], dealt), split)
    share = float(labels[split.test].mean()) if split.test.any() else float("nan")
    # An average precision by chance has about the variance of a share among the positives.
    spread = (share * (1 - share) / max(float(labels[split.test].sum()), 1)) ** 0.5
    edges = float("nan")
    if rows.shape[1] > own:
        mixed = rows.copy()
        mixed[:, own:] = rows[_dealt_within_bands(neighbours, draw), own:]
        edges = _precision(labels, fit(mixed, labels), split)
    return Controls(share, told, bool(told > share + _ALARM * spread), edges)


def _precision(labels: Labels, scores: Scores, split: Split) -> float:
    return measure(labels[split.test], scores[split.test], 0.5).average_precision


def _dealt_within_bands(neighbours: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Each account gets the place of another with about as many neighbours: the number itself is own behaviour."""
    order = np.lexsort((draw.random(len(neighbours)), np.nan_to_num(neighbours)))
    places = np.empty(len(neighbours), np.int64)
    for band in np.array_split(order, _BANDS):
        places[band] = draw.permutation(band)
    return places
