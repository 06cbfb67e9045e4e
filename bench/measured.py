"""Commands run as processes of their own, with what they took: seconds, CPU, memory."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainsight.errors import ChildFailed

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_SAMPLE_SECONDS = 0.02
_TAIL = 1_500


@dataclass(frozen=True)
class Taken:
    """What one or several commands took, one after the other."""

    seconds: float
    cpu_seconds: float
    """User and system, of the process and all its children."""
    peak_mb: float
    """Most resident memory of the process itself; of several, the largest."""
    output: str = ""
    """What the last one printed."""

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            max(self.peak_mb, other.peak_mb),
            other.output,
        )


def measure_command(command: Sequence[str], *, log: Path) -> Taken:
    """Run a command to its end; what it says on standard error goes to `log`.

    Raises `ChildFailed` with the end of the log. Memory is VmHWM, not ru_maxrss: the latter remembers what the parent held
    when it started the child.
    """
    with log.open("w", encoding="utf-8") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, text=True)
        peak = _Peak(process.pid)
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
    if process.returncode:
        raise ChildFailed(
            f"{' '.join(command[:4])} … ended with {process.returncode}: {log.read_text()[-_TAIL:]}",
            next_step=f"All it said is in {log}.",
        )
    return Taken(seconds, used.ru_utime + used.ru_stime, peak.stop(), output)


class _Peak:
    """Reads a process's peak every few hundredths of a second, as it is gone when the process is."""

    def __init__(self, process: int) -> None:
        self._status = Path(f"/proc/{process}/status")
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """The peak in MB."""
        self._ended.set()
        self._thread.join()
        return self._peak * 1024 / 1e6

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            try:
                found = _PEAK.search(self._status.read_text())
            except (FileNotFoundError, ProcessLookupError):
                return
            if found:
                self._peak = max(self._peak, int(found[1]))
