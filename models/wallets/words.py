"""What a wallet says with its transactions, read as words: tokens it moves, methods it calls, amounts it names, whom it meets.

Scams share contracts, call data and round sums; no count of anything shows that. For each family of words a logistic
regression over tf-idf weights (Salton and Buckley 1988) says how illicit a wallet's words are; the trees read its log-odds as
one feature a family. Whoever the regressions learnt from is scored by one that has not seen the wallet (stacked
generalisation, Wolpert 1992). Words know the years in which they were said: `models/wallets/audit.py` measures how much.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from chainsight.errors import UnknownName
from models.features.matrix import WHOLE_LIFE
from models.predictor import Labels
from models.splits import Mask, folds_by_hash
from models.wallets.vocabularies import Spoken, WordTable, spoken_of
from sql.files import load
from sql.store import Store

FAMILIES = ("token", "method", "call", "amount", "counterparty")
NAMES = tuple(f"{family}_words_odds" for family in FAMILIES)
OWN = 4
"""The first so many are a wallet's own behaviour; whom it meets is what its neighbourhood says."""
FOLDS = 5
FEWEST_SPEAKERS = 5
"""A word that fewer of the accounts to learn from say is not learnt."""
_STRENGTH = 3.0
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Words:
    """Who says what: one entry a wallet and word, of wallets given by their place in a list."""

    wallets: int
    speaker: npt.NDArray[np.int64]
    family: npt.NDArray[np.int64]
    """Place in `FAMILIES`."""
    word: npt.NDArray[np.object_]

    def take(self, kept: Mask) -> Words:
        """Of some of the wallets, in their order."""
        place = np.where(kept, np.cumsum(kept) - 1, -1)[self.speaker]
        inside = place >= 0
        return Words(int(kept.sum()), place[inside], self.family[inside], self.word[inside])

    def and_then(self, other: Words) -> Words:
        """These wallets, and after them others."""
        return Words(
            self.wallets + other.wallets,
            np.concatenate([self.speaker, other.speaker + self.wallets]),
            np.concatenate([self.family, other.family]),
            np.concatenate([self.word, other.word]),
        )

    @cached_property
    def by_family(self) -> tuple[Spoken, ...]:
        """Who says which word, family by family; texts are compared here once and never again."""
        return tuple(
            spoken_of(self.speaker[inside], self.word[inside])
            for inside in (self.family == family for family in range(len(FAMILIES)))
        )


def read_words(
    store: Store, addresses: Sequence[bytes], *, chain_id: int, to_block: int, life_seconds: int = WHOLE_LIFE
) -> Words:
    """The words of these addresses up to a block."""
    found = words_table(store, addresses, chain_id=chain_id, to_block=to_block, life_seconds=life_seconds)
    return words_of(found, [address.hex() for address in addresses])


def words_table(
    store: Store, addresses: Sequence[bytes], *, chain_id: int, to_block: int, life_seconds: int = WHOLE_LIFE
) -> pa.Table:
    """The same as rows of address (hex), family, word."""
    return store.query(
        load("words/spoken"),
        chain_id=chain_id,
        to_block=to_block,
        addresses=list(addresses),
        life_seconds=life_seconds,
    )


def words_of(table: pa.Table, addresses: Sequence[str]) -> Words:
    """From rows of address (hex), family, word; addresses that are not listed are left out.

    Raises `UnknownName` for a family that is none.
    """
    for name in table.column("family").unique().to_pylist():
        if name not in FAMILIES:
            raise UnknownName("family of words", name, FAMILIES)
    listed = {address: place for place, address in enumerate(addresses)}
    speaker = np.array([listed.get(address, -1) for address in table.column("address").to_pylist()], dtype=np.int64)
    family = np.array([FAMILIES.index(name) for name in table.column("family").to_pylist()], dtype=np.int64)
    word = np.array(table.column("word").to_pylist(), dtype=object)
    known = speaker >= 0
    return Words(len(addresses), speaker[known], family[known], word[known])


def no_words(wallets: int) -> Words:
    """So many wallets that say nothing, or nothing that was read."""
    return Words(wallets, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, dtype=object))


@dataclass(frozen=True)
class Vocabulary:
    """One regression of one family: a weight a word, tf-idf included, and the odds of saying nothing known."""

    weights: dict[str, tuple[float, float]]
    """Rarity, and weight times rarity, of each word."""
    start: float


