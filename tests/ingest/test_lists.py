"""OFAC lists: addresses out of remarks, issues that follow each other, lines that cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from chainsight.errors import ArchiveDamaged, DataCheckError, UnknownName
from ingest.lists import import_lists
from ingest.statements import Removals
from sql.store import Store

A, B = "0x" + "a1" * 20, "0x" + "b2" * 20
XBT = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"


def sdn(file: Path, *entries: tuple[str, str, str]) -> Path:
    """A file as OFAC publishes it: number, name, type, programme, …, remarks; ends with Ctrl-Z."""
    lines = [f'{number},"{name}",individual,"CYBER2",{"-0- ," * 7}"{remarks}"' for number, name, remarks in entries]
    file.write_bytes(gzip.compress(("\r\n".join(lines) + "\r\n\x1a").encode()))
    return file


def entries(store: Store) -> list[tuple[str, str, str, bool]]:
    """(entry, asset, address, holds)."""
    found = store.query(
        "SELECT entry_id, CAST(asset AS String) AS asset, if(length(address) = 20, lower(hex(address)), address) AS who, "
        "known_to > now64(3) AS holds FROM list_entries ORDER BY entry_id, who"
    ).to_pylist()
    return [(row["entry_id"], row["asset"], row["who"], bool(row["holds"])) for row in found]


FIRST = ("36", "AEROCARIBBEAN AIRLINES", "-0- ")
SECOND = (
    "25308",
    "YAN, Xiaobing",
    f"DOB 1977; Digital Currency Address - XBT {XBT}; alt. Digital Currency Address - ETH {A};",
)
THIRD = ("9", "Doe", f"Digital Currency Address - ETH {B}; a.k.a. 'X'.")


def test_addresses_are_found_in_the_remarks_with_name_and_programme(tmp_path: Path, store: Store) -> None:
    summary = import_lists(store, [sdn(tmp_path / "ofac_2021_sdn.csv.gz", FIRST, SECOND)], kind="ofac")
    assert (summary.read, summary.added, summary.bad_lines) == (2, 2, ())
    assert entries(store) == [("25308", "XBT", XBT, True), ("25308", "ETH", "a1" * 20, True)]
    found = store.query("SELECT DISTINCT name, program, source FROM list_entries").to_pylist()
    assert found == [{"name": "YAN, Xiaobing", "program": "CYBER2", "source": "ofac_sdn"}]


def test_a_newer_issue_closes_what_it_no_longer_has(tmp_path: Path, store: Store) -> None:
    old, new = tmp_path / "ofac_2021_sdn.csv.gz", tmp_path / "ofac_2023_sdn.csv.gz"
    import_lists(store, [sdn(old, SECOND)], kind="ofac")
    summary = import_lists(store, [sdn(new, (*SECOND[:2], SECOND[2].split("; alt")[0]), THIRD)], kind="ofac")
    assert (summary.added, summary.dropped) == (1, 1)
    expected = [("25308", "XBT", XBT, True), ("25308", "ETH", "a1" * 20, False), ("9", "ETH", "b2" * 20, True)]
    assert entries(store) == expected
    again = import_lists(store, [old, new], kind="ofac")
    assert (again.read, again.added, again.dropped) == (2, 0, 0)
    assert entries(store) == expected


def test_the_forms_with_one_address_a_line_are_read(tmp_path: Path, store: Store) -> None:
    tidy, plain = tmp_path / "ofac_addresses.csv", tmp_path / "sanctions.csv"
    tidy.write_text(f"address,label,category,source,chain\n{A},OFAC SDN,sanctioned,x,ETH\n")
    plain.write_text(f"name,program,asset,address\nDoe,DEMO,ETH,{B}\nRoe,DEMO,ETH,0x12\n")
    summary = import_lists(store, [tidy, plain], kind="ofac")
    assert summary.bad_lines == ("sanctions.csv:3: '0x12' is not an address",)
    found = store.query("SELECT name, program, lower(hex(address)) AS who FROM list_entries ORDER BY who").to_pylist()
    assert found == [
        {"name": "OFAC SDN", "program": "", "who": "a1" * 20},
        {"name": "Doe", "program": "DEMO", "who": "b2" * 20},
    ]


def test_what_is_no_list_is_refused(tmp_path: Path, store: Store) -> None:
    (tmp_path / "page.csv").write_text("<html>\nnot found\n")
    with pytest.raises(ArchiveDamaged, match=r"page.csv:1 is a web page or other markup \(<html>\)"):
        import_lists(store, [tmp_path / "page.csv"], kind="ofac")
    (tmp_path / "names.csv").write_text("name,program,asset,address\nDoe,DEMO,ETH,none\n")
    with pytest.raises(ArchiveDamaged, match="no readable entry"):
        import_lists(store, [tmp_path / "names.csv"], kind="ofac")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ArchiveDamaged, match=r"empty.csv is empty"):
        import_lists(store, [tmp_path / "empty.csv"], kind="ofac")
    with pytest.raises(UnknownName, match=r"no kind of list 'offac'. Did you mean ofac"):
        import_lists(store, [tmp_path / "page.csv"], kind="offac")
    assert entries(store) == []


def listed(number: int) -> tuple[str, str, str]:
    """The entry of one party with one address."""
    return (str(number), f"Party {number}", f"DOB 1977; Digital Currency Address - ETH 0x{number:040x}; a.k.a. 'X'.")


@pytest.mark.parametrize(
    ("cut", "problem"),
    [(20, r"sdn.csv:8 cannot be read: unexpected end of data"), (145, r"sdn.csv:8 has \d+ columns, not 12")],
)
def test_a_file_that_was_cut_off_takes_nothing_off_the_list(
    tmp_path: Path, store: Store, cut: int, problem: str
) -> None:
    whole = gzip.decompress(sdn(tmp_path / "whole.csv.gz", *map(listed, range(10, 18))).read_bytes())
    (tmp_path / "ofac_sdn.csv").write_bytes(whole)
    import_lists(store, [tmp_path / "ofac_sdn.csv"], kind="ofac")
    before = entries(store)
    (tmp_path / "ofac_sdn.csv").write_bytes(whole[:-cut])
    with pytest.raises(ArchiveDamaged, match=problem) as refused:
        import_lists(store, [tmp_path / "ofac_sdn.csv"], kind="ofac")
    assert refused.value.exit_code == 3
    assert entries(store) == before


def test_a_list_without_any_address_where_there_were_some_is_refused_whatever_is_accepted(
    tmp_path: Path, store: Store
) -> None:
    import_lists(store, [sdn(tmp_path / "ofac_2021_sdn.csv.gz", SECOND)], kind="ofac")
    before = entries(store)
    bare = sdn(tmp_path / "ofac_2023_sdn.csv.gz", FIRST)
    with pytest.raises(ArchiveDamaged, match="holds no address; the store has 2 of this list"):
        import_lists(store, [bare], kind="ofac", removals=Removals.ACCEPT)
    assert entries(store) == before


def test_many_removals_are_refused_until_they_are_accepted(tmp_path: Path, store: Store) -> None:
    import_lists(store, [sdn(tmp_path / "ofac_2021_sdn.csv.gz", *map(listed, range(10, 50)))], kind="ofac")
    five_fewer = import_lists(store, [sdn(tmp_path / "ofac_2022_sdn.csv.gz", *map(listed, range(10, 45)))], kind="ofac")
    assert five_fewer.dropped == 5
    before = entries(store)
    shorter = sdn(tmp_path / "ofac_2023_sdn.csv.gz", *map(listed, range(10, 39)))
    other = tmp_path / "another.csv"
    other.write_text(f"name,program,asset,address\nDoe,DEMO,ETH,{B}\n")
    with pytest.raises(DataCheckError, match=r"take 6 of 35 addresses off the list ofac_sdn.*--accept-removals"):
        import_lists(store, [other, shorter], kind="ofac")
    assert entries(store) == before
    accepted = import_lists(store, [other, shorter], kind="ofac", removals=Removals.ACCEPT)
    assert (accepted.added, accepted.dropped) == (1, 6)


def test_addresses_cut_off_in_the_published_file_are_left_out_and_named(tmp_path: Path, store: Store) -> None:
    cut = ("7", "Roe", f"Digital Currency Address - ETH {A}; alt. Digital Currency Address - ETH 0x12")
    summary = import_lists(store, [sdn(tmp_path / "ofac_sdn.csv.gz", cut)], kind="ofac")
    assert summary.bad_lines == ("ofac_sdn.csv.gz:1: '0x12' is not an address",)
    assert entries(store) == [("7", "ETH", "a1" * 20, True)]


def test_the_newest_issue_is_told_by_its_name_wherever_it_lies(tmp_path: Path, store: Store) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "z").mkdir()
    newest, oldest = tmp_path / "a" / "ofac_2023_sdn.csv.gz", tmp_path / "z" / "ofac_2021_sdn.csv.gz"
    import_lists(store, [sdn(newest, THIRD), sdn(oldest, SECOND)], kind="ofac")
    assert entries(store) == [("9", "ETH", "b2" * 20, True)]


def test_an_address_under_two_names_is_on_the_list_twice_and_says_its_file(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "sanctions_2026.csv"
    file.write_text(f"name,program,asset,address\nDoe,DEMO,ETH,{A}\nRoe,DEMO,ETH,{A}\nRoe,DEMO,XBT,BC1{'Q' * 39}\n")
    assert import_lists(store, [file], kind="ofac").added == 3
    found = store.query(
        "SELECT name, CAST(file AS String) AS file, length(CAST(file_sha256 AS String)) AS digits, address LIKE 'bc1q%' AS small"
        " FROM list_entries ORDER BY name, asset"
    ).to_pylist()
    assert found == [
        {"name": name, "file": "sanctions_2026.csv", "digits": 64, "small": small}
        for name, small in (("Doe", 0), ("Roe", 0), ("Roe", 1))
    ]
