"""Whatever a file holds, reading it ends in statements, in lines left out, or in one sentence: never in a traceback."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chainsight.errors import ChainsightError
from ingest.delimited import read_text
from ingest.label_reading import LabelReading
from ingest.labels import read_labels
from ingest.lists import read_list
from ingest.token_lists import ListedToken, read_token_list

A = "0x" + "a1" * 20
BTC = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
CSV = f'address,label,category,source,chain\n{A},x,scam,s,ethereum\n{BTC},"a, b",exchange,s,BTC\n'.encode()
PACK = (
    "title: T\ncreator: C\ncurrency: BTC\nlastmod: 2020-01-01\n"
    f"tags:\n- address: {BTC}\n  label: x\n  concepts: [a, b]\n"
).encode()
SDN = f'36,"DOE",x,"CYBER2",{"-0- ," * 7}"Digital Currency Address - ETH {A};"\r\n\x1a'.encode()
TOKENS = json.dumps(
    {"name": "L", "tokens": [{"chainId": 1, "address": A, "symbol": "X", "name": "X", "decimals": 6}]}
).encode()

SEEDS = st.sampled_from([CSV, PACK, SDN, TOKENS])
SPOILS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 30), st.one_of(st.binary(max_size=12), st.sampled_from([
        b"\0", b"\xff\xfe", b"&a ", b"*a", b"[[[[", b"{{{", b'"', b"\r", b"\n---\n", b"!!python/name:os.system ", b"\xed\xa0\x80",
        b"<html>", b"\x1f\x8b", b"1e999", b"-1", b"9" * 400, b"? ", b"%YAML 9.9\n", b"\xe2\x80\xae",
    ]))),
    max_size=4,
)  # fmt: skip


def spoil(content: bytes, spoils: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, put in spoils:
        place %= len(content) + 1
        content = content[:place] + put + content[place + length :]
    return content


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=SEEDS, spoils=SPOILS, packed=st.booleans(), cut=st.integers(0, 6))
@example(seed=PACK, spoils=[(0, 0, b"[" * 100_000)], packed=False, cut=0)
@example(seed=TOKENS, spoils=[(0, 0, b"[" * 100_000)], packed=False, cut=0)
@example(seed=PACK, spoils=[(53, 4, b"9999")], packed=False, cut=0)
def test_a_spoiled_file_never_ends_in_a_traceback(
    tmp_path: Path, seed: bytes, spoils: list[tuple[int, int, bytes]], packed: bool, cut: int
) -> None:
    content = spoil(seed, spoils)
    content = gzip.compress(content) if packed else content
    file = tmp_path / "file"
    file.write_bytes(content[: len(content) - cut])
    for reads in (_labels, _list, _tokens):
        said = _refusal(reads, file)
        assert said == "" or str(file) in said


def test_the_unspoiled_files_are_read(tmp_path: Path) -> None:
    for content, count in ((CSV, 2), (PACK, 1)):
        (tmp_path / "file").write_bytes(content)
        assert _labels(tmp_path / "file") == count
    (tmp_path / "file").write_bytes(SDN)
    assert _list(tmp_path / "file") == 1
    (tmp_path / "file").write_bytes(TOKENS)
    assert _tokens(tmp_path / "file") == 1


def _refusal(reads: Callable[[Path], int], file: Path) -> str:
    try:
        reads(file)
    except ChainsightError as error:
        return str(error)
    return ""


def _labels(file: Path) -> int:
    reading = LabelReading()
    read_labels(read_text(file), reading)
    for statement in reading.statements:
        assert len(statement.address) == 20 or statement.address.isascii()
        assert 0 <= statement.confidence <= 1
        "".join((statement.label, statement.source, statement.uri, statement.context)).encode()
    return len(reading.statements)


def _list(file: Path) -> int:
    entries, _ = read_list(read_text(file), kind="ofac", source="s")
    return len(entries)


def _tokens(file: Path) -> int:
    read = read_token_list(read_text(file), chain_id=1)
    read.source.encode()
    tokens = [entry.token for entry in read.entries if isinstance(entry.token, ListedToken)]
    for token in tokens:
        (token.symbol + token.name).encode()
    return len(tokens)


@pytest.mark.parametrize("name", ["x.yaml", "x.csv", "x"])
def test_an_empty_file_is_told_as_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ChainsightError, match=f"{name}.* (has no column|holds no mapping)"):
        _labels(tmp_path / name)
