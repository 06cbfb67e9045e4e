"""Bitcoin blocks into the store: only what is missing, on the source's best branch, batch by batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from chainsight.errors import BranchChanged, DataCheckError, SourceError, UsageError
from chainsight.progress import SILENT, Progress
from ingest.bitcoin_commit import Committed, commit_batch
from ingest.bitcoin_networks import Network
from ingest.bitcoin_reorgs import clear_open, withdraw_lost_branch
from ingest.bitcoin_source import BATCH_BLOCKS, BATCH_BYTES, BitcoinSource, RawBitcoinBlock
from ingest.ranges import ALL_BLOCKS, BlockRange
from ingest.source import Reach
from sql.files import load
from sql.store import Store

_BRANCH_ATTEMPTS = 5
_SAMPLED_BLOCKS = 3


@dataclass(frozen=True)
class BitcoinSummary:
    """What one ingest read, wrote and proved."""

    network: str
    from_block: int
    to_block: int
    blocks: int
    """Blocks written now; those that were stored before are not."""
    skipped: int
    """Blocks of the range that were stored already."""
    withdrawn: int
    """Blocks taken back because the node has left their branch."""
    transactions: int
    inputs: int
    outputs: int
    unresolved: int
    """Inputs written now of which nobody knows what they spend."""
    mended: int
    """Inputs of earlier batches whose spent output came with this one."""
    proofs: tuple[str, ...]
    """What was recomputed and agreed for every block written."""
    seconds: float


@dataclass(frozen=True)
class BitcoinPlan:
    """What an ingest would read, as far as a few blocks of the range tell."""

    network: str
    source: str
    location: str
    from_block: int
    to_block: int
    stored: int
    missing: int
    calls: int
    """Blocks to ask a node for; 0 for an archive."""
    expected_bytes: int
    """Of JSON, from the mean of the sampled blocks."""
    expected_rows: int
    """Transactions, inputs and outputs, from the mean of the sampled blocks."""


class _Transaction(msgspec.Struct):
    vin: list[msgspec.Raw]
    vout: list[msgspec.Raw]


class _Block(msgspec.Struct):
    tx: list[_Transaction]


def ingest_bitcoin(
    store: Store,
    source: BitcoinSource,
    *,
    blocks: BlockRange = ALL_BLOCKS,
    network: Network | None = None,
    progress: Progress = SILENT,
) -> BitcoinSummary:
    """Bring a range of blocks into the store; what is there already is not touched, what a branch lost is withdrawn.

    Raises `DataCheckError` when the source is of another network or has another block where the store has one,
    `ProofFailed` when a block does not recompute, and what the source raises.
    """
    started = time.monotonic()
    chain = settled_network(source, network)
    store.command(load("functions/bitcoin_to_satoshi"))
    if clear_open(store, chain):
        progress.note("Blocks that an earlier ingest left half-written were cleared.")
    written: list[Committed] = []
    withdrawn = 0
    for attempt in range(_BRANCH_ATTEMPTS):
        first, last, reach = _settled_range(source, blocks)
        if source.kind == "rpc":
            withdrawn += withdraw_lost_branch(store, source, network=chain, head=reach.head)
        else:
            _refuse_other_blocks(store, source, chain, first, last)
        try:
            for batch in _missing_batches(store, source, chain, first, last):
                _check_links(store, source, chain, batch)
                written.append(commit_batch(store, source, batch, network=chain, reach=reach))
                progress.step(batch[-1].number - first + 1, last - first + 1, f"block {batch[-1].number:,}")
            break
        except BranchChanged:
            if attempt == _BRANCH_ATTEMPTS - 1:
                raise
            progress.note(f"{source.location} went over to another branch; reading on from where they part.")
    store.command(
        load("bitcoin/settle_finality"),
        network=chain.name,
        head=reach.head,
        safe=reach.safe,
        finalized=reach.finalized,
        version=time.time_ns(),
    )
    new = sum(batch.blocks for batch in written)
    proofs = frozenset.intersection(*(frozenset(batch.proofs) for batch in written)) if written else frozenset()
    return BitcoinSummary(
        network=chain.name,
        from_block=first,
        to_block=last,
        blocks=new,
        skipped=last - first + 1 - new,
        withdrawn=withdrawn,
        transactions=sum(batch.transactions for batch in written),
        inputs=sum(batch.inputs for batch in written),
        outputs=sum(batch.outputs for batch in written),
        unresolved=sum(batch.unresolved for batch in written),
        mended=_mend(store, chain),
        proofs=tuple(sorted(proofs)),
        seconds=round(time.monotonic() - started, 2),
    )


def plan_bitcoin(
    store: Store, source: BitcoinSource, *, blocks: BlockRange = ALL_BLOCKS, network: Network | None = None
) -> BitcoinPlan:
    """What `ingest_bitcoin` would read; nothing is written. Up to three blocks are read to see how large they are."""
    chain = settled_network(source, network)
    first, last, _ = _settled_range(source, blocks)
    gaps = _missing(store, chain, first, last)
    missing = [number for start, end in gaps for number in (start, (start + end) // 2, end)]
    sampled = [missing[0], missing[len(missing) // 2], missing[-1]][:_SAMPLED_BLOCKS] if missing else []
    read = [block for number in sorted(set(sampled)) for block in source.read(number, number)]
    count = sum(end - start + 1 for start, end in gaps)
    rows = [_rows(block.payload) for block in read]
    return BitcoinPlan(
        network=chain.name,
        source=source.kind,
        location=source.location,
        from_block=first,
        to_block=last,
        stored=last - first + 1 - count,
        missing=count,
        calls=count if source.kind == "rpc" else 0,
        expected_bytes=round(count * sum(len(block.payload) for block in read) / max(len(read), 1)),
        expected_rows=round(count * sum(rows) / max(len(read), 1)),
    )


def settled_network(source: BitcoinSource, asked: Network | None) -> Network:
    """The network the blocks are of: what the source says, checked against what was asked.

    Raises `DataCheckError` when the two differ and `UsageError` when neither says anything.
    """
    stated = source.network()
    if stated is None and asked is None:
        raise UsageError(
            f"The blocks in {source.location} do not say which network they are of.",
            next_step="Say it with --network mainnet, testnet, testnet4, signet or regtest.",
        )
    if stated is not None and asked is not None and stated != asked:
        raise DataCheckError(
            f"{source.location} is of {stated.name}, not of {asked.name}.",
            next_step=f"Give --network {stated.name}, or another node.",
        )
    return stated or asked  # type: ignore[return-value]  # one of them is there


def _settled_range(source: BitcoinSource, blocks: BlockRange) -> tuple[int, int, Reach]:
    reach = source.reach()
    first = reach.first if blocks.first is None else blocks.first
    last = reach.head if blocks.last is None else blocks.last
    if first < reach.first or last > reach.head or first > last:
        raise SourceError(
            f"{source.location} has blocks {reach.first} to {reach.head}, not {first} to {last}.",
            next_step="Ask for a range inside it with -b FROM:TO.",
        )
    return first, last, reach


def _missing(store: Store, network: Network, first: int, last: int) -> list[tuple[int, int]]:
    """The parts of first … last that are not stored."""
    gaps, expected = [], first
    for block in [*_stored(store, network, first, last), last + 1]:
        if block > expected:
            gaps.append((expected, block - 1))
        expected = block + 1
    return gaps


def _stored(store: Store, network: Network, first: int, last: int) -> list[int]:
    found = store.query(load("bitcoin/committed_blocks"), network=network.name, first=first, last=last)
    return list(found.column("block_number").to_pylist())


def _missing_batches(
    store: Store, source: BitcoinSource, network: Network, first: int, last: int
) -> Iterator[list[RawBitcoinBlock]]:
    """Contiguous runs of blocks that are not stored, bounded in blocks and bytes."""
    for start, end in _missing(store, network, first, last):
        batch: list[RawBitcoinBlock] = []
        size = 0
        for raw in source.read(start, end):
            batch.append(raw)
            size += len(raw.payload)
            if size >= BATCH_BYTES or len(batch) >= BATCH_BLOCKS:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch


def _refuse_other_blocks(store: Store, source: BitcoinSource, network: Network, first: int, last: int) -> None:
    found = store.query(load("bitcoin/committed_blocks"), network=network.name, first=first, last=last).to_pylist()
    for stored in found:
        offered = source.block_hash(stored["block_number"])
        if offered != stored["block_hash"]:
            raise DataCheckError(
                f"{source.location} holds block {stored['block_number']} with hash {offered}, the store has it with "
                f"hash {stored['block_hash']}.",
                next_step="One of them is of another branch: use another --store, or a source that follows the same one.",
            )


def _check_links(store: Store, source: BitcoinSource, network: Network, batch: Sequence[RawBitcoinBlock]) -> None:
    """Every block must name the one before it, also where the store has the one before or the one after the batch."""
    first, last = batch[0].number, batch[-1].number
    found = store.query(
        load("bitcoin/committed_blocks"), network=network.name, first=max(first - 1, 0), last=last + 1
    ).to_pylist()
    chain = {block["block_number"]: (block["block_hash"], block["previous_hash"]) for block in found}
    chain |= {raw.number: (raw.block_hash, raw.previous_hash) for raw in batch}
    for number in range(first, last + 2):
        if number in chain and number - 1 in chain and chain[number][1] != chain[number - 1][0]:
            what = f"block {number} follows {chain[number][1]}, block {number - 1} has the hash {chain[number - 1][0]}."
            if source.kind == "rpc":
                raise BranchChanged(f"{source.location}: {what}", next_step="It changed its mind: repeat.")
            raise DataCheckError(
                f"{batch[0].where}: {what}",
                next_step="The two are of different branches; nothing of this batch was stored.",
            )


def _mend(store: Store, network: Network) -> int:
    """Resolve inputs of earlier batches whose spent output is there by now; returns how many."""
    before = _unresolved(store, network)
    if not before:
        return 0
    store.command(load("bitcoin/mend_inputs"), network=network.name, version=time.time_ns())
    store.command(load("bitcoin/mend_transactions"), network=network.name, version=time.time_ns())
    return before - _unresolved(store, network)


def _unresolved(store: Store, network: Network) -> int:
    found = store.query(load("bitcoin/unresolved_inputs"), network=network.name)
    return sum(found.column("inputs").to_pylist())


def _rows(payload: bytes) -> int:
    block = msgspec.json.decode(payload, type=_Block)
    return sum(1 + len(transaction.vin) + len(transaction.vout) for transaction in block.tx)
