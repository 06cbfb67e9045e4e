"""Numbers with more leading zeros than a number may have: refused, or decoded to what the hash is of; never to something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainsight.errors import FieldMalformed
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from sql.store import Store
from tests.fixtures.archives import demo_blocks, write_archive
from tests.fixtures.contents import visible_rows


@pytest.mark.parametrize("field", ["gas", "value", "nonce", "gasPrice"])
@pytest.mark.parametrize("digits", [20, 65, 70])
def test_a_padded_number_of_a_transaction_never_becomes_another(
    tmp_path: Path, store: Store, field: str, digits: int
) -> None:
    blocks, receipts, _ = demo_blocks(4)
    honest = write_archive(tmp_path / "honest", blocks, receipts)
    ingest_blocks(store, ArchiveSource(honest))
    expected = visible_rows(store)["transactions"]
    for table in ("transactions", "blocks", "logs", "transfers", "ingest_audit", "ingest_intents"):
        store.command(f"TRUNCATE TABLE {table}")
    for block in blocks:
        for sent in block["transactions"]:
            sent[field] = "0x" + sent[field][2:].rjust(digits, "0")

    refused = refusal(store, ArchiveSource(write_archive(tmp_path / "padded", blocks, receipts)))

    assert refused is None or refused.endswith(f".{field}")
    assert visible_rows(store)["transactions"] == (expected if refused is None else [])


def refusal(store: Store, source: ArchiveSource) -> str | None:
    """The field for which the blocks were refused; None when they are in the store."""
    try:
        ingest_blocks(store, source)
    except FieldMalformed as refused:
        return refused.field
    return None
