"""Members by folds: what is held out was not seen, and what others get is steadier than one member."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from sklearn.metrics import roc_auc_score

from models.splits import folds_by_hash
from models.wallets.ensemble import FOLDS, fit_ensemble, hear
from models.wallets.trees import TreeParameters
from models.wallets.words import Words, words_of

ACCOUNTS = 500
ADDRESSES = [(number * 104_729).to_bytes(20, "big") for number in range(ACCOUNTS)]
SMALL = TreeParameters(rounds=30, leaves=7)


def a_world(*, signal: float) -> tuple[np.ndarray, np.ndarray, Words]:
    draw = np.random.default_rng(4)
    labels = draw.integers(0, 2, ACCOUNTS)
    rows = np.stack([signal * labels + draw.normal(size=ACCOUNTS), draw.normal(size=ACCOUNTS)], axis=1)
    said = [
        address.hex()
        for address, label in zip(ADDRESSES, labels, strict=True)
        if draw.random() < 0.1 + 0.3 * signal * label
    ]
    words = pa.table({"address": said, "family": ["token"] * len(said), "word": [">aa"] * len(said)})
    return rows.astype(np.float32), labels, words_of(words, [address.hex() for address in ADDRESSES])


def test_accounts_learnt_from_are_scored_by_members_that_have_not_seen_them() -> None:
    rows, labels, words = a_world(signal=0.0)
    # Nothing to know here: who is scored by a member that saw him is given away.
    heard = hear(words, labels, ADDRESSES)
    ensemble = fit_ensemble(rows, heard, labels, ADDRESSES, names=("a", "b"), families=4, parameters=SMALL)
    assert abs(roc_auc_score(labels, ensemble.held) - 0.5) < 0.08
    assert roc_auc_score(labels, ensemble.scores(rows, heard.of(words))) > 0.62
    # One account's own label moves its own held-out score not at all.
    other = labels.copy()
    other[7] = 1 - other[7]
    heard = hear(words, other, ADDRESSES)
    again = fit_ensemble(rows, heard, other, ADDRESSES, names=("a", "b"), families=4, parameters=SMALL)
    same_fold = folds_by_hash(ADDRESSES, FOLDS) == folds_by_hash(ADDRESSES, FOLDS)[7]
    np.testing.assert_array_equal(again.held[same_fold], ensemble.held[same_fold])
    assert (again.held != ensemble.held).any()


def test_words_and_rows_of_strangers_are_judged_by_all_members_together() -> None:
    rows, labels, words = a_world(signal=1.0)
    learnt = np.arange(ACCOUNTS) < 350
    addresses = [address for address, one in zip(ADDRESSES, learnt, strict=True) if one]
    heard = hear(words.take(learnt), labels[learnt], addresses)
    told = {
        families: fit_ensemble(
            rows[learnt], heard, labels[learnt], addresses, names=("a", "b"), families=families, parameters=SMALL
        ).scores(rows[~learnt], heard.of(words.take(~learnt)))
        for families in (0, 4)
    }
    assert roc_auc_score(labels[~learnt], told[4]) > roc_auc_score(labels[~learnt], told[0]) > 0.6
