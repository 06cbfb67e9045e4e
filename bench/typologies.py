"""How well the named detectors do: on the demo, whose truth is known, and on stories put into real accounts.

With a folder like demo/ (chain/, truth.csv, labels.csv, tokens.csv) every address has a truth: a detector's precision is
the share of the addresses it reports (victims apart) that the truth gives to that behaviour, its recall the share of
those that it reports. Behaviours without a row of their own in the truth (layering, fan_in …) count every illicit
address as right and have no recall.

With a folder like accounts/ stories of every behaviour are put into the real transactions (`bench/injected_patterns.py`), plain
and in variants that avoid being seen: in parts, slowly, over one more hop, with dust before. Recall is the share of a story's
wallets that are reported, per variant; false alarms are reports of accounts that a source found clean, per 10,000 of them;
precision is hits among hits and false alarms, and so depends on how many stories there are. `others_reported` are real
addresses that nobody judged: some may be right. Wallets of other stories count neither way, for behaviours overlap. The
detectors were looked at with stories of the seed DEVELOPED_ON; figures are from SEEDS, which were not looked at. The clean
accounts are the same for both. The baseline names addresses at random: its precision is the share of right ones among all.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import demo
from bench.injected_patterns import STORIES
from bench.injections import VARIANTS, Cast, Injected, Story, pour, varied
from bench.stories import address_of, filled, opened, rows_of
from graph.typologies.findings import BLAMELESS_ROLES, DETECTORS, find_typologies
from ingest.tables import ingest_tables
from sql.derive import derive
from sql.store import Store

DEVELOPED_ON = 1
SEEDS = (11, 12)
_STORIES_A_VARIANT = 5
_MOST_REAL = 20_000
# Behaviours that crimes of many kinds show, or that the demo's story does not tell.
_GENERAL = frozenset(
    {
        *("rapid_pass_through", "fan_in", "fan_out", "scatter_gather", "gather_scatter", "layering", "round_trip"),
        *("dormant_then_active", "cash_out_ring", "bridge_hopping", "darknet_exposure", "fund_raising", "pump_and_rug"),
    }
)
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
    measure = _on_accounts if any(folder.glob("normal_txs*.parquet")) else _on_the_demo
    with tempfile.TemporaryDirectory() as scratch:
        figures, random = measure(folder, Path(scratch))
    return {
        "name": "typologies",
        "data": str(folder),
        "figures": figures,
        "baselines": {"random": random},
        "seconds": round(time.monotonic() - started, 1),
    }


def _on_the_demo(folder: Path, scratch: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    truth = _truth_of_story(folder / "truth.csv")
    with filled(folder, scratch) as (store, chain_id):
        begun = time.monotonic()
        summary = find_typologies(store, chain_id=chain_id)
        seconds = time.monotonic() - begun
        found, addresses = _found(store, chain_id), _count_addresses(store, chain_id)
    figures: dict[str, Any] = {"detector_seconds": round(seconds, 2), "addresses": addresses}
    random: dict[str, Any] = {}
    for entry in DETECTORS:
        measured = _measure(entry.name, found.get(entry.name, frozenset()), truth, addresses)
        figures.update({f"{entry.name}_{key}": value for key, value in measured.items()})
        base = len(truth.right[entry.name]) / len(truth.judged)
        random[f"{entry.name}_precision"] = round(base, _DECIMALS)
    figures["findings"] = sum(summary.findings.values())
    return figures, random


def _on_accounts(folder: Path, scratch: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    labelled = [row for file in sorted(folder.glob("labels*.csv")) for row in rows_of(file)]
    judged = _addresses(row["account"] for row in labelled)
    clean = _addresses(row["account"] for row in labelled if row["flag"] == "0" and row["has_tx"] == "True")
    with opened(scratch) as store:
        chain_id = ingest_tables(store, folder).chain_id
        derive(store, chain_id=chain_id)
        injected = [_inject(store, chain_id, seed, judged) for seed in SEEDS]
        begun = time.monotonic()
        summary = find_typologies(store, chain_id=chain_id)
        seconds = time.monotonic() - begun
        found = _found(store, chain_id)
    made = frozenset().union(*(one.made for one in injected))
    reported = frozenset().union(*found.values())
    figures: dict[str, Any] = {
        "detector_seconds": round(seconds, 2),
        "clean_wallets": len(clean),
        "made_wallets": len(made),
        "hubs": summary.hubs,
        "clean_wallets_reported": len(clean & reported),
        "others_reported": len(reported - made - judged),
    }
    random: dict[str, Any] = {}
    for entry in DETECTORS:
        here = found.get(entry.name, frozenset())
        measured = _measure_injected(entry.name, here, injected, clean)
        figures.update({f"{entry.name}_{key}": value for key, value in measured.items()})
        figures[f"{entry.name}_others_reported"] = len(here - made - judged)
        right = sum(len(one.right.get((entry.name, name), ())) for one in injected for name in VARIANTS)
        random[f"{entry.name}_precision"] = round(right / (right + len(clean)), _DECIMALS)
    return figures, random


def _measure_injected(
    name: str, found: frozenset[bytes], injected: list[Injected], clean: frozenset[bytes]
) -> dict[str, Any]:
    sought = {
        variant: frozenset().union(*(one.right.get((name, variant), frozenset()) for one in injected))
        for variant in VARIANTS
    }
    hits, alarms = len(found & frozenset().union(*sought.values())), len(found & clean)
    total = sum(map(len, sought.values()))
    measured: dict[str, Any] = {
        "precision": round(hits / (hits + alarms), _DECIMALS) if hits + alarms else None,
        "recall": round(hits / total, _DECIMALS) if total else None,
        "false_alarms_per_10k": round(10_000 * alarms / len(clean), 2),
    }
    for variant, right in sought.items():
        if right:
            measured[f"recall_{variant}"] = round(len(found & right) / len(right), _DECIMALS)
    return measured


def _inject(store: Store, chain_id: int, seed: int, judged: frozenset[bytes]) -> Injected:
    """Stories of every behaviour and variant into the chain; at their edges stand real senders without a label."""
    senders = store.query(
        "SELECT from_address AS address FROM transactions WHERE chain_id = {chain_id:UInt64} AND input_length = 0"
        " GROUP BY from_address HAVING count() BETWEEN 2 AND 20 ORDER BY cityHash64(from_address) LIMIT {most:UInt64}",
        chain_id=chain_id,
        most=_MOST_REAL,
    )
    cast = Cast(
        np.random.default_rng(seed), [one for one in senders.column("address").to_pylist() if one not in judged]
    )
    stories: list[Story] = []
    right: dict[tuple[str, str], frozenset[bytes]] = {}
    for name, (tell, variants) in STORIES.items():
        for variant in variants:
            told = [varied(tell(cast), variant, cast) for _ in range(_STORIES_A_VARIANT)]
            stories += told
            right[name, variant] = frozenset().union(*(story.right for story in told))
    pour(store, chain_id, stories, cast)
    return Injected(right, frozenset(cast.made))


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


def _truth_of_story(file: Path) -> Truth:
    rows = rows_of(file)
    illicit = _addresses(row["address"] for row in rows if row["illicit"] == "1")
    # Victims are told by detectors too, but not counted: neither as found nor as missed.
    culprits = [row for row in rows if row["part"] not in BLAMELESS_ROLES | {"investor"}]
    right = {
        entry.name: _addresses(row["address"] for row in culprits if row["typology"] == entry.name)
        for entry in DETECTORS
    }
    right["deposit_address"] = _addresses(row["address"] for row in rows if row["role"] == "deposit")
    right["mev"] = _addresses(row["address"] for row in rows if row["role"] == "mev_bot")
    right.update(dict.fromkeys(_GENERAL, illicit))
    return Truth(right, _addresses(row["address"] for row in rows), frozenset(right) - _GENERAL)


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


def _addresses(texts: Iterable[str]) -> frozenset[bytes]:
    """Public label lists hold a few lines that are no addresses; those are nobody's truth."""
    return frozenset(address_of(text) for text in texts if _ADDRESS.fullmatch(text))
