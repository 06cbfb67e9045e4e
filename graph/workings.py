"""Working tables that detectors and entities share and that live for one session: what moved, who is known, what carries traffic.

In the order in which they are built: whose trades live from others' (`mev_trades`, `mev_transfers`), who is known
(`known_parties`), money that changed hands (`moves`), what only carries traffic (`infrastructure`), coins that wallets began
with (`first_funding`), addresses that exchanges gave to customers (`exchange_turns`, `deposit_addresses`), the ways into
exchanges (`exchange_doors`), sums sent in parts (`legs`, `pairs`), wallets that only pass on (`relays`, `relay_paths`) and
moves that look through them (`settled`). Each is a file in sql/workings/.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from chainsight.categories import CATEGORIES
from chainsight.chains import chain_settings
from sql.as_of import AsOf
from sql.files import load
from sql.store import Parameter, Store

_DAY = 86_400

WORKING_PARAMETERS: dict[str, Parameter] = {
    # Nobody deals with so many addresses in person; no path is followed through such a hub (hub_count of `typology_runs`).
    "hub_counterparties": 10_000,
    # Payments of one pair with gaps of up to a day are one sum in parts.
    "leg_gap_seconds": _DAY,
    # A relay gets 9/10 from one and gives 9/10 to one, in few transfers, and passes on 85 % or more within two weeks.
    "main_share": 0.9,
    "passed_share": 0.85,
    "relay_transfers": 24,
    "relay_seconds": 14 * _DAY,
    "most_hops": 6,
    # A throw-away wallet passes on 98 % within a day.
    "settle_share": 0.98,
    "settle_seconds": _DAY,
    # A deposit address hands on 95 % within a day. Victor (2020): 3,200 blocks, half a day then; some exchanges sweep nightly.
    "deposit_share": 0.95,
    "deposit_seconds": _DAY,
    # Once may be chance. Where 20 addresses or more that paid a wallet again and again are deposit addresses, and 9 of 10 of all
    # that did, hardly anybody else pays it, and who paid it once in the same way is one, too.
    "deposit_forwards": 2,
    "crowd_size": 20,
    "crowd_share": 0.9,
}
"""Parameters of the tables in sql/workings/."""

STABLE_SYMBOLS = (
    "USDT", "USDC", "DAI", "BUSD", "TUSD", "USDP", "PAX", "GUSD", "FRAX", "LUSD", "USDD", "PYUSD", "FDUSD",
)  # fmt: skip
"""What counts as money of account on chains for which chainsight/chains.toml lists no stablecoins; elsewhere its list does."""

KNOWN_AND_MOVED = (
    "workings/mev_trades",
    "workings/mev_transfers",
    "workings/known_parties",
    "workings/moves",
    "workings/infrastructure",
    "workings/first_funding",
    "workings/exchange_turns",
    "workings/deposit_addresses",
)
"""What everybody needs."""
PATHS = (
    "workings/exchange_doors",
    "workings/legs",
    "workings/pairs",
    "workings/relays",
    "workings/relay_paths",
    "workings/settled",
)
"""What only detectors need: where money went over several wallets."""


def prepare_workings(store: Store, as_of: AsOf, names: Sequence[str] = KNOWN_AND_MOVED + PATHS) -> None:
    """Build the temporary tables of these names, in this order, from what the store knows up to `as_of`.

    Labels count that the store knows now and that hold at the time of the as-of block: one that begins later does not.
    """
    chain = chain_settings(as_of.chain_id)
    given: dict[str, Parameter] = {
        **WORKING_PARAMETERS,
        "chain_id": as_of.chain_id,
        "as_of_block": as_of.block_number,
        "as_of_time": moment(as_of.block_timestamp),
        "known_at": moment(dt.datetime.now(dt.UTC)),
        "service_categories": [name for name, category in CATEGORIES.items() if category.is_service],
        "native_symbol": chain.native_symbol,
        "stablecoins": list(chain.stablecoins),
        "stable_symbols": [] if chain.stablecoins else list(STABLE_SYMBOLS),
    }
    for name in names:
        statement = load(name)
        store.command(statement, **{key: given[key] for key in statement.parameters})


def moment(time: dt.datetime) -> str:
    """A time as statements take it.

    >>> moment(dt.datetime(2023, 7, 13, 1, 2, 3, tzinfo=dt.UTC))
    '2023-07-13 01:02:03.000'
    """
    return time.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ", "milliseconds")
