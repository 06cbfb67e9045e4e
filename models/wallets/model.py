"""The wallet model that ships: members that each read words and features in their own way, and how their mean is to be read.

    wallet_model.json      features read, families of words heard
    certainty.json         probability, interval, answers, threshold, evidence floor (models/certainty/verdicts.py)
    member_0/ …            trees in LightGBM's own text, words.json

Scores are the mean log-odds of the members, so a wallet's contributions are the means of the members' contributions.
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
from models.wallets.trees import WalletTrees
from models.wallets.words import NAMES, Hearing, Words, WordScores, no_words

_FILE = "wallet_model.json"
MOVES = ("move_count", "token_count")
"""What counts as evidence: native moves and token transfers of the wallet."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shares:
    """Where the log-odds of some wallets come from: `base` and each row's shares add up to them."""

    names: tuple[str, ...]
    """Features, then families of words."""
    values: Matrix
    """Wallets × names; of words the mean log-odds over the members."""
    shares: Floats
    """Wallets × names, signed."""
    base: float

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

    def odds(self, rows: Matrix, words: Words) -> Scores:
        """Mean log-odds of the members, uncalibrated; NaN for a row without any feature."""
        return self.odds_of(rows, self.heard(words))

    def odds_of(self, rows: Matrix, heard: tuple[Matrix, ...]) -> Scores:
        """The same where what words tell each member is at hand."""
        found = np.mean(
            [
                np.mean([forest.odds(rows, columns) for forest in trees.forests], axis=0)
                for trees, columns in zip(self.members, heard, strict=True)
            ],
            axis=0,
        )
        return np.where(np.isfinite(rows).any(axis=1), found, np.nan)

    def judge(self, rows: Matrix, words: Words, moves: Floats) -> Verdicts:
        """What may be said of wallets with so many moves each."""
        return self.certainty.judge(self.odds(rows, words), moves)

    def shares(self, rows: Matrix, words: Words) -> Shares:
        """Signed contributions to the log-odds of each wallet (TreeSHAP)."""
        return self.shares_of(rows, self.heard(words))

    def shares_of(self, rows: Matrix, heard: tuple[Matrix, ...]) -> Shares:
        """The same where what words tell each member is at hand."""
        parts = [(read, trees.contributions(read)) for trees, read in self._read(rows, heard)]
        told = np.mean([shares for _, shares in parts], axis=0)
        values = np.asarray(np.mean([read for read, _ in parts], axis=0), np.float32)
        # Infinities are gone in what the members read, so the mean of their rows is the row.
        return Shares(
            (*self.names, *NAMES[: self.families]), values, told[:, :-1], float(told[0, -1]) if len(told) else 0.0
        )

    @cached_property
    def base(self) -> float:
        """Log-odds that every wallet starts from."""
        return self.shares(np.full((1, len(self.names)), np.nan, np.float32), no_words(1)).base

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
        parts = np.split(inputs[:, len(self.names) :], len(self.members), axis=1)
        return inputs[:, : len(self.names)], tuple(parts)

    def _read(self, rows: Matrix, heard: tuple[Matrix, ...]) -> Sequence[tuple[WalletTrees, Matrix]]:
        """Each member beside what it reads."""
        clean = np.where(np.isfinite(rows), rows, np.float32(np.nan)).astype(np.float32, copy=False)
        return [(trees, np.hstack([clean, columns])) for trees, columns in zip(self.members, heard, strict=True)]


def moves_of(rows: Matrix, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Native moves and token transfers of each wallet; without either column every wallet counts as silent."""
    places = [names.index(name) for name in MOVES if name in names]
    return np.asarray(np.nan_to_num(rows[:, places]).sum(axis=1), dtype=np.float64)
