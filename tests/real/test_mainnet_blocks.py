"""Recorded mainnet blocks: exact figures, every proof, and changed bytes."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import orjson
import pytest

from chainsight.errors import ProofFailed
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.intake import import_known
from sql.files import load
from sql.store import Store
from tests.fixtures.prover import prover

pytestmark = pytest.mark.real_data
WETH = "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"


def test_23_blocks_of_july_2023_come_out_exactly(store: Store, data_dir: Path) -> None:
    source = ArchiveSource(data_dir / "chain" / "mainnet_17686110_17686132")
    summary = ingest_blocks(store, source)
    assert (summary.chain_id, summary.blocks, summary.transactions) == (1, 23, 4416)
    assert (summary.logs, summary.traces) == (9807, 24103)
    assert summary.proofs == ("block_hash", "logs_bloom", "receipts_root", "senders", "transactions_root")
    events = store.query(load("queries/event_counts"), chain_id=1, from_block=0, to_block=summary.to_block).to_pylist()
    counted = {row["event"]: (row["events"], row["of_weth"]) for row in events}
    assert counted["erc20_transfer"][0] == 4798
    assert counted["erc721_transfer"][0] == 77
    assert counted["erc1155_transfer"][0] == 15
    assert counted["deposit"] == (464, 461)
    assert counted["withdrawal"][0] == 339
    assert "malformed_transfer" not in counted
    kinds = store.query(
        "SELECT CAST(kind AS String) AS kind, uniqExact(block_number, position) AS n FROM transfers GROUP BY kind"
    )
    found = dict(zip(kinds["kind"].to_pylist(), kinds["n"].to_pylist(), strict=True))
    assert found == {
        "erc20": 4798, "erc721": 77, "erc1155": 15, "wrap": 464 + 339, "native": 2007, "internal": 1766, "fee": 4416,
    }  # fmt: skip
    deposits = store.query(
        "SELECT count() AS n, countIf(token_address = unhex({weth:String})) AS of_weth FROM transfers "
        "WHERE kind = 'wrap' AND from_address = unhex(repeat('00', 20))",
        weth=WETH,
    )
    assert deposits.to_pylist() == [{"n": 464, "of_weth": 461}]
    assert store.query("SELECT count() AS n FROM transactions WHERE success = 0").to_pylist() == [{"n": 202}]
    again = ingest_blocks(store, source)
    assert (again.blocks, again.skipped) == (0, 23)


def test_11_blocks_of_may_2025_bring_every_transaction_type_and_withdrawals(store: Store, data_dir: Path) -> None:
    summary = ingest_blocks(store, ArchiveSource(data_dir / "chain" / "mainnet_22431080_22431090"))
    assert summary.proofs == ("block_hash", "senders", "transactions_root", "withdrawals_root")
    types = store.query("SELECT transaction_type AS kind, count() AS n FROM transactions GROUP BY kind ORDER BY kind")
    assert types.to_pydict() == {"kind": [0, 1, 2, 3, 4], "n": [76, 1, 1390, 8, 4]}
    blobs = store.query(
        "SELECT count() AS n FROM transactions WHERE (transaction_type = 3) != notEmpty(blob_versioned_hashes)"
    )
    assert blobs.to_pylist() == [{"n": 0}]
    delegations = store.query(
        "SELECT sum(length(authorization_list)) AS n FROM transactions WHERE transaction_type = 4"
    )
    assert delegations.to_pylist()[0]["n"] >= 4
    paid = store.query(
        "SELECT count() AS n, toString(sum(amount) % 1000000000) AS rest FROM transfers WHERE kind = 'withdrawal'"
    )
    assert paid.to_pylist() == [{"n": 176, "rest": "0"}]


@pytest.mark.parametrize("folder", ["mainnet_17686110_17686132", "mainnet_22431080_22431090"])
def test_a_changed_digit_anywhere_in_a_real_block_is_refused(data_dir: Path, tmp_path: Path, folder: str) -> None:
    source = ArchiveSource(data_dir / "chain" / folder)
    raw = next(islice(source.read(source.reach().first, source.reach().head), 3, None))
    chosen = random.Random(20260721)
    changed = []
    for _ in range(60):
        block = orjson.loads(raw.payload)
        receipts = None if not raw.receipts_payload else orjson.loads(raw.receipts_payload)["receipts"]
        if receipts and chosen.random() < 0.5:
            holder = chosen.choice(receipts)
            name = chosen.choice(
                ["cumulativeGasUsed", "status", "gasUsed", "transactionHash", "effectiveGasPrice", "logsBloom"]
            )
        elif chosen.random() < 0.7:
            holder = chosen.choice(block["transactions"])
            name = chosen.choice(["from", "hash", "gas", "nonce", "value", "r", "s", "blockHash", "transactionIndex"])
        else:
            holder = block
            name = chosen.choice(
                ["hash", "parentHash", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "gasLimit",
                 "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot"]
            )  # fmt: skip
        text = holder[name]
        place = chosen.randrange(2, len(text))
        digit = chosen.choice([digit for digit in "0123456789abcdef" if digit != text[place].lower()])
        holder[name] = text[:place] + digit + text[place + 1 :]
        changed.append((name, block, receipts))
    with prover(tmp_path) as prove:
        for name, block, receipts in changed:
            with pytest.raises(ProofFailed) as error:
                prove(block, receipts=receipts)
            assert error.value.block_number == int(block["number"], 16), name


def test_public_labels_and_lists_are_read_once_and_stay(store: Store, data_dir: Path) -> None:
    first = import_known(store, data_dir)
    assert first.labels > 150_000
    assert first.list_entries > 800
    assert first.bad_lines < 200
    again = import_known(store, data_dir)
    assert (again.added, again.dropped) == (0, 0)
