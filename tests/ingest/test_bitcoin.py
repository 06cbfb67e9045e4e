"""Bitcoin blocks into tables: what inputs spend, what fees are, what pieces, crashes and changed bytes do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import ArchiveDamaged, ArchiveMissing, DataCheckError, ProofFailed, StoreError, UsageError
from ingest import bitcoin
from ingest.bitcoin import BitcoinSummary, ingest_bitcoin, plan_bitcoin
from ingest.bitcoin_archive import BitcoinArchive
from ingest.bitcoin_audit import audit_bitcoin
from ingest.bitcoin_networks import MAINNET, REGTEST
from ingest.bitcoin_proofs import PROVEN_BY_HASH
from ingest.ranges import ALL_BLOCKS, BlockRange
from sql.store import Parameter, Store
from tests.fixtures.bitcoin_chain import Chain, Json, pay_to_taproot, write_archive
from tests.fixtures.bitcoin_story import HEAD, story
from tests.fixtures.bitcoin_story import bitcoin as btc
from tests.fixtures.stores import new_store

TABLES = ("bitcoin_blocks", "bitcoin_transactions", "bitcoin_inputs", "bitcoin_outputs")


def shown(chain: Chain | None = None, *, verbosity: int = 3) -> list[Json]:
    """The blocks of a chain (the story's) as getblock gives them."""
    chain = chain or story().chain
    return [chain.shown(height, verbosity=verbosity) for height in range(len(chain.blocks))]


def ingest(store: Store, folder: Path, blocks: list[Json], asked: BlockRange = ALL_BLOCKS) -> BitcoinSummary:
    return ingest_bitcoin(store, BitcoinArchive(write_archive(folder, blocks)), blocks=asked, network=REGTEST)


def content(store: Store, apart_from: str = "version") -> dict[str, list[str]]:
    """Every row of every table, whatever run wrote it."""
    rows = "SELECT hex(toString(tuple(* EXCEPT ({})))) AS row FROM {} ORDER BY row"
    return {table: store.query(rows.format(apart_from, table)).column("row").to_pylist() for table in TABLES}


def rows(store: Store, question: str, **parameters: Parameter) -> list[dict[str, Any]]:
    return store.query(question, **parameters).to_pylist()


@contextmanager
def fresh_store(path: Path) -> Iterator[Store]:
    opened = new_store(path)
    try:
        yield opened
    finally:
        opened.close()


def test_every_output_and_input_is_there_with_address_kind_and_satoshi(tmp_path: Path, store: Store) -> None:
    told = story()
    summary = ingest(store, tmp_path / "a", shown())
    assert (summary.blocks, summary.transactions, summary.inputs, summary.outputs) == (9, 14, 17, 27)
    assert summary.unresolved == 0
    assert summary.proofs == tuple(sorted((*PROVEN_BY_HASH, "fees", "rewards")))
    for tx in (told.sharing, told.joining, told.collecting, told.passing, told.closing):
        outputs = rows(
            store,
            "SELECT address, script_type, script, value FROM bitcoin_outputs"
            " WHERE transaction_id = unhex({tx:String}) ORDER BY output_index",
            tx=tx.id,
        )
        assert outputs == [
            {
                "address": output.script.address,
                "script_type": output.script.kind,
                "script": output.script.content.hex(),
                "value": output.value,
            }
            for output in tx.outputs
        ]
        spent = [story().chain.transaction(entry.spent)[0].outputs[entry.place] for entry in tx.inputs]
        inputs = rows(
            store,
            "SELECT address, script_type, script, value FROM bitcoin_inputs"
            " WHERE transaction_id = unhex({tx:String}) ORDER BY input_index",
            tx=tx.id,
        )
        assert inputs == [
            {
                "address": output.script.address,
                "script_type": output.script.kind,
                "script": "" if output.script.address else output.script.content.hex(),
                "value": output.value,
            }
            for output in spent
        ]


def test_fees_are_what_goes_in_less_what_comes_out(tmp_path: Path, store: Store) -> None:
    ingest(store, tmp_path / "a", shown(verbosity=2))
    found = rows(
        store,
        "SELECT input_value, output_value, fee FROM bitcoin_transactions WHERE NOT is_coinbase"
        " ORDER BY block_number, transaction_index",
    )
    assert [row["fee"] for row in found] == [btc("0.0001"), 1, btc("0.00001"), btc("0.00001"), btc("0.00999999")]
    assert found[2] == {"input_value": btc("0.3"), "output_value": btc("0.29999"), "fee": btc("0.00001")}


def test_what_spends_an_output_is_read_from_the_inputs(tmp_path: Path, store: Store) -> None:
    told = story()
    ingest(store, tmp_path / "a", shown())
    found = rows(
        store,
        "SELECT output_index, lower(hex(spent_by_transaction_id)) AS spender, spent_by_input_index, spent_block_number"
        " FROM bitcoin_output_spends WHERE transaction_id = unhex({tx:String}) ORDER BY output_index",
        tx=told.joining.id,
    )
    assert [tuple(row.values()) for row in found] == [
        (0, told.closing.id, 0, 7),
        (1, told.closing.id, 1, 7),
        (2, None, None, None),
    ]


def test_movements_of_an_address_add_up_to_what_it_holds(tmp_path: Path, store: Store) -> None:
    ingest(store, tmp_path / "a", shown())
    balances = rows(
        store,
        "SELECT address, sum(if(direction = 'received', 1, -1) * toInt64(assumeNotNull(value))) AS balance"
        " FROM bitcoin_movements GROUP BY address HAVING balance != 0",
    )
    held: dict[str, int] = {}
    spent = {
        (entry.spent, entry.place) for block in story().chain.blocks for tx in block.transactions for entry in tx.inputs
    }
    for block in story().chain.blocks:
        for tx in block.transactions:
            for place, output in enumerate(tx.outputs):
                if (tx.id, place) not in spent and output.value:
                    held[output.script.address] = held.get(output.script.address, 0) + output.value
    assert {row["address"]: row["balance"] for row in balances} == held
    assert sum(held.values()) == (HEAD + 1) * 50 * 10**8


def test_one_archive_in_pieces_equals_one_archive_at_once(tmp_path: Path) -> None:
    seen = []
    for name, ranges in {"whole": [ALL_BLOCKS], "pieces": [BlockRange(6, 8), BlockRange(2, 4), ALL_BLOCKS]}.items():
        with fresh_store(tmp_path / name) as store:
            for asked in ranges:
                summary = ingest(store, tmp_path / "a", shown(verbosity=2), asked)
            seen.append(content(store))
            assert audit_bitcoin(store, REGTEST).gaps == ()
            assert audit_bitcoin(store, REGTEST).unresolved == {}
    assert seen[0] == seen[1]
    assert (summary.skipped, summary.mended) == (6, 3)


def test_an_input_nobody_can_resolve_is_counted_with_the_reason_and_never_guessed(tmp_path: Path, store: Store) -> None:
    summary = ingest(store, tmp_path / "a", shown(verbosity=2), BlockRange(5, 8))
    assert (summary.unresolved, "fees" in summary.proofs) == (4, False)
    reason = "not in the store, and an archive cannot be asked for it"
    assert audit_bitcoin(store, REGTEST).unresolved == {reason: 4}
    found = rows(store, "SELECT DISTINCT resolution, address, value FROM bitcoin_inputs WHERE unresolved_reason != ''")
    assert found == [{"resolution": "unresolved", "address": "", "value": None}]
    unknown = rows(
        store, "SELECT block_number, input_value, fee FROM bitcoin_transactions WHERE isNull(fee) ORDER BY ALL"
    )
    assert unknown == [{"block_number": number, "input_value": None, "fee": None} for number in (5, 6)]


def test_batches_are_bounded_and_each_leaves_one_audit_row(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bitcoin, "BATCH_BLOCKS", 4)
    ingest(store, tmp_path / "a", shown())
    found = audit_bitcoin(store, REGTEST)
    assert [(batch.from_block, batch.to_block, batch.blocks) for batch in found.batches] == [
        (0, 3, 4),
        (4, 7, 4),
        (8, 8, 1),
    ]
    assert (found.as_of_block, found.as_of_block_hash) == (HEAD, story().chain.blocks[HEAD].hash)
    assert found.conflicts == ()


@pytest.mark.parametrize("broken_at", ["write_outputs", "write_inputs", "write_blocks", "audit_commit"])
def test_a_run_that_breaks_anywhere_is_mended_by_repeating_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken_at: str
) -> None:
    with fresh_store(tmp_path / "whole") as whole:
        ingest(whole, tmp_path / "a", shown())
        expected = content(whole)
    with fresh_store(tmp_path / "broken") as store:
        run = store.command

        def break_off(statement: Any, **parameters: Parameter) -> None:
            if getattr(statement, "name", "") == f"bitcoin/{broken_at}":
                raise StoreError("the lights went out.")
            run(statement, **parameters)

        with monkeypatch.context() as patched:
            patched.setattr(store, "command", break_off)
            with pytest.raises(StoreError, match="lights"):
                ingest(store, tmp_path / "a", shown())
        # What is left behind is of blocks that nobody asks for again, too: it goes with the next ingest.
        summary = ingest(store, tmp_path / "a", shown(), BlockRange(0, 5))
        assert summary.blocks == 6
        assert max(row["n"] for row in rows(store, "SELECT max(block_number) AS n FROM bitcoin_outputs")) == 5
        ingest(store, tmp_path / "a", shown())
        assert content(store) == expected


