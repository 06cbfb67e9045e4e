"""Is what a node wrote where a number, an address or a hash belongs one at all? Asked before anything is decoded."""

from __future__ import annotations

from chainsight.errors import FieldMalformed
from sql.files import load
from sql.store import Store

_STATEMENTS = ("proofs/malformed_fields", "proofs/malformed_receipts", "proofs/malformed_traces")


def refuse_malformed(store: Store) -> None:
    """Look at every field of the staged blocks, receipts and traces that will be decoded.

    Raises `FieldMalformed` naming the first block and field whose text is no quantity of its width, no address, no word;
    that has a log marked as removed; or a moment after the year 2106. Needs the functions of sql/functions/.
    """
    for statement in _STATEMENTS:
        for found in store.query(load(statement)).to_pylist():
            raise FieldMalformed(found["block_number"], found["field"], found["stated"])
