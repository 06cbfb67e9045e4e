"""The published sets of transaction sequences (SET_*.tsv): sentences read, put in order of time, and grouped by likeness.

A line holds index, label and a sentence: for each transaction `amount: A in_out: 0|1 2-gram: G …`, where the k-gram is the
seconds since the transaction k - 1 before, 0 where there is none. `index` is dropped: it tells the label. The sentences of
MulDi come in no order at all, but the gaps say which transaction followed which: each is an edge from the gaps before it to
the gaps after it, so an Eulerian path (Hierholzer 1873) through them is the history.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from chainsight.errors import DataCheckError
from models.sequences.history import Floats, Histories, Ints

SETS = ("MulDi", "b4e", "spn")
_HEADER = "index\tlabel\tsentence"
_NUMBER = r"(\S+?)\.?"
_MOVE = re.compile(rf"amount: (\S+) in_out: (\S+) {' '.join(f'{k}-gram: {_NUMBER}' for k in range(2, 6))}(?:\s+|$)")
_START = (0, 0, 0)
_MEND = "Get the file again; nothing of it was used."


@dataclass(frozen=True)
class SequenceSet:
    """One published set."""

    name: str
    histories: Histories
    labels: Ints
    """1 phishing."""
    reordered: int
    """Sentences whose transactions were not in order of time."""
    unordered: int
    """Sentences whose gaps do not fit together; they are as written."""


def read_sets(folder: Path) -> dict[str, SequenceSet]:
    """Every SET_*.tsv of a folder by name; several files of a set are joined. Raises `DataCheckError`."""
    found: dict[str, SequenceSet] = {}
    for name in SETS:
        paths = sorted(folder.glob(f"{name}_*.tsv"))
        if paths:
            found[name] = _read(name, paths)
    if not found:
        raise DataCheckError(f"{folder} has none of the sets {', '.join(SETS)}.", next_step="It needs files SET_*.tsv.")
    return found


def likeness_groups(histories: Histories) -> Ints:
    """A number a history: the same one for those that are likely the same account, seen at two times or rounded differently.

    Alike are histories with the same directions and amounts (four digits) in any order, or the same five transactions at the
    start.
    """
    parent = np.arange(len(histories))
    seen: dict[bytes, int] = {}
    for number in range(len(histories)):
        rows = slice(histories.offsets[number], histories.offsets[number + 1])
        amounts, ways = histories.amounts[rows], histories.directions[rows]
        for key in _keys(amounts, ways):
            other = seen.setdefault(key, number)
            parent[_root(parent, number)] = _root(parent, other)
    return np.array([_root(parent, number) for number in range(len(parent))], dtype=np.int64)


def fingerprints(histories: Histories) -> list[set[bytes]]:
    """What each history would be recognised by in another data set.

    Rare amounts (six digits) with their direction, and its beginning as `likeness_groups` reads it. A short history of round
    amounts has neither: it cannot be recognised.
    """
    found: list[set[bytes]] = []
    for number in range(len(histories)):
        rows = slice(histories.offsets[number], histories.offsets[number + 1])
        amounts, ways = histories.amounts[rows], histories.directions[rows]
        moves = zip(amounts.tolist(), ways.tolist(), strict=True)
        told = {_digest(f"{way}:{amount:.6g}") for amount, way in moves if is_rare(amount)}
        found.append(told | set(_keys(amounts, ways)[1:]))
    return found


def is_rare(amount: float) -> bool:
    """Whether an amount has so many digits that two accounts hardly share it."""
    return len(f"{amount:.9g}".replace(".", "").strip("0").split("e")[0]) >= 6


def _keys(amounts: Floats, ways: np.ndarray) -> list[bytes]:
    told = [f"{way}:{amount:.4g}" for amount, way in zip(amounts.tolist(), ways.tolist(), strict=True)]
    keys = [_digest("|".join(sorted(told)))]
    return [*keys, _digest("start|" + "|".join(told[:5]))] if len(told) >= 5 else keys


def _read(name: str, paths: list[Path]) -> SequenceSet:
    rows: list[Floats] = []
    labels: list[int] = []
    reordered = unordered = 0
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise DataCheckError(f"{path.name} is no UTF-8 text: {error}.", next_step=_MEND) from error
        if not lines or lines[0].rstrip() != _HEADER:
            raise DataCheckError(f"{path.name} does not begin with index, label, sentence.", next_step=_MEND)
        for number, line in enumerate(lines[1:], 2):
            if not line.strip():
                continue
            label, moves = _parse(line, f"{path.name}, line {number}")
            order = chronological(moves[:, 2:].astype(np.int64))
            unordered += order is None
            reordered += order is not None and not np.array_equal(order, np.arange(len(order)))
            rows.append(moves if order is None else moves[order])
            labels.append(label)
    if not rows:
        raise DataCheckError(f"{', '.join(path.name for path in paths)}: no sequence.", next_step=_MEND)
    return SequenceSet(name, _packed(rows), np.array(labels, dtype=np.int64), reordered, unordered)


def _packed(rows: list[Floats]) -> Histories:
    moves = np.concatenate(rows)
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in rows])]).astype(np.int64)
    gaps = moves[:, 2].copy()
    gaps[offsets[:-1]] = 0.0
    return Histories(moves[:, 0].copy(), moves[:, 1].astype(np.int8), gaps, offsets)


def _parse(line: str, where: str) -> tuple[int, Floats]:
    cells = line.split("\t")
    if len(cells) != 3 or cells[1] not in ("0", "1"):
        raise DataCheckError(f"{where}: not an index, a label 0 or 1 and a sentence.", next_step=_MEND)
    found, at = [], 0
    text = cells[2].strip()
    while at < len(text):
        match = _MOVE.match(text, at)
        if match is None:
            raise DataCheckError(f"{where}: cannot be read from {text[at : at + 40]!r} on.", next_step=_MEND)
        found.append(match.groups())
        at = match.end()
    if not found:
        raise DataCheckError(f"{where}: the sentence is empty.", next_step=_MEND)
    try:
        moves = np.array(found, dtype=np.float64)
    except ValueError as error:
        raise DataCheckError(f"{where}: {error}.", next_step=_MEND) from error
    if not np.isfinite(moves).all() or (moves < 0).any():
        raise DataCheckError(f"{where}: an amount or gap is negative or no number.", next_step=_MEND)
    if not np.isin(moves[:, 1], (0, 1)).all():
        raise DataCheckError(f"{where}: in_out is neither 0 nor 1.", next_step=_MEND)
    return int(cells[1]), moves


def chronological(gaps: Ints) -> Ints | None:
    """The order of time of transactions from their gaps to the four before (moves × 4); None when they do not fit together.

    Where two orders fit (transactions of one second), the one nearest to what is written is taken.
    """
    before, after = _states(gaps)
    if all(after[place] == before[place + 1] for place in range(len(gaps) - 1)) and before[0] == after[0] == _START:
        return np.arange(len(gaps))
    edges: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for move in range(len(gaps) - 1, -1, -1):
        edges[before[move]].append(move)
    # The first transaction of all has no gap; of those that could be it, any but the last taken would come too late.
    edges[_START].sort(key=lambda move: (after[move] == _START, -move))
    trail: list[tuple[tuple[int, ...], int]] = [(_START, -1)]
    path: list[int] = []
    while trail:
        state, came_by = trail[-1]
        if edges.get(state):
            move = edges[state].pop()
            trail.append((after[move], move))
        else:
            path.append(came_by)
            trail.pop()
    order = path[-2::-1]
    fits = len(order) == len(gaps) and all(after[a] == before[b] for a, b in pairwise(order))
    return np.array(order, dtype=np.int64) if fits else None


def _states(gaps: Ints) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Of each transaction the gaps that the one before it had, and those it has itself; the first three of four."""
    rows = gaps.tolist()
    before = [tuple(value - row[0] if value else 0 for value in row[1:]) for row in rows]
    return before, [tuple(row[:3]) for row in rows]


def _root(parent: Ints, number: int) -> int:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = int(parent[number])
    return number


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
