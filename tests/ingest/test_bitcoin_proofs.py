"""A changed byte of a Bitcoin block, wherever it is, is refused by the name of its block and field."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import ProofFailed
from ingest.bitcoin import ingest_bitcoin
from ingest.bitcoin_archive import BitcoinArchive
from ingest.bitcoin_networks import REGTEST
from ingest.bitcoin_proofs import prove_block
from sql.store import Store
from tests.fixtures.bitcoin_chain import as_line, write_archive
from tests.ingest.test_bitcoin import content, fresh_store, shown

CHANGES = [
    (4, "nonce", lambda nonce: nonce + 1, r"hash is [0-9a-f]{64}, its content gives"),
    (4, "time", lambda time: time + 1, "hash is"),
    (4, "version", lambda version: version ^ 4, "hash is"),
    (4, "bits", lambda _: "207ffffe", "hash is"),
    (4, "bits", lambda _: "zz", "header is no 80 bytes"),
    (4, "merkleroot", lambda text: "ab" + text[2:], "hash is"),
    (4, "size", lambda number: number + 1, r"size is \d+, its content gives"),
    (4, "weight", lambda number: number + 1, r"weight is \d+, its content gives"),
    (4, "tx[1].version", lambda _: 2, r"tx\[1\]\.txid is"),
    (4, "tx[1].locktime", lambda _: 1, r"tx\[1\]\.txid is"),
    (4, "tx[1].hex", lambda text: text[:-2] + "01", r"tx\[1\]\.hex is another from byte \d+ on"),
    (4, "tx[1].hash", lambda text: "ab" + text[2:], r"tx\[1\]\.hash is ab"),
    (4, "tx[1].size", lambda number: number + 1, r"tx\[1\]\.size is"),
    (4, "tx[1].vin[0].sequence", lambda _: 0, r"tx\[1\]\.txid is"),
    (4, "tx[1].vin[0].vout", lambda _: 1, r"tx\[1\]\.txid is"),
    (4, "tx[1].vin[0].scriptSig.hex", lambda text: "00" + text[2:], r"tx\[1\]\.txid is"),
    (4, "tx[1].vout[0].value", lambda _: "BTC:0.10000001", r"tx\[1\]\.txid is"),
    (4, "tx[1].vout[0].value", lambda _: "BTC:0.100000001", r"tx\[1\]\.vout\[0\] is 0.100000001"),
    (4, "tx[1].vout[0].n", lambda _: 1, r"tx\[1\]\.vout\[0\]\.n is 1"),
    (4, "tx[1].vout[0].scriptPubKey.hex", lambda text: text[:-4] + "0087", r"vout\[0\]\.scriptPubKey\.address is"),
    (
        4,
        "tx[1].vout[0].scriptPubKey.address",
        lambda _: "mnobody",
        "scriptPubKey.address is mnobody, its content gives 2",
    ),
    (5, "tx[1].vin[1].txinwitness[0]", lambda text: "00" + text[2:], r"tx\[1\]\.hash is"),
    (4, "tx[1].fee", lambda _: "BTC:0.00010001", r"tx\[1\]\.fee is 10001, its content gives 10000"),
    (
        4,
        "tx[1].vin[0].prevout.value",
        lambda _: "BTC:50.00000001",
        r"vin\[0\]\.prevout\.value is 5000000001, .* 5000000000",
    ),
    (6, "tx[2].vin[0].prevout.value", lambda _: "BTC:0.3", r"tx\[2\]\.vin\[0\]\.prevout\.value is 30000000"),
]


@pytest.fixture(scope="module")
def still_empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store for blocks that are refused: it stays empty, so that many tests may share it."""
    with fresh_store(tmp_path_factory.mktemp("bitcoin") / "store") as store:
        yield store


@pytest.mark.parametrize(("number", "path", "changed", "problem"), CHANGES)
def test_a_changed_byte_is_refused_with_block_and_field_and_nothing_is_kept(
    tmp_path: Path, still_empty: Store, number: int, path: str, changed: Callable[[Any], Any], problem: str
) -> None:
    blocks = copy.deepcopy(shown())
    keys = [int(key) if key.isdigit() else key for key in path.replace("[", ".").replace("]", "").split(".")]
    place: Any = blocks[number]
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = changed(place[keys[-1]])
    folder = write_archive(tmp_path / "a", blocks)
    with pytest.raises(ProofFailed, match=rf"Block {number}: .*{problem}") as refused:
        ingest_bitcoin(still_empty, BitcoinArchive(folder), network=REGTEST)
    assert (refused.value.exit_code, refused.value.block_number) == (3, number)
    assert {len(found) for found in content(still_empty).values()} == {0}
    assert still_empty.query("SELECT * FROM bitcoin_audit").num_rows == 0


def without_witnesses(block: dict[str, Any]) -> dict[str, Any]:
    """As a node shows a block that has thrown all witnesses away and computes the rest anew."""
    bare = copy.deepcopy(block)
    for transaction in bare["tx"]:
        for entry in transaction["vin"]:
            entry.pop("txinwitness", None)
        size = (transaction["weight"] - transaction["size"]) // 3
        transaction |= {"hash": transaction["txid"], "size": size, "vsize": size, "weight": 4 * size}
        transaction.pop("hex")
    return bare | {"size": bare["strippedsize"], "weight": 4 * bare["strippedsize"]}


@pytest.mark.parametrize("number", [1, 5])
def test_a_block_whose_witnesses_were_all_thrown_away_is_refused(number: int) -> None:
    block = shown()[number]
    prove_block(as_line(block), network=REGTEST, number=number, where="here")
    bare = as_line(without_witnesses(block))
    with pytest.raises(ProofFailed, match=r"tx\[0\]\.vin\[0\]\.txinwitness is 0 items.*witness commitment"):
        prove_block(bare, network=REGTEST, number=number, where="here")


def test_a_block_whose_coinbase_alone_kept_its_witness_is_refused() -> None:
    block = shown()[5]
    bare = without_witnesses(block)
    bare["tx"][0] = block["tx"][0]
    with pytest.raises(ProofFailed, match="witness commitment is"):
        prove_block(as_line(bare), network=REGTEST, number=5, where="here")


def test_a_commitment_that_a_miner_wrote_before_witnesses_were_law_asks_for_none() -> None:
    earlier = replace(REGTEST, segwit_from=6)
    prove_block(as_line(without_witnesses(shown()[5])), network=earlier, number=5, where="here")
