"""Bytes on disk: every table of ours per million rows, and the same token transfers and logs in our tables, CSV and Parquet.

ethereum-etl writes one row for each ERC-20 and ERC-721 transfer, cryo has only the logs they are in here: its own data sets of
transfers ask for filtered logs, which the replay node does not serve. Blocks are amplified; their parties, hashes and amounts
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


def table_bytes(store: Store) -> dict[str, float]:
    """Megabytes per million rows of every table with more than a thousand rows; bytes a row, in other words."""
    rows = store.query(load("bench/table_sizes"), fewest_rows=_FEWEST_ROWS).to_pylist()
    return {str(row["table"]): round(row["byte_count"] / row["row_count"], 2) for row in rows}


def compare_transfers(recording: Path, home: Path, scratch: Path, progress: Progress) -> dict[str, dict[str, Any]]:
    """Bytes per million token transfers and logs of each tool; raises `DataCheckError` when the tools' rows differ."""
    archive = amplify(recording, home, copies=_COPIES, progress=progress)
    cryo, etl = (peers.environment(home, requirement) for requirement in (peers.CRYO, peers.ETHEREUM_ETL))
    csv, parquet = scratch / "csv", scratch / "parquet"
    with replay_node(archive.folder) as node:
        for folder in (csv, parquet):
            folder.mkdir()
        for command in peers.etl_commands(etl, Task(node.url, archive.first, archive.last, csv)):
            measure_command(command, log=scratch / "etl.log")
        task = Task(node.url, archive.first, archive.last, parquet)
        command = peers.cryo_command(cryo, task, traces=False, settings=peers.CRYO_SETTINGS)
        measure_command(command, log=scratch / "cryo.log")
    ours, rows = _ours(archive.folder, scratch)
    wrote, froze = peers.rows_written(csv), peers.rows_written(parquet)
    counts = (rows["transfers"], rows["logs"], rows["logs"]), (wrote["token_transfers"], wrote["logs"], froze["logs"])
    if counts[0] != counts[1]:
        raise DataCheckError(
            f"The tools wrote other rows: {counts}.", next_step="Sizes of other rows cannot be compared."
        )
    transfers, logs = csv / "token_transfers.csv", csv / "logs.csv"
    sizes = {
        "chainsight": ours,
        "ethereum-etl": {"transfers": transfers.stat().st_size, "logs": logs.stat().st_size},
        "ethereum-etl, gzip": {"transfers": _packed(transfers), "logs": _packed(logs)},
        "cryo": {"logs": sum(path.stat().st_size for path in parquet.rglob("*__logs__*.parquet"))},
    }
    return {
        tool: {f"bytes_per_million_{what}": round(size / rows[what] * 1e6) for what, size in found.items()}
        for tool, found in sizes.items()
    }


def _packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 6))


def _ours(archive: Path, scratch: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Bytes and rows of all logs, and of the token transfers alone in a table like `transfers`; both merged."""
    store = open_store(f"chdb://{scratch}/compared")
    try:
        migrate(store)
        ingest_blocks(store, ArchiveSource(archive), chain_id=1)
        store.command("CREATE TABLE compared AS transfers")
        store.command("INSERT INTO compared SELECT * FROM transfers WHERE kind IN ('erc20', 'erc721')")
        for table in ("compared", "logs"):
            store.command(f"OPTIMIZE TABLE {table} FINAL")
        found = {row["table"]: row for row in store.query(load("bench/table_sizes"), fewest_rows=1).to_pylist()}
    finally:
        store.close()
    tables = {"transfers": "compared", "logs": "logs"}
    return (
        {what: int(found[table]["byte_count"]) for what, table in tables.items()},
        {what: int(found[table]["row_count"]) for what, table in tables.items()},
    )
