"""Cut payments by time, make questions of each part, and hold the ranker beside its baselines on the last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.flows.history import HOUR, FlowEvents, FlowHistory
from models.flows.questions import RankingFigures
from models.flows.ranker import (
    DescribedQuestions,
    FlowRanker,
    choose_baselines,
    describe_events,
    evaluate_scores,
    score_baseline,
)
from models.splits import cut_by_time

_EVENTS_AT_LEAST = 2_000
_REPEATS_AT_LEAST = 200


@dataclass(frozen=True)
class QuestionCounts:
    """How many payments of each part are turned into questions, at most."""

    train: int = 20_000
    validation: int = 6_000
    test: int = 10_000


@dataclass(frozen=True)
class FlowParts:
    """Places of the payments that become questions; each part is later than the one before."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True)
class FlowEvaluation:
    """What a ranker and its baselines reached on the same questions."""

    figures: RankingFigures
    baselines: dict[str, RankingFigures]


def describe_lack(events: FlowEvents) -> str:
    """Why these payments are too few to learn from, as a sentence; empty when they are enough."""
    count = len(events.time)
    if count < _EVENTS_AT_LEAST:
        return f"{count:,} payments are too few for a flow model, which takes {_EVENTS_AT_LEAST:,}."
    hours = int(events.time[-1] - events.time[0]) / HOUR
    if hours < 1:
        return f"Payments of {hours * 60:.0f} minutes are too short a time for a flow model, which takes an hour."
    pairs = len(np.unique(events.giver.astype(np.int64) << 32 | events.receiver))
    if count - pairs < _REPEATS_AT_LEAST:
        return (
            f"Only {count - pairs:,} of {count:,} payments repeat an earlier pair; a flow model takes "
            f"{_REPEATS_AT_LEAST:,}."
        )
    return ""


def choose_parts(events: FlowEvents, counts: QuestionCounts, *, seed: int) -> FlowParts:
    """Draw questions from the first 70 % of the payments, the next 15 % and the last 15 %, each ascending in time."""
    first, second = cut_by_time(events.time)
    random = np.random.default_rng(seed)

    def draw(low: int, high: int, wanted: int) -> NDArray[np.int64]:
        return np.sort(low + random.choice(high - low, min(wanted, high - low), replace=False)).astype(np.int64)

    return FlowParts(
        train=draw(0, first, counts.train),
        validation=draw(first, second, counts.validation),
        test=draw(second, len(events.time), counts.test),
    )


def describe_parts(
    history: FlowHistory, events: FlowEvents, parts: FlowParts, *, seed: int
) -> tuple[DescribedQuestions, DescribedQuestions, DescribedQuestions]:
    """The questions of the three parts, each with wrong answers of its own."""
    return (
        describe_events(history, events, parts.train, seed=3 * seed),
        describe_events(history, events, parts.validation, seed=3 * seed + 1),
        describe_events(history, events, parts.test, seed=3 * seed + 2),
    )


def score_all(
    ranker: FlowRanker, validation: DescribedQuestions, test: DescribedQuestions
) -> dict[str, NDArray[np.float64]]:
    """Scores of the test candidates by `ranker` and by each baseline, whose constants the validation chooses."""
    return {"ranker": ranker.score(test.features)} | {
        name: score_baseline(name, test.features, constants) for name, constants in choose_baselines(validation).items()
    }


def evaluate_all(scores: dict[str, NDArray[np.float64]], test: DescribedQuestions) -> FlowEvaluation:
    """Figures of what `score_all` gave."""
    figures = {name: evaluate_scores(these, test.questions) for name, these in scores.items()}
    return FlowEvaluation(figures=figures.pop("ranker"), baselines=figures)
