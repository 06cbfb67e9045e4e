"""What goes over the wire, with an example for each field: the OpenAPI page is the tutorial."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

_ADDRESS = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
_OTHER = "0x3cffd56b47b7b41c56258d9c7731abadc360e073"


class AsOfBlock(BaseModel):
    """Until which block an answer knows the chain."""

    block_number: int = Field(examples=[17686132])
    block_hash: str = Field(
        description="Zeros where the source does not say.",
        examples=["0x4b3d3b1ac6ac1a4ab9d1d4bba5f1a6d1dd6b32fd5b5d2aa3cfa1f0d0a8f9a3b7"],
    )
    block_timestamp: dt.datetime = Field(examples=["2023-07-13T18:21:47Z"])
    finality: str = Field(description="latest, safe or finalized.", examples=["finalized"])


class Channels(BaseModel):
    """What each kind of evidence gives, 0 to 1, before they are combined."""

    list: float = Field(description="1 on a sanctions list.", examples=[0.0])
    label: float = Field(description="Gravest label.", examples=[0.0])
    exposure: float = Field(description="All exposures together.", examples=[0.34])
    typology: float = Field(description="All behaviours found together.", examples=[0.0])
    supervised: float = Field(description="Weight of the calibrated probability.", examples=[0.28])
    anomaly: float = Field(description="Weight of the unusual look.", examples=[0.01])


class Exposure(BaseModel):
    """Dealings with sanctioned, illicit or mixing addresses."""

    category: str = Field(examples=["sanctioned"])
    direction: str = Field(description="in: it received from there; out: it sent there.", examples=["in"])
    hops: int = Field(description="1 direct, 2 through one address that is no service.", examples=[2])
    counterparties: int = Field(examples=[1])
    native_amount: str = Field(
        description="Wei, as text: it may exceed what JSON numbers hold.", examples=["7000000000000000000"]
    )
    token_transfer_count: int = Field(examples=[0])
    share: float = Field(description="Share of all it moved in that direction, 0 to 1.", examples=[0.42])
    example_address: str = Field(
        description="The exposing address with the largest amount.", examples=[_ADDRESS]
    )
    example_name: str = Field(examples=["LAZARUS GROUP"])
    example_source: str = Field(examples=["ofac"])
    via_address: str | None = Field(description="Two hops: the address in between.", examples=[_OTHER])
    weight: float = Field(description="What the policy makes of it, 0 to 1.", examples=[0.34])


class RiskLabel(BaseModel):
    """One statement about an address, with its source."""

    channel: str = Field(description="list, label, exposure, typology or model.", examples=["label"])
    risk_label: str = Field(examples=["phishing"])
    weight: float = Field(examples=[0.8])
    name: str = Field(examples=["Fake_Phishing1"])
    source: str = Field(examples=["etherscan"])
    sentence: str = Field(examples=["labelled phishing by etherscan as Fake_Phishing1 (confidence 0.8)"])


class Score(BaseModel):
    """The published answer about one address."""

    chain_id: int = Field(examples=[1])
    address: str = Field(examples=[_OTHER])
    score: float = Field(description="0 to 100; higher is riskier.", examples=[52.5])
    grade: str = Field(description="Low, Medium, High or Severe.", examples=["High"])
    evidence: str = Field(
        description="insufficient: the models abstained and nothing else is known; the score rests on lists alone.",
        examples=["sufficient"],
    )
    is_service: bool = Field(description="Judged by lists and labels only.", examples=[False])
    category: str = Field(description="Weightiest category of a list or label.", examples=[""])
    probability: float | None = Field(
        description="Calibrated probability of being illicit; null when the model abstains.", examples=[0.6]
    )
    anomaly: float | None = Field(description="Share of addresses that are less unusual.", examples=[0.953])
    channels: Channels
    reasons: list[str] = Field(
        examples=[
            ["received 7 ETH (42% of all it received), two hops away, from 0x… through 0x…, on OFAC SDN as …"]
        ]
    )
    exposures: list[Exposure]
    labels: list[RiskLabel]
    recommended_action: str = Field(
        description="freeze_and_report, block, enhanced_due_diligence, review, monitor or allow.",
        examples=["enhanced_due_diligence"],
    )
    valid_until: dt.datetime | None = Field(description="Null for allow.", examples=["2026-12-05T06:00:00Z"])
    model: str | None = Field(description="Model in the registry; null when none.", examples=["wallets-3f2a"])
    policy: str = Field(description="SHA-256 of the policy.", examples=["9c2e…"])
    as_of: AsOfBlock
    publication: int = Field(examples=[12])
    published_at: dt.datetime = Field(examples=["2026-11-21T06:00:00Z"])


class Recommendation(BaseModel):
    """Who, what to do, why, until when."""

    recommendation_id: str = Field(
        description="The same advice about the same address keeps its id.",
        examples=["547b64c172fc097b07ff9223a55277f0"],
    )
    chain_id: int = Field(examples=[1])
    address: str = Field(examples=[_ADDRESS])
    role: str = Field(description="subject, or counterparty of somebody grave.", examples=["subject"])
    action: str = Field(examples=["freeze_and_report"])
    priority: int = Field(description="1 is the most urgent.", examples=[1])
    score: float = Field(examples=[100.0])
    grade: str = Field(examples=["Severe"])
    reasons: list[str] = Field(examples=[["on OFAC SDN as LAZARUS GROUP, programme DPRK3, entry 12345"]])
    valid_from: dt.datetime = Field(examples=["2026-11-21T06:00:00Z"])
    valid_until: dt.datetime = Field(examples=["2026-11-22T06:00:00Z"])


class RecommendationPage(BaseModel):
    """One page, most urgent first. Follow `next` until it is null; all pages are of one publication."""

    items: list[Recommendation]
    next: str | None = Field(description="Cursor of the next page.", examples=["WzEyLDEwMCwiMWYyZSJd"])
    publication: int = Field(examples=[12])
    as_of: AsOfBlock


class Error(BaseModel):
    """One thing that is wrong with a request."""

    location: str = Field(examples=["query/limit"])
    message: str = Field(examples=["Input should be less than or equal to 1000"])


class ProblemDocument(BaseModel):
    """RFC 9457."""

    type: str = Field(examples=["urn:chainsight:problem:never-seen"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["0x… was never seen on chain 1 up to block 17,686,132."])
    instance: str = Field(examples=["/v1/addresses/0x…/score"])
    errors: list[Error] = []


class Live(BaseModel):
    """The process answers."""

    status: str = Field(examples=["live"])


class ChainState(BaseModel):
    """How far one chain is known and published."""

    chain_id: int = Field(examples=[1])
    ingested_block: int = Field(examples=[17686132])
    published_block: int | None = Field(description="Null before the first publication.", examples=[17686132])
    lag_blocks: int | None = Field(description="Ingested but not yet published.", examples=[0])
    publication: int | None = Field(examples=[12])
    published_at: dt.datetime | None = Field(examples=["2026-11-21T06:00:00Z"])


class Ready(BaseModel):
    """Whether there is something to answer with."""

    status: str = Field(examples=["ready"])
    chains: list[ChainState]
