"""How evidence becomes a score, a grade and advice: frozen data, hashed into every publication.

Six channels are kept apart until the end: list, label, exposure, typology, supervised, anomaly. Each is a figure in
[0, 1]; together they are a noisy-or (Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, section 4.3.2):
100 * (1 - product of (1 - channel)). So more of any evidence never lowers a score, no channel can hide another one, and
a model alone cannot reach Severe while a sanctions list always does. `sql/risk/` computes it from these numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from graph.typologies.findings import BLAMELESS_ROLES

GRADES = ("Low", "Medium", "High", "Severe")
ACTIONS = ("freeze_and_report", "block", "enhanced_due_diligence", "review", "monitor", "allow")

_LABEL_WEIGHT = {
    "sanctioned": 1.0,
    "terrorism": 1.0,
    "child_abuse": 1.0,
    "ransomware": 1.0,
    "extortion": 1.0,
    "laundering": 1.0,
    "hack": 1.0,
    "darknet": 1.0,
    "phishing": 1.0,
    "scam": 0.95,
    "blacklisted": 0.95,
    "ponzi": 0.9,
    "abuse": 0.85,
    "mixer": 0.75,
}
"""A label counts this much times the confidence in its source, which for lists of names is rarely above 0.9."""

_RECEIVED = {
    "sanctioned": 0.85,
    "terrorism": 0.85,
    "ransomware": 0.75,
    "hack": 0.75,
    "darknet": 0.70,
    "mixer": 0.60,
}
_SENT = {
    "sanctioned": 0.80,
    "terrorism": 0.85,
    "ransomware": 0.30,
    "hack": 0.30,
    "darknet": 0.60,
    "mixer": 0.55,
}
_RECEIVED_ELSE = 0.60
_SENT_ELSE = 0.20  # who sends to a phisher or a scam is more often its victim than its partner
_TWO_HOPS = 0.4  # an address in between may have had its own reasons

_TYPOLOGY_WEIGHT = {
    "drainer": 0.85,
    "ponzi": 0.75,
    "address_poisoning": 0.75,
    "pump_and_rug": 0.75,
    "fund_raising": 0.6,
    "peel_chain": 0.6,
    "structuring": 0.55,
    "wash_trading": 0.5,
    "mixer_use": 0.45,
    "scatter_gather": 0.45,
    "cash_out_ring": 0.45,
    "layering": 0.4,
    "airdrop_sybil": 0.35,
    "round_trip": 0.25,
    "bridge_hopping": 0.25,
    "rapid_pass_through": 0.25,
    "gather_scatter": 0.2,
    "fan_in": 0.1,
    "fan_out": 0.1,
    "dormant_then_active": 0.1,
    "deposit_address": 0.0,
    "mev": 0.0,
    "darknet_exposure": 0.0,
}
"""Fan-in, fan-out and deposit addresses are how services look, mev is a trade: they explain and do not accuse. Dealings with
a darknet market weigh in the channel of exposures already."""


def _exposure_weights() -> dict[str, float]:
    weights = {}
    for category in _LABEL_WEIGHT:
        for direction, table, otherwise in (("in", _RECEIVED, _RECEIVED_ELSE), ("out", _SENT, _SENT_ELSE)):
            direct = table.get(category, otherwise)
            weights[f"{category}|{direction}|1"] = direct
            weights[f"{category}|{direction}|2"] = round(direct * _TWO_HOPS, 4)
    return weights


@dataclass(frozen=True)
class Policy:
    """Every number a score or a recommendation depends on. Amounts are wei as text: JSON numbers lose digits."""

    name: str = "standard-1"
    label_weight: Mapping[str, float] = field(default_factory=lambda: dict(_LABEL_WEIGHT))
    """Category to weight; a category that is not here says who somebody is, and nothing against them."""
    exposure_weight: Mapping[str, float] = field(default_factory=_exposure_weights)
    """`category|direction|hops` to the weight of an exposure that is all the address ever did."""
    exposure_cap: float = 0.9
    dust_wei: str = "10000000000000000"
    """Native amounts of a pair below this do not expose: anybody can be sent dust."""
    token_factor: float = 0.3
    """Share that stands in when only tokens were sent out, whose worth is not known here."""
    amount_scale_wei: str = "10000000000000000000"
    """An exposure of this much counts half of its weight, even where it is a small share."""
    hub_degree: int = 100
    """Two-hop paths do not go through addresses with more edges than this, nor through services."""
    typology_weight: Mapping[str, float] = field(default_factory=lambda: dict(_TYPOLOGY_WEIGHT))
    """Typology to weight at strength 1."""
    typology_weight_else: float = 0.4
    typology_cap: float = 0.9
    blameless_roles: tuple[str, ...] = tuple(sorted(BLAMELESS_ROLES))
    """Roles in a typology that weigh nothing: those the detectors call blameless."""
    probability_weight: float = 0.78
    probability_power: float = 2.0
    """Even odds are no accusation: the square makes 0.5 weigh a quarter of certainty."""
    anomaly_weight: float = 0.15
    anomaly_start: float = 0.95
    grade_bounds: Mapping[str, float] = field(default_factory=lambda: {"Medium": 25.0, "High": 50.0, "Severe": 80.0})
    """Lowest score of each grade above Low."""
    score_cap_unlisted: float = 99.0
    """100 is kept for addresses on a list."""
    reason_count: int = 6
    counterparty_floor: float = 0.1
    """A Low address is still worth watching when one of its exposures weighs at least this."""
    action: Mapping[str, str] = field(
        default_factory=lambda: {
            "listed": "freeze_and_report",
            "Severe": "block",
            "High": "enhanced_due_diligence",
            "Medium": "review",
            "counterparty": "monitor",
        }
    )
    valid_days: Mapping[str, int] = field(
        default_factory=lambda: {
            "freeze_and_report": 1,
            "block": 7,
            "enhanced_due_diligence": 14,
            "review": 30,
            "monitor": 30,
        }
    )
    """Days after which advice must be asked for again; lists change daily, so theirs is the shortest."""

    def as_json(self) -> str:
        """The policy as the SQL files and the table of publications read it; equal policies give equal text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """SHA-256 of `as_json`, in hex."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()


STANDARD = Policy()
