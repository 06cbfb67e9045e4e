"""Flows: features against a slow second opinion, the protocol's rules, and the whole way from payments to forecasts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from chainsight.settings import settings
from models.flows.candidates import active_givers, propose_receivers
from models.flows.description import FEATURES, PLACE, describe_candidates
from models.flows.evaluation import QuestionCounts, choose_parts, describe_parts, evaluate_all, score_all
from models.flows.history import DAY, FlowEvents, build_history
from models.flows.questions import WRONG_ANSWERS, ask_questions, rank_truth, summarise_ranks
from models.flows.ranker import BASELINES, fit_ranker, load_ranker, score_baseline
from models.flows.training import forecast_counterparties, train_flows
from models.splits import cut_by_time
from sql.store import Store
from sql.transform import transform
from tests.fixtures.worlds import World, who


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CHAINSIGHT_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


def crowd(count: int, *, addresses: int = 12, seconds: int = 20 * DAY, seed: int = 0) -> FlowEvents:
    """Random payments, several in one second now and then."""
    random = np.random.default_rng(seed)
    time = np.sort(random.integers(0, seconds // 600, count) * 600)
    giver, step = random.integers(0, addresses, count), random.integers(1, addresses, count)
    return FlowEvents(time, giver.astype(np.int32), ((giver + step) % addresses).astype(np.int32))


def habits(count: int = 6_000, *, seed: int = 0) -> FlowEvents:
    """Forty givers; each pays the receiver of its habit four times in five, else anybody of 200."""
    random = np.random.default_rng(seed)
    giver = random.integers(0, 40, count)
    receiver = np.where(random.random(count) < 0.8, 40 + giver, 40 + random.integers(0, 200, count))
    return FlowEvents(np.arange(count) * 600, giver.astype(np.int32), receiver.astype(np.int32))


def slow_features(events: FlowEvents, giver: int, target: int, moment: int) -> dict[str, float]:
    """A second opinion: plain loops over what came before."""
    past = [
        (int(t), int(g), int(r))
        for t, g, r in zip(events.time, events.giver, events.receiver, strict=True)
        if t < moment
    ]
    out, received = [e for e in past if e[1] == giver], [e for e in past if e[2] == target]
    pair, back = [e for e in out if e[2] == target], [e for e in past if e[1:] == (target, giver)]
    paid, payers = {e[2] for e in out[-32:]}, {e[1] for e in received[-32:]}

    def gap(of: list[tuple[int, int, int]]) -> float:
        return moment - of[-1][0] if of else np.nan

    def fading(of: list[tuple[int, int, int]], days: float) -> float:
        return sum(np.exp(-(moment - e[0]) / (days * DAY)) for e in of) if of else np.nan

    return {
        "giver_payments": len(out),
        "giver_gap": gap(out),
        "giver_receivers": len({e[2] for e in out}) if out else np.nan,
        "giver_decay_7d": fading(out, 7),
        "receiver_receipts": len(received),
        "receiver_givers": len({e[1] for e in received}) if received else np.nan,
        "receiver_decay_1d": fading(received, 1),
        "receiver_decay_30d": fading(received, 30),
        "receiver_receipt_gap": gap(received),
        "pair_payments": len(pair),
        "pair_gap": gap(pair),
        "pair_payments_1d": sum(e[0] >= moment - DAY for e in pair) if pair else np.nan,
        "pair_decay_30d": fading(pair, 30),
        "pair_share": len(pair) / len(out) if pair else np.nan,
        "reverse_payments": len(back),
        "reverse_gap": gap(back),
        "pays_givers_of_receiver": len(paid & payers),
        "receiver_recent_givers": len(payers),
    }


def test_features_equal_a_slow_count_of_what_came_before() -> None:
    events = crowd(600)
    history = build_history(events)
    giver = np.tile(np.arange(12, dtype=np.int32), 3)
    moment = np.repeat(np.array([0, 5 * DAY, 18 * DAY]), 12)
    candidates = ((giver[:, None] + np.arange(1, 5)) % 12).astype(np.int32)
    found = describe_candidates(history, giver, moment, candidates)
    for row, column in np.ndindex(candidates.shape):
        expected = slow_features(events, int(giver[row]), int(candidates[row, column]), int(moment[row]))
        named = {name: found[row, column, PLACE[name]] for name in expected}
        assert named == pytest.approx(expected, rel=1e-4, nan_ok=True), (row, column)


def test_no_feature_knows_the_second_asked_about_or_later() -> None:
    events = crowd(600)
    moment = int(events.time[400])
    later = events.time >= moment
    other = crowd(600, seed=1)
    changed = FlowEvents(
        events.time,
        np.where(later, other.giver, events.giver).astype(np.int32),
        np.where(later, other.receiver, events.receiver).astype(np.int32),
    )
    giver = np.arange(12, dtype=np.int32)
    candidates = ((giver[:, None] + np.arange(1, 12)) % 12).astype(np.int32)
    asked = (giver, np.full(12, moment), candidates)
    before = describe_candidates(build_history(events), *asked)
    after = describe_candidates(build_history(changed), *asked)
    np.testing.assert_array_equal(before, after)
    proposed = propose_receivers(build_history(events), giver, moment=moment)
    np.testing.assert_array_equal(proposed, propose_receivers(build_history(changed), giver, moment=moment))


def test_wrong_answers_are_earlier_receivers_and_others_but_never_paid_in_that_second() -> None:
    events = crowd(3_000, addresses=60)
    history = build_history(events)
    chosen = np.arange(1_500, 3_000)
    questions = ask_questions(history, events, chosen, seed=3)
    for row, place in enumerate(chosen):
        time, giver = events.time[place], events.giver[place]
        mine = events.giver == giver
        now = set(events.receiver[mine & (events.time == time)].tolist())
        earlier = set(events.receiver[mine & (events.time < time)].tolist())
        truth, *wrong = questions.candidates[row].tolist()
        assert truth == events.receiver[place]
        assert len(set(wrong)) == WRONG_ANSWERS
        assert not set(wrong) & now
        assert set(wrong[:10]) <= earlier or len(earlier - now) < 10
        assert questions.is_new_pair[row] == (truth not in earlier)
    again = ask_questions(history, events, chosen, seed=3)
    np.testing.assert_array_equal(again.candidates, questions.candidates)
    assert (ask_questions(history, events, chosen, seed=4).candidates != questions.candidates).any()


def test_a_giver_without_a_past_gets_only_drawn_answers_and_few_addresses_leave_gaps() -> None:
    events = FlowEvents(np.array([10, 20]), np.array([0, 1], np.int32), np.array([2, 3], np.int32))
    questions = ask_questions(build_history(events), events, np.array([0]), seed=0)
    assert questions.candidates[0, :2].tolist() == [2, 3]
    assert (questions.candidates[0, 2:] == -1).all()
    assert questions.is_new_pair.tolist() == [True]


def test_ties_count_half_and_missing_candidates_not_at_all() -> None:
    scores = np.array([[0.5, 0.5, 0.5, 0.9], [0.1, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 1.0]])
    candidates = np.array([[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, -1, -1]], np.int32)
    ranks = rank_truth(scores, candidates)
    assert ranks.tolist() == [3.0, 1.0, 2.0]
    figures = summarise_ranks(ranks, np.array([False, True, True]))
    assert figures.mrr == pytest.approx((1 / 3 + 1 + 1 / 2) / 3)
    assert figures.mrr_new_pairs == pytest.approx(0.75)
    assert figures.hits_10 == 1.0
    assert figures.ndcg_10 == pytest.approx((1 / 2 + 1 + 1 / np.log2(3)) / 3)


def test_baselines_say_what_their_names_say() -> None:
    features = np.full((1, 3, len(FEATURES)), np.nan, np.float32)
    features[0, :, PLACE["pair_payments"]] = [3, 1, 0]
    features[0, :2, PLACE["pair_gap"]] = [2 * DAY, 40 * DAY]
    features[0, :2, PLACE["pair_places_ago"]] = [0, 4]
    features[0, 1:, PLACE["receiver_decay_7d"]] = [5, 9]
    assert score_baseline("edgebank_inf", features, ()).tolist() == [[1, 1, 0]]
    assert score_baseline("edgebank_tw", features, (30.0,)).tolist() == [[1, 0, 0]]
    assert score_baseline("pop_track", features, (7.0,)).tolist() == [[0, 5, 9]]
    assert np.argsort(-score_baseline("recency_popularity", features, (0.0, 0.01)))[0].tolist() == [0, 1, 2]


def test_no_second_is_parted_by_the_cut() -> None:
    time = np.sort(np.random.default_rng(0).integers(0, 50, 1_000))
    first, second = cut_by_time(time)
    assert time[first - 1] < time[first]
    assert time[second - 1] < time[second]
    parts = choose_parts(
        FlowEvents(time, np.zeros(1_000, np.int32), np.ones(1_000, np.int32)), QuestionCounts(), seed=0
    )
    assert time[parts.train].max() < time[parts.validation].min()
    assert time[parts.validation].max() < time[parts.test].min()


def test_the_ranker_learns_habits_and_reads_the_same_from_its_file(tmp_path: Path) -> None:
    events = habits()
    history = build_history(events)
    parts = choose_parts(events, QuestionCounts(1_500, 400, 400), seed=0)
    train, validation, test = describe_parts(history, events, parts, seed=0)
    ranker = fit_ranker(train, validation, seed=0)
    evaluation = evaluate_all(score_all(ranker, validation, test), test)
    # Four in five are the habit; the rest cannot be known better than a guess among 21.
    assert evaluation.figures.mrr > 0.8
    assert tuple(evaluation.baselines) == BASELINES
    assert evaluation.figures.mrr > evaluation.baselines["edgebank_inf"].mrr + 0.1
    ranker.save(tmp_path / "model.txt")
    scores = ranker.score(test.features)
    np.testing.assert_array_equal(load_ranker(tmp_path / "model.txt").score(test.features), scores)
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_only_who_paid_within_a_month_is_active_the_latest_first() -> None:
    events = FlowEvents(
        np.array([0, 40, 45, 50]) * DAY, np.array([0, 1, 2, 1], np.int32), np.array([3, 3, 3, 2], np.int32)
    )
    history = build_history(events)
    active = active_givers(history, moment=50 * DAY + 1)
    assert (active.found, active.kept.tolist()) == (2, [1, 2])
    # Giver 1: its own receivers, the latest first, then theirs; itself never.
    assert propose_receivers(history, np.array([1], np.int32), moment=50 * DAY + 1)[0, :3].tolist() == [
        2,
        3,
        -1,
    ]


def pour_habits(store: Store, count: int) -> None:
    world = World(chain_id=77)
    events = habits(count)
    for giver, receiver in zip(events.giver, events.receiver, strict=True):
        world.pay(f"address {giver}", f"address {receiver}", 1)
    world.pour(store)
    transform(store, chain_id=77, from_block=0, to_block=world.block)


def test_payments_become_a_model_and_forecasts_that_a_repeat_replaces(store: Store, home: Path) -> None:
    pour_habits(store, 4_000)
    trained = train_flows(store, chain_id=77)
    assert trained.skipped == ""
    assert trained.figures["mrr"] > trained.baselines["edgebank_inf"]["mrr"]
    assert (home / "models" / trained.model_id / "card.md").is_file()
    first = forecast_counterparties(store, chain_id=77)
    second = forecast_counterparties(store, chain_id=77)
    assert (first.model_id, first.active_givers, first.rows) == (trained.model_id, 40, 200)
    assert second.rows == 200
    rows = store.query(
        "SELECT address, rank, counterparty, score, as_of_block FROM counterparty_forecasts ORDER BY address, rank"
    ).to_pylist()
    assert len(rows) == 200
    assert {row["as_of_block"] for row in rows} == {trained.as_of_block}
    habit = {who(f"address {number}"): who(f"address {40 + number}") for number in range(40)}
    best = {row["address"]: row["counterparty"] for row in rows if row["rank"] == 1}
    assert sum(best[giver] == receiver for giver, receiver in habit.items()) >= 36


def test_too_few_payments_give_a_sentence_and_no_model(store: Store, home: Path) -> None:
    pour_habits(store, 300)
    trained = train_flows(store, chain_id=77)
    assert trained.model_id == ""
    assert trained.skipped == "300 payments are too few for a flow model, which takes 2,000."
    forecast = forecast_counterparties(store, chain_id=77)
    assert forecast.skipped == "Chain 77 has no flow model, so no counterparties are forecast."
    assert store.query("SELECT count() AS n FROM counterparty_forecasts").to_pylist() == [{"n": 0}]
    assert store.query("SELECT count() AS n FROM models").to_pylist() == [{"n": 0}]
    assert not (home / "models").exists()
