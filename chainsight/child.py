"""Heavy jobs (Spark, torch) run in a process of their own and never open the store.

The parent writes Parquet into an exchange folder, starts `python -m MODULE ARGS`, and reads Parquet back. The child
prints progress as JSON lines on stdout; everything else it says goes to a log file whose end is shown if it fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from chainsight.errors import ChildFailed
from chainsight.progress import SILENT, Progress

_LOG_TAIL_LINES = 12
_PARENT = "CHAINSIGHT_PARENT_PROCESS"
_LOOKS_EVERY = 0.3


class ChildProgress:
    """The child's half: `Progress` written as JSON lines for the parent to repeat."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """One line the parent turns into a progress bar."""
        print(json.dumps({"done": done, "total": total, "what": what}), flush=True)

    def note(self, text: str) -> None:
        """One line the parent passes on."""
        print(json.dumps({"note": text}), flush=True)


def live_as_long_as_parent() -> None:
    """End this process soon after the one that started it has ended, were it killed: nobody would read what it finds."""
    # Asked here who the parent is, a process whose parent died while it was importing would name the one that adopted it.
    parent = int(os.environ.get(_PARENT, os.getppid()))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOKS_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_child(
    module: str,
    arguments: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
    holding: Sequence[int] = (),
) -> None:
    """Run `python -m module arguments`, repeat its progress, and wait.

    It inherits the file descriptors in `holding`: locks of this process that last as long as the child lives. Raises
    `ChildFailed` with the last lines of its log when it exits non-zero. A KeyboardInterrupt here ends the child.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", module, *arguments]
    with (
        log.open("w", encoding="utf-8") as log_file,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log_file,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {}), _PARENT: str(os.getpid())},
            text=True,
            pass_fds=holding,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                _repeat(line, progress, log_file)
            code = process.wait()
        except BaseException:
            process.kill()
            raise
    if code != 0:
        tail = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_LOG_TAIL_LINES:]
        ended = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise ChildFailed(
            f"The job {module} {ended}: {' | '.join(tail[-2:]) or 'it said nothing'}.",
            next_step=f"Its whole log is in {log}; the step can be repeated as it is.",
        )


def _repeat(line: str, progress: Progress, log_file: TextIO) -> None:
    try:
        said = json.loads(line)
    except ValueError:
        print(line, end="", file=log_file)
        return
    if isinstance(said, dict) and "what" in said:
        progress.step(int(said["done"]), said["total"], str(said["what"]))
    elif isinstance(said, dict) and "note" in said:
        progress.note(str(said["note"]))
