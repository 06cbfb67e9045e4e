"""Wallets told apart by the words they say, nobody by a regression that learnt from him; and what knows the era."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from sklearn.metrics import roc_auc_score

from models.splits import split_by_hash
from models.wallets.audit import era_correlation
from models.wallets.words import FAMILIES, Words, WordScores, words_of

WALLETS = 600
ADDRESSES = [number.to_bytes(4, "big") * 5 for number in range(WALLETS)]


def a_world(*, meaning: bool = True) -> tuple[Words, np.ndarray]:
    """A third is illicit and often names one sum, which honest wallets rarely do; a tenth says nothing at all."""
    draw = np.random.default_rng(1)
    labels = (np.arange(WALLETS) % 3 == 0).astype(np.int64)
    rows = []
    for place, address in enumerate(ADDRESSES):
        if place % 10 == 7:
            continue
        if draw.random() < (0.8 if labels[place] and meaning else 0.05):
            rows.append((address.hex(), "amount", "<1000000000000000000"))
        rows += [(address.hex(), "method", f">{draw.integers(6):08x}"), (address.hex(), "amount", f">{place}1")]
    table = pa.table(dict(zip(("address", "family", "word"), map(list, zip(*rows, strict=True)), strict=True)))
    return words_of(table, [address.hex() for address in ADDRESSES]), labels


def test_words_tell_wallets_apart_that_no_regression_learnt_from() -> None:
    words, labels = a_world()
    split = split_by_hash(ADDRESSES)
    odds = WordScores().fit(words, labels, ADDRESSES, split.fit)
    amount = FAMILIES.index("amount")
    for part in (split.fit, split.test):
        assert roc_auc_score(labels[part], np.nan_to_num(odds[part, amount], nan=-9)) > 0.75
    # The sum that gives them away is all that was learnt of amounts: words of one wallet are not.
    spoken = words.by_family[amount]
    named = set(spoken.speaker[spoken.said[spoken.code] == "<1000000000000000000"].tolist())
    assert set(np.flatnonzero(np.isfinite(odds[:, amount])).tolist()) == named


def test_where_words_mean_nothing_nobody_is_given_away_by_having_been_learnt_from() -> None:
    words, labels = a_world(meaning=False)
    everybody = np.ones(WALLETS, dtype=np.bool_)
    odds = WordScores().fit(words, labels, ADDRESSES, everybody)[:, FAMILIES.index("method")]
    said = np.isfinite(odds)
    assert abs(roc_auc_score(labels[said], odds[said]) - 0.5) < 0.07


def test_labels_of_wallets_that_are_not_learnt_from_change_nothing() -> None:
    words, labels = a_world()
    fit = split_by_hash(ADDRESSES).fit
    other = np.where(fit, labels, 1 - labels)
    np.testing.assert_array_equal(
        WordScores().fit(words, labels, ADDRESSES, fit), WordScores().fit(words, other, ADDRESSES, fit)
    )


def test_what_was_saved_says_the_same_and_silence_is_no_answer(tmp_path) -> None:
    words, labels = a_world()
    scores = WordScores()
    scores.fit(words, labels, ADDRESSES, split_by_hash(ADDRESSES).fit)
    scores.save(tmp_path)
    once, again = scores.predict(words), WordScores.load(tmp_path).predict(words)
    np.testing.assert_array_equal(once, again)
    assert np.isnan(once[7]).all()
    assert np.isnan(once[:, FAMILIES.index("token")]).all()


def test_words_of_some_wallets_and_of_others_after_them_are_those_of_all() -> None:
    words, _ = a_world()
    early = np.arange(WALLETS) < 250
    joined = words.take(early).and_then(words.take(~early))
    assert joined.wallets == WALLETS
    said = [sorted(zip(one.speaker, one.family, one.word, strict=True)) for one in (words, joined)]
    assert said[0] == said[1]


def test_one_class_teaches_nothing() -> None:
    words, labels = a_world()
    assert np.isnan(WordScores().fit(words, np.zeros_like(labels), ADDRESSES, labels == 0)).all()


def test_an_audit_finds_what_knows_the_era_within_a_class_and_clears_what_does_not() -> None:
    draw = np.random.default_rng(0)
    labels = np.repeat([0, 1], 300)
    seen = np.where(labels == 1, 900, 100) + draw.integers(0, 100, 600)
    clock = seen + draw.normal(0, 20, 600)
    habit = labels + draw.normal(0, 0.3, 600)  # tells the classes apart, and with them the eras, but nothing within one
    rows = np.stack([clock, habit, draw.normal(size=600)], axis=1).astype(np.float32)
    found = era_correlation(rows, seen, labels, {"prices": [0], "habits": [1, 2], "none": []})
    assert min(found["prices"].values()) > 0.7
    assert max(map(abs, found["habits"].values())) < 0.25
    assert np.isnan([*found["none"].values()]).all()
