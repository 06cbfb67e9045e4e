"""The story plays on a real node, and the recording that is shipped is what it says."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

import demo
from demo.node import CHAIN_ID, find_anvil, running_anvil
from demo.record import NAMES
from demo.scenario import Played, play
from demo.statistics import Statistics
from demo.world import Scale
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from sql.store import Store

SHIPPED = Path(demo.__file__).parent
SHORT = Scale(blocks=40, days=12, size=0.05)
MEBIBYTE = 2**20


def read(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    with (folder / f"{name}.jsonl.zst").open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file)
        for line in io.TextIOWrapper(reader, encoding="utf-8"):
            yield json.loads(line)


def blocks_with_all(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    return zip(*(read(folder, name) for name in NAMES), strict=True)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def addresses_on_chain(folder: Path) -> set[str]:
    """Everybody who sent, was sent to, was created, or stands in a topic of a log."""
    found: set[str] = set()
    for block, receipts, traces in blocks_with_all(folder):
        found.add(block["miner"])
        for receipt in receipts["receipts"]:
            topics = [topic for log in receipt["logs"] for topic in log["topics"][1:]]
            found.update("0x" + topic[26:] for topic in topics if topic.startswith("0x" + "0" * 24))
        for trace in traces["traces"]:
            result = trace.get("result") or {}
            action = trace["action"]
            parties = (action.get("from"), action.get("to"), action.get("address"), action.get("refundAddress"))
            found.update(party for party in (*parties, result.get("address")) if party)
    return found


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Played]:
    """A story of 40 blocks, played on a node."""
    folder = tmp_path_factory.mktemp("story") / "chain"
    return folder, play(folder, seed=7, scale=SHORT)


def test_the_node_is_a_real_one_of_the_demo_s_chain() -> None:
    assert find_anvil().is_file()
    with running_anvil("--no-mining") as node:
        assert int(node.call("eth_chainId"), 16) == CHAIN_ID
        assert "anvil" in node.call("web3_clientVersion")


def test_a_short_story_gives_linked_blocks_whose_roots_and_hashes_recompute(
    short: tuple[Path, Played], store: Store
) -> None:
    folder, played = short
    blocks = list(blocks_with_all(folder))
    assert [int(block["number"], 16) for block, _, _ in blocks] == list(range(1, SHORT.blocks + 1))
    for (block, _, _), (following, _, _) in itertools.pairwise(blocks):
        assert following["parentHash"] == block["hash"]
        assert int(following["timestamp"], 16) > int(block["timestamp"], 16)
    proven = ingest_blocks(store, ArchiveSource(folder)).proofs
    assert proven == ("block_hash", "logs_bloom", "receipts_root", "senders", "transactions_root", "withdrawals_root")
    assert played.counts["blocks"] == SHORT.blocks
    assert played.counts["transactions"] == sum(len(block["transactions"]) for block, _, _ in blocks) > 200


def test_receipts_and_traces_belong_to_the_transactions_of_their_block(short: tuple[Path, Played]) -> None:
    for block, receipts, traces in blocks_with_all(short[0]):
        hashes = [transaction["hash"] for transaction in block["transactions"]]
        assert receipts["number"] == traces["number"] == int(block["number"], 16)
        assert [receipt["transactionHash"] for receipt in receipts["receipts"]] == hashes
        roots = [trace for trace in traces["traces"] if not trace["traceAddress"] and trace["type"] != "suicide"]
        assert [trace["transactionHash"] for trace in roots] == hashes


def test_everybody_in_the_truth_and_the_labels_occurs_on_the_chain(short: tuple[Path, Played]) -> None:
    folder, played = short
    truth = rows(folder.parent / "truth.csv")
    seen = addresses_on_chain(folder)
    assert {row["address"] for row in truth} <= seen
    assert {row["address"] for row in rows(folder.parent / "labels.csv")} <= {row["address"] for row in truth}
    assert len(truth) == len({row["address"] for row in truth}) == played.tables["truth"]
    typologies = {row["typology"] for row in truth if row["illicit"] == "1"}
    assert {"phishing", "drainer", "structuring", "peel_chain"} <= typologies


def test_the_same_seed_plays_the_same_story_to_the_byte_and_another_seed_another(tmp_path: Path) -> None:
    scale = Scale(blocks=12, days=4, size=0.03)
    tips = []
    for name, seed in (("first", 7), ("second", 7), ("other", 8)):
        play(tmp_path / name, seed=seed, scale=scale)
        tips.append([block["hash"] for block in read(tmp_path / name, "blocks")][-1])
    assert tips[0] == tips[1] != tips[2]
    for name in NAMES:
        first, second = (tmp_path / run / f"{name}.jsonl.zst" for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_the_shipped_recording_is_small_whole_and_linked() -> None:
    folder = SHIPPED / "chain"
    assert sum((folder / f"{name}.jsonl.zst").stat().st_size for name in NAMES) <= 8 * MEBIBYTE
    parent, number, failed, total = None, 0, 0, 0
    for block, receipts, _ in blocks_with_all(folder):
        number += 1
        assert int(block["number"], 16) == number
        assert parent in (None, block["parentHash"])
        assert len(block["transactions"]) == len(receipts["receipts"])
        parent = block["hash"]
        total += len(receipts["receipts"])
        failed += sum(receipt["status"] == "0x0" for receipt in receipts["receipts"])
    assert number >= 1_900
    assert total >= 12_000
    assert failed / total == pytest.approx(Statistics().table["failed_share"], abs=0.015)


def test_everybody_in_the_shipped_truth_occurs_in_the_shipped_recording() -> None:
    truth = rows(SHIPPED / "truth.csv")
    assert {row["address"] for row in truth} <= addresses_on_chain(SHIPPED / "chain")
    illicit = {row["address"] for row in truth if row["illicit"] == "1"}
    labelled = {row["address"] for row in rows(SHIPPED / "labels.csv")}
    assert 150 <= len(illicit) <= 330
    assert 0.25 <= len(illicit & labelled) / len(illicit) <= 0.6
    listed = {row["address"] for row in rows(SHIPPED / "sanctions.csv")}
    assert listed
    assert listed <= illicit