def test_a_reward_beyond_subsidy_and_fees_is_refused(tmp_path: Path, store: Store) -> None:
    greedy = story().chain.fork(7)
    greedy.mine(pay_to_taproot("miner"), more=1)
    with pytest.raises(ProofFailed, match=r"Block 8: tx\[0\].vout is 5000000001, its content gives at most 5000000000"):
        ingest(store, tmp_path / "a", shown(greedy))


def test_a_height_that_the_coinbase_does_not_name_is_refused(tmp_path: Path, store: Store) -> None:
    lifted = shown()[4] | {"height": 5}
    with pytest.raises(ProofFailed, match="Block 5: height is 5, its content gives a coinbase that begins with 54"):
        ingest(store, tmp_path / "a", [lifted])


def test_a_spent_output_that_is_not_where_the_node_says_is_refused(tmp_path: Path, store: Store) -> None:
    ingest(store, tmp_path / "a", shown(), BlockRange(0, 3))
    blocks = shown()
    blocks[4]["tx"][1]["vin"][0]["prevout"]["height"] = 2
    problem = r"Block 4: tx\[1\].vin\[0\].prevout.height is 2, its content gives no such output in that block"
    with pytest.raises(ProofFailed, match=problem):
        ingest(store, tmp_path / "b", blocks)


