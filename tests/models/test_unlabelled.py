"""Learning from a list where nobody is known to be licit: it finds the hidden ones, says what it is, and promises no honesty."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from chainsight.errors import UnknownName
from models.certainty.unlabelled import (
    UNLIKE_LISTED,
    choose_threshold_of_listed,
    estimate_labelling,
    fit_certainty_of_listed,
    why_it_tells_nothing,
)
from models.certainty.verdicts import Certainty, fit_certainty
from models.evaluate import calibration_error, choose_threshold, f1_at, measure
from models.features.matrix import as_keys
from models.predict import predict
from models.predictor import TooFewLabels
from models.registry import CARD, active_model
from models.serving import WalletScorer
from models.train import train_wallets
from models.wallets import unlabelled
from models.wallets.ensemble import FOLDS, Heard
from models.wallets.trees import TreeParameters
from models.wallets.unlabelled import TooFewUnlabelled, draw_bags, fit_bagged, sample_unlabelled
from models.wallets.words import WordScores
from tests.fixtures.wallet_world import CHAIN, CROOKED, HONEST, a_wallet, label_wallets, labelled_store

LISTED = 25
_TOLD = (
    "SELECT address, probability, toString(negatives) AS negatives, toString(model_answer) AS answer, base_rate, "
    "base_rate_low, base_rate_high FROM wallet_predictions"
)


def test_a_chain_without_licit_labels_gets_a_model_that_finds_hidden_crooks_and_says_what_it_is(tmp_path) -> None:
    listed = {a_wallet(2, number): "phishing" for number in range(LISTED)}
    with labelled_store(tmp_path, listed) as store:
        refused = train_wallets(store, chain_id=CHAIN, negatives=("licit",))
        with pytest.raises(UnknownName, match="no kind of negatives 'licid'"):
            train_wallets(store, chain_id=CHAIN, negatives=("licid",))
        summary = train_wallets(store, chain_id=CHAIN)
        assert summary.model_id, summary.said
        predict(store, chain_id=CHAIN)
        told = {row["address"]: row for row in store.query(_TOLD).to_pylist()}
        model = active_model(store, kind="wallets", chain_id=CHAIN)
        scorer = WalletScorer.active(store, chain_id=CHAIN)
        assert model is not None
        card = (model.folder / CARD).read_text(encoding="utf-8")
    assert (refused.model_id, refused.said) == (
        "",
        "25 illicit and 0 licit accounts with a history; 20 of each are needed; so only the anomaly score speaks. "
        "Import more labels: chainsight labels import FILE.",
    )

    # It ranks the crooks that nobody listed before the honest ones, though all of them were in its sample.
    hidden = [told[a_wallet(2, number)]["probability"] for number in range(LISTED, CROOKED)]
    honest = [told[a_wallet(1, number)]["probability"] for number in range(HONEST)]
    truth = np.repeat([1, 0], [len(hidden), len(honest)])
    assert measure(truth, np.array(hidden + honest), 0.5).average_precision > 0.95
    assert np.mean(hidden) > 0.9
    assert np.mean(honest) < 0.2
    assert (scorer.model.only([a_wallet(2, CROOKED - 1), a_wallet(1, 0), a_wallet(4, 0)]) >= 0).all()
    assert {told[a_wallet(1, number)]["answer"] for number in range(HONEST)} <= {UNLIKE_LISTED, "review"}
    assert "benign" not in {row["answer"] for row in told.values()}
    assert {row["negatives"] for row in told.values()} == {"unlabelled"}

    # Fifteen of the fifty-six others are crooks, so twenty-five of forty are listed.
    labelling = summary.metrics["labelling"]
    assert (labelling["wallets"], labelling["sampled"]) == (56, 56)
    assert labelling["hidden"] == pytest.approx(15 / 56, abs=0.08)
    assert labelling["frequency"] == pytest.approx(25 / 40, abs=0.12)
    assert {(row["base_rate_low"], row["base_rate"], row["base_rate_high"]) for row in told.values()} == {
        (25 / 81, labelling["prior"], labelling["prior_at_most"])
    }
    assert not summary.metrics["controls"]["leaks"]

    assert model.manifest["metrics"]["negatives"] == "unlabelled"
    assert "of 25 illicit accounts beside 56 of 56 unlabelled wallets, for hardly anybody is known to be licit" in str(
        summary
    )
    for said in ("**Negatives: unlabelled.**", "**lower bounds**", "divided by c = 0.", "no word for its honesty"):
        assert said in card
    assert "benign" not in card.replace("It never answers benign", "")


def test_a_list_of_anybody_gives_a_chain_no_model_and_nobody_a_probability(tmp_path) -> None:
    # Every other wallet, honest and crooked alike: what they do tells nothing of who was listed.
    anybody = {a_wallet(kind, number): "phishing" for kind in (1, 2) for number in range(0, 40, 2)}
    with labelled_store(tmp_path, anybody) as store:
        summary = train_wallets(store, chain_id=CHAIN)
        assert active_model(store, kind="wallets", chain_id=CHAIN) is None
        assert "no model" in str(predict(store, chain_id=CHAIN))
        told = store.query(_TOLD).to_pylist()

        # Where a good list taught a model before, that one goes on, and training says so.
        before = dict.fromkeys((a_wallet(2, number) for number in range(LISTED)), "phishing")
        store.command("TRUNCATE TABLE labels")
        label_wallets(store, before)
        good = train_wallets(store, chain_id=CHAIN)
        store.command("TRUNCATE TABLE labels")
        label_wallets(store, anybody)
        again = train_wallets(store, chain_id=CHAIN)
        active = active_model(store, kind="wallets", chain_id=CHAIN)
    assert summary.model_id == again.model_id == ""
    assert "listed accounts do not differ enough from" in summary.said
    assert "so only the anomaly score speaks" in summary.said
    assert active is not None
    assert active.model_id == good.model_id
    assert f"the model before, {good.model_id}, stays active" in again.said
    assert told
    assert {row["probability"] for row in told} == {None}


def _scores(listed: int, hidden: int, licit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lists, scores and truth: illicit accounts score around 2, licit ones around -2."""
    draw = np.random.default_rng(listed + hidden)
    truth = np.repeat([1, 1, 0], [listed, hidden, licit])
    scores = 1 / (1 + np.exp(-draw.normal(np.where(truth == 1, 2.0, -2.0), 1.0)))
    return np.repeat([1, 0, 0], [listed, hidden, licit]), scores, truth


