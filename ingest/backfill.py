"""Blocks into the store, batch by batch, as many as are missing; the next batch is read while this one is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeAlias

from chainsight.errors import BlockWrong, BrokenLink, DataCheckError, UsageError, WrongChain
from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from ingest.commit import Committed, Origin, commit_blocks
from ingest.finality import note_heads
from ingest.journal import recover
from ingest.plan import settled_range
from ingest.ranges import ALL_BLOCKS, BlockRange
from ingest.source import BATCH_BLOCKS, ChainSource, RawBlock, Reach, batch_bytes
from ingest.tombstones import uncommitted
from ingest.writers import write_in_order
from sql.files import load, load_folder
from sql.store import Store

_WAIT_SECONDS = 0.2
_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True)
class IngestSummary:
    """What one ingest read, wrote and proved."""

    chain_id: int
    from_block: int
    to_block: int
    blocks: int
    """Blocks written now; those that were stored before are not."""
    skipped: int
    """Blocks that were stored already, with the same hash."""
    transactions: int
    logs: int
    traces: int
    proofs: tuple[str, ...]
    """What was recomputed and agreed for every block written."""
    seconds: float

    def __str__(self) -> str:
        proven = f"; {', '.join(self.proofs)} recomputed" if self.proofs else ""
        return (
            f"{self.blocks:,} blocks, {self.transactions:,} transactions, {self.logs:,} logs, {self.traces:,} traces of "
            f"chain {self.chain_id}, {self.skipped:,} blocks were there{proven}"
        )


def ingest_blocks(
    store: Store,
    source: ChainSource,
    *,
    blocks: BlockRange = ALL_BLOCKS,
    chain_id: int | None = None,
    progress: Progress = SILENT,
) -> IngestSummary:
    """Bring a range of blocks into the store; blocks that are there already are not read again.

    What a process that was killed left behind is taken back first. Raises `WrongChain` when the blocks are of another chain
    than `chain_id`, `ProofFailed` when a hash or root does not recompute, `DataCheckError` when the store has another block
    at a height, and what the source raises.
    """
    started = time.monotonic()
    chain = settled_chain_id(source, chain_id)
    reach = source.reach()
    first, last = settled_range(source, reach, blocks)
    refuse_tables(store, chain)
    for function in load_folder("functions"):
        store.command(function)
    for mended in recover(store, chain_id=chain):
        progress.note(f"Blocks {mended.first} to {mended.last} were left half-written; their rows were taken back.")
    note_heads(store, chain_id=chain, latest=reach.head, safe=reach.safe, finalized=reach.finalized)
    missing = uncommitted(store, chain_id=chain, first=first, last=last)
    _compare_stored(store, source, chain, first, last, missing)
    wanted = sum(end - start + 1 for start, end in missing)
    done: list[Committed] = []
    for start, end in missing:
        for batch, committed in _write_range(store, source, reach, chain, start, end, progress):
            done.append(committed)
            written = sum(part.blocks for part in done)
            rate = written / max(time.monotonic() - started, 1e-6)
            progress.step(written, wanted, f"block {batch[-1].number:,} ({rate:,.0f}/s)")
    for note in source.notes:
        progress.note(note)
    if done and source.missing:
        progress.note(f"{source.location} gives no traces: transfers inside of calls are not in the store.")
    proofs = [frozenset(committed.proofs) for committed in done]
    return IngestSummary(
        chain_id=chain,
        from_block=first,
        to_block=last,
        blocks=sum(committed.blocks for committed in done),
        skipped=last - first + 1 - wanted,
        transactions=sum(committed.transactions for committed in done),
        logs=sum(committed.logs for committed in done),
        traces=sum(committed.traces for committed in done),
        proofs=tuple(sorted(frozenset.intersection(*proofs))) if proofs else (),
        seconds=round(time.monotonic() - started, 2),
    )


def _write_range(
    store: Store, source: ChainSource, reach: Reach, chain_id: int, first: int, last: int, progress: Progress
) -> Iterator[tuple[list[RawBlock], Committed]]:
    """Blocks first … last, batch by batch; one that does not prove itself is read again elsewhere, if there is an elsewhere."""
    # What was recorded is proven whole; of a node, as much as its owner wants.
    sample = settings().sender_sample if source.kind == "rpc" else 1
    origin = Origin(source.kind, source.location, sample)

    def write(session: Store, batch: list[RawBlock], await_turn: Callable[[], object]) -> Committed:
        finality = finality_of(reach, batch[-1].number)
        return commit_blocks(session, batch, chain_id=chain_id, origin=origin, finality=finality, await_turn=await_turn)

    while first <= last:
        batches = _linked(store, chain_id, _ahead(_batches(source.read(first, last))))
        try:
            for batch, committed in write_in_order(store, batches, write):
                first = batch[-1].number + 1
                yield batch, committed
        except BlockWrong as failed:
            recover(store, chain_id=chain_id)
            if not source.distrust(failed.block_number, f"{failed.field} does not agree"):
                raise
            progress.note(f"{failed} Another node is asked.")


def finality_of(reach: Reach, number: int) -> str:
    """What a source's marks say of a block: finalized, safe or latest."""
    if number <= reach.finalized:
        return "finalized"
    return "safe" if number <= reach.safe else "latest"


