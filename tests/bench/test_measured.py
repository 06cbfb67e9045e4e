"""What a process took is what its whole tree took, and a process that fails is not a figure."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.measured import Taken, measure_command
from chainsight.errors import ChildFailed


def test_seconds_of_children_and_the_most_memory_are_counted(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    command = (
        f"import subprocess, sys, time\nheld = b'x' * 80_000_000\nsubprocess.run([sys.executable, '-c', {busy!r}])"
    )
    taken = measure_command([sys.executable, "-c", f"{command}\ntime.sleep(0.1)\nprint('done')"], log=tmp_path / "log")
    assert taken.output == "done\n"
    assert taken.cpu_seconds >= 0.3
    assert taken.seconds >= 0.4
    assert 80 < taken.peak_mb < 200


def test_a_process_that_fails_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="no such node"):
        measure_command([sys.executable, "-c", "raise SystemExit('no such node')"], log=tmp_path / "log")


def test_commands_one_after_the_other_add_up_but_for_memory() -> None:
    whole = Taken(1.0, 2.0, 300.0, "first") + Taken(0.5, 0.25, 200.0, "second")
    assert whole == Taken(1.5, 2.25, 300.0, "second")
