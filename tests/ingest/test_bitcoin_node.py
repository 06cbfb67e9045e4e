"""A live Bitcoin node: branches that change, nodes that refuse, stumble or lie, and what an ingest makes of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import (
    BranchChanged,
    DataCheckError,
    NodeRefused,
    ProofFailed,
    SourceError,
    StoreError,
    UsageError,
)
from ingest.bitcoin import BitcoinSummary, ingest_bitcoin, plan_bitcoin
from ingest.bitcoin_archive import BitcoinArchive
from ingest.bitcoin_audit import audit_bitcoin
from ingest.bitcoin_networks import REGTEST, TESTNET
from ingest.bitcoin_node import BitcoinNode
from ingest.bitcoin_proofs import PROVEN_BY_HASH
from ingest.ranges import ALL_BLOCKS, BlockRange
from sql.store import Parameter, Store
from tests.fixtures.bitcoin_chain import Chain, Json, Out, Tx, pay_to_key_hash, pay_to_taproot, write_archive
from tests.fixtures.bitcoin_node import PASSWORD, USER, BitcoinNodeOnLoopback, bitcoin_node
from tests.fixtures.bitcoin_story import HEAD, SIGNATURE, story
from tests.ingest.test_bitcoin import content, fresh_store, shown

_PAUSE_SECONDS = 0.001


def ingest(store: Store, node: BitcoinNodeOnLoopback, blocks: BlockRange = ALL_BLOCKS) -> BitcoinSummary:
    source = BitcoinNode(node.url, pause_seconds=_PAUSE_SECONDS)
    try:
        return ingest_bitcoin(store, source, blocks=blocks)
    finally:
        source.close()


def longer(chain: Chain, height: int, blocks: int, name: str = "other") -> Chain:
    """Another branch from `height` on, with so many blocks after it."""
    branch = chain.fork(height, name.encode())
    for _ in range(blocks):
        branch.mine(pay_to_taproot(name))
    return branch


def clean_run(tmp_path: Path, chain: Chain) -> dict[str, list[str]]:
    """What a store holds that has never seen anything else."""
    with fresh_store(tmp_path / "clean") as store, bitcoin_node(chain) as node:
        ingest(store, node)
        return content(store)


def test_a_node_gives_the_same_rows_as_its_recording(tmp_path: Path) -> None:
    with fresh_store(tmp_path / "recorded") as recorded:
        ingest_bitcoin(recorded, BitcoinArchive(write_archive(tmp_path / "a", shown())), network=REGTEST)
        expected = content(recorded, "version, finality")
    with fresh_store(tmp_path / "store") as store, bitcoin_node(story().chain) as node:
        summary = ingest(store, node)
        assert content(store, "version, finality") == expected
    assert (summary.network, summary.blocks, summary.withdrawn, summary.unresolved) == ("regtest", 9, 0, 0)
    assert summary.proofs == tuple(sorted((*PROVEN_BY_HASH, "fees", "rewards")))


def test_only_missing_blocks_are_asked_for(store: Store) -> None:
    with bitcoin_node(story().chain) as node:
        ingest(store, node, BlockRange(2, 5))
        node.calls.clear()
        summary = ingest(store, node)
        assert (summary.blocks, summary.skipped) == (5, 4)
        assert node.calls.count("getblock") == 5
        node.calls.clear()
        assert ingest(store, node).blocks == 0
        assert node.calls.count("getblock") == 0


def test_a_reorg_withdraws_the_lost_branch_and_leaves_what_a_clean_run_gives(tmp_path: Path) -> None:
    chain = story().chain
    branch = longer(chain, 5, 5)
    spending = Tx((story().joining.spend(2, signature=SIGNATURE),), (Out(pay_to_key_hash("other"), 4_000_000),))
    branch.mine(pay_to_taproot("other"), spending, fees=1_000_000)
    expected = clean_run(tmp_path, branch)
    with fresh_store(tmp_path / "store") as store, bitcoin_node(chain) as node:
        ingest(store, node)
        node.chain = branch
        summary = ingest(store, node)
        assert (summary.withdrawn, summary.blocks) == (3, 6)
        assert content(store) == expected
        found = audit_bitcoin(store, REGTEST)
    assert [(batch.from_block, batch.to_block, batch.blocks) for batch in found.batches] == [(0, 5, 6), (6, 11, 6)]
    assert [batch.transactions for batch in found.batches] == [8, 7]
    assert found.conflicts == ()


def test_a_shorter_branch_takes_the_blocks_above_it_away(tmp_path: Path) -> None:
    shorter = longer(story().chain, 4, 2, "shorter")
    expected = clean_run(tmp_path, shorter)
    with fresh_store(tmp_path / "store") as store, bitcoin_node(longer(story().chain, 5, 8)) as node:
        ingest(store, node)
        node.chain = shorter
        summary = ingest(store, node)
        assert (summary.withdrawn, summary.blocks) == (9, 2)
        assert content(store) == expected


def test_a_node_that_is_only_behind_takes_nothing_away(store: Store) -> None:
    with bitcoin_node(story().chain) as node:
        ingest(store, node)
        before = content(store)
        node.chain = story().chain.fork(4)
        assert ingest(store, node).withdrawn == 0
        assert content(store) == before


def test_a_node_that_changes_its_mind_while_it_is_read_is_followed(tmp_path: Path) -> None:
    branch = longer(story().chain, 3, 90)
    expected = clean_run(tmp_path, branch)
    first = longer(story().chain, 3, 80, "first")
    with fresh_store(tmp_path / "store") as store, bitcoin_node(first, changes=[(40, branch)]) as node:
        summary = ingest(store, node)
        assert summary.to_block == 93
        assert content(store) == expected


def test_a_store_whose_tip_was_lost_long_ago_is_led_back_to_the_best_branch(tmp_path: Path) -> None:
    branch = longer(story().chain, 6, 140, "long after")
    expected = clean_run(tmp_path, branch)
    with fresh_store(tmp_path / "store") as store, bitcoin_node(story().chain) as node:
        ingest(store, node)
        node.chain = branch
        summary = ingest(store, node)
        assert (summary.withdrawn, summary.blocks) == (2, 140)
        assert content(store) == expected


def test_a_store_of_a_stranger_is_refused_however_far_the_node_is_ahead(store: Store) -> None:
    with bitcoin_node(longer(story().chain, 2, 110)) as node:
        ingest(store, node)
        before = content(store)
        node.chain = longer(story().chain, 2, 260, "stranger")
        with pytest.raises(DataCheckError, match="different blocks from 12 on, more than 100 deep"):
            ingest(store, node)
    assert content(store) == before


def test_a_branch_that_parts_too_deep_is_refused_and_nothing_is_withdrawn(store: Store) -> None:
    with bitcoin_node(longer(story().chain, 2, 110)) as node:
        ingest(store, node)
        before = content(store)
        node.chain = longer(story().chain, 2, 111, "stranger")
        with pytest.raises(DataCheckError, match="different blocks from 12 on, more than 100 deep"):
            ingest(store, node)
    assert content(store) == before


def test_a_withdrawal_that_breaks_off_is_finished_by_the_next_ingest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = longer(story().chain, 4, 3)
    expected = clean_run(tmp_path, branch)
    with fresh_store(tmp_path / "store") as store, bitcoin_node(story().chain) as node:
        ingest(store, node)
        node.chain = branch
        with monkeypatch.context() as patched:
            patched.setattr(store, "command", breaking_off(store, "bitcoin/withdraw_inputs"))
            with pytest.raises(StoreError, match="lights"):
                ingest(store, node)
        assert [batch.to_block for batch in audit_bitcoin(store, REGTEST).batches] == [4]
        ingest(store, node)
        assert content(store) == expected


def breaking_off(store: Store, name: str) -> Callable[..., None]:
    """The store's own `command`, save for one statement."""
    run = store.command

    def break_off(statement: Any, **parameters: Parameter) -> None:
        if getattr(statement, "name", "") == name:
            raise StoreError("the lights went out.")
        run(statement, **parameters)

    return break_off


