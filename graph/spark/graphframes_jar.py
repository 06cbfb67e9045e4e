"""Build our own GraphFrames JAR from a wheel on PyPI, once per environment: `python -m graph.spark.graphframes_jar`.

GraphFrames' JVM half is published at Maven coordinates (io.graphframes) that not every registry serves; the PyPI
package graphframes-py holds only the Python half. The wheel zingg 0.7.0 carries GraphFrames' Apache-licensed classes
inside its jar, built for Spark 3.5 and Scala 2.12. We copy those folders, unchanged, into a JAR of our own and nothing
else: that wheel's own code is under the AGPL, is never installed, and never comes near a classpath.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from chainsight.errors import ChainsightError, MissingComponent
from chainsight.settings import settings

JAR_NAME = "graphframes-0.10-spark3.5.jar"
LOCK = Path(__file__).with_name("graphframes.lock")
_JAR_IN_WHEEL = "zingg/jars/zingg-0.7.0.jar"
_FOLDERS = ("org/graphframes/", "org/apache/spark/graphframes/", "org/apache/spark/sql/graphframes/")
_LICENSE = "META-INF/LICENSE"
_ENTRY_DATE = (1980, 1, 1, 0, 0, 0)
_MANIFEST = "Manifest-Version: 1.0\r\nAutomatic-Module-Name: graphframes\r\n\r\n"
_NOTICE = """\
GraphFrames
Copyright the GraphFrames contributors, https://github.com/graphframes/graphframes

org.apache.spark.graphframes.graphx is derived from Apache Spark
Copyright 2014 and onwards The Apache Software Foundation, https://spark.apache.org

Both are licensed under the Apache License, Version 2.0; see META-INF/LICENSE.
The classes are unchanged copies of those in the jar of the PyPI wheel zingg 0.7.0; none of that wheel's own are here.
"""
_NEXT_STEP = (
    "Run `make setup` (or python -m graph.spark.graphframes_jar) once, or set CHAINSIGHT_GRAPHFRAMES_JAR to a JAR for "
    "Spark 3.5, or use --engine local."
)


def built_jar() -> Path:
    """Where the JAR of this environment is or will be."""
    return Path(sys.prefix) / "share" / "chainsight" / JAR_NAME


def find_jar() -> Path:
    """The JAR to use: the one the setting names, else the built one; raises `MissingComponent` when there is none."""
    if named := settings().graphframes_jar:
        if Path(named).is_file():
            return Path(named).resolve()
        raise MissingComponent(
            f"The GraphFrames JAR {named} (CHAINSIGHT_GRAPHFRAMES_JAR) is not a file.", next_step=_NEXT_STEP
        )
    if not built_jar().is_file():
        raise MissingComponent("The GraphFrames JAR was not built in this environment.", next_step=_NEXT_STEP)
    return built_jar()


def select_entries(jar: bytes) -> dict[str, bytes]:
    """GraphFrames' own classes and the Apache licence out of a jar that holds much more; pure.

    Raises `MissingComponent` when GraphFrames is not inside.
    """
    with zipfile.ZipFile(io.BytesIO(jar)) as source:
        wanted = {
            name: source.read(name)
            for name in source.namelist()
            if name.startswith(_FOLDERS) and not name.endswith("/")
        }
        if "org/graphframes/GraphFrame.class" not in wanted:
            raise MissingComponent(
                "The downloaded jar holds no GraphFrames.", next_step=f"Compare {LOCK.name} with PyPI."
            )
        licence = source.read(_LICENSE)
    if b"Apache License" not in licence[:200]:
        raise MissingComponent(
            "The downloaded jar holds no Apache licence text.", next_step=f"Compare {LOCK.name} with PyPI."
        )
    return {
        "META-INF/MANIFEST.MF": _MANIFEST.encode(),
        _LICENSE: licence,
        "META-INF/NOTICE": _NOTICE.encode(),
    } | wanted


def pack(entries: dict[str, bytes]) -> bytes:
    """A JAR of these entries: manifest first, the rest sorted, all dates equal; same input, same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as jar:
        for name in sorted(entries, key=lambda name: (name != "META-INF/MANIFEST.MF", name)):
            entry = zipfile.ZipInfo(name, date_time=_ENTRY_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            jar.writestr(entry, entries[name])
    return packed.getvalue()


def download_wheel(folder: Path) -> Path:
    """Fetch the locked wheel into `folder`, checked by hash, without its dependencies and without installing it."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK), "--dest", str(folder),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        said = (done.stderr.strip() or done.stdout.strip() or "pip said nothing").splitlines()[-1]
        raise MissingComponent(
            f"GraphFrames could not be fetched: {said}",
            next_step="Check the connection to the package index and repeat, or set CHAINSIGHT_GRAPHFRAMES_JAR.",
        )
    return wheels[0]


def build_jar(wheel: Path, jar: Path) -> Path:
    """Write our JAR from the wheel; it appears whole or not at all, and a repeat gives the same bytes."""
    with zipfile.ZipFile(wheel) as archive:
        packed = pack(select_entries(archive.read(_JAR_IN_WHEEL)))
    jar.parent.mkdir(parents=True, exist_ok=True)
    partial = jar.with_name(f"{jar.name}.{os.getpid()}.partial")
    partial.write_bytes(packed)
    partial.replace(jar)
    return jar


def main() -> None:
    """Build the JAR of this environment unless it is there."""
    jar = built_jar()
    if not jar.is_file():
        try:
            with tempfile.TemporaryDirectory() as folder:
                build_jar(download_wheel(Path(folder)), jar)
        except ChainsightError as error:
            sys.exit(f"error: {error}")
    print(f"GraphFrames: {jar} ({jar.stat().st_size // 1000} kB)", file=sys.stderr)


if __name__ == "__main__":
    main()
