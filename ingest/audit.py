"""Which blocks of a chain the store holds, from where, what of them was proven, what was put aside, and what adds up."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from chainsight.chains import chain_settings
from chainsight.progress import SILENT, Progress
from ingest.balances import BalanceReport, check_balances
from ingest.ranges import BlockRange, outside
from sql.check import CheckFailure, check
from sql.files import load
from sql.store import Store

PROOFS = ("block_hash", "transactions_root", "receipts_root", "withdrawals_root")
_STATUS = {"match": "ok", "mismatch": "failed", "explained": "explained"}


@dataclass(frozen=True)
class Batch:
    """One committed batch."""

    from_block: int
    to_block: int
    source: str
    location: str
    blocks: int
    transactions: int
    logs: int
    traces: int
    transfers: int
    proofs: str
    """What was recomputed and agreed, comma-separated; empty for tables, which carry nothing to recompute."""
    ingested_at: dt.datetime


@dataclass(frozen=True)
class Audit:
    """A chain's committed batches in order of their blocks, and what is wrong, missing or doubtful in them."""

    chain_id: int
    batches: tuple[Batch, ...]
    gaps: tuple[BlockRange, ...]
    events: dict[str, int]
    """Logs by kind of transfer event; an ERC-1155 batch counts once. Empty for tables, which have no logs."""
    quarantined: dict[str, int]
    """Events that look like a transfer and are none, by reason."""
    doubts: dict[str, int]
    """Transfers that may not be what they say (`transfers.doubt`), or are too large for sums (`amount_overflow`)."""
    authorizations: dict[str, int]
    """EIP-7702 authorisations by status."""
    failed_checks: tuple[CheckFailure, ...] = ()
    """Files of sql/checks that found something; only `take_audit` runs them."""
    balances: BalanceReport | None = None
    """None where no node was asked."""
    genesis_hash: str = ""
    """Of block 0 in the store (`0x…`); empty where the store has none. chainsight/chains.toml says what it should be."""

    @property
    def is_of_its_chain(self) -> bool:
        """Block 0 is the one that the chain's settings name, as far as both are known."""
        stated = chain_settings(self.chain_id).genesis_hash
        return not stated or not self.genesis_hash or stated == self.genesis_hash

    @property
    def is_clean(self) -> bool:
        """Nothing is missing, every check holds, the chain is the one it says, and no balance differs unexplained."""
        mismatches = self.balances.count("mismatch") if self.balances else 0
        return not self.gaps and not self.failed_checks and not mismatches and self.is_of_its_chain


def audit_chain(store: Store, *, chain_id: int) -> Audit:
    """Read the record of what was ingested."""
    found = store.query(load("queries/audit"), chain_id=chain_id).to_pylist()
    batches = tuple(Batch(**row) for row in found)
    head = max((batch.to_block for batch in batches), default=0)
    counted = store.query(load("queries/event_counts"), chain_id=chain_id, from_block=0, to_block=head).to_pylist()
    aside: dict[str, dict[str, int]] = {"quarantine": {}, "doubt": {}, "authorizations": {}}
    for row in store.query(load("queries/audit_counts"), chain_id=chain_id, to_block=head).to_pylist():
        aside[row["check_name"]][row["subject"]] = row["found"]
    genesis = store.query(load("queries/committed_blocks"), chain_id=chain_id, first=0, last=0)
    return Audit(
        chain_id=chain_id,
        batches=batches,
        gaps=tuple(find_gaps((batch.from_block, batch.to_block) for batch in batches)),
        events={row["event"]: row["events"] for row in counted},
        quarantined=aside["quarantine"],
        doubts=aside["doubt"],
        authorizations=aside["authorizations"],
        genesis_hash="".join("0x" + row["block_hash"].hex() for row in genesis.to_pylist()),
    )