def test_an_older_node_is_asked_for_the_transactions_it_spends(store: Store) -> None:
    with bitcoin_node(story().chain, verbosity=2, has_txindex=True) as node:
        summary = ingest(store, node, BlockRange(5, 8))
        assert summary.unresolved == 0
        assert node.calls.count("getrawtransaction") == 3
    rows = store.query("SELECT DISTINCT resolution FROM bitcoin_inputs ORDER BY resolution").column("resolution")
    assert rows.to_pylist() == ["coinbase", "txid"]


def test_an_older_node_without_an_index_leaves_inputs_unresolved_in_its_own_words(store: Store) -> None:
    with bitcoin_node(story().chain, verbosity=2) as node:
        assert ingest(store, node, BlockRange(5, 8)).unresolved == 4
        assert audit_bitcoin(store, REGTEST).unresolved == {"the node says: No such mempool transaction": 4}
        assert ingest(store, node).mended == 4
    assert audit_bitcoin(store, REGTEST).unresolved == {}


def test_a_transaction_that_is_not_the_one_asked_for_is_refused(store: Store) -> None:
    class Liar(BitcoinNodeOnLoopback):
        def _getrawtransaction(self, wanted: str, verbosity: int) -> Json:
            told = super()._getrawtransaction(wanted, verbosity)
            told["vout"][0]["value"] = "BTC:0.00000001"
            return told

    with bitcoin_node(story().chain, verbosity=2, has_txindex=True) as node:
        node.__class__ = Liar
        with pytest.raises(ProofFailed, match=r"spent transaction [0-9a-f]{64}.txid is"):
            ingest(store, node, BlockRange(5, 8))
    assert content(store)["bitcoin_inputs"] == []


