"""What every model of accounts can do, whatever is inside it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from chainsight.errors import ChainsightError

Matrix = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


class TooFewLabels(ChainsightError):
    """A supervised model was asked to learn from one class, or from almost nothing."""

    def __init__(self, positives: int, negatives: int, needed: int) -> None:
        super().__init__(
            f"There are {positives} illicit and {negatives} licit accounts to learn from; each class needs {needed}.",
            next_step="Import more labels (chainsight labels import FILE); until then only the anomaly score speaks.",
        )


class Predictor(Protocol):
    """Higher = more of it. Rows are accounts, columns are named features, NaN is allowed where a feature is undefined."""

    kind: str

    def fit(self, rows: Matrix, labels: Labels, *, names: tuple[str, ...], seed: int = 0) -> Self:
        """Learn; raises `TooFewLabels` when a class is missing. Unsupervised models ignore the labels."""
        ...

    def predict(self, rows: Matrix) -> Scores:
        """One score in [0, 1] a row, whatever the order of the rows; NaN abstains (a row without any feature)."""
        ...

    def save(self, folder: Path) -> None:
        """Write plain files (text, JSON, safetensors), never a pickle."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The same predictor back from its files."""
        ...
