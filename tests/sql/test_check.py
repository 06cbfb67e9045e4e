"""Every check holds on sound tables and names what is wrong on broken ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chainsight.errors import DataCheckError
from sql.check import check, require
from sql.files import SQL_DIR
from sql.store import Store
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import World, who

CHAIN = 1
_BLOCK = "INSERT INTO blocks (chain_id, block_number, block_hash, parent_hash, transaction_count, version) VALUES"
_TRANSFER = (
    "INSERT INTO transfers (chain_id, block_number, block_timestamp, kind, from_address, to_address, amount, version)"
    " VALUES"
)
_AUDIT = "INSERT INTO ingest_audit (chain_id, from_block, to_block, source, block_count, version) VALUES"

# What breaks each check, and what its first row then says.
BROKEN: dict[str, tuple[list[str], dict[str, object]]] = {
    "actors_at_the_same_time": (
        [
            "INSERT INTO address_actors (chain_id, address, aspect, valid_from, valid_to, actor, version) VALUES"
            " (1, 'a', 'service', 0, 100, 'one', 1), (1, 'a', 'service', 99, 200, 'other', 1)"
        ],
        {"aspect": "service", "actor": "other"},
    ),
    "address_daily_edges_do_not_add_up": (
        [
            f"{_TRANSFER} (1, 9, '2024-01-01', 'native', 'i', 'a', 5, 1)",
            "INSERT INTO address_daily_edges"
            " (chain_id, day, from_address, to_address, transfer_count, amount, as_of_block, version)"
            " VALUES (1, '2024-01-01', 'a', 'i', 1, 5, 9, 1)",
        ],
        {"stated_transfers": 0, "held_transfers": 1},
    ),
    "address_daily_flows_do_not_add_up": (
        # One address in sixteen is looked at, by its hash: i is one of them.
        [
            f"{_TRANSFER} (1, 9, '2024-01-01', 'native', 'i', 'a', 5, 1)",
            "INSERT INTO address_daily_flows (chain_id, address, day, in_count, in_amount, as_of_block, version)"
            " VALUES (1, 'a', '2024-01-01', 1, 5, 9, 1)",
        ],
        {"stated_transfers": 0, "held_transfers": 1},
    ),
    "address_ids_are_unique": (
        ["INSERT INTO addresses (chain_id, address, address_id, version) VALUES (1, 'a', 7, 1), (1, 'b', 7, 1)"],
        {"address_id": 7},
    ),
    "address_transfers_have_both_sides": (
        [
            "INSERT INTO address_transfers (chain_id, address, block_number, direction, version) VALUES (1, 'a', 9, 'in', 1)"
        ],
        {"block_number": 9, "expected_rows": 0, "found_rows": 1},
    ),
    "balance_changes_do_not_add_up": (
        # What a transfer that went left behind: its two sides cancel.
        [
            "INSERT INTO balance_changes (chain_id, address, standard, delta, version)"
            " VALUES (1, 'a', 'erc20', 5, 1), (1, 'b', 'erc20', -5, 1)"
        ],
        {"standard": "erc20", "changed": "5", "moved": "0"},
    ),
    "block_gaps": (
        [f"{_AUDIT} (1, 10, 12, 'archive', 3, 1)", f"{_BLOCK} (1, 10, 'x', '', 0, 1), (1, 12, 'z', 'y', 0, 1)"],
        {"from_block": 10, "to_block": 12, "stated": 3, "held": 2},
    ),
    "block_links": ([f"{_BLOCK} (1, 10, 'x', '', 0, 1), (1, 11, 'y', 'other', 0, 1)"], {"block_number": 11}),
    "block_transaction_count": ([f"{_BLOCK} (1, 10, 'x', '', 2, 1)"], {"block_number": 10, "stated": 2, "held": 0}),
    "chain_daily_fees_do_not_add_up": (
        [
            "INSERT INTO chain_daily_fees (chain_id, day, gas_used, as_of_block, version) VALUES (1, '2024-01-01', 7, 9, 1)",
            "INSERT INTO blocks (chain_id, block_number, block_timestamp, gas_used, version)"
            " VALUES (1, 9, '2024-01-01 10:00:00', 5, 1)",
        ],
        {"stated_gas": 7, "gas_of_headers": 5},
    ),
    "daily_counts_out_of_bounds": (
        [
            "INSERT INTO active_addresses_daily (chain_id, day, active_count, new_count, version)"
            " VALUES (1, '2024-01-01', 3, 1, 1)"
        ],
        {"source": "active_addresses_daily", "counted": 3, "new": 1},
    ),
    "derived_rows_beyond_watermark": (
        [
            f"{_AUDIT} (1, 0, 9, 'tables', 10, 1)",
            "INSERT INTO address_measures (chain_id, address_id, as_of_block, version) VALUES (1, 1, 10, 1)",
        ],
        {"source": "address_measures", "as_of_block": 10, "found_rows": 1},
    ),
    "dex_swaps_of_nothing": (
        [
            "INSERT INTO dex_swaps (chain_id, block_number, token_in, token_out, amount_in, amount_out, tokens_by, version)"
            " VALUES (1, 10, 'a', 'a', 5, 5, 'amounts', 1)"
        ],
        {"block_number": 10, "tokens_by": "amounts"},
    ),
    "dex_swaps_without_log": (
        ["INSERT INTO dex_swaps (chain_id, block_number, log_index, doubt, version) VALUES (1, 10, 4, 'no_token', 1)"],
        {"block_number": 10, "log_index": 4},
    ),
    "edges_without_address": (
        ["INSERT INTO address_edges (chain_id, from_id, to_id, version) VALUES (1, 1, 2, 1)"],
        {"from_id": 1, "to_id": 2},
    ),
    "entity_flows_do_not_add_up": (
        [
            f"{_AUDIT} (1, 0, 9, 'tables', 10, 1)",
            "INSERT INTO address_actors (chain_id, address, aspect, actor, version) VALUES (1, 'a', 'service', 'one', 1)",
            "INSERT INTO entity_daily_flows (chain_id, aspect, actor, inflow_count, inflow_amount, net_amount, version)"
            " VALUES (1, 'service', 'one', 1, 5, 5, 1)",
        ],
        {"aspect": "service", "actor": "one", "net": "5", "held_net": "0"},
    ),
    "evidence_exists": (
        [
            "INSERT INTO typology_findings (chain_id, address, typology, role, evidence, version)"
            " VALUES (1, 'a', 'fan_in', 'actor', ['nowhere'], 1)"
        ],
        {"typology": "fan_in"},
    ),
    "metric_points_that_are_none": (
        [
            "INSERT INTO metric_points (chain_id, metric, bucket, bucket_start, value, version)"
            " VALUES (1, 'gas_used', 'hour', '2024-01-01 10:30:00', 1, 1)"
        ],
        {"metric": "gas_used", "bucket": "hour"},
    ),
    "native_amounts_beyond_supply": (
        [
            "INSERT INTO transfers (chain_id, block_number, kind, amount, version)"
            " VALUES (1, 10, 'internal', bitShiftLeft(toUInt256(1), 130), 1)"
        ],
        {"block_number": 10, "kind": "internal", "stated": str(2**130)},
    ),
    "native_transfers_conserve_value": (
        [
            f"{_AUDIT} (1, 0, 20, 'tables', 0, 1)",
            "INSERT INTO transactions (chain_id, block_number, transaction_index, success, value, version)"
            " VALUES (1, 10, 0, 1, 5, 1)",
            "INSERT INTO transfers (chain_id, block_number, kind, amount, version) VALUES (1, 10, 'native', 4, 1)",
        ],
        {"block_number": 10, "wei_sent": "5", "wei_moved": "4"},
    ),
    "prices_that_are_none": (
        ["INSERT INTO prices (chain_id, quote, priced_at, price, version) VALUES (1, 'USD', 7, -1, 1)"],
        {"quote": "USD", "price": -1.0},
    ),
    "publication_counts": (
        ["INSERT INTO publications (chain_id, publication, score_count, version) VALUES (1, 3, 2, 1)"],
        {"publication": 3, "part": "scores", "stated": 2, "held": 0},
    ),
    "stablecoin_supply_does_not_add_up": (
        [
            f"{_AUDIT} (1, 0, 9, 'tables', 10, 1)",
            "INSERT INTO stablecoin_daily_supply (chain_id, mint_count, mint_amount, net_amount, version)"
            " VALUES (1, 1, 5, 5, 1)",
        ],
        {"net": "5", "held_net": "0"},
    ),
    "token_daily_flows_do_not_add_up": (
        [
            f"{_TRANSFER} (1, 9, '2024-01-01', 'native', 'i', 'a', 5, 1)",
            "INSERT INTO token_daily_flows (chain_id, token_address, day, as_of_block, version)"
            " VALUES (1, 'a', '2024-01-01', 9, 1)",
        ],
        {"stated_transfers": 0, "held_transfers": 1},
    ),
    "token_transfers_without_log": (
        [
            f"{_BLOCK} (1, 10, 'x', '', 0, 1)",
            "INSERT INTO transfers (chain_id, block_number, kind, position, version) VALUES (1, 10, 'erc20', 4, 1)",
        ],
        {"block_number": 10, "position": 4, "kind": "erc20"},
    ),
    "transactions_without_block": (
        [
            f"{_BLOCK} (1, 11, 'x', '', 0, 1)",
            "INSERT INTO transactions (chain_id, block_number, success, version) VALUES (1, 10, 0, 1)",
        ],
        {"block_number": 10, "transactions": 1},
    ),
    "transfer_logs_without_fate": (
        [
            f"{_AUDIT} (1, 10, 10, 'rpc', 1, 1)",
            "INSERT INTO logs (chain_id, block_number, log_index, topics, version) VALUES (1, 10, 4,"
            " [unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')], 1)",
        ],
        {"block_number": 10, "log_index": 4, "moved": 0, "quarantined": 0},
    ),
    "transfers_without_transaction": (
        [
            "INSERT INTO transfers (chain_id, block_number, transaction_index, kind, version) VALUES (1, 10, 3, 'native', 1)"
        ],
        {"block_number": 10, "transaction_index": 3, "kind": "native", "transfers": 1},
    ),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all questions here: nothing in this module writes to what another test reads."""
    opened = new_store(f"{tmp_path_factory.mktemp('shared')}/store")
    yield opened
    opened.close()


