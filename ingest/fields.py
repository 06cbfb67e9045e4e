"""Is what a node wrote where a number, an address or a hash belongs one at all? Asked before anything is decoded."""

from __future__ import annotations

from chainsight.errors import FieldMalformed
from sql.files import load
from sql.store import Store

_EVERY_FIELD = ("malformed_fields", "malformed_receipts", "malformed_traces")


def refuse_malformed(store: Store) -> None:
    """Look at every field of the staged blocks, receipts and traces that will be decoded.

    Raises `FieldMalformed` naming the first block and field whose text is no quantity of its width, no address, no word;
    that has a log marked as removed; or a moment after the year 2106. Needs the functions of sql/functions/.
    """
    for name in _EVERY_FIELD:
        _refuse(store, name)


def refuse_uncovered(store: Store) -> None:
    """The same for the few fields that no hash covers: enough where transactions and receipts are proven by their roots."""
    _refuse(store, "malformed_uncovered")


def refuse_malformed_traces(store: Store) -> None:
    """The same for the staged traces, of which no hash covers any."""
    _refuse(store, "malformed_traces")


def _refuse(store: Store, name: str) -> None:
    for found in store.query(load(f"proofs/{name}")).to_pylist():
        raise FieldMalformed(found["block_number"], found["field"], found["stated"])
