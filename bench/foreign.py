"""Wallets that the accounts benchmark never saw, for what it learnt to judge: the demo's truth, and addresses of public lists."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import demo
from bench.accounts import CHAIN
from chainsight.chains import label_chains
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.labels import import_labels
from models.features.build import build_features
from models.features.matrix import OWN_GROUPS, FeatureMatrix, read_features
from models.labelled import ILLICIT
from sql.derive import derive
from sql.files import load
from sql.migrate import migrate
from sql.store import Store, open_store

_DEMO_CHAIN = 31_337
_LISTS = ("forta.csv.gz", "etherscan_brianleect.csv.gz", "evm_labels.csv.gz", "ofac_addresses.csv.gz")
_JUDGED = ["accounts"]


@dataclass(frozen=True)
class Foreign:
    """Addresses with a move, and what somebody else says of them."""

    rows: np.ndarray
    """Own features."""
    labels: np.ndarray


def demo_truth() -> Foreign:
    """Every address of the demo's story that did something; illicit as the story has it."""
    folder = Path(demo.__file__).parent
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        truth = {row["address"]: int(row["illicit"] == "1") for row in csv.DictReader(file)}
    with tempfile.TemporaryDirectory(prefix="chainsight-bench-") as home:
        store = open_store(f"chdb://{home}/store")
        try:
            migrate(store)
            ingest_blocks(store, ArchiveSource(folder / "chain"), chain_id=_DEMO_CHAIN)
            derive(store, chain_id=_DEMO_CHAIN)
            build_features(store, chain_id=_DEMO_CHAIN)
            matrix = read_features(store, chain_id=_DEMO_CHAIN, groups=OWN_GROUPS)
        finally:
            store.close()
    return _foreign(matrix, [bytes.fromhex(text[2:]) for text in truth], list(truth.values()))


def listed(store: Store, matrix: FeatureMatrix, labels: Path) -> Foreign | None:
    """Addresses of the accounts' store that lists know and the accounts' labels do not; None without lists.

    Positive is what a list calls illicit, negative what it names as some service. Only slices of their histories are there.
    """
    files = [labels / name for name in _LISTS if (labels / name).is_file()]
    if not files:
        return None
    import_labels(store, files)
    found = store.query(
        load("queries/listed_addresses"), chains=label_chains(CHAIN), illicit=ILLICIT, judged=_JUDGED
    ).to_pylist()
    return _foreign(matrix, [bytes.fromhex(row["address"]) for row in found], [int(row["label"]) for row in found])


def _foreign(matrix: FeatureMatrix, addresses: Sequence[bytes], labels: Sequence[int]) -> Foreign:
    rows = matrix.rows_of(addresses)
    moves = matrix.values[:, matrix.names.index("move_count")]
    kept = (rows >= 0) & (np.nan_to_num(moves[rows]) > 0)
    return Foreign(matrix.values[rows[kept]], np.array(labels, dtype=np.int64)[kept])
