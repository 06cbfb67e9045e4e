"""Named behaviours, one SQL file each: what was seen, at whom, how clearly, with which transactions as evidence.

The table `DETECTORS` is the thing to read: every detector's gravity, grounds and parameters. A detector is a SELECT in
sql/detectors/ with the columns address, role, strength, sentence, evidence. It reads the store's tables and three
working tables that live for one run: who is known (`known_parties`), what only carries traffic (`infrastructure`) and
money that changed hands (`moves`). Parameters come from the literature named in each file and from common practice
against money laundering, not from a fit. A finding is a pattern, not a verdict: ordinary life makes some of them too.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chainsight.categories import CATEGORIES
from chainsight.errors import UnknownName
from chainsight.progress import SILENT, Progress
from sql.as_of import read_as_of
from sql.files import Statement, load
from sql.store import Parameter, Store

WORKINGS = ("workings/known_parties", "workings/infrastructure", "workings/moves")
BLAMELESS_ROLES = frozenset({"victim", "deposit"})
"""Roles that say nothing bad of the address: who lost something, and a customer's own deposit address."""

_DAY = 86_400
_MOST_EVIDENCE = 30


@dataclass(frozen=True)
class Detector:
    """One behaviour: its file is sql/detectors/<name>.sql."""

    name: str
    title: str
    severity: float
    """0 to 1 for an address in a blameworthy role: how grave the behaviour is by default; a policy may replace it."""
    fatf_group: str
    """Group of the FATF's Virtual Assets Red Flag Indicators (2020) it belongs to; empty for none."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def statement(self) -> Statement:
        """Its SELECT."""
        return load(f"detectors/{self.name}")


DETECTORS: tuple[Detector, ...] = (
    Detector("deposit_address", "Deposit address of an exchange", 0.0, "", {"min_share": 0.95, "min_forwards": 1}),
    Detector("drainer", "Approval drainer", 0.95, "source of funds", {"min_victims": 3}),
    Detector("mixer_use", "Direct use of a mixer", 0.6, "anonymity", {"min_transactions": 1}),
    Detector(
        "structuring",
        "Payments kept below a threshold",
        0.6,
        "transactions",
        {
            # Travel rule (1,000; in the US 3,000) and currency transaction reports (10,000), in money of account.
            # None for native coins until they have a price: no rule names round numbers of coins, and on public
            # data they accused 244 licit payers beside 1 illicit one.
            "stable_thresholds": [1_000.0, 3_000.0, 10_000.0],
            "native_thresholds": [],
            "stable_symbols": [
                "USDT",
                "USDC",
                "DAI",
                "BUSD",
                "TUSD",
                "USDP",
                "PAX",
                "GUSD",
                "FRAX",
                "LUSD",
                "USDD",
                "PYUSD",
                "FDUSD",
            ],
            "band": 0.8,
            "min_payments": 5,
            "min_share": 0.8,
            "window_seconds": 3 * _DAY,
        },
    ),
    Detector(
        "peel_chain",
        "Peel chain",
        0.7,
        "transaction patterns",
        {
            "main_share": 0.9,
            "min_passed": 0.6,
            "max_passed": 0.98,
            "max_transfers": 4,
            "min_hops": 4,
            "max_hops": 200,
            "window_seconds": 7 * _DAY,
        },
    ),
    Detector(
        "wash_trading",
        "Wash trading",
        0.5,
        "transaction patterns",
        {"min_trades": 4, "min_returns": 2, "max_wallets": 5, "min_rounds": 3, "tolerance": 0.2},
    ),
    Detector(
        "rapid_pass_through",
        "Rapid pass-through",
        0.4,
        "transaction patterns",
        {"min_share": 0.9, "min_passes": 3, "window_seconds": 3_600, "collecting_givers": 50},
    ),
    Detector(
        "fan_in",
        "Gathering from many",
        0.4,
        "transaction patterns",
        {"min_givers": 10, "max_receivers": 2, "min_share": 0.9, "window_seconds": 3 * _DAY},
    ),
    Detector(
        "fan_out",
        "Scattering over fresh wallets",
        0.3,
        "transaction patterns",
        {
            "min_receivers": 10,
            "max_feeders": 2,
            "min_fresh": 0.8,
            "min_share": 0.8,
            "window_seconds": 3 * _DAY,
        },
    ),
    Detector(
        "scatter_gather",
        "Scattered and gathered again",
        0.6,
        "transaction patterns",
        {"min_between": 5, "min_share": 0.9, "max_transfers": 3, "window_seconds": 7 * _DAY},
    ),
    Detector("airdrop_sybil", "Sybils of an airdrop", 0.4, "senders or recipients", {"min_wallets": 5}),
    Detector(
        "ponzi",
        "Ponzi scheme",
        0.8,
        "source of funds",
        {
            "min_investors": 10,
            "max_investors": 20_000,
            "min_recycled": 0.3,
            "min_to_investors": 0.7,
            "min_early_return": 0.8,
            "max_late_return": 0.5,
        },
    ),
    Detector(
        "address_poisoning",
        "Address poisoning",
        0.8,
        "senders or recipients",
        {"max_dust": 0.01, "min_transfers": 1},
    ),
)


@dataclass(frozen=True)
class TypologySummary:
    """What a run of the detectors left in `typology_findings`."""

    chain_id: int
    as_of_block: int
    findings: dict[str, int]
    """Addresses found, by detector; a detector that found nothing has 0."""
    withdrawn: int
    """Findings of earlier runs that no longer hold."""
    seconds: dict[str, float]
    """Time each detector took; `workings` is the tables they share."""

    def __str__(self) -> str:
        found = ", ".join(f"{number:,} {name}" for name, number in self.findings.items() if number)
        return found or "none found"


def detector(name: str) -> Detector:
    """The entry of the table; raises `UnknownName` with the near ones."""
    for entry in DETECTORS:
        if entry.name == name:
            return entry
    raise UnknownName("detector", name, (entry.name for entry in DETECTORS))


def find_typologies(
    store: Store, *, chain_id: int, detectors: Sequence[Detector] = DETECTORS, progress: Progress = SILENT
) -> TypologySummary:
    """Run the detectors on everything up to the watermark; findings that no longer hold are withdrawn.

    Raises `StoreEmpty` when the chain was never ingested. Running it twice changes nothing but `computed_at`.
    """
    as_of_block = read_as_of(store, chain_id).block_number
    version = time.time_ns()
    bounds: dict[str, Parameter] = {"chain_id": chain_id, "as_of_block": as_of_block}
    seconds: dict[str, float] = {}
    started = time.monotonic()
    prepare_workings(store, chain_id=chain_id, as_of_block=as_of_block)
    seconds["workings"] = time.monotonic() - started
    for done, entry in enumerate(detectors):
        progress.step(done, len(detectors), entry.title)
        started = time.monotonic()
        given = {**bounds, **entry.parameters}
        asked = {name: given[name] for name in entry.statement.parameters}
        store.command(_recorded(entry.statement), **{**asked, **bounds}, typology=entry.name, version=version)
        seconds[entry.name] = time.monotonic() - started
    withdrawn = _withdraw_older(store, chain_id, version, [entry.name for entry in detectors])
    progress.step(len(detectors), len(detectors), "typologies")
    return TypologySummary(chain_id, as_of_block, _count(store, chain_id, detectors), withdrawn, seconds)


def prepare_workings(store: Store, *, chain_id: int, as_of_block: int) -> None:
    """Build the temporary tables the detectors share; they go with the session."""
    services = [name for name, category in CATEGORIES.items() if category.is_service]
    bounds: dict[str, Parameter] = {
        "chain_id": chain_id,
        "as_of_block": as_of_block,
        "service_categories": services,
    }
    for name in WORKINGS:
        statement = load(name)
        store.command(statement, **{key: bounds[key] for key in statement.parameters})


def _recorded(statement: Statement) -> Statement:
    """The detector's SELECT as an INSERT: one row per address and role, its clearest, with at most 30 transactions."""
    text = f"""
INSERT INTO typology_findings (chain_id, address, typology, role, strength, sentence, evidence, as_of_block, version)
SELECT
    {{chain_id:UInt64}}, address, {{typology:String}}, role, max(strength) AS clearest,
    argMax(sentence, (strength, sentence)),
    arraySlice(arraySort(arrayDistinct(argMax(evidence, (strength, sentence)))), 1, {_MOST_EVIDENCE}),
    {{as_of_block:UInt64}}, {{version:UInt64}}
FROM (
{statement.text}
)
WHERE isFinite(strength)
GROUP BY address, role"""
    return Statement(name=statement.name, text=text, purpose=statement.purpose, header=statement.header)