def test_an_empty_store_and_a_sound_world_pass_every_check(store: Store) -> None:
    assert check(store, chain_id=CHAIN) == []

    world = World(chain_id=CHAIN)
    world.pay("a", "b", 3)
    world.pay("b", "c", 2)
    for number, transaction in enumerate(world.transactions):
        transaction["value"] = world.transfers[number]["amount"]
    world.pour(store)

    failed = check(store, chain_id=CHAIN)
    assert [failure.name for failure in failed] == ["block_gaps"]  # the world has no block rows
    assert who("a") != who("b")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_fails_its_check_and_names_the_rows(name: str, store: Store) -> None:
    statements, expected = BROKEN[name]
    chain_id = 100 + list(BROKEN).index(name)
    for statement in statements:
        store.command(statement.replace("(1, ", f"({chain_id}, "))

    failures = {failure.name: failure for failure in check(store, chain_id=chain_id)}

    row = failures[name].first_rows[0]
    assert {key: row[key] for key in expected} == expected
    with pytest.raises(DataCheckError, match=name) as refused:
        require([failures[name]])
    assert refused.value.exit_code == 3
    assert f"{next(iter(expected))} {next(iter(expected.values()))}" in str(refused.value)


def test_every_check_is_broken_here_once() -> None:
    assert set(BROKEN) == {path.stem for path in Path(SQL_DIR / "checks").glob("*.sql")}


def test_other_chains_are_not_looked_at(store: Store) -> None:
    store.command(f"{_BLOCK} (3, 10, 'x', '', 2, 1)")
    assert check(store, chain_id=2) == []
    assert [failure.name for failure in check(store, chain_id=3)] == ["block_transaction_count"]


def test_nothing_failed_is_nothing_raised() -> None:
    require([])