def test_a_spent_output_that_only_the_node_knows_is_its_word_until_the_store_knows_better(
    tmp_path: Path, store: Store
) -> None:
    blocks = shown()
    stated = blocks[6]["tx"][1]["vin"][0]["prevout"]
    blocks[6]["tx"][1]["fee"] = "BTC:1.00001000"
    stated["value"] = "BTC:1.10000000"
    ingest(store, tmp_path / "lie", blocks, BlockRange(6, 6))
    assert audit_bitcoin(store, REGTEST).conflicts == ()
    ingest(store, tmp_path / "lie", blocks, BlockRange(0, 5))
    assert audit_bitcoin(store, REGTEST).conflicts == (
        {
            "problem": "the node stated a spent output otherwise than its transaction has it",
            "block_number": 6,
            "transaction_or_block": story().collecting.id,
        },
    )


def test_a_greedy_reward_that_came_before_its_fees_were_known_is_found_by_the_audit(
    tmp_path: Path, store: Store
) -> None:
    greedy = story().chain.fork(5)
    greedy.mine(pay_to_taproot("miner"), story().collecting, fees=btc("0.00001"), more=1)
    ingest(store, tmp_path / "a", shown(greedy, verbosity=2), BlockRange(6, 6))
    ingest(store, tmp_path / "a", shown(greedy, verbosity=2))
    assert audit_bitcoin(store, REGTEST).conflicts == (
        {
            "problem": "a coinbase pays out more than subsidy and fees",
            "block_number": 6,
            "transaction_or_block": greedy.blocks[6].hash,
        },
    )