def settled_chain_id(source: ChainSource, asked: int | None) -> int:
    """The chain the blocks are of: what they say, checked against what was asked.

    Raises `WrongChain` when the two differ and `UsageError` when neither says anything.
    """
    stated = source.chain_id()
    if stated is None and asked is None:
        raise UsageError(
            f"The blocks in {source.location} do not say which chain they are of.",
            next_step="Say it with --chain-id.",
        )
    if stated is not None and asked is not None and stated != asked:
        raise WrongChain(asked, stated, source.location)
    return stated if stated is not None else int(asked or 0)


def refuse_tables(store: Store, chain_id: int) -> None:
    """Raise `DataCheckError` when the store holds account histories of the chain: blocks beside them would count twice."""
    found = store.query(load("queries/audited_blocks"), chain_id=chain_id, source="blocks").to_pylist()[0]
    if found["other_batches"]:
        raise DataCheckError(
            f"The store holds account histories of chain {chain_id} (blocks {found['other_from']} to "
            f"{found['other_to']}); blocks beside them would show some transfers twice.",
            next_step="Use another --store for blocks.",
        )


def _compare_stored(
    store: Store, source: ChainSource, chain_id: int, first: int, last: int, missing: Sequence[tuple[int, int]]
) -> None:
    """Stored blocks are not read again, but the last of each run must be the source's, and through its hash all before it."""
    ends = [start - 1 for start, _ in missing if start > first]
    if not missing or missing[-1][1] < last:
        ends.append(last)
    for number in ends:
        found = store.query(load("queries/committed_blocks"), chain_id=chain_id, first=number, last=number).to_pylist()
        for raw in source.read(number, number) if found else ():
            stored = "0x" + found[0]["block_hash"].hex()
            if raw.block_hash != stored:
                raise DataCheckError(
                    f"{raw.where} holds block {number} with hash {raw.block_hash}, the store has it with hash {stored}.",
                    next_step="One of them is of another fork: use another --store, or a source that follows the same one.",
                )


def _batches(blocks: Iterator[RawBlock]) -> Iterator[list[RawBlock]]:
    """Blocks in batches that are bounded in number and bytes."""
    batch: list[RawBlock] = []
    size = 0
    for raw in blocks:
        batch.append(raw)
        size += raw.size
        if size >= batch_bytes() or len(batch) >= BATCH_BLOCKS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


_Ahead: TypeAlias = "list[RawBlock] | BaseException | None"


def _ahead(batches: Iterator[list[RawBlock]]) -> Iterator[list[RawBlock]]:
    """The same batches, the next one read in a thread while the caller is at this one."""
    ready: Queue[_Ahead] = Queue(maxsize=1)
    over = Event()

    def put(item: _Ahead) -> bool:
        while not over.is_set():
            try:
                ready.put(item, timeout=_WAIT_SECONDS)
                return True
            except Full:
                continue
        return False

    def read() -> None:
        try:
            for batch in batches:
                if not put(batch):
                    return
            put(None)
        except BaseException as error:  # what the source raises is raised where the batches are awaited
            put(error)

    reader = Thread(target=read, name="reader", daemon=True)
    reader.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        over.set()
        reader.join(_PATIENCE_SECONDS)  # it may be waiting for a node; it is a daemon and ends when that answers


def _linked(store: Store, chain_id: int, batches: Iterator[list[RawBlock]]) -> Iterator[list[RawBlock]]:
    """The same batches, as long as every block names the one before it, also where the store has one before or behind."""
    expected: str | None = None
    for batch in batches:
        first, last = batch[0].number, batch[-1].number
        stored = _stored_beside(store, chain_id, first, last)
        if expected is None and first - 1 in stored:
            expected = stored[first - 1][0]
        for raw in batch:
            if expected is not None and raw.parent_hash != expected:
                raise BrokenLink(raw.number, raw.where, raw.parent_hash, expected)
            expected = raw.block_hash
        if last + 1 in stored and stored[last + 1][1] != expected:
            where = f"{batch[-1].where}, followed in the store"
            raise BrokenLink(last + 1, where, stored[last + 1][1], batch[-1].block_hash)
        yield batch


def _stored_beside(store: Store, chain_id: int, first: int, last: int) -> dict[int, tuple[str, str]]:
    """Hash and parent's hash of the committed blocks right before `first` and right behind `last`."""
    found = store.query(load("queries/committed_blocks"), chain_id=chain_id, first=max(first - 1, 0), last=last + 1)
    return {
        row["block_number"]: ("0x" + row["block_hash"].hex(), "0x" + row["parent_hash"].hex())
        for row in found.to_pylist()
    }
