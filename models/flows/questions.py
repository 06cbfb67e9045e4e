"""Questions of the form "whom does this giver pay at second t?", each with wrong answers, and how well they are ranked.

The protocol is that of TGB's tgbl-coin (Huang et al., NeurIPS 2023): the true receiver among 20 wrong ones, half of them
earlier receivers of the giver, the rest drawn evenly from all addresses that are ever paid. A giver with fewer earlier
receivers gets more drawn ones. Two differences: "earlier" means before t, not before the end of training, which is
harder; and receivers of the giver in that very second are never wrong answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from models.flows.history import FlowEvents, FlowHistory, first_not_before

WRONG_ANSWERS = 20
_HISTORICAL = 10


@dataclass(frozen=True)
class FlowQuestions:
    """One row a question; column 0 of the candidates is the true receiver."""

    giver: NDArray[np.int32]
    time: NDArray[np.int64]
    """Seconds; everything used for an answer is earlier."""
    candidates: NDArray[np.int32]
    """Shape (questions, 1 + WRONG_ANSWERS); -1 where there were not enough addresses to draw from."""
    is_new_pair: NDArray[np.bool_]
    """The giver never paid the true receiver before."""

    def __len__(self) -> int:
        return len(self.giver)


def ask_questions(history: FlowHistory, events: FlowEvents, chosen: NDArray[np.int64], *, seed: int) -> FlowQuestions:
    """Make the events at the places `chosen` into questions; the same seed draws the same wrong answers."""
    giver, time = events.giver[chosen], events.time[chosen]
    candidates = np.full((len(chosen), 1 + WRONG_ANSWERS), -1, np.int32)
    candidates[:, 0] = events.receiver[chosen]
    is_new = _draw_wrong_answers(history, giver, time, candidates, seed)
    return FlowQuestions(giver=giver, time=time, candidates=candidates, is_new_pair=is_new)


@dataclass(frozen=True)
class RankingFigures:
    """How high the true receiver stood; each between 0 and 1, higher is better."""

    mrr: float
    """Mean of 1 / rank."""
    mrr_new_pairs: float
    """The same over questions whose giver had never paid the true receiver; NaN without any."""
    hits_10: float
    ndcg_10: float
    """One right answer: 1 / log2(1 + rank) where the rank is at most 10, else 0."""


def rank_truth(scores: NDArray[np.float64], candidates: NDArray[np.int32]) -> NDArray[np.float64]:
    """Rank of column 0 in each row, 1 is best; ties count half, as TGB's evaluator does. -1 candidates do not count."""
    truth, others = scores[:, :1], np.where(candidates[:, 1:] < 0, -np.inf, scores[:, 1:])
    above, level = (others > truth).sum(axis=1), (others == truth).sum(axis=1)
    return 1.0 + above + level / 2.0


def summarise_ranks(ranks: NDArray[np.float64], is_new_pair: NDArray[np.bool_]) -> RankingFigures:
    """The four figures of a ranking."""
    reciprocal = 1.0 / ranks
    return RankingFigures(
        mrr=float(reciprocal.mean()),
        mrr_new_pairs=float(reciprocal[is_new_pair].mean()) if is_new_pair.any() else float("nan"),
        hits_10=float((ranks <= 10).mean()),
        ndcg_10=float(np.where(ranks <= 10, 1.0 / np.log2(1.0 + ranks), 0.0).mean()),
    )


@numba.njit(cache=True)
def _draw_wrong_answers(
    history: FlowHistory,
    giver: NDArray[np.int32],
    time: NDArray[np.int64],
    candidates: NDArray[np.int32],
    seed: int,
) -> NDArray[np.bool_]:
    np.random.seed(seed)
    is_new = np.empty(len(giver), np.bool_)
    for question in range(len(giver)):
        source, moment, row = giver[question], time[question], candidates[question]
        start = history.out_start[source]
        end = first_not_before(history.out_time, start, history.out_start[source + 1], moment)
        now_end = first_not_before(history.out_time, end, history.out_start[source + 1], moment + 1)
        now = history.out_receiver[end:now_end]
        known = history.out_distinct[end - 1] if end > start else 0
        first = history.first_receiver[history.pair_row[source] : history.pair_row[source] + known]
        is_new[question] = not _holds(first, row[0])
        filled = _draw(first, _HISTORICAL, now, row, 1)
        _draw(history.receivers, WRONG_ANSWERS + 1 - filled, now, row, filled)
    return is_new


@numba.njit(cache=True)
def _draw(
    pool: NDArray[np.int32], wanted: int, forbidden: NDArray[np.int32], row: NDArray[np.int32], filled: int
) -> int:
    """Put up to `wanted` of the pool behind the first `filled` of a row, each once; returns the new length."""
    last = filled + wanted
    if len(pool) <= 4 * wanted:
        order = np.random.permutation(len(pool))
        for i in range(len(order)):
            if filled == last:
                break
            filled = _put(pool[order[i]], forbidden, row, filled)
        return filled
    for _ in range(20 * wanted):
        if filled == last:
            break
        filled = _put(pool[np.random.randint(len(pool))], forbidden, row, filled)
    return filled


@numba.njit(cache=True)
def _put(address: int, forbidden: NDArray[np.int32], row: NDArray[np.int32], filled: int) -> int:
    if _holds(row[:filled], address) or _holds(forbidden, address):
        return filled
    row[filled] = address
    return filled + 1


@numba.njit(cache=True)
def _holds(values: NDArray[np.int32], wanted: int) -> bool:
    for value in values:  # noqa: SIM110 -- any() over a generator does not compile
        if value == wanted:
            return True
    return False