def take_audit(
    store: Store,
    *,
    chain_id: int,
    urls: str | Sequence[str] = (),
    most: int = 50,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Audit:
    """Read the record, run every check, sample balances where a node is named, and write all of it to `ingest_checks`.

    Raises `WrongChain` when the node is of another chain, `NodeRefused` and `NodeLies` when it does not answer; whatever
    does not add up is in the result, and no error.
    """
    audit = replace(
        audit_chain(store, chain_id=chain_id), failed_checks=tuple(check(store, chain_id=chain_id, progress=progress))
    )
    if urls:
        report = check_balances(store, urls, chain_id=chain_id, most=most, seed=seed, progress=progress)
        audit = replace(audit, balances=report)
    _record(store, audit)
    return audit


def find_gaps(spans: Iterable[tuple[int, int]]) -> list[BlockRange]:
    """Blocks between the spans that none of them covers.

    >>> find_gaps([(7, 9), (1, 3), (2, 4)])
    [BlockRange(first=5, last=6)]
    """
    ordered = sorted(spans)
    if not ordered:
        return []
    last = max(end for _, end in ordered)
    return [BlockRange(*gap) for gap in outside(ordered[0][0], last, ordered)]


@dataclass(frozen=True)
class _Finding:
    """One row of `ingest_checks`."""

    check_name: str
    subject: str
    from_block: int
    to_block: int
    status: str
    expected: str
    seen: str
    detail: str = ""


def _findings(audit: Audit) -> Iterator[_Finding]:
    if not audit.batches:
        return
    first = min(batch.from_block for batch in audit.batches)
    last = max(batch.to_block for batch in audit.batches)
    blocks = sum(batch.blocks for batch in audit.batches)
    yield _Finding(
        "coverage", "blocks", first, last, "failed" if audit.gaps else "ok", str(last - first + 1), str(blocks)
    )
    for gap in audit.gaps:
        start, end = gap.first or 0, gap.last or 0
        yield _Finding(
            "coverage", "missing", start, end, "failed", str(end - start + 1), "0", "Ingest this range with -b."
        )
    if audit.genesis_hash:
        stated = chain_settings(audit.chain_id).genesis_hash
        status = "failed" if not audit.is_of_its_chain else "ok" if stated else "unknown"
        yield _Finding("coverage", "genesis", 0, 0, status, stated, audit.genesis_hash)
    for proof in PROOFS:
        proven = sum(batch.blocks for batch in audit.batches if proof in batch.proofs.split(", "))
        yield _Finding("proofs", proof, first, last, "ok" if proven == blocks else "unknown", str(blocks), str(proven))
    for name, counts in (
        ("quarantine", audit.quarantined),
        ("doubt", audit.doubts),
        ("authorizations", audit.authorizations),
    ):
        for subject, count in counts.items():
            yield _Finding(name, subject, first, last, "ok", "", str(count))
    for failure in audit.failed_checks:
        rows = "; ".join(str(row) for row in failure.first_rows)
        yield _Finding(
            "tables", failure.name, first, last, "failed", "0", str(failure.rows), f"{failure.purpose} {rows}"
        )
    if not audit.failed_checks:
        yield _Finding("tables", "all", first, last, "ok", "0", "0")
    for found in audit.balances.checks if audit.balances else ():
        row = found.as_row()
        subject, status = f"{row['account']} {row['token']}", _STATUS.get(found.status, "unknown")
        yield _Finding(
            "balance", subject, found.from_block, found.to_block, status, row["expected"], row["seen"], found.reason
        )


def _record(store: Store, audit: Audit) -> None:
    """What this audit found replaces what earlier ones found of the same kinds; balances stand until others are sampled."""
    findings = list(_findings(audit))
    names = {"coverage", "proofs", "quarantine", "doubt", "authorizations", "tables", *(f.check_name for f in findings)}
    version = time.time_ns()
    store.command(load("queries/audit_withdraw"), chain_id=audit.chain_id, names=sorted(names), version=version)
    columns = {name: [getattr(finding, name) for finding in findings] for name in _Finding.__dataclass_fields__}
    count = len(findings)
    table = pa.table(
        {
            "chain_id": pa.array([audit.chain_id] * count, pa.uint64()),
            **{
                name: pa.array(values, pa.uint64() if name.endswith("_block") else pa.string())
                for name, values in columns.items()
            },
            "version": pa.array([version + 1] * count, pa.uint64()),
        }
    )
    store.insert("ingest_checks", table)
