"""Account histories: each thing once however many histories show it, and clear words for what cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from chainsight.errors import ArchiveDamaged, ArchiveMissing, DataCheckError
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.tables import ingest_tables
from sql.store import Store
from tests.fixtures.archives import DEMO_CHAIN_ID, demo_archive

ALICE, BOB, SHOP, TOKEN = (f"0x{byte}" * 1 for byte in ("a1" * 20, "b2" * 20, "c3" * 20, "d4" * 20))
ADDRESSES = [b"", *(bytes.fromhex(address[2:]) for address in (ALICE, BOB, SHOP))]
LARGEST = str(2**256 - 1)


def transaction(account: int, block: int, index: int, hash8: int, *, to: int = 2, **changed: Any) -> dict[str, Any]:
    return {
        "account": account, "ts": 1_500_000_000 + block, "block": block, "tx_index": index, "hash8": hash8, "from_id": 1,
        "to_id": to, "value_wei": "1000", "gas_price": 7, "gas_used": 21_000, "is_error": 0, "method_id": "0x",
        "input_len": 2, **changed,
    }  # fmt: skip


def token_transfer(account: str, value: str, *, block: int = 10, first_byte: int = 1) -> dict[str, Any]:
    return {
        "account": account, "block": float(block), "ts": 1_500_000_000.0 + block,
        "hash": (first_byte).to_bytes(8, "big") + b"\x99" * 24, "from": ALICE, "to": BOB, "value_raw": value,
        "token": TOKEN, "token_symbol": "TKN", "token_name": "Token", "token_decimal": 6.0,
    }  # fmt: skip


def write(folder: Path, transactions: list[dict[str, Any]], tokens: list[dict[str, Any]] = []) -> Path:  # noqa: B006
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"address": ADDRESSES}).to_parquet(folder / "addresses.parquet")
    pd.DataFrame(transactions).to_parquet(folder / "normal_txs_x.parquet")
    if tokens:
        pd.DataFrame(tokens).to_parquet(folder / "erc20_transfers_x.parquet")
    return folder


def rows(store: Store, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.query(statement).to_pylist()]


def test_a_transaction_in_two_histories_is_one_row(tmp_path: Path, store: Store) -> None:
    histories = [
        transaction(1, 10, 3, 1),
        transaction(2, 10, 3, 1),
        transaction(1, 11, 0, -2, to=3, is_error=1, method_id="0xa9059cbb", input_len=138),
    ]
    summary = ingest_tables(store, write(tmp_path / "t", histories))
    assert (summary.raw_transactions, summary.transactions, summary.from_block, summary.to_block) == (3, 2, 10, 11)
    assert rows(
        store,
        "SELECT block_number, transaction_index, hex(substring(transaction_hash, 1, 9)), lower(hex(from_address)), "
        "lower(hex(assumeNotNull(to_address))), toString(value), success, hex(method_id), input_length FROM transactions "
        "ORDER BY block_number",
    ) == [
        (10, 3, "000000000000000100", ALICE[2:], BOB[2:], "1000", 1, "", 0),
        (11, 0, "FFFFFFFFFFFFFFFE00", ALICE[2:], SHOP[2:], "1000", 0, "A9059CBB", 68),
    ]


def test_a_failed_transaction_pays_its_fee_to_nobody_known_and_moves_nothing(tmp_path: Path, store: Store) -> None:
    ingest_tables(store, write(tmp_path / "t", [transaction(1, 10, 0, 1), transaction(1, 10, 1, 2, is_error=1)]))
    assert rows(
        store,
        "SELECT CAST(kind AS String) AS kind, transaction_index, batch_index, lower(hex(to_address)), toString(amount) "
        "FROM transfers ORDER BY kind, transaction_index",
    ) == [
        ("fee", 0, 1, "00" * 20, "147000"),
        ("fee", 1, 1, "00" * 20, "147000"),
        ("native", 0, 0, BOB[2:], "1000"),
    ]


def test_creations_have_no_receiver_and_genesis_allocations_no_giver(tmp_path: Path, store: Store) -> None:
    genesis = [transaction(number, 0, 0, 0, from_id=0, to=number, gas_used=0) for number in (1, 2, 3)]
    ingest_tables(store, write(tmp_path / "t", [*genesis, transaction(1, 10, 0, 5, to=0)]))
    found = rows(
        store,
        "SELECT block_number, lower(hex(from_address)), lower(hex(to_address)) FROM transactions "
        "ORDER BY block_number, to_address",
    )
    assert found == [*((0, "00" * 20, address[2:]) for address in (ALICE, BOB, SHOP)), (10, ALICE[2:], None)]


def test_a_token_transfer_counts_as_often_as_one_history_shows_it(tmp_path: Path, store: Store) -> None:
    tokens = [
        token_transfer(ALICE, "5"), token_transfer(ALICE, "5"), token_transfer(BOB, "5"), token_transfer(BOB, LARGEST),
        token_transfer(BOB, "6", block=12, first_byte=7),
    ]  # fmt: skip
    summary = ingest_tables(store, write(tmp_path / "t", [transaction(1, 10, 3, 1)], tokens))
    assert summary.token_transfers == 4
    found = rows(
        store,
        "SELECT block_number, transaction_index, toString(amount), lower(hex(from_address)), lower(hex(token_address)) "
        "FROM transfers WHERE kind = 'erc20' ORDER BY block_number, amount",
    )
    # The first transaction's index is known from a history, the other's is not.
    assert found == [
        *((10, 3, amount, ALICE[2:], TOKEN[2:]) for amount in ("5", "5", LARGEST)),
        (12, 2**32 - 1, "6", ALICE[2:], TOKEN[2:]),
    ]
    assert rows(store, "SELECT symbol, name, decimals FROM tokens") == [("TKN", "Token", 6)]


def test_flags_become_labels_by_the_documented_convention(tmp_path: Path, store: Store) -> None:
    folder = write(tmp_path / "t", [transaction(1, 10, 0, 1)])
    lines = [f"{ALICE},1,etherscan", f"{BOB},1,kaggle", f"{SHOP},0,kaggle", "0x12,1,kaggle"]
    (folder / "labels_x.csv").write_text("account,flag,source\n" + "\n".join(lines) + "\n")
    assert ingest_tables(store, folder).labels == 3
    assert rows(store, "SELECT CAST(category AS String), CAST(source AS String) FROM labels ORDER BY address") == [
        ("phishing", "accounts:etherscan"), ("abuse", "accounts:kaggle"), ("licit", "accounts:kaggle"),
    ]  # fmt: skip


def test_the_same_files_again_write_nothing(tmp_path: Path, store: Store) -> None:
    folder = write(tmp_path / "t", [transaction(1, 10, 0, 1)], [token_transfer(ALICE, "5")])
    first = ingest_tables(store, folder)
    versions = rows(store, "SELECT version FROM transfers ORDER BY version")
    second = ingest_tables(store, folder)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert (second.transactions, second.transfers) == (first.transactions, first.transfers)
    assert rows(store, "SELECT version FROM transfers ORDER BY version") == versions


def drop(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def spoil(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (drop("addresses.parquet"), ArchiveMissing, r"holds no addresses.parquet"),
        (drop("normal_txs_x.parquet"), ArchiveMissing, r"holds no normal_txs\*.parquet"),
        (spoil("normal_txs_x.parquet", b"PAR1 nothing"), ArchiveDamaged, r"normal_txs_x.parquet cannot be read"),
        (spoil("addresses.parquet", b""), ArchiveDamaged, r"addresses.parquet cannot be read"),
    ],
)
def test_missing_and_unreadable_files_are_named(
    tmp_path: Path, store: Store, damage: Callable[[Path], None], error: type[Exception], message: str
) -> None:
    folder = write(tmp_path / "t", [transaction(1, 10, 0, 1)])
    damage(folder)
    with pytest.raises(error, match=message):
        ingest_tables(store, folder)
    assert rows(store, "SELECT chain_id FROM ingest_audit") == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"to_id": 99}, "row 0: to_id is not in addresses.parquet: 99"),
        ({"value_wei": "1e3"}, "row 0: value_wei is no amount of 256 bits: '1e3'"),
        ({"value_wei": str(2**256)}, "row 0: value_wei is no amount of 256 bits"),
        ({"block": -1}, "row 0: block is negative"),
        ({"value_wei": None}, "1 rows have no value_wei"),
    ],
)
def test_what_cannot_be_is_refused_with_file_and_row(
    tmp_path: Path, store: Store, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArchiveDamaged, match=message):
        ingest_tables(store, write(tmp_path / "t", [{**transaction(1, 10, 0, 1), **changed}]))
    assert rows(store, "SELECT chain_id FROM transactions") == []


def test_what_came_is_told_also_without_token_transfers(tmp_path: Path, store: Store) -> None:
    told = str(ingest_tables(store, write(tmp_path / "t", [transaction(1, 10, 0, 1)])))
    assert told.startswith("1 transactions, 0 token transfers, ")


def test_a_missing_column_is_named(tmp_path: Path, store: Store) -> None:
    row = transaction(1, 10, 0, 1)
    del row["gas_used"], row["hash8"]
    with pytest.raises(ArchiveDamaged, match=r"normal_txs_x.parquet has no column hash8, gas_used"):
        ingest_tables(store, write(tmp_path / "t", [row]))
    with pytest.raises(ArchiveMissing, match="no folder"):
        ingest_tables(store, tmp_path / "nowhere")


def test_histories_of_a_chain_whose_blocks_are_there_are_refused(tmp_path: Path, store: Store) -> None:
    ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 3)))
    with pytest.raises(DataCheckError, match="would show some of their transfers twice"):
        ingest_tables(store, write(tmp_path / "t", [transaction(1, 10, 0, 1)]), chain_id=DEMO_CHAIN_ID)


def test_blocks_of_a_chain_whose_histories_are_there_are_refused(tmp_path: Path, store: Store) -> None:
    ingest_tables(store, write(tmp_path / "t", [transaction(1, 10, 0, 1)]), chain_id=DEMO_CHAIN_ID)
    with pytest.raises(DataCheckError, match="account histories of chain 31337"):
        ingest_blocks(store, ArchiveSource(demo_archive(tmp_path / "a", 3)))
