"""TagPacks: what tags inherit, which words become ours, and YAML that means harm."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from chainsight.errors import ArchiveDamaged
from ingest.labels import import_labels
from sql.store import Store

BTC = "1Archive1n2C579dMsAu3iC6tWzuQJz8dN"
ETH = "0x" + "fa" * 20
HEADER = "title: Demo\ncreator: John Doe\n"


def pack(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


def told(store: Store, columns: str) -> list[dict[str, object]]:
    return store.query(
        f"SELECT if(length(address) = 20, lower(hex(address)), address) AS who, {columns} FROM labels ORDER BY who, label"
    ).to_pylist()


def test_a_tag_inherits_from_the_header_what_it_does_not_say_itself(tmp_path: Path, store: Store) -> None:
    file = pack(
        tmp_path / "archive.yaml",
        HEADER + "label: Internet Archive\nsource: https://archive.org/donate\ncurrency: BTC\nlastmod: 2019-03-15\n"
        f"category: organization\nconfidence: service_data\ntags:\n- address: {BTC}\n"
        f"- address: {ETH}\n  currency: USDT\n  network: ETH\n  label: Other\n  category: exchange\n  abuse: scam\n"
        "  confidence: web_crawl\n  lastmod: 2019-04-16 10:00:00\n  actor: someone\n  context: '{\"count\": 42}'\n",
    )
    summary = import_labels(store, [file])
    assert (summary.read, summary.added, summary.bad_lines, summary.unknown_categories) == (2, 2, (), {})
    columns = (
        "CAST(chain AS String) AS chain, label, CAST(category AS String) AS category, source_category, uri, context,"
        " CAST(source AS String) AS source, round(toFloat64(confidence), 2) AS confidence, toString(stated_at) AS stated"
    )
    archive, other = told(store, columns)
    assert archive == {
        "who": BTC, "chain": "bitcoin", "label": "Internet Archive", "category": "other", "source_category": "organization",
        "uri": "https://archive.org/donate", "context": '{"creator": "John Doe", "title": "Demo"}',
        "source": "tagpack:archive", "confidence": 0.8, "stated": "2019-03-15 00:00:00",
    }  # fmt: skip
    assert (other["chain"], other["category"], other["source_category"]) == ("ethereum", "scam", "exchange:scam")
    assert (other["confidence"], other["stated"]) == (0.45, "2019-04-16 10:00:00")
    assert json.loads(str(other["context"])) == {
        "actor": "someone", "context": '{"count": 42}', "creator": "John Doe", "title": "Demo",
    }  # fmt: skip


def test_a_pack_is_told_by_what_stands_in_it_and_the_same_pack_again_changes_nothing(
    tmp_path: Path, store: Store
) -> None:
    text = HEADER + f"currency: BTC\ncategory: exchange\ntags:\n- address: {BTC}\n  label: x\n"
    (tmp_path / "pack.txt").write_bytes(gzip.compress(text.encode()))
    assert import_labels(store, [tmp_path / "pack.txt"]).added == 1
    assert import_labels(store, [tmp_path / "pack.txt"]).added == 0
    assert told(store, "CAST(source AS String) AS source") == [{"who": BTC, "source": "tagpack:pack.txt"}]


def test_values_stay_the_text_they_are(tmp_path: Path, store: Store) -> None:
    """To YAML 1.1 an unquoted 0x… is a number, `no` a boolean, 1e5 a float and 12:30 a number to base 60."""
    lines = "".join(
        f"- address: {ETH}\n  label: {word}\n" for word in ("no", "1e5", "12:30", "0x12", "2019-03-15", "~")
    )
    import_labels(store, [pack(tmp_path / "p.yaml", HEADER + f"currency: ETH\ntags:\n{lines}")])
    assert sorted(str(row["label"]) for row in told(store, "label")) == sorted(
        ["", "no", "1e5", "12:30", "0x12", "2019-03-15"]
    )


def test_several_words_for_one_tag_are_kept_together_and_the_gravest_decides(tmp_path: Path, store: Store) -> None:
    import_labels(
        store,
        [
            pack(
                tmp_path / "p.yaml",
                HEADER + f"currency: ETH\nlabel: x\ntags:\n- address: {ETH}\n  category: service\n  abuse: sextortion\n"
                f"  concepts: [market, service]\n- address: {ETH}\n  category: zorblax\n",
            )
        ],
    )
    found = {row["source_category"]: row["category"] for row in told(store, "source_category, category")}
    assert found == {"service:sextortion:market": "extortion", "zorblax": "other"}


def test_bad_tags_are_left_out_odd_ones_are_doubted_and_all_of_it_is_counted(tmp_path: Path, store: Store) -> None:
    file = pack(
        tmp_path / "p.yaml",
        HEADER + f"currency: ETH\nlabel: x\ntags:\n- address: {ETH}\n- just a text\n- label: lost\n- tx_hash: 0x12\n"
        f"- address: vitalik.eth\n- address: {ETH}\n  confidence: surely\n  lastmod: yesterday\n  category: zorblax\n",
    )
    summary = import_labels(store, [file])
    assert summary.read == 2
    assert summary.bad_lines == (
        "p.yaml:7: it is no tag",
        "p.yaml:8: it names no address",
        "p.yaml:9: it names a transaction, not an address",
        "p.yaml:10: 'vitalik.eth' is a name, not an address",
    )
    assert sum(summary.left_out.values()) == 4
    assert summary.doubts == {"is no word for confidence that is known here": 1, "is no date of 1970 to 2106": 1}
    assert summary.unknown_categories == {"zorblax": 1}


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\ntags: [*b]\n"


def test_a_byte_that_is_no_text_is_found_by_its_line(tmp_path: Path, store: Store) -> None:
    (tmp_path / "p.yaml").write_bytes(HEADER.encode() + b"label: caf\xe9\ntags: []\n")
    with pytest.raises(ArchiveDamaged, match=r"p.yaml:3 holds bytes that are not UTF-8"):
        import_labels(store, [tmp_path / "p.yaml"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEADER + BOMB, r"p.yaml:4 holds an alias \(\*\)"),
        (HEADER + "tags:\n- label: x\n  label: y\n", r"p.yaml:5 holds the key 'label' for the second time"),
        (HEADER + "title: again\ntags: []\n", r"p.yaml:3 holds the key 'title' for the second time"),
        (HEADER + "tags: " + "[" * 200_000, r"p.yaml:3 holds more than 12 levels of nesting"),
        (HEADER + "tags:\n" + "- " * 200_000, r"p.yaml:4 holds more than 12 levels of nesting"),
        (HEADER + "tags:\n- address: 'cut off", r"p.yaml:\d is not YAML: found unexpected end of stream"),
        (HEADER + "tags:\n\t- x\n", r"p.yaml:4 is not YAML"),
        (HEADER + "tags: 5\n", r"p.yaml holds no list of tags"),
        (HEADER + "tags: []\n---\ntitle: two\n", r"p.yaml:4 holds a second document"),
        ("- tags:\n", r"p.yaml:1 holds no mapping"),
        ("", r"p.yaml:1 holds no mapping"),
        (HEADER + "actors:\n- id: x\n", r"p.yaml is an actor pack: it speaks of organisations"),
        (HEADER + "? [x]\n: y\ntags: []\n", r"p.yaml:3 holds a key that is no text"),
        (HEADER + "tags: !!python/object/apply:os.system [ls]\n", r"holds no readable label|is no tag"),
        ("<html></html>", r"p.yaml:1 is a web page"),
    ],
)
def test_yaml_that_is_damaged_or_means_harm_is_refused_by_line(
    tmp_path: Path, store: Store, text: str, problem: str
) -> None:
    with pytest.raises(ArchiveDamaged, match=problem):
        import_labels(store, [pack(tmp_path / "p.yaml", text)])
    assert told(store, "label") == []
