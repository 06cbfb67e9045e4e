"""Whatever branches a Bitcoin node goes through, the store ends as if it had only ever seen the last one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.bitcoin import ingest_bitcoin
from ingest.bitcoin_audit import audit_bitcoin
from ingest.bitcoin_networks import REGTEST
from ingest.bitcoin_node import BitcoinNode
from sql.store import Store
from tests.fixtures.bitcoin_chain import Chain, Out, Tx, pay_to_key_hash, pay_to_taproot
from tests.fixtures.bitcoin_node import BitcoinNodeOnLoopback, bitcoin_node
from tests.fixtures.bitcoin_story import SIGNATURE
from tests.ingest.test_bitcoin import fresh_store

Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def followed() -> Iterator[tuple[Store, BitcoinNodeOnLoopback]]:
    """One store that follows one node through all examples: each begins where the one before it ended."""
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh_store(Path(folder) / "store") as store,
        bitcoin_node(Chain()) as node,
    ):
        yield store, node


def grown(chain: Chain, keep: int, blocks: int, name: str) -> Chain:
    """A branch that keeps `keep` blocks and adds some; every other one spends the reward of the block before."""
    branch = Chain(chain.blocks[: max(keep, 1)], name.encode())
    for place in range(blocks):
        last = branch.blocks[-1].transactions[0]
        if place % 2:
            value = last.outputs[0].value
            spending = Tx((last.spend(0, signature=SIGNATURE),), (Out(pay_to_key_hash(f"{name}{place}"), value - 5),))
            branch.mine(pay_to_taproot(name), spending, fees=5)
        else:
            branch.mine(pay_to_taproot(name))
    return branch


def outputs_of(chain: Chain) -> Rows:
    """What bitcoin_outputs must hold, from the fixture's own account of the chain."""
    return [
        (block.height, block.hash, index, tx.id, place, output.script.address, output.value)
        for block in chain.blocks
        for index, tx in enumerate(block.transactions)
        for place, output in enumerate(tx.outputs)
    ]


def inputs_of(chain: Chain) -> Rows:
    """What bitcoin_inputs must hold, coinbase apart, with the fee of the transaction."""
    made = {
        (tx.id, place): out
        for block in chain.blocks
        for tx in block.transactions
        for place, out in enumerate(tx.outputs)
    }
    return [
        (block.height, block.hash, index, tx.id, entry.spent, made[entry.spent, entry.place].value, 5)
        for block in chain.blocks
        for index, tx in enumerate(block.transactions)
        for entry in tx.inputs
        if entry.spent
    ]


def stored(store: Store) -> tuple[Rows, Rows]:
    """The same from the tables."""
    outputs = store.query(
        "SELECT block_number, lower(hex(block_hash)), transaction_index, lower(hex(transaction_id)), output_index, address,"
        " value FROM bitcoin_outputs ORDER BY block_number, transaction_index, output_index"
    )
    inputs = store.query(
        "SELECT block_number, lower(hex(block_hash)), transaction_index, lower(hex(input.transaction_id)),"
        " lower(hex(spent_transaction_id)), value, fee FROM bitcoin_inputs AS input"
        " INNER JOIN bitcoin_transactions AS paying USING (network, block_number, block_hash, transaction_index)"
        " WHERE resolution != 'coinbase' ORDER BY block_number, transaction_index"
    )
    return ([tuple(row.values()) for row in found.to_pylist()] for found in (outputs, inputs))  # type: ignore[return-value]


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=4),
    verbosity=st.sampled_from([2, 3]),
    name=st.sampled_from("abcdefgh"),
)
def test_any_sequence_of_branches_leaves_what_the_last_one_has(
    followed: tuple[Store, BitcoinNodeOnLoopback], steps: list[tuple[int, int]], verbosity: int, name: str
) -> None:
    store, node = followed
    node.verbosity = verbosity
    source = BitcoinNode(node.url, pause_seconds=0.001)
    known = node.chain
    for number, (lost, added) in enumerate(steps):
        node.chain = grown(known, len(known.blocks) - lost, added, f"{name}{number}")
        ingest_bitcoin(store, source)
        # A branch that only lost blocks takes none away: the node may just be behind.
        is_behind = known.blocks[: len(node.chain.blocks)] == node.chain.blocks
        known = known if is_behind else node.chain
    source.close()
    node.chain = known
    outputs, inputs = stored(store)
    assert outputs == outputs_of(known)
    assert inputs == inputs_of(known)
    found = audit_bitcoin(store, REGTEST)
    assert (found.gaps, found.conflicts, found.unresolved) == ((), (), {})
    assert (found.as_of_block, found.as_of_block_hash) == (len(known.blocks) - 1, known.blocks[-1].hash)
