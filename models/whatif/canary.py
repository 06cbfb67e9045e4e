"""The future canary: what happens after a block must not change what is said as of that block, not by a bit.

A sample of wallets with all they did is copied into a session of its own (sql/shadows.py) and described there by the build
itself as of a block that cuts the lives of all of them in two, so that each has something to say and a future to leak: once
with nothing after that block, once with a future that never was. Features, words and log-odds must be the same. Where they
are not, something reads past the block, and every figure that was measured with a cut in time is worth nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chainsight.errors import DataCheckError
from models.features.build import EVERY_GROUP, build_features
from models.features.matrix import ALL_GROUPS, FURTHER_GROUPS, FeatureMatrix, read_features
from models.predictor import Matrix, Scores
from models.wallets.words import Words, read_words
from sql.files import load
from sql.shadows import shadowed
from sql.store import Parameter, Store

WALLETS = 20
_CANDIDATES = 20
"""So many are looked at for each that is watched: where lives hardly overlap, few are cut in two by one block."""
_FEWEST_BEFORE = 3
"""Movements of a watched wallet before the cut, so that scores are not all missing."""
_FEWEST_MOVES, _MOST_MOVES = 4, 300
_FACTS = ("transactions", "transfers", "logs", "addresses")
_KNOWN = ("canary/known_transactions", "canary/known_transfers")
_LATER = ("canary/later_transactions", "canary/later_transfers", "canary/later_logs")
_END = 2**62
_LATEST = 4_000_000_000
Score = Callable[[Matrix, tuple[str, ...], Words], Scores]
"""Log-odds of rows with these columns, and words."""


class FutureKnown(DataCheckError):
    """Something reads past the block it is as of: figures with a cut in time mean nothing, and a model may not be used."""


@dataclass(frozen=True)
class FutureCanary:
    """What a future that never was has changed."""

    wallets: int
    """How many were watched, each with movements on both sides of the cut; 0 where no wallet of the chain has enough."""
    to_block: int
    changed_features: tuple[str, ...]
    changed_words: int
    """Wallets that said something else."""
    changed_scores: int

    @property
    def leaks(self) -> bool:
        """Whether something reads past the block."""
        return bool(self.changed_features or self.changed_words or self.changed_scores)

    def __str__(self) -> str:
        if not self.wallets:
            return "no wallet has a life long enough to watch for leaks of the future"
        changed = (*self.changed_features, *(["words"] if self.changed_words else []))
        what = "changed " + (", ".join(changed[:5]) or "scores") if self.leaks else "changed nothing"
        return f"a future that never was {what} of {self.wallets} wallets cut at block {self.to_block:,}"

    def require_silence(self) -> None:
        """Raise `FutureKnown` where it leaks."""
        if self.leaks:
            raise FutureKnown(
                f"What a model reads knows what happens after the block it is as of: {self}.",
                next_step="No model was registered; the one before stays active. Bound the statements by to_block.",
            )


@dataclass(frozen=True)
class _Told:
    matrix: FeatureMatrix
    words: list[frozenset[tuple[int, str]]]
    scores: npt.NDArray[np.float64]


def future_canary(
    store: Store, *, chain_id: int, score: Score | None = None, wallets: int = WALLETS, seed: int = 0
) -> FutureCanary:
    """Watch some wallets of a chain that has features; `score` is the model to ask beside, with the columns of `ALL_GROUPS`."""
    asked: dict[str, Parameter] = {"chain_id": chain_id, "fewest": _FEWEST_MOVES, "most": _MOST_MOVES}
    drawn = store.query(load("canary/sample"), wallets=wallets * _CANDIDATES, seed=seed, **asked)
    cut, sample = _cut_in_two(store, drawn.column("address").to_pylist(), chain_id, wallets)
    if not sample:
        return FutureCanary(0, 0, (), 0, 0)
    told = []
    for later in ((), _LATER):
        with _world(store, sample, chain_id, cut, later) as session:
            told.append(_tell(session, sample, chain_id, cut, score))
    return _compare(told[0], told[1], len(sample), cut)


def _cut_in_two(store: Store, drawn: list[bytes], chain_id: int, wallets: int) -> tuple[int, list[bytes]]:
    """The middle of the blocks that cut most of these lives in two, and so many of those lives in drawn order."""
    if not drawn:
        return 0, []
    found = store.query(load("canary/lives"), chain_id=chain_id, addresses=drawn, fewest=_FEWEST_BEFORE)
    known_from, last = (found.column(name).to_numpy() for name in ("known_from", "last_block"))
    cuts = np.unique(known_from)
    lives = [int(((known_from <= cut) & (cut < last)).sum()) for cut in cuts]
    if not any(lives):
        return 0, []
    first = int(cuts[int(np.argmax(lives))])
    cut = (first + int(last[(known_from <= first) & (first < last)].min()) - 1) // 2
    inside = set(found.filter(pa.array((known_from <= cut) & (cut < last))).column("address").to_pylist())
    return cut, [address for address in drawn if address in inside][:wallets]


@contextmanager
def _world(store: Store, sample: list[bytes], chain_id: int, cut: int, later: tuple[str, ...]) -> Iterator[Store]:
    """Some wallets with what they did up to a block, and a future."""
    known: dict[str, Parameter] = {
        "database": store.query("SELECT currentDatabase() AS name").column("name")[0].as_py(),
        "chain_id": chain_id, "to_block": cut, "addresses": sample, "version": 1,
    }  # fmt: skip
    with shadowed(store, (*_FACTS, *EVERY_GROUP, "feature_marks")) as session:
        for name in _KNOWN:
            _run(session, name, known)
        last = session.query("SELECT toUInt32(max(block_timestamp)) AS at FROM transfers").column("at")[0].as_py()
        for name in later:
            _run(session, name, known | {"moment": min(int(last) + 1, _LATEST)})
        _run(session, "transforms/addresses", known | {"to_block": _END})
        yield session


def _run(session: Store, name: str, known: dict[str, Parameter]) -> None:
    statement = load(name)
    session.command(statement, **{name: known[name] for name in statement.parameters})


def _tell(session: Store, sample: list[bytes], chain_id: int, cut: int, score: Score | None) -> _Told:
    build_features(session, chain_id=chain_id, to_block=cut)
    matrix = read_features(session, chain_id=chain_id, groups=(*ALL_GROUPS, *FURTHER_GROUPS))
    words = read_words(session, sample, chain_id=chain_id, to_block=cut)
    scores = np.zeros(len(sample)) if score is None else score(matrix.values_of(sample), matrix.names, words)
    said: list[set[tuple[int, str]]] = [set() for _ in sample]
    for speaker, family, word in zip(words.speaker, words.family, words.word, strict=True):
        said[speaker].add((int(family), str(word)))
    return _Told(matrix, [frozenset(one) for one in said], np.asarray(scores, np.float64))


def _compare(before: _Told, after: _Told, wallets: int, cut: int) -> FutureCanary:
    """Of everybody who was there as of the block: whoever appears with the future only has rows that nobody should have."""
    one, other = before.matrix, after.matrix
    changed = set(one.names) if len(one.addresses) != len(other.addresses) else set[str]()
    if not changed:
        # As bits, so that NaN equals itself and nothing else.
        same = (one.values.view(np.uint32) == other.values.view(np.uint32)).all(axis=0)
        changed = {name for name, equal in zip(one.names, same, strict=True) if not equal}
    return FutureCanary(
        wallets=wallets,
        to_block=cut,
        changed_features=tuple(name for name in one.names if name in changed),
        changed_words=sum(a != b for a, b in zip(before.words, after.words, strict=True)),
        changed_scores=int((before.scores.view(np.uint64) != after.scores.view(np.uint64)).sum()),
    )
