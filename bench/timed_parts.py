"""Parts of a long benchmark: each in processes of its own and within a time limit, and none twice after an interruption.

A part is a module that is run as `python -m MODULE ARGUMENTS SAID` and says what it has done in the file SAID, a JSON line each:
`{"measure": NAME}` before a measure, the same with `seconds`, `peak_mb` and whatever else after it. So a part that is stopped
has said how far it came. What ended is kept in the record; whoever asks for it again is told what stands there.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_LAST_WORDS = 300


class Record:
    """Parts that ended, in a file of JSON lines."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        self._parts: dict[str, dict[str, Any]] = {}
        for line in lines:
            try:
                self._parts |= json.loads(line)
            except ValueError:  # cut off in the middle of a line
                continue

    def has(self, name: str) -> bool:
        """Whether a part has ended."""
        return name in self._parts

    def forget(self, name: str) -> None:
        """Run a part again when it is asked for; the file keeps the earlier line until then, the later one counts."""
        del self._parts[name]

    def run(
        self, name: str, module: str, arguments: Sequence[str], *, limit_seconds: int, log: Path, home: Path
    ) -> dict[str, Any]:
        """Seconds of a part, None where it did not come to its end, beside `why`; its measures alike; what else it said.

        `home` is its CHAINSIGHT_HOME: what a part that is stopped leaves there goes with that folder.

        What was stopped at its limit or failed is kept as such; where this process is interrupted, nothing of the part is.
        """
        if name not in self._parts:
            said = log.with_suffix(".jsonl")
            said.unlink(missing_ok=True)
            started = time.monotonic()
            command = [sys.executable, "-m", module, *arguments, str(said)]
            why = run_within(command, limit_seconds=limit_seconds, log=log, home=home)
            found = {"seconds": None if why else round(time.monotonic() - started, 1), **({"why": why} if why else {})}
            self._keep(name, found | _heard(said))
        return self._parts[name]

    def end(self) -> None:
        """All parts ended: the next run begins anew; the record stays beside, as the last one that was whole."""
        self._file.replace(self._file.with_suffix(".last.jsonl"))

    def _keep(self, name: str, found: dict[str, Any]) -> None:
        self._parts[name] = found
        with self._file.open("a", encoding="utf-8") as file:
            print(json.dumps({name: found}), file=file)


def run_within(command: Sequence[str], *, limit_seconds: int, log: Path, home: Path) -> str:
    """Run a command and all that it starts, at most so long; why it did not come to its end, empty where it did."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "CHAINSIGHT_HOME": str(home.resolve())},
        ) as process,
    ):
        try:
            code = process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return f"stopped at the limit of {limit_seconds} s"
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return f"ended with {code}: {''.join(last)[-_LAST_WORDS:]}" if code else ""


@contextmanager
def timed(said: Path, measure: str) -> Iterator[dict[str, Any]]:
    """The child's half: say that a measure begins, and what it took; what the block puts into the dictionary is said, too."""
    _say(said, {"measure": measure})
    more: dict[str, Any] = {}
    started = time.monotonic()
    yield more
    seconds = round(time.monotonic() - started, 2)
    _say(said, {"measure": measure, "seconds": seconds, "peak_mb": peak_mb(), **more})


def time_all(said: Path, measures: Iterator[tuple[str, Callable[[], Any]]]) -> None:
    """Time one measure after the other."""
    for measure, work in measures:
        with timed(said, measure):
            work()


def peak_mb() -> int:
    """Most resident memory of this process so far, Python and its libraries included, in MB of 2^20 bytes."""
    found = _PEAK.search(Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0


def _say(said: Path, words: dict[str, Any]) -> None:
    with said.open("a", encoding="utf-8") as file:
        print(json.dumps(words), file=file)


def _heard(said: Path) -> dict[str, Any]:
    lines = [json.loads(line) for line in said.read_text().splitlines()] if said.exists() else []
    measures: dict[str, Any] = {}
    more: dict[str, Any] = {}
    for line in lines:
        measures[line.pop("measure")] = line.pop("seconds", None)
        more["peak_mb"] = max(line.pop("peak_mb", 0), more.get("peak_mb", 0))
        more |= line
    return {"measures": measures, **more}
