"""GET /v1/addresses/{address}/score: one address, whole."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from chainsight import __version__
from chainsight.addresses import parse_address, show_hex
from risk.answers import read_answer_in
from risk.publications import Publication
from service.auth import StoreDep, allow
from service.problems import NEVER_SEEN, Problem
from service.publications import as_of, choose_publication
from service.schemas import AddressScore, Channels, Exposure, RiskLabel, problem_responses
from sql.store import Store

router = APIRouter(prefix="/v1/addresses", tags=["addresses"], dependencies=[Depends(allow("risk", "analyst"))])

AddressPath = Annotated[
    str,
    Path(description="0x and 40 hexadecimal digits.", examples=["0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c"]),
]
ChainQuery = Annotated[
    int | None,
    Query(ge=1, lt=2**63, description="EIP-155 chain id; may be left out while there is only one.", examples=[1]),
]
IfNoneMatch = Annotated[
    str | None, Header(description="ETags you hold; if the answer is still one of them, you get a 304.")
]

_NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "You hold this answer"}}


@router.get(
    "/{address}/score",
    operation_id="read_address_score",
    response_model=AddressScore,
    responses=_NOT_MODIFIED | problem_responses(400, 401, 403, 404, 422, 429, 503),
)
def read_address_score(
    address: AddressPath,
    store: StoreDep,
    response: Response,
    chain_id: ChainQuery = None,
    if_none_match: IfNoneMatch = None,
) -> AddressScore | Response:
    """The risk of an address: score, grade, calibrated probability, reasons, exposures and labels, as of a block.

    ```
    curl -H "X-API-Key: $KEY" http://127.0.0.1:8000/v1/addresses/0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c/score
    ```
    """
    wanted = parse_address(address)
    publication = choose_publication(store, chain_id)
    headers = {"ETag": score_etag(publication, wanted), "Cache-Control": "private, no-cache"}
    if if_none_match is not None and matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    score = read_score(store, publication, wanted)
    response.headers.update(headers)
    return score


def read_score(store: Store, publication: Publication, address: bytes) -> AddressScore:
    """The score of an address in a publication; raises a 404 that says up to which block it was never seen."""
    answer = read_answer_in(store, address, publication)
    if answer is None:
        raise Problem(
            NEVER_SEEN,
            f"{show_hex(address)} was never seen on chain {publication.chain_id} up to block {publication.as_of_block}, "
            "and no list has it.",
            extra={"chain_id": publication.chain_id, "as_of": as_of(publication).model_dump(mode="json")},
        )
    return AddressScore(
        address=f"0x{address.hex()}",
        chain_id=answer.chain_id,
        score=answer.score,
        grade=answer.grade,
        evidence=answer.evidence,
        is_service=answer.is_service,
        category=answer.category,
        probability=answer.probability,
        probability_low=answer.probability_low,
        probability_high=answer.probability_high,
        model_answer=answer.model_answer,
        base_rate_probability=answer.base_rate_probability,
        anomaly=answer.anomaly,
        structure_anomaly=answer.structure_anomaly,
        channels=Channels(**answer.channels),
        reasons=answer.reasons,
        exposures=[Exposure(**found) for found in answer.exposures],
        risk_labels=[RiskLabel(**found) for found in answer.labels],
        recommended_action=answer.action,
        valid_until=answer.valid_until,
        model_id=answer.model_id,
        as_of=as_of(publication),
        publication=publication.publication,
        published_at=publication.published_at,
    )


def score_etag(publication: Publication, address: bytes) -> str:
    """What the answer depends on: program, publication and address; no hashing of bodies."""
    key = f"{__version__}-{publication.chain_id}.{publication.publication}.{publication.content_key[:16]}"
    return f'"{key}-{address.hex()}"'


def matches(if_none_match: str, etag: str) -> bool:
    """Whether one of the ETags of an If-None-Match header is this one, compared weakly (RFC 9110, section 13.1.2).

    >>> matches('"a", W/"b"', '"b"'), matches("*", '"b"'), matches('"a"', '"b"')
    (True, True, False)
    """
    held = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in held or "*" in held
