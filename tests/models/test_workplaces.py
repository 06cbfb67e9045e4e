"""Folders of trainings that may be killed: found again by the same task, swept by another, shared by no two."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from chainsight.child import run_child
from chainsight.errors import ChildFailed
from models import workplaces
from models.workplaces import Kept, Workplace, workplace

# Keeps a part, says where, and works on until it is killed.
WORKER = """
import sys, time
from pathlib import Path
from models.workplaces import Kept, workplace
with workplace(Path(sys.argv[1]), "wallets", chain_id=1, prepare=lambda folder: [sys.argv[2]]) as place:
    Kept(place.folder / "kept").part("recipe", lambda: [0.1, float("nan")])
    (place.folder / "kept/half.new").write_text("{")
    print(place.folder.name, flush=True)
    time.sleep(60)
"""


def started(exchange: Path, task: str) -> tuple[subprocess.Popen[str], str]:
    """A process that works, and the name of its folder."""
    process = subprocess.Popen([sys.executable, "-c", WORKER, str(exchange), task], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def in_place(exchange: Path, task: str) -> Workplace:
    """What a run of a task meets, and that it leaves nothing."""
    with workplace(exchange, "wallets", chain_id=1, prepare=lambda folder: _written(folder, task)) as place:
        assert (place.folder / "input").read_text() == "whole"
        return place


def _written(folder: Path, task: str) -> Sequence[object]:
    (folder / "input").write_text("whole")
    return [task]


def names(exchange: Path) -> list[str]:
    return sorted(path.name for path in exchange.iterdir())


def test_a_killed_task_is_found_again_by_the_same_task_and_swept_by_another_unless_somebody_works_there(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(workplaces, "_PATIENCE", 0.2)
    process, name = started(tmp_path, "a")
    # Another run of the same task works beside it, and one of another task leaves it alone.
    beside, other = in_place(tmp_path, "a"), in_place(tmp_path, "b")
    assert beside.folder.name == f"{name}-1"
    assert (beside.found, other.found) == ((), ())
    assert names(tmp_path) == [name]
    killed(process)
    again = in_place(tmp_path, "a")
    assert (again.folder.name, again.found) == (name, ("half", "recipe"))
    assert names(tmp_path) == []

    process, name = started(tmp_path, "a")
    killed(process)
    with (
        pytest.raises(ValueError, match="did not work"),
        workplace(tmp_path, "wallets", chain_id=2, prepare=lambda _: []) as place,
    ):
        raise ValueError("did not work")
    # Of another chain, and a week old: only then does nobody come back for it.
    assert names(tmp_path) == [name, place.folder.name]
    os.utime(place.folder / "lock", (1, 1))
    (tmp_path / "wallets-1-new-never_locked").mkdir()
    (tmp_path / "spark").mkdir()
    assert in_place(tmp_path, "b").found == ()
    assert names(tmp_path) == ["spark"]


def test_a_part_is_computed_once_and_known_to_the_last_bit(tmp_path):
    draw = np.random.default_rng(0).normal(size=50) / 3
    first = Kept(tmp_path / "kept").part("scores", draw.tolist)
    np.testing.assert_array_equal(Kept(tmp_path / "kept").part("scores", list), draw)
    np.testing.assert_array_equal(first, draw)
    (tmp_path / "kept/scores.json").write_text("[0.1, ")
    assert Kept(tmp_path / "kept").part("scores", lambda: [1]) == [1]


def test_a_child_holds_the_folder_as_its_parent_does(tmp_path):
    with workplace(tmp_path, "wallets", chain_id=1, prepare=lambda _: []) as place:
        asks = f"import fcntl; fcntl.flock({place.lock}, fcntl.LOCK_EX | fcntl.LOCK_NB)"
        run_child("timeit", ["-n1", "-r1", asks], log=tmp_path / "log", holding=(place.lock,))
        with pytest.raises(ChildFailed, match="Bad file descriptor"):
            run_child("timeit", ["-n1", "-r1", asks], log=tmp_path / "log")