def test_a_node_that_stumbles_is_asked_again(store: Store) -> None:
    with bitcoin_node(story().chain, troubles=["starting", "busy", "truncated", "garbage", "silent"]) as node:
        assert ingest(store, node).blocks == HEAD + 1
        assert node.troubles == []


def test_a_node_that_never_recovers_is_given_up_with_its_own_words(store: Store) -> None:
    problems = {
        "starting": r"is still starting \(Loading block index…\), 6 times, for getblockchaininfo",
        "busy": r"is busy or no Bitcoin node \(HTTP 503\), 6 times",
        "truncated": "broke off with 80 bytes to come",
        "garbage": "gave no whole JSON",
        "silent": "cannot be reached",
        "null": "answered getblockchaininfo with null",
    }
    for trouble, problem in problems.items():
        with (
            bitcoin_node(story().chain, troubles=[trouble] * 20) as node,
            pytest.raises(NodeRefused, match=problem) as refused,
        ):
            ingest(store, node)
        assert PASSWORD not in str(refused.value)
    assert store.query("SELECT * FROM bitcoin_audit").num_rows == 0


def test_a_wrong_password_is_said_at_once_and_never_shown(store: Store) -> None:
    with bitcoin_node(story().chain) as node:
        source = BitcoinNode(node.url.replace("correct", "wrong"), pause_seconds=60)
        started = time.monotonic()
        with pytest.raises(NodeRefused, match=r"does not let us in \(HTTP 401\)") as refused:
            ingest_bitcoin(store, source)
        source.close()
    assert time.monotonic() - started < 30
    assert "horse" not in str(refused.value)
    assert USER not in str(refused.value)
    with pytest.raises(UsageError) as unreadable:
        BitcoinNode(f"{USER}:{PASSWORD}@somewhere")
    assert "horse" not in str(unreadable.value)


