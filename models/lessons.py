"""How a wallet model may be taught on a chain: by judged accounts, or by a list beside a sample of everybody else.

Where enough accounts are known to be licit the second is not asked: it knows less and can promise less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainsight.errors import ChainsightError, UnknownName
from models.card import wallet_card
from models.certainty.verdicts import LICIT, UNLABELLED
from models.features.matrix import FeatureMatrix
from models.labelled import FEWEST_POSITIVES, Labelled, labelled_rows, listed_rows
from models.listed_card import listed_card
from models.wallets.unlabelled import TooFewUnlabelled
from sql.store import Store

MORE_LABELS = "Import more labels: chainsight labels import FILE."
_ENCODED_FROM = 10 * FEWEST_POSITIVES


class NothingToLearn(ChainsightError):
    """A chain has too few labels for a wallet model."""


@dataclass(frozen=True)
class Lesson:
    """What is learnt from, by what, and how it is told."""

    labelled: Labelled
    job: str
    """Module of the child process that learns."""
    card: Callable[[dict[str, Any]], str]
    said: Callable[[dict[str, Any]], str]
    """What training came to, in half a sentence, from its metrics."""
    settings: Mapping[str, int] = field(default_factory=dict)
    """What the job is told beside features and seed."""
    wants_encoder: bool = False
    """Whether there are labels enough that a graph encoder can be measured beside the trees."""


def from_judged(store: Store, matrix: FeatureMatrix, *, chain_id: int) -> Lesson:
    """Illicit accounts beside licit ones. Raises `NothingToLearn` with fewer than `FEWEST_POSITIVES` of either."""
    labelled = labelled_rows(store, matrix, chain_id=chain_id)
    licit = len(labelled.labels) - labelled.positives
    if min(labelled.positives, licit) < FEWEST_POSITIVES:
        raise NothingToLearn(
            f"{labelled.positives} illicit and {licit} licit accounts with a history; {FEWEST_POSITIVES} of each are needed"
            f"{labelled.left_out}"
        )
    wanted = labelled.positives >= _ENCODED_FROM
    return Lesson(labelled, "models.wallets.job", wallet_card, _of_judged, wants_encoder=wanted)


def from_listed(store: Store, matrix: FeatureMatrix, *, chain_id: int) -> Lesson:
    """Illicit accounts beside a sample of all others, of which some are illicit, too. Raises `NothingToLearn`."""
    try:
        listed = listed_rows(store, matrix, chain_id=chain_id)
    except TooFewUnlabelled as lacking:
        raise NothingToLearn(lacking.what) from lacking
    told = {"wallets": listed.wallets}
    return Lesson(listed.labelled, "models.wallets.unlabelled_job", listed_card, _of_listed, told)


LESSONS: dict[str, Callable[..., Lesson]] = {LICIT: from_judged, UNLABELLED: from_listed}
"""By what stands beside the illicit, the better first."""


def choose_lesson(store: Store, matrix: FeatureMatrix, *, chain_id: int, negatives: Sequence[str]) -> Lesson:
    """The first of these kinds that the chain has labels for.

    Raises `NothingToLearn` with what each lacks, `UnknownName` for a kind that is none.
    """
    lacking = []
    for kind in negatives:
        if kind not in LESSONS:
            raise UnknownName("kind of negatives", kind, LESSONS)
        try:
            return LESSONS[kind](store, matrix, chain_id=chain_id)
        except NothingToLearn as reason:
            lacking.append(reason.what)
    raise NothingToLearn("; ".join(lacking), next_step=MORE_LABELS)


def _of_judged(metrics: dict[str, Any]) -> str:
    figures = metrics["figures"][metrics["shipped"]]
    return (
        f"{metrics['shipped']} model, F1 {figures['f1']:.3f} ({figures['f1_low']:.3f}–{figures['f1_high']:.3f}), "
        f"average precision {figures['average_precision']:.3f} ({metrics['protocol']}; "
        f"{metrics['positives']} illicit of {metrics['accounts']}"
    )


def _of_listed(metrics: dict[str, Any]) -> str:
    figures, labelling = metrics["figures"][metrics["shipped"]], metrics["labelling"]
    return (
        f"{metrics['shipped']} model of {metrics['positives']:,} illicit accounts beside {labelling['sampled']:,} of "
        f"{labelling['wallets']:,} unlabelled wallets, for hardly anybody is known to be licit: of illicit ones it had not seen "
        f"{figures['recall_at_1pct']:.0%} ({figures['recall_at_1pct_low']:.0%}–{figures['recall_at_1pct_high']:.0%}) are in the "
        f"top 1 % of wallets, average precision at least {figures['average_precision']:.3f}, {labelling['prior']:.2%} of the "
        f"chain estimated illicit as the listed are (at most {labelling['prior_at_most']:.2%}), {labelling['frequency']:.0%} of "
        f"those in the sample listed ({metrics['protocol']}"
    )
