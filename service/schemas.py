"""What the service answers, field by field; the examples make the OpenAPI page a tutorial."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_ADDRESS = "0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c"
_MOMENT = "2023-07-13T18:00:23Z"
_REASON = "Listed by OFAC as SDN since 2023-04-14."


class Answer(BaseModel):
    """Parent of all answers: fields are complete and final."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AsOf(Answer):
    """The last block an answer knows."""

    block_number: int = Field(description="Highest block that went in.", examples=[17686132])
    block_hash: str | None = Field(
        description="Its hash; null where the source of the blocks does not say.", examples=["0x" + "ab" * 32]
    )
    timestamp: dt.datetime = Field(description="Its time.", examples=[_MOMENT])
    finality: str = Field(description="latest, safe or finalized, when it was read.", examples=["finalized"])


class Channels(Answer):
    """What each kind of evidence gave, 0 to 1; the score is their noisy-or."""

    list: float = Field(description="1 when the address is on a sanctions list.", examples=[1.0])
    label: float = Field(description="Weight of the gravest label.", examples=[0.0])
    exposure: float = Field(description="Weight of all exposures together.", examples=[0.41])
    typology: float = Field(description="Weight of all findings of behaviours together.", examples=[0.0])
    supervised: float = Field(description="Weight of the calibrated probability.", examples=[0.12])
    anomaly: float = Field(description="Weight of the anomaly.", examples=[0.02])


class Exposure(Answer):
    """Dealings with sanctioned, illicit or mixing addresses, one or two hops away."""

    category: str = Field(description="What it is exposed to.", examples=["mixer"])
    direction: str = Field(description="in: it received from there; out: it sent there.", examples=["in"])
    hops: int = Field(description="1 direct, 2 through one address in between.", examples=[1])
    counterparties: int = Field(description="Direct: exposing addresses; two hops: addresses in between.", examples=[2])
    native_amount: str = Field(
        description="Wei, as a decimal: it may not fit into a JSON number.", examples=["10000000000000000000"]
    )
    token_transfer_count: int = Field(description="Token transfers, direct and outgoing only.", examples=[0])
    share: float = Field(description="native_amount as a share of all it moved in that direction.", examples=[0.62])
    example_address: str = Field(description="The exposing address with the largest amount.", examples=[_ADDRESS])
    example_name: str = Field(description="Its name on the list or in the label.", examples=["Tornado.Cash: 10 ETH"])
    example_source: str = Field(description="Who says so.", examples=["etherscan"])
    via_address: str | None = Field(
        description="Two hops: the address in between with the largest amount.", examples=["0x" + "12" * 20]
    )
    weight: float = Field(description="What the policy makes of it, 0 to 1.", examples=[0.41])


class RiskLabel(Answer):
    """One thing that is said or was found about an address."""

    channel: str = Field(description="list, label, exposure, typology or model.", examples=["list"])
    risk_label: str = Field(description="What it says.", examples=["sanctioned"])
    weight: float = Field(description="What the policy makes of it, 0 to 1.", examples=[1.0])
    name: str = Field(description="Name on the list or in the label; empty for what was computed.", examples=["SDN"])
    source: str = Field(description="Who says so.", examples=["ofac"])
    sentence: str = Field(description="The statement in one sentence.", examples=[_REASON])


class AddressScore(Answer):
    """The risk of one address in one publication, and all that it rests on."""

    address: str = Field(description="The address, in lower case.", examples=[_ADDRESS])
    chain_id: int = Field(description="EIP-155 chain id.", examples=[1])
    score: float = Field(description="Risk, 0 to 100; higher is riskier.", examples=[100.0])
    grade: str = Field(description="Low, Medium, High or Severe.", examples=["Severe"])
    evidence: str = Field(
        description="sufficient, or insufficient: then the score rests on the lists alone.", examples=["sufficient"]
    )
    is_service: bool = Field(
        description="Exchange, bridge, token contract …: judged by lists and labels only.", examples=[False]
    )
    category: str = Field(
        description="Weightiest category a list or label gives it; empty without.", examples=["sanctioned"]
    )
    probability: float | None = Field(
        description="Calibrated probability of being illicit, under the share of illicit accounts that the model learnt "
        "from; null when the model abstains.",
        examples=[0.39],
    )
    probability_low: float | None = Field(
        description="Lower end of its interval (Venn-Abers): how little the calibration accounts know.", examples=[0.31]
    )
    probability_high: float | None = Field(description="Upper end of its interval.", examples=[0.44])
    model_answer: str = Field(
        description="benign, illicit, review where both remain possible, insufficient_evidence; unlike_listed in place of benign "
        "where the model knows nobody licit; empty without a model.",
        examples=["review"],
    )
    base_rate_probability: float | None = Field(
        description="The probability if illicit addresses were as rare as estimated for the chain; null where nobody can tell.",
        examples=[0.07],
    )
    anomaly: float | None = Field(
        description="Share of addresses that are less unusual; null when no model has looked at it.", examples=[0.97]
    )
    structure_anomaly: float | None = Field(
        description="Share of addresses whose place among payments is less unusual; null where nobody looked.",
        examples=[0.88],
    )
    channels: Channels = Field(
        description="What each kind of evidence gave.",
        examples=[{"list": 1.0, "label": 0.0, "exposure": 0.41, "typology": 0.0, "supervised": 0.12, "anomaly": 0.02}],
    )
    reasons: list[str] = Field(description="The weightiest statements, as sentences.", examples=[[_REASON]])
    exposures: list[Exposure] = Field(description="The weightiest first.", examples=[[]])
    risk_labels: list[RiskLabel] = Field(description="The weightiest first.", examples=[[]])
    recommended_action: str = Field(
        description="freeze_and_report, block, enhanced_due_diligence, review, monitor; allow when nothing speaks against it.",
        examples=["freeze_and_report"],
    )
    valid_until: dt.datetime | None = Field(
        description="Until when that advice holds; null with allow.", examples=["2026-11-22T06:00:00Z"]
    )
    model_id: str = Field(description="Model in the registry; empty when none.", examples=["wallets-20261121-0a1b2c3d"])
    as_of: AsOf = Field(
        description="The last block it knows.",
        examples=[{"block_number": 17686132, "block_hash": None, "timestamp": _MOMENT, "finality": "finalized"}],
    )
    publication: int = Field(description="Number of the publication on its chain.", examples=[3])
    published_at: dt.datetime = Field(description="When that was decided.", examples=["2026-11-21T06:00:00Z"])