class WordScores:
    """Regressions of every family and fold."""

    def __init__(self) -> None:
        self._folds: list[list[Vocabulary]] = []

    def fit(self, words: Words, labels: Labels, addresses: Sequence[bytes], learnt: Mask) -> Floats:
        """Learn from the wallets marked in `learnt`; returns wallets × families, each scored as `predict` says it."""
        folds = folds_by_hash(addresses, FOLDS)
        self._folds = [
            [_fitted(words, family, labels, learnt & (folds != fold)) for family in range(len(FAMILIES))]
            for fold in range(FOLDS)
        ]
        each = Hearing((self,)).each(words)
        own = each[:, np.arange(words.wallets), folds].T
        return np.where(learnt[:, None], own, _mean(each).T).astype(np.float32)

    def predict(self, words: Words) -> Floats:
        """Wallets × families: mean log-odds over the folds, NaN where a family is silent; for wallets nobody learnt from."""
        return Hearing((self,)).predict(words)[0]

    def save(self, folder: Path) -> None:
        """Write words.json."""
        about = [[{"start": one.start, "weights": one.weights} for one in fold] for fold in self._folds]
        (folder / "words.json").write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote."""
        loaded = cls()
        loaded._folds = [
            [
                Vocabulary({word: (pair[0], pair[1]) for word, pair in one["weights"].items()}, one["start"])
                for one in fold
            ]
            for fold in json.loads((folder / "words.json").read_text(encoding="utf-8"))
        ]
        return loaded


class Hearing:
    """What several `WordScores` say, asked at once."""

    def __init__(self, spoken: Sequence[WordScores]) -> None:
        self._folds = [len(one._folds) for one in spoken]
        each = [fold for one in spoken for fold in one._folds]
        self._tables = [
            WordTable([fold[family].weights for fold in each], [fold[family].start for fold in each])
            for family in range(len(FAMILIES))
        ]

    def predict(self, words: Words) -> tuple[Floats, ...]:
        """Of each of them, wallets × families: mean log-odds over its folds, NaN where a family is silent."""
        parts = np.split(self.each(words), np.cumsum(self._folds)[:-1], axis=2)
        return tuple(_mean(part).T.astype(np.float32) for part in parts)

    def each(self, words: Words) -> npt.NDArray[np.float64]:
        """Log-odds, families × wallets × regressions: all folds of the first one, then those of the next."""
        return np.stack(
            [table.odds(words.wallets, spoken) for table, spoken in zip(self._tables, words.by_family, strict=True)]
        )


def _fitted(words: Words, family: int, labels: Labels, learnt: Mask) -> Vocabulary:
    spoken = words.by_family[family]
    heard = learnt[spoken.speaker]
    said, codes, speaker = spoken.said, spoken.code[heard], spoken.speaker[heard]
    speakers = np.bincount(codes, minlength=len(said))
    kept = np.flatnonzero(speakers >= FEWEST_SPEAKERS)
    rows = np.flatnonzero(learnt)
    if not len(kept) or len(np.unique(labels[rows])) < 2:
        return Vocabulary({}, 0.0)
    place, number = np.full(words.wallets, -1), np.full(len(said), -1)
    place[rows], number[kept] = np.arange(len(rows)), np.arange(len(kept))
    inside = number[codes] >= 0
    at = (place[speaker[inside]], number[codes[inside]])
    table = sparse.csr_matrix((np.ones(inside.sum()), at), (len(rows), len(kept)))
    weigh = TfidfTransformer()
    scaled = weigh.fit_transform(table)
    speaks = np.diff(table.indptr) > 0
    if len(np.unique(labels[rows][speaks])) < 2:
        return Vocabulary({}, 0.0)
    line = LogisticRegression(C=_STRENGTH, solver="liblinear", random_state=0).fit(scaled[speaks], labels[rows][speaks])
    pairs = zip(said[kept].tolist(), weigh.idf_.tolist(), (line.coef_[0] * weigh.idf_).tolist(), strict=True)
    return Vocabulary({text: (rare, weight) for text, rare, weight in pairs}, float(line.intercept_[0]))


def _mean(each: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Over the regressions; NaN where all are silent."""
    known = np.isfinite(each)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, each, 0.0).sum(axis=-1) / known.sum(axis=-1)
