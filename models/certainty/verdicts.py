"""What a score is allowed to say: a probability with its interval, one of three answers, or that there is too little evidence.

Everything is learnt from scores of accounts the model had not seen, and saved as one JSON file. Scores are uncalibrated,
in [0, 1].
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from models.certainty.calibration import Calibration, fit_calibration
from models.certainty.conformal import Conformal, fit_conformal
from models.certainty.intervals import Intervals, fit_intervals
from models.certainty.priors import BaseRate, Spread, fit_spread
from models.certainty.reliability import evidence_floor
from models.evaluate import choose_threshold

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
INSUFFICIENT = "insufficient_evidence"
LICIT, UNLABELLED = "licit", "unlabelled"
_FILE = "certainty.json"


@dataclass(frozen=True)
class Verdicts:
    """What is said of each account; NaN and `insufficient_evidence` where nothing may be said."""

    log_odds: Floats
    """As the model says them: uncalibrated."""
    score: Floats
    """The same between 0 and 1."""
    probability: Floats
    """Calibrated, of being illicit under the share of illicit accounts learnt from; inside the interval."""
    low: Floats
    high: Floats
    answer: npt.NDArray[np.str_]
    """benign, illicit, review or insufficient_evidence."""
    is_elevated: npt.NDArray[np.bool_]
    """Whether the score reaches the threshold."""


@dataclass(frozen=True)
class Certainty:
    """How scores are read."""

    calibration: Calibration
    intervals: Intervals
    conformal: Conformal
    threshold: float
    """Uncalibrated score with the best F1 on accounts the model had not seen."""
    learnt_share: float
    """Of illicit accounts among those learnt from."""
    evidence_floor: int
    """An account with fewer moves gets no probability."""
    spread: Spread
    """Of both classes over scores and sizes, by which the share of illicit accounts on a chain is told."""
    negatives: str = LICIT
    """What stood beside the illicit accounts that it was learnt from."""
    base_rate: BaseRate | None = None
    """That share where it was told while learning (models/certainty/unlabelled.py) and not by the spread."""

    @property
    def threshold_log_odds(self) -> float:
        """The threshold on the scale on which contributions add up."""
        return math.log(self.threshold / (1 - self.threshold))

    def probabilities(self, scores: Floats) -> tuple[Floats, Floats, Floats]:
        """Probability and both ends of its interval of each score; NaN stays NaN."""
        low, high = self.intervals.apply(scores)
        # Between calibration scores, and under Platt's curve, the line may leave the interval.
        return tuple(  # type: ignore[return-value]
            np.where(np.isnan(scores), np.nan, part)
            for part in (np.clip(self.calibration.apply(scores), low, high), low, high)
        )

    def judge(self, log_odds: Floats, moves: Floats) -> Verdicts:
        """Verdicts of accounts with so many moves each; NaN log-odds are no evidence either."""
        known = np.isfinite(log_odds) & (moves >= self.evidence_floor)
        told = np.where(known, log_odds, np.nan)
        score = 1 / (1 + np.exp(-told))
        probability, low, high = self.probabilities(score)
        answer = self.answers(score, moves)
        return Verdicts(told, score, probability, low, high, answer, np.nan_to_num(score, nan=-1.0) >= self.threshold)

    def answers(self, scores: Floats, moves: Floats) -> npt.NDArray[np.str_]:
        """benign, illicit, review, or insufficient_evidence for NaN and for accounts with too few moves."""
        known = np.isfinite(scores) & (moves >= self.evidence_floor)
        return np.where(known, self.conformal.answers(scores), INSUFFICIENT)

    def save(self, folder: Path) -> None:
        """Write certainty.json; a cut that leaves nothing out is null."""
        about = asdict(self)
        for cut in ("benign_until", "illicit_from"):
            value = about["conformal"][cut]
            about["conformal"][cut] = value if math.isfinite(value) else None
        (folder / _FILE).write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote."""
        about = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        line, ends, cuts = about.pop("calibration"), about.pop("intervals"), about.pop("conformal")
        spread, rate = about.pop("spread"), about.pop("base_rate")
        return cls(
            calibration=Calibration(line["kind"], tuple(line["at"]), tuple(line["probability"])),
            intervals=Intervals(tuple(ends["at"]), tuple(ends["low"]), tuple(ends["high"])),
            conformal=Conformal(
                benign_until=math.inf if cuts["benign_until"] is None else cuts["benign_until"],
                illicit_from=-math.inf if cuts["illicit_from"] is None else cuts["illicit_from"],
                missed=cuts["missed"],
                below=cuts["below"],
            ),
            spread=Spread(**{name: tuple(values) for name, values in spread.items()}),
            base_rate=BaseRate(**rate) if rate else None,
            **about,
        )


def fit_certainty(labels: Labels, held: Floats, moves: Floats) -> Certainty:
    """Learn from scores of accounts that the model had not seen; both classes are needed."""
    calibration, intervals = fit_calibration(labels, held), fit_intervals(labels, held)
    low, high = intervals.apply(held)
    said = np.clip(calibration.apply(held), low, high)
    floor = evidence_floor(labels, said, moves)
    # Nobody below the floor gets an answer, so they say nothing of how often answers miss.
    answered = (moves >= floor) & np.isfinite(held)
    return Certainty(
        calibration=calibration,
        intervals=intervals,
        conformal=fit_conformal(labels[answered], held[answered]),
        threshold=float(np.clip(choose_threshold(labels, held), 1e-6, 1 - 1e-6)),
        learnt_share=float(labels.mean()),
        evidence_floor=floor,
        spread=fit_spread(labels[answered], held[answered], moves[answered]),
    )
