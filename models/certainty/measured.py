"""How well certainty keeps its word on accounts that the model has not seen: by size of the wallet, by era, by answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from models.certainty.conformal import BENIGN, ILLICIT, REVIEW
from models.certainty.reliability import eras, reliability, sizes
from models.certainty.verdicts import INSUFFICIENT, Certainty

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
_ANSWERS = (BENIGN, ILLICIT, REVIEW, INSUFFICIENT)


def measure_certainty(
    labels: Labels, scores: Floats, certainty: Certainty, moves: Floats, first_seen: npt.NDArray[np.int64]
) -> dict[str, Any]:
    """Reliability by size and by era, shares of each class by answer, and how wide the intervals are; plain numbers for JSON."""
    probability, low, high = certainty.probabilities(scores)
    answers = certainty.answers(scores, moves)
    given = {
        name: {answer: float(np.mean(answers[labels == label] == answer)) for answer in _ANSWERS}
        for label, name in ((0, "licit"), (1, "illicit"))
        if (labels == label).any()
    }
    groups = (("by_size", sizes(moves)), ("by_era", eras(first_seen)))
    return {
        **{name: [asdict(row) for row in reliability(labels, probability, group)] for name, group in groups},
        "answers": given,
        "missed": certainty.conformal.missed,
        "interval_width": {"median": float(np.median(high - low)), "p95": float(np.quantile(high - low, 0.95))},
    }
