"""What is known of a giver, a possible receiver and the two together strictly before second t, as numbers for a ranker.

40 features: activity of both ends, the pair and its reverse in windows from an hour to for ever, and how many
counterparties the two ends share. Nothing depends on the date itself, on the other candidates, or on anything at or
after t. The first 23 follow what is published for tgbl-coin of the Temporal Graph Benchmark (Huang et al., NeurIPS
2023); common counterparties are the idea of NCN for static graphs (Wang, Yang, Zhang, ICLR 2024) and of TNCN for temporal ones.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from models.flows.history import DAY, HOUR, FlowHistory, first_not_before, pair_of

FEATURES = (
    "giver_payments", "giver_gap", "giver_receivers", "giver_decay_7d", "giver_receipts", "giver_receipt_gap",
    "giver_new_receivers_recent",
    "receiver_receipts", "receiver_receipt_gap", "receiver_givers", "receiver_decay_1d", "receiver_decay_7d",
    "receiver_decay_30d", "receiver_payments", "receiver_gap", "receiver_new_givers_recent", "receiver_receipts_a_giver",
    "receiver_age",
    "pair_payments", "pair_gap", "pair_payments_1h", "pair_payments_1d", "pair_payments_7d", "pair_decay_1d",
    "pair_decay_30d", "pair_share", "pair_places_ago", "pair_is_last", "pair_interval", "pair_gap_of_interval",
    "pair_age",
    "reverse_payments", "reverse_gap",
    "pays_givers_of_receiver", "paid_by_givers_of_receiver", "pays_receivers_of_receiver", "paid_by_receivers_of_receiver",
    "pair_rank_of_first", "giver_age", "receiver_recent_givers",
)  # fmt: skip
PLACE = {name: place for place, name in enumerate(FEATURES)}
RECENT = 32
"""Counterparties of each end that are compared; the same number opens the window of 'recent' shares."""


def describe_candidates(
    history: FlowHistory, giver: NDArray[np.int32], time: NDArray[np.int64], candidates: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Features of each candidate of each question: shape (questions, candidates, features), NaN for 'never'.

    `candidates` is (questions, candidates), filled up with -1, whose features are all NaN. About 5 µs a candidate.
    """
    described = np.full((*candidates.shape, len(FEATURES)), np.nan, np.float32)
    _describe(history, giver, time, candidates, described)
    return described


@numba.njit(cache=True)
def _describe(
    history: FlowHistory,
    giver: NDArray[np.int32],
    time: NDArray[np.int64],
    candidates: NDArray[np.int32],
    described: NDArray[np.float32],
) -> None:
    paid = np.empty(RECENT, np.int32)
    payers = np.empty(RECENT, np.int32)
    for question in range(len(giver)):
        source, moment = giver[question], time[question]
        low = history.out_start[source]
        end = first_not_before(history.out_time, low, history.out_start[source + 1], moment)
        in_low = history.in_start[source]
        in_end = first_not_before(history.in_time, in_low, history.in_start[source + 1], moment)
        n_paid = _recent(history.out_receiver, low, end, paid)
        n_payers = _recent(history.in_giver, in_low, in_end, payers)
        for place in range(candidates.shape[1]):
            target = candidates[question, place]
            if target < 0:
                continue
            row = described[question, place]
            _describe_giver(history, low, end, in_low, in_end, moment, row)
            _describe_receiver(history, target, moment, row)
            _describe_pair(history, source, target, moment, end - low, row)
            _describe_reverse(history, source, target, moment, row)
            _describe_common(history, target, moment, paid[:n_paid], payers[:n_payers], row)


@numba.njit(cache=True)
def _describe_giver(
    history: FlowHistory, low: int, end: int, in_low: int, in_end: int, moment: int, row: NDArray[np.float32]
) -> None:
    row[0] = end - low
    row[4] = in_end - in_low
    if end > low:
        row[1] = moment - history.out_time[end - 1]
        row[2] = history.out_distinct[end - 1]
        row[3] = history.out_decay[end - 1] * np.exp(-row[1] / (7.0 * DAY))
        row[6] = _new_share(history.out_distinct, low, end)
        row[38] = moment - history.out_time[low]
    if in_end > in_low:
        row[5] = moment - history.in_time[in_end - 1]