@pytest.mark.parametrize(("listed", "hidden"), [(600, 1400), (600, 100), (300, 0)])
def test_how_many_are_hidden_is_told_from_scores_rather_too_high_than_too_low(listed: int, hidden: int) -> None:
    places, scores, _ = _scores(listed, hidden, 4000)
    found = estimate_labelling(places, scores)
    assert hidden / (hidden + 4000) - 0.01 < found.hidden < hidden / (hidden + 4000) + 0.03
    assert found.hidden < found.hidden_at_most
    assert found.frequency == pytest.approx(listed / (listed + found.hidden * (hidden + 4000)))


@pytest.mark.parametrize("apart", [0.0, 0.5])
def test_a_list_of_anybody_is_refused_and_never_flags_a_whole_chain(apart: float) -> None:
    draw = np.random.default_rng(3)
    listed = np.repeat([1, 0], [500, 20_000])
    scores = 1 / (1 + np.exp(-draw.normal(apart * listed)))
    why = why_it_tells_nothing(listed, scores)
    assert why.startswith(
        "500 listed accounts do not differ enough from 20,000 unlabelled ones in what they do: area under"
    )
    # Whoever asks nevertheless is not told that everybody is illicit for certain.
    assert estimate_labelling(listed, scores).hidden < 1
    known, scores, _ = _scores(300, 300, 4000)
    assert why_it_tells_nothing(known, scores) == ""
    flagged = scores[known == 0] >= choose_threshold_of_listed(known, scores, wallets=4300)
    assert flagged.mean() <= estimate_labelling(known, scores).hidden


