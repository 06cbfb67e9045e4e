"""How probable it is that the two addresses of a pair have one owner, from all that softly says so.

A logistic model of seventeen numbers: of each soft heuristic whether it links the pair and how clearly, and what is known of
the two besides (`CONTEXT`). Its weights are written down here, so that anybody can read what counts for how much. They were
fitted on stories played with other seeds than the bundled one (`python -m demo.scenario --seed 7`, 11 and 13), whose owners
are known, and never on the bundled story or on public data; the bench `clusters` says how well the probabilities hold there.
Real owners behave more variously than those of a story: take 0.9 as a rank more than as a frequency.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from graph.entities.heuristics import CONTEXT, SOFT

Floats = npt.NDArray[np.float64]
THRESHOLD = 0.9
"""Probability from which a pair counts as one owner's."""
FEATURES = (*SOFT, *(f"{name}_strength" for name in SOFT), *CONTEXT)

WEIGHTS: Mapping[str, float] = {
    "intercept": -8.07,
    "handover": 1.87,
    "handover_strength": 1.86,
    "gas_funding_strength": 5.93,
    "consolidation": 2.95,
    "consolidation_strength": 3.99,
    "self_authorisation_strength": 3.0,  # stated, not fitted: no story has it
    "money_in": 2.37,
    "money_out": 3.96,
    "shared": 3.15,
    "few": 1.05,
    "both_few": 2.41,
    "hours": 0.7,  # stated: in the stories each wallet has hours of its own, while on public chains they tell owners apart
}
"""Two-way payments count for nothing: in the stories friends pay each other as one owner's wallets do. Hours of the day are the
quasi-identifier that served best in Béres et al. (2021), Blockchain is watching you; alone they join nobody."""


def features(strengths: Floats, context: Floats) -> Floats:
    """Numbers of `FEATURES`, from strengths [pairs, len(SOFT)], 0 where one is silent, and context [pairs, len(CONTEXT)]."""
    return np.concatenate([(strengths > 0).astype(float), strengths, context], axis=1)


def probabilities(found: Floats, weights: Mapping[str, float] = WEIGHTS) -> Floats:
    """Probability of one owner for each row of `FEATURES`; shape [pairs].

    >>> bool(probabilities(np.zeros((1, len(FEATURES))))[0] < 0.1)
    True
    """
    slopes = np.array([weights.get(name, 0.0) for name in FEATURES])
    return 1 / (1 + np.exp(-(found @ slopes + weights["intercept"])))
