"""What the ingest benchmark runs of this program, each time in a process of its own.

python -m bench.ours ingest URL DSN FIRST LAST    a range of blocks from a node into a store that is made for it
python -m bench.ours count DSN                    what that store holds, told by a process that did not write it
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from coincurve import PrivateKey, PublicKey

from ingest.backfill import ingest_blocks
from ingest.ranges import BlockRange
from ingest.rpc import RpcSource
from sql.files import load
from sql.migrate import migrate
from sql.store import open_store

CHAIN_ID = 1
_RECOVERIES = 5_000


def ingest(url: str, dsn: str, first: int, last: int) -> dict[str, Any]:
    """Everything `chainsight ingest` does, and how long the part after the store was made took."""
    store = open_store(dsn)
    try:
        migrate(store)
        source = RpcSource([url])
        started = time.perf_counter()
        summary = ingest_blocks(store, source, blocks=BlockRange(first, last), chain_id=CHAIN_ID)
        seconds = time.perf_counter() - started
        source.close()
    finally:
        store.close()
    return {"blocks": summary.blocks, "proofs": summary.proofs, "seconds": seconds}


def count(dsn: str) -> dict[str, int]:
    """Rows of each table that ingest writes."""
    store = open_store(dsn)
    try:
        found = store.query(load("queries/ingested_rows"), chain_id=CHAIN_ID).to_pylist()
        events = store.query(
            load("queries/event_counts"), chain_id=CHAIN_ID, from_block=0, to_block=1 << 62
        ).to_pylist()
    finally:
        store.close()
    counts = {row["name"]: row["rows"] for row in found}
    return counts | {f"events: {row['event']}": row["events"] for row in events}


def recovery_seconds() -> float:
    """CPU seconds of one recovery of a sender's key from a signature, the costliest of our proofs."""
    digest = bytes(range(32))
    signature = PrivateKey(digest).sign_recoverable(digest, hasher=None)
    started = time.process_time()
    for _ in range(_RECOVERIES):
        PublicKey.from_signature_and_message(signature, digest, hasher=None)
    return (time.process_time() - started) / _RECOVERIES


if __name__ == "__main__":
    if sys.argv[1] == "ingest":
        print(json.dumps(ingest(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))))
    else:
        print(json.dumps(count(sys.argv[2])))
