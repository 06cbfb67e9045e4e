"""How rounds become figures: medians with their spread, ratios of one round each, the same keys for every tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.amplify import Amplified
from bench.ingest import _Round, _summed_up
from bench.measured import Taken
from bench.peers import rows_written
from bench.stand import Sample

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
    assert set(baselines) == {"cryo", "cryo defaults", "ethereum-etl"}
    for values in baselines.values():
        assert {name for name in values if "all_blocks" not in name} <= set(figures)


def test_rows_of_files_are_counted_without_their_headings(tmp_path: Path) -> None:
    (tmp_path / "blocks.csv").write_text("number,hash\n1,0xaa\n2,0xbb\n")
    (tmp_path / "hashes.txt").write_text("0xaa\n0xbb\n")
    assert rows_written(tmp_path) == {"blocks": 2}
