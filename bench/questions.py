"""Twelve questions that analysts ask of a store, asked again and again with drawn parameters; sql/bench_questions/, a file each.

Parameters are drawn with a seed from the rows themselves, so that an address is asked about as often as it moves something: p50
is an ordinary address, p95 a router. A cold answer comes after the store's caches were dropped and the system was asked to
forget the store's files (it may keep some); warm ones come after all parameters were asked about once in another order.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sql.files import Statement, load, load_folder
from sql.store import Parameter, Store

Draw: TypeAlias = dict[str, Parameter]
_DRAWS = ("bench/draw_transfers", "bench/draw_tokens", "bench/draw_transactions", "bench/draw_logs")
_CACHES = (
    "MARK CACHE",
    "UNCOMPRESSED CACHE",
    "PRIMARY INDEX CACHE",
    "INDEX MARK CACHE",
    "INDEX UNCOMPRESSED CACHE",
    "QUERY CONDITION CACHE",
)


@dataclass(frozen=True)
class Latency:
    """How long one question took, in milliseconds."""

    question: str
    p50: float
    p95: float
    cold: float
    """Median of cold answers."""
    cpu: float
    """CPU of this process for a warm answer, on average, all threads together: steadier than time on a busy machine."""
    rows: int
    """Rows of all warm answers."""


def draw(store: Store, *, chain_id: int, count: int, seed: int) -> list[Draw]:
    """`count` sets of parameters for every question; what the store has no rows of is left out of all sets."""
    sets: list[Draw] = [{"chain_id": chain_id} for _ in range(count)]
    for name in _DRAWS:
        found = store.query(load(name), chain_id=chain_id, seed=seed, draws=count).to_pylist()
        if found:
            sets = [one | found[place % len(found)] for place, one in enumerate(sets)]
    return sets


def answerable(sets: Sequence[Draw]) -> list[Statement]:
    """The questions for which there are parameters."""
    return [question for question in load_folder("bench_questions") if question.parameters <= sets[0].keys()]


def measure(store: Store, folder: Path, sets: Sequence[Draw], *, repeats: int = 1, cold: int = 5) -> Iterator[Latency]:
    """Ask every question with every set, `repeats` times, of the embedded store in `folder`."""
    for question in answerable(sets):
        asked: list[Draw] = [{name: one[name] for name in question.parameters} for one in sets]
        colds = []
        for parameters in asked[:cold]:
            forget(store, folder)
            colds.append(_seconds(store, question, parameters)[0])
        for parameters in asked:
            _seconds(store, question, parameters)
        again = asked * repeats
        random.Random(len(question.name)).shuffle(again)
        used = time.process_time()
        answers = [_seconds(store, question, parameters) for parameters in again]
        used = time.process_time() - used
        seconds = sorted(answer[0] for answer in answers)
        yield Latency(
            question=question.name.removeprefix("bench_questions/"),
            p50=1e3 * statistics.median(seconds),
            p95=1e3 * seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))],
            cold=1e3 * statistics.median(colds),
            cpu=1e3 * used / len(answers),
            rows=sum(answer[1] for answer in answers),
        )


def forget(store: Store, folder: Path) -> None:
    """Drop the store's caches, and ask the system to drop what it keeps of its files."""
    for cache in _CACHES:
        store.command(f"SYSTEM DROP {cache}")
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _seconds(store: Store, question: Statement, parameters: Draw) -> tuple[float, int]:
    begun = time.perf_counter()
    found = store.query(question, **parameters)
    return time.perf_counter() - begun, int(found.num_rows)
