"""Which Bitcoin blocks the store holds, from where, what of them was proven, and what does not fit together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from chainsight.errors import StoreEmpty, UsageError
from ingest.audit import find_gaps
from ingest.bitcoin_networks import Network, network_named
from ingest.ranges import BlockRange
from sql.files import load
from sql.store import Store


@dataclass(frozen=True)
class BitcoinBatch:
    """One committed batch."""

    from_block: int
    to_block: int
    source: str
    location: str
    blocks: int
    transactions: int
    inputs: int
    outputs: int
    proofs: str
    """What was recomputed and agreed, comma-separated."""
    ingested_at: dt.datetime


@dataclass(frozen=True)
class BitcoinAudit:
    """A network's batches, the blocks missing between them, and what is not known or does not agree."""

    network: str
    as_of_block: int
    as_of_block_hash: str
    batches: tuple[BitcoinBatch, ...]
    gaps: tuple[BlockRange, ...]
    unresolved: dict[str, int]
    """Inputs of which nobody knows what they spend, by reason."""
    conflicts: tuple[dict[str, Any], ...]
    """Rows that contradict each other: problem, block_number, transaction_or_block; at most 100."""


def audit_bitcoin(store: Store, network: Network) -> BitcoinAudit:
    """Read the record of what was ingested and look for contradictions; raises `StoreEmpty` where there is nothing."""
    batches = tuple(BitcoinBatch(**row) for row in store.query(load("bitcoin/audit"), network=network.name).to_pylist())
    if not batches:
        raise StoreEmpty(
            f"Bitcoin blocks of {network.name}",
            "Ingest some first: chainsight bitcoin ingest --rpc URL or --archive DIR.",
        )
    head = max(batch.to_block for batch in batches)
    tip = store.query(load("bitcoin/committed_blocks"), network=network.name, first=head, last=head).to_pylist()[0]
    unresolved = store.query(load("bitcoin/unresolved_inputs"), network=network.name).to_pylist()
    conflicts = store.query(
        load("bitcoin/conflicts"), network=network.name, halving_interval=network.halving_interval
    ).to_pylist()
    return BitcoinAudit(
        network=network.name,
        as_of_block=head,
        as_of_block_hash=tip["block_hash"],
        batches=batches,
        gaps=tuple(find_gaps((batch.from_block, batch.to_block) for batch in batches)),
        unresolved={row["reason"]: row["inputs"] for row in unresolved},
        conflicts=tuple(conflicts),
    )


def labelled_addresses(store: Store, network: Network) -> list[dict[str, Any]]:
    """Addresses that were paid and of which a source says something now, the largest first.

    Keys: address, category, label, source, confidence (0 to 1), outputs, received_satoshi and unspent_satoshi (decimal
    texts), first_block, last_block. An address stands once for every statement about it.
    """
    return store.query(load("queries/bitcoin_labelled_outputs"), network=network.name).to_pylist()


def only_network(store: Store, asked: str) -> Network:
    """The network that was asked for, or the one the store holds; raises `UsageError` when it holds several."""
    if asked:
        return network_named(asked)
    known = store.query(load("bitcoin/networks")).column("network").to_pylist()
    if not known:
        raise StoreEmpty("Bitcoin blocks", "Ingest some first: chainsight bitcoin ingest --rpc URL or --archive DIR.")
    if len(known) > 1:
        raise UsageError(f"The store holds {', '.join(known)}.", next_step="Name one with --network.")
    return network_named(known[0])
