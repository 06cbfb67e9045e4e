"""Parts of a long benchmark end at their limit, say how far they came, and are not run twice."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from bench.timed_parts import Record, run_within

_PART = """
import sys, time
from pathlib import Path
from bench.timed_parts import timed
with timed(Path(sys.argv[-1]), "quick") as more:
    more["edges"] = 7
if sys.argv[1] == "slow":
    with timed(Path(sys.argv[-1]), "endless"):
        time.sleep(60)
"""


def test_a_part_is_stopped_at_its_limit_says_how_far_it_came_and_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "some_part.py").write_text(_PART)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:.")
    record = Record(tmp_path / "record.jsonl")
    done = record.run("done", "some_part", ["quick"], limit_seconds=30, log=tmp_path / "done.log", home=tmp_path)
    assert done.pop("seconds") >= 0
    assert done.pop("peak_mb") > 0
    assert done.pop("measures")["quick"] >= 0
    assert done == {"edges": 7}
    stopped = record.run("stopped", "some_part", ["slow"], limit_seconds=2, log=tmp_path / "stopped.log", home=tmp_path)
    assert (stopped["seconds"], stopped["why"]) == (None, "stopped at the limit of 2 s")
    assert stopped["measures"] == {"quick": stopped["measures"]["quick"], "endless": None}
    with (tmp_path / "record.jsonl").open("a") as file:
        file.write('{"cut off in the mid')
    (tmp_path / "some_part.py").unlink()
    again = Record(tmp_path / "record.jsonl")
    assert (
        again.run("stopped", "some_part", ["slow"], limit_seconds=2, log=tmp_path / "again.log", home=tmp_path)
        == stopped
    )
    assert (
        "ended with 1"
        in again.run("new", "some_part", ["quick"], limit_seconds=9, log=tmp_path / "new.log", home=tmp_path)["why"]
    )


def test_what_a_part_started_ends_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "late"
    grandchild = f"import time; time.sleep(1.5); open({str(mark)!r}, 'w')"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    assert run_within([sys.executable, "-c", child], limit_seconds=1, log=tmp_path / "log", home=tmp_path).startswith(
        "stopped"
    )
    time.sleep(1.5)
    assert not mark.exists()
