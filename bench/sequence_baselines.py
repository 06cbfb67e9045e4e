"""What the sequence benchmark is compared with: simple members under the same folds and the same choice of threshold."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import IsolationForest

from models.sequences.history import Floats, Ints
from models.sequences.members import Material, Member, boosted

FLAT = (
    "moves", "in_moves", "out_moves", "out_share", "in_total", "out_total", "all_amount_mean", "all_amount_deviation",
    "all_amount_most", "all_amount_q50", "in_amount_mean", "in_amount_most", "out_amount_mean", "out_amount_most",
    "in_empty_share", "out_empty_share", "all_gap_mean", "all_gap_deviation", "all_gap_least", "all_gap_most", "all_gap_q50",
    "lifetime", "pace", "balance_last", "first1_out",
)  # fmt: skip
"""The 25 that a first attempt would take."""
_ABSENT = -3.0


def _flat(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    columns = [material.names.index(name) for name in FLAT]
    return boosted(material.descriptors[:, columns], material.labels, fit, judged, seed)


def _length(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    lengths = material.histories.lengths[:, None].astype(np.float32)
    return boosted(lengths, material.labels, fit, judged, seed)


def _isolation_forest(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    """Liu et al. 2008: no labels but for the threshold."""
    rows = np.nan_to_num(material.descriptors, nan=_ABSENT, posinf=9.0, neginf=-9.0)
    forest = IsolationForest(n_estimators=100, random_state=seed, n_jobs=1).fit(rows[fit])
    return np.asarray(-forest.score_samples(rows[judged]), dtype=np.float64)


def _constant(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    """One score for all: every row is flagged, as flagging none, the majority's answer, has an F1 of 0."""
    return np.zeros(len(judged))


BASELINES: dict[str, Member] = {
    "flat LightGBM": _flat,
    "length alone": _length,
    "isolation forest": _isolation_forest,
    "all flagged": _constant,
}
