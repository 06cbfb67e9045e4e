"""What goes into a store: the one source a person named, and what is known of addresses from outside the chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chainsight.errors import UsageError
from chainsight.progress import SILENT, Progress
from ingest.archive import ArchiveSource
from ingest.backfill import IngestSummary, ingest_blocks, settled_chain_id
from ingest.labels import import_labels
from ingest.lists import import_lists
from ingest.ranges import ALL_BLOCKS, BlockRange
from ingest.source import ChainSource
from ingest.tables import TablesSummary, ingest_tables
from sql.store import Store

_TABLES_CHAIN = 1


@dataclass(frozen=True)
class ChosenSource:
    """The source of one ingest, not read yet."""

    chain_id: int
    blocks: ChainSource | None
    """None when it is a folder of tables."""
    ingest: Callable[[Store, Progress], IngestSummary | TablesSummary]
    """Brings it into a store; may be repeated."""


def choose_source(
    *, archive: Path | None, rpc: Sequence[str], tables: Path | None, blocks: BlockRange, chain_id: int | None
) -> ChosenSource:
    """The one source that was named; raises `UsageError` unless it is exactly one.

    Which chain it is of is settled here (see `settled_chain_id`); tables are of Ethereum mainnet unless said otherwise.
    """
    named = [name for name, value in (("--archive", archive), ("--rpc", rpc), ("--tables", tables)) if value]
    if len(named) != 1:
        said = f"{' and '.join(named)} were" if named else "No source was"
        raise UsageError(f"{said} named.", next_step="Name one of --archive DIR, --rpc URL and --tables DIR.")
    if tables is not None:
        if blocks != ALL_BLOCKS:
            raise UsageError("Tables are read whole.", next_step="Leave out the range of blocks.")
        chain = chain_id or _TABLES_CHAIN
        folder = tables
        return ChosenSource(
            chain, None, lambda store, progress: ingest_tables(store, folder, chain_id=chain, progress=progress)
        )
    source: ChainSource = ArchiveSource(archive) if archive is not None else _node(rpc)
    chain = settled_chain_id(source, chain_id)
    return ChosenSource(
        chain,
        source,
        lambda store, progress: ingest_blocks(store, source, blocks=blocks, chain_id=chain, progress=progress),
    )


def _node(urls: Sequence[str]) -> ChainSource:
    from ingest.rpc import RpcSource  # web3 takes a second to import, and few commands speak to a node

    return RpcSource(urls)


def known_facts(data_dir: Path) -> Callable[[Store, Progress], KnowledgeSummary]:
    """`import_known` as a step of the pipeline."""
    return lambda store, progress: import_known(store, data_dir, progress=progress)


@dataclass(frozen=True)
class KnowledgeSummary:
    """What the files of a folder of public data brought."""

    labels: int
    list_entries: int
    added: int
    dropped: int
    bad_lines: int

    def __str__(self) -> str:
        return (
            f"{self.labels:,} labels and {self.list_entries:,} list entries known; "
            f"{self.added:,} new, {self.dropped:,} dropped, {self.bad_lines:,} lines left out"
        )


def import_known(store: Store, data_dir: Path, *, progress: Progress = SILENT) -> KnowledgeSummary:
    """Import labels/*.csv[.gz], labels/*.yaml and the OFAC lists under a folder of public data; what is not there is left out.

    The tidy file of OFAC addresses among the labels is a list, too, and is read as both.
    """
    label_files = sorted(
        file for pattern in ("*.csv.gz", "*.csv", "*.yaml") for file in (data_dir / "labels").glob(pattern)
    )
    list_files = sorted((data_dir / "sanctions").glob("ofac*_sdn.csv.gz"))
    list_files += [file for file in label_files if file.name.startswith("ofac")]
    summaries = []
    if label_files:
        summaries.append(import_labels(store, label_files, progress=progress))
    if list_files:
        summaries.append(import_lists(store, list_files, kind="ofac", progress=progress))
    return KnowledgeSummary(
        labels=summaries[0].read if label_files else 0,
        list_entries=summaries[-1].read if list_files else 0,
        added=sum(summary.added for summary in summaries),
        dropped=sum(summary.dropped for summary in summaries),
        bad_lines=sum(len(summary.bad_lines) for summary in summaries),
    )
