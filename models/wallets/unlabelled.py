"""Members that learn from illicit accounts beside a sample of everybody else, where nobody is known to be licit.

Most chains look like this: lists of the sanctioned and the reported, none of honest people. Learning the unlabelled as if they
were licit teaches that the hidden illicit ones are licit too; so each member is several sets of trees, each of all illicit
accounts beside a small draw of the others, and few hidden ones are in any draw (bagging for positive-unlabelled learning,
Mordelet and Vert, Pattern Recognition Letters 2014, doi 10.1016/j.patrec.2013.06.010). What scores mean then is in
models/certainty/unlabelled.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chainsight.errors import ChainsightError
from models.features.matrix import as_addresses
from models.predictor import Labels, Matrix
from models.splits import Mask, place_of
from models.wallets.ensemble import FOLDS, Ensemble, Heard, cross_fit
from models.wallets.trees import TreeParameters, WalletTrees

MOST_SAMPLED = 20_000
"""Unlabelled wallets to learn from and to measure with: enough to tell one in a thousand."""
UNLABELLED_A_POSITIVE = 3
BAGS = 3
"""Sets of trees a member; with five members an account is drawn against fifteen times."""
FEWEST_MOVES = 2
"""Of listed and unlabelled wallets alike: asked of one kind alone, having moved once would tell them apart."""
Places = npt.NDArray[np.int64]


class TooFewUnlabelled(ChainsightError):
    """Illicit accounts alone, or with too few others beside them, teach nothing."""

    def __init__(self, positives: int, unlabelled: int, needed: int) -> None:
        super().__init__(
            f"{positives} illicit accounts and {unlabelled} unlabelled wallets with {FEWEST_MOVES} moves or more; "
            f"{needed} illicit ones, and at least as many unlabelled as illicit, are needed",
            next_step="Import more labels (chainsight labels import FILE); until then only the anomaly score speaks.",
        )
        self.positives, self.unlabelled = positives, unlabelled


def sample_unlabelled(keys: npt.NDArray[np.bytes_], eligible: Mask, *, positives: int, needed: int) -> Places:
    """Places of the eligible addresses (40 hex digits each) whose hash is smallest, ascending: the same in every run.

    At most `MOST_SAMPLED`, or two a positive where those are more. Raises `TooFewUnlabelled` with fewer than `needed` positives,
    or fewer eligible addresses than positives: then the listed are most of the chain, and a sample of the rest is no mixture.
    """
    places = np.flatnonzero(eligible)
    if positives < needed or len(places) < positives:
        raise TooFewUnlabelled(positives, len(places), needed)
    hashes = np.array([place_of(address) for address in as_addresses(keys[places])], dtype=np.uint64)
    most = max(MOST_SAMPLED, 2 * positives)
    return np.sort(places[np.argsort(hashes, kind="stable")[:most]])


def draw_bags(labels: Labels, draw: np.random.Generator, *, bags: int = BAGS) -> list[Places]:
    """Places for each bag: all positives, and a draw of the unlabelled without repetition."""
    ours, others = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    count = min(len(others), UNLABELLED_A_POSITIVE * len(ours))
    return [np.concatenate([ours, draw.choice(others, count, replace=False)]) for _ in range(bags)]


def fit_bagged(
    rows: Matrix, heard: Heard, labels: Labels, addresses: Sequence[bytes], *, names: Sequence[str], families: int,
    parameters: TreeParameters, seed: int = 0,
) -> Ensemble:  # fmt: skip
    """As `fit_ensemble`, where a label of 0 means unlabelled: infinite features count as undefined.

    Who is in the sample is scored by the member whose fold it is in, whatever bags it was in elsewhere. Raises `TooFewLabels`
    when a fold leaves too few of either kind.
    """

    def grow(read: Matrix, known: Labels, columns: tuple[str, ...], fold: int) -> WalletTrees:
        bags = draw_bags(known, np.random.default_rng([seed, fold]))
        trees = WalletTrees(replace(parameters, seeds=len(bags)))
        return trees.fit_bags(read, known, bags, names=columns, seed=seed * FOLDS + fold)

    rows = np.where(np.isfinite(rows), rows, np.float32(np.nan))
    return cross_fit(rows, heard, labels, addresses, names=names, families=families, grow=grow)
