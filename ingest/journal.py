"""What was begun and not ended: the journal that makes a process killed at any moment harmless.

Before the first row of a batch, or of a withdrawal, an intent is written; it is closed after the row that ends the
change. Whatever is open when a process starts was broken off: `recover` takes back the rows of a batch that was not
committed, and finishes a withdrawal that was begun.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass

import psutil

from ingest.ranges import BlockRange
from ingest.recompute import derive_dirty, withdraw_conclusions
from ingest.tombstones import cut_batches, note_withdrawn, retract_publications, uncommitted, withdraw_rows
from sql.files import load
from sql.store import Store

WRITE, WITHDRAW = "write", "withdraw"
_SURELY_OVER_SECONDS = 3600
"""On a server, how long an intent of another host is taken for one that somebody is still at."""
_SAME_BIRTH_SECONDS = 2.0


@dataclass(frozen=True)
class Intent:
    """One change that was begun and not ended."""

    intent: int
    kind: str
    """`write` or `withdraw`."""
    first: int
    last: int
    writer: str
    """Host, process and its birth, as `_writer` makes it."""
    age_seconds: int


def open_intent(store: Store, *, chain_id: int, first: int, last: int, kind: str = WRITE) -> int:
    """Say that blocks first … last (both in it) are about to be written, or withdrawn; returns the intent's number."""
    intent = time.time_ns()
    store.command(
        load("withdraw/intent_open"),
        chain_id=chain_id,
        intent=intent,
        kind=kind,
        first=first,
        last=last,
        writer=_writer(),
    )
    return intent


def close_intent(store: Store, *, chain_id: int, intent: int) -> None:
    """Say that a change has come to its end; closing twice changes nothing."""
    store.command(load("withdraw/intent_close"), chain_id=chain_id, intent=intent)


def open_intents(store: Store, *, chain_id: int) -> list[Intent]:
    """Changes that were begun and not ended, oldest first, whoever began them."""
    return [Intent(**row) for row in store.query(load("withdraw/intents_open"), chain_id=chain_id).to_pylist()]


def recover(store: Store, *, chain_id: int) -> list[BlockRange]:
    """Mend what a broken process left behind; returns the ranges of blocks whose rows were taken back.

    Of a batch, only blocks that lie in no committed batch are withdrawn, so a batch that was committed but whose intent was
    not closed stays. An embedded store has one owner, so there every open intent is a broken one. On a server another
    process may be at it: its intents are left alone while it lives, those of other hosts for an hour.
    """
    mended: list[BlockRange] = []
    for intent in open_intents(store, chain_id=chain_id):
        if _may_be_alive(store, intent):
            continue
        if intent.kind == WITHDRAW:
            finish_withdrawal(store, chain_id=chain_id, first=intent.first, last=intent.last)
            mended.append(BlockRange(intent.first, intent.last))
        else:
            for gap in uncommitted(store, chain_id=chain_id, first=intent.first, last=intent.last):
                withdraw_rows(store, chain_id=chain_id, first=gap[0], last=gap[1])
                note_withdrawn(store, chain_id=chain_id, first=gap[0], last=gap[1])
                mended.append(BlockRange(*gap))
            derive_dirty(store, chain_id=chain_id)
        close_intent(store, chain_id=chain_id, intent=intent.intent)
    return mended


def finish_withdrawal(store: Store, *, chain_id: int, first: int, last: int) -> None:
    """Every step of a withdrawal, in order; steps that were done before find nothing to do.

    The watermark falls first: then no reader looks at blocks of which some rows are gone.
    """
    cut_batches(store, chain_id=chain_id, first=first, last=last)
    retract_publications(store, chain_id=chain_id, first=first)
    withdraw_conclusions(store, chain_id=chain_id, first=first)
    withdraw_rows(store, chain_id=chain_id, first=first, last=last)
    derive_dirty(store, chain_id=chain_id)
    note_withdrawn(store, chain_id=chain_id, first=first, last=last)


def _writer() -> str:
    return f"{socket.gethostname()}|{os.getpid()}|{psutil.Process().create_time():.2f}"


def _may_be_alive(store: Store, intent: Intent) -> bool:
    if store.dsn.startswith("chdb:"):
        return False
    host, _, rest = intent.writer.partition("|")
    if host != socket.gethostname():
        return intent.age_seconds <= _SURELY_OVER_SECONDS
    pid, _, born = rest.partition("|")
    if int(pid) == os.getpid():
        return False
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(born)) < _SAME_BIRTH_SECONDS
    except psutil.NoSuchProcess:
        return False
