"""When the share of illicit accounts is not that of training: the same evidence, another base rate.

Only the odds of the classes change, the likelihoods do not (label shift). The new share is either known, or estimated from the
answers themselves by expectation maximisation (Saerens, Latinne, Decaestecker, Neural Computation 2002).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_ROUNDS = 200
_CLOSE = 1e-7


def shift_prior(probabilities: Floats, *, learnt: float, now: float) -> Floats:
    """Probabilities under the share of illicit accounts `now`, from ones learnt under the share `learnt`; both in (0, 1).

    Raises `ValueError` for a share that is none.
    """
    for share in (learnt, now):
        if not 0 < share < 1:
            raise ValueError(f"A share of illicit accounts lies between 0 and 1, {share} does not.")
    illicit = probabilities * (now / learnt)
    licit = (1 - probabilities) * ((1 - now) / (1 - learnt))
    return np.asarray(illicit / (illicit + licit), dtype=np.float64)


def estimate_prior(probabilities: Floats, *, learnt: float) -> float:
    """The share of illicit accounts among these, most likely given calibrated probabilities learnt under another share.

    Assumes label shift: illicit accounts here act as the labelled illicit ones do, licit ones as the licit, and only their
    numbers differ. Where that is wrong the estimate runs to an end: n accounts that all say a little less than `learnt` come
    to none at all. So it stays within [1 / (n + 2), 1 - 1 / (n + 2)], which is all that n accounts can say, and must not be
    trusted alone. NaN says nothing; where nobody says anything it is the share learnt under.
    """
    share, probabilities = learnt, probabilities[np.isfinite(probabilities)]
    if not len(probabilities):
        return learnt
    edge = 1 / (len(probabilities) + 2)
    for _ in range(_ROUNDS):
        found = float(np.clip(shift_prior(probabilities, learnt=learnt, now=share).mean(), edge, 1 - edge))
        if abs(found - share) < _CLOSE:
            break
        share = found
    return share
