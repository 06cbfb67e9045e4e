"""The wallet model: boosted trees over what an address does, several seeds averaged, then calibrated.

LightGBM (Ke et al. 2017). Trees take NaN as it is. Parameters are in `TreeParameters`; what
they come to is in bench/RESULTS.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from chainsight.settings import settings
from models.certainty.calibration import Calibration, fit_calibration
from models.predictor import Labels, Matrix, Scores, TooFewLabels

FEWEST_LABELS = 5
FEW_ROWS = 2_000
"""Below this, waiting for a second thread costs more than it brings."""


@dataclass(frozen=True)
class TreeParameters:
    """What the trees were grown with."""

    rounds: int = 350
    learning_rate: float = 0.05
    leaves: int = 31
    fewest_in_leaf: int = 15
    feature_share: float = 0.35
    row_share: float = 0.8
    l2: float = 5.0
    seeds: int = 1


class WalletTrees:
    """LightGBM of one or more seeds; their log-odds are averaged."""

    kind = "wallets"

    def __init__(self, parameters: TreeParameters | None = None) -> None:
        self.parameters = parameters or TreeParameters()
        self.names: tuple[str, ...] = ()
        self.calibration: Calibration | None = None
        self._boosters: list[lgb.Booster] = []

    def fit(self, rows: Matrix, labels: Labels, *, names: tuple[str, ...], seed: int = 0) -> Self:
        """See `Predictor.fit`."""
        positives = int(labels.sum())
        if min(positives, len(labels) - positives) < FEWEST_LABELS:
            raise TooFewLabels(positives, len(labels) - positives, FEWEST_LABELS)
        self.names = names
        self.calibration = None
        self._boosters = [
            lgb.train(
                self._settings(seed * 1000 + number, len(labels)),
                lgb.Dataset(rows, label=labels, feature_name=list(names), free_raw_data=True),
                num_boost_round=self.parameters.rounds,
            )
            for number in range(self.parameters.seeds)
        ]
        return self

    def calibrate(self, rows: Matrix, labels: Labels) -> Self:
        """Learn the probability from accounts the trees have not seen."""
        return self.calibrate_scores(self.scores(rows), labels)

    def calibrate_scores(self, scores: Scores, labels: Labels) -> Self:
        """The same from scores at hand, such as cross-fitted ones."""
        self.calibration = fit_calibration(labels, scores)
        return self

    def scores(self, rows: Matrix) -> Scores:
        """Uncalibrated scores in [0, 1]."""
        total = np.zeros(len(rows), dtype=np.float64)
        for booster in self._boosters:
            total += np.asarray(
                booster.predict(rows, raw_score=True, num_threads=settings().training_threads), dtype=np.float64
            )
        return np.asarray(1 / (1 + np.exp(-total / max(len(self._boosters), 1))), dtype=np.float64)

    def predict(self, rows: Matrix) -> Scores:
        """See `Predictor.predict`; calibrated when `calibrate` was called."""
        scores = self.scores(rows)
        answer = scores if self.calibration is None else self.calibration.apply(scores)
        return np.where(np.isnan(rows).all(axis=1), np.nan, answer)

    def contributions(self, rows: Matrix) -> npt.NDArray[np.float64]:
        """Signed shares of each feature in the log-odds (TreeSHAP, Lundberg et al. 2020), rows × features."""
        total = np.zeros((len(rows), len(self.names)), dtype=np.float64)
        for booster in self._boosters:
            total += np.asarray(booster.predict(rows, pred_contrib=True, num_threads=settings().training_threads))[
                :, :-1
            ]
        return total / max(len(self._boosters), 1)

    def importance(self, count: int = 15) -> list[tuple[str, float]]:
        """The features that gained most, with their share of all gain."""
        gains = np.sum([booster.feature_importance("gain") for booster in self._boosters], axis=0)
        order: Sequence[int] = np.argsort(-gains)[:count].tolist()
        return [(self.names[place], float(gains[place] / max(gains.sum(), 1e-12))) for place in order]

    def save(self, folder: Path) -> None:
        """See `Predictor.save`: LightGBM's own text, and JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, booster in enumerate(self._boosters):
            booster.save_model(str(folder / f"trees_{number}.txt"))
        about = {
            "names": list(self.names),
            "parameters": asdict(self.parameters),
            "calibration": None if self.calibration is None else asdict(self.calibration),
        }
        (folder / "trees.json").write_text(json.dumps(about, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Predictor.load`."""
        about = json.loads((folder / "trees.json").read_text(encoding="utf-8"))
        loaded = cls(TreeParameters(**about["parameters"]))
        loaded.names = tuple(about["names"])
        if (line := about["calibration"]) is not None:
            loaded.calibration = Calibration(line["kind"], tuple(line["at"]), tuple(line["probability"]))
        loaded._boosters = [
            lgb.Booster(model_file=str(folder / f"trees_{number}.txt")) for number in range(loaded.parameters.seeds)
        ]
        return loaded

    def _settings(self, seed: int, rows: int) -> dict[str, object]:
        chosen = self.parameters
        return {
            "objective": "binary",
            "learning_rate": chosen.learning_rate,
            "num_leaves": chosen.leaves,
            # A few hundred labels cannot fill leaves of fifteen.
            "min_data_in_leaf": min(chosen.fewest_in_leaf, max(2, rows // 40)),
            "feature_fraction": chosen.feature_share,
            "bagging_fraction": chosen.row_share,
            "bagging_freq": 1,
            "lambda_l2": chosen.l2,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": settings().training_threads if rows > FEW_ROWS else 1,
            "seed": seed,
            "verbosity": -1,
        }
