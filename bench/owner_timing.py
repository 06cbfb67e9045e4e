"""What it says that two wallets sign at the same hours, measured on halves of real lives, for graph/entities/scores.py.

    .venv/bin/python -m bench.owner_timing ../shared/data/accounts

Every wallet of a folder like accounts/ with a long enough life is cut into two, one with its odd active days and one with its
even ones: two wallets of one owner, who never used both on one day. The heuristic looks for them among all halves. A pair it
proposes is right when both are halves of one. The halves of a bot are more alike than two wallets of a person, and real
accounts of one owner count as wrong here, since nobody knows of them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from graph.entities.heuristics import HEURISTICS, find_links
from ingest.tables import ingest_tables
from sql.migrate import migrate
from sql.store import Store, open_store

_HALVES = """
INSERT INTO transactions
    (chain_id, block_number, block_timestamp, transaction_index, transaction_hash, from_address, success, version)
SELECT 0, rowNumberInAllBlocks(), block_timestamp, 0, transaction_hash, half, 1, 1
FROM (
    SELECT
        block_timestamp, transaction_hash, from_address,
        dense_rank() OVER (PARTITION BY from_address ORDER BY toDate(block_timestamp)) % 2 AS is_odd,
        toFixedString(concat(substring(from_address, 1, 19), char(is_odd)), 20) AS half
    FROM transactions
    WHERE chain_id = {chain_id:UInt64}
)
WHERE from_address IN (
    SELECT from_address FROM transactions WHERE chain_id = {chain_id:UInt64}
    GROUP BY from_address HAVING count() BETWEEN 60 AND 20000 AND uniqExact(toDate(block_timestamp)) >= 14
)"""


def measure(store: Store, chain_id: int) -> dict[str, float]:
    """Pairs that the heuristic proposes among the halves, how many are right, and how many of any two halves would be."""
    store.command(_HALVES, chain_id=chain_id)
    store.command("CREATE OR REPLACE TEMPORARY TABLE entity_carriers (address FixedString(20)) ENGINE = Memory")
    entry = next(entry for entry in HEURISTICS if entry.name == "timing_profile")
    found = find_links(store, entry, chain_id=0, as_of_block=2**63)
    left, right = (found.column(side).to_pylist() for side in ("left_address", "right_address"))
    right_ones = sum(one[:19] == other[:19] for one, other in zip(left, right, strict=True))
    halves = int(
        store.query("SELECT uniqExact(from_address) AS n FROM transactions WHERE chain_id = 0")["n"][0].as_py()
    )
    everybody = halves * (halves - 1) / 2
    prior = halves / 2 / everybody
    posterior = right_ones / len(left)
    return {
        "halves": halves,
        "pairs": len(left),
        "right": right_ones,
        "probability": posterior,
        "share_found": right_ones / (halves / 2),
        "prior": prior,
    }


def main(folder: str) -> None:
    """Print the measurement for a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(f"chdb://{scratch}/store")
        migrate(store)
        print(json.dumps(measure(store, ingest_tables(store, Path(folder)).chain_id), indent=4))
        store.close()


if __name__ == "__main__":
    main(sys.argv[1])
