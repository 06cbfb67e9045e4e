"""The blocks that a trace looks at, from how people write them: a height, a day, or a time."""

from __future__ import annotations

import datetime as dt
import re

from chainsight.errors import UsageError
from sql.files import load
from sql.store import Store

_MOST_DIGITS = 18


def first_block(store: Store, chain_id: int, text: str) -> int:
    """Where a window begins: a block itself, the one after the last before a time; the first of all where nothing is said.

    Raises `UsageError` for what is neither a block nor a time.
    """
    if not text:
        return 0
    begin = _parsed(text)
    if isinstance(begin, int):
        return begin
    last = _block_before(store, chain_id, begin)
    return 0 if last is None else last + 1


def last_block(store: Store, chain_id: int, text: str) -> int | None:
    """Where a window ends: a block itself, or the last before a time; None for all blocks where nothing is said.

    Raises `UsageError` for what is neither a block nor a time, and where no block is so early.
    """
    if not text:
        return None
    end = _parsed(text)
    last = end if isinstance(end, int) else _block_before(store, chain_id, end)
    if last is None:
        raise UsageError(
            f"The window is empty: the store has no block of chain {chain_id} before {text}.",
            next_step="Say a later --until.",
        )
    return last


def _parsed(text: str) -> int | dt.datetime:
    """A height in plain digits, or a time in ISO 8601, UTC where it says no zone."""
    if re.fullmatch("[0-9]+", text):
        if len(text) > _MOST_DIGITS:
            raise UsageError(f"No chain has a block {text[:24]}….", next_step="Say a height such as 17686110.")
        return int(text)
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is neither a block nor a time.", next_step="Say 17686110, 2023-07-01 or 2023-07-01T12:00."
        ) from None
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)


def _block_before(store: Store, chain_id: int, when: dt.datetime) -> int | None:
    found = store.query(load("queries/block_before"), chain_id=chain_id, moment=int(when.timestamp()))
    return int(found.column("block_number")[0].as_py()) if found.num_rows else None
