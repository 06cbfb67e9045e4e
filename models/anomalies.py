"""How unusual an address is among those of its chain, without any label.

Empirical-cumulative-distribution outlier detection (ECOD, Li et al., TKDE 2022): for each feature the rarer of both tails,
-log of its empirical probability, added up; here as the mean over the features that are defined, so that an address without
tokens is not usual merely because it has nothing to be unusual in. What is saved is 257 quantiles a feature.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from models.predictor import Labels, Matrix, Scores

_QUANTILES = 257
_ROWS_A_CHUNK = 50_000
_STRONGEST = 20


class Anomalies:
    """Tails of every feature; the answer is the share of addresses that are less unusual."""

    kind = "anomalies"

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self._grid = np.zeros((0, 0), dtype=np.float32)
        self._reference = np.zeros(0, dtype=np.float32)

    def fit(self, rows: Matrix, labels: Labels, *, names: tuple[str, ...], seed: int = 0) -> Self:
        """Learn the distribution of every feature; labels and seed play no part."""
        self.fit_predict(rows, names=names)
        return self

    def fit_predict(self, rows: Matrix, *, names: tuple[str, ...]) -> Scores:
        """Learn from the rows and say of each what `predict` would, looking at them once."""
        self.names = names
        levels = np.linspace(0, 1, _QUANTILES)
        self._grid = np.full((rows.shape[1], _QUANTILES), np.nan, dtype=np.float32)
        for column in range(rows.shape[1]):
            present = rows[:, column][np.isfinite(rows[:, column])]
            if len(present):
                self._grid[column] = np.quantile(present, levels)
        raw = self._summed(rows)
        self._reference = (
            np.quantile(raw, np.linspace(0, 1, 2001)).astype(np.float32) if len(raw) else np.zeros(2, np.float32)
        )
        return self._share(rows, raw)

    def unusualness(self, rows: Matrix) -> npt.NDArray[np.float32]:
        """-log of the tail probability of each value, rows × features; 0 where undefined or common."""
        found = np.zeros(rows.shape, dtype=np.float32)
        floor = 1.0 / (2 * _QUANTILES)
        for column in range(rows.shape[1]):
            line = self._grid[column]
            if not np.isfinite(line).all() or line[0] == line[-1]:
                continue
            values = rows[:, column]
            # Shares at or below and at or above: ties count on both sides, so the common value is never rare.
            below = np.searchsorted(line, values, side="right") / _QUANTILES
            above = 1 - np.searchsorted(line, values, side="left") / _QUANTILES
            tail = np.maximum(np.minimum(below, above), floor)
            found[:, column] = np.where(np.isfinite(values), -np.log(np.minimum(2 * tail, 1)), 0)
        return found

    def predict(self, rows: Matrix) -> Scores:
        """Share of the reference addresses that are less unusual, 0 to 1; NaN for a row without any feature."""
        return self._share(rows, self._summed(rows))

    def _share(self, rows: Matrix, raw: npt.NDArray[np.float32]) -> Scores:
        left = np.searchsorted(self._reference, raw, side="left")
        right = np.searchsorted(self._reference, raw, side="right")
        share = (left + right) / 2 / max(len(self._reference), 1)
        return np.where(np.isnan(rows).all(axis=1), np.nan, np.clip(share, 0, 1))

    def _summed(self, rows: Matrix) -> npt.NDArray[np.float32]:
        # The strongest signals only: hundreds of columns say the same ordinary thing about everybody.
        parts = []
        for start in range(0, len(rows), _ROWS_A_CHUNK):
            found = self.unusualness(rows[start : start + _ROWS_A_CHUNK])
            strongest = np.partition(found, -min(_STRONGEST, found.shape[1]), axis=1)[:, -_STRONGEST:]
            parts.append(strongest.mean(axis=1) + 0.1 * found.mean(axis=1))
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def save(self, folder: Path) -> None:
        """See `Predictor.save`."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({"grid": self._grid, "reference": self._reference}, str(folder / "anomalies.safetensors"))
        (folder / "anomalies.json").write_text(json.dumps({"names": list(self.names)}), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Predictor.load`."""
        loaded = cls()
        loaded.names = tuple(json.loads((folder / "anomalies.json").read_text(encoding="utf-8"))["names"])
        arrays = load_file(str(folder / "anomalies.safetensors"))
        loaded._grid, loaded._reference = arrays["grid"], arrays["reference"]
        return loaded
