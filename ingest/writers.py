"""Two batches at once, committed one after the other: reading, proving and decoding one keeps a single core busy.

Each batch has a session of the store to itself until only the row that commits it is missing; that waits for the batch
before. So readers never see a later block without the earlier ones, and a crash leaves open intents, not holes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeAlias

from ingest.commit import Committed
from ingest.source import RawBlock
from sql.files import load
from sql.store import Store

_WRITERS = 2

Batch: TypeAlias = list[RawBlock]
Write: TypeAlias = Callable[[Store, Batch, Callable[[], object]], Committed]
"""Writes a batch in a session, and calls the third argument before the row that commits it."""


def write_in_order(store: Store, batches: Iterable[Batch], write: Write) -> Iterator[tuple[Batch, Committed]]:
    """Each batch and what it brought, in order, as it is committed; the first error ends it, and no later batch commits."""
    sessions: SimpleQueue[Store] = SimpleQueue()
    opened: list[Store] = []
    pending: deque[tuple[Batch, Future[Committed]]] = deque()
    before: Future[Committed] | None = None

    def run(batch: Batch, earlier: Future[Committed] | None) -> Committed:
        session = sessions.get()
        try:
            return write(session, batch, earlier.result if earlier is not None else lambda: None)
        finally:
            sessions.put(session)

    pool = ThreadPoolExecutor(_WRITERS, thread_name_prefix="writer")
    try:
        for batch in batches:
            if len(opened) <= len(pending):
                opened.append(store.session())
                opened[-1].command(load("staging/session_settings"))
                sessions.put(opened[-1])
            before = pool.submit(run, batch, before)
            pending.append((batch, before))
            if len(pending) >= _WRITERS:
                yield _done(pending)
        while pending:
            yield _done(pending)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for session in opened:
            session.close()


def _done(pending: deque[tuple[Batch, Future[Committed]]]) -> tuple[Batch, Committed]:
    batch, written = pending.popleft()
    return batch, written.result()
