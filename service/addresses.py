"""GET /v1/addresses/{address}/score: what is published about one address."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from chainsight.addresses import parse_address
from risk.answers import Answer, read_answer
from service.auth import require
from service.chains import ChainQuery, as_of_block, published
from service.problems import Problem
from service.schemas import ProblemDocument, Score

router = APIRouter(prefix="/v1/addresses", tags=["addresses"])

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDocument, "description": text}
    for status, text in (
        (401, "No key, or one that does not work"),
        (403, "A key of another scope"),
        (404, "Never seen on this chain"),
        (422, "Not an address"),
        (503, "Nothing is published yet"),
    )
}


@router.get(
    "/{address}/score",
    response_model=Score,
    operation_id="get_score",
    responses={**PROBLEMS, 304: {"description": "Nothing changed since the ETag that was sent"}},
    dependencies=[Depends(require("risk", "analyst"))],
)
def get_score(
    request: Request,
    response: Response,
    address: Annotated[
        str,
        Path(description="0x and 40 hex digits.", examples=["0x098b716b8aaf21512996dc57eb0615e2383e2f96"]),
    ],
    chain_id: ChainQuery = 0,
    if_none_match: Annotated[str, Header(description="ETag of an earlier answer.")] = "",
) -> Score | Response:
    """Score, grade, calibrated probability, reasons, exposures, labels and advice for one address.

    404 says that the address was never seen up to the as-of block: that is no clean bill, only silence.
    """
    key = parse_address(address)
    store = request.app.state.store
    publication = published(store, chain_id)
    answer = read_answer(store, key, chain_id=publication.chain_id)
    if answer is None:
        raise Problem(
            404,
            "never-seen",
            f"0x{key.hex()} was never seen on chain {publication.chain_id} up to block {publication.as_of_block:,}, "
            "and no sanctions list names it.",
        )
    etag = f'"{answer.publication.content_key[:16]}-{answer.publication.publication}-{key.hex()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, X-API-Key"}
    if etag in [said.strip().removeprefix("W/") for said in if_none_match.split(",")]:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return to_score(answer)


def to_score(answer: Answer) -> Score:
    """An answer as it goes over the wire."""
    values = asdict(answer)
    publication = answer.publication
    values |= {
        "address": "0x" + answer.address.hex(),
        "recommended_action": answer.action,
        "model": answer.model_id or None,
        "policy": publication.policy_hash,
        "as_of": as_of_block(publication),
        "publication": publication.publication,
        "published_at": publication.published_at,
    }
    return Score.model_validate(values)
