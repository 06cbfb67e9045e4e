"""The named behaviours: what each is called, how grave it is, where the FATF puts it, and with which parameters it looks.

The table `DETECTORS` is the thing to read. A detector is a SELECT in sql/detectors/ with the columns address, role, strength,
sentence, evidence. Parameters come from the literature named in each file and from common practice against money laundering,
not from a fit; a run may replace any of them, and `typology_runs` keeps what it ran with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chainsight.errors import UnknownName, UsageError
from sql.files import Statement, load
from sql.store import Parameter

BLAMELESS_ROLES = frozenset({"victim", "deposit"})
"""Roles that say nothing bad of the address: who lost something, and a customer's own deposit address."""

_DAY = 86_400


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

    def having(self, name: str, value: str) -> Detector:
        """The same with another value of one parameter, given as text: a number or a JSON list of numbers.

        Raises `UnknownName` for a parameter it does not have and `UsageError` for a value of another type.

        >>> detector("fan_in").having("min_givers", "25").parameters["min_givers"]
        25
        """
        if name not in self.parameters:
            raise UnknownName(f"parameter of {self.name}", name, self.parameters)
        return replace(
            self, parameters={**self.parameters, name: _like(self.parameters[name], f"{self.name}.{name}", value)}
        )


DETECTORS: tuple[Detector, ...] = (
    Detector("deposit_address", "Deposit address of an exchange", 0.0, "", {"min_forwards": 1}),
    Detector("mev", "Sandwiches and arbitrage", 0.1, "", {"min_trades": 1}),
    Detector("drainer", "Approval drainer", 0.95, "source of funds", {"min_victims": 3, "min_reward": 0.1}),
    Detector("mixer_use", "Direct use of a mixer", 0.6, "anonymity", {"min_transactions": 1}),
    Detector("darknet_exposure", "Dealings with a darknet market", 0.7, "source of funds", {"min_dealings": 1}),
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
            "max_transfers": 12,
            "min_hops": 4,
            "max_hops": 200,
            "window_seconds": 7 * _DAY,
        },
    ),
    Detector(
        "layering",
        "Layering over wallets that only pass on",
        0.5,
        "transaction patterns",
        {"min_hops": 3, "hop_seconds": 3 * _DAY, "min_left": 0.5},
    ),
    Detector(
        "round_trip",
        "Money that comes back",
        0.4,
        "transaction patterns",
        {
            "max_wallets": 9,
            "min_carried": 0.85,
            "min_returned": 0.7,
            "leg_seconds": 3 * _DAY,
            "max_trips": 50,
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
        "dormant_then_active",
        "Awake after a long sleep, and emptied",
        0.3,
        "transaction patterns",
        {
            # A year: what banks call dormant.
            "min_sleep_seconds": 365 * _DAY,
            "window_seconds": 3 * _DAY,
            "min_held": 0.3,
            "min_share": 0.8,
            "min_receivers": 2,
        },
    ),
    Detector(
        "fan_in",
        "Gathering from many",
        0.4,
        "transaction patterns",
        {
            "min_givers": 10,
            "max_receipts_each": 4,
            "max_receivers": 2,
            "min_share": 0.9,
            "min_of_all": 0.8,
            "window_seconds": 3 * _DAY,
        },
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
        "gather_scatter",
        "Gathered and scattered again",
        0.4,
        "transaction patterns",
        {
            "min_givers": 8,
            "min_receivers": 8,
            "max_parties": 500,
            "min_share": 0.8,
            "min_of_all": 0.8,
            "window_seconds": 7 * _DAY,
        },
    ),
    Detector(
        "scatter_gather",
        "Scattered and gathered again",
        0.6,
        "transaction patterns",
        {"min_between": 5, "min_share": 0.9, "min_part": 0.2, "window_seconds": 7 * _DAY},
    ),
    Detector(
        "cash_out_ring",
        "Cash-out ring",
        0.6,
        "senders or recipients",
        {"min_mules": 5, "min_share": 0.7, "min_cashing_share": 0.5, "window_seconds": 14 * _DAY},
    ),
    Detector(
        "bridge_hopping",
        "Hopping from bridge to bridge",
        0.4,
        "anonymity",
        {"min_passes": 2, "min_share": 0.8, "window_seconds": _DAY},
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
        "fund_raising",
        "Illegal fund-raising over several wallets",
        0.8,
        "source of funds",
        {
            "min_investors": 15,
            "max_investors": 20_000,
            "min_at_price": 0.8,
            "min_fed": 0.8,
            "min_to_investors": 0.7,
            "min_repaid": 5,
            "min_early": 0.7,
        },
    ),
    Detector(
        "pump_and_rug",
        "Liquidity pulled from under buyers",
        0.9,
        "source of funds",
        {
            "min_buyers": 10,
            "min_stuck": 0.5,
            "min_removed": 0.8,
            "min_gain": 1.2,
            "window_seconds": 90 * _DAY,
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


def detector(name: str) -> Detector:
    """The entry of the table; raises `UnknownName` with the near ones."""
    for entry in DETECTORS:
        if entry.name == name:
            return entry
    raise UnknownName("detector", name, (entry.name for entry in DETECTORS))


def chosen_detectors(names: Sequence[str], changes: Sequence[str]) -> list[Detector]:
    """Those named, all of them for no name, with `DETECTOR.PARAMETER=VALUE` changes; raises `UsageError` and `UnknownName`."""
    chosen = {entry.name: entry for entry in ((detector(name) for name in names) if names else DETECTORS)}
    for change in changes:
        place, equals, value = change.partition("=")
        name, dot, parameter = place.strip().partition(".")
        if not equals or not dot:
            raise UsageError(
                f"{change!r} changes no parameter.",
                next_step="Write it as DETECTOR.PARAMETER=VALUE: fan_in.min_givers=25.",
            )
        entry = detector(name)
        if name not in chosen:
            raise UsageError(
                f"{name} is not run, so {parameter} changes nothing.", next_step=f"Name it too: --detector {name}."
            )
        chosen[entry.name] = chosen[entry.name].having(parameter, value.strip())
    return list(chosen.values())


def _like(known: Parameter, place: str, text: str) -> Parameter:
    """A value of the type that a parameter has."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(known, list):
        if isinstance(value, list) and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value):
            return [float(one) for one in value]
    elif isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        if isinstance(known, float):
            return float(value)
        if isinstance(value, int):
            return value
    wanted = "a list of numbers, like [1000, 10000]" if isinstance(known, list) else f"a {_kind(known)}, like {known}"
    raise UsageError(f"{place} cannot be {text!r}.", next_step=f"It is {wanted}.")


def _kind(known: Parameter) -> str:
    return "number from 0 up" if isinstance(known, float) else "whole number from 0 up"
