"""Whom a giver could pay next, when nobody says among whom to choose.

Candidates of a giver are its latest distinct receivers, the latest receivers of those, and the addresses most paid of
late on the whole chain. An address that was never paid by anybody near is not proposed: half of all payments between
accounts go to a receiver new to its giver, and those are only found when they are popular or two steps away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from models.flows.history import DAY, FlowHistory, first_not_before

OWN, SECOND, POPULAR = 32, 16, 16
ACTIVE_DAYS = 30
GIVERS_AT_MOST = 10_000


@dataclass(frozen=True)
class ActiveGivers:
    """Who paid lately, the latest first."""

    found: int
    """How many there are."""
    kept: NDArray[np.int32]
    """At most GIVERS_AT_MOST of them."""


def active_givers(history: FlowHistory, *, moment: int) -> ActiveGivers:
    """Givers with a payment within ACTIVE_DAYS before the moment; of equal times the lower number first."""
    paid, place = _last_before(history.out_start, history.out_time, moment)
    last = history.out_time[place]
    recent = last >= moment - ACTIVE_DAYS * DAY
    order = np.lexsort((paid[recent], -last[recent]))
    return ActiveGivers(int(recent.sum()), paid[recent][order][:GIVERS_AT_MOST].astype(np.int32))


def popular_receivers(history: FlowHistory, *, moment: int) -> NDArray[np.int32]:
    """The POPULAR addresses paid most often before the moment, each payment fading over 7 days."""
    paid, place = _last_before(history.in_start, history.in_time, moment)
    level = history.in_decay[place, 1] * np.exp(-(moment - history.in_time[place]) / (7.0 * DAY))
    return paid[np.lexsort((paid, -level))][:POPULAR].astype(np.int32)


def _last_before(
    start: NDArray[np.int64], time: NDArray[np.int64], moment: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Groups with an event before the moment, and the place of the last such event of each."""
    running = np.concatenate(([0], np.cumsum(time < moment)))
    counts = running[start[1:]] - running[start[:-1]]
    groups = np.flatnonzero(counts)
    return groups, start[groups] + counts[groups] - 1


def propose_receivers(history: FlowHistory, givers: NDArray[np.int32], *, moment: int) -> NDArray[np.int32]:
    """Candidates of each giver: shape (givers, OWN + SECOND + POPULAR), each address once, -1 behind the last."""
    proposed = np.full((len(givers), OWN + SECOND + POPULAR), -1, np.int32)
    _propose(history, givers, moment, popular_receivers(history, moment=moment), proposed)
    return proposed


@numba.njit(cache=True)
def _propose(
    history: FlowHistory,
    givers: NDArray[np.int32],
    moment: int,
    popular: NDArray[np.int32],
    proposed: NDArray[np.int32],
) -> None:
    for place in range(len(givers)):
        giver, row = givers[place], proposed[place]
        filled = own = _latest(history, giver, giver, moment, row, 0, OWN)
        for i in range(own):
            filled = _latest(history, row[i], giver, moment, row, filled, min(filled + 2, own + SECOND))
        for address in popular:
            filled = _add(address, giver, row, filled)


@numba.njit(cache=True)
def _latest(
    history: FlowHistory, payer: int, giver: int, moment: int, row: NDArray[np.int32], filled: int, full: int
) -> int:
    """Put the latest receivers of `payer` behind the first `filled` of the row, until it holds `full`."""
    low = history.out_start[payer]
    end = first_not_before(history.out_time, low, history.out_start[payer + 1], moment)
    for i in range(end - 1, max(low, end - 1000) - 1, -1):
        if filled >= full:
            break
        filled = _add(history.out_receiver[i], giver, row, filled)
    return filled


@numba.njit(cache=True)
def _add(address: int, giver: int, row: NDArray[np.int32], filled: int) -> int:
    if address == giver:
        return filled
    for i in range(filled):
        if row[i] == address:
            return filled
    row[filled] = address
    return filled + 1
