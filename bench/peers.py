"""Other extractors, from PyPI, each in an environment of its own under CHAINSIGHT_HOME/bench, with the settings best here.

cryo 0.3.2 writes Parquet, ethereum-etl 2.4.2 CSV; neither proves anything or writes a database. ethereum-etl does not start
on Python 3.11 as it is published: one of its dependencies is replaced by the version that does.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from chainsight.errors import MissingComponent

CRYO = "cryo==0.3.2"
ETHEREUM_ETL = "ethereum-etl==2.4.2"
_REPAIRS = {
    ETHEREUM_ETL: (("--no-deps", "parsimonious==0.10.0"), ("regex", "setuptools<81")),
}
_INSTALL_SECONDS = 900
_FREEZE = (
    "import cryo, json, sys\n"
    "cryo.freeze(sys.argv[1].split(','), rpc=sys.argv[2], blocks=[sys.argv[3]], output_dir=sys.argv[4],"
    " **json.loads(sys.argv[5]))"
)
_CRYO_TABLES = ("blocks", "transactions", "logs")
# Files of 100 blocks keep both cores busy; with traces, of 25. The default, 1,000, leaves one idle for long.
CRYO_SETTINGS = {"chunk_size": 100}
CRYO_SETTINGS_WITH_TRACES = {"chunk_size": 25}


@dataclass(frozen=True)
class Task:
    """What to extract, from where, to where."""

    url: str
    first: int
    last: int
    output: Path


def environment(home: Path, requirement: str) -> Path:
    """The Python of an environment with one package in it, made on the first call.

    Raises `MissingComponent` where uv or the package cannot be had.
    """
    folder = home / "bench" / f"env-{requirement.replace('==', '-')}"
    python = folder / "bin" / "python"
    made = folder / "made"
    if made.is_file():
        return python
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    if uv is None:
        raise MissingComponent("uv is not installed.", next_step="Run `make setup`, or install uv.")
    _install([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
    for packages in ((requirement,), *_REPAIRS.get(requirement, ())):
        _install([uv, "pip", "install", "--quiet", "--python", str(python), *packages])
    made.touch()
    return python


def _install(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    if done.returncode:
        raise MissingComponent(
            f"{' '.join(command[1:])} failed: {done.stderr[-800:]}", next_step="A package index must be reachable."
        )


def cryo_command(python: Path, task: Task, *, traces: bool, settings: dict[str, int]) -> list[str]:
    """Blocks, transactions and logs, or traces too, to Parquet."""
    tables = ",".join((*_CRYO_TABLES, "traces") if traces else _CRYO_TABLES)
    blocks = f"{task.first}:{task.last + 1}"
    options = json.dumps({**settings, "verbose": False})
    return [str(python), "-c", _FREEZE, tables, task.url, blocks, str(task.output), options]


def etl_commands(python: Path, task: Task) -> list[list[str]]:
    """Blocks, transactions, receipts, logs and token transfers, one command after the other, to CSV."""
    out, node = task.output, ["-p", task.url]
    blocks = ["-s", str(task.first), "-e", str(task.last), "-b", "10", "-w", "2", *node]
    blocks += ["--blocks-output", str(out / "blocks.csv"), "--transactions-output", str(out / "transactions.csv")]
    hashes = ["-i", str(out / "transactions.csv"), "-o", str(out / "hashes.txt"), "-c", "hash"]
    receipts = ["-t", str(out / "hashes.txt"), "-b", "100", "-w", "5", *node]
    receipts += ["--receipts-output", str(out / "receipts.csv"), "--logs-output", str(out / "logs.csv")]
    transfers = ["-l", str(out / "logs.csv"), "-o", str(out / "token_transfers.csv")]
    return [
        _etl(python, "export_blocks_and_transactions", blocks),
        _etl(python, "extract_csv_column", hashes),
        _etl(python, "export_receipts_and_logs", receipts),
        _etl(python, "extract_token_transfers", transfers),
    ]


def etl_traces_command(python: Path, task: Task) -> list[str]:
    """Traces, to CSV."""
    output = ["-o", str(task.output / "traces.csv")]
    return _etl(python, "export_traces", ["-s", str(task.first), "-e", str(task.last), "-p", task.url, *output])


def _etl(python: Path, verb: str, arguments: list[str]) -> list[str]:
    return [str(python), "-W", "ignore", str(python.parent / "ethereumetl"), verb, *arguments]


def rows_written(folder: Path) -> dict[str, int]:
    """Rows of each table in a folder of Parquet or CSV files."""
    rows: dict[str, int] = {}
    for path in sorted(folder.rglob("*.parquet")):
        table = path.name.split("__")[1]
        rows[table] = rows.get(table, 0) + pq.read_metadata(path).num_rows
    for path in sorted(folder.glob("*.csv")):
        with path.open("rb") as lines:
            rows[path.stem] = sum(1 for _ in lines) - 1
    return rows
