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
from ingest.authorizations import recover_authorities
from ingest.fields import refuse_malformed
from ingest.journal import close_intent, open_intent
from ingest.proofs import prove_staged
from ingest.source import RawBlock
from sql.files import load, load_folder
from sql.store import Parameter, Store

STAGED = ("staged_blocks", "staged_receipts", "staged_traces")
# Block rows last; `audit` is not among them, it commits.
_DECODED = ("transactions", "logs", "traces", "withdrawals", "blocks")


@dataclass(frozen=True)
class Origin:
    """Where blocks came from, as the record keeps it."""

    kind: str
    """`archive` or `rpc`."""
    location: str
    """Folder or node, without credentials."""


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
    refuse_malformed(store)
    proofs = prove_staged(store, chain_id=chain_id, where=origin.location)
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
    transfers = [statement for statement in load_folder("transforms") if "/transfers_" in statement.name]
    transfers.append(load("transforms/quarantined_logs"))
    for statement in [*(load(f"decode/{table}") for table in _DECODED), *transfers]:
        store.command(statement, **{name: bounds[name] for name in statement.parameters})
    recover_authorities(store, chain_id=chain_id, from_block=first, to_block=last, version=version)
    proofs.check_senders()
    await_turn()
    audit = load("decode/audit")
    store.command(audit, **{name: bounds[name] for name in audit.parameters})
    close_intent(store, chain_id=chain_id, first=first, last=last, intent=intent)
    for table in STAGED:
        store.command(f"DROP TABLE IF EXISTS {table}")
    counted = store.query(load("queries/batch_counts"), chain_id=chain_id, from_block=first, to_block=last).to_pylist()[
        0
    ]
    return Committed(**counted, proofs=tuple(sorted(proofs.proven)))


def stage_blocks(store: Store, batch: Sequence[RawBlock]) -> None:
    """Hand the payloads to the store's parser, into temporary tables of this session; what was there is gone."""
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
