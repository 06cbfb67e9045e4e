"""OFAC lists: addresses out of remarks, issues that follow each other, lines that cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from chainsight.errors import ArchiveDamaged, UnknownName
from ingest.lists import import_lists
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
    with pytest.raises(ArchiveDamaged, match="no readable entry"):
        import_lists(store, [tmp_path / "page.csv"], kind="ofac")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ArchiveDamaged, match=r"empty.csv is empty"):
        import_lists(store, [tmp_path / "empty.csv"], kind="ofac")
    with pytest.raises(UnknownName, match=r"no kind of list 'offac'. Did you mean ofac"):
        import_lists(store, [tmp_path / "page.csv"], kind="offac")
    assert entries(store) == []
