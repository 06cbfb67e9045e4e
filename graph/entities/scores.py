"""How probable it is that the two addresses of a pair have one owner, from all that softly says so.

A logistic model: of each soft heuristic whether it links the pair and how clearly, what is known of the two besides (`CONTEXT`),
and whether nothing but the hours links them. Its weights are written down here, so that anybody can read what counts for how
much. Most were fitted (bench/owner_weights.py) on stories played with other seeds than the bundled one (`python -m demo.scenario
--seed 7`, 11 and 13), whose owners are known, and never on the bundled story; the bench `clusters` says how well the
probabilities hold there. Real owners behave more variously than those of a story: take 0.9 as a rank more than as a frequency.

In the stories each wallet has hours of its own, so what hours say was measured on halves of 1,812 real lives
(bench/owner_timing.py): of 943 pairs that `timing_profile` proposed among the halves 19 % were right, which is the probability
of a pair that nothing else links; so few halves make a choice easier than all wallets of a chain. Of the halves of one life
20 % are that much alike, of others with nearly the same mean hour 3.6 %: beside other evidence hours count only for that, five
and a half to one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from graph.entities.heuristics import CONTEXT, SOFT

Floats = npt.NDArray[np.float64]
THRESHOLD = 0.9
"""Probability from which a pair counts as one owner's."""
ONLY_HOURS = "only_hours"
FEATURES = (*SOFT, *(f"{name}_strength" for name in SOFT), *CONTEXT, ONLY_HOURS)
_TIMING = SOFT.index("timing_profile")

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
    "timing_profile": 1.7,
    ONLY_HOURS: 4.92,
}
"""Two-way payments count for nothing: in the stories friends pay each other as one owner's wallets do."""


def features(strengths: Floats, context: Floats) -> Floats:
    """Numbers of `FEATURES`, from strengths [pairs, len(SOFT)], 0 where one is silent, and context [pairs, len(CONTEXT)].

    Where nothing but hours links a pair, they are all that counts: context is 0.
    """
    seen = strengths > 0
    only_hours = seen[:, _TIMING] & (seen.sum(axis=1) == 1)
    counted = np.where(only_hours[:, None], 0.0, context)
    return np.concatenate([seen.astype(float), strengths, counted, only_hours[:, None].astype(float)], axis=1)


def probabilities(found: Floats, weights: Mapping[str, float] = WEIGHTS) -> Floats:
    """Probability of one owner for each row of `FEATURES`; shape [pairs].

    >>> bool(probabilities(np.zeros((1, len(FEATURES))))[0] < 0.1)
    True
    """
    slopes = np.array([weights.get(name, 0.0) for name in FEATURES])
    return 1 / (1 + np.exp(-(found @ slopes + weights["intercept"])))
