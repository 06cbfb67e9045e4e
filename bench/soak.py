"""Kill ingest, resume, compare: `chainsight bench soak ingest [--data DIR]`, or `python -m bench.soak KILLS [BLOCKS [BATCH]]`.

A child process reads blocks into an embedded store in small batches, three at a time; every second three it takes back in part
and reads again, as a reorganisation would, and derives addresses and edges. It is killed with SIGKILL: in turn before each
statement that a run makes, while one runs, and at a random moment, those first between which the journal has most to lose, so
that a short run meets them, too. The next child resumes on the same store. Whenever one comes
to the end, every row of every table must be what a run gives that nobody disturbed, no intent and no dirty key may be left, and
all checks must hold. Children are forked from a parent that never opens a store, so that a kill costs seconds, not ten.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import demo
from bench.soak_child import Work, Wound
from chainsight.errors import ChildFailed, DataCheckError
from chainsight.settings import settings
from ingest.archive import ArchiveSource

SUBJECTS = ("ingest",)
KILLS, BLOCKS, BATCH = 200, 200, 10
# Raw rows without their block, rows without the audit row that commits them, that row with its intent still open; the same
# when blocks are taken back.
_FIRST = (
    "decode/logs",
    "decode/audit",
    "withdraw/intent_close",
    "withdraw/ingest_audit",
    "withdraw/transfers",
    "withdraw/blocks",
)
_NAMED_AT_ONCE, _AT_RANDOM_AFTER = 6, 3


@dataclass
class Toll:
    """What happened so far."""

    kills: dict[str, int] = field(default_factory=lambda: {"before": 0, "inside": 0, "at_random": 0})
    places: dict[str, None] = field(default_factory=dict)
    """Statements before or in which somebody died."""
    resumes: list[float] = field(default_factory=list)
    cycles: int = 0
    mismatches: list[str] = field(default_factory=list)


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """The benchmark by hand: 200 kills over the demo's chain, or over the archive in `data`."""
    return soak(kills=KILLS, archive=data or Path(demo.__file__).parent / "chain")


def soak(*, kills: int, archive: Path, blocks: int = BLOCKS, batch: int = BATCH, seed: int = 0) -> dict[str, Any]:
    """Kill until `kills` children have died, then let the last one finish.

    Raises `DataCheckError` naming the tables that differ from the undisturbed run, and `ChildFailed` when a child fails.
    """
    started = time.monotonic()
    source = ArchiveSource(archive)
    chain_id = source.chain_id() or 1
    first = source.reach().first
    recorded = list(islice(source.read(first, source.reach().head), blocks))
    toll, chosen = Toll(), random.Random(seed)
    settings().home.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="soak-", dir=settings().home.resolve()))
    try:
        work = Work(recorded, chain_id, batch)
        said, _ = _child(lambda tell: work.do(scratch / "clean", tell, None, rehearses=True))
        steps = list(dict.fromkeys(line.removeprefix("step ") for line in said if line.startswith("step ")))
        expected = _told(lambda tell: work.look(scratch / "clean", tell))
        wounds = _wounds(steps, chosen)
        while sum(toll.kills.values()) < kills or toll.cycles == 0:
            _one_cycle(work, scratch / f"store-{toll.cycles}", wounds, chosen, kills, toll)
            found = _told(lambda tell: work.look(scratch / f"store-{toll.cycles}", tell))
            toll.mismatches += [name for name in expected if found.get(name) != expected[name]]
            shutil.rmtree(scratch / f"store-{toll.cycles}")
            toll.cycles += 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if toll.mismatches:
        raise DataCheckError(
            f"After {sum(toll.kills.values())} kills {', '.join(sorted(set(toll.mismatches)))} differ from an undisturbed run.",
            next_step=f"Repeat it with seed {seed}; the journal in ingest/journal.py has a hole.",
        )
    figures = {
        "kills": sum(toll.kills.values()),
        "kills_before_a_statement": toll.kills["before"],
        "kills_inside_a_statement": toll.kills["inside"],
        "kills_at_random": toll.kills["at_random"],
        "statements_named": len(steps),
        "statements_killed_at": len(toll.places),
        "resumes": len(toll.resumes),
        "runs_to_the_end": toll.cycles,
        "mismatches": len(toll.mismatches),
        "longest_resume_s": round(max(toll.resumes, default=0.0), 3),
        "median_resume_s": round(statistics.median(toll.resumes or [0.0]), 3),
    }
    return {"name": "soak", "data": f"{archive.name}, {len(recorded)} blocks in batches of {batch}", "figures": figures,
            "killed_at": list(toll.places), "baselines": {}, "seconds": round(time.monotonic() - started, 1)}  # fmt: skip


def _wounds(steps: Sequence[str], chosen: random.Random) -> Iterator[Wound | None]:
    """For ever: a kill at each statement in turn, before one and inside the next, the other way round the next time.

    After some of them, some at a random moment (None).
    """
    ordered = [step for step in _FIRST if step in steps] + [step for step in steps if step not in _FIRST]
    named = 0
    for turn in count():
        for place, step in enumerate(ordered):
            # The first time a child meets a statement, later perhaps the second, which a short run may not come to.
            occurrence = chosen.choice((1, 2)) if turn else 1
            yield Wound(step, occurrence, chosen.uniform(0.0005, 0.02) if (place + turn) % 2 else None)
            named += 1
            if named % _NAMED_AT_ONCE == 0:
                yield from [None] * _AT_RANDOM_AFTER


def _one_cycle(
    work: Work, path: Path, wounds: Iterator[Wound | None], chosen: random.Random, kills: int, toll: Toll
) -> None:
    """Children on one store until one reaches the end."""
    while True:
        wound = next(wounds) if sum(toll.kills.values()) < kills else Wound("")
        patience = chosen.uniform(0.2, 3.0) if wound is None else None
        said, died = _child(lambda tell, wound=wound: work.do(path, tell, wound), kill_after=patience)  # type: ignore[misc]
        toll.resumes += [float(line.removeprefix("resumed ")) for line in said if line.startswith("resumed ")]
        if not died:
            return
        kind = "at_random" if wound is None else "before" if wound.seconds is None else "inside"
        toll.kills[kind] += 1
        if wound is not None:
            toll.places[wound.statement] = None


def _told(work: Callable[[Callable[[str], None]], None]) -> dict[str, Any]:
    lines, _ = _child(work)
    return dict(json.loads(line) for line in lines)


def _child(work: Callable[[Callable[[str], None]], None], *, kill_after: float | None = None) -> tuple[list[str], bool]:
    """Do something in a forked process; returns the lines it told and whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            work(partial(_tell, writing))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    timer = threading.Timer(kill_after, os.kill, (child, signal.SIGKILL)) if kill_after is not None else None
    if timer is not None:
        timer.start()
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    if timer is not None:
        timer.cancel()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return lines, True
    if os.waitstatus_to_exitcode(status) != 0:
        raise ChildFailed(
            f"An ingesting child ended by itself with {os.waitstatus_to_exitcode(status)}.",
            next_step="What it said stands above.",
        )
    return lines, False


def _tell(writing: int, line: str) -> None:
    os.write(writing, f"{line}\n".encode())


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]] + [KILLS, BLOCKS, BATCH][len(sys.argv) - 1 :]
    chain = Path(demo.__file__).parent / "chain"
    print(json.dumps(soak(kills=numbers[0], archive=chain, blocks=numbers[1], batch=numbers[2])))
