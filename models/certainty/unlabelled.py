"""How sure a score is where nobody is known to be licit: listed accounts beside unlabelled ones, of which some are illicit too.

Everything rests on one assumption: that the listed are as all illicit accounts are ("selected completely at random", Elkan and
Noto, KDD 2008). Then the probability of being listed is that of being illicit times the share `c` of the illicit that is listed,
and one divided by the other is what is wanted. Lists hold whom somebody noticed, so illicit accounts of other ways of acting are
missed, and no figure here can know how many: on real accounts of which only the 30 % seen first were listed, a share of 27 %
hidden was told as 2 % (`chainsight bench hidden_labels`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from models.certainty.calibration import Calibration
from models.certainty.conformal import Conformal, fit_conformal
from models.certainty.intervals import Intervals
from models.certainty.priors import BaseRate
from models.certainty.verdicts import UNLABELLED, Certainty, fit_certainty
from models.evaluate import said
from models.predictor import TooFewLabels

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
UNLIKE_LISTED = "unlike_listed"
"""Answer in place of benign: it acts as at most one in twenty of the listed does, and that is all that is known."""
CALLED_ILLICIT = 0.01
"""Share of the unlabelled that may be answered illicit: they are the chain, and five in a hundred of it would help nobody."""
MOST_HIDDEN = 0.5
"""Share of the unlabelled estimated to be illicit, from which on a list says nothing: scores that know nothing give 1."""
FEWEST_ORDERED = 0.65
"""Area under the curve, listed against unlabelled, that a list must reach at the lower end of its 95 % interval."""
_DELTA, _GAMMA = 0.1, 0.01


@dataclass(frozen=True)
class Labelling:
    """How much of what is illicit is listed, as far as scores can tell."""

    frequency: float
    """Share of the illicit among the accounts learnt from that is listed, c of Elkan and Noto; rather too low than too high."""
    hidden: float
    """Share of accounts among the unlabelled that are illicit as the listed are; rather too high than too low."""
    hidden_at_most: float
    """What it stays under with a probability of 90 %, if the listed are as all illicit ones are."""

    def prior(self, listed: int, unlabelled: int) -> float:
        """Share of illicit accounts where so many are listed and so many are not."""
        return (listed + self.hidden * unlabelled) / (listed + unlabelled)

    def prior_at_most(self, listed: int, unlabelled: int) -> float:
        """What that stays under."""
        return (listed + self.hidden_at_most * unlabelled) / (listed + unlabelled)

    def base_rate(self, listed: int, unlabelled: int) -> BaseRate:
        """The same of a chain: no lower than if nobody unlabelled is illicit, no higher than `hidden_at_most` says."""
        least, most = listed / (listed + unlabelled), self.prior_at_most(listed, unlabelled)
        return BaseRate(self.prior(listed, unlabelled), least, most)


def estimate_labelling(listed: Labels, scores: Floats) -> Labelling:
    """From scores of accounts that the model had not seen; `listed` is 1 for the listed, 0 for the unlabelled. NaN says nothing.

    Above any score there is at most as large a share of the unlabelled as of the illicit, times the share of illicit among the
    unlabelled: so the smallest ratio of the two shares bounds the latter, taken where it is told well enough (best bin
    estimation, Garg et al., NeurIPS 2021, arXiv 2111.00980). Raises `TooFewLabels` where either kind is missing.
    """
    ours, others = _ascending(listed, scores)
    places = np.unique(ours)
    reached = 1 - np.searchsorted(ours, places, side="left") / len(ours)
    beyond = 1 - np.searchsorted(others, places, side="left") / len(others)
    doubt = math.sqrt(math.log(4 / _DELTA) / 2) * (len(ours) ** -0.5 + len(others) ** -0.5)
    most = (beyond + (1 + _GAMMA) * doubt) / reached
    best = int(np.argmin(most))
    hidden = min(float(beyond[best] / reached[best]), 1 - 1 / (len(others) + 2))
    return Labelling(len(ours) / (len(ours) + hidden * len(others)), hidden, min(float(most[best]), 1.0))


def why_it_tells_nothing(listed: Labels, scores: Floats) -> str:
    """Why scores of accounts that the model had not seen do not tell the listed from the others; empty where they do.

    A list whose accounts act like everybody, or in ways that nothing here sees, would otherwise say of everybody that he is
    probably illicit: whatever is not told apart counts as hidden. The interval is that of Hanley and McNeil (Radiology 1982).
    """
    known = said(listed, scores)
    ours, others = int(listed[known].sum()), int((listed[known] == 0).sum())
    hidden = estimate_labelling(listed, scores).hidden
    area = float(roc_auc_score(listed[known], scores[known]))
    variance = (
        area * (1 - area)
        + (ours - 1) * (area / (2 - area) - area**2)
        + (others - 1) * (2 * area**2 / (1 + area) - area**2)
    ) / (ours * others)
    low = area - 1.96 * math.sqrt(max(variance, 0.0))
    if hidden <= MOST_HIDDEN and low >= FEWEST_ORDERED:
        return ""
    return (
        f"{ours} listed accounts do not differ enough from {others:,} unlabelled ones in what they do: area under the curve "
        f"{area:.2f} (at least {low:.2f}, {FEWEST_ORDERED} is needed), {hidden:.0%} of the unlabelled look the same"
    )


def mean_frequency(listed: Labels, probabilities: Floats) -> float:
    """The first estimate of c by Elkan and Noto: mean probability of being listed among the listed that were not learnt from.

    Too low wherever scores do not tell both kinds apart; bench/hidden_labels.py shows by how much.
    """
    return float(np.nanmean(probabilities[listed == 1]))


def choose_threshold_of_listed(listed: Labels, scores: Floats, *, wallets: int) -> float:
    """The score with the largest recall² / share flagged on a chain of so many unlabelled wallets; half-way to the next lower.

    Without a licit account there is no F1; this grows and falls with it (Lee and Liu, ICML 2003). It flags no larger share of the
    unlabelled than is estimated to be illicit: more would be wrong for certain. Raises `TooFewLabels` as above.
    """
    most = estimate_labelling(listed, scores).hidden
    ours, others = _ascending(listed, scores)
    places = np.unique(ours)
    found = len(ours) - np.searchsorted(ours, places, side="left")
    # One more than were seen: a sample without anybody above a score does not say that there is nobody on the chain.
    beyond = (len(others) - np.searchsorted(others, places, side="left") + 1) / (len(others) + 1)
    flagged = (found + wallets * beyond) / (len(ours) + wallets)
    worth = np.where(beyond <= max(most, beyond.min()), (found / len(ours)) ** 2 / flagged, -1.0)
    best = float(places[np.argmax(worth)])
    lower = np.concatenate([ours[ours < best], others[others < best]])
    return (best + float(lower.max())) / 2 if len(lower) else best


def _ascending(listed: Labels, scores: Floats) -> tuple[Floats, Floats]:
    """Scores of the listed, and of the others, but NaN. Raises `TooFewLabels` where either kind is missing."""
    known = said(listed, scores)
    listed, scores = listed[known], scores[known]
    ours, others = np.sort(scores[listed == 1]), np.sort(scores[listed == 0])
    if not (len(ours) and len(others)):
        raise TooFewLabels(len(ours), len(others), 1)
    return ours, others


def fit_certainty_of_listed(
    listed: Labels, held: Floats, moves: Floats, *, wallets: int
) -> tuple[Certainty, Labelling]:
    """Learn how to read scores from accounts the model had not seen, on a chain of so many unlabelled wallets.

    Probabilities are those of being illicit, an account's own label aside. An interval runs from what holds if nobody unlabelled
    is illicit to what holds if as many are as the labelling says. No account is answered benign.
    """
    plain, labelling = fit_certainty(listed, held, moves), estimate_labelling(listed, held)
    enough, count = moves >= plain.evidence_floor, int(listed.sum())
    certainty = replace(
        plain,
        calibration=_divided(plain.calibration, labelling.frequency, len(listed)),
        intervals=_widened(plain.intervals, labelling.frequency, len(listed)),
        conformal=_answers(listed[enough], held[enough]),
        threshold=float(np.clip(choose_threshold_of_listed(listed, held, wallets=wallets), 1e-6, 1 - 1e-6)),
        learnt_share=labelling.prior(count, len(listed) - count),
        negatives=UNLABELLED,
        base_rate=labelling.base_rate(count, wallets),
    )
    return certainty, labelling


def _answers(listed: Labels, held: Floats) -> Conformal:
    """Illicit for who scores as hardly any unlabelled account, the other answer for who scores as hardly any listed one.

    The cut of the unlabelled guards the licit among them at least as well: taking out the illicit, who score higher, leaves
    fewer above it. Nothing guards who is answered at the other end: illicit accounts unlike the listed may be among them.
    """
    strict = fit_conformal(listed, held, missed=CALLED_ILLICIT)
    return replace(fit_conformal(listed, held), benign_until=strict.benign_until, below=UNLIKE_LISTED)


def _divided(line: Calibration, frequency: float, accounts: int) -> Calibration:
    return replace(line, probability=_at_most(line.probability, frequency, accounts))


def _widened(ends: Intervals, frequency: float, accounts: int) -> Intervals:
    return replace(ends, high=_at_most(ends.high, frequency, accounts))


def _at_most(probabilities: tuple[float, ...], frequency: float, accounts: int) -> tuple[float, ...]:
    # Never certain, as in `fit_calibration`; and never below what holds without anybody hidden.
    edge = 1 - 1 / (accounts + 2)
    return tuple(max(one, min(one / frequency, edge)) for one in probabilities)
