"""The wallet model that ships: members that each read words and features in their own way, and how their mean is to be read.

    wallet_model.json      features read, families of words heard
    learnt_from.npy        addresses learnt from, accounts × 20 bytes, ascending
    certainty.json         probability, interval, answers, threshold, evidence floor (models/certainty/verdicts.py)
    member_0/ …            trees in LightGBM's own text, words.json

Scores are the mean log-odds of the members, so a wallet's contributions are the means of the members' contributions. An account
that was learnt from is answered by the one member that has not seen it: only such scores are what certainty was fitted to, and
its own label is no evidence twice.
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

from models.certainty.verdicts import Certainty, Verdicts
from models.predictor import Matrix, Scores
from models.splits import folds_by_hash
from models.wallets.trees import WalletTrees
from models.wallets.words import NAMES, Hearing, Words, WordScores, no_words

_FILE, _LEARNT = "wallet_model.json", "learnt_from.npy"
MOVES = ("move_count", "token_count")
"""What counts as evidence: native moves and token transfers of the wallet."""
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shares:
    """Where the log-odds of some wallets come from: `base` and each row's shares add up to them."""

    names: tuple[str, ...]
    """Features, then families of words."""
    values: Matrix
    """Wallets × names; of words the mean log-odds over the members that know one, NaN where none does."""
    shares: Floats
    """Wallets × names, signed."""
    base: Floats
    """Of each wallet: one that was learnt from starts where the member that answers it starts."""

    @property
    def log_odds(self) -> Floats:
        """What they add up to."""
        return np.asarray(self.base + self.shares.sum(axis=1), dtype=np.float64)


