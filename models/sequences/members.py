"""The voices that a verdict over a history may be made of, each fitted on some rows and heard on others.

All give log-odds. What they read was made without labels: descriptors, the pretrained encoder's summaries (hence no need to
cross-fit them), and words: the rounded steps of a history, counted as text is (tf-idf, Spärck Jones 1972).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from scipy import sparse
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from models.sequences.descriptors import matrix
from models.sequences.encoder import SequenceEncoder, Tokens, embed, tokenize
from models.sequences.history import Floats, Histories, Ints
from models.sequences.variation import varied

TREES, ENCODED_TREES, VARIED_TREES = "trees", "encoded_trees", "varied_trees"
EXTRA_TREES, WORDS, TUNED = "extra_trees", "words", "tuned_encoder"
_VARIANT_WEIGHT = 0.3
"""Of a variant beside the history it was made from."""
_ROUNDS = 200
_ABSENT = -3.0


@dataclass(frozen=True)
class Material:
    """Everything that is read of some histories; row i is history i."""

    histories: Histories
    labels: Ints
    kinds: Ints
    """Which set each history is of; sets are judged apart."""
    groups: Ints
    """Histories of one group are never parted by a fold."""
    descriptors: np.ndarray
    names: tuple[str, ...]
    """Of the descriptors."""
    summaries: np.ndarray
    """Of the pretrained encoder; no columns without one."""
    variants: tuple[np.ndarray, ...]
    """Descriptors and summaries of models/sequences/variation.py's variants."""
    words: list[list[str]]
    tokens: Tokens | None
    encoder: SequenceEncoder | None


def gather(histories: Histories, labels: Ints, kinds: Ints, groups: Ints, encoder: SequenceEncoder | None) -> Material:
    """Read histories in every way that a member wants."""
    tokens = None if encoder is None else tokenize(histories, encoder.shape)
    summaries = np.zeros((len(histories), 0), np.float32)
    if encoder is not None and tokens is not None:
        summaries = embed(encoder, tokens)
    variants = tuple(_columns(variant, encoder) for variant in varied(histories, 0))
    said = words_of(histories)
    return Material(histories, labels, kinds, groups, *matrix(histories), summaries, variants, said, tokens, encoder)


def _columns(histories: Histories, encoder: SequenceEncoder | None) -> np.ndarray:
    described = matrix(histories)[0]
    if encoder is None:
        return described
    return np.concatenate([described, embed(encoder, tokenize(histories, encoder.shape))], axis=1)


def words_of(histories: Histories) -> list[list[str]]:
    """Each history as words: amounts of four digits, sizes, sizes with gaps, pairs of steps; by direction."""
    size, gap = np.log10(1 + 1e6 * histories.amounts), np.log10(1 + histories.gaps)
    ways = ["o" if way else "i" for way in histories.directions.tolist()]
    texts: list[list[str]] = []
    for number in range(len(histories)):
        first, last = int(histories.offsets[number]), int(histories.offsets[number + 1])
        said: list[str] = []
        for row in range(first, last):
            way, coarse = ways[row], round(float(size[row]))
            said.append(f"a{way}{histories.amounts[row]:.4g}")
            said.append(f"s{way}{size[row]:.1f}")
            said.append(f"c{way}{coarse}g{round(2 * float(gap[row]))}")
            if row > first:
                said.append(f"b{ways[row - 1]}{round(float(size[row - 1]))}{way}{coarse}")
        texts.append(said)
    return texts


Member = Callable[[Material, Ints, Ints, int], Floats]
"""Material, rows to learn from, rows to judge, seed: log-odds of the latter."""


def boosted(columns: np.ndarray, labels: Ints, fit: Ints, judged: Ints, seed: int) -> Floats:
    """LightGBM (Ke et al. 2017) learned from some rows: log-odds of others."""
    return grow(columns[fit], labels[fit], np.ones(len(fit)), columns[judged], seed)


def grow(rows: np.ndarray, labels: Ints, weights: Floats, judged: np.ndarray, seed: int) -> Floats:
    """The same from rows with weights; for some hundred to thousands of them: small leaves, few columns a tree."""
    parameters: dict[str, object] = {
        "objective": "binary",
        "learning_rate": 0.05,
        "num_leaves": 12,
        "min_data_in_leaf": min(8, max(2, len(rows) // 40)),
        "feature_fraction": 0.2 if rows.shape[1] > 50 else 0.8,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "max_bin": 63,
        "seed": seed,
        "verbosity": -1,
    }
    booster = lgb.train(parameters, lgb.Dataset(rows, labels, weight=weights), num_boost_round=_ROUNDS)
    return np.asarray(booster.predict(judged, raw_score=True, num_threads=1), dtype=np.float64)


def _trees(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    return boosted(material.descriptors, material.labels, fit, judged, seed)


def _encoded_trees(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    columns = np.concatenate([material.descriptors, material.summaries], axis=1)
    return boosted(columns, material.labels, fit, judged, seed)


def _varied_trees(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    columns = np.concatenate([material.descriptors, material.summaries], axis=1)
    rows = np.concatenate([columns[fit], *(variant[fit] for variant in material.variants)])
    labels = np.tile(material.labels[fit], 1 + len(material.variants))
    weights = np.full(len(rows), _VARIANT_WEIGHT)
    weights[: len(fit)] = 1.0
    return grow(rows, labels, weights, columns[judged], seed)


def _extra_trees(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    columns = np.concatenate([material.descriptors, material.summaries], axis=1)
    columns = np.nan_to_num(np.where(np.isnan(columns), _ABSENT, columns), posinf=9.0, neginf=-9.0)
    forest = ExtraTreesClassifier(100, min_samples_leaf=2, max_features=40, random_state=seed, n_jobs=1)
    chance = forest.fit(columns[fit], material.labels[fit]).predict_proba(columns[judged])[:, 1]
    chance = np.clip(chance, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(chance / (1 - chance)), dtype=np.float64)


def _words(material: Material, fit: Ints, judged: Ints, seed: int) -> Floats:
    count = TfidfVectorizer(analyzer=_as_it_is, min_df=2, sublinear_tf=True)
    try:
        learned: sparse.csr_matrix = count.fit_transform([material.words[row] for row in fit])
    except ValueError:  # no word is said twice
        return np.zeros(len(judged))
    model = LogisticRegression(C=5.0, max_iter=300, random_state=seed).fit(learned, material.labels[fit])
    heard = count.transform([material.words[row] for row in judged])
    return np.asarray(model.decision_function(heard), dtype=np.float64)


def _as_it_is(words: list[str]) -> list[str]:
    return words


MEMBERS: dict[str, Member] = {
    TREES: _trees,
    ENCODED_TREES: _encoded_trees,
    VARIED_TREES: _varied_trees,
    EXTRA_TREES: _extra_trees,
    WORDS: _words,
}
"""Those that learn from one set at a time; the tuned encoder learns from all sets at once."""