@numba.njit(cache=True)
def _describe_receiver(history: FlowHistory, target: int, moment: int, row: NDArray[np.float32]) -> None:
    low = history.in_start[target]
    end = first_not_before(history.in_time, low, history.in_start[target + 1], moment)
    row[7] = end - low
    if end > low:
        gap = moment - history.in_time[end - 1]
        row[8] = gap
        row[9] = history.in_distinct[end - 1]
        row[10] = history.in_decay[end - 1, 0] * np.exp(-gap / (1.0 * DAY))
        row[11] = history.in_decay[end - 1, 1] * np.exp(-gap / (7.0 * DAY))
        row[12] = history.in_decay[end - 1, 2] * np.exp(-gap / (30.0 * DAY))
        row[15] = _new_share(history.in_distinct, low, end)
        row[16] = (end - low) / history.in_distinct[end - 1]
        row[17] = moment - history.in_time[low]
    low = history.out_start[target]
    end = first_not_before(history.out_time, low, history.out_start[target + 1], moment)
    row[13] = end - low
    if end > low:
        row[14] = moment - history.out_time[end - 1]
        row[17] = max(row[17], moment - history.out_time[low]) if row[7] > 0 else moment - history.out_time[low]


@numba.njit(cache=True)
def _describe_pair(
    history: FlowHistory, source: int, target: int, moment: int, payments: int, row: NDArray[np.float32]
) -> None:
    row[18] = 0
    pair = pair_of(history, source, target)
    if pair < 0:
        return
    low = history.pair_start[pair]
    end = first_not_before(history.pair_time, low, history.pair_start[pair + 1], moment)
    if end == low:
        return
    count, gap = end - low, moment - history.pair_time[end - 1]
    row[18] = count
    row[19] = gap
    row[20] = end - first_not_before(history.pair_time, low, end, moment - HOUR)
    row[21] = end - first_not_before(history.pair_time, low, end, moment - DAY)
    row[22] = end - first_not_before(history.pair_time, low, end, moment - 7 * DAY)
    row[23] = history.pair_decay[end - 1, 0] * np.exp(-gap / (1.0 * DAY))
    row[24] = history.pair_decay[end - 1, 1] * np.exp(-gap / (30.0 * DAY))
    row[25] = count / payments
    row[26] = payments - 1 - history.pair_place[end - 1]
    row[27] = row[26] == 0
    if count > 1:
        row[28] = (history.pair_time[end - 1] - history.pair_time[low]) / (count - 1)
        row[29] = gap / (row[28] + 1.0)
    row[30] = moment - history.pair_time[low]
    row[37] = history.pair_place[low]


@numba.njit(cache=True)
def _describe_reverse(history: FlowHistory, source: int, target: int, moment: int, row: NDArray[np.float32]) -> None:
    row[31] = 0
    pair = pair_of(history, target, source)
    if pair < 0:
        return
    low = history.pair_start[pair]
    end = first_not_before(history.pair_time, low, history.pair_start[pair + 1], moment)
    row[31] = end - low
    if end > low:
        row[32] = moment - history.pair_time[end - 1]


@numba.njit(cache=True)
def _describe_common(
    history: FlowHistory,
    target: int,
    moment: int,
    paid: NDArray[np.int32],
    payers: NDArray[np.int32],
    row: NDArray[np.float32],
) -> None:
    """Shared counterparties among the latest of each end; `paid` and `payers` ascend and hold each address once."""
    recent = np.empty(RECENT, np.int32)
    low = history.in_start[target]
    end = first_not_before(history.in_time, low, history.in_start[target + 1], moment)
    found = recent[: _recent(history.in_giver, low, end, recent)]
    row[33], row[34] = _shared(found, paid), _shared(found, payers)
    row[39] = len(found)
    low = history.out_start[target]
    end = first_not_before(history.out_time, low, history.out_start[target + 1], moment)
    found = recent[: _recent(history.out_receiver, low, end, recent)]
    row[35], row[36] = _shared(found, paid), _shared(found, payers)


@numba.njit(cache=True)
def _new_share(distinct: NDArray[np.int32], low: int, end: int) -> float:
    """Share of the latest events that were the first with their counterparty."""
    back = min(RECENT, end - low)
    before = distinct[end - back - 1] if end - back > low else 0
    return (distinct[end - 1] - before) / back


@numba.njit(cache=True)
def _recent(counterparty: NDArray[np.int32], low: int, end: int, into: NDArray[np.int32]) -> int:
    """The distinct counterparties of the latest events, ascending; returns how many."""
    back = min(RECENT, end - low)
    into[:back] = counterparty[end - back : end]
    into[:back].sort()
    kept = 0
    for i in range(back):
        if kept == 0 or into[i] != into[kept - 1]:
            into[kept] = into[i]
            kept += 1
    return kept


@numba.njit(cache=True)
def _shared(left: NDArray[np.int32], right: NDArray[np.int32]) -> int:
    """Values in both; each ascends and holds each value once."""
    shared, i, j = 0, 0, 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            shared += 1
            i += 1
            j += 1
        elif left[i] < right[j]:
            i += 1
        else:
            j += 1
    return shared