def test_a_probability_is_corrected_for_the_hidden_and_no_answer_is_a_word_for_honesty(tmp_path) -> None:
    listed, scores, truth = _scores(600, 1400, 4000)
    moves = np.full(len(listed), 9.0)
    certainty, labelling = fit_certainty_of_listed(listed, scores, moves, wallets=5400)
    certainty.save(tmp_path)
    again = Certainty.load(tmp_path)
    assert again == certainty
    said, low, high = again.probabilities(scores)
    assert calibration_error(truth, said) < 0.05
    assert np.all((low <= said) & (said <= high))
    # If nobody were hidden, what is probable would be the lower end.
    plain = fit_certainty(listed, scores, moves)
    assert calibration_error(truth, plain.probabilities(scores)[0]) > 0.2
    np.testing.assert_array_equal(low, plain.probabilities(scores)[1])
    answers = again.answers(scores, moves)
    assert set(answers) <= {UNLIKE_LISTED, "review", "illicit"}
    assert np.mean(answers[truth == 0] == "illicit") <= 0.01
    assert np.mean(answers[listed == 1] == UNLIKE_LISTED) <= 0.05
    assert again.learnt_share == pytest.approx((600 + labelling.hidden * 5400) / 6000)
    # The threshold is nearly the one that true labels would choose, and stricter where the chain is larger than the sample.
    best = f1_at(truth, scores, choose_threshold(truth, scores))
    assert f1_at(truth, scores, again.threshold) > best - 0.02


def test_what_is_no_list_beside_a_mixture_is_refused() -> None:
    keys = as_keys([number.to_bytes(20, "big") for number in range(60)])
    everybody = np.ones(60, np.bool_)
    for positives, eligible in ((0, everybody), (19, everybody), (60, ~everybody), (61, everybody)):
        with pytest.raises(TooFewUnlabelled, match=f"^{positives} illicit accounts and {eligible.sum()} unlabelled"):
            sample_unlabelled(keys, eligible, positives=positives, needed=20)
    sample = sample_unlabelled(keys, np.arange(60) % 2 == 0, positives=20, needed=20)
    np.testing.assert_array_equal(sample, np.arange(0, 60, 2))
    for listed in (np.zeros(9, np.int64), np.ones(9, np.int64)):
        for asked in (estimate_labelling, partial(choose_threshold_of_listed, wallets=9)):
            with pytest.raises(TooFewLabels):
                asked(listed, np.linspace(0, 1, 9))


def test_a_sample_stays_the_same_as_a_chain_grows_and_never_exceeds_its_bound(monkeypatch) -> None:
    monkeypatch.setattr(unlabelled, "MOST_SAMPLED", 50)
    keys = as_keys([(number * 7919).to_bytes(20, "big") for number in range(1000)])
    small, large = (sample_unlabelled(keys, np.arange(1000) < size, positives=20, needed=20) for size in (500, 1000))
    assert len(small) == len(large) == 50
    assert set(large[large < 500]) <= set(small)
    assert len(sample_unlabelled(keys, np.ones(1000, np.bool_), positives=40, needed=20)) == 80


def test_members_learn_from_few_of_the_unlabelled_and_undefined_features_are_no_obstacle() -> None:
    draw = np.random.default_rng(1)
    labels = (np.arange(600) < 60).astype(np.int64)
    for bag in draw_bags(labels, draw):
        assert labels[bag].sum() == 60
        assert len(bag) == len(set(bag.tolist())) == 240
    rows = np.stack([labels + draw.normal(0, 0.3, 600), draw.normal(size=600)], axis=1).astype(np.float32)
    rows[::7, 0], rows[1::7, 1], rows[2::7] = np.nan, np.inf, -np.inf
    addresses = [(number * 7919).to_bytes(20, "big") for number in range(600)]
    silent = Heard((WordScores(),) * FOLDS, (np.zeros((600, 0), np.float32),) * FOLDS)
    small = TreeParameters(rounds=20, leaves=7)
    found, again = (
        fit_bagged(rows, silent, labels, addresses, names=("one", "two"), families=0, parameters=small)
        for _ in range(2)
    )
    np.testing.assert_array_equal(found.held, again.held)
    assert np.isfinite(found.held).all()
    assert measure(labels, found.held, 0.5).auc > 0.85
    with pytest.raises(TooFewLabels):
        fit_bagged(rows, silent, np.ones(600, np.int64), addresses, names=("one", "two"), families=0, parameters=small)
