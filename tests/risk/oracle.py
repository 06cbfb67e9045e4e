"""The score of one address, written out: what `sql/risk/score_rows.sql` must agree with."""

from __future__ import annotations

import math
from dataclasses import dataclass

from risk.policy import GRADES, STANDARD, Policy


@dataclass(frozen=True)
class Channels:
    """What is known about one address, each in [0, 1]."""

    listed: bool = False
    label: float = 0.0
    exposures: tuple[float, ...] = ()
    typologies: tuple[float, ...] = ()
    probability: float | None = None
    anomaly: float = 0.0
    is_service: bool = False


def score_of(channels: Channels, policy: Policy = STANDARD) -> float:
    """The score of one address, 0 to 100."""
    if channels.listed:
        return 100.0
    figures = [channels.label]
    if not channels.is_service and is_sufficient(channels):
        figures += [
            min(policy.exposure_cap, _either(channels.exposures)),
            min(policy.typology_cap, _either(channels.typologies)),
            policy.probability_weight * (channels.probability or 0.0) ** policy.probability_power,
            policy.anomaly_weight * max(0.0, channels.anomaly - policy.anomaly_start) / (1 - policy.anomaly_start),
        ]
    return min(policy.score_cap_unlisted, round(100 * _either(figures), 1))


def is_sufficient(channels: Channels) -> bool:
    """Whether anything but an unusual look is known; without it a score rests on the lists alone."""
    return bool(
        channels.listed
        or channels.label
        or channels.exposures
        or channels.typologies
        or channels.is_service
        or channels.probability is not None
    )


def grade_of(score: float, policy: Policy = STANDARD) -> str:
    """Low, Medium, High or Severe."""
    reached = [grade for grade in GRADES[1:] if score >= policy.grade_bounds[grade]]
    return reached[-1] if reached else GRADES[0]


def _either(weights: tuple[float, ...] | list[float]) -> float:
    return 1.0 - math.prod(1.0 - weight for weight in weights)