def test_the_subsidy_halves(tmp_path: Path, store: Store) -> None:
    chain = Chain()
    for _ in range(151):
        chain.mine(pay_to_taproot("miner"))
    ingest(store, tmp_path / "a", shown(chain))
    rewards = rows(store, "SELECT reward, count() AS n FROM bitcoin_blocks GROUP BY reward ORDER BY reward")
    assert [tuple(row.values()) for row in rewards] == [(2_500_000_000, 2), (5_000_000_000, 150)]


def test_another_block_at_a_height_the_store_has_is_refused(tmp_path: Path, store: Store) -> None:
    ingest(store, tmp_path / "a", shown())
    before = content(store)
    other = story().chain.fork(6)
    other.mine(pay_to_taproot("somebody"))
    with pytest.raises(DataCheckError, match=f"holds block 7 with hash {other.blocks[7].hash}, the store has it"):
        ingest(store, tmp_path / "fork", shown(other))
    assert content(store) == before


def test_blocks_that_do_not_follow_those_in_the_store_are_refused(tmp_path: Path, store: Store) -> None:
    ingest(store, tmp_path / "a", shown(), BlockRange(0, 6))
    other = story().chain.fork(5)
    other.mine(pay_to_taproot("somebody"))
    other.mine(pay_to_taproot("somebody"))
    with pytest.raises(DataCheckError, match=f"block 7 follows {other.blocks[6].hash}, block 6 has the hash"):
        ingest(store, tmp_path / "fork", shown(other), BlockRange(7, 7))


def test_an_archive_says_what_is_wrong_with_it(tmp_path: Path, store: Store) -> None:
    with pytest.raises(ArchiveMissing, match=r"holds no blocks.jsonl or blocks.jsonl.zst"):
        BitcoinArchive(tmp_path)
    folder = write_archive(tmp_path / "a", shown())
    with pytest.raises(UsageError, match="do not say which network"):
        ingest_bitcoin(store, BitcoinArchive(folder))
    whole = (folder / "blocks.jsonl").read_bytes()
    (folder / "blocks.jsonl").write_bytes(whole[:-100])
    with pytest.raises(ArchiveDamaged, match=r"blocks.jsonl:9 is no whole line of a block"):
        ingest_bitcoin(store, BitcoinArchive(folder), network=REGTEST)
    gap = write_archive(tmp_path / "gap", [block for block in shown() if block["height"] != 3])
    with pytest.raises(ArchiveDamaged, match=r"blocks.jsonl:4 holds block 4, block 3 should follow there"):
        ingest_bitcoin(store, BitcoinArchive(gap), network=REGTEST)


def test_blocks_of_another_network_are_refused(tmp_path: Path, store: Store) -> None:
    source = BitcoinArchive(write_archive(tmp_path / "a", shown()))
    with pytest.raises(ProofFailed, match="Block 0: hash is 0f9188f1"):
        ingest_bitcoin(store, source, network=MAINNET)
    with pytest.raises(ProofFailed, match=r"Block 1: .*scriptPubKey.address is m"):
        ingest_bitcoin(store, source, blocks=BlockRange(1, 2), network=MAINNET)


def test_a_plan_says_what_an_ingest_would_read_and_writes_nothing(tmp_path: Path, store: Store) -> None:
    source = BitcoinArchive(write_archive(tmp_path / "a", shown()))
    ingest_bitcoin(store, source, blocks=BlockRange(0, 3), network=REGTEST)
    before = content(store)
    plan = plan_bitcoin(store, source, network=REGTEST)
    assert (plan.from_block, plan.to_block, plan.stored, plan.missing, plan.calls) == (0, 8, 4, 5, 0)
    assert 5 * 2_000 < plan.expected_bytes < 5 * 8_000
    assert plan.expected_rows > 5 * 4
    assert content(store) == before
