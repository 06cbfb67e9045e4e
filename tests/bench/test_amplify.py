"""Copies of recorded mainnet blocks stand every proof, and hold what the recording holds, once a copy."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from bench.amplify import Amplified, amplify
from chainsight.errors import DataCheckError
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from sql.store import Store
from tests.fixtures.archives import demo_archive

SAMPLE = "mainnet_17686110_17686132"


@pytest.fixture(scope="module")
def twice(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Amplified:
    return amplify(data_dir / "chain" / SAMPLE, tmp_path_factory.mktemp("home"), copies=2)


@pytest.mark.real_data
def test_two_copies_of_mainnet_blocks_prove_themselves(twice: Amplified, store: Store) -> None:
    summary = ingest_blocks(store, ArchiveSource(twice.folder))
    assert {"block_hash", "receipts_root", "transactions_root"} <= set(summary.proofs)
    assert (summary.blocks, summary.transactions, summary.logs, summary.traces) == (46, 8832, 19614, 48206)
    assert (twice.blocks, twice.transactions, twice.logs, twice.traces) == (46, 8832, 19614, 48206)
    kinds = store.query("SELECT CAST(kind AS String) AS kind, count() AS n FROM transfers GROUP BY kind").to_pylist()
    found = {row["kind"]: row["n"] for row in kinds}
    assert (found["erc721"], found["erc20"], found["wrap"]) == (2 * 77, 2 * 4798, 2 * (464 + 339))


@pytest.mark.real_data
def test_a_copy_has_parties_of_its_own_and_the_calls_of_the_recording(twice: Amplified, data_dir: Path) -> None:
    recorded = orjson.loads(next(ArchiveSource(data_dir / "chain" / SAMPLE).read(17686110, 17686110)).payload)
    lines = list(ArchiveSource(twice.folder).read(17686110, 17686155))
    one, other = orjson.loads(lines[0].payload), orjson.loads(lines[23].payload)
    senders = [{transaction["from"] for transaction in block["transactions"]} for block in (recorded, one, other)]
    assert len(senders[0]) == len(senders[1]) == len(senders[2])
    assert not senders[0] & senders[1]
    assert not senders[1] & senders[2]
    for before, after in zip(recorded["transactions"], other["transactions"], strict=True):
        assert len(before["input"]) == len(after["input"])
        assert (before["value"], before["nonce"]) == (after["value"], after["nonce"])
    assert int(other["timestamp"], 16) > int(orjson.loads(lines[22].payload)["timestamp"], 16)


@pytest.mark.real_data
def test_the_same_seed_is_found_again_and_gives_the_same_bytes(
    twice: Amplified, data_dir: Path, tmp_path: Path
) -> None:
    assert amplify(data_dir / "chain" / SAMPLE, twice.folder.parent.parent, copies=2) == twice
    again = amplify(data_dir / "chain" / SAMPLE, tmp_path, copies=1)
    made = (again.folder / "blocks.jsonl").read_bytes()
    assert (twice.folder / "blocks.jsonl").read_bytes().startswith(made)


def test_blocks_that_cannot_be_made_anew_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataCheckError, match="signatures as v, r, s in a row"):
        amplify(demo_archive(tmp_path / "archive", 12), tmp_path, copies=2)
