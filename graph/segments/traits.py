"""What segments are told apart by: how an address behaves in a window of days, as numbers without a clock.

`TRAITS` is the thing to read. A trait is a column of sql/behaviour/traits.sql, or follows from one; it says of how an
address acts, never who it is, when it lived or what a label says. Numbers that span magnitudes are taken as logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Matrix = npt.NDArray[np.float64]

_HOURS = 24


@dataclass(frozen=True)
class Trait:
    """One number of an address in a window."""

    name: str
    about: str
    """What it is, with its unit."""
    high: str
    """What to call an address that has much of it, in words that can stand in a name."""
    low: str
    is_logarithmic: bool = False
    """Measured as log(1 + x)."""


TRAITS: tuple[Trait, ...] = (
    Trait("acts", "transfers and calls it took part in; number", "busy", "quiet", True),
    Trait("out_share", "of its acts, those it was the giver or caller of; share", "giving", "receiving"),
    Trait("call_share", "of its acts, calls that move no coins; share", "calling", "paying"),
    Trait("token_share", "of its acts, transfers of tokens; share", "token", "tokenless"),
    Trait("collectible_share", "of its acts, transfers of collectibles; share", "collecting", "coin"),
    Trait("zero_share", "of its transfers, those of nothing; share", "empty-transfers", "full-transfers"),
    Trait("mint_share", "of its acts, tokens created for it; share", "minting", "unminted"),
    Trait("givers", "different addresses it received from; number", "many-givers", "few-givers", True),
    Trait("receivers", "different addresses it gave to or called; number", "many-receivers", "few-receivers", True),
    Trait(
        "top_giver_share", "of what came, by number, from the most frequent giver; share", "one-giver", "mixed-givers"
    ),
    Trait(
        "top_receiver_share",
        "of what went, by number, to the most frequent one; share",
        "one-receiver",
        "mixed-receivers",
    ),
    Trait("mutual_share", "of its counterparties, those in both directions; share", "to-and-fro", "one-way"),
    Trait("tokens", "different tokens; number", "many-tokens", "few-tokens", True),
    Trait(
        "kept_share", "of what came of a coin or token, what did not go on, mean of them; share", "keeping", "emptied"
    ),
    Trait("coins", "native coins that came or went, the larger; coins", "rich", "poor", True),
    Trait("delay_seconds", "from the last arrival to what it gives; median, seconds", "slow", "fast", True),
    Trait("quick_share", "of what it gives, within an hour of an arrival; share", "passing-on", "waiting"),
    Trait("burstiness", "of the pauses between acts; -1 regular, 1 bursty", "bursty", "regular"),
    Trait("hour_spread", "spread of its acts over the hours of the day; bits", "round-the-clock", "few-hours"),
    Trait("rest_hours", "longest time of the day without an act; hours", "resting", "restless"),
    Trait("active_day_share", "of the days from first to last act, those with one; share", "daily", "occasional"),
    Trait("acts_per_day", "acts on a day with any; number", "many-a-day", "few-a-day", True),
    Trait("repeat_share", "of what it gives, amounts it gave before; share", "same-amounts", "varied-amounts"),
    Trait(
        "exchange_share", "of its transactions with value, those in which it gave and got; share", "exchanging", "plain"
    ),
    Trait("signed_share", "transactions it signed over acts it was the giver of; at most 1", "signing", "contract"),
    Trait("calls_received", "transactions that call it; number", "called", "uncalled", True),
    Trait("methods", "different methods it called; number", "many-methods", "few-methods", True),
    Trait("swaps", "trades on decentralised exchanges; number", "swapping", "not-swapping", True),
)
NAMES = tuple(trait.name for trait in TRAITS)


@dataclass(frozen=True)
class Behaviour:
    """How the addresses of a window behaved."""

    addresses: tuple[bytes, ...]
    """20 bytes each, ascending."""
    values: Matrix
    """[addresses, traits] in the traits' own units; NaN where undefined."""

    @property
    def acts(self) -> npt.NDArray[np.float64]:
        """Number of acts of each address."""
        return self.values[:, 0]


def behaviour_of(rows: pa.Table) -> Behaviour:
    """The answer of sql/behaviour/traits.sql as one matrix.

    >>> empty = pa.table({"address": pa.array([], pa.binary(20)), "hours": [], **{n: [] for n in NAMES if n != "rest_hours"}})
    >>> behaviour_of(empty).values.shape
    (0, 28)
    """
    columns = [
        longest_rest(_floats(rows, "hours").astype(np.uint32)) if name == "rest_hours" else _floats(rows, name)
        for name in NAMES
    ]
    return Behaviour(tuple(rows.column("address").to_pylist()), np.column_stack(columns))


def measured(values: Matrix) -> Matrix:
    """Traits as they are compared: logarithms of those that span magnitudes; the same shape, NaN stays."""
    logarithmic = np.array([trait.is_logarithmic for trait in TRAITS])
    return np.where(logarithmic, np.log1p(np.maximum(values, 0)), values)


def longest_rest(hours: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """Longest run of hours of the day without a bit set, around midnight too.

    >>> longest_rest(np.array([0b1, 0, 0xFFFFFF, (1 << 8) | (1 << 20)], np.uint32)).tolist()
    [23.0, 24.0, 0.0, 11.0]
    """
    awake = (hours[:, None] >> np.arange(_HOURS, dtype=np.uint32)) & 1
    longest = np.zeros(len(hours))
    run = np.zeros(len(hours))
    for hour in range(2 * _HOURS):
        run = np.where(awake[:, hour % _HOURS] == 1, 0, run + 1)
        longest = np.maximum(longest, run)
    return np.minimum(longest, _HOURS)


def _floats(rows: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(rows.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
