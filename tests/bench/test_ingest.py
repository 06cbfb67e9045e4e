"""How rounds become figures: medians with their spread, ratios of one round each, the same keys for every tool."""

from __future__ import annotations

import socket
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import psutil
import pytest

from bench.amplify import Amplified
from bench.ingest import _Round, _summed_up
from bench.measured import Taken
from bench.peers import rows_written
from bench.stand import Sample, Stand
from bench.wire import Node, drain
from chainsight.errors import ChildFailed, DataCheckError

ARCHIVE = Amplified(Path("copies-x4"), 100, 191, 4, 1000, 2000, 3000, 10**6, 2 * 10**6)


def sample(seconds: float, *, blocks: int = 100, rows: int = 1000, cpu: float = 2.0) -> Sample:
    return Sample(blocks, rows, Taken(seconds, cpu, 50.0), 0.1, seconds / 2)


def round_of(ours: float, cryo: float, etl: float) -> _Round:
    tools = {"chainsight": ours, "cryo": cryo, "cryo defaults": cryo, "ethereum-etl": etl}
    wire = {f"wire_limit_{what}_per_s{suffix}": 1000.0 for what in ("blocks", "mb") for suffix in ("", "_with_traces")}
    return _Round({name: (sample(seconds), sample(2 * seconds)) for name, seconds in tools.items()}, wire)


def test_figures_are_medians_and_ratios_are_of_the_same_round() -> None:
    rounds = [round_of(1.0, 2.0, 10.0), round_of(2.0, 8.0, 10.0), round_of(4.0, 4.0, 10.0)]
    result = _summed_up(ARCHIVE, rounds, (sample(20.0, blocks=400), sample(40.0, blocks=400)))
    figures, baselines = result["figures"], result["baselines"]
    assert (figures["blocks_per_s"], figures["blocks_per_s_low"], figures["blocks_per_s_high"]) == (50, 25, 100)
    assert (figures["ratio_cryo"], figures["ratio_cryo_low"], figures["ratio_cryo_high"]) == (2, 1, 4)
    assert figures["ratio_ethereum_etl_with_traces"] == 5
    assert figures["ratio_ethereum_etl_all_blocks"] == 2.5
    assert figures["blocks_per_s_ingesting"] == 100
    assert figures["cpu_s_per_million_rows"] == pytest.approx(2000)
    assert figures["share_of_wire_limit"] == 0.05
    assert [names[0] for names in result["order"]] == ["chainsight", "cryo", "cryo defaults"]
    assert set(baselines) == {"cryo", "cryo defaults", "ethereum-etl"}
    for values in baselines.values():
        assert {name for name in values if "all_blocks" not in name} <= set(figures)


def test_rows_of_files_are_counted_without_their_headings(tmp_path: Path) -> None:
    (tmp_path / "blocks.csv").write_text("number,hash\n1,0xaa\n2,0xbb\n")
    (tmp_path / "hashes.txt").write_text("0xaa\n0xbb\n")
    assert rows_written(tmp_path) == {"blocks": 2}


@pytest.mark.parametrize(
    ("proofs", "verdict"),
    [
        (["block_hash", "receipts_root", "senders", "transactions_root"], nullcontext()),
        (["block_hash", "receipts_root", "senders_sampled", "transactions_root"], pytest.raises(DataCheckError)),
    ],
)
def test_a_run_that_did_not_recover_every_sender_counts_for_nothing(
    tmp_path: Path, proofs: list[str], verdict: AbstractContextManager[object]
) -> None:
    node = Node(0, psutil.Process())
    stand = Stand(ARCHIVE, "made-up", node, node, tmp_path, tmp_path, tmp_path)
    counts = {name: getattr(ARCHIVE, name) for name in ("blocks", "transactions", "logs", "traces")}
    with verdict:
        stand._verify({"proofs": proofs}, counts, traces=True)


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nCont", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"]
)
def test_reading_ends_when_the_node_closes_in_the_middle_of_an_answer(sent: bytes) -> None:
    def serve() -> None:
        client, _ = server.accept()
        client.recv(1 << 16)
        client.sendall(sent)
        client.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        node = Node(server.getsockname()[1], psutil.Process())
        with pytest.raises(ChildFailed, match="closed the connection before its answer was whole"):
            drain(node, ARCHIVE, blocks=1, methods=("eth_getBlockByNumber",))
