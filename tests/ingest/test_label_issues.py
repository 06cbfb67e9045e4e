"""Issues of a source follow each other: what was known when, from which file, and what a killed import leaves."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import StoreError
from ingest import statements
from ingest.label_answers import label_sources, labels_of
from ingest.labels import import_labels
from ingest.statements import Removals
from sql.files import Statement
from sql.store import Parameter, Store

HEADER = "address,label,category,source,chain\n"
A, B = "0x" + "a1" * 20, "0x" + "b2" * 20
BTC = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


class DyingStore:
    """The store of a process that is killed just before one statement."""

    def __init__(self, store: Store, last_words: str) -> None:
        self._store = store
        self._last_words = last_words

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def command(self, statement: str | Statement, **parameters: Parameter) -> None:
        if getattr(statement, "name", "") == self._last_words:
            raise StoreError("the process was killed")
        self._store.command(statement, **parameters)


def write(file: Path, *lines: str) -> Path:
    file.write_text(HEADER + "".join(line + "\n" for line in lines))
    return file


def rows(store: Store, question: str, **parameters: str | int) -> list[dict[str, object]]:
    return store.query(question, **parameters).to_pylist()


def said_at(store: Store, moment: str) -> Counter[tuple[str, str]]:
    """(address, label) as known at a moment."""
    found = rows(
        store,
        "SELECT lower(hex(address)) AS who, label FROM labels WHERE known_from <= toDateTime64({at:String}, 3, 'UTC')"
        " AND toDateTime64({at:String}, 3, 'UTC') < known_to",
        at=moment,
    )
    return Counter((str(row["who"]), str(row["label"])) for row in found)


def said_in(store: Store, source: str, issue: int) -> Counter[tuple[str, str]]:
    """(address, label) of one issue."""
    found = rows(
        store,
        "SELECT lower(hex(address)) AS who, label FROM labels WHERE source = {source:String}"
        " AND issue <= {issue:UInt32} AND (gone_issue = 0 OR gone_issue > {issue:UInt32})",
        source=source,
        issue=issue,
    )
    return Counter((str(row["who"]), str(row["label"])) for row in found)


def everything(store: Store) -> list[dict[str, object]]:
    return [
        *rows(store, "SELECT lower(hex(address)) AS who, * EXCEPT (address) FROM labels ORDER BY ALL"),
        *rows(store, "SELECT * FROM label_issues ORDER BY ALL"),
        *rows(store, "SELECT * FROM label_rejects ORDER BY ALL"),
    ]


def test_every_issue_and_every_past_moment_can_be_told_again(tmp_path: Path, store: Store) -> None:
    """Twelve random issues of two sources, some repeated: each is found again by its number and by its time."""
    chance = random.Random(7)
    issues: dict[str, list[Counter[tuple[str, str]]]] = {"s": [], "t": []}
    moments: list[tuple[str, Counter[tuple[str, str]]]] = []
    for _ in range(12):
        source = chance.choice("st")
        pairs = {(f"{chance.randrange(6):040x}", f"name {chance.randrange(3)}") for _ in range(chance.randrange(1, 9))}
        file = write(tmp_path / "f.csv", *(f"0x{who},{name},scam,{source},ethereum" for who, name in sorted(pairs)))
        import_labels(store, [file], removals=Removals.ACCEPT)
        if not issues[source] or issues[source][-1] != Counter(pairs):
            issues[source].append(Counter(pairs))
        before = everything(store)
        assert import_labels(store, [file], removals=Removals.ACCEPT).added == 0
        assert everything(store) == before
        now = rows(
            store,
            "SELECT toString(max(greatest(known_from, if(known_to < now64(3), known_to, known_from)))) AS at FROM labels",
        )
        moments.append((str(now[0]["at"]), sum((found[-1] for found in issues.values() if found), Counter())))
    for source, known in issues.items():
        for number, expected in enumerate(known, start=1):
            assert said_in(store, source, number) == expected
    for moment, expected in moments:
        assert said_at(store, moment) == expected


def test_a_label_says_which_file_it_came_from_and_in_which_issue(tmp_path: Path, store: Store) -> None:
    first = write(tmp_path / "first.csv", f"{A},x,scam,s,ethereum", f"{BTC},y,exchange,s,BTC")
    second = write(tmp_path / "second.csv", f"{BTC},y,exchange,s,BTC", f"{B},z,dex,s,ethereum")
    import_labels(store, [first])
    import_labels(store, [second])
    gone = labels_of(store, A).labels[0]
    assert (gone["holds"], gone["issue"], gone["gone_issue"], gone["file"]) == (0, 1, 2, "first.csv")
    assert gone["dropped_at"] > gone["imported_at"]
    kept = labels_of(store, BTC).labels[0]
    assert (kept["holds"], kept["chain"], kept["issue"], kept["gone_issue"]) == (1, "bitcoin", 1, 0)
    assert len(str(kept["file_sha256"])) == 64
    # Before the second import the first label still held.
    assert labels_of(store, A, at=gone["dropped_at"] - dt.timedelta(milliseconds=1)).labels[0]["holds"] == 1
    assert labels_of(store, B, at=gone["dropped_at"] - dt.timedelta(milliseconds=1)).labels == []
    (source,) = label_sources(store)
    assert (source["version"], source["labels"], source["addresses"], source["dropped"]) == (2, 2, 2, 1)
    assert source["files"] == ["second.csv"]


def test_a_bitcoin_address_is_found_by_its_text(tmp_path: Path, store: Store) -> None:
    import_labels(
        store,
        [
            write(
                tmp_path / "f.csv", f"{BTC},y,exchange,s,XBT", "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ,z,scam,s,btc"
            )
        ],
    )
    found = rows(
        store,
        "SELECT label FROM labels WHERE chain = 'bitcoin' AND address IN"
        f" ('{BTC}', 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq') ORDER BY label",
    )
    assert found == [{"label": "y"}, {"label": "z"}]
    assert labels_of(store, "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ").labels[0]["category"] == "scam"


@pytest.mark.parametrize("statement", ["decode/labels_added", "decode/labels_dropped", "decode/label_issues"])
def test_an_import_killed_between_two_writes_is_made_whole_by_the_next(
    tmp_path: Path, store: Store, statement: str
) -> None:
    old = write(tmp_path / "old.csv", f"{A},x,scam,s,ethereum", f"{B},y,dex,s,ethereum")
    new = write(tmp_path / "new.csv", f"{B},y,dex,s,ethereum", f"{BTC},z,scam,s,btc")
    import_labels(store, [old])

    with pytest.raises(StoreError, match="killed"):
        import_labels(DyingStore(store, statement), [new])
    import_labels(store, [new])
    holds = rows(store, "SELECT label, issue FROM labels WHERE known_to > now64(3) ORDER BY label")
    assert holds == [{"label": "y", "issue": 1}, {"label": "z", "issue": 2}]
    assert said_in(store, "s", 1) == Counter({("a1" * 20, "x"): 1, ("b2" * 20, "y"): 1})
    found = rows(store, "SELECT issue, statement_count AS statements FROM label_issues ORDER BY issue")
    assert found == [{"issue": 1, "statements": 2}, {"issue": 2, "statements": 2}]
    before = everything(store)
    import_labels(store, [new])
    assert everything(store) == before


def test_a_clock_that_was_set_back_does_not_bring_dropped_labels_back(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_labels(store, [write(tmp_path / "1.csv", f"{A},x,scam,s,ethereum", f"{B},y,dex,s,ethereum")])
    monkeypatch.setattr(statements.time, "time_ns", lambda: 1_000_000_000 * 10**9)
    import_labels(store, [write(tmp_path / "2.csv", f"{B},y,dex,s,ethereum")])
    assert [row["holds"] for row in labels_of(store, A).labels] == [0]


def test_lines_that_were_left_out_are_kept_with_their_reasons(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(
        (HEADER + f"{A},fine,scam,s,ethereum\nvitalik.eth,n,scam,s,eth\n{B},short\n{B},nul\0,scam,s,eth\n").encode()
        + f"{B},latin,scam,s,".encode() + b"\xe9\n" + f"{B},{'x' * 5_000},scam,s,eth\n{B},no source,scam,,eth\n".encode()
    )  # fmt: skip
    summary = import_labels(store, [file])
    assert summary.read == 1
    assert summary.left_out == {
        "is a name, not an address": 1, "has 2 cells, not 5": 1, "holds a NUL byte": 1, "is not UTF-8": 1,
        "has a field of more than 4,096 characters": 1, "names no source": 1,
    }  # fmt: skip
    kept = rows(store, "SELECT line, CAST(reason AS String) AS reason, text FROM label_rejects ORDER BY line")
    assert [row["line"] for row in kept] == [3, 4, 5, 6, 7, 8]
    assert kept[1] == {"line": 4, "reason": "has 2 cells, not 5", "text": f'["{B}", "short"]'}
    assert kept[3]["text"] == f'["{B}", "latin", "scam", "s", "\\udce9"]'
    import_labels(store, [file])
    assert len(rows(store, "SELECT * FROM label_rejects")) == 6


def test_what_is_odd_is_counted_and_unknown_words_are_kept_and_reported(tmp_path: Path, store: Store) -> None:
    wrong_case = "0x" + "aA" * 20
    file = write(tmp_path / "f.csv", f"{wrong_case},x,zorblax,s,ethereum", f"{B},y,zorblax,s,ethereum")
    summary = import_labels(store, [file])
    assert (summary.added, summary.doubts) == (2, {"has the case of a wrong checksum (EIP-55)": 1})
    assert summary.unknown_categories == {"zorblax": 2}
    assert (
        labels_of(store, B).labels[0] | {"category": "other", "source_category": "zorblax"}
        == labels_of(store, B).labels[0]
    )


def test_a_file_may_say_how_sure_it_is_and_where_it_has_it_from(tmp_path: Path, store: Store) -> None:
    (tmp_path / "f.csv").write_text(
        "uri,Confidence,address,label,category,source,chain\n"
        f"https://e.example/1,0.25,{A},x,scam,s,ethereum\n,,{B},y,scam,graphsense:y,ethereum\n,150%,{BTC},z,scam,s,btc\n"
    )
    summary = import_labels(store, [tmp_path / "f.csv"])
    assert summary.doubts == {"is no confidence of 0 to 1": 1}
    sure = {text: labels_of(store, text).labels[0] for text in (A, B, BTC)}
    assert (sure[A]["uri"], sure[A]["confidence"]) == ("https://e.example/1", 0.25)
    assert (sure[B]["confidence"], sure[BTC]["confidence"]) == (0.8, 0.5)
