"""How well the named detectors do: on the demo, whose truth is known, or on real accounts, of which some are labelled.

With a folder like demo/ (chain/, truth.csv, labels.csv, tokens.csv) every address has a truth: a detector's precision is
the share of the addresses it reports (victims apart) that the truth gives to that behaviour, its recall the share of
those that it reports. Detectors of general movements (rapid_pass_through, fan_in, fan_out, scatter_gather) have no row
of their own in the truth: their precision counts every illicit address as right and they have no recall. With a folder
like accounts/ precision and recall are over the labelled accounts alone, illicit against licit: a weak test, for a
licit account may well wash trade and an illicit one need not show any of these behaviours.
The baseline names addresses at random: its precision is the share of right ones among all.
"""

from __future__ import annotations

import csv
import re
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import demo
from graph.typologies import BLAMELESS_ROLES, DETECTORS, find_typologies
from ingest.archive import ArchiveSource
from ingest.backfill import ingest_blocks
from ingest.labels import import_labels
from ingest.tables import ingest_tables
from sql.migrate import migrate
from sql.store import Store, open_store
from sql.transform import transform

_GENERAL = frozenset({"rapid_pass_through", "fan_in", "fan_out", "scatter_gather"})
_DECIMALS = 4
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True)
class Truth:
    """What is right to report, by detector, and who is known to be harmless."""

    right: dict[str, frozenset[bytes]]
    judged: frozenset[bytes]
    """Addresses with any truth; only these are counted."""
    has_recall: frozenset[str]


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """Precision, recall and false alarms per 10,000 addresses of every detector; nothing is fitted, so `test` replaces `data`."""
    folder = test or data or Path(demo.__file__).parent
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(f"chdb://{scratch}/store")
        migrate(store)
        chain_id, truth = _fill(store, folder)
        begun = time.monotonic()
        summary = find_typologies(store, chain_id=chain_id)
        seconds = time.monotonic() - begun
        found = _found(store, chain_id)
        addresses = _count_addresses(store, chain_id)
        store.close()
    figures: dict[str, Any] = {"detector_seconds": round(seconds, 2), "addresses": addresses}
    random: dict[str, Any] = {}
    for entry in DETECTORS:
        measured = _measure(entry.name, found.get(entry.name, frozenset()), truth, addresses)
        figures.update({f"{entry.name}_{key}": value for key, value in measured.items()})
        if truth.judged:
            base = len(truth.right[entry.name]) / len(truth.judged)
            random[f"{entry.name}_precision"] = round(base, _DECIMALS)
    figures["findings"] = sum(summary.findings.values())
    return {
        "name": "typologies",
        "data": str(folder),
        "figures": figures,
        "baselines": {"random": random},
        "seconds": round(time.monotonic() - started, 1),
    }


def _measure(name: str, found: frozenset[bytes], truth: Truth, addresses: int) -> dict[str, Any]:
    right = truth.right[name]
    judged = found & truth.judged
    hits = len(judged & right)
    measured: dict[str, Any] = {
        "reported": len(found),
        "precision": round(hits / len(judged), _DECIMALS) if judged else None,
        "false_alarms_per_10k": round(10_000 * (len(judged) - hits) / max(addresses, 1), 2),
    }
    if name in truth.has_recall:
        measured["recall"] = round(hits / len(right), _DECIMALS) if right else None
    return measured


def _fill(store: Store, folder: Path) -> tuple[int, Truth]:
    if any(folder.glob("normal_txs*.parquet")):
        chain_id = ingest_tables(store, folder).chain_id
        truth = _truth_of_accounts(folder)
    else:
        chain_id = ingest_blocks(store, ArchiveSource(folder / "chain")).chain_id
        import_labels(store, [folder / "labels.csv"])
        _read_tokens(store, folder / "tokens.csv", chain_id)
        truth = _truth_of_story(folder / "truth.csv")
    reach = store.query("SELECT max(to_block) AS last FROM ingest_audit").column("last")[0].as_py()
    transform(store, chain_id=chain_id, from_block=0, to_block=int(reach))
    return chain_id, truth


def _read_tokens(store: Store, file: Path, chain_id: int) -> None:
    if not file.is_file():
        return
    rows = _rows(file)
    store.insert(
        "tokens",
        pa.table(
            {
                "chain_id": pa.array([chain_id] * len(rows), pa.uint64()),
                "token_address": pa.array([_bytes(row["address"]) for row in rows], pa.binary(20)),
                "symbol": [row["symbol"] for row in rows],
                "name": [row["name"] for row in rows],
                "decimals": pa.array([int(row["decimals"]) for row in rows], pa.uint8()),
                "source": ["demo"] * len(rows),
                "version": pa.array([1] * len(rows), pa.uint64()),
            }
        ),
    )


def _truth_of_story(file: Path) -> Truth:
    rows = _rows(file)
    illicit = _addresses(row for row in rows if row["illicit"] == "1")
    # Victims are told by detectors too, but not counted: neither as found nor as missed.
    culprits = [row for row in rows if row["part"] not in BLAMELESS_ROLES | {"investor"}]
    right = {entry.name: _addresses(row for row in culprits if row["typology"] == entry.name) for entry in DETECTORS}
    right["deposit_address"] = _addresses(row for row in rows if row["role"] == "deposit")
    right.update(dict.fromkeys(_GENERAL, illicit))
    return Truth(right, _addresses(rows), frozenset(right) - _GENERAL)


def _truth_of_accounts(folder: Path) -> Truth:
    rows = [row | {"address": row["account"]} for file in sorted(folder.glob("labels*.csv")) for row in _rows(file)]
    illicit = _addresses(row for row in rows if row["flag"] == "1")
    names = [entry.name for entry in DETECTORS]
    return Truth(dict.fromkeys(names, illicit), _addresses(rows), frozenset(names))


def _found(store: Store, chain_id: int) -> dict[str, frozenset[bytes]]:
    rows = store.query(
        "SELECT CAST(typology AS String) AS typology, groupUniqArray(address) AS addresses FROM typology_findings"
        " WHERE chain_id = {chain_id:UInt64} AND NOT has({left_out:Array(String)}, role) GROUP BY typology",
        chain_id=chain_id,
        left_out=sorted(BLAMELESS_ROLES - {"deposit"}),
    ).to_pylist()
    return {row["typology"]: frozenset(row["addresses"]) for row in rows}


def _count_addresses(store: Store, chain_id: int) -> int:
    counted = store.query(
        "SELECT uniqExact(arrayJoin([from_address, to_address])) AS n FROM transfers WHERE chain_id = {chain_id:UInt64}",
        chain_id=chain_id,
    )
    return int(counted.column("n")[0].as_py())


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _addresses(rows: Iterable[dict[str, str]]) -> frozenset[bytes]:
    """Public label lists hold a few lines that are no addresses; those are nobody's truth."""
    return frozenset(_bytes(row["address"]) for row in rows if _ADDRESS.fullmatch(row["address"]))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
