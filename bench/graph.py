"""How long it takes to measure a graph, all measures of graph.engine: in memory, on Spark, and what others need for theirs.

Data: folder `accounts` (normal_txs*.parquet with ts, block, tx_index, from_id, to_id), whose transactions are transfers;
and synthetic graphs of 1, 2, 5 and 10 million edges (bench/power_law.py), on which growth is seen. Times are of the engine
alone, files included, the store not. Every part is a process of its own with a time limit; where it is reached, the time is
null and `why` says so. Spark is left out at 10 million edges; networkx gets the oldest 50,000 edges of the accounts, igraph the
accounts and the synthetic graphs up to 5 million (its triads, a part of their own, the accounts), untuned GraphFrames the
accounts.

A run that was interrupted goes on where it was: parts that ended stand in the home folder's bench/ until all have, as long as
neither the code nor the data's place changes. CHAINSIGHT_GRAPH_EDGES=20000,50000 asks for other sizes, to try it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graph as graph_package
from bench.timed_parts import Record
from chainsight import categories
from chainsight.errors import UsageError
from chainsight.settings import settings

SYNTHETIC_EDGES = (1_000_000, 2_000_000, 5_000_000, 10_000_000)
HELD_TO = "5M"
"""The size that figures and limits are of; of other sizes the largest."""
_MOST_EDGES_FOR_OTHERS = 5_000_000
_NETWORKX_TRANSACTIONS = 260_000
_LIMITS = {
    "write": 300,
    "local": 240,
    "spark": 420,
    "igraph": 150,
    "igraph_triads": 60,
    "networkx": 120,
    "graphframes": 240,
}
"""Seconds."""


@dataclass(frozen=True)
class Task:
    """One graph: how it is written, and who measures it."""

    name: str
    source: tuple[str, ...]
    """What `bench.graph_parts` is asked to write: its name, and arguments after the folder."""
    engines: tuple[str, ...]


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Seconds and memory in MB for each size; nothing is fitted, so `test` is not read."""
    started = time.monotonic()
    folder = data or settings().data / "accounts"
    if not list(folder.glob("normal_txs*.parquet")):
        raise UsageError(f"There is no normal_txs*.parquet in {folder}.", next_step="Name the folder with --data.")
    tasks = protocol(folder, wanted_edges())
    cache = settings().home / "bench"
    record = Record(cache / f"graph-{_fingerprint(tasks)}.jsonl")
    found = {task.name: measure(task, record, cache / "graph") for task in tasks}
    record.end()
    held = HELD_TO if HELD_TO in found else tasks[-1].name
    return {
        "name": "graph",
        "data": str(folder),
        "figures": {**found[held]["chainsight"], "per_size": {name: one["chainsight"] for name, one in found.items()}},
        "baselines": {
            peer: {name: one[peer] for name, one in found.items() if peer in one}
            for peer in ("igraph", "igraph_triads", "networkx", "graphframes")
        },
        "seconds": time.monotonic() - started,
    }


def wanted_edges() -> tuple[int, ...]:
    """Sizes of the synthetic graphs; raises `UsageError`."""
    text = os.environ.get("CHAINSIGHT_GRAPH_EDGES", "")
    if not text:
        return SYNTHETIC_EDGES
    try:
        edges = tuple(int(part) for part in text.split(","))
    except ValueError:
        edges = (0,)
    if min(edges) < 1_000 or len(set(edges)) < len(edges):
        raise UsageError(
            f"CHAINSIGHT_GRAPH_EDGES={text!r} is no list of different sizes.",
            next_step="Write numbers from 1000 on, each once: 20000,50000.",
        )
    return edges


def protocol(accounts: Path, edges: Sequence[int]) -> list[Task]:
    """All graphs, smaller ones first."""
    place = str(accounts.resolve())
    few = Task("few", ("accounts", place, str(_NETWORKX_TRANSACTIONS)), ("local", "networkx"))
    whole = Task("accounts", ("accounts", place, "0"), ("local", "spark", "igraph", "igraph_triads", "graphframes"))
    drawn = [
        Task(
            _size_name(count),
            ("draw", str(count)),
            ("local", "spark", "igraph") if count <= _MOST_EDGES_FOR_OTHERS else ("local",),
        )
        for count in sorted(edges)
    ]
    return [few, whole, *drawn]


def _size_name(count: int) -> str:
    """A size as short as it can be said exactly."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if count % unit == 0:
            return f"{count // unit}{letter}"
    return str(count)


def measure(task: Task, record: Record, scratch: Path) -> dict[str, Any]:
    """One graph by everybody; its files are there only meanwhile."""
    folder = scratch / task.name
    names = [f"{task.name} {who}" for who in ("write", *task.engines)]
    shutil.rmtree(folder, ignore_errors=True)
    try:
        if not all(record.has(name) for name in names):
            _write_again(task, record, folder)
        parts = {who: _part(task, who, record, folder) for who in ("write", *task.engines)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    size = {name: parts["write"].get(name) for name in ("vertices", "edges", "transfers", "planned_mb")}
    local = parts["local"]
    ours: dict[str, Any] = {
        "local_s": local["measures"].get("all"), "local_cpu_s": local.get("cpu_seconds"), "local_peak_mb": local.get("peak_mb"),
        **({"local_why": local["why"]} if "why" in local else {}),
    }  # fmt: skip
    if "spark" in parts:
        spark = parts["spark"]
        ours |= {"spark_s": spark["measures"].pop("all", None), "spark_steps_s": spark["measures"]}
        ours |= {"spark_why": spark["why"]} if "why" in spark else {}
    others = {who: _whole(found) for who, found in parts.items() if who not in ("write", "local", "spark")}
    return {"chainsight": size | ours, **others}


def _whole(found: dict[str, Any]) -> dict[str, Any]:
    """A peer's time is that of its measures, without starting Python and reading the files."""
    return found | {"seconds": None if "why" in found else round(sum(found["measures"].values()), 2)}


def _write_again(task: Task, record: Record, folder: Path) -> None:
    """The files, though an earlier run may have said their size."""
    name = f"{task.name} write"
    if record.has(name):
        record.forget(name)
    _part(task, "write", record, folder)


def _part(task: Task, who: str, record: Record, folder: Path) -> dict[str, Any]:
    module = "bench.graph_parts" if who in ("write", "local", "spark") else "bench.graph_peers"
    what, *more = task.source if who == "write" else (who,)
    return record.run(
        f"{task.name} {who}",
        module,
        [what, str(folder), *more],
        limit_seconds=_LIMITS[who],
        log=folder.parent / f"{task.name}-{who}.log",
        home=folder,
    )


def _fingerprint(tasks: Sequence[Task]) -> str:
    """Of what the parts depend on: what is asked, and the code that draws, measures and answers."""
    code = hashlib.sha256(repr((tasks, _LIMITS)).encode())
    for file in _files_of_code():
        code.update(file.read_bytes())
    return code.hexdigest()[:12]


def _files_of_code() -> list[Path]:
    """All of the project that a part runs, the lock of a jar it loads included."""
    own, measuring = Path(__file__).parent, Path(graph_package.__file__).parent
    return sorted(
        [
            *own.glob("graph*.py"), own / "power_law.py", own / "timed_parts.py", Path(categories.__file__),
            *measuring.glob("*.py"), *measuring.glob("[ls]*/*.py"), *measuring.glob("spark/*.lock"),
        ]
    )  # fmt: skip
