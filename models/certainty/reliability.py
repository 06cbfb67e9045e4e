"""Whether a probability means what it says, and for whom: by era, by the size of the wallet, or by any other group."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.evaluate import calibration_error

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
FEWEST = 30
"""Smaller groups say nothing about calibration."""
MOVES = (2, 5, 20, 100)
"""Sizes of wallets are told apart at these numbers of moves."""
_OFF = 0.05
"""A mean probability this far from the truth misleads."""


@dataclass(frozen=True)
class Reliability:
    """How a group of accounts was judged and how it was."""

    group: str
    accounts: int
    said: float
    """Mean probability."""
    was: float
    """Share of illicit accounts."""
    error: float
    """Expected calibration error, 0 to 1."""


def reliability(labels: Labels, probabilities: Floats, groups: Sequence[str]) -> list[Reliability]:
    """One row a group with at least `FEWEST` accounts, in the order of their names."""
    names = np.asarray(groups)
    found = []
    for name in sorted(set(groups)):
        inside = (names == name) & np.isfinite(probabilities)
        if inside.sum() >= FEWEST:
            said, was = probabilities[inside], labels[inside]
            found.append(
                Reliability(
                    str(name), int(inside.sum()), float(said.mean()), float(was.mean()), calibration_error(was, said)
                )
            )
    return found


def sizes(moves: Floats) -> list[str]:
    """The size group of each wallet, such as `5-19 moves`; an unknown number (NaN) counts as none."""
    edges = (0, *MOVES)
    names = [f"{low}-{high - 1} moves" for low, high in zip(edges, MOVES, strict=False)] + [f"{MOVES[-1]}+ moves"]
    return [names[place] for place in np.searchsorted(MOVES, np.nan_to_num(moves), side="right")]


def eras(first_seen: npt.NDArray[np.int64]) -> list[str]:
    """The year in which each account was first seen (UTC)."""
    return [str(year) for year in (first_seen.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970)]


def evidence_floor(labels: Labels, probabilities: Floats, moves: Floats) -> int:
    """Moves below which a probability is not to be trusted: the groups of `sizes` from the smallest on are asked in turn.

    Never below two, since one move shows no habit. A group raises the floor over itself where its mean probability lies further
    from the share of illicit accounts in it than `_OFF` and three standard errors; one too small to say so raises nothing.
    """
    floor = MOVES[0]
    groups = np.asarray(sizes(moves))
    for low, high in itertools.pairwise(MOVES):
        inside = (groups == f"{low}-{high - 1} moves") & np.isfinite(probabilities)
        if inside.sum() < FEWEST:
            continue
        said, was = float(probabilities[inside].mean()), float(labels[inside].mean())
        chance = 3 * (max(said * (1 - said), 1e-9) / inside.sum()) ** 0.5
        if abs(said - was) <= _OFF + chance:
            break
        floor = high
    return floor