@dataclass(frozen=True)
class WalletModel:
    """Members and certainty. Rows are wallets × `names`; NaN and infinities are undefined."""

    names: tuple[str, ...]
    families: int
    """How many families of words are heard, the first ones of `FAMILIES`."""
    spoken: tuple[WordScores, ...]
    """Empty where no words are heard."""
    members: tuple[WalletTrees, ...]
    certainty: Certainty
    learnt: frozenset[bytes]
    """Addresses learnt from, whose fold is a hash of the address (models/splits.py)."""

    def only(self, addresses: Sequence[bytes]) -> Places:
        """Of each address that was learnt from the one member that has not seen it, and may answer; -1 where all may."""
        found = np.full(len(addresses), -1, dtype=np.int64)
        known = [place for place, address in enumerate(addresses) if address in self.learnt]
        found[known] = folds_by_hash([addresses[place] for place in known], len(self.members))
        return found

    def odds(self, rows: Matrix, words: Words, only: Places | None = None) -> Scores:
        """Mean log-odds of the members that may answer, all without `only`; uncalibrated, NaN for a row without any feature."""
        return self.odds_of(rows, self.heard(words), only)

    def odds_of(self, rows: Matrix, heard: tuple[Matrix, ...], only: Places | None = None) -> Scores:
        """The same where what words tell each member is at hand."""
        told = [
            np.mean([forest.odds(rows, columns) for forest in trees.forests], axis=0)
            for trees, columns in zip(self.members, heard, strict=True)
        ]
        return np.where(np.isfinite(rows).any(axis=1), _answered(np.stack(told), only), np.nan)

    def judge(self, rows: Matrix, words: Words, moves: Floats, only: Places | None = None) -> Verdicts:
        """What may be said of wallets with so many moves each."""
        return self.certainty.judge(self.odds(rows, words, only), moves)

    def shares(self, rows: Matrix, words: Words, only: Places | None = None) -> Shares:
        """Signed contributions to the log-odds of each wallet (TreeSHAP)."""
        return self.shares_of(rows, self.heard(words), only)

    def shares_of(self, rows: Matrix, heard: tuple[Matrix, ...], only: Places | None = None) -> Shares:
        """The same where what words tell each member is at hand."""
        clean = np.where(np.isfinite(rows), rows, np.float32(np.nan)).astype(np.float32, copy=False)
        parts = [
            trees.contributions(np.hstack([clean, columns])) for trees, columns in zip(self.members, heard, strict=True)
        ]
        told = _answered(np.stack(parts), only)
        said = _answered(np.stack(heard).astype(np.float64), only)
        values = np.hstack([clean, said.astype(np.float32)])
        return Shares((*self.names, *NAMES[: self.families]), values, told[:, :-1], told[:, -1])

    def base(self, only: Places) -> Floats:
        """Log-odds that each wallet starts from, in the order of `only`."""
        return np.append(self._bases, np.mean(self._bases))[only]

    @cached_property
    def _bases(self) -> Floats:
        """Of each member."""
        nothing = np.full((len(self.members), len(self.names)), np.nan, np.float32)
        return self.shares(nothing, no_words(len(nothing)), np.arange(len(nothing))).base

    def importance(self, count: int = 15) -> list[tuple[str, float]]:
        """The features that gained most over all members, with their share of all gain."""
        gains = np.sum([trees.gains() for trees in self.members], axis=0)
        names = (*self.names, *NAMES[: self.families])
        return [(names[place], float(gains[place] / max(gains.sum(), 1e-12))) for place in np.argsort(-gains)[:count]]

    def save(self, folder: Path) -> None:
        """Write plain files, no pickle."""
        folder.mkdir(parents=True, exist_ok=True)
        about = {"names": list(self.names), "families": self.families, "members": len(self.members)}
        (folder / _FILE).write_text(json.dumps(about, indent=1), encoding="utf-8")
        self.certainty.save(folder)
        learnt = np.frombuffer(b"".join(sorted(self.learnt)), np.uint8).reshape(-1, 20)
        np.save(folder / _LEARNT, learnt, allow_pickle=False)
        for number, trees in enumerate(self.members):
            trees.save(folder / f"member_{number}")
            if self.families:
                self.spoken[number].save(folder / f"member_{number}")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote; whether the files are the trained ones is the registry's to check."""
        about = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        members = [folder / f"member_{number}" for number in range(about["members"])]
        return cls(
            names=tuple(about["names"]),
            families=about["families"],
            spoken=tuple(WordScores.load(member) for member in members) if about["families"] else (),
            members=tuple(WalletTrees.load(member) for member in members),
            certainty=Certainty.load(folder),
            learnt=frozenset(row.tobytes() for row in np.load(folder / _LEARNT, allow_pickle=False)),
        )

    @cached_property
    def _hearing(self) -> Hearing:
        return Hearing(self.spoken)

    def heard(self, words: Words) -> tuple[Matrix, ...]:
        """What words tell each member, wallets × families each."""
        if not self.families:
            return (np.zeros((words.wallets, 0), np.float32),) * len(self.members)
        return tuple(columns[:, : self.families] for columns in self._hearing.predict(words))

    def inputs_apart(self, inputs: Matrix) -> tuple[Matrix, tuple[Matrix, ...]]:
        """Features, and what words tell each member, of wallets × everything that is read (column model_inputs)."""
        return inputs[:, : len(self.names)], self.heard_apart(inputs[:, len(self.names) :])

    def heard_apart(self, heard: Matrix) -> tuple[Matrix, ...]:
        """What words tell each member, where it stands side by side."""
        return tuple(np.split(heard, len(self.members), axis=1))


def _answered(told: Floats, only: Places | None) -> Floats:
    """Members × wallets × …: what the one that may answer says, or the mean of those that say something (NaN where none does)."""
    known = ~np.isnan(told)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.asarray(np.where(known, told, 0.0).sum(axis=0) / known.sum(axis=0), dtype=np.float64)
    if only is not None:
        alone = np.flatnonzero(only >= 0)
        found[alone] = told[only[alone], alone]
    return found


def moves_of(rows: Matrix, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Native moves and token transfers of each wallet; without either column every wallet counts as silent."""
    places = [names.index(name) for name in MOVES if name in names]
    return np.asarray(np.nan_to_num(rows[:, places]).sum(axis=1), dtype=np.float64)
