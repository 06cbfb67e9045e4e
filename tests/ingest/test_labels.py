"""Labels as bitemporal facts: what a second, a newer and a bad file do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from chainsight.errors import ArchiveDamaged, ArchiveMissing, DataCheckError
from ingest.intake import import_known
from ingest.labels import import_labels
from ingest.statements import Removals
from sql.store import Store

HEADER = "address,label,category,source,chain\n"
A, B = "0x" + "a1" * 20, "0x" + "b2" * 20


def write(file: Path, *lines: str) -> Path:
    text = HEADER + "".join(line + "\n" for line in lines)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode()) if file.suffix == ".gz" else text.encode())
    return file


def stated(store: Store) -> list[tuple[str, str, str, bool]]:
    """(address, category, label, holds), in the order in which they were learned."""
    found = store.query(
        "SELECT if(length(address) = 20, lower(hex(address)), address) AS who, CAST(category AS String) AS category, "
        "label, known_to > now64(3) AS holds FROM labels ORDER BY known_from, who, label"
    ).to_pylist()
    return [(row["who"], row["category"], row["label"], bool(row["holds"])) for row in found]


def test_labels_are_mapped_to_our_categories_and_keep_their_own_words(tmp_path: Path, store: Store) -> None:
    file = write(
        tmp_path / "labels.csv.gz",
        f"  {A.upper().replace('X', 'x')},Fake_Phishing7,phish-hack,etherscan-labels,ETH",
        "1P3ZfGFLezzYGg9k5SVzQmnjyh7nrUmF2y,A ransom,ransomware,graphsense:x,BTC",
    )
    summary = import_labels(store, [file])
    assert (summary.read, summary.added, summary.dropped, summary.bad_lines) == (2, 2, 0, ())
    assert stated(store) == [
        ("1P3ZfGFLezzYGg9k5SVzQmnjyh7nrUmF2y", "ransomware", "A ransom", True),
        ("a1" * 20, "phishing", "Fake_Phishing7", True),
    ]
    found = store.query("SELECT CAST(chain AS String) AS chain, source_category FROM labels ORDER BY chain").to_pylist()
    assert found == [
        {"chain": "bitcoin", "source_category": "ransomware"},
        {"chain": "ethereum", "source_category": "phish-hack"},
    ]


def test_the_same_file_again_changes_nothing(tmp_path: Path, store: Store) -> None:
    file = write(tmp_path / "labels.csv", f"{A},x,scam,s,ethereum", f"{B},y,exchange,s,ethereum")
    import_labels(store, [file])
    before = store.query("SELECT hex(address), * EXCEPT (address) FROM labels ORDER BY label").to_pydict()
    again = import_labels(store, [file])
    assert (again.added, again.dropped) == (0, 0)
    assert store.query("SELECT hex(address), * EXCEPT (address) FROM labels ORDER BY label").to_pydict() == before


def test_a_label_its_source_no_longer_gives_is_closed_and_others_are_not_touched(tmp_path: Path, store: Store) -> None:
    import_labels(
        store,
        [write(tmp_path / "1.csv", f"{A},x,scam,s,ethereum", f"{B},y,exchange,s,ethereum", f"{A},z,dex,t,ethereum")],
    )
    summary = import_labels(store, [write(tmp_path / "2.csv", f"{B},y,exchange,s,ethereum")])
    assert (summary.added, summary.dropped) == (0, 1)
    assert set(stated(store)) == {
        ("a1" * 20, "scam", "x", False), ("b2" * 20, "exchange", "y", True), ("a1" * 20, "dex", "z", True),
    }  # fmt: skip
    back = import_labels(store, [tmp_path / "1.csv"])
    assert (back.added, back.dropped) == (1, 0)
    assert [row for row in stated(store) if row[2] == "x"] == [
        ("a1" * 20, "scam", "x", False), ("a1" * 20, "scam", "x", True),
    ]  # fmt: skip


def test_bad_lines_are_named_and_the_rest_is_kept(tmp_path: Path, store: Store) -> None:
    file = write(tmp_path / "l.csv", ",no address,scam,s,ethereum", f"{A},ok,scam,s,ethereum", "0x12,short,scam,s,eth")
    summary = import_labels(store, [file])
    assert summary.added == 1
    assert summary.bad_lines == ("l.csv:2: '' is not an address", "l.csv:4: '0x12' is not an address")


def test_files_that_hold_no_label_at_all_are_refused(tmp_path: Path, store: Store) -> None:
    with pytest.raises(ArchiveMissing, match=r"no file .*gone.csv"):
        import_labels(store, [tmp_path / "gone.csv"])
    with pytest.raises(ArchiveDamaged, match="no readable label"):
        import_labels(store, [write(tmp_path / "bad.csv", "nonsense,x,y,z,")])
    (tmp_path / "wrong.csv").write_text("address,name\n0x,1\n")
    with pytest.raises(ArchiveDamaged, match="no column label, category, source, chain"):
        import_labels(store, [tmp_path / "wrong.csv"])
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(HEADER.encode() * 50)[:-9])
    with pytest.raises(ArchiveDamaged, match=r"cut.csv.gz cannot be read"):
        import_labels(store, [tmp_path / "cut.csv.gz"])
    assert stated(store) == []


def test_a_file_of_known_labels_and_one_bad_line_is_no_damaged_file(tmp_path: Path, store: Store) -> None:
    first = write(tmp_path / "1.csv", f"{A},x,scam,s,ethereum")
    second = write(tmp_path / "2.csv", f"{A},x,scam,s,ethereum", "0x12,short,scam,s,ethereum")
    summary = import_labels(store, [first, second])
    assert (summary.read, summary.bad_lines) == (1, ("2.csv:3: '0x12' is not an address",))


def test_a_source_that_forgets_most_of_its_addresses_is_refused_until_that_is_accepted(
    tmp_path: Path, store: Store
) -> None:
    lines = [f"0x{number:040x},x,scam,s,ethereum" for number in range(1, 6)]
    import_labels(store, [write(tmp_path / "1.csv", *lines, f"{A},z,dex,t,ethereum")])
    before = stated(store)
    # Other words about the same addresses take nothing away.
    cut = write(tmp_path / "2.csv", *(line.replace(",x,", ",y,") for line in lines[:2]))
    with pytest.raises(DataCheckError, match=r"3 of the 5 addresses that s labels .*--accept-removals"):
        import_labels(store, [cut])
    assert stated(store) == before
    accepted = import_labels(store, [cut], removals=Removals.ACCEPT)
    assert (accepted.added, accepted.dropped) == (2, 5)


def test_everything_known_is_found_under_one_folder(tmp_path: Path, store: Store) -> None:
    write(tmp_path / "labels" / "one.csv.gz", f"{A},x,scam,s,ethereum")
    write(tmp_path / "labels" / "ofac_addresses.csv.gz", f"{B},OFAC SDN,sanctioned,ofac,ETH")
    summary = import_known(store, tmp_path)
    assert (summary.labels, summary.list_entries, summary.added) == (2, 1, 3)
    assert str(import_known(store, tmp_path / "nowhere")).startswith("0 labels and 0 list entries known")
