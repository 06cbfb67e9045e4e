"""The trees of the wallet model: boosted over what an address does, several seeds averaged.

LightGBM (Ke et al. 2017). Trees take NaN as it is. Parameters are in `TreeParameters`; what
they come to is in bench/RESULTS.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from chainsight.errors import DataCheckError
from chainsight.settings import settings
from models.evaluate import check_labels
from models.predictor import Labels, Matrix, Scores, TooFewLabels
from models.wallets.forest import Forest, forest_of

Places = npt.NDArray[np.int64]
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
    bins: int = 127
    """A value is told apart from others by its place among so many; twice as many take half as long again and bring nothing."""
    seeds: int = 1


def grow_each(trainings: Sequence[Callable[[], WalletTrees]]) -> list[WalletTrees]:
    """Trainings beside each other, as many at once as there are threads to train with; results in the order given."""
    with ThreadPoolExecutor(settings().training_threads) as pool:
        return list(pool.map(lambda train: train(), trainings))


class WalletTrees:
    """LightGBM of one or more seeds; their log-odds are averaged."""

    kind = "wallets"

    def __init__(self, parameters: TreeParameters | None = None) -> None:
        self.parameters = parameters or TreeParameters()
        self.names: tuple[str, ...] = ()
        self._boosters: list[lgb.Booster] = []

    def fit(self, rows: Matrix, labels: Labels, *, names: tuple[str, ...], seed: int = 0) -> Self:
        """See `Predictor.fit`; labels that are none are refused as `models.evaluate.check_labels` says."""
        return self.fit_bags(rows, labels, [slice(None)] * self.parameters.seeds, names=names, seed=seed)

    def fit_bags(
        self, rows: Matrix, labels: Labels, bags: Sequence[Places | slice], *, names: tuple[str, ...], seed: int = 0
    ) -> Self:
        """The same where each of the seeds learns from rows of its own; there are as many bags as seeds."""
        check_labels(labels, len(rows))
        positives = int(labels.sum())
        if min(positives, len(labels) - positives) < FEWEST_LABELS:
            raise TooFewLabels(positives, len(labels) - positives, FEWEST_LABELS)
        self.names = names
        self._boosters = [
            lgb.train(
                self._settings(seed * 1000 + number, len(labels[bag])),
                lgb.Dataset(rows[bag], label=labels[bag], feature_name=list(names), free_raw_data=True),
                num_boost_round=self.parameters.rounds,
            )
            for number, bag in enumerate(bags)
        ]
        return self

    def odds(self, rows: Matrix) -> Scores:
        """Log-odds as the trees say them, uncalibrated; with NaN in every column as with any other row.

        Raises `DataCheckError` for rows of another width than the trees learnt from.
        """
        if rows.shape[1] != len(self.names):
            raise DataCheckError(
                f"The trees read {len(self.names)} features, the rows have {rows.shape[1]}.",
                next_step="Train anew where features were added or removed since (chainsight train wallets).",
            )
        total = np.zeros(len(rows), dtype=np.float64)
        for booster in self._boosters if len(rows) else ():
            total += np.asarray(booster.predict(rows, raw_score=True, num_threads=_threads(rows)), dtype=np.float64)
        return total / max(len(self._boosters), 1)

    def scores(self, rows: Matrix) -> Scores:
        """Uncalibrated scores in [0, 1]."""
        return np.asarray(1 / (1 + np.exp(-self.odds(rows))), dtype=np.float64)

    def predict(self, rows: Matrix) -> Scores:
        """See `Predictor.predict`; uncalibrated."""
        return np.where(np.isnan(rows).all(axis=1), np.nan, self.scores(rows))

    def contributions(self, rows: Matrix) -> npt.NDArray[np.float64]:
        """Signed shares of each feature in the log-odds (TreeSHAP, Lundberg et al. 2020), and last what all start from.

        rows × (features + 1); each row adds up to `odds`.
        """
        total = np.zeros((len(rows), len(self.names) + 1), dtype=np.float64)
        for booster in self._boosters if len(rows) else ():
            total += np.asarray(booster.predict(rows, pred_contrib=True, num_threads=_threads(rows)))
        return total / max(len(self._boosters), 1)

    @cached_property
    def forests(self) -> tuple[Forest, ...]:
        """The trees of each seed, to be walked quickly."""
        return tuple(forest_of(booster.model_to_string()) for booster in self._boosters)

    def gains(self) -> npt.NDArray[np.float64]:
        """What each feature gained while the trees grew, in the order of `names`."""
        found = np.sum([booster.feature_importance("gain") for booster in self._boosters], axis=0)
        return np.asarray(found, dtype=np.float64)

    def save(self, folder: Path) -> None:
        """See `Predictor.save`: LightGBM's own text, and JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, booster in enumerate(self._boosters):
            booster.save_model(str(folder / f"trees_{number}.txt"))
        about = {
            "names": list(self.names),
            "parameters": asdict(self.parameters),
        }
        (folder / "trees.json").write_text(json.dumps(about, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Predictor.load`."""
        about = json.loads((folder / "trees.json").read_text(encoding="utf-8"))
        loaded = cls(TreeParameters(**about["parameters"]))
        loaded.names = tuple(about["names"])
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
            # Some hundred columns and a few thousand rows: column by column takes two thirds of the time.
            "force_col_wise": True,
            "max_bin": chosen.bins,
            # Threads of one training wait for each other at every split; trainings beside each other never do (`grow_each`).
            "num_threads": 1,
            "seed": seed,
            "verbosity": -1,
        }


def _threads(rows: Matrix) -> int:
    # For a few rows a second thread costs more than it brings.
    return settings().training_threads if len(rows) > FEW_ROWS else 1
