"""What the sequence encoder says of wallets it has not learnt from: one column for trees.

Stacked generalisation (Wolpert 1992): wallets to learn from are cut into folds, and each is told by a judge that learnt from the
other folds; wallets that nobody learns from get the mean of all judges.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chainsight.progress import SILENT, Progress
from models.sequences.encoder import SequenceEncoder, Tokens
from models.sequences.finetuning import Finetuning, finetune, judge_all
from models.sequences.history import Floats, Ints


def cross_fitted_odds(
    encoder: SequenceEncoder, tokens: Tokens, labels: Ints, fold: Ints, learnt: npt.NDArray[np.bool_], *,
    how: Finetuning, seed: int = 0, progress: Progress = SILENT,
) -> Floats:  # fmt: skip
    """Log-odds of every history, in their order.

    `labels`, `fold` and `learnt` have one entry a history; labels of histories that are not learnt from play no part.
    """
    everybody, kinds = np.arange(len(tokens)), np.zeros(len(tokens), dtype=np.int64)
    told = []
    for number in range(int(fold.max()) + 1):
        progress.step(number, int(fold.max()) + 1, "sequence encoder, folds")
        rows = np.flatnonzero(learnt & (fold != number))
        judge = finetune(encoder, tokens, labels, kinds, rows, how=how, seed=seed)
        told.append(judge_all(judge, tokens, kinds, everybody)[1])
    each = np.stack(told)
    return np.asarray(np.where(learnt, each[fold, everybody], each.mean(axis=0)), dtype=np.float64)
