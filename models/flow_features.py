"""What is known about (giver, candidate) just before a moment, for ranking whom the giver pays next.

One pass over all payments in order of time; everything is strictly earlier than the question, payments of the same second
included. After the features of the 23-feature ranker that leads on tgbl-coin, re-thought: counts, gaps, decayed counts of
pair, reverse pair, giver and candidate, and how many payments ago the pair last met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

NAMES = (
    "pair_count", "pair_gap", "pair_share", "pair_payments_ago", "pair_week", "is_last", "reverse_count", "reverse_gap",
    "giver_count", "giver_gap", "giver_distinct", "candidate_in_count", "candidate_in_gap", "candidate_in_distinct",
    "candidate_in_week", "candidate_out_count", "candidate_out_gap", "giver_in_count", "pair_day", "candidate_in_day",
)  # fmt: skip
PAIR_COUNT, PAIR_GAP, IN_COUNT, IN_WEEK = (
    NAMES.index(n) for n in ("pair_count", "pair_gap", "candidate_in_count", "candidate_in_week")
)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Payments:
    """Payments in order of time; givers and receivers are dense numbers."""

    giver: Ints
    receiver: Ints
    moment: Ints
    """Seconds since 1970; used for differences only."""

    @property
    def nodes(self) -> int:
        """One more than the highest number."""
        return int(max(self.giver.max(), self.receiver.max())) + 1 if len(self.giver) else 0

    def keys(self) -> Ints:
        """Giver and receiver as one number."""
        return self.giver * self.nodes + self.receiver


@dataclass(frozen=True)
class Questions:
    """Whom will `giver` pay at `moment`? Candidates a row, -1 where there are fewer."""

    giver: Ints
    moment: Ints
    candidates: Ints


def describe(payments: Payments, questions: Questions) -> npt.NDArray[np.float32]:
    """Features of every candidate, questions × candidates × len(NAMES); NaN where there is no past."""
    pairs = np.unique(payments.keys())
    order = np.argsort(questions.moment, kind="stable")
    found = _sweep(
        payments.giver, payments.receiver, payments.moment, np.searchsorted(pairs, payments.keys()),
        questions.giver[order], questions.moment[order], questions.candidates[order],
        pairs, payments.nodes, len(NAMES),
    )  # fmt: skip
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return np.asarray(found[back], dtype=np.float32)


@numba.njit(cache=True)  # type: ignore[misc]
def _place(pairs: Any, key: int) -> int:
    place = np.searchsorted(pairs, key)
    return place if place < len(pairs) and pairs[place] == key else -1


@numba.njit(cache=True)  # type: ignore[misc]
def _gap(now: int, last: int) -> float:
    return np.nan if last < 0 else float(now - last)


@numba.njit(cache=True)  # type: ignore[misc]
def _decayed(value: float, now: int, last: int, scale: float) -> float:
    return 0.0 if last < 0 else value * np.exp(-(now - last) / scale)


@numba.njit(cache=True)  # type: ignore[misc]
def _sweep(giver, receiver, moment, pair, q_giver, q_moment, q_candidates, pairs, nodes, width):  # type: ignore[no-untyped-def]  # noqa: C901, ANN001, ANN202
    count_pair, last_pair, at_pair = np.zeros(len(pairs)), np.full(len(pairs), -1), np.zeros(len(pairs))
    week_pair, day_pair = np.zeros(len(pairs)), np.zeros(len(pairs))
    out_count, in_count = np.zeros(nodes), np.zeros(nodes)
    out_last, in_last, last_to = np.full(nodes, -1), np.full(nodes, -1), np.full(nodes, -1)
    out_distinct, in_distinct, in_week, in_day = (
        np.zeros(nodes),
        np.zeros(nodes),
        np.zeros(nodes),
        np.zeros(nodes),
    )
    out = np.full((len(q_giver), q_candidates.shape[1], width), np.nan, dtype=np.float32)
    event = 0
    for question in range(len(q_giver)):
        now = q_moment[question]
        while event < len(giver) and moment[event] < now:
            u, v, p, t = giver[event], receiver[event], pair[event], moment[event]
            if last_pair[p] < 0:
                out_distinct[u] += 1
                in_distinct[v] += 1
            week_pair[p] = _decayed(week_pair[p], t, last_pair[p], 604800.0) + 1
            day_pair[p] = _decayed(day_pair[p], t, last_pair[p], 86400.0) + 1
            in_week[v] = _decayed(in_week[v], t, in_last[v], 604800.0) + 1
            in_day[v] = _decayed(in_day[v], t, in_last[v], 86400.0) + 1
            count_pair[p] += 1
            out_count[u] += 1
            in_count[v] += 1
            last_pair[p], at_pair[p], out_last[u], in_last[v], last_to[u] = t, out_count[u], t, t, v
            event += 1
        u = q_giver[question]
        for slot in range(q_candidates.shape[1]):
            v = q_candidates[question, slot]
            if v < 0:
                continue
            row = out[question, slot]
            p, r = _place(pairs, u * nodes + v), _place(pairs, v * nodes + u)
            known = p >= 0 and last_pair[p] >= 0
            row[0] = count_pair[p] if known else 0
            row[1] = _gap(now, last_pair[p]) if known else np.nan
            row[2] = count_pair[p] / out_count[u] if known else 0
            row[3] = out_count[u] - at_pair[p] if known else np.nan
            row[4] = _decayed(week_pair[p], now, last_pair[p], 604800.0) if known else 0
            row[5] = 1.0 if last_to[u] == v else 0.0
            row[6] = count_pair[r] if r >= 0 else 0
            row[7] = _gap(now, last_pair[r]) if r >= 0 else np.nan
            row[8], row[9], row[10] = out_count[u], _gap(now, out_last[u]), out_distinct[u]
            row[11], row[12], row[13] = in_count[v], _gap(now, in_last[v]), in_distinct[v]
            row[14] = _decayed(in_week[v], now, in_last[v], 604800.0)
            row[15], row[16], row[17] = out_count[v], _gap(now, out_last[v]), in_count[u]
            row[18] = _decayed(day_pair[p], now, last_pair[p], 86400.0) if known else 0
            row[19] = _decayed(in_day[v], now, in_last[v], 86400.0)
    return out
