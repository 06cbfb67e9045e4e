"""Bytes on disk: every table of ours per million rows, and the same token transfers in our table, in CSV and in Parquet.

The three write one row for each ERC-20 and ERC-721 transfer of the same amplified blocks, whose parties, hashes and amounts
are as hard to compress as the chain's. Ours holds more columns (block hash, time, transaction index, token id, doubt, version)
and includes keys and indexes; ethereum-etl's CSV is text, and is given compressed, too: nobody keeps it otherwise.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from bench import peers
from bench.amplify import amplify
from bench.measured import measure_command
from bench.peers import Task
from bench.wire import replay_node
from chainsight.errors import DataCheckError
from chainsight.progress import Progress
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from sql.files import load
from sql.migrate import migrate
from sql.store import Store, open_store

_COPIES = 20
_FEWEST_ROWS = 1_000
_FREEZE_TRANSFERS = (
    "import cryo, sys\n"
    "cryo.freeze(['erc20_transfers', 'erc721_transfers'], rpc=sys.argv[1], blocks=[sys.argv[2]], output_dir=sys.argv[3],"
    " chunk_size=1000, verbose=False)"
)


def table_bytes(store: Store) -> dict[str, float]:
    """Megabytes per million rows of every table with more than a thousand rows; bytes a row, in other words."""
    rows = store.query(load("bench/table_sizes"), fewest_rows=_FEWEST_ROWS).to_pylist()
    return {str(row["table"]): round(row["byte_count"] / row["row_count"], 2) for row in rows}


def compare_transfers(recording: Path, home: Path, scratch: Path, progress: Progress) -> dict[str, dict[str, Any]]:
    """Bytes a transfer of every tool, and the rows that were counted; raises `DataCheckError` when the tools' rows differ."""
    archive = amplify(recording, home, copies=_COPIES, progress=progress)
    cryo, etl = (peers.environment(home, requirement) for requirement in (peers.CRYO, peers.ETHEREUM_ETL))
    with replay_node(archive.folder) as node:
        files = {name: scratch / name for name in ("csv", "parquet")}
        for folder in files.values():
            folder.mkdir()
        task = Task(node.url, archive.first, archive.last, files["csv"])
        for command in peers.etl_commands(etl, task):
            measure_command(command, log=scratch / "etl.log")
        blocks = f"{archive.first}:{archive.last + 1}"
        freeze = [str(cryo), "-c", _FREEZE_TRANSFERS, node.url, blocks, str(files["parquet"])]
        measure_command(freeze, log=scratch / "cryo.log")
    csv = files["csv"] / "token_transfers.csv"
    ours, counted = _ours(archive.folder, scratch)
    counts = {
        "chainsight": counted,
        "ethereum-etl": peers.rows_written(files["csv"])["token_transfers"],
        "cryo": sum(peers.rows_written(files["parquet"]).values()),
    }
    if len(set(counts.values())) > 1:
        raise DataCheckError(
            f"The tools wrote other rows: {counts}.", next_step="Sizes of other rows cannot be compared."
        )
    parquet = sum(path.stat().st_size for path in files["parquet"].rglob("*.parquet"))
    sizes = {"chainsight": ours, "ethereum-etl": csv.stat().st_size, "cryo": parquet}
    sizes["ethereum-etl, gzip"] = len(gzip.compress(csv.read_bytes(), 6))
    return {
        tool: {"bytes_per_million_transfers": round(size / counted * 1e6), "transfers_compared": counted}
        for tool, size in sizes.items()
    }


def _ours(archive: Path, scratch: Path) -> tuple[int, int]:
    """Bytes and rows of the token transfers alone, in a table like `transfers`, merged."""
    store = open_store(f"chdb://{scratch}/compared")
    try:
        migrate(store)
        ingest_blocks(store, ArchiveSource(archive), chain_id=1)
        store.command("CREATE TABLE compared AS transfers")
        store.command("INSERT INTO compared SELECT * FROM transfers WHERE kind IN ('erc20', 'erc721')")
        store.command("OPTIMIZE TABLE compared FINAL")
        rows = store.query(load("bench/table_sizes"), fewest_rows=1).to_pylist()
    finally:
        store.close()
    found = next(row for row in rows if row["table"] == "compared")
    return int(found["byte_count"]), int(found["row_count"])