def _withdraw_older(store: Store, chain_id: int, version: int, names: list[str]) -> int:
    # `f.version`: the bare name would be the replaced one.
    older = "f.chain_id = {chain_id:UInt64} AND f.version < {version:UInt64} AND has({names:Array(String)}, f.typology)"
    counted = store.query(
        f"SELECT count() AS n FROM typology_findings AS f WHERE {older}",
        chain_id=chain_id,
        version=version,
        names=names,
    )
    store.command(
        "INSERT INTO typology_findings SELECT * REPLACE ({version:UInt64} AS version, 1 AS is_deleted)"
        f" FROM typology_findings AS f WHERE {older}",
        chain_id=chain_id,
        version=version,
        names=names,
    )
    return int(counted.column("n")[0].as_py())


def _count(store: Store, chain_id: int, detectors: Sequence[Detector]) -> dict[str, int]:
    found = store.query(
        "SELECT CAST(typology AS String) AS typology, uniqExact(address) AS n FROM typology_findings"
        " WHERE chain_id = {chain_id:UInt64} GROUP BY typology",
        chain_id=chain_id,
    ).to_pydict()
    counts = dict(zip(found["typology"], found["n"], strict=True))
    return {entry.name: int(counts.get(entry.name, 0)) for entry in detectors}
