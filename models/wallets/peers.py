"""How a wallet's value compares with those of its chain: quantiles of every feature, saved with the model.

So a reason can say "more than 99.2 % of wallets" without reading everybody anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from models.features.matrix import FeatureMatrix

_FILE = "peers.safetensors"
_QUANTILES = 1001
_MOST = 200_000
"""Wallets that quantiles are taken from; of more, every so many-th."""


@dataclass(frozen=True)
class Peers:
    """Ascending quantiles of each feature among the wallets of which it is defined."""

    quantiles: dict[str, np.ndarray]

    def beside(self, name: str, value: float) -> tuple[float, float] | None:
        """Shares of wallets with less and with more, 0 to 1; None where the feature or the value is undefined."""
        line = self.quantiles.get(name)
        if line is None or not np.isfinite(value):
            return None
        less = np.searchsorted(line, np.float32(value), side="left") / len(line)
        return float(less), float(1 - np.searchsorted(line, np.float32(value), side="right") / len(line))

    def save(self, folder: Path) -> None:
        """Write peers.safetensors."""
        save_file(self.quantiles, str(folder / _FILE))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote."""
        with safe_open(str(folder / _FILE), framework="numpy") as opened:
            return cls({name: opened.get_tensor(name) for name in opened.keys()})  # noqa: SIM118


def compare(matrix: FeatureMatrix, names: Sequence[str]) -> Peers:
    """Peers among all addresses of a matrix, of the features named."""
    sample = matrix.values[:: max(1, -(-len(matrix.addresses) // _MOST))]
    levels = np.linspace(0, 1, _QUANTILES)
    found = {}
    for name in names:
        told = sample[:, matrix.names.index(name)]
        present = told[np.isfinite(told)]
        if len(present):
            found[name] = np.quantile(present, levels, method="inverted_cdf").astype(np.float32)
    return Peers(found)
