from pathlib import Path

import pytest

from chainsight.child import run_child
from chainsight.errors import ChildFailed


class Kept:
    def __init__(self):
        self.steps = []
        self.notes = []

    def step(self, done, total, what):
        self.steps.append((done, total, what))

    def note(self, text):
        self.notes.append(text)


def module(tmp_path: Path, body: str) -> dict[str, str]:
    (tmp_path / "some_job.py").write_text(body)
    return {"PYTHONPATH": str(tmp_path)}


def test_a_childs_progress_reaches_the_parent(tmp_path):
    environment = module(
        tmp_path,
        "from chainsight.child import ChildProgress\np = ChildProgress()\n"
        "p.step(1, 2, 'pages')\np.note('half')\nprint('chatter')",
    )
    kept = Kept()
    run_child("some_job", [], log=tmp_path / "log", environment=environment, progress=kept)
    assert kept.steps == [(1, 2, "pages")]
    assert kept.notes == ["half"]
    assert "chatter" in (tmp_path / "log").read_text()


def test_a_failed_child_is_told_with_its_last_words_and_its_log(tmp_path):
    environment = module(tmp_path, "import sys\nsys.exit('the heap is full')")
    with pytest.raises(ChildFailed, match=r"some_job ended with exit code 1: the heap is full.*log is in"):
        run_child("some_job", [], log=tmp_path / "log", environment=environment)


def test_a_killed_child_is_told_with_its_signal(tmp_path):
    environment = module(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(ChildFailed, match="killed by signal 9"):
        run_child("some_job", [], log=tmp_path / "log", environment=environment)
