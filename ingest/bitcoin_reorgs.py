"""Bitcoin blocks that have to go: those of a branch the node has left, and what a killed process left behind."""

from __future__ import annotations

import time

from chainsight.errors import DataCheckError
from ingest.bitcoin_networks import Network
from ingest.bitcoin_source import BitcoinSource
from sql.files import load
from sql.store import Store

DEEPEST_REORG = 100
"""Blocks; beyond it coins minted on the lost branch could have been spent, and a wrong node is the likelier cause."""
# What was concluded first, then block rows, so that no reader meets half a block.
_CONCLUSIONS = ("withdraw_entity_members", "withdraw_entity_links")
_WITHDRAWALS = (*_CONCLUSIONS, "withdraw_blocks", "withdraw_transactions", "withdraw_inputs", "withdraw_outputs")


def clear_open(store: Store, network: Network) -> int:
    """Withdraw what was being written or withdrawn when somebody stopped; returns how many ranges there were."""
    opened = store.query(load("bitcoin/audit_opened"), network=network.name).to_pylist()
    for span in opened:
        withdraw_rows(store, network=network, first=span["from_block"], last=span["to_block"])
        store.command(load("bitcoin/audit_close"), network=network.name, **span)
    return len(opened)


def withdraw_lost_branch(store: Store, source: BitcoinSource, *, network: Network, head: int) -> int:
    """Withdraw the stored blocks that the source's best branch does not have; returns how many there were.

    `head` is the source's newest block. A source that is only behind the store says nothing against what it has not
    seen yet. However long ago the store was brought up to date, the walk begins at its newest block that the source could have.
    Raises `DataCheckError` when the branches part deeper than `DEEPEST_REORG` below that block.
    """
    top = _newest_stored(store, network, head)
    if top is None:
        return 0
    lowest = max(top - DEEPEST_REORG, 0)
    stored = store.query(load("bitcoin/committed_blocks"), network=network.name, first=lowest, last=top).to_pylist()
    lost: int | None = None
    for block in reversed(stored):
        if source.block_hash(block["block_number"]) == block["block_hash"]:
            break
        lost = block["block_number"]
    if lost is None:
        return 0
    if lost == lowest and lowest > 0:
        raise DataCheckError(
            f"{source.location} and the store have different blocks from {lost} on, more than {DEEPEST_REORG} deep.",
            next_step="It follows another chain: use another --store, or another node.",
        )
    return withdraw_from(store, network=network, first=lost, location=source.location)


def _newest_stored(store: Store, network: Network, head: int) -> int | None:
    found = store.query(load("bitcoin/newest_committed"), network=network.name, head=head)
    newest: list[int] = found.column("block_number").to_pylist()
    return newest[0] if newest else None


def withdraw_from(store: Store, *, network: Network, first: int, location: str) -> int:
    """Take back every block from `first` on; returns how many there were. What stays of a batch stays committed."""
    every = (
        store.query(load("bitcoin/committed_blocks"), network=network.name, first=first, last=2**63)
        .column("block_number")
        .to_pylist()
    )
    if not every:
        return 0
    span = {"network": network.name, "first": first, "last": max(every)}
    store.command(load("bitcoin/audit_cut"), **span, location=location, version=time.time_ns())
    clear_open(store, network)
    return len(every)


def withdraw_rows(store: Store, *, network: Network, first: int, last: int) -> None:
    """Withdraw all rows of blocks first … last, both in it."""
    for name in _WITHDRAWALS:
        store.command(load(f"bitcoin/{name}"), network=network.name, first=first, last=last)
