"""Every feature there is: name, unit, what it says, what it is as of, and what may read it.

The comments of the tables' columns are the one place where a feature is described; here they are read from the migrations, so
the catalogue needs no store. `PLAN` is the list of 84 that a wallet is to be judged by, in eight themes; the counterparties'
own features come on top, mean, largest, deviation and value-weighted mean of 25 over two hops and both directions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from chainsight.errors import StoreEmpty, UnknownName
from models.features.matrix import ALL_GROUPS, FURTHER_GROUPS
from sql.files import load, load_folder
from sql.store import Store

AGE_VIEW = "address_age_features"
_TABLES = (*ALL_GROUPS, *FURTHER_GROUPS, AGE_VIEW)

PLAN: dict[str, tuple[str, ...]] = {
    "activity": (
        "in_count", "out_count", "move_count", "out_over_in_count", "active_days", "lifetime", "moves_per_active_day",
        "first_seen_age", "last_seen_gap", "failed_count", "nonce_max", "is_contract",
    ),
    "value": (
        "in_amount_sum", "in_amount_mean", "in_amount_median", "in_amount_max", "in_amount_deviation", "in_amount_skewness",
        "out_amount_sum", "out_amount_mean", "out_amount_median", "out_amount_max", "out_amount_deviation",
        "out_amount_skewness", "net_amount", "kept_share", "in_amount_gini", "in_rather_round_share",
    ),
    "counterparties": (
        "in_counterparties", "out_counterparties", "in_per_counterparty", "out_per_counterparty", "in_top_share",
        "out_top_share", "in_entropy", "out_entropy", "mutual_share", "new_last_week_share",
    ),
    "time": (
        "in_gap_mean", "in_gap_deviation", "in_gap_min", "in_gap_p10", "out_gap_mean", "out_gap_deviation", "out_gap_min",
        "out_gap_p10", "in_burstiness", "out_burstiness", "out_hour_entropy", "weekend_share", "delay_median",
        "gone_within_hour_share",
    ),
    "gas": (
        "gas_price_ratio_mean", "gas_price_ratio_deviation", "fee_over_amount_mean", "plain_send_share", "out_selectors",
        "approval_share",
    ),
    "tokens": (
        "tokens", "stable_share", "collectible_share", "token_zero_share", "lookalike_count", "unlimited_approvals",
    ),
    "patterns": (
        "in_fan_day", "in_fan_week", "out_fan_day", "out_fan_week", "returns_within_day", "cycles_within_day",
        "scatter_gathers", "gather_scatters", "peel_chain_hops", "consolidations",
    ),
    "nearness": (
        "exchange_distance", "mixer_distance", "bridge_distance", "illicit_distance", "illicit_taint", "in_exchange_share",
        "out_exchange_share", "out_mixer_share", "out_bridge_share", "funder_illicit_share",
    ),
}  # fmt: skip

_ERA = frozenset({
    "first_seen_age", "last_seen_gap", "nonce_max", "gas_price_ratio_mean", "gas_price_ratio_deviation",
    "fee_over_amount_mean", "plain_send_share", "weekend_share", "unlimited_approvals",
})  # fmt: skip
"""What tells when an address lived: clocks, nonces, markets for gas, customs that came with a year."""

_THEMES = {
    "address_amount_features": "amounts",
    "address_call_features": "methods",
    "address_counterparty_features": "counterparties",
    "address_token_features": "tokens",
    "address_token_holding_features": "tokens",
    "address_pattern_features": "patterns",
    "address_exposure_features": "nearness",
    **{table: "neighbours" for table in _TABLES if "neighbour" in table},
}
_THEMES_WITHIN = (
    (r"counterpart|new_share|self_count", "counterparties"),
    (r"gap|age|minute|hour|day|block|tenth|lifetime|burst|weekend|last_seen", "timing"),
    (r"amount|fee|gas|round", "amounts"),
    (r"token|stable|collectible|approval", "tokens"),
)
"""Of tables that speak of several things the first that a name matches; what matches none is activity."""

_COLUMN = re.compile(r"^    (\w+) Float32 COMMENT '((?:[^']|'')*)'", re.MULTILINE)
# The first that matches a comment says the unit.
_UNITS = (
    (r"unit as there", ""),
    (r"((?:signed )?log\(1 \+ [^)]+\))", ""),
    (r"^Skewness", "none"),
    (r"^Correlation|bursty$|^\(deviation - mean\)", "-1 to 1"),
    (r"Gini|Herfindahl", "0 to 1"),
    (r"[Ll]ogarithm|\blog$", "logarithm"),
    (r"(counterparty|token|with any); mean$", "number"),
    (r"seconds$", "seconds"),
    (r"; 4 for four", "payments"),
    (r"payments$", "payments"),
    (r"^1 when|^[A-Z].*; 1 when", "0 or 1"),
    (r"\b(bits|nats)$", ""),
    (r"\bnumber\b", "number"),
    (r"\bshare\b", "share"),
    (r"digits", "digits"),
)


@dataclass(frozen=True)
class Feature:
    """One column of a feature table."""

    name: str
    table: str
    unit: str
    description: str
    as_of: str
    """What its row says by as_of_block."""
    is_read_by_models: bool
    carries: str
    """era: it tells when an address lived; labels: it tells what sources say; empty otherwise."""

    @property
    def theme(self) -> str:
        """What it speaks of, for people: activity, timing, amounts, counterparties, methods, tokens, or its neighbours."""
        if (theme := _THEMES.get(self.table)) is not None:
            return theme
        return next((theme for pattern, theme in _THEMES_WITHIN if re.search(pattern, self.name)), "activity")


@dataclass(frozen=True)
class Described:
    """The features of one address; None where one is undefined."""

    address: bytes
    as_of_block: int
    values: dict[str, float | None]


@cache
def catalogue() -> dict[str, Feature]:
    """All features by name, table after table in the order of their columns."""
    texts = {statement.name.split("_", 1)[1]: statement.text for statement in load_folder("migrations")}
    found: dict[str, Feature] = {}
    for table in _TABLES:
        for name, comment in _COLUMN.findall(texts[table]):
            description = comment.replace("''", "'")
            found[name] = Feature(
                name=name,
                table=table,
                unit=_unit(name, description, found),
                description=description,
                as_of=_as_of(table),
                is_read_by_models=table in ALL_GROUPS,
                carries="labels" if table == "address_exposure_features" else "era" if name in _ERA else "",
            )
    return found


def features_of(tables: Sequence[str] = ()) -> list[Feature]:
    """The features of some tables, or of all; raises `UnknownName` for a table that holds none."""
    for table in tables:
        if table not in _TABLES:
            raise UnknownName("table of features", table, _TABLES)
    return [feature for feature in catalogue().values() if not tables or feature.table in tables]


def describe_address(store: Store, address: bytes, *, chain_id: int) -> Described:
    """All features of an address as they stand in the tables; raises `StoreEmpty` when it has none."""
    values: dict[str, float | None] = {}
    known = 0
    for table in _TABLES:
        names = [feature.name for feature in features_of([table])]
        rows = store.query(
            f"SELECT {', '.join(names)}, as_of_block FROM {table}"
            " WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String})",
            chain_id=chain_id,
            address=address.hex(),
        ).to_pylist()
        row = rows[0] if rows else {}
        known += len(rows)
        # NaN is not equal to itself.
        values |= {name: row[name] if row and row[name] == row[name] else None for name in names}
    if not known:
        raise StoreEmpty(
            f"features of 0x{address.hex()} on chain {chain_id}",
            "Run chainsight features build; an address that never gave or received anything has none.",
        )
    marks = store.query(load("queries/feature_mark"), chain_id=chain_id).to_pylist()
    return Described(address, int(marks[0]["to_block"]) if marks else 0, values)


def _unit(name: str, description: str, known: dict[str, Feature]) -> str:
    for pattern, unit in _UNITS:
        if match := re.search(pattern, description):
            if pattern == "unit as there":
                # in_neighbours_out_count_mean has the unit of out_count.
                base = re.sub(r"^(in|out)(_second)?_neighbours_|_(mean|max|deviation|weighted)$", "", name)
                return known[base].unit
            return unit or match[1]
    return "ratio"


def _as_of(table: str) -> str:
    if table == AGE_VIEW:
        return "the last block of the chain"
    if table in ("address_pattern_features", "address_exposure_features"):
        return "the block of the last build"
    if "neighbour" in table:
        return "the last block with something of the address or of those it speaks of"
    return "the last block with something of the address"
