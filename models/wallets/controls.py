"""What must come out as nothing: controls that run with every training of a wallet model, through all of what ships.

shuffled_labels   words, members and trees that learn from labels dealt out anew must know nothing of those of accounts they did
                  not learn from, neither of the test part nor of the fold that each member leaves out. Whatever they know came
                  through the split, the words or the stacking. A feature that holds the label itself is not seen here: it has
                  nothing to say about dealt ones
shuffled_edges    with neighbourhoods dealt out anew among accounts with as many neighbours, whatever the model with neighbours
                  had over own behaviour must be gone; what stays was no knowledge of the graph (arXiv 2604.19514 saw it stay).
                  Beside `own` and `graph`, which the same fit gives with none and with the true ones
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.evaluate import measure
from models.predictor import Labels, Matrix, Scores
from models.splits import Mask, Split
from models.wallets.ensemble import fit_ensemble, hear
from models.wallets.trees import TreeParameters
from models.wallets.words import FAMILIES, OWN, Words

Fit = Callable[[Sequence[Matrix], Words, Labels], list[Scores]]
"""For each matrix of features scores of all accounts, none by a model that has learnt from it; words are heard once for all."""
FEWER_TREES = TreeParameters(rounds=50, learning_rate=0.2)
"""Four ensembles come on top of those that are shipped and measured; they need to be alike among each other only."""
_ALARM = 3.0
"""Standard deviations of an average precision by chance, from which on a control rings."""
_BANDS = 10


@dataclass(frozen=True)
class Controls:
    """Average precisions; NaN where there is one class only, and then nothing leaks as far as can be seen."""

    share: float
    """Of illicit accounts in the test part: what knowing nothing gives."""
    shuffled_labels: float
    """Of dealt labels in the test part."""
    learnt_share: float
    shuffled_labels_held: float
    """Of dealt labels of the accounts learnt from, each scored by a member that left it out."""
    leaks: bool
    """Whether more is known of dealt labels than chance explains."""
    own: float
    """Without neighbours, and with all labels and edges as they are."""
    graph: float
    """NaN, as the next one, where there are no columns of neighbours."""
    shuffled_edges: float


def shipped_fit(
    addresses: Sequence[bytes], names: Sequence[str], split: Split, *, own: int,
    parameters: TreeParameters = FEWER_TREES, seed: int = 0,
) -> Fit:  # fmt: skip
    """Words and members as they ship, learnt from all but the test part; with `own` columns it hears own words only."""
    learnt = split.learnt
    known = tuple(address for address, one in zip(addresses, learnt, strict=True) if one)

    def fit(each: Sequence[Matrix], words: Words, labels: Labels) -> list[Scores]:
        heard = hear(words.take(learnt), labels[learnt], known)
        told = heard.of(words.take(split.test))
        found = []
        for rows in each:
            ensemble = fit_ensemble(
                rows[learnt], heard, labels[learnt], known, names=names[: rows.shape[1]],
                families=OWN if rows.shape[1] == own else len(FAMILIES), parameters=parameters, seed=seed,
            )  # fmt: skip
            scores = np.full(len(labels), np.nan)
            scores[learnt], scores[split.test] = ensemble.held, ensemble.scores(rows[split.test], told)
            found.append(scores)
        return found

    return fit


def run_controls(
    rows: Matrix, words: Words, labels: Labels, split: Split, fit: Fit, *, own: int, neighbours: np.ndarray, seed: int = 0
) -> Controls:  # fmt: skip
    """Run them; `own` columns come first, `neighbours` is how many counterparties each account has."""
    draw = np.random.default_rng(seed)
    learnt = split.learnt
    dealt = labels.copy()
    for part in (learnt, split.test):
        dealt[part] = draw.permutation(labels[part])
    (told,) = fit([rows], words, dealt)
    has_edges = rows.shape[1] > own
    true = [_precision(labels, one, split.test) for one in fit([rows[:, :own], rows][: 1 + has_edges], words, labels)]
    edges = float("nan")
    if has_edges:
        places = _dealt_within_bands(neighbours, draw)
        mixed = np.hstack([rows[:, :own], rows[places, own:]])
        edges = _precision(labels, fit([mixed], _meeting_others(words, places), labels)[0], split.test)
    return Controls(
        share=_share(labels, split.test),
        shuffled_labels=_precision(dealt, told, split.test),
        learnt_share=_share(labels, learnt),
        shuffled_labels_held=_precision(dealt, told, learnt),
        leaks=rings(dealt, told, split.test) or rings(dealt, told, learnt),
        own=true[0],
        graph=true[1] if has_edges else float("nan"),
        shuffled_edges=edges,
    )


def _precision(labels: Labels, scores: Scores, part: Mask) -> float:
    return measure(labels[part], scores[part], 0.5).average_precision


def _share(labels: Labels, part: Mask) -> float:
    return float(labels[part].mean()) if part.any() else float("nan")


def known_of_dealt(labels: Labels, held: Callable[[Labels], Scores], *, seed: int) -> tuple[float, bool]:
    """Average precision on labels dealt out anew, and whether that is more than chance explains.

    `held` learns from labels and says of every account what a member says that has not seen it.
    """
    dealt = np.random.default_rng(seed).permutation(labels)
    scores, everybody = held(dealt), np.ones(len(dealt), np.bool_)
    return _precision(dealt, scores, everybody), rings(dealt, scores, everybody)


def rings(dealt: Labels, scores: Scores, part: Mask) -> bool:
    """Whether scores find more of the labels that were dealt out anew than chance does."""
    share = _share(dealt, part)
    # An average precision by chance has about the variance of a share among the positives.
    spread = (share * (1 - share) / max(float(dealt[part].sum()), 1)) ** 0.5
    return bool(_precision(dealt, scores, part) > share + _ALARM * spread)


def _dealt_within_bands(neighbours: np.ndarray, draw: np.random.Generator) -> npt.NDArray[np.int64]:
    """Each account gets the place of another with about as many neighbours: the number itself is own behaviour."""
    order = np.lexsort((draw.random(len(neighbours)), np.nan_to_num(neighbours)))
    places = np.empty(len(neighbours), np.int64)
    for band in np.array_split(order, _BANDS):
        places[band] = draw.permutation(band)
    return places


def _meeting_others(words: Words, places: npt.NDArray[np.int64]) -> Words:
    """Words of which the families beyond `OWN`, whom an account meets, are those of the account whose place it gets."""
    receives = np.empty_like(places)
    receives[places] = np.arange(len(places))
    return replace(words, speaker=np.where(words.family >= OWN, receives[words.speaker], words.speaker))
