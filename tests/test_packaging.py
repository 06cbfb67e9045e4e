"""The flat layout takes generic names; nobody else may hold them, and the tree keeps its promises."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
    "packages"
]
FORBIDDEN = {"utils", "helpers", "common", "misc", "manager", "processor", "util", "base"}
LONGEST_MODULE = 400


def python_files() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def test_no_foreign_distribution_holds_one_of_our_names():
    held = importlib.metadata.packages_distributions()
    assert {name: set(held.get(name, [])) - {"chainsight"} for name in PACKAGES} == {name: set() for name in PACKAGES}


def test_no_module_and_no_test_is_longer_than_a_head_can_hold():
    too_long = {
        str(path.relative_to(ROOT)): n
        for path in [*python_files(), *(ROOT / "tests").rglob("*.py")]
        if (n := len(path.read_text().splitlines())) > LONGEST_MODULE
    }
    assert too_long == {}


def test_no_module_is_a_grab_bag():
    assert [path for path in python_files() if path.stem in FORBIDDEN] == []


def test_the_lock_names_no_hosts_and_hashes_everything():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pins = re.findall(r"^[a-z0-9][\w.-]*==", lock, re.MULTILINE)
    assert len(pins) > 100
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "resolved" not in (ROOT / "package-lock.json").read_text()


def test_every_dependency_is_locked_within_its_range():
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [Requirement(text) for text in project["project"]["dependencies"] + project["dependency-groups"]["dev"]]
    locked: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ \\]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE):
        locked.setdefault(name, []).append(version)
    missing = [
        str(requirement)
        for requirement in wanted
        if not any(requirement.specifier.contains(version) for version in locked.get(requirement.name, []))
    ]
    assert missing == []
