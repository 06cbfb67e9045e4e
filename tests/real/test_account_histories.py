"""The real account histories: everything arrives, each thing once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.tables import ingest_tables
from sql.store import Store

pytestmark = pytest.mark.real_data


def test_two_million_rows_become_transactions_transfers_and_labels(store: Store, data_dir: Path) -> None:
    summary = ingest_tables(store, data_dir / "accounts")
    assert (summary.raw_transactions, summary.transactions) == (2_002_849, 1_993_509)
    assert (summary.addresses, summary.token_transfers, summary.labels) == (538_619, 283_757, 10_378)
    labels = store.query(
        "SELECT CAST(category AS String) AS category, count() AS n FROM labels GROUP BY category ORDER BY category"
    )
    assert labels.to_pydict() == {"category": ["abuse", "licit", "phishing"], "n": [1232, 6141, 3005]}
    assert ingest_tables(store, data_dir / "accounts").unchanged
