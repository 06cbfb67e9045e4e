"""One batch of Bitcoin blocks into the store: prove, decode, resolve what inputs spend, prove the fees, write, commit.

The row of `bitcoin_audit` is written twice: before the first row of the batch, as open, and after the last, as committed.
Whoever finds an open one afterwards knows which blocks to clear (ingest/bitcoin_reorgs.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from chainsight.errors import DataCheckError, ProofFailed
from ingest.bitcoin_networks import Network
from ingest.bitcoin_proofs import PROVEN_BY_HASH, Proven, prove_block, prove_spent_transaction
from ingest.bitcoin_reorgs import withdraw_rows
from ingest.bitcoin_source import BitcoinSource, RawBitcoinBlock
from ingest.source import Reach
from sql.files import load
from sql.store import Parameter, Store

# In the order in which they are filled.
_STAGED = (
    "staged_bitcoin_blocks",
    "staged_bitcoin_transactions",
    "staged_bitcoin_refusals",
    "staged_bitcoin_outputs",
    "staged_bitcoin_spends",
    "staged_bitcoin_known",
    "staged_bitcoin_inputs",
)
_PROVEN_IN_SQL = ("proof_prevouts", "proof_fees", "proof_rewards")
# Block rows last; the audit row is not among them, it commits.
_WRITTEN = ("write_outputs", "write_inputs", "write_transactions", "write_blocks")


@dataclass(frozen=True)
class Committed:
    """What one batch brought, as it stands in the store."""

    blocks: int
    transactions: int
    inputs: int
    outputs: int
    unresolved: int
    """Inputs of which nobody knows what they spend; `bitcoin_inputs.unresolved_reason` says why."""
    proofs: tuple[str, ...]
    """What was recomputed and agreed for every block of the batch."""


def commit_batch(
    store: Store, source: BitcoinSource, batch: Sequence[RawBitcoinBlock], *, network: Network, reach: Reach
) -> Committed:
    """Prove and store contiguous blocks that are not stored yet; `reach` says how final they are.

    Raises `ProofFailed` naming block and field; nothing is stored then.
    """
    proven = [prove_block(raw.payload, network=network, number=raw.number, where=raw.where) for raw in batch]
    try:
        _stage(store, source, batch, network)
        for name in _PROVEN_IN_SQL:
            _require_none(store, name, network)
        return _write(store, source, batch, proven, network=network, reach=reach)
    finally:
        for table in _STAGED:
            store.command(f"DROP TABLE IF EXISTS {table}")


def _stage(store: Store, source: BitcoinSource, batch: Sequence[RawBitcoinBlock], network: Network) -> None:
    for table in _STAGED:
        store.command(f"DROP TABLE IF EXISTS {table}")
        store.command(load(f"bitcoin/{table}"))
    store.load("staged_bitcoin_blocks", b"\n".join(raw.payload for raw in batch))
    store.command(load("bitcoin/decode_outputs"))
    store.command(load("bitcoin/decode_spends"))
    _resolve(store, source, network)
    wanted = store.query(load("bitcoin/unresolved_transactions")).to_pydict()
    if not wanted["transaction_id"]:
        return
    shown = source.transactions(wanted["transaction_id"])
    for transaction_id, number in zip(wanted["transaction_id"], wanted["block_number"], strict=True):
        if transaction_id in shown.found:
            payload = shown.found[transaction_id]
            prove_spent_transaction(payload, network=network, transaction_id=transaction_id, number=number)
    refusals = ({"txid": transaction_id, "reason": reason} for transaction_id, reason in shown.refused.items())
    if shown.found or shown.refused:
        _load_lines(store, "staged_bitcoin_transactions", shown.found.values())
        _load_lines(store, "staged_bitcoin_refusals", map(msgspec.json.encode, refusals))
        _resolve(store, source, network)


def _resolve(store: Store, source: BitcoinSource, network: Network) -> None:
    store.command("TRUNCATE TABLE staged_bitcoin_known")
    store.command(load("bitcoin/known_outputs"), network=network.name)
    store.command("TRUNCATE TABLE staged_bitcoin_inputs")
    store.command(load("bitcoin/resolve_inputs"), reason=source.unresolved_reason)


def _load_lines(store: Store, table: str, lines: Iterable[bytes]) -> None:
    payload = b"\n".join(lines)
    if payload:
        store.load(table, payload)


def _require_none(store: Store, name: str, network: Network) -> None:
    known: dict[str, Parameter] = {"network": network.name, "halving_interval": network.halving_interval}
    statement = load(f"bitcoin/{name}")
    for row in store.query(statement, **{key: known[key] for key in statement.parameters}).to_pylist():
        raise ProofFailed(row["block_number"], row["field"], row["stated"], row["computed"])


def _write(
    store: Store,
    source: BitcoinSource,
    batch: Sequence[RawBitcoinBlock],
    proven: Sequence[Proven],
    *,
    network: Network,
    reach: Reach,
) -> Committed:
    first, last = batch[0].number, batch[-1].number
    span: dict[str, Parameter] = {"network": network.name, "from_block": first, "to_block": last}
    store.command(
        load("bitcoin/audit_open"), **span, source=source.kind, location=source.location, version=time.time_ns()
    )
    withdraw_rows(store, network=network, first=first, last=last)  # what another branch left there
    bounds: dict[str, Parameter] = {
        "network": network.name,
        "safe": reach.safe,
        "finalized": reach.finalized,
        "version": time.time_ns(),
    }
    for name in _WRITTEN:
        statement = load(f"bitcoin/{name}")
        store.command(statement, **{key: bounds[key] for key in statement.parameters})
    found = store.query(load("bitcoin/written"), **span).to_pylist()[0]
    _require_written(found, proven, first=first, last=last)
    proofs = (*PROVEN_BY_HASH, *(() if found["unresolved"] else ("fees", "rewards")))
    counted: dict[str, int] = {name: found[name] for name in ("blocks", "transactions", "inputs", "outputs")}
    store.command(
        load("bitcoin/audit_commit"),
        **span,
        **counted,
        source=source.kind,
        location=source.location,
        proofs=sorted(proofs),
        version=time.time_ns(),
    )
    return Committed(**counted, unresolved=found["unresolved"], proofs=tuple(sorted(proofs)))


def _require_written(found: dict[str, object], proven: Sequence[Proven], *, first: int, last: int) -> None:
    """The rows must be what was proven: Python read the numbers for the hashes, ClickHouse read them for the tables."""
    expected = {
        "blocks": len(proven),
        "transactions": sum(block.transactions for block in proven),
        "inputs": sum(block.inputs for block in proven),
        "outputs": sum(block.outputs for block in proven),
        "output_value": sum(block.output_value for block in proven),
    }
    for name, number in expected.items():
        stored = found[name]
        stored = int.from_bytes(stored, "little") if isinstance(stored, bytes) else stored
        if stored != number:
            raise DataCheckError(
                f"Blocks {first} to {last}: the store has {name} {stored}, the blocks that were read have {number}.",
                next_step="Nothing of this batch counts as stored; the next ingest clears it. Report it as a fault.",
            )
