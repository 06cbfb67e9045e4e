"""Controls of a wallet training: silent where nothing leaks, and audible where words or members know what they should not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from models.predictor import Labels, Matrix, Scores
from models.splits import Split, split_by_hash
from models.wallets.controls import Controls, Fit, run_controls, shipped_fit
from models.wallets.ensemble import Heard, fit_ensemble, hear
from models.wallets.trees import TreeParameters
from models.wallets.words import OWN, Words, words_of

ACCOUNTS = 900
SMALL = TreeParameters(rounds=25, leaves=7, learning_rate=0.15)
ADDRESSES = tuple((number * 7919).to_bytes(20, "big") for number in range(ACCOUNTS))
NAMES = ("activity", "noise", "move_count", "neighbours")
SPLIT = split_by_hash(ADDRESSES)
LABELS = (np.arange(ACCOUNTS) % 3 == 0).astype(np.int64)


def _rows() -> Matrix:
    """Own behaviour tells half, the last column, of neighbours, nearly all."""
    draw = np.random.default_rng(2)
    own = [LABELS + draw.normal(0, 1.0, ACCOUNTS), draw.normal(size=ACCOUNTS), draw.poisson(9, ACCOUNTS)]
    return np.stack([*own, draw.normal(LABELS, 0.3)], axis=1).astype(np.float32)


def _words() -> Words:
    """Each account pays five sums that nine others pay, of any kind; whom the illicit ones meet nobody else does."""
    sums = np.random.default_rng(3).permuted(np.tile(np.arange(ACCOUNTS), (5, 1)), axis=1) // 10
    said = [
        (address.hex(), "amount", f"<{turn}{sums[turn, place]}")
        for place, address in enumerate(ADDRESSES)
        for turn in range(len(sums))
    ]
    said += [(address.hex(), "counterparty", ">hub") for address, one in zip(ADDRESSES, LABELS, strict=True) if one]
    said += [
        (address.hex(), "counterparty", ">shop") for address, one in zip(ADDRESSES, LABELS, strict=True) if not one
    ]
    table = pa.table(dict(zip(("address", "family", "word"), map(list, zip(*said, strict=True)), strict=True)))
    return words_of(table, [address.hex() for address in ADDRESSES])


def _controls(fit: Fit) -> Controls:
    rows = _rows()
    return run_controls(rows, _words(), LABELS, SPLIT, fit, own=3, neighbours=rows[:, 2])


def _hears_the_test(each: Sequence[Matrix], words: Words, labels: Labels) -> list[Scores]:
    """Words are learnt from everybody before the split, and asked without leaving anybody out."""
    heard = hear(words, labels, ADDRESSES)
    told = [np.hstack([rows, *heard.of(words)]) for rows in each]
    nobody = Split(~SPLIT.test, SPLIT.test & False, SPLIT.test)
    names = [f"f{column}" for column in range(len(NAMES) + 25)]
    return shipped_fit(ADDRESSES, names, nobody, own=-1, parameters=SMALL)(told, words.take(SPLIT.test | True), labels)


def _hears_its_own_fold(each: Sequence[Matrix], words: Words, labels: Labels) -> list[Scores]:
    """One set of regressions for all members: four of five members leave out accounts that it has learnt from."""
    learnt = ~SPLIT.test
    known = tuple(address for address, one in zip(ADDRESSES, learnt, strict=True) if one)
    heard = hear(words.take(learnt), labels[learnt], known)
    one = heard.spoken[0]
    heard = Heard((one,) * 5, (one.predict(words.take(learnt)),) * 5)
    found = []
    for rows in each:
        ensemble = fit_ensemble(
            rows[learnt], heard, labels[learnt], known, names=NAMES[: rows.shape[1]], families=OWN, parameters=SMALL
        )
        scores = np.empty(ACCOUNTS)
        scores[learnt] = ensemble.held
        scores[SPLIT.test] = ensemble.scores(rows[SPLIT.test], heard.of(words.take(SPLIT.test)))
        found.append(scores)
    return found


def test_what_ships_knows_nothing_of_dealt_labels_and_nothing_more_than_itself_by_dealt_edges() -> None:
    found = _controls(shipped_fit(ADDRESSES, NAMES, SPLIT, own=3, parameters=SMALL))
    assert not found.leaks
    assert abs(found.shuffled_labels - found.share) < 0.12
    assert abs(found.shuffled_labels_held - found.learnt_share) < 0.06
    # Neighbours and whom one meets told everything; dealt out anew they tell nothing.
    assert found.own < 0.8
    assert found.graph > 0.95
    assert abs(found.shuffled_edges - found.own) < 0.1


@pytest.mark.parametrize(
    ("fit", "hears_of_test"), [(_hears_the_test, True), (_hears_its_own_fold, False)]
)  # fmt: skip
def test_a_leak_through_words_or_members_rings_where_it_is(fit: Fit, hears_of_test: bool) -> None:
    found = _controls(fit)
    assert found.leaks
    assert (found.shuffled_labels > found.share + 0.2) is hears_of_test
    assert found.shuffled_labels_held > found.learnt_share + 0.1


def test_without_neighbours_there_is_no_graph_to_deal_out() -> None:
    rows = _rows()[:, :3]
    fit = shipped_fit(ADDRESSES, NAMES, SPLIT, own=3, parameters=SMALL)
    found = run_controls(rows, _words(), LABELS, SPLIT, fit, own=3, neighbours=rows[:, 2])
    assert np.isnan([found.graph, found.shuffled_edges]).all()
    assert found.own > found.share
