"""Rank whom a giver pays next: gradient-boosted trees over 40 prefix features, and the four heuristics to beat.

The ranker is LightGBM with binary loss (LambdaRank ranked worse: 0.878 against 0.886 MRR) on questions of TGB's protocol
(models/flows/questions.py). Baselines read the same features and may choose their one or two constants on the
validation part, as the ranker chooses its number of trees there.

    edgebank_inf        the pair was ever seen                                        Poursafaei et al., NeurIPS 2022
    edgebank_tw         the pair was seen within a window                             the same
    pop_track           how much the receiver was paid lately, fading                 Daniluk & Dąbrowski 2023
    recency_popularity  how few payments ago the giver paid it, its share of the giver's payments, its popularity
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.flows.description import FEATURES, PLACE, describe_candidates
from models.flows.history import DAY, FlowEvents, FlowHistory
from models.flows.questions import (
    FlowQuestions,
    RankingFigures,
    ask_questions,
    rank_truth,
    summarise_ranks,
)

_TREES_AT_MOST = 300
_PATIENCE = 30
_PARAMETERS = {
    "objective": "binary",
    "metric": "binary_logloss",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_data_in_leaf": 50,
    "max_bin": 63,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    # Half a million rows take one thread 15 s; two wait for each other on a busy machine and took minutes.
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
_BASELINE_CONSTANTS: dict[str, tuple[tuple[float, ...], ...]] = {
    "edgebank_inf": ((),),
    "edgebank_tw": ((1.0,), (7.0,), (30.0,), (90.0,), (365.0,)),
    "pop_track": ((1.0,), (7.0,), (30.0,)),
    "recency_popularity": tuple((share, popular) for share in (0.0, 0.5, 1.0) for popular in (0.001, 0.01, 0.1, 1.0)),
}
BASELINES = tuple(_BASELINE_CONSTANTS)


@dataclass(frozen=True)
class DescribedQuestions:
    """Questions with the features of their candidates."""

    questions: FlowQuestions
    features: NDArray[np.float32]
    """Shape (questions, candidates, features)."""


@dataclass(frozen=True)
class FlowRanker:
    """A trained ranking model; higher scores are more probable receivers."""

    booster: lgb.Booster

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Score of each candidate, 0 to 1: the probability of being the true one among 20 wrong ones of the protocol.

        The last axis holds the features. It is not the probability of a payment: that depends on the candidates.
        """
        scores = np.asarray(self.booster.predict(features.reshape(-1, len(FEATURES)), num_threads=1), np.float64)
        return scores.reshape(features.shape[:-1])

    def save(self, path: Path) -> None:
        """Write LightGBM's own text form."""
        path.write_text(self.booster.model_to_string(), encoding="utf-8")


def load_ranker(path: Path) -> FlowRanker:
    """A ranker from its text form."""
    return FlowRanker(lgb.Booster(model_str=path.read_text(encoding="utf-8")))


def describe_events(
    history: FlowHistory, events: FlowEvents, chosen: NDArray[np.int64], *, seed: int
) -> DescribedQuestions:
    """Questions from the events at these places, wrong answers drawn by the seed, all candidates described."""
    questions = ask_questions(history, events, chosen, seed=seed)
    return DescribedQuestions(
        questions, describe_candidates(history, questions.giver, questions.time, questions.candidates)
    )


def fit_ranker(train: DescribedQuestions, validation: DescribedQuestions, *, seed: int) -> FlowRanker:
    """Fit on the earlier questions; the later ones say how many trees to keep."""
    known = _dataset(train, None)
    booster = lgb.train(
        {**_PARAMETERS, "seed": seed},
        known,
        num_boost_round=_TREES_AT_MOST,
        valid_sets=[_dataset(validation, known)],
        callbacks=[lgb.early_stopping(_PATIENCE, verbose=False)],
    )
    return FlowRanker(booster)


def evaluate_scores(scores: NDArray[np.float64], questions: FlowQuestions) -> RankingFigures:
    """The figures of any scores of shape (questions, candidates)."""
    return summarise_ranks(rank_truth(scores, questions.candidates), questions.is_new_pair)


def choose_baselines(validation: DescribedQuestions) -> dict[str, tuple[float, ...]]:
    """For each baseline the constants with the highest MRR on these questions."""
    return {
        name: max(
            constants,
            key=lambda these, name=name: (
                evaluate_scores(  # type: ignore[misc]
                    score_baseline(name, validation.features, these), validation.questions
                ).mrr
            ),
        )
        for name, constants in _BASELINE_CONSTANTS.items()
    }


def score_baseline(name: str, features: NDArray[np.float32], constants: tuple[float, ...]) -> NDArray[np.float64]:
    """Scores of one heuristic; `constants` as `choose_baselines` gives them."""
    if name == "edgebank_inf":
        return (_feature(features, "pair_payments") > 0).astype(np.float64)
    if name == "edgebank_tw":
        gap = features[..., PLACE["pair_gap"]]
        return (gap <= constants[0] * DAY).astype(np.float64)  # NaN, never paid, compares false
    if name == "pop_track":
        return _feature(features, f"receiver_decay_{constants[0]:.0f}d")
    share, popular = constants
    recency = np.where(
        _feature(features, "pair_payments") > 0, 1.0 / (1.0 + _feature(features, "pair_places_ago")), 0.0
    )
    return (
        recency + share * _feature(features, "pair_share") + popular * np.log1p(_feature(features, "receiver_decay_7d"))
    )


def _feature(features: NDArray[np.float32], name: str) -> NDArray[np.float64]:
    """One feature, 0 where it is unknown."""
    return np.nan_to_num(features[..., PLACE[name]].astype(np.float64))


def _dataset(described: DescribedQuestions, like: lgb.Dataset | None) -> lgb.Dataset:
    candidates = described.questions.candidates
    present = candidates >= 0
    right = np.zeros(candidates.shape, np.int32)
    right[:, 0] = 1
    return lgb.Dataset(
        described.features[present],
        right[present],
        feature_name=list(FEATURES),
        reference=like,
    )
