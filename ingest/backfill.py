"""Blocks into the store, batch by batch: check, hand over, decode, derive transfers, commit.

The order inside a batch makes a crash harmless: raw rows, then block rows, then transfers, then one audit row. A block
counts as stored only inside an audited batch; whatever a broken batch left behind is replaced when it is repeated,
because every row's key is its position in the chain.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chainsight.errors import DataCheckError, SourceError, UsageError, WrongChain
from chainsight.progress import SILENT, Progress
from ingest.proofs import prove
from ingest.ranges import ALL_BLOCKS, BlockRange
from ingest.source import BATCH_BLOCKS, BATCH_BYTES, ChainSource, RawBlock, claimed_chain_id
from sql.files import load, load_folder
from sql.store import Parameter, Store

_STAGED = ("staged_blocks", "staged_receipts", "staged_traces")
# Block rows last; `audit` is not among them, it commits.
_DECODED = ("transactions", "logs", "traces", "withdrawals", "blocks")


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
    """Bring a range of blocks into the store; blocks that are there already are not touched.

    Raises `WrongChain` when the blocks are of another chain than `chain_id`, `ProofFailed` when a hash or root does not
    recompute, `DataCheckError` when the store has another block at a height, and what the source raises.
    """
    started = time.monotonic()
    chain = settled_chain_id(source, chain_id)
    first, last = _settled_range(source, blocks)
    _refuse_tables(store, chain)
    for function in load_folder("functions"):
        store.command(function)
    known = _committed(store, chain, first, last)
    totals = {"blocks": 0, "transactions": 0, "logs": 0, "traces": 0}
    proofs: frozenset[str] | None = None
    for batch in _batches(source.read(first, last), known):
        found = prove_batch(batch, chain_id=chain)
        proofs = found if proofs is None else proofs & found
        _check_links(store, batch, chain)
        _write(store, source, batch, chain_id=chain, proofs=sorted(found))
        for name, number in _count(batch).items():
            totals[name] += number
        rate = totals["blocks"] / max(time.monotonic() - started, 1e-6)
        done = batch[-1].number - first + 1
        progress.step(done, last - first + 1, f"block {batch[-1].number:,} ({rate:,.0f}/s)")
    if "trace_block" in getattr(source, "missing", ()):
        progress.note(f"{source.location} does not know trace_block: transfers inside of calls are not in the store.")
    return IngestSummary(
        chain_id=chain,
        from_block=first,
        to_block=last,
        skipped=last - first + 1 - totals["blocks"],
        proofs=tuple(sorted(proofs or ())),
        seconds=round(time.monotonic() - started, 2),
        **totals,
    )


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


def prove_batch(batch: Sequence[RawBlock], *, chain_id: int) -> frozenset[str]:
    """Check every block of a batch; what could be proven for all of them. Raises `ProofFailed` or `WrongChain`."""
    proven: frozenset[str] | None = None
    for raw in batch:
        for index, transaction in enumerate(raw.block["transactions"]):
            stated = claimed_chain_id(transaction)
            if stated is not None and stated != chain_id:
                raise WrongChain(chain_id, stated, f"{raw.where}: transaction {index} of block {raw.number}")
        found = prove(raw.block, receipts=raw.receipts, traces=raw.traces)
        proven = found if proven is None else proven & found
    return proven or frozenset()


def _settled_range(source: ChainSource, blocks: BlockRange) -> tuple[int, int]:
    reach = source.reach()
    first = reach.first if blocks.first is None else blocks.first
    last = reach.head if blocks.last is None else blocks.last
    if first > last:
        raise UsageError(f"The range {first}:{last} is empty.", next_step="Give it as FROM:TO, both in it.")
    if first < reach.first or last > reach.head:
        raise SourceError(
            f"{source.location} has blocks {reach.first} to {reach.head}, not {first} to {last}.",
            next_step="Ask for a range inside it with -b FROM:TO.",
        )
    return first, last


def _refuse_tables(store: Store, chain_id: int) -> None:
    found = store.query(load("queries/audited_blocks"), chain_id=chain_id, source="blocks").to_pylist()[0]
    if found["other_batches"]:
        raise DataCheckError(
            f"The store holds account histories of chain {chain_id} (blocks {found['other_from']} to "
            f"{found['other_to']}); blocks beside them would show some transfers twice.",
            next_step="Use another --store for blocks.",
        )


def _committed(store: Store, chain_id: int, first: int, last: int) -> dict[int, bytes]:
    found = store.query(load("queries/committed_blocks"), chain_id=chain_id, first=first, last=last)
    return dict(zip(found["block_number"].to_pylist(), found["block_hash"].to_pylist(), strict=True))


def _batches(blocks: Iterator[RawBlock], known: dict[int, bytes]) -> Iterator[list[RawBlock]]:
    """Contiguous runs of blocks that are not stored yet, bounded in blocks and bytes."""
    batch: list[RawBlock] = []
    size = 0
    for raw in blocks:
        stored = known.get(raw.number)
        if stored is not None:
            _refuse_other_block(raw, stored)
        else:
            batch.append(raw)
            size += raw.size
        if batch and (stored is not None or size >= BATCH_BYTES or len(batch) >= BATCH_BLOCKS):
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _refuse_other_block(raw: RawBlock, stored: bytes) -> None:
    if "0x" + stored.hex() != str(raw.block.get("hash")).lower():
        raise DataCheckError(
            f"{raw.where} holds block {raw.number} with hash {raw.block.get('hash')}, "
            f"the store has it with hash 0x{stored.hex()}.",
            next_step="One of them is of another fork: use another --store, or a source that follows the same one.",
        )


def _check_links(store: Store, batch: Sequence[RawBlock], chain_id: int) -> None:
    """Every block must name the one before it, also where the store has the one before or the one after the batch."""
    first, last = batch[0].number, batch[-1].number
    found = store.query(load("queries/committed_blocks"), chain_id=chain_id, first=max(first - 1, 0), last=last + 1)
    stored = {row["block_number"]: row for row in found.to_pylist()}
    expected = "0x" + stored[first - 1]["block_hash"].hex() if first - 1 in stored else None
    for raw in batch:
        if expected is not None and str(raw.block.get("parentHash")).lower() != expected:
            raise _no_link(raw.where, raw.number, str(raw.block.get("parentHash")), expected)
        expected = str(raw.block.get("hash")).lower()
    if last + 1 in stored and expected is not None:
        parent = "0x" + stored[last + 1]["parent_hash"].hex()
        if parent != expected:
            raise _no_link(f"{batch[-1].where}, followed in the store", last + 1, parent, expected)


def _no_link(where: str, number: int, parent: str, expected: str) -> DataCheckError:
    return DataCheckError(
        f"{where}: block {number} has the parent {parent}, block {number - 1} has the hash {expected}.",
        next_step="The two are of different forks; nothing of this batch was stored.",
    )


def _write(store: Store, source: ChainSource, batch: Sequence[RawBlock], *, chain_id: int, proofs: list[str]) -> None:
    version = time.time_ns()
    finality = "finalized" if source.kind == "archive" else "latest"
    payloads = {
        "staged_blocks": [raw.payload for raw in batch],
        "staged_receipts": [raw.receipts_payload for raw in batch if raw.receipts_payload],
        "staged_traces": [raw.traces_payload for raw in batch if raw.traces_payload],
    }
    for table, lines in payloads.items():
        store.command(f"DROP TABLE IF EXISTS {table}")
        store.command(load(f"staging/{table}"))
        if lines:
            store.load(table, b"\n".join(lines))
    bounds: dict[str, Parameter] = {
        "chain_id": chain_id,
        "from_block": batch[0].number,
        "to_block": batch[-1].number,
        "version": version,
        "finality": finality,
        "source": source.kind,
        "location": source.location,
        "proofs": proofs,
    }
    transfers = [statement for statement in load_folder("transforms") if "/transfers_" in statement.name]
    decoded = [load(f"decode/{table}") for table in _DECODED]
    for statement in [*decoded, *transfers, load("decode/audit")]:
        store.command(statement, **{name: bounds[name] for name in statement.parameters})
    for table in _STAGED:
        store.command(f"DROP TABLE IF EXISTS {table}")


def _count(batch: Sequence[RawBlock]) -> dict[str, int]:
    return {
        "blocks": len(batch),
        "transactions": sum(len(raw.block["transactions"]) for raw in batch),
        "logs": sum(len(receipt["logs"]) for raw in batch for receipt in raw.receipts or ()),
        "traces": sum(len(raw.traces or ()) for raw in batch),
    }
