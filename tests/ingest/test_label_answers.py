"""Where sources contradict each other, and what the commands show of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chainsight.categories import CATEGORIES, CONTRADICTIONS, FAMILIES
from chainsight.errors import UsageError
from ingest.label_answers import label_conflicts, labels_of
from ingest.labels import import_labels
from ingest.lists import import_lists
from sql.store import Store

HEADER = "address,label,category,source,chain\n"
A, B, C = "0x" + "a1" * 20, "0x" + "b2" * 20, "0x" + "c3" * 20
BTC = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


def learn(store: Store, folder: Path, *lines: str) -> None:
    (folder / "l.csv").write_text(HEADER + "".join(line + "\n" for line in lines))
    import_labels(store, [folder / "l.csv"])


def test_sources_that_contradict_each_other_are_shown_the_gravest_first(tmp_path: Path, store: Store) -> None:
    learn(
        store, tmp_path,
        f"{A},Northgate 1,exchange,s,ethereum", f"{A},Blender,mixer,t,polygon",
        f"{B},b,licit,s,ethereum", f"{B},Fake_Phishing1,phish-hack,t,ethereum",
        f"{BTC},x,exchange,s,btc", f"{BTC},y,ransomware,t,btc",
    )  # fmt: skip
    found = label_conflicts(store, most=10)
    assert [(row["address"], row["chain"], row["conflict"]) for row in found] == [
        (B, "", "found clean by some, illicit by others"),
        (BTC, "bitcoin", "an exchange's to some, illicit to others"),
        (A, "", "an exchange's to some, a mixer to others"),
    ]
    assert found[0]["some_say"] == ["s says licit (b)"]
    assert found[0]["others_say"] == ["t says phishing (Fake_Phishing1)"]
    assert len(label_conflicts(store, most=1)) == 1


def test_what_can_both_be_is_no_conflict(tmp_path: Path, store: Store) -> None:
    learn(
        store, tmp_path,
        f"{A},coin,token_contract,s,ethereum", f"{A},coin,scam,t,ethereum",  # a token can be a fraud
        f"{B},a,phishing,s,ethereum", f"{B},b,hack,t,ethereum",  # both illicit
        f"{C},a,exchange,s,ethereum", f"{C},b,scam,s,ethereum",  # one source
        f"{BTC},a,exchange,s,btc", f"{BTC},b,scam,t,bitcoin-cash",  # the same text on two ledgers
    )  # fmt: skip
    assert label_conflicts(store, most=10) == []


def test_a_conflict_that_a_source_took_back_is_one_of_the_past(tmp_path: Path, store: Store) -> None:
    learn(store, tmp_path, f"{A},a,licit,s,ethereum", f"{A},b,scam,t,ethereum", f"{B},b,scam,t,ethereum")
    (then,) = label_conflicts(store, most=10)
    learn(store, tmp_path, f"{B},b,scam,t,ethereum")
    assert label_conflicts(store, most=10) == []
    learned = labels_of(store, A).labels[0]["imported_at"]
    assert label_conflicts(store, most=10, at=learned) == [then]


def test_every_family_of_a_contradiction_is_one_of_some_category() -> None:
    families = set(FAMILIES.values())
    assert {family for pair in CONTRADICTIONS for family in pair} <= families
    assert set(FAMILIES) <= set(CATEGORIES)
    assert not {(b, a) for a, b in CONTRADICTIONS} & set(CONTRADICTIONS)


def test_an_address_shows_what_lists_say_of_it_too(tmp_path: Path, store: Store) -> None:
    (tmp_path / "s.csv").write_text(f"name,program,asset,address\nDoe,DEMO,ETH,{A}\n")
    import_lists(store, [tmp_path / "s.csv"], kind="ofac")
    known = labels_of(store, A.upper().replace("X", "x"))
    assert known.address == A
    assert known.labels == []
    assert [(row["list_kind"], row["name"], row["holds"]) for row in known.list_entries] == [("ofac", "Doe", 1)]
    with pytest.raises(UsageError, match=r"'nobody\.eth' is a name, not an address"):
        labels_of(store, "nobody.eth")


def test_the_commands_print_sources_labels_and_conflicts(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        HEADER + f"{A},a,licit,s,ethereum\n{A},b,scam,t,ethereum\nnobody.eth,b,scam,t,eth\n"
    )
    (tmp_path / "list.json").write_text(
        json.dumps([{"chainId": 1, "address": A, "symbol": "X", "name": "X coin", "decimals": 6}])
    )

    def run(*words: str) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "chainsight", *words, "--store", f"chdb://{tmp_path}/store"],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        return dict(json.loads(done.stdout))

    assert run("labels", "import", str(tmp_path / "l.csv"))["left_out"] == {"is a name, not an address": 1}
    sources = run("labels", "sources")["sources"]
    assert isinstance(sources, list)
    assert [(one["source"], one["version"], one["labels"]) for one in sources] == [("s", 1, 1), ("t", 1, 1)]
    assert len(list(run("labels", "show", A)["labels"])) == 2  # type: ignore[call-overload]
    assert len(list(run("labels", "conflicts")["conflicts"])) == 1  # type: ignore[call-overload]
    assert run("tokens", "import", str(tmp_path / "list.json"))["added"] == 1