class Recommendation(Answer):
    """What to do about whom, why and until when."""

    recommendation_id: str = Field(
        description="Stays the same while the same advice holds, from publication to publication.",
        examples=["9f2c41d07ab3e856"],
    )
    address: str = Field(description="Whom it is about.", examples=[_ADDRESS])
    role: str = Field(
        description="subject: its own grade says so; counterparty: it dealt with somebody grave.", examples=["subject"]
    )
    action: str = Field(
        description="freeze_and_report, block, enhanced_due_diligence, review or monitor.",
        examples=["freeze_and_report"],
    )
    priority: int = Field(description="1 is the most urgent.", examples=[1])
    score: float = Field(description="Risk, 0 to 100.", examples=[100.0])
    grade: str = Field(description="Low, Medium, High or Severe.", examples=["Severe"])
    reasons: list[str] = Field(description="Why, the weightiest first.", examples=[[_REASON]])
    valid_from: dt.datetime = Field(description="When it was decided.", examples=["2026-11-21T06:00:00Z"])
    valid_until: dt.datetime = Field(
        description="Until when it holds; then ask again.", examples=["2026-11-22T06:00:00Z"]
    )


class RecommendationPage(Answer):
    """A page of one publication; all pages together are that publication, whatever is published meanwhile."""

    chain_id: int = Field(description="EIP-155 chain id.", examples=[1])
    publication: int = Field(description="The publication this page and the next belong to.", examples=[3])
    published_at: dt.datetime = Field(description="When that was decided.", examples=["2026-11-21T06:00:00Z"])
    as_of: AsOf = Field(
        description="The last block it knows.",
        examples=[{"block_number": 17686132, "block_hash": None, "timestamp": _MOMENT, "finality": "finalized"}],
    )
    items: list[Recommendation] = Field(description="By priority, then by score.", examples=[[]])
    next_cursor: str | None = Field(
        description="For the next page; null on the last one. Also in the Link header.",
        examples=["WzEsMyw1MCwiIiwiIl0"],
    )


class ChainState(Answer):
    """How far one chain is known and published."""

    chain_id: int = Field(description="EIP-155 chain id.", examples=[1])
    publication: int | None = Field(description="Newest publication; null when there is none.", examples=[3])
    as_of: AsOf | None = Field(
        description="The last block it knows.",
        examples=[{"block_number": 17686132, "block_hash": None, "timestamp": _MOMENT, "finality": "finalized"}],
    )
    published_at: dt.datetime | None = Field(description="When it was decided.", examples=["2026-11-21T06:00:00Z"])
    age_seconds: float | None = Field(description="Time since then.", examples=[61.5])
    ingested_block: int | None = Field(description="Highest block ingested.", examples=[17686140])
    blocks_behind: int | None = Field(description="Blocks ingested and not yet published.", examples=[8])


class Readiness(Answer):
    """Whether there is something to answer from."""

    status: str = Field(description="ready.", examples=["ready"])
    chains: list[ChainState] = Field(description="Every chain of the store.", examples=[[]])


class Liveness(Answer):
    """Whether the process answers."""

    status: str = Field(description="alive.", examples=["alive"])


class ProblemBody(BaseModel):
    """A refusal, RFC 9457; some kinds carry further members."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(
        description="Where this kind of problem is described.", examples=["/docs/reference/problems.md#never-seen"]
    )
    title: str = Field(description="The kind in words.", examples=["Address never seen"])
    status: int = Field(description="HTTP status.", examples=[404])
    detail: str = Field(
        description="What happened, to what.", examples=["0x12… was never seen on chain 1 up to block 17686132."]
    )
    instance: str = Field(description="The path that was asked.", examples=[f"/v1/addresses/{_ADDRESS}/score"])


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for OpenAPI: the same document under every status."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    texts = {400: "Asked wrongly", 401: "No valid key", 403: "Key of another scope", 404: "Not there", 410: "No longer kept",
             422: "A value is wrong", 429: "Too many requests", 503: "Nothing to answer from"}  # fmt: skip
    return {status: {"description": texts[status], "content": content} for status in statuses}
