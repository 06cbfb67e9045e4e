"""The trace benchmark on a theft of five payments among a few hundred made-up ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.flow_mix import MICRO_USD, hide_all, read_background
from bench.trace import measure
from chainsight.errors import UsageError
from graph.tracing.policies import POLICIES

_FLOW = """Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD
2024-01-01 00:00:00,100,0x1,{thief},,{mule},,1000.5
2024-01-01 00:10:00,150,0x2,{mule},,{other},,600.25
2024-01-01 00:20:00,200,0x3,{mule},,{end},,400
2024-01-01 00:30:00,250,0x4,{other},,{end},,600.25
2024-01-01 00:30:00,250,0x4,{other},,{other},,0.1
"""
_NAMES = {
    name: "0x" + f"{number + 1:02x}" * 20 for number, name in enumerate(("thief", "mule", "other", "end", "unpaid"))
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folders `tracing` with one flow and `accounts` with 300 payments among 40 accounts, every tenth of them failed."""
    (tmp_path / "tracing").mkdir()
    (tmp_path / "accounts").mkdir()
    (tmp_path / "tracing/TINY.csv").write_text(_FLOW.format(**_NAMES))
    (tmp_path / "tracing/TINY_sources.csv").write_text(_NAMES["thief"] + "\n")
    (tmp_path / "tracing/TINY_terminals.csv").write_text(_NAMES["end"] + "\n" + _NAMES["unpaid"])
    random = np.random.default_rng(1)
    giver, step = random.integers(0, 40, 300), random.integers(1, 40, 300)
    number = np.arange(300)
    rows = {
        "account": giver, "ts": 1_600_000_000 + 130 * number, "block": 10_000 + 10 * number, "tx_index": number % 3,
        "from_id": giver, "to_id": (giver + step) % 40, "value_wei": [str(10**17 * (n % 9 + 1)) for n in number],
        "is_error": number % 10 == 0,
    }  # fmt: skip
    pq.write_table(pa.table(rows), tmp_path / "accounts/normal_txs.parquet")
    addresses = pa.table({"address": [bytes([100 + n]) * 20 for n in range(40)]})
    pq.write_table(addresses, tmp_path / "accounts/addresses.parquet")
    return tmp_path / "tracing"


def test_a_flow_keeps_its_pauses_and_everyone_but_the_thief_gets_a_life(folder: Path) -> None:
    background = read_background(folder.parent / "accounts")
    (flow,) = hide_all(folder, background, seed=3)
    assert (len(background.payments), len(flow.payments), flow.listed_terminals) == (270, 4, 2)
    assert flow.payments.amount.tolist() == [1_000_500_000, 600_250_000, 400 * MICRO_USD, 600_250_000]
    assert (flow.payments.seconds - flow.payments.seconds[0]).tolist() == [0, 600, 1200, 1800]
    assert (np.diff(flow.payments.block) >= 0).all()
    known = {name.tobytes() for name in background.names}
    assert flow.sources == [bytes([1]) * 20]
    assert flow.members - known == set(flow.sources)
    assert flow.terminals < known
    assert hide_all(folder, background, seed=3)[0].terminals == flow.terminals


def test_figures_of_all_policies_stand_beside_breadth_first_search(folder: Path) -> None:
    found = measure(folder, seeds=[0], starts=2)
    assert (found["figures"]["recall"], found["figures"]["nodes_visited"] >= 3) == (1.0, True)
    assert set(found["baselines"]) == {
        *(name for name in POLICIES if name != "haircut"), *(f"{name}_best" for name in POLICIES),
        "breadth_first", "breadth_first_hub_cap", "breadth_first_5_hops", "breadth_first_5_hops_hub_cap",
    }  # fmt: skip
    assert found["figures"]["p95_answer_ms"] > 0
    assert not any("p95_answer_ms" in figures for figures in found["baselines"].values())
    shared = {"recall", "precision", "nodes_visited", "p95_ms", "recall_least", "recall_most"}
    assert all(shared <= set(figures) for figures in found["baselines"].values())
    assert found["baselines"]["breadth_first_5_hops"]["recall"] == 1.0
    with pytest.raises(UsageError, match=r"no NAME_sources.csv in .*--data"):
        measure(folder.parent / "accounts", seeds=[0], starts=1)
