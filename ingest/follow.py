"""Stay at the head of a chain: read what is new, take back what left it, keep the finality of every row.

One round follows each sign that the head may have moved. Nothing is remembered between rounds that is not in the store, so a
process killed at any moment goes on where it was, with the same window of hashes read back from `blocks`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chainsight.errors import BlockWrong, NodeRefused, SourceError, UsageError
from chainsight.progress import SILENT, Progress
from ingest.backfill import refuse_tables
from ingest.commit import Origin, commit_blocks
from ingest.finality import Heads, compact_finality, known_heads, note_heads
from ingest.journal import recover
from ingest.reorgs import WINDOW_BLOCKS, Link, Window, find_ancestor, judge
from ingest.source import BATCH_BLOCKS, ChainSource, RawBlock, Reach, batch_bytes
from ingest.withdraw import withdraw_blocks
from sql.files import load, load_folder
from sql.store import Store

# A node behind ours is asked again after so many seconds before its word is taken for a chain that became shorter.
ASK_AGAIN_SECONDS = (1.0, 3.0, 8.0)
_FAILED_ROUNDS = 5
"""Rounds in a row that a node may fail before following ends with its error."""
_FRUITLESS = 3
"""How often a source may contradict itself in one round."""


@dataclass
class FollowSummary:
    """What following did so far."""

    chain_id: int
    blocks: int = 0
    """Blocks written, those included that were withdrawn again."""
    transactions: int = 0
    transfers: int = 0
    reorgs: int = 0
    withdrawn: int = 0
    """Blocks taken back."""
    deepest: int = 0
    """Most blocks taken back at once."""
    block: int | None = None
    """Where the store is now; None while it is empty."""

    def __str__(self) -> str:
        at = "no block yet" if self.block is None else f"now at block {self.block:,}"
        back = f"; {self.reorgs:,} reorganisations took back {self.withdrawn:,} blocks" if self.reorgs else ""
        return (
            f"Chain {self.chain_id}: {self.blocks:,} blocks, {self.transactions:,} transactions, {self.transfers:,} transfers "
            f"read, {at}{back}."
        )


def follow_chain(
    store: Store,
    source: ChainSource,
    heads: Iterable[object],
    *,
    chain_id: int,
    stop: threading.Event,
    progress: Progress = SILENT,
    confirmations: int = 0,
    start: int | None = None,
    ask_again: Sequence[float] = ASK_AGAIN_SECONDS,
) -> FollowSummary:
    """Bring the store to the source's head at every sign of `heads`, until `heads` ends or `stop` is set.

    `confirmations` blocks below the head are left alone. An empty store begins with block `start` (None: the head); one that
    holds blocks goes on after its last one. `stop` is looked at between batches. Raises `DeepReorg` when the chain went back
    below the finalized block, `BlockWrong` when no node gives a block that proves itself, what the source raises when it fails
    several rounds in a row, and `UsageError` when `start` would leave a gap.
    """
    refuse_tables(store, chain_id)
    for function in load_folder("functions"):
        store.command(function)
    for mended in recover(store, chain_id=chain_id):
        progress.note(f"Blocks {mended.first:,} to {mended.last:,} were broken off last time and are read again.")
    compact_finality(store)
    follower = _Follower(store, source, chain_id, stop, progress, confirmations, start, tuple(ask_again))
    failures, greeted = 0, False
    for _ in heads:
        if stop.is_set():
            break
        try:
            follower.catch_up()
            failures = 0
            if not greeted and follower.summary.block is not None:
                greeted = True
                progress.note(f"At the head of chain {chain_id}: block {follower.summary.block:,}.")
        except SourceError as error:
            if stop.is_set():
                break
            rest = error.wants_rest if isinstance(error, NodeRefused) else 0.0
            if rest:  # it said when to come back: that is no failure
                progress.note(f"{error} Asked again then.")
                stop.wait(rest)
                continue
            failures += 1
            if failures >= _FAILED_ROUNDS:
                raise
            progress.note(f"{error} Asked again at the next sign ({failures} of {_FAILED_ROUNDS}).")
    return follower.summary


class _Follower:
    """The window in hand, and what has been done."""

    def __init__(
        self,
        store: Store,
        source: ChainSource,
        chain_id: int,
        stop: threading.Event,
        progress: Progress,
        confirmations: int,
        start: int | None,
        ask_again: tuple[float, ...],
    ) -> None:
        self._store = store
        self._source = source
        self._chain_id = chain_id
        self._stop = stop
        self._progress = progress
        self._confirmations = confirmations
        self._start = start
        self._ask_again = ask_again
        self._window = read_window(store, chain_id=chain_id)
        self._noted: Heads | None = known_heads(store, chain_id=chain_id)
        self.summary = FollowSummary(chain_id)
        tip = self._window.tip
        if tip is not None:
            self.summary.block = tip.number
            if start is not None and start > tip.number + 1:
                raise UsageError(
                    f"The store ends at block {tip.number:,}: following from {start:,} would leave a gap.",
                    next_step="Leave --from away, or fill the gap first with chainsight ingest -b FROM:TO.",
                )

    def catch_up(self) -> None:
        """Read until the store is as far as the source was when it was last asked."""
        fruitless = 0
        while not self._stop.is_set():
            reach = self._source.reach()
            self._note(reach)
            tip, target = self._window.tip, reach.head - self._confirmations
            if tip is None:
                first = target if self._start is None else self._start
                if first > target or self._read(first, target):
                    return
            elif reach.head < tip.number:
                if not self._is_shorter(tip):
                    return
            elif target > tip.number:
                if self._read(tip.number + 1, target):
                    return
            elif self._hashes(tip.number, tip.number).get(tip.number) == tip.block_hash:
                return
            fruitless = 0 if self._take_back() or self._window.tip != tip else fruitless + 1
            if fruitless > _FRUITLESS:
                raise NodeRefused(
                    f"{self._source.location} gives a block that does not follow block {tip.number if tip else 0:,}, and has "
                    "that block as the store has it.",
                    next_step="Its nodes may be on different branches: name one that is in step with the chain, or wait.",
                )

    def _read(self, first: int, last: int) -> bool:
        """Commit blocks first … last in batches; False as soon as one does not follow."""
        batch: list[RawBlock] = []
        size = 0
        for raw in self._source.read(first, last):
            batch.append(raw)
            size += raw.size
            if size >= batch_bytes() or len(batch) >= BATCH_BLOCKS:
                if not self._commit(batch, last):
                    return False
                batch, size = [], 0
            if self._stop.is_set():
                break
        return self._commit(batch, last) if batch else True

    def _commit(self, batch: Sequence[RawBlock], head: int) -> bool:
        """Store what follows our tip; False when a block does not: then the source has to be asked who is right."""
        verdict = judge(self._window, (Link(raw.number, raw.block_hash, raw.parent_hash) for raw in batch))
        links = {link.block_hash: link for link in verdict.follows}
        fitting = list({raw.block_hash: raw for raw in batch if raw.block_hash in links}.values())
        fitting.sort(key=lambda raw: raw.number)
        if fitting:
            try:
                done = commit_blocks(
                    self._store,
                    fitting,
                    chain_id=self._chain_id,
                    origin=Origin(self._source.kind, self._source.location),
                    finality="latest",
                )
            except BlockWrong as failed:
                recover(self._store, chain_id=self._chain_id)
                if not self._source.distrust(failed.block_number, f"{failed.field} does not agree"):
                    raise
                self._progress.note(f"{failed} Another node is asked.")
                return False
            self._window = self._window.extended(verdict.follows)
            self.summary.blocks += done.blocks
            self.summary.transactions += done.transactions
            self.summary.transfers += done.transfers
            self._show(head)
        return verdict.contradicts is None and verdict.gap is None

    def _is_shorter(self, tip: Link) -> bool:
        """Whether a source whose head is below ours has really lost our blocks, and does not merely lag behind.

        Where it has another block than ours at its own head, that is plain. Otherwise it is asked again a few times.
        """
        for seconds in (*self._ask_again, None):
            reach = self._source.reach()
            if reach.head >= tip.number:
                return False
            ours = self._window.hash_at(reach.head)
            if ours is None:
                self._progress.note(
                    f"{self._source.location} is at block {reach.head:,}, far below the store's {tip.number:,}; waiting."
                )
                return False
            if self._hashes(reach.head, reach.head).get(reach.head) != ours:
                return True
            if seconds is not None and self._stop.wait(seconds):
                return False
        return True

    def _take_back(self) -> int:
        """Withdraw what the source does not have any more; returns how many blocks that was."""
        tip = self._window.tip
        if tip is None:
            return 0
        finalized = self._noted.finalized if self._noted else 0
        head = self._source.reach().head
        ancestor = find_ancestor(self._window, self._hashes, chain_id=self._chain_id, head=head, finalized=finalized)
        if ancestor == tip.number:
            return 0
        gone = withdraw_blocks(self._store, chain_id=self._chain_id, first=ancestor + 1)
        self._window = self._window.cut(ancestor)
        self.summary.reorgs += 1
        self.summary.withdrawn += gone
        self.summary.deepest = max(self.summary.deepest, gone)
        self._progress.note(f"The chain left its branch after block {ancestor:,}: {gone:,} blocks were taken back.")
        self._show(head)
        return gone

    def _hashes(self, first: int, last: int) -> dict[int, str]:
        """The source's hashes at some heights; what it does not have is left out."""
        try:
            return {raw.number: raw.block_hash for raw in self._source.read(first, last)}
        except NodeRefused:
            if self._source.reach().head >= last:
                raise
            return {}

    def _note(self, reach: Reach) -> None:
        heads = Heads(reach.head, reach.safe, reach.finalized)
        if heads != self._noted:
            note_heads(
                self._store,
                chain_id=self._chain_id,
                latest=heads.latest,
                safe=heads.safe,
                finalized=heads.finalized,
            )
            self._noted = known_heads(self._store, chain_id=self._chain_id)

    def _show(self, head: int) -> None:
        tip = self._window.tip
        self.summary.block = tip.number if tip else None
        at = tip.number if tip else 0
        seen = f", {self.summary.reorgs:,} reorgs" if self.summary.reorgs else ""
        self._progress.step(at, max(head, at), f"block {at:,}, {max(head - at, 0):,} behind the head{seen}")


def read_window(store: Store, *, chain_id: int, limit: int = WINDOW_BLOCKS) -> Window:
    """The newest blocks of the store that hang together, at most `limit`: the window a follower begins with."""
    links: list[Link] = []
    for row in store.query(load("heads/window"), chain_id=chain_id, limit=limit).to_pylist():
        if links and links[-1].number != row["block_number"] + 1:
            break
        links.append(Link(row["block_number"], "0x" + row["block_hash"], "0x" + row["parent_hash"]))
    return Window(tuple(reversed(links)), limit)
