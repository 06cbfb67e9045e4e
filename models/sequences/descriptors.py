"""What a history looks like, as some 300 numbers: nothing in it tells the date, a block, a fee or a counterparty.

Amounts are read as log10(1 + 1e6 amount), gaps as log10(1 + seconds): both span many orders of magnitude. A number that
a history has no transaction for is NaN, which trees take as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sequences.history import IN, OUT, Floats, Histories
from models.sequences.segments import Mask, Segments

_EDGE = 5
_WINDOWS = {"minute": 60.0, "ten_minutes": 600.0, "hour": 3_600.0, "day": 86_400.0}
_DAY, _WEEK = 86_400.0, 604_800.0
_MOST_DIGITS = 10


@dataclass(frozen=True)
class Moves:
    """What the descriptors share, one value a transaction."""

    histories: Histories
    every: Segments
    received: Segments
    sent: Segments
    size: Floats
    """log10(1 + 1e6 amount)."""
    wait: Floats
    """log10(1 + gap); the first of a history has 0."""
    later: Mask
    """Not the first of its history."""
    balance: Floats
    """Received less sent so far, this one included."""

    @property
    def out(self) -> Mask:
        """Sent."""
        return self.histories.directions == OUT


def describe(histories: Histories) -> dict[str, Floats]:
    """Columns by name, one value a history."""
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = _moves(histories)
        return (
            _amounts(moves)
            | _gaps(moves)
            | _ways(moves)
            | _balances(moves)
            | _passing_through(moves)
            | _patterns(moves)
            | _bursts(moves)
            | _ends(moves)
            | _clock(moves)
        )


def matrix(histories: Histories) -> tuple[np.ndarray, tuple[str, ...]]:
    """The descriptors as histories × columns (float32), and the names of the columns."""
    columns = describe(histories)
    return np.stack(list(columns.values()), axis=1).astype(np.float32), tuple(columns)


def _moves(histories: Histories) -> Moves:
    owner, count = histories.owner, len(histories)
    out = histories.directions == OUT
    signed = np.where(out, -histories.amounts, histories.amounts)
    total = np.cumsum(signed)
    before = np.repeat((total - signed)[histories.offsets[:-1]], histories.lengths)
    return Moves(
        histories,
        Segments(owner, count),
        Segments(owner, count, ~out),
        Segments(owner, count, out),
        np.log10(1 + 1e6 * histories.amounts),
        np.log10(1 + histories.gaps),
        histories.place > 0,
        total - before,
    )


def _amounts(moves: Moves) -> dict[str, Floats]:
    worth = moves.histories.amounts > 0
    found: dict[str, Floats] = {}
    for name, way in (("all", worth), ("in", worth & ~moves.out), ("out", worth & moves.out)):
        inside = Segments(moves.histories.owner, len(moves.histories), way)
        found |= inside.spread(moves.size, f"{name}_amount")
        found[f"{name}_total"] = np.log10(1 + 1e6 * inside.sum(moves.histories.amounts))
        found[f"{name}_top_share"] = inside.maximum(moves.histories.amounts) / inside.sum(moves.histories.amounts)
    empty = (~worth).astype(np.float64)
    found |= {"in_empty_share": moves.received.mean(empty), "out_empty_share": moves.sent.mean(empty)}
    found |= {"in_empty": moves.received.sum(empty), "out_empty": moves.sent.sum(empty)}
    inward, outward = found["in_total"], found["out_total"]
    return found | {
        "total_balance": inward - outward,
        "mean_balance": found["in_amount_mean"] - found["out_amount_mean"],
    }


def _gaps(moves: Moves) -> dict[str, Floats]:
    owner, count = moves.histories.owner, len(moves.histories)
    was_out = np.append(False, moves.out[:-1])
    kinds = {"all": moves.later}
    for first, before in (("in", ~was_out), ("out", was_out)):
        for second, now in (("in", ~moves.out), ("out", moves.out)):
            kinds[f"{first}_{second}"] = moves.later & before & now
    found: dict[str, Floats] = {}
    for name, rows in kinds.items():
        found |= Segments(owner, count, rows).spread(moves.wait, f"{name}_gap")
    inside = Segments(owner, count, moves.later)
    gaps = moves.histories.gaps
    mean, deviation = inside.mean(gaps), inside.deviation(gaps)
    longest = inside.maximum(gaps)
    life = inside.sum(gaps)
    found["burstiness"] = (deviation - mean) / (deviation + mean)  # Goh and Barabási 2008
    found["gap_memory"] = _correlation(inside, moves.wait, np.append(0.0, moves.wait[:-1]), moves.histories.place > 1)
    found["lifetime"], found["longest_gap_share"] = np.log10(1 + life), longest / life
    at_longest = moves.later & (gaps == np.nan_to_num(longest)[owner])
    found["longest_gap_place"] = Segments(owner, count, at_longest).maximum(
        moves.histories.place / moves.histories.lengths[owner]
    )
    found["pace"] = np.log10(moves.every.sizes / (life / _DAY + 1))
    return found


def _ways(moves: Moves) -> dict[str, Floats]:
    owner, count = moves.histories.owner, len(moves.histories)
    out = moves.out
    found = {"moves": moves.every.sizes.astype(np.float64), "in_moves": moves.received.sizes.astype(np.float64)}
    found |= {"out_moves": moves.sent.sizes.astype(np.float64), "out_share": moves.every.mean(out.astype(np.float64))}
    found["log_moves"] = np.log1p(found["moves"])
    begins = ~moves.later | np.append(True, out[1:] != out[:-1])
    run = np.cumsum(begins) - 1
    length = np.bincount(run).astype(np.float64)
    holder, is_out = owner[begins], out[begins]
    for name, kind in (("in", ~is_out), ("out", is_out)):
        runs = Segments(holder, count, kind)
        found |= {f"{name}_run_most": runs.maximum(length), f"{name}_run_mean": runs.mean(length)}
        found |= {f"{name}_runs": runs.sizes.astype(np.float64)}
    runs = Segments(holder, count)
    found |= {"first_run": runs.at(length, 0), "last_run": runs.at(length, -1), "second_run": runs.at(length, 1)}
    found["turn_share"] = (runs.sizes - 1) / np.maximum(moves.every.sizes - 1, 1)
    for width in (2, 3):
        whole = moves.histories.place >= width - 1
        code = sum((np.roll(out, back).astype(np.int64) << back for back in range(width)), np.zeros(len(out), np.int64))
        inside = Segments(owner, count, whole)
        for value in range(1 << width):
            found[f"ways_{value:0{width}b}"] = inside.mean((code == value).astype(np.float64))
    return found


def _balances(moves: Moves) -> dict[str, Floats]:
    received = moves.received.sum(moves.histories.amounts)
    peak = np.maximum(moves.every.maximum(moves.balance), 0)
    owner = moves.histories.owner
    relative = moves.balance / peak[owner]
    found = {
        "balance_least": moves.every.minimum(moves.balance) / received,
        "balance_most": peak / received,
        "balance_last": moves.every.at(moves.balance, -1) / received,
        "balance_mean": moves.every.mean(relative),
        "balance_low_share": moves.every.mean((relative < 0.05).astype(np.float64)),
        "balance_below_zero": moves.every.mean((moves.balance < -1e-9).astype(np.float64)),
    }
    at_peak = Segments(owner, len(moves.histories), moves.balance == peak[owner])
    found["balance_peak_place"] = at_peak.maximum(moves.histories.place / moves.histories.lengths[owner])
    had = np.append(0.0, moves.balance[:-1])
    spent = moves.histories.amounts / np.where(had > 0, had, np.nan)
    rows = moves.out & moves.later & np.isfinite(spent) & (moves.histories.amounts > 0)
    inside = Segments(owner, len(moves.histories), rows)
    found |= inside.spread(np.minimum(spent, 2.0), "spent_share")
    found["emptied_share"] = inside.mean((spent > 0.95).astype(np.float64))
    found["emptied"] = inside.sum((spent > 0.95).astype(np.float64))
    return found


def _passing_through(moves: Moves) -> dict[str, Floats]:
    """How soon and how exactly what came in goes out again."""
    histories = moves.histories
    rows = np.arange(len(moves.out))
    first = np.repeat(histories.offsets[:-1], histories.lengths)
    inward = np.maximum.accumulate(np.where((histories.directions == IN) & (histories.amounts > 0), rows, -1))
    follows = moves.out & (inward >= first) & (histories.amounts > 0)
    source = np.where(follows, inward, 0)
    times = histories.times
    delay = np.log10(1 + np.maximum(times - times[source], 0))
    ratio = np.log10(np.maximum(histories.amounts, 1e-9) / np.maximum(histories.amounts[source], 1e-9))
    inside = Segments(histories.owner, len(histories), follows)
    found = inside.spread(delay, "passing_delay") | inside.spread(np.clip(ratio, -6, 6), "passing_ratio")
    whole = np.abs(ratio) < 0.02
    for name, seconds in _WINDOWS.items():
        soon = delay <= np.log10(1 + seconds)
        found[f"passed_in_{name}"] = inside.mean(soon.astype(np.float64))
        found[f"passed_whole_in_{name}"] = inside.mean((soon & whole).astype(np.float64))
    return found


def _patterns(moves: Moves) -> dict[str, Floats]:
    """Digits, roundness and repeats of amounts."""
    histories = moves.histories
    digits = decimals(histories.amounts)
    lead = histories.amounts / 10.0 ** np.floor(np.log10(np.maximum(histories.amounts, 1e-18)))
    same_as_last = np.append(False, histories.amounts[1:] == histories.amounts[:-1]) & moves.later
    kept = np.round(histories.amounts, 6)
    worth = histories.amounts > 0
    found: dict[str, Floats] = {}
    for name, way in (("in", worth & ~moves.out), ("out", worth & moves.out)):
        inside = Segments(histories.owner, len(histories), way)
        found |= {f"{name}_decimals_mean": inside.mean(digits), f"{name}_decimals_deviation": inside.deviation(digits)}
        for most in (0, 1, 2, 4):
            found[f"{name}_round_{most}"] = inside.mean((digits <= most).astype(np.float64))
        found[f"{name}_long_share"] = inside.mean((digits >= 9).astype(np.float64))
        found[f"{name}_lead_one"] = inside.mean((lead < 2).astype(np.float64))
        found[f"{name}_lead_five"] = inside.mean(((lead >= 5) & (lead < 6)).astype(np.float64))
        found[f"{name}_lead_mean"] = inside.mean(lead)
        found[f"{name}_repeat_share"] = inside.mean(same_as_last.astype(np.float64))
        number, share, most_usual = inside.distinct(kept)
        found |= {f"{name}_distinct": number, f"{name}_distinct_share": number / np.maximum(inside.sizes, 1)}
        found |= {f"{name}_usual_share": share, f"{name}_usual": np.log10(1 + 1e6 * most_usual)}
        found[f"{name}_usual_decimals"] = np.where(np.isnan(most_usual), np.nan, decimals(np.nan_to_num(most_usual)))
    return found


def decimals(amounts: Floats) -> Floats:
    """Digits after the point that an amount has, `_MOST_DIGITS` for that many or more."""
    found = np.full(len(amounts), float(_MOST_DIGITS))
    for places in range(_MOST_DIGITS - 1, -1, -1):
        scaled = amounts * 10.0**places
        found[np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1.0, scaled * 1e-6)] = places
    return found


def _bursts(moves: Moves) -> dict[str, Floats]:
    """How many transactions at most, and on average, within a window that ends with each."""
    histories = moves.histories
    times = histories.times
    step = float(times.max()) + 2 * _DAY if len(times) else 0.0
    found: dict[str, Floats] = {}
    for name, chosen in (("all", np.ones(len(times), np.bool_)), ("in", ~moves.out), ("out", moves.out)):
        inside = Segments(histories.owner, len(histories), chosen)
        clock = times[chosen] + inside.owner * step
        for window, seconds in _WINDOWS.items():
            within = np.zeros(len(times))
            within[chosen] = np.arange(len(clock)) - np.searchsorted(clock, clock - seconds, side="left") + 1
            found[f"{name}_burst_{window}"] = inside.maximum(within)
            found[f"{name}_burst_{window}_mean"] = inside.mean(within)
    return found


def _ends(moves: Moves) -> dict[str, Floats]:
    """The first and the last few transactions, one by one and together."""
    found: dict[str, Floats] = {}
    out, zero = moves.out.astype(np.float64), (moves.histories.amounts == 0).astype(np.float64)
    columns = {"size": moves.size, "out": out, "wait": moves.wait, "decimals": decimals(moves.histories.amounts)}
    for place in range(_EDGE):
        for name, values in columns.items():
            if name != "wait" or place > 0:
                found[f"first{place + 1}_{name}"] = moves.every.at(values, place)
            if place < 3:
                found[f"last{place + 1}_{name}"] = moves.every.at(values, -1 - place)
    for name, inside in (("in", moves.received), ("out", moves.sent)):
        found[f"{name}_first_place"] = inside.at(moves.histories.place.astype(np.float64), 0)
        found[f"{name}_first_size"], found[f"{name}_last_size"] = inside.at(moves.size, 0), inside.at(moves.size, -1)
        found[f"{name}_first_time"] = np.log10(1 + inside.at(moves.histories.times, 0))
    for most in (10, 30):
        early = Segments(moves.histories.owner, len(moves.histories), moves.histories.place < most)
        found |= {f"early{most}_out": early.mean(out), f"early{most}_size": early.mean(moves.size)}
        found |= {f"early{most}_wait": early.mean(moves.wait), f"early{most}_empty": early.mean(zero)}
    return found


def _clock(moves: Moves) -> dict[str, Floats]:
    """Rhythm over the day and week from an unknown midnight, and where in its life a wallet receives and sends."""
    times = moves.histories.times
    life = moves.every.maximum(times)[moves.histories.owner]
    part = np.where(life > 0, times / np.where(life > 0, life, 1), np.nan)
    found: dict[str, Floats] = {}
    for name, inside in (("all", moves.every), ("in", moves.received), ("out", moves.sent)):
        for period, seconds in (("day", _DAY), ("week", _WEEK)):
            turn = 2 * np.pi * times / seconds
            found[f"{name}_{period}_rhythm"] = np.hypot(inside.mean(np.cos(turn)), inside.mean(np.sin(turn)))
        found |= {f"{name}_centre": inside.mean(part), f"{name}_end": inside.maximum(part)}
        weight = inside.sum(moves.histories.amounts)
        found[f"{name}_money_centre"] = inside.sum(np.nan_to_num(part) * moves.histories.amounts) / weight
    place = moves.histories.place.astype(np.float64)
    found["size_trend"] = _correlation(moves.every, moves.size, place, np.ones(len(place), np.bool_))
    found["wait_trend"] = _correlation(moves.every, moves.wait, place, moves.later)
    found["size_memory"] = _correlation(moves.every, moves.size, np.append(0.0, moves.size[:-1]), moves.later)
    return found


def _correlation(segments: Segments, one: Floats, other: Floats, rows: Mask) -> Floats:
    inside = Segments(segments.owner, segments.count, rows[segments.chosen]) if segments.chosen.all() else segments
    if inside is segments:
        keep = segments.chosen & rows
        owner = np.zeros(len(rows), np.int64)
        owner[segments.chosen] = segments.owner
        inside = Segments(owner, segments.count, keep)
    covariance = inside.mean(one * other) - inside.mean(one) * inside.mean(other)
    return covariance / (inside.deviation(one) * inside.deviation(other) + 1e-9)
