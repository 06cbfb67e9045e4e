"""Derive anew what lost transfers: the dirty keys that a withdrawal journalled, and nothing else.

Addresses and edges are sums over transfers, so those that knew a withdrawn block are added up again from what is left.
Everything further down (measures, features, findings, predictions) is withdrawn where it knew such a block; the steps that
make it run again because the committed batches have changed.
"""

from __future__ import annotations

import time

from sql.files import load
from sql.store import Store

# One file in sql/withdraw/ each: tables whose rows say as_of_block and are made by a later step.
CONCLUSIONS = (
    "address_daily_flows",
    "address_daily_counterparties",
    "token_daily_flows",
    "chain_daily_fees",
    "active_addresses_daily",
    "metric_points",
    "entity_daily_flows",
    "stablecoin_daily_supply",
    "address_daily_edges",
    "token_marks",
    "address_marks",
    "typology_findings",
    "address_segments",
    "behaviour_segments",
    "behaviour_scales",
    "entities",
    "entity_links",
    "entity_member_rows",
    "entity_changes",
    "typology_runs",
    "counterparty_forecasts",
    "wallet_predictions",
    "address_features",
    "address_amount_features",
    "address_call_features",
    "address_counterparty_features",
    "address_token_features",
    "address_token_holding_features",
    "address_neighbour_features",
    "address_detail_features",
    "address_pattern_features",
    "address_exposure_features",
    "address_neighbour_spread_features",
    "address_second_neighbour_features",
    "address_second_neighbour_spread_features",
    "address_measures",
    "address_proximity",
    "tokens",
)


def withdraw_conclusions(store: Store, *, chain_id: int, first: int) -> None:
    """Withdraw every row that was computed with knowledge of block `first` or a later one."""
    for table in CONCLUSIONS:
        store.command(load(f"withdraw/{table}"), chain_id=chain_id, first=first)


def derive_dirty(store: Store, *, chain_id: int) -> int:
    """Bring addresses and edges of dirty keys in line with the transfers that are left; returns how many keys were dirty.

    Edges first, because they are found by the numbers of addresses that may go. The keys are marked as done last, so a
    process killed in between does it again.
    """
    seen = time.time_ns()
    found = store.query(
        "SELECT count() AS n, (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64}) AS watermark"
        " FROM dirty_keys WHERE chain_id = {chain_id:UInt64}",
        chain_id=chain_id,
    ).to_pylist()[0]
    if found["n"]:
        for name in ("withdraw/address_edges", "withdraw/address_edges_as_of", "withdraw/addresses"):
            store.command(load(name), chain_id=chain_id, to_block=found["watermark"])
        store.command(load("withdraw/dirty_keys_done"), chain_id=chain_id, version=seen)
    return int(found["n"])
