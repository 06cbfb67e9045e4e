from __future__ import annotations

import io
import zipfile

import pytest

from chainsight.errors import MissingComponent
from graph.spark.graphframes_jar import build_jar, built_jar, find_jar, pack, select_entries

OURS = {
    "org/graphframes/GraphFrame.class": b"graph",
    "org/apache/spark/graphframes/graphx/Edge.class": b"edge",
    "org/apache/spark/sql/graphframes/Expr.class": b"expr",
}
OTHERS = {
    "org/apache/spark/sql/Other.class": b"other",
    "zingg/Main.class": b"agpl",
    "org/apache/commons/logging/Log.class": b"log",
}
LICENCE = {"META-INF/LICENSE": b"\n   Apache License\n Version 2.0"}


def a_jar(entries: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as jar:
        for name, content in entries.items():
            jar.writestr(name, content)
    return packed.getvalue()


def test_only_graphframes_and_the_licence_are_taken():
    taken = select_entries(a_jar(OTHERS | OURS | LICENCE))
    assert set(taken) == {*OURS, *LICENCE, "META-INF/MANIFEST.MF", "META-INF/NOTICE"}
    assert {name: taken[name] for name in OURS} == OURS
    assert b"Apache Spark" in taken["META-INF/NOTICE"]


@pytest.mark.parametrize("missing", [OTHERS | LICENCE, OTHERS | OURS | {"META-INF/LICENSE": b"another"}])
def test_a_jar_without_graphframes_or_its_licence_is_refused(missing):
    with pytest.raises(MissingComponent, match="The downloaded jar holds no"):
        select_entries(a_jar(missing))


def test_the_same_entries_give_the_same_bytes_in_any_order():
    forward = pack(dict(OURS))
    assert pack(dict(reversed(OURS.items()))) == forward
    with zipfile.ZipFile(io.BytesIO(forward)) as jar:
        assert jar.namelist() == sorted(OURS)


def test_the_jar_appears_whole_and_a_repeat_changes_nothing(tmp_path):
    wheel = tmp_path / "zingg.whl"
    wheel.write_bytes(a_jar({"zingg/jars/zingg-0.7.0.jar": a_jar(OURS | OTHERS | LICENCE)}))
    target = tmp_path / "share" / "graphframes.jar"
    first = build_jar(wheel, target).read_bytes()
    assert build_jar(wheel, target).read_bytes() == first
    assert [path.name for path in target.parent.iterdir()] == ["graphframes.jar"]


def test_the_jar_of_this_environment_holds_graphframes_alone():
    assert find_jar() == built_jar()
    with zipfile.ZipFile(find_jar()) as jar:
        classes = [name for name in jar.namelist() if name.endswith(".class")]
    assert len(classes) > 200
    assert all("graphframes" in name for name in classes)
