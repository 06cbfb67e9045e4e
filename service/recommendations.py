"""GET /v1/recommendations: who, what to do, why, until when; in pages of one publication."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from risk.publications import numbered_publication
from service.addresses import PROBLEMS
from service.auth import require
from service.chains import ChainQuery, as_of_block, published
from service.paging import Cursor, decode_cursor, filter_key, next_link
from service.problems import Problem
from service.schemas import ProblemDocument, Recommendation, RecommendationPage
from sql.files import load

router = APIRouter(prefix="/v1/recommendations", tags=["recommendations"])

Grade = Literal["", "Low", "Medium", "High", "Severe"]
Action = Literal["", "freeze_and_report", "block", "enhanced_due_diligence", "review", "monitor"]


@router.get(
    "",
    response_model=RecommendationPage,
    operation_id="list_recommendations",
    responses={
        **PROBLEMS,
        400: {"model": ProblemDocument, "description": "A cursor that is not ours"},
        410: {"model": ProblemDocument, "description": "The publication of the cursor was pruned"},
    },
    dependencies=[Depends(require("risk", "feed", "analyst"))],
)
def list_recommendations(
    request: Request,
    response: Response,
    cursor: Annotated[str, Query(max_length=200, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="Items on a page.", examples=[100])] = 100,
    chain_id: ChainQuery = 0,
    grade: Annotated[Grade, Query(description="Only this grade.", examples=["Severe"])] = "",
    action: Annotated[Action, Query(description="Only this action.", examples=["block"])] = "",
) -> RecommendationPage:
    """Advice, most urgent first. A cursor pins its publication: a newer one does not disturb pages under way."""
    store = request.app.state.store
    publication = published(store, chain_id)
    filters = filter_key(chain_id=publication.chain_id, grade=grade, action=action)
    start = decode_cursor(cursor, filters) if cursor else Cursor(publication.publication, 0, filters)
    pinned = numbered_publication(store, publication.chain_id, start.publication)
    if pinned is None:
        raise Problem(
            410, "cursor-outlived", "The publication of this cursor is gone. Start again without it."
        )
    rows = store.query(
        load("queries/recommendations_page"),
        chain_id=pinned.chain_id,
        publication=pinned.publication,
        after=start.position,
        grade=grade,
        action=action,
        limit=limit + 1,
    ).to_pylist()
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = Cursor(pinned.publication, rows[-1]["position"], filters).encode()
        response.headers["Link"] = next_link(
            request.url.path,
            cursor=following,
            limit=limit,
            chain_id=pinned.chain_id,
            grade=grade,
            action=action,
        )
    return RecommendationPage(
        items=[Recommendation.model_validate(row) for row in rows],
        next=following,
        publication=pinned.publication,
        as_of=as_of_block(pinned),
    )
