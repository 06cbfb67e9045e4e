"""All there is to say of how one wallet lives: what it holds and uses, its habits, and where a day departs from them.

Read from tables when it is asked for, and stored nowhere. The day looked at is the last one on which it did something, or
the one that is asked for; habits are of the time before that day, and nothing after it is read, so a profile of a past day
says what could have been known then. Of an address with very many moves the newest count (`MOST_MOVES`), and the answer says so.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chainsight.addresses import show_hex
from chainsight.errors import StoreEmpty, UsageError
from graph.profiles.departures import Departure, Words, departures_of
from graph.profiles.habits import Habits, Move, habits_of
from graph.profiles.tokens import Token, read_tokens, show_amount
from sql.as_of import AsOf, read_as_of
from sql.files import load
from sql.store import Store

MOST_MOVES = 50_000
_MOST_HOLDINGS = 100
_MOST_DAYS = 400
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Name:
    """Who an address belongs to, as labels say it."""

    actor: str
    category: str


@dataclass(frozen=True)
class Holding:
    """What it has of one token at the end of the day."""

    token: bytes
    standard: str
    amount: int
    """Smallest units; may be negative where earlier blocks are not in the store."""
    items: int
    """Different ids that it has, of a collection."""
    last_changed: dt.datetime
    price_usd: float | None


@dataclass(frozen=True)
class SegmentOfDay:
    """In which segment it was."""

    window_days: int
    day: dt.date
    segment: str
    clearness: float
    is_outsider: bool


@dataclass(frozen=True)
class Profile:
    """The whole of it."""

    chain_id: int
    address: bytes
    as_of_block: int
    day: dt.date
    first_seen: dt.datetime
    last_seen: dt.datetime
    overview: dict[str, int]
    """transfers, transactions_signed, counterparties, tokens, active_days, fee_amount."""
    holdings: list[Holding]
    habits: Habits
    """Of the time before the day, or of all where there is none before."""
    departures: list[Departure]
    moves_today: int
    days: list[tuple[dt.date, int]]
    """Moves on each day with any, the newest 400."""
    segments: list[SegmentOfDay]
    names: Mapping[bytes, list[Name]]
    tokens: Mapping[bytes, Token]
    """Every one that is held or was moved, and the native coin."""
    hashes: Mapping[tuple[int, int], str]
    """Transactions of the evidence, by block and place."""
    moves_left_out: bool
    """Whether it has more moves than were read."""


def read_profile(store: Store, address: bytes, *, chain_id: int, day: dt.date | None = None) -> Profile:
    """The profile of one address (20 bytes) at the end of a day, by default the last on which it moved anything.

    Raises `StoreEmpty` for an address never seen up to then, `UsageError` for a day beyond the watermark.
    """
    known = read_as_of(store, chain_id)
    to_block = known.block_number if day is None else _last_block(store, known, day)
    whose: dict[str, str | int] = {"chain_id": chain_id, "address": address.hex(), "to_block": to_block}
    (overview,) = store.query(load("behaviour/profile_overview"), **whose).to_pylist()
    moves = _moves(store, whose)
    chosen = day or _EPOCH + dt.timedelta(days=moves[-1].day)
    number = (chosen - _EPOCH).days
    past, today = [move for move in moves if move.day < number], [move for move in moves if move.day == number]
    habits = habits_of(past or today)
    end = dt.datetime.combine(chosen + dt.timedelta(days=1), dt.time(), known.block_timestamp.tzinfo)
    holdings = _holdings(store, whose, min(end, known.block_timestamp))
    names = _names(store, chain_id, [address, *_spoken_of(habits, past, today)], chosen)
    tokens = read_tokens(store, chain_id, {*(holding.token for holding in holdings), *(move.token for move in moves)})
    words = Words(lambda key: _called(key, names, tokens), lambda token, amount: show_amount(amount, tokens[token]))
    departures = departures_of(past, today, _balances(store, whose), words)
    return Profile(
        chain_id=chain_id,
        address=address,
        as_of_block=to_block,
        day=chosen,
        first_seen=_time(overview.pop("first_seen")),
        last_seen=_time(overview.pop("last_seen")),
        overview={name: int(value) for name, value in overview.items()},
        holdings=holdings,
        habits=habits,
        departures=departures,
        moves_today=len(today),
        days=_days(moves),
        segments=_segments(store, address, chain_id, to_block),
        names=names,
        tokens=tokens,
        hashes=_hashes(store, chain_id, departures),
        moves_left_out=len(moves) == MOST_MOVES,
    )


def _last_block(store: Store, known: AsOf, day: dt.date) -> int:
    """The last one up to the end of a day; raises `UsageError` beyond the watermark, `StoreEmpty` before all blocks."""
    last = known.block_timestamp.date()
    if day > last:
        raise UsageError(
            f"The store knows chain {known.chain_id} until {last}, not until {day}.",
            next_step=f"Give --day {last} or earlier.",
        )
    until = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    (found,) = store.query(
        load("behaviour/window"),
        chain_id=known.chain_id,
        as_of_block=known.block_number,
        since="1970-01-01 00:00:00",
        until=f"{until:%F %T}",
    ).to_pylist()
    if found["last_block"] is None:
        raise StoreEmpty(f"transfers of chain {known.chain_id} up to {day}", "Choose a later --day.")
    return int(found["last_block"])


def _moves(store: Store, whose: Mapping[str, str | int]) -> list[Move]:
    """Ascending in time; the newest where there are too many. Raises `StoreEmpty` where there are none."""
    rows = store.query(load("behaviour/profile_moves"), **whose, most=MOST_MOVES)
    columns = (rows.column(name).to_pylist() for name in rows.column_names)
    found = [
        Move(block, index, at, bool(is_out), bytes.fromhex(other), kind, bytes.fromhex(token), int(amount), method)
        for block, at, index, is_out, other, kind, token, amount, method in zip(*columns, strict=True)
    ]
    if not found:
        raise StoreEmpty(
            f"move of 0x{whose['address']} on chain {whose['chain_id']} up to block {whose['to_block']:,}",
            "Check the address and --chain-id; chainsight transform brings tables up to date after an ingest.",
        )
    return found[::-1]


def _holdings(store: Store, whose: Mapping[str, str | int], at: dt.datetime) -> list[Holding]:
    rows = store.query(load("behaviour/profile_holdings"), **whose, at=f"{at:%F %T}", most=_MOST_HOLDINGS).to_pylist()
    return [
        Holding(
            bytes.fromhex(row["token"]),
            row["standard"],
            int(row["amount"]),
            row["items"],
            _time(row["last_changed"]),
            row["price"] or None,
        )
        for row in rows
    ]


def _time(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _balances(store: Store, whose: Mapping[str, str | int]) -> dict[int, int]:
    """Native balance at the end of each day on which it changed, by days since 1970."""
    balance, found = 0, {}
    for row in store.query(load("behaviour/profile_balance_days"), **whose).to_pylist():
        balance += int(row["delta"])
        found[(row["day"] - _EPOCH).days] = balance
    return found


def _spoken_of(habits: Habits, past: Sequence[Move], today: Sequence[Move]) -> list[bytes]:
    """Addresses that an answer names: preferred ones and those new on the day."""
    met = {move.other for move in past}
    preferred = [one.key for one in (*habits.counterparties, *habits.protocols)]
    return [*preferred, *sorted({move.other for move in today} - met)[:50]]


def _names(store: Store, chain_id: int, addresses: Iterable[bytes], day: dt.date) -> dict[bytes, list[Name]]:
    wanted = sorted({address.hex().upper() for address in addresses})
    rows = store.query(load("behaviour/profile_names"), chain_id=chain_id, addresses=wanted, at=f"{day:%F} 23:59:59")
    found: dict[bytes, list[Name]] = {}
    for row in rows.to_pylist():
        found.setdefault(bytes.fromhex(row["address"]), []).append(Name(row["actor"], row["category"]))
    return found


def _called(key: bytes, names: Mapping[bytes, list[Name]], tokens: Mapping[bytes, Token]) -> str:
    if key in names:
        return f"{names[key][0].actor} ({show_hex(key)})"
    return str(tokens[key] if key in tokens and tokens[key].symbol else show_hex(key))


def _days(moves: Sequence[Move]) -> list[tuple[dt.date, int]]:
    counts = sorted(Counter(move.day for move in moves).items())[-_MOST_DAYS:]
    return [(_EPOCH + dt.timedelta(days=day), count) for day, count in counts]


def _segments(store: Store, address: bytes, chain_id: int, to_block: int) -> list[SegmentOfDay]:
    """The newest of each length of window."""
    rows = store.query(
        load("behaviour/segments_of_address"), chain_id=chain_id, address=address.hex(), as_of_block=to_block, most=1
    ).to_pylist()
    return [SegmentOfDay(**{**row, "is_outsider": bool(row["is_outsider"])}) for row in rows]


def _hashes(store: Store, chain_id: int, departures: Sequence[Departure]) -> dict[tuple[int, int], str]:
    blocks = sorted({block for departure in departures for block, _ in departure.evidence})
    if not blocks:
        return {}
    rows = store.query(load("behaviour/profile_hashes"), chain_id=chain_id, blocks=blocks).to_pylist()
    return {(row["block_number"], row["transaction_index"]): row["transaction_hash"] for row in rows}
