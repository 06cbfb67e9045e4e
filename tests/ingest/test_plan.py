"""What an ingest would read, said before it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainsight.errors import SourceError
from ingest.archive import ArchiveSource
from ingest.plan import plan_ingest
from ingest.ranges import BlockRange
from ingest.rpc import RpcSource
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive, demo_blocks
from tests.fixtures.lying_node import lying_node


def test_a_small_range_is_counted_to_the_row(tmp_path: Path) -> None:
    source = ArchiveSource(demo_archive(tmp_path / "a", 40))
    plan = plan_ingest(source, chain_id=DEMO_CHAIN_ID, blocks=BlockRange(30, 34))
    blocks, receipts, traces = (part[29:34] for part in demo_blocks(40))
    assert (plan.blocks, plan.sampled, plan.calls) == (5, 5, 0)
    assert plan.transactions == sum(len(block["transactions"]) for block in blocks)
    assert plan.logs == sum(len(receipt["logs"]) for line in receipts for receipt in line["receipts"])
    assert plan.traces == sum(len(line["traces"]) for line in traces)


def test_a_wide_range_of_a_node_is_foretold_from_a_few_blocks_of_it() -> None:
    with lying_node(100) as node:
        plan = plan_ingest(RpcSource(node.url), chain_id=DEMO_CHAIN_ID, blocks=BlockRange(1, 100))
        asked = {params[0] for method, params in node.asked if method == "eth_getBlockByNumber"}
    assert (plan.blocks, plan.sampled, plan.calls) == (100, 5, 300)
    assert asked >= {hex(number) for number in (1, 25, 50, 75, 100)}
    assert plan.bytes > 100 * 500


def test_a_range_the_source_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has blocks 1 to 5, not 3 to 9"):
        plan_ingest(ArchiveSource(demo_archive(tmp_path / "a", 5)), chain_id=1, blocks=BlockRange(3, 9))