def test_nobody_at_home_is_said_without_credentials(store: Store) -> None:
    source = BitcoinNode(f"http://{USER}:secret@127.0.0.1:9", pause_seconds=_PAUSE_SECONDS)
    with pytest.raises(
        NodeRefused, match=r"http://127.0.0.1:9 cannot be reached \(ConnectionRefusedError\)"
    ) as refused:
        ingest_bitcoin(store, source)
    assert "secret" not in str(refused.value)
    source.close()


def test_a_pruned_node_gives_what_it_has_and_says_what_it_has_not(store: Store) -> None:
    with bitcoin_node(story().chain, pruned_below=4) as node:
        with pytest.raises(SourceError, match="has blocks 4 to 8, not 2 to 8"):
            ingest(store, node, BlockRange(2, 8))
        assert ingest(store, node).from_block == 4
        node.pruned_below = 0
        lying: Callable[[], Json] = node._getblockchaininfo
        node._getblockchaininfo = lambda: lying() | {"pruneheight": 0}  # type: ignore[method-assign]
        node.pruned_below = 4
        with pytest.raises(
            NodeRefused, match=r"Block not available \(pruned data\) \(-1\)\. Its old blocks are pruned away"
        ):
            ingest(store, node, BlockRange(0, 8))


def test_a_node_of_another_network_is_refused(store: Store) -> None:
    with bitcoin_node(story().chain) as node:
        source = BitcoinNode(node.url)
        with pytest.raises(DataCheckError, match="is of regtest, not of testnet"):
            ingest_bitcoin(store, source, network=TESTNET)
        source.close()


def test_a_node_that_gives_another_block_than_asked_is_refused(store: Store) -> None:
    class Liar(BitcoinNodeOnLoopback):
        def _getblock(self, wanted: str, verbosity: int) -> Json:
            return super()._getblock(self.chain.blocks[1].hash, verbosity)

    with bitcoin_node(story().chain) as node:
        node.__class__ = Liar
        with pytest.raises(NodeRefused, match=r"was asked for block 0 .* and gave 1"):
            ingest(store, node)


def test_blocks_that_never_fit_together_stop_the_ingest(store: Store) -> None:
    class Torn(BitcoinNodeOnLoopback):
        def _getblock(self, wanted: str, verbosity: int) -> Json:
            block = super()._getblock(wanted, verbosity)
            return block | ({"previousblockhash": "ab" * 32} if block["height"] == 5 else {})

    with bitcoin_node(story().chain) as node:
        node.__class__ = Torn
        with pytest.raises(BranchChanged, match="has block 5 on another branch than block 4"):
            ingest(store, node)


def test_a_plan_counts_the_calls(store: Store) -> None:
    with bitcoin_node(story().chain) as node:
        ingest(store, node, BlockRange(0, 2))
        source = BitcoinNode(node.url)
        plan = plan_bitcoin(store, source)
        source.close()
    assert (plan.stored, plan.missing, plan.calls) == (3, 6, 6)
    assert USER not in plan.location


def test_a_block_becomes_safe_and_final_as_others_follow_it(store: Store) -> None:
    with bitcoin_node(story().chain) as node:
        ingest(store, node)
        assert depths(store) == {"finalized": (0, 0), "safe": (1, 3), "latest": (4, 8)}
        node.chain = longer(story().chain, 8, 100)
        ingest(store, node)
        assert depths(store) == {"finalized": (0, 9), "safe": (10, 103), "latest": (104, 108)}


def depths(store: Store) -> dict[str, tuple[int, int]]:
    """First and last block of each finality."""
    found = store.query(
        "SELECT CAST(finality AS String) AS known, min(block_number) AS first, max(block_number) AS last"
        " FROM bitcoin_blocks GROUP BY known ORDER BY first"
    )
    return {row["known"]: (row["first"], row["last"]) for row in found.to_pylist()}
