"""Balances are exact: to the last unit what Python's integers make of the blocks as the node sent them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from chainsight.chains import chain_settings
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.ranges import BlockRange
from sql.derive import derive
from sql.store import Store
from tests.fixtures import handmade
from tests.fixtures.archives import DEMO_CHAIN, DEMO_CHAIN_ID
from tests.fixtures.ledger import Holding, holdings

_TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_COLUMNS = (
    "concat('0x', lower(hex(address))) AS holder, concat('0x', lower(hex(token_address))) AS token,"
    " CAST(standard AS String) AS standard, toString(token_id) AS id, toString(balance) AS balance"
)


def stored(store: Store, view: str = "balances") -> dict[Holding, int]:
    """Every balance that is not nothing, as the store tells it."""
    rows = store.query(f"SELECT {_COLUMNS} FROM {view} AS b WHERE b.balance != 0").to_pylist()
    return {(row["holder"], row["token"], row["standard"], int(row["id"])): int(row["balance"]) for row in rows}


def test_balances_of_the_demo_chain_are_those_of_its_blocks_now_and_at_an_earlier_block(store: Store) -> None:
    source = ArchiveSource(DEMO_CHAIN)
    ingest_blocks(store, source, blocks=BlockRange(1, 700))
    assert derive(store, chain_id=DEMO_CHAIN_ID).failures == ()
    blocks = list(islice(source.read(1, 700), 700))
    wrapped = chain_settings(DEMO_CHAIN_ID).wrapped_natives

    now = stored(store)
    assert now == holdings(blocks, wrapped_natives=wrapped)
    assert {standard for _, _, standard, _ in now} == {"native", "erc20", "erc721", "erc1155"}
    assert stored(store, "balances_at(block = 321)") == holdings(blocks[:321], wrapped_natives=wrapped)


@pytest.mark.real_data
def test_balances_of_23_blocks_of_ethereum_are_those_of_their_raw_answers(store: Store, data_dir: Path) -> None:
    source = ArchiveSource(data_dir / "chain" / "mainnet_17686110_17686132")
    ingest_blocks(store, source)
    assert derive(store, chain_id=1).failures == ()
    blocks = list(source.read(17_686_110, 17_686_132))

    now = stored(store)

    expected = holdings(blocks, wrapped_natives=chain_settings(1).wrapped_natives)
    assert len(now) > 8_000
    assert {
        key: (now.get(key), expected.get(key))
        for key in now.keys() | expected.keys()
        if now.get(key) != expected.get(key)
    } == {}


def test_amounts_no_sum_can_hold_are_left_out_and_counted(store: Store) -> None:
    giver, receiver = (f"0x{0:024x}{side}" for side in ("a1" * 20, "a2" * 20))
    logs = [
        handmade.log(_TRANSFER, giver, receiver, data=handmade.word(amount), index=index)
        for index, amount in enumerate((2**256 - 1, 2**224, 2**224 - 1, 7))
    ]
    handmade.ingest(store, handmade.transaction(), logs=logs)
    store.command(
        "INSERT INTO ingest_audit (chain_id, from_block, to_block, source, version) VALUES (1, 0, 9, 'rpc', 1)"
    )
    derive(store, chain_id=1)
    rows = store.query(
        "SELECT toString(balance) AS balance, change_count, left_out_count FROM balances"
        " WHERE standard = 'erc20' ORDER BY address"
    ).to_pylist()
    assert rows == [
        {"balance": str(-(2**224) - 6), "change_count": 2, "left_out_count": 2},
        {"balance": str(2**224 + 6), "change_count": 2, "left_out_count": 2},
    ]
