"""Everything that is published about one address, as one consistent answer.

Every part is read from one publication, whose rows stay when a newer one arrives, so an answer never mixes two.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from risk.publications import Publication, newest_publication
from sql.files import load
from sql.store import Parameter, Store


@dataclass(frozen=True)
class Answer:
    """What we say about one address, and until which block we know."""

    chain_id: int
    address: bytes
    score: float
    """0 to 100; higher is riskier."""
    grade: str
    evidence: str
    """sufficient or insufficient: then the score rests on the lists alone."""
    is_service: bool
    category: str
    probability: float | None
    """Calibrated; None when the model abstains."""
    probability_low: float | None
    probability_high: float | None
    """Ends of its interval."""
    model_answer: str
    """benign, illicit, review or insufficient_evidence; empty without a model."""
    base_rate_probability: float | None
    """The probability if illicit addresses were as rare as estimated for the chain; None where that cannot be told."""
    anomaly: float | None
    """0 to 1; None when no model has looked."""
    structure_anomaly: float | None
    """The same of its place among payments; None where nobody looked."""
    channels: dict[str, float]
    reasons: list[str]
    exposures: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    action: str
    """`allow` when nothing was recommended."""
    valid_until: dt.datetime | None
    model_id: str
    publication: Publication


def read_answer(store: Store, address: bytes, *, chain_id: int) -> Answer | None:
    """The newest published answer about an address, or None when the chain never saw it or has no publication."""
    publication = newest_publication(store, chain_id)
    return read_answer_in(store, address, publication) if publication else None


def read_answer_in(store: Store, address: bytes, publication: Publication) -> Answer | None:
    """The answer of one publication about an address, or None when its chain had not seen it then."""
    chain_id = publication.chain_id
    part: dict[str, Parameter] = {
        "chain_id": chain_id,
        "publication": publication.publication,
        "address": address.hex(),
    }
    rows = store.query(load("queries/score_of_address"), **part).to_pylist()
    if not rows:
        return None
    row = rows[0]
    advice = store.query(load("queries/recommendation_of_address"), **part).to_pylist()
    return Answer(
        chain_id=chain_id,
        address=address,
        score=row["score"],
        grade=row["grade"],
        evidence=row["evidence"],
        is_service=bool(row["is_service"]),
        category=row["category"],
        probability=row["probability"],
        probability_low=row["probability_low"],
        probability_high=row["probability_high"],
        model_answer=row["model_answer"],
        base_rate_probability=row["base_rate_probability"],
        structure_anomaly=row["structure_anomaly"],
        anomaly=row["anomaly"] if row["is_predicted"] else None,
        channels={name.removesuffix("_channel"): row[name] for name in row if name.endswith("_channel")},
        reasons=row["reasons"],
        exposures=store.query(load("queries/exposures_of_address"), **part).to_pylist(),
        labels=store.query(load("queries/risk_labels_of_address"), **part).to_pylist(),
        action=advice[0]["action"] if advice else "allow",
        valid_until=advice[0]["valid_until"] if advice else None,
        model_id=row["model_id"],
        publication=publication,
    )
