"""Stores to ask twelve questions of: real account histories, and real blocks copied inside the database to ten million transfers.

Copies are rows, not blocks: INSERT … SELECT writes them straight into the tables with shifted numbers and times and hashed
hashes, because 10 million transfers as blocks would take an hour to ingest. Parties that meet at least twenty transfers in the
sample (routers, tokens, exchanges) are the same in every copy, all others recur in one copy of fifty; each copy stands 230
blocks after the one before, a tenth of the chain's density, so that the transfers reach over 18 days. Amounts and call data are
those of the sample: sizes of tables that are ordered by address flatter, so sizes are measured elsewhere (bench/sizes.py).
"""

from __future__ import annotations

from pathlib import Path

from chainsight.progress import SILENT, Progress
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.labels import import_labels
from ingest.tables import ingest_tables
from sql.files import load
from sql.migrate import migrate
from sql.store import Parameter, Store

CHAIN = 1
_COPIED = ("blocks", "transactions", "logs", "transfers")
_STRIDE, _COPIES_A_STATEMENT = 230, 40
# Most rows in one large part, as merges leave them, the newest in several small ones.
_MERGED_SHARE, _SMALL_PARTS = 0.95, 5
_BLOCKS_A_STATEMENT = 10_000


def fill_from_accounts(store: Store, folder: Path, progress: Progress) -> None:
    """Account histories, transfers by address and made-up scores."""
    migrate(store)
    ingest_tables(store, folder, chain_id=CHAIN, progress=progress)
    _finish(store, CHAIN, every_blocks=1_000_000)
    for table in ("transactions", "transfers", "address_transfers"):
        store.command(f"OPTIMIZE TABLE {table} FINAL")


def fill_enlarged(
    store: Store,
    recording: Path,
    labels: list[Path],
    *,
    transfers: int,
    chain_id: int = CHAIN,
    progress: Progress = SILENT,
) -> None:
    """A recording and as many copies of its rows as make so many transfers, in one large part and some small ones a table."""
    migrate(store)
    ingest_blocks(store, ArchiveSource(recording), chain_id=chain_id, progress=progress)
    import_labels(store, labels)
    sample = store.query("SELECT max(block_number) AS last, (SELECT count() FROM transfers) AS transfers FROM blocks")
    last, found = (int(sample.column(name)[0].as_py()) for name in ("last", "transfers"))
    copies = -(-transfers // found)
    merged = int(copies * _MERGED_SHARE)
    for first in range(1, merged, _COPIES_A_STATEMENT):
        progress.note(f"Copies {first} to {min(first + _COPIES_A_STATEMENT, merged) - 1} of {copies - 1}.")
        _copy(store, chain_id, last, first, min(_COPIES_A_STATEMENT, merged - first))
    for table in _COPIED:
        store.command(f"OPTIMIZE TABLE {table} FINAL")
    for part in range(_SMALL_PARTS):
        first, after = (merged + (copies - merged) * place // _SMALL_PARTS for place in (part, part + 1))
        _copy(store, chain_id, last, first, after - first)
    _finish(store, chain_id, every_blocks=_BLOCKS_A_STATEMENT)


def _copy(store: Store, chain_id: int, last: int, first_copy: int, copies: int) -> None:
    bounds: dict[str, Parameter] = {"chain_id": chain_id, "sample_last": last, "stride": _STRIDE}
    for name in ("bench/copy_blocks", "bench/copy_transactions", "bench/copy_logs", "bench/copy_transfers"):
        store.command(load(name), **bounds, from_copy=first_copy, copies=copies)


def _finish(store: Store, chain_id: int, *, every_blocks: int) -> None:
    """Transfers by address, as `chainsight transform` derives them, and scores with a publication."""
    reach = store.query("SELECT min(block_number) AS first, max(block_number) AS last FROM transfers")
    first, last = (int(reach.column(name)[0].as_py()) for name in ("first", "last"))
    for start in range(first, last + 1, every_blocks):
        store.command(
            load("transforms/address_transfers"),
            chain_id=chain_id,
            from_block=start,
            to_block=start + every_blocks - 1,
            version=1,
        )
    store.command(load("bench/made_up_scores"), chain_id=chain_id, as_of_block=last)
    store.command(
        "INSERT INTO publications (chain_id, publication, as_of_block, version) VALUES"
        " ({chain_id:UInt64}, 1, {last:UInt64}, 1)",
        chain_id=chain_id,
        last=last,
    )
