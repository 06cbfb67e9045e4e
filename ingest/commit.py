"""One batch of blocks into the store, whole or not at all: stage, prove, decode, derive transfers, commit.

The order makes a crash harmless: an intent, raw rows, block rows, transfers, then one audit row, then the intent is closed. A
block counts as stored only inside an audited batch, and whatever a broken batch left behind is withdrawn by
`ingest.journal.recover` before anything else is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chainsight.chains import chain_settings
from chainsight.errors import DataCheckError, FieldMalformed, ProofFailed, StoreError, StoreFull
from ingest.authorizations import recover_authorities
from ingest.fields import refuse_malformed, refuse_malformed_traces, refuse_uncovered
from ingest.journal import close_intent, open_intent
from ingest.proofs import Proofs, prove_staged
from ingest.source import RawBlock
from sql.files import Statement, load, load_folder
from sql.store import Parameter, Store

_PAYLOADS = {"staged_blocks": "payload", "staged_receipts": "receipts_payload", "staged_traces": "traces_payload"}
_TRANSFERS = "staged_transfers"
# Block rows last; `audit` is not among them, it commits.
_DECODED = ("transactions", "logs", "traces", "withdrawals", "blocks")
_COUNTED = ("blocks", "transactions", "logs", "traces", "transfers")


@dataclass(frozen=True)
class Origin:
    """Where blocks came from, as the record keeps it."""

    kind: str
    """`archive` or `rpc`."""
    location: str
    """Folder or node, without credentials."""
    sender_sample: int = 1
    """One transaction in so many has its sender recovered from its signature; 1: every one."""


@dataclass(frozen=True)
class Committed:
    """What one batch brought."""

    blocks: int
    transactions: int
    logs: int
    traces: int
    transfers: int
    proofs: tuple[str, ...]
    """What was recomputed and agreed for every block of the batch."""


def commit_blocks(
    store: Store,
    batch: Sequence[RawBlock],
    *,
    chain_id: int,
    origin: Origin,
    finality: str,
    await_turn: Callable[[], object] = lambda: None,
) -> Committed:
    """Write contiguous blocks that are not stored yet; `finality` is what is known of the batch's last block.

    await_turn: called when only the row that commits is missing; it returns when the batch before is committed. Raises
    `ProofFailed` with block and field, `WrongChain`, and `StoreError`; then nothing of the batch is committed, and what was
    written of it lies under an open intent, which `ingest.journal.recover` takes back.
    """
    first, last = batch[0].number, batch[-1].number
    stage_blocks(store, batch)
    store.command(f"DROP TABLE IF EXISTS {_TRANSFERS}")
    proofs = _prove(store, batch, chain_id=chain_id, origin=origin)
    intent = open_intent(store, chain_id=chain_id, first=first, last=last)
    version = time.time_ns()
    bounds: dict[str, Parameter] = {
        "chain_id": chain_id,
        "from_block": first,
        "to_block": last,
        "version": version,
        "finality": finality,
        "source": origin.kind,
        "location": origin.location,
        "proofs": sorted(proofs.proven),
        "wrapped_natives": list(chain_settings(chain_id).wrapped_natives),
    }
    for statement in _statements(has_traces=_has_traces(batch)):
        store.command(statement, **{name: bounds[name] for name in statement.parameters})
    proofs.check_senders()
    await_turn()
    # Who may act for whom depends on what was signed in the blocks before.
    if proofs.has_delegations:
        recover_authorities(store, chain_id=chain_id, from_block=first, to_block=last, version=version)
    held = _count_held(store, chain_id=chain_id, first=first, last=last)
    audit = load("decode/audit")
    bounds |= {**held, "version": time.time_ns()}
    store.command(audit, **{name: bounds[name] for name in audit.parameters})
    close_intent(store, chain_id=chain_id, intent=intent)
    for table in (*_PAYLOADS, _TRANSFERS):
        store.command(f"DROP TABLE IF EXISTS {table}")
    return Committed(**held, proofs=tuple(sorted(proofs.proven)))


def stage_blocks(store: Store, batch: Sequence[RawBlock]) -> None:
    """Hand the payloads to the store's parser, into temporary tables of this session; what was there is gone."""
    for table, attribute in _PAYLOADS.items():
        store.command(f"DROP TABLE IF EXISTS {table}")
        store.command(load(f"staging/{table}"))
        if lines := [line for raw in batch if (line := getattr(raw, attribute))]:
            _load(store, table, lines, batch)


def _load(store: Store, table: str, lines: Sequence[bytes], batch: Sequence[RawBlock]) -> None:
    """Hand all lines over at once; where the parser refuses them, say whose line it is."""
    try:
        store.load(table, b"\n".join(lines))
    except StoreFull:
        raise
    except StoreError as refused:
        for raw in batch:
            line = getattr(raw, _PAYLOADS[table])
            try:
                store.load(table, line) if line else None
            except StoreFull:
                raise
            except StoreError as error:
                said = str(error).partition(": ")[2][:200]
                raise FieldMalformed(raw.number, _PAYLOADS[table].replace("_", " "), said) from error
        raise refused


def _prove(store: Store, batch: Sequence[RawBlock], *, chain_id: int, origin: Origin) -> Proofs:
    """Prove what is staged. What no hash covers is looked at field by field; all of it only where a root is not proven."""
    try:
        proofs = prove_staged(
            store,
            chain_id=chain_id,
            where=origin.location,
            sender_sample=origin.sender_sample,
            may_lack=frozenset({"withdrawals_root"}) if origin.kind == "archive" else frozenset(),
        )
    except ProofFailed:
        refuse_malformed(store)  # names what cannot be read; what can be read and is wrong is named by the proof
        raise
    has_receipts = any(raw.receipts_payload for raw in batch)
    if {"transactions_root", "receipts_root"} <= proofs.proven | (set() if has_receipts else {"receipts_root"}):
        if not proofs.is_plain:
            refuse_uncovered(store)
        if _has_traces(batch):
            refuse_malformed_traces(store)
    else:
        refuse_malformed(store)
    return proofs


def _count_held(store: Store, *, chain_id: int, first: int, last: int) -> dict[str, int]:
    """What is about to be committed must be all there: rows lose to newer tombstones where a clock was set back."""
    counts = store.query(load("queries/batch_held"), chain_id=chain_id, from_block=first, to_block=last).to_pylist()[0]
    for name in _COUNTED:
        if counts[f"{name}_staged"] != counts[f"{name}_held"]:
            raise DataCheckError(
                f"Blocks {first} to {last} brought {counts[f'{name}_staged']:,} {name}, the store shows "
                f"{counts[f'{name}_held']:,} of them.",
                next_step="If this machine's clock was set back, set it right; if another process writes here, end it. Repeat.",
            )
    return {name: int(counts[f"{name}_held"]) for name in _COUNTED}


def _has_traces(batch: Sequence[RawBlock]) -> bool:
    return any(raw.traces_payload for raw in batch)


def _statements(*, has_traces: bool) -> list[Statement]:
    """What decodes a batch and derives its transfers, in order; without traces nothing is asked of them."""
    staging = load(f"staging/{_TRANSFERS}")
    transfers = [part.into(_TRANSFERS) for part in load_folder("transforms") if "/transfers_" in part.name]
    derived = [*transfers, load("decode/transfers"), load("transforms/quarantined_logs")]
    statements = [*(load(f"decode/{table}") for table in _DECODED), staging, *derived]
    of_traces = ("decode/traces", "transforms/transfers_internal")
    return [statement for statement in statements if has_traces or statement.name not in of_traces]
