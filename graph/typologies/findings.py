"""Run the named detectors: what was seen, at whom, how clearly, with which transactions as evidence.

Which behaviours there are stands in `graph/typologies/detectors.py`. The detectors read the store's tables and the working tables
of `graph/workings.py`. A finding is a pattern, not a verdict: ordinary life makes some of them too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from chainsight.progress import SILENT, Progress
from graph.typologies.detectors import (
    BLAMELESS_ROLES,
    DETECTORS,
    Detector,
    detector,
)
from graph.workings import WORKING_PARAMETERS, prepare_workings
from sql.as_of import read_as_of
from sql.files import Statement
from sql.store import Parameter, Store

__all__ = [
    "BLAMELESS_ROLES",
    "DETECTORS",
    "Detector",
    "TypologySummary",
    "detector",
    "find_typologies",
]

_MOST_EVIDENCE = 30


@dataclass(frozen=True)
class TypologySummary:
    """What a run of the detectors left in `typology_findings`."""

    chain_id: int
    as_of_block: int
    findings: dict[str, int]
    """Addresses found, by detector; a detector that found nothing has 0."""
    withdrawn: int
    """Findings of earlier runs that no longer hold."""
    hubs: int
    """Addresses with too many counterparties to follow paths through."""
    seconds: dict[str, float]
    """Time each detector took; `workings` is the tables they share."""

    def __str__(self) -> str:
        found = ", ".join(f"{number:,} {name}" for name, number in self.findings.items() if number)
        return found or "none found"


def find_typologies(
    store: Store, *, chain_id: int, detectors: Sequence[Detector] = DETECTORS, progress: Progress = SILENT
) -> TypologySummary:
    """Run the detectors on everything up to the watermark; findings that no longer hold are withdrawn.

    Raises `StoreEmpty` when the chain was never ingested. Running it twice changes nothing but `computed_at`.
    """
    as_of = read_as_of(store, chain_id)
    version = time.time_ns()
    seconds: dict[str, float] = {}
    started = time.monotonic()
    prepare_workings(store, as_of)
    seconds["workings"] = time.monotonic() - started
    for done, entry in enumerate(detectors):
        progress.step(done, len(detectors), entry.title)
        started = time.monotonic()
        _detect(store, entry, {"chain_id": chain_id, "as_of_block": as_of.block_number, "version": version})
        seconds[entry.name] = time.monotonic() - started
    withdrawn = _withdraw_older(store, chain_id, version, [entry.name for entry in detectors])
    progress.step(len(detectors), len(detectors), "typologies")
    hubs = _number(store, "SELECT count() AS n FROM infrastructure WHERE is_hub")
    summary = TypologySummary(
        chain_id, as_of.block_number, _count(store, chain_id, detectors), withdrawn, hubs, seconds
    )
    _record_runs(store, summary, detectors, version)
    return summary


def _detect(store: Store, entry: Detector, bounds: dict[str, Parameter]) -> None:
    statement = _recorded(entry.statement)
    given: dict[str, Parameter] = {
        **entry.parameters,
        **bounds,
        "typology": entry.name,
        "severity": entry.severity,
        "fatf_group": entry.fatf_group,
        "blameless_roles": sorted(BLAMELESS_ROLES),
    }
    store.command(statement, **{name: given[name] for name in statement.parameters})


def _recorded(statement: Statement) -> Statement:
    """The detector's SELECT as an INSERT: one row per address and role, its clearest, with at most 30 transactions."""
    text = f"""
INSERT INTO typology_findings
    (chain_id, address, typology, role, strength, severity, fatf_group, sentence, evidence, as_of_block, version)
SELECT
    {{chain_id:UInt64}}, address, {{typology:String}}, role, max(strength) AS clearest,
    if(has({{blameless_roles:Array(String)}}, role), 0, {{severity:Float64}}), {{fatf_group:String}},
    argMax(sentence, (strength, sentence)),
    arraySlice(arraySort(arrayDistinct(argMax(evidence, (strength, sentence)))), 1, {_MOST_EVIDENCE}),
    {{as_of_block:UInt64}}, {{version:UInt64}}
FROM (
{statement.text}
)
WHERE isFinite(strength)
GROUP BY address, role"""
    return Statement(name=statement.name, text=text, purpose=statement.purpose, header=statement.header)


def _record_runs(store: Store, summary: TypologySummary, detectors: Sequence[Detector], version: int) -> None:
    rows = [
        {
            "chain_id": summary.chain_id,
            "typology": entry.name,
            "parameters": json.dumps({**WORKING_PARAMETERS, **entry.parameters}, sort_keys=True),
            "address_count": summary.findings[entry.name],
            "hub_count": summary.hubs,
            "run_seconds": round(summary.seconds[entry.name], 3),
            "as_of_block": summary.as_of_block,
            "version": version,
        }
        for entry in detectors
    ]
    store.insert("typology_runs", pa.Table.from_pylist(rows))


def _number(store: Store, question: str, **parameters: Parameter) -> int:
    return int(store.query(question, **parameters).column("n")[0].as_py())


def _withdraw_older(store: Store, chain_id: int, version: int, names: list[str]) -> int:
    # `f.version`: the bare name would be the replaced one.
    older = "f.chain_id = {chain_id:UInt64} AND f.version < {version:UInt64} AND has({names:Array(String)}, f.typology)"
    question = f"SELECT count() AS n FROM typology_findings AS f WHERE {older}"
    counted = _number(store, question, chain_id=chain_id, version=version, names=names)
    store.command(
        "INSERT INTO typology_findings SELECT * REPLACE ({version:UInt64} AS version, 1 AS is_deleted)"
        f" FROM typology_findings AS f WHERE {older}",
        chain_id=chain_id,
        version=version,
        names=names,
    )
    return counted


def _count(store: Store, chain_id: int, detectors: Sequence[Detector]) -> dict[str, int]:
    found = store.query(
        "SELECT CAST(typology AS String) AS typology, uniqExact(address) AS n FROM typology_findings"
        " WHERE chain_id = {chain_id:UInt64} GROUP BY typology",
        chain_id=chain_id,
    ).to_pydict()
    counts = dict(zip(found["typology"], found["n"], strict=True))
    return {entry.name: int(counts.get(entry.name, 0)) for entry in detectors}
