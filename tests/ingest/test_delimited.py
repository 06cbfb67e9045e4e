"""Files of lines as they come from anywhere: marks, line ends, gzip, and what is no such file."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from chainsight.errors import ArchiveDamaged, ArchiveMissing
from ingest import delimited
from ingest.delimited import read_csv, read_text, records, rows

# Archives say no time (mtime=0): tests are named by what they read, and every test process must name them alike.
PLAIN = "a,b\n1,x\n2,y\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", PLAIN.encode()),
        ("marked.csv", b"\xef\xbb\xbf" + PLAIN.encode()),
        ("windows.csv", PLAIN.replace("\n", "\r\n").encode()),
        ("old_mac.csv", PLAIN.replace("\n", "\r").encode()),
        ("no_last_end.csv", PLAIN.strip().encode()),
        ("empty_lines.csv", b"\n" + PLAIN.encode() + b"\n\n"),
        ("ctrl_z.csv", PLAIN.encode() + b"\x1a"),
        ("capitals.csv", b" A , B \n1,x\n2,y\n"),
        ("gzipped_without_saying_so.csv", gzip.compress(PLAIN.encode(), mtime=0)),
        ("in_two_members.csv.gz", gzip.compress(b"a,b\n1,x\n", mtime=0) + gzip.compress(b"2,y\n", mtime=0)),
        ("not_gzipped.csv.gz", PLAIN.encode()),
        ("other_order.csv", b"b,more,a\nx,?,1\ny,?,2\n"),
    ],
)
def test_the_same_rows_come_out_of_every_form(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert [row for _, row in read_csv(tmp_path / name, ("a", "b"))] == [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<!DOCTYPE html>\n<html>", r"f.csv:1 is a web page or other markup \(<!doctype html>\)"),
        ("a,b\n1,x\n".encode("utf-16"), r"f.csv is UTF-16. Save it as UTF-8"),
        (gzip.compress(PLAIN.encode() * 99, mtime=0)[:-5], r"f.csv cannot be read: its end is missing"),
        (gzip.compress(PLAIN.encode() * 99, mtime=0)[:40] + b"rubbish" * 9, r"f.csv cannot be read"),
        (b'a,b\n1,"x\n2,y\n', r"f.csv:3 cannot be read: unexpected end of data"),
        (b"a,b\n1," + b"x" * 200_000, r"f.csv:2 cannot be read: field larger than field limit"),
        (b"", r"f.csv has no column a, b"),
        (b"a;b\n1;x\n", r"f.csv has no column a, b. It must have the columns a, b"),
    ],
)
def test_what_is_no_such_file_is_refused_by_name_and_line(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    with pytest.raises(ArchiveDamaged, match=problem):
        list(read_csv(tmp_path / "f.csv", ("a", "b")))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match=re.escape(str(tmp_path / "gone"))):
        read_text(tmp_path / "gone")


def test_a_gzip_bomb_is_stopped_while_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_MOST_BYTES", 3 << 20)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(bytes(50 << 20)))
    with pytest.raises(ArchiveDamaged, match=r"bomb.csv.gz unpacks to more than 3 MiB"):
        read_text(tmp_path / "bomb.csv.gz")


def test_bytes_that_are_no_text_spoil_their_own_line_only(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b"a,b\n1,caf\xe9\n2,\xc3\xa9t\xc3\xa9\n")
    file = read_text(tmp_path / "f.csv")
    assert not file.is_clean
    assert [cells for _, cells in rows(file)][1:] == [["1", "caf\udce9"], ["2", "été"]]


def test_a_line_with_other_cells_than_the_header_says_so(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1\n1,2,3\n1,2\n")
    found = [(record.line, record.problem) for record in records(read_text(tmp_path / "f.csv"), ("a", "b"))]
    assert found == [(2, "has 1 cells, not 2"), (3, "has 3 cells, not 2"), (4, "")]
