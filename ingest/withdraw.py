"""Take blocks back that left the chain, and everything that was derived from them."""

from __future__ import annotations

from ingest.journal import WITHDRAW, close_intent, finish_withdrawal, open_intent
from ingest.tombstones import ENDLESS
from sql.store import Store


def withdraw_blocks(store: Store, *, chain_id: int, first: int, last: int | None = None) -> int:
    """Withdraw blocks first … last (both in it; None: all that follow); returns how many were stored.

    The keys they touched are journalled in `dirty_keys`, publications that knew them in `retractions`. A process killed
    in between leaves an open intent, and `ingest.journal.recover` finishes the work.
    """
    end = ENDLESS if last is None else last
    stored = store.query(
        "SELECT count() AS n FROM blocks WHERE chain_id = {chain_id:UInt64}"
        " AND block_number BETWEEN {first:UInt64} AND {last:UInt64}",
        chain_id=chain_id,
        first=first,
        last=end,
    )
    intent = open_intent(store, chain_id=chain_id, first=first, last=end, kind=WITHDRAW)
    finish_withdrawal(store, chain_id=chain_id, first=first, last=end)
    close_intent(store, chain_id=chain_id, intent=intent)
    return int(stored.column("n")[0].as_py())
